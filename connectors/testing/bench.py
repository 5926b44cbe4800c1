"""What all suites share: the author's hands behind the scenes, and pages checked on arrival."""
# ruff: noqa: S101 - these are tests: they assert

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Protocol

import pytest

from connectors import specimens
from connectors.base import (
    CONTRACT,
    Change,
    ChangePage,
    Collection,
    Connector,
    Context,
    Cursor,
    Endpoint,
    ItemRef,
    Kind,
    Place,
    Source,
)
from connectors.errors import ConnectorError

LARGE = 3_000_000
"""Bytes of the largest item every connector has to carry."""


class Backstage(Protocol):
    """One empty place, and hands that reach into it without the connector knowing."""

    connector: Connector
    endpoint: Endpoint

    def create(self, kind: Kind) -> str:
        """Make an empty collection and return its id."""

    def add(self, collection: str, name: str, body: bytes) -> str:
        """Add an item, near the wished *name*, and return its id."""

    def change(self, collection: str, item: str, body: bytes) -> None:
        """Give an item other bytes."""

    def delete(self, collection: str, item: str) -> None:
        """Remove an item."""

    def bodies(self, collection: str) -> Mapping[str, bytes]:
        """Return what really stands there: id -> bytes."""


def context(stop: Callable[[], bool] = lambda: False) -> Context:
    """Return a context for local places and tests: no http, the real clock."""
    return Context(http=None, stop=stop, clock=time.time, log=logging.getLogger("connectors.testing"), learned={})


class Suite:
    """What all three suites share."""

    kind: ClassVar[Kind] = Kind.EVENT
    many: ClassVar[int] = 230
    """Items in the tests of paging; fewer for slow servers."""

    @pytest.fixture
    def backstage(self) -> Backstage:
        """Override: return a new, empty place."""
        raise NotImplementedError

    @pytest.fixture
    def place(self, backstage: Backstage) -> Iterator[Place]:
        """Connect to the place; close it when the test is over."""
        place = self.connect(backstage)
        yield place
        place.close()

    def connect(self, backstage: Backstage, stop: Callable[[], bool] = lambda: False) -> Place:
        """Connect once more, as a new process would. Override to lend a context with ``http``."""
        return backstage.connector(backstage.endpoint, context(stop))

    def make_body(self, number: int, version: int = 0) -> bytes:
        """Return valid bytes for item *number*; override for other formats."""
        return self.make_named(f"item-{number}", version=version)

    def make_named(self, uid: str, *, version: int = 0, size: int = 0) -> bytes:
        """Return valid bytes for an item with this UID; override for other formats."""
        return specimens.body(self.kind, uid, version=version, size=size)

    def fill(self, backstage: Backstage, count: int) -> tuple[str, list[str]]:
        """Make a collection of *count* items behind the connector's back; return its id and theirs."""
        home = backstage.create(self.kind)
        return home, [backstage.add(home, f"item-{n}", self.make_body(n)) for n in range(count)]

    def open(self, place: Place, home: str) -> Collection:
        """Return the collection *home* as the place describes it."""
        return next(collection for collection in place.collections() if collection.id == home)

    def test_manifest_is_complete(self, place: Place) -> None:
        said = place.manifest
        assert said.contract == CONTRACT
        assert said.id
        assert said.title
        assert self.kind in said.reads | said.writes
        assert said.write_identity != "none" or not said.writes or said.duplicates_possible

    def test_check_names_the_account(self, place: Place) -> None:
        account = place.check()
        assert account.name
        assert account.free is None or account.free >= 0

    def test_never_sleeps(self, backstage: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
        home, ids = self.fill(backstage, 2)
        me, real = threading.current_thread(), time.sleep

        def sleep(seconds: float) -> None:
            assert threading.current_thread() is not me, "a connector never sleeps: raise Throttled or Transient"
            real(seconds)

        monkeypatch.setattr(time, "sleep", sleep)
        place = self.connect(backstage)
        place.check()
        answers = list(place.fetch(self.open(place, home), [ItemRef(item) for item in ids]))
        place.close()
        assert len(answers) == 2


class Listing:
    """The pages of one ``changes`` call, checked against the port's rules and summed up."""

    def __init__(self, pages: Iterable[ChangePage]) -> None:
        self.pages = list(pages)
        assert self.pages, "at least one page comes"
        assert [page.last for page in self.pages] == [False] * (len(self.pages) - 1) + [True]
        assert len({page.listing for page in self.pages}) == 1, "a call lists everything or changes, not both"
        self.changes: Sequence[Change] = [change for page in self.pages for change in page.changes]
        for change in self.changes:
            assert isinstance(change.problem, ConnectorError | None)
            assert sum((change.gone, change.problem is not None)) <= 1
            assert change.item is None or not change.gone
        self.full = self.pages[0].listing
        self.present = {c.ref.id: c.ref for c in self.changes if not c.gone and c.problem is None}
        self.gone = {c.ref.id for c in self.changes if c.gone}
        cursors = [page.cursor for page in self.pages if page.cursor is not None]
        self.cursor: Cursor | None = cursors[-1] if cursors else None

    def misses(self, item: str) -> bool:
        """Say whether the engine may conclude that *item* is not there any more."""
        return item in self.gone or (self.full and self.pages[-1].complete and item not in self.present)


def listing(place: Place, collection: Collection, cursor: Cursor | None = None) -> Listing:
    """Ask a source for changes."""
    assert isinstance(place, Source), f"{type(place).__name__} lacks a method of connectors.base.Source"
    return Listing(place.changes(collection, cursor))
