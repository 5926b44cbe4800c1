"""Hands behind DAV servers, and short ways to ask the connector."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from connectors import specimens
from connectors.base import (
    Change,
    ChangePage,
    Collection,
    Connector,
    Context,
    Cursor,
    Endpoint,
    Failed,
    Item,
    ItemRef,
    Kind,
    Put,
    Receipt,
)
from connectors.dav.place import Dav
from connectors.guard import Guard
from connectors.http import Http
from connectors.retry import RetryPolicy
from oauth.authorizers import Authorizer, Guess
from oauth.secret import Secret
from simulators.dav_store import CALENDAR, CONTACTS, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence

    from simulators.davservers import DavServer
    from simulators.faulty_dav import FaultyDav

OPENED: list[Http] = []
"""Transports to be closed when the test at hand is over."""

HOME = Guard(allow_private=True, allow_http=True)
QUICK = RetryPolicy(attempts=3, first=0.01, most=0.02, total=20, patience=3)
NAMES = {Kind.EVENT: CALENDAR, Kind.CONTACT: CONTACTS}
ENDINGS = {Kind.EVENT: ".ics", Kind.CONTACT: ".vcf"}
TYPES = {Kind.EVENT: "text/calendar", Kind.CONTACT: "text/vcard"}
PASSWORD = "open sesame"


def http(url: str, username: str = "ana", authorizer: Authorizer | None = None) -> Http:
    """Return a transport that may talk to loopback and does not wait long."""
    login = authorizer or Guess(username, Secret(PASSWORD), to=[url])
    OPENED.append(Http(guard=HOME, authorizer=login, retry=QUICK))
    return OPENED[-1]


def context(
    transport: Http | None,
    learned: MutableMapping[str, str] | None = None,
    *,
    clock: Callable[[], float] = time.time,
    stop: Callable[[], bool] = lambda: False,
) -> Context:
    """Return what the engine would lend."""
    memory = {} if learned is None else learned
    return Context(transport, stop=stop, clock=clock, log=logging.getLogger("connectors.dav"), learned=memory)


def body(kind: Kind, number: int, version: int = 0) -> bytes:
    """Return a valid item."""
    return specimens.body(kind, f"uid-{number}", version=version)


@dataclass(slots=True)
class Listed:
    """The pages of one ``changes`` call, summed up."""

    pages: list[ChangePage]

    @property
    def changes(self) -> list[Change]:
        """All changes."""
        return [change for page in self.pages for change in page.changes]

    @property
    def present(self) -> dict[str, str | None]:
        """Revision by id of what is there and readable."""
        return {c.ref.id: c.ref.revision for c in self.changes if not c.gone and c.problem is None}

    @property
    def gone(self) -> set[str]:
        """What is said to be gone."""
        return {c.ref.id for c in self.changes if c.gone}

    @property
    def bodies(self) -> dict[str, bytes]:
        """The bodies that came along."""
        return {c.ref.id: c.item.body for c in self.changes if c.item}

    @property
    def complete(self) -> bool:
        """Whether what is not named is absent."""
        return self.pages[-1].listing and self.pages[-1].complete

    @property
    def cursor(self) -> Cursor | None:
        """The checkpoint after the last page."""
        return next((page.cursor for page in reversed(self.pages) if page.cursor is not None), None)


@dataclass(slots=True)
class Bench:
    """A stand-in server with one collection *work*, and connectors to it."""

    server: FaultyDav
    kind: Kind = Kind.EVENT
    learned: dict[str, str] = field(default_factory=dict)
    now: float = 1_800_000_000.5
    options: dict[str, str] = field(default_factory=dict)

    def shelf(self, count_: int = 0, name: str = "work") -> Shelf:
        """Make a collection of so many items behind the connector's back."""
        shelf = self.server.store.make(NAMES[self.kind], name)
        for number in range(count_):
            shelf.put(f"{number:03}{ENDINGS[self.kind]}", body(self.kind, number))
        return shelf

    def connect(
        self, *, path: str = "", url: str = "", kind: str = "dav", stop: Callable[[], bool] = lambda: False
    ) -> Dav:
        """Connect as a new process would, with what was learned before."""
        url = url or self.server.url
        ctx = context(http(self.server.url), self.learned, clock=lambda: self.now, stop=stop)
        return Dav(Endpoint(kind, url=url, path=path, options=self.options), ctx)

    def open(self, name: str = "work") -> tuple[Dav, Collection]:
        """Connect and return one collection as the place describes it."""
        place = self.connect()
        return place, next(one for one in place.collections() if one.slug == name)

    def changed(self, cursor: Cursor | None = None, name: str = "work") -> Listed:
        """List from *cursor* as a new process would."""
        place, collection = self.open(name)
        return Listed(list(place.changes(collection, cursor)))

    def fetch(self, names: Sequence[str], name: str = "work") -> list[Item | Failed]:
        """Fetch items by name."""
        place, collection = self.open(name)
        return list(place.fetch(collection, [ItemRef(one) for one in names]))

    def put(self, *puts: Put, name: str = "work") -> list[Receipt]:
        """Put items."""
        place, collection = self.open(name)
        return list(place.put(collection, puts))

    def item(self, number: int, version: int = 0, target: ItemRef | None = None) -> Put:
        """Return item *number* to be written."""
        return Put(f"key-{number}", Item(ItemRef("x"), TYPES[self.kind], body(self.kind, number, version)), target)


def updated(put: Put, receipt: Receipt, content: bytes) -> Put:
    """Return *put* as the update of what *receipt* says stands there."""
    return replace(put, target=receipt.target, item=replace(put.item, body=content))


class DavBackstage:
    """Somebody else's hands on a real server, by plain HTTP, in a home of their own for each test."""

    def __init__(self, server: DavServer, kind: Kind, prefix: str) -> None:
        self.server, self.kind, self._prefix = server, kind, prefix
        self.connector: Connector = Dav
        self.home = server.calendars_home if kind is Kind.EVENT else server.contacts_home
        self.endpoint = Endpoint("dav", url=server.url, kinds=frozenset({kind}))
        self._http = http(server.url)
        self._numbers = count(1)

    def create(self, kind: Kind) -> str:
        path = f"{self.home}{self._prefix}-{next(self._numbers)}/"
        type_ = '<C:calendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>'
        if kind is Kind.CONTACT:
            type_ = '<C:addressbook xmlns:C="urn:ietf:params:xml:ns:carddav"/>'
        text = f'<mkcol xmlns="DAV:"><set><prop><resourcetype><collection/>{type_}</resourcetype></prop></set></mkcol>'
        assert self._send("MKCOL", path, text.encode(), "application/xml") in {200, 201}
        return "/" + path.partition("://")[2].partition("/")[2]

    def add(self, collection: str, name: str, content: bytes) -> str:
        id_ = f"{name}{ENDINGS[self.kind]}"
        self.change(collection, id_, content)
        return id_

    def change(self, collection: str, item: str, content: bytes) -> None:
        status = self._send("PUT", self._url(collection, item), content, TYPES[self.kind])
        assert status in {200, 201, 204}, status

    def delete(self, collection: str, item: str) -> None:
        assert self._send("DELETE", self._url(collection, item)) in {200, 204}

    def bodies(self, collection: str) -> Mapping[str, bytes]:
        place = Dav(self.endpoint, context(http(self.server.url)))
        home = Collection(collection, self.kind, "x")
        refs = list(place.inventory(home))
        return {ref.id: self._get(collection, ref.id) for ref in refs}

    def _get(self, collection: str, item: str) -> bytes:
        found = self._http.request("GET", self._url(collection, item)).body
        return found.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def _url(self, collection: str, item: str = "") -> str:
        base = self.server.url.rstrip("/")
        return f"{base}{quote(unquote(collection))}{quote(item, safe='')}"

    def _send(self, method: str, url: str, content: bytes = b"", type_: str = "") -> int:
        headers = {"Content-Type": type_} if type_ else {}
        return self._http.request(method, url, headers=headers, body=content).status
