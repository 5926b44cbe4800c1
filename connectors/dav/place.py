"""CalDAV and CardDAV servers, to read from and to write to (RFC 4791, RFC 6352, RFC 6578)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from connectors.base import (
    Account,
    ChangePage,
    Collection,
    Context,
    Cursor,
    Endpoint,
    Failed,
    Item,
    ItemRef,
    Kind,
    Manifest,
    Put,
    Receipt,
)
from connectors.dav import names
from connectors.dav.client import Client
from connectors.dav.fetching import Fetcher
from connectors.dav.homes import KINDS, Homes
from connectors.dav.hrefs import last_part
from connectors.dav.listing import FULL_EVERY, Lister
from connectors.dav.shelf import may_write, selected
from connectors.dav.shelves import Shelves
from connectors.errors import ConfigError, NotTheService

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.dav.ensuring import Ensurer
    from connectors.dav.writing import Writer

_DAY = 24 * 3600


class Dav:
    """One account on a CalDAV or CardDAV server, or both."""

    manifest: ClassVar[Manifest] = Manifest(
        id="dav",
        title="CalDAV and CardDAV",
        reads=frozenset({Kind.EVENT, Kind.CONTACT}),
        writes=frozenset({Kind.EVENT, Kind.CONTACT}),
        write_identity="chosen-id",
        incremental=True,
        deletions=True,
        conditional=True,
        accepts=("text/calendar", "text/vcard"),
        options={
            "full-listing-days": "days after which everything is listed again, whatever the server says (7)",
            "nameserver": "address:port of a DNS server to ask instead of the system's",
        },
    )

    def __init__(self, endpoint: Endpoint, ctx: Context) -> None:
        """Take the endpoint. Raises ``ConfigError`` if it cannot be one of ours; asks nobody yet."""
        if endpoint.kind not in KINDS or ctx.http is None or not endpoint.url.strip():
            raise ConfigError(f"a {endpoint.kind or 'dav'} place needs an address")
        self._endpoint, self._ctx = endpoint, ctx
        self._client = Client(ctx.http)
        self._homes = Homes(endpoint, ctx, self._client)
        self._shelves = Shelves(self._client, ctx, self._homes)
        self._lister = Lister(self._client, ctx, full_every=_full_every(endpoint))
        self._fetcher = Fetcher(self._client, ctx)
        self._ensurer: Ensurer | None = None
        self._writing: Writer | None = None

    def check(self) -> Account:
        """Say who we are there, in one request once the server is known."""
        return self._homes.trying(self._account)

    def collections(self) -> Iterator[Collection]:
        """Yield the calendars and address books, by one request for each home."""
        for one in selected(iter(self._shelves.read_all()), self._endpoint.path):
            yield one.collection

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield pages of changes; asks nothing when the collection's state is the cursor's."""
        folder, syncs = self._shelves.folder(collection), self._shelves.syncs(collection)
        return self._lister.changes(folder, self._shelves.take_state(collection), cursor, syncs=syncs)

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield each ref's item or why it could not be had; batches adapt to the server."""
        return self._fetcher.fetch(self._shelves.folder(collection), collection.kind, refs)

    def ensure(self, collection: Collection, known: str | None) -> Collection:
        """Return the collection here for *collection*: the known one, the chosen one, or one of its own."""
        if self._ensurer is None:
            from connectors.dav.creating import Creator
            from connectors.dav.ensuring import Ensurer

            creator = Creator(self._client, self._ctx)
            self._ensurer = Ensurer(self._endpoint, self._homes, self._shelves, creator)
        return self._ensurer.ensure(collection, known)

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        """Write *batch*, read it again in one request and say what stands there."""
        self._shelves.take_state(collection)
        return self._writer().put(self._shelves.folder(collection), collection.kind, batch)

    def remove(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        """Remove *refs*, each only in the state it is known in."""
        self._shelves.take_state(collection)
        return self._writer().remove(self._shelves.folder(collection), collection.kind, refs)

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        """Yield every item there now. Raises ``Transient`` when the server does not list everything."""
        return self._lister.members(self._shelves.folder(collection), collection)

    def close(self) -> None:
        """Forget what stood where; the transport belongs to the engine."""
        self._shelves.clear()

    def _account(self) -> Account:
        principal, name = self._homes.principal
        home = next((url for url, _ in self._homes.grouped()), "").removeprefix("=")
        answer = self._client.propfind(home or principal, (names.QUOTA_FREE, names.PRIVILEGES), depth=0)
        for response in answer:
            free = response.props.get(names.QUOTA_FREE, "").strip()
            return Account(
                name=name or self._endpoint.account or last_part(principal or home),
                writable=may_write(response),
                free=int(free) if free.isdecimal() else None,
            )
        raise NotTheService("an answer about nothing")

    def _writer(self) -> Writer:
        if self._writing is None:
            from connectors.dav.renaming import Renamed
            from connectors.dav.writing import Writer

            renamed = Renamed(self._client, self._fetcher, self._lister)
            self._writing = Writer(self._client, self._ctx, self._fetcher, renamed)
        return self._writing


def _full_every(endpoint: Endpoint) -> int:
    days = endpoint.options.get("full-listing-days", "")
    if not days:
        return FULL_EVERY
    if not days.isdecimal():
        raise ConfigError(f"full-listing-days is no number: {days[:40]}")
    return int(days) * _DAY
