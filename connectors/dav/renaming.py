"""Find an item again that the server stored under a name of its own (Location, or not even that)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from connectors.base import Collection, Item, ItemRef, Kind
from connectors.dav import requests_xml
from connectors.dav.bodies import DATA, same_revision
from connectors.dav.hrefs import absolute
from connectors.dav.rewriting import same_content
from connectors.errors import ConnectorError, Throttled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.dav.client import Client
    from connectors.dav.fetching import Fetcher
    from connectors.dav.hrefs import Folder
    from connectors.dav.listing import Lister

NEWEST: Final = 200
"""Most members looked into when nothing but looking helps."""

_UID: Final = re.compile(rb"^UID(?:;[^:\r\n]*)?:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE | re.IGNORECASE)


def uid_of(body: bytes) -> str:
    """Return the first UID in *body*, unfolded; empty if there is none."""
    found = _UID.search(body)
    return re.sub(rb"\r?\n[ \t]", b"", found[1]).decode("utf-8", "replace").strip() if found else ""


def component_of(body: bytes) -> str:
    """Return what kind of component *body* holds, as a query names it."""
    found = re.search(rb"^BEGIN:(VEVENT|VTODO|VJOURNAL)\s*$", body, re.MULTILINE | re.IGNORECASE)
    return found[1].decode().upper() if found else "VEVENT"


def _is_it(sent: bytes, found: bytes, *, pointed: bool) -> bool:
    if uid_of(sent) == uid_of(found):
        return True
    return pointed and same_content(_UID.sub(b"", sent), _UID.sub(b"", found))


class Renamed:
    """Looks for written items under other names than the one they were given."""

    def __init__(self, client: Client, fetcher: Fetcher, lister: Lister) -> None:
        self._client, self._fetcher, self._lister = client, fetcher, lister

    def find(self, folder: Folder, kind: Kind, item: Item, *, etag: str | None, location: str) -> Item | None:
        """Return *item* as it stands somewhere else in the collection.

        Recognised by its UID; where the server itself points at it, by all the rest too: it
        may have got a UID of the server's own.
        """
        for id_, pointed in self._guesses(folder, kind, item.body, etag, location):
            for found in self._fetcher.fetch(folder, kind, [ItemRef(id_)]):
                if isinstance(found, Item) and _is_it(item.body, found.body, pointed=pointed):
                    return found
        return None

    def by_uid(self, folder: Folder, kind: Kind, body: bytes) -> Item | None:
        """Return the item with the same UID as *body*, if the server can search and its answer proves true."""
        uid = uid_of(body)
        refs = [ItemRef(id_) for id_ in self._by_uid(folder, kind, uid, component_of(body))] if uid else []
        for found in self._fetcher.fetch(folder, kind, refs):
            if isinstance(found, Item) and uid_of(found.body) == uid:
                return found
        return None

    def _guesses(
        self, folder: Folder, kind: Kind, body: bytes, etag: str | None, location: str
    ) -> Iterator[tuple[str, bool]]:
        """Yield ids, likeliest first, and whether the server pointed there.

        Where it said, what has the etag; then what it finds by UID, the last ones.
        """
        named = folder.member(absolute(folder.url, location)) if location else None
        if named:
            yield named, True
        refs = list(self._lister.members(folder, Collection("", kind, "")))
        yield from ((ref.id, True) for ref in refs if same_revision(ref.revision, etag))
        if uid := uid_of(body):
            yield from ((id_, False) for id_ in self._by_uid(folder, kind, uid, component_of(body)))
        yield from ((ref.id, False) for ref in reversed(refs[-NEWEST:]))

    def _by_uid(self, folder: Folder, kind: Kind, uid: str, component: str) -> Iterator[str]:
        asked = requests_xml.with_uid(DATA[kind], uid, component)
        try:
            for response in self._client.report(folder.url, asked, depth=1):
                if id_ := folder.member(response.href):
                    yield id_
        except Throttled:
            raise
        except ConnectorError:
            return  # a server that cannot search
