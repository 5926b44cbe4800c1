"""The world behind the in-memory connector: what is there, and how it misbehaves.

A test changes the world behind the connector's back (``add``, ``change``, ``delete``)
and sets ``faults``; everything is deterministic. Thread-safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Literal

from connectors.base import Collection, Kind
from connectors.errors import CollectionGone

MEDIA_TYPES = {
    Kind.EVENT: "text/calendar",
    Kind.CONTACT: "text/vcard",
    Kind.MESSAGE: "message/rfc822",
    Kind.FILE: "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong. Every field is off by default; sets hold item ids or put keys."""

    gone: frozenset[str] = frozenset()
    """Ids of collections that answer as if they were not there."""
    flaky_revisions: bool = False
    """Revisions change with every listing though the bytes do not."""
    unknown_revisions: frozenset[str] = frozenset()
    """Items listed without a revision."""
    unreadable: frozenset[str] = frozenset()
    """Items listed, and fetched, as problems."""
    duplicates: bool = False
    """The first item of a listing is named again at its end."""
    truncated_at: int | None = None
    """A listing ends after so many items and admits it (``complete`` is false)."""
    short_at: int | None = None
    """A listing ends after so many items and claims to be whole."""
    cut_after_pages: int | None = None
    """The connection breaks after so many pages of a call."""
    cut_fetch_after: int | None = None
    """The connection breaks after so many items of a fetch."""
    vanish_on_fetch: frozenset[str] = frozenset()
    """Items listed that are not there any more when they are fetched."""
    expire_cursors: bool = False
    """No cursor is known any more."""
    reject: frozenset[str] = frozenset()
    """Puts refused for good, by key."""
    conflict: frozenset[str] = frozenset()
    """Puts that meet somebody else's version, by key."""
    break_before_write: int | None = None
    """The connection breaks before the write of this number (``World.writes`` counts) takes effect."""
    break_after_write: int | None = None
    """The connection breaks after the write of this number took effect, before it is answered."""
    full_at: int | None = None
    """No item is created beyond so many in a collection."""
    rewrite: Literal["no", "told", "silent"] = "no"
    """The bytes put are stored differently; the receipt says so, or claims they are not."""
    read_only: bool = False
    """Every write is forbidden."""


@dataclass(slots=True)
class Stored:
    """One item: its *body*, the wish for a *name*, who put it (*key*) with which bytes (*sent*).

    *revision* is the world's counter at the item's last change.
    """

    body: bytes
    name: str = ""
    key: str | None = None
    sent: bytes | None = None
    revision: int = 0


@dataclass(slots=True)
class Shelf:
    """One collection: its items, and for each id ever seen the counter at its last change."""

    collection: Collection
    items: dict[str, Stored] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    source: str | None = None


class World:
    """Collections and items that any number of ``Memory`` places look at.

    *page_size* counts items per page. *before_page* is called before each page a source
    gives out: a slow provider advances the test's clock there, a busy one changes items.
    *writes* counts the writes tried, from 0; *calls* the calls of each port method.
    """

    def __init__(self, *, page_size: int = 50) -> None:
        self.lock = RLock()
        self.page_size = page_size
        self.shelves: dict[str, Shelf] = {}
        self.faults = Faults()
        self.before_page: Callable[[], None] = _nothing
        self.serial = 0
        self.oldest_cursor = 0
        self.writes = 0
        self.calls: dict[str, int] = {}

    def create(self, name: str, kind: Kind = Kind.EVENT, *, id: str = "") -> Collection:  # noqa: A002 - as in Collection
        """Add an empty collection."""
        collection = Collection(id or name, kind, name, slug=name, media_types=(MEDIA_TYPES[kind],))
        with self.lock:
            self.shelves[collection.id] = Shelf(collection)
        return collection

    def add(self, collection: str, item: str, body: bytes, *, name: str = "") -> None:
        """Put an item there, or replace it, behind the connector's back."""
        self.store(self.shelf(collection), item, Stored(body, name))

    def change(self, collection: str, item: str, body: bytes) -> None:
        """Change an item that is there."""
        shelf = self.shelf(collection)
        before = shelf.items[item]
        self.store(shelf, item, Stored(body, before.name, before.key))

    def delete(self, collection: str, item: str) -> None:
        """Remove an item that is there."""
        shelf = self.shelf(collection)
        with self.lock:
            del shelf.items[item]
            shelf.touched[item] = self._tick()

    def bodies(self, collection: str) -> dict[str, bytes]:
        """Return what is really there: id -> bytes."""
        with self.lock:
            return {item: stored.body for item, stored in self.shelf(collection).items.items()}

    def forget_cursors(self) -> None:
        """Make every cursor given out so far expire."""
        with self.lock:
            self.oldest_cursor = self._tick()

    def shelf(self, collection: str) -> Shelf:
        """Return a collection as it really is. Raises ``CollectionGone``."""
        try:
            return self.shelves[collection]
        except KeyError:
            raise CollectionGone(collection) from None

    def store(self, shelf: Shelf, item: str, stored: Stored) -> None:
        """Set one item and number the change."""
        with self.lock:
            stored.revision = self._tick()
            shelf.items[item] = stored
            shelf.touched[item] = stored.revision

    @contextmanager
    def counted(self, call: str) -> Iterator[None]:
        """Count one call of a port method and hold the lock for it."""
        with self.lock:
            self.calls[call] = self.calls.get(call, 0) + 1
            yield

    def _tick(self) -> int:
        self.serial += 1
        return self.serial


_worlds: dict[str, World] = {}


def world(name: str) -> World:
    """Return the world called *name*, new at first: what the place ``memory:NAME`` looks at."""
    return _worlds.setdefault(name, World())


def forget(name: str) -> None:
    """Let the next one who asks for *name* find an empty world."""
    _worlds.pop(name, None)


def _nothing() -> None:
    """Do nothing before a page."""
