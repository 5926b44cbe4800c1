"""The servers' data: a filled store per server, made once and copied for every repeat.

Radicale keeps what it parsed beside each item (`.Radicale.cache`, by the hash of the file). A
store whose cache is cold would charge that parsing, seconds of it, to whoever comes first; so it
is filled here, by Radicale's own code and without its fsync per file.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import shutil
import subprocess
import sys
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import ROOT, WORK, environment
from simulators import pimdata
from simulators.davservers import SERVERS, DavServer
from simulators.davstores import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

CALENDAR, CONTACTS = "calendar", "contacts"
_MAKERS = {CALENDAR: pimdata.events, CONTACTS: pimdata.contacts}
_SUFFIX = {CALENDAR: ".ics", CONTACTS: ".vcf"}
_TYPE = {CALENDAR: "text/calendar; charset=utf-8", CONTACTS: "text/vcard; charset=utf-8"}
_DELTA_LIMIT = 100
_DELTA_SHARE = 6  # a tiny corpus changes by at most a sixth of it


@dataclass(frozen=True, slots=True)
class Delta:
    """How many items of each kind change, come and go at the source."""

    changed: int
    new: int
    deleted: int

    @classmethod
    def of(cls, items: int) -> Delta:
        """Return 60 % changed, 20 % new, 20 % deleted of 100 changes to both collections together."""
        half = min(_DELTA_LIMIT // 2, max(5, items // _DELTA_SHARE))
        return cls(changed=half * 3 // 5, new=half // 5, deleted=half // 5)


@contextlib.contextmanager
def serving(name: str, items: int, folder: Path) -> Iterator[DavServer]:
    """Run the server on a fresh copy of the store with `items` events and `items` contacts."""
    template = _template(name, items)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # cp: a store of 5,000 and 5,000 items is 30,000 files, for which shutil takes three times as long.
    subprocess.run(["cp", "-a", str(template), str(folder)], check=True)
    with SERVERS[name](folder) as server:
        yield server


def collection_url(server: DavServer, kind: str) -> str:
    """Return the URL of the collection this corpus keeps for `kind`."""
    return f"{server.calendars_home if kind == CALENDAR else server.contacts_home}bench-{kind}/"


def apply_delta(server: DavServer, items: int, delta: Delta) -> None:
    """Change, add and delete items of both collections over HTTP, as some other device would."""
    with contextlib.closing(http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc)) as connection:
        for kind in _MAKERS:
            for method, href, body in _changes(server, kind, items, delta):
                _send(connection, method, href, body, _headers(server, kind))


def _changes(server: DavServer, kind: str, items: int, delta: Delta) -> Iterator[tuple[str, str, bytes | None]]:
    """Yield (method, href, body), spread over the whole collection, not its first items: stores have hot ends."""
    path = urllib.parse.urlsplit(collection_url(server, kind)).path
    stride = items // (delta.changed + delta.deleted)
    for number, (uid, body) in enumerate(_MAKERS[kind](items + delta.new)):
        turn, rest = divmod(number, stride)
        href = f"{path}{urllib.parse.quote(uid)}{_SUFFIX[kind]}"
        if number >= items:
            yield "PUT", href, body
        elif rest == 0 and turn < delta.changed:
            yield "PUT", href, pimdata.edited(body, 1)
        elif rest == 0 and turn < delta.changed + delta.deleted:
            yield "DELETE", href, None


def _headers(server: DavServer, kind: str) -> dict[str, str]:
    secret = base64.b64encode(f"{server.username}:{server.password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {secret}", "Content-Type": _TYPE[kind]}


def _send(
    connection: http.client.HTTPConnection, method: str, href: str, body: bytes | None, headers: dict[str, str]
) -> None:
    connection.request(method, href, body, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status not in {200, 201, 204}:
        msg = f"{method} {href}: {response.status} {answer[:300]!r}"
        raise RuntimeError(msg)


def _template(name: str, items: int) -> Path:
    """Return the folder of the filled store; make it when there is none of this recipe yet."""
    sample = b"".join(body for make in _MAKERS.values() for _, body in make(200))
    folder = WORK / "corpus" / f"{name}-{items}-{hashlib.sha256(sample).hexdigest()[:12]}"
    if folder.exists():
        return folder
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    with SERVERS[name](unfinished) as server:
        for kind, make in _MAKERS.items():
            fill(server, f"bench-{kind}", make(items), kind="calendar" if kind == CALENDAR else "contacts")
    if name == "radicale":
        _warm(unfinished)
    unfinished.rename(folder)
    return folder


def _warm(folder: Path) -> None:
    """Let Radicale parse both collections now, one process each."""
    code = "from benchmarks.dav.corpus import parse; import sys; parse(*sys.argv[1:])"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), kind], env=environment(), cwd=ROOT)
        for kind in _MAKERS
    ]
    statuses = [process.wait() for process in processes]
    if any(statuses):
        msg = f"Radicale could not read the store in {folder}"
        raise RuntimeError(msg)


def parse(folder: str, kind: str) -> None:
    """Read one collection through Radicale's storage, which writes its caches."""
    import radicale.config
    import radicale.storage

    configuration = radicale.config.load()
    options = {"filesystem_folder": folder, "_filesystem_fsync": "False"}
    configuration.update({"storage": options}, "benchmark", privileged=True)
    storage = radicale.storage.load(configuration)
    with storage.acquire_lock("r"):
        collection = next(iter(storage.discover(f"/ana/bench-{kind}/")))
        if isinstance(collection, radicale.storage.BaseCollection):
            collection.sync()
