"""Compare a client's folder with the server, item by item."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dav.corpus import CALENDAR, CONTACTS, collection_url
from benchmarks.dav.raw import RawClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.davservers import DavServer

_UID = re.compile(rb"^UID:(.+)$", re.MULTILINE)
_SUFFIXES = (".ics", ".vcf")


@dataclass(frozen=True, slots=True)
class Difference:
    """UIDs that lack in the copy, that differ, and that only the copy has."""

    missing: frozenset[bytes]
    different: frozenset[bytes]
    extra: frozenset[bytes]

    @property
    def text(self) -> str:
        """Return the three counts in words."""
        return f"{len(self.missing)} missing, {len(self.different)} different, {len(self.extra)} extra"


def on_server(server: DavServer) -> dict[bytes, bytes]:
    """Return UID -> digest of every item both collections hold now."""
    host = urllib.parse.urlsplit(server.url).netloc
    found = {}
    with contextlib.closing(RawClient(host, server.username, server.password)) as client:
        for kind in (CALENDAR, CONTACTS):
            path = urllib.parse.urlsplit(collection_url(server, kind)).path
            changed, _, _ = client.changes(path, "")
            for _, text in client.bodies(path, kind, changed):
                uid, digest = _fingerprint(text.encode())
                found[uid] = digest
    return found


def in_folder(folder: Path) -> dict[bytes, bytes]:
    """Return UID -> digest of every .ics and .vcf file below `folder`, hidden folders left out."""
    found = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                uid, digest = _fingerprint(Path(parent, name).read_bytes())
                found[uid] = digest
    return found


def compare(truth: Mapping[bytes, bytes], copy: Mapping[bytes, bytes]) -> Difference:
    """Return how the copy differs from the truth."""
    shared = truth.keys() & copy.keys()
    return Difference(
        missing=frozenset(truth.keys() - copy.keys()),
        different=frozenset(uid for uid in shared if truth[uid] != copy[uid]),
        extra=frozenset(copy.keys() - truth.keys()),
    )


def _fingerprint(body: bytes) -> tuple[bytes, bytes]:
    """Return (UID, digest) of an item; line ends and folding do not count, XML and vdir rewrite them."""
    plain = body.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"").rstrip()
    uid = _UID.search(plain)
    digest = hashlib.sha256(plain).digest()
    return (uid[1] if uid else digest), digest
