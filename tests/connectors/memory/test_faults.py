"""Each lie of the in-memory place is told as announced, and only when asked for."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from connectors.base import Change, ChangePage, Collection, Failed, Item, ItemRef, Kind, Put, Receipt, Result
from connectors.errors import (
    CollectionGone,
    Conflict,
    ConnectorError,
    CursorExpired,
    DestinationFull,
    InDoubt,
    ItemRejected,
    ReadOnly,
    Transient,
    Vanished,
)
from connectors.memory.world import Faults

if TYPE_CHECKING:
    from connectors.memory.place import Memory
    from tests.connectors.memory.behind import MemoryBackstage

WISH = Collection("/far/", Kind.EVENT, "Home", "home")


def given(key: str, body: bytes = b"one\r\ntwo\r\n", target: ItemRef | None = None) -> Put:
    return Put(key, Item(ItemRef(key), "text/calendar", body, key), target)


def changes(pages: list[ChangePage]) -> list[Change]:
    return [change for page in pages for change in page.changes]


def ids(pages: list[ChangePage]) -> list[str]:
    return [change.ref.id for change in changes(pages)]


def made(backstage: MemoryBackstage, **faults: object) -> tuple[Memory, Collection]:
    place = backstage.connect()
    home = place.ensure(WISH, None)
    backstage.world.faults = dataclasses.replace(Faults(), **faults)  # type: ignore[arg-type]  # named in each test
    return place, home


def one(place: Memory, home: Collection, put: Put) -> Receipt:
    (receipt,) = place.put(home, [put])
    return receipt


def test_no_fault_is_the_default(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(3)
    (page,) = place.changes(home, None)
    assert ids([page]) == ["0", "1", "2"]
    assert (page.last, page.complete, page.listing, page.total) == (True, True, True, 3)
    assert all(change.ref.revision for change in page.changes)


def test_flaky_revisions_change_without_a_change(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(2)
    backstage.world.faults = Faults(flaky_revisions=True)
    first, second = (changes(list(place.changes(home, None))) for _ in range(2))
    assert all(a.ref.revision != b.ref.revision for a, b in zip(first, second, strict=True))
    assert backstage.bodies(home.id) == {"0": b"body 0", "1": b"body 1"}


def test_unknown_revisions(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(2)
    backstage.world.faults = Faults(unknown_revisions=frozenset({"1"}))
    assert [change.ref.revision is None for change in changes(list(place.changes(home, None)))] == [False, True]


@pytest.mark.parametrize("at", [0, 1, 5, 9])
def test_truncated_listings_admit_it(backstage: MemoryBackstage, at: int) -> None:
    place, home = backstage.fill(10)
    backstage.world.faults = Faults(truncated_at=at)
    pages = list(place.changes(home, None))
    assert len(ids(pages)) == at
    assert pages[-1].last
    assert not pages[-1].complete
    assert all(page.cursor is None for page in pages)


@pytest.mark.parametrize("at", [0, 1, 9])
def test_short_listings_claim_to_be_whole(backstage: MemoryBackstage, at: int) -> None:
    place, home = backstage.fill(10)
    backstage.world.faults = Faults(short_at=at)
    pages = list(place.changes(home, None))
    assert len(ids(pages)) == at
    assert pages[-1].complete


def test_a_limit_beyond_the_end_is_no_lie(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(3)
    backstage.world.faults = Faults(truncated_at=3)
    (page,) = place.changes(home, None)
    assert page.complete


@pytest.mark.parametrize("after", [0, 1, 2])
def test_pages_are_cut(backstage: MemoryBackstage, after: int) -> None:
    place, home = backstage.fill(8)
    backstage.world.page_size = 2
    backstage.world.faults = Faults(cut_after_pages=after)
    pages = place.changes(home, None)
    assert all(not next(pages).last for _ in range(after))
    with pytest.raises(Transient):
        next(pages)


def test_duplicates_in_a_listing(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(3)
    backstage.world.faults = Faults(duplicates=True)
    assert ids(list(place.changes(home, None))) == ["0", "1", "2", "0"]


def test_cursors_expire_at_will(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(1)
    (page,) = place.changes(home, None)
    assert page.cursor is not None
    assert ids(list(place.changes(home, page.cursor))) == []
    backstage.world.faults = Faults(expire_cursors=True)
    with pytest.raises(CursorExpired):
        list(place.changes(home, page.cursor))
    backstage.world.faults = Faults()
    backstage.world.forget_cursors()
    with pytest.raises(CursorExpired):
        list(place.changes(home, page.cursor))
    (fresh,) = place.changes(home, None)
    assert ids(list(place.changes(home, fresh.cursor))) == []


def test_unreadable_items_are_problems(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(2)
    backstage.world.faults = Faults(unreadable=frozenset({"0"}))
    bad, good = changes(list(place.changes(home, None)))
    assert isinstance(bad.problem, ItemRejected)
    assert good.problem is None
    answers = list(place.fetch(home, [bad.ref, good.ref]))
    assert [isinstance(answer, Failed) for answer in answers] == [True, False]


def test_items_vanish_between_listing_and_fetching(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(2)
    backstage.world.faults = Faults(vanish_on_fetch=frozenset({"1"}))
    refs = [change.ref for change in changes(list(place.changes(home, None)))]
    kept, lost = place.fetch(home, refs)
    assert isinstance(kept, Item)
    assert isinstance(lost, Failed)
    assert isinstance(lost.error, Vanished)


def test_a_fetch_is_cut(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(3)
    backstage.world.faults = Faults(cut_fetch_after=2)
    answers = place.fetch(home, [ItemRef(str(number)) for number in range(3)])
    assert [next(answers).ref.id for _ in range(2)] == ["0", "1"]
    with pytest.raises(Transient):
        next(answers)


def test_a_vanished_collection(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(1)
    backstage.world.faults = Faults(gone=frozenset({home.id}))
    assert list(place.collections()) == []
    for call in (
        place.changes(home, None),
        place.fetch(home, []),
        place.inventory(home),
        place.put(home, [given("a")]),
    ):
        with pytest.raises(CollectionGone):
            next(call)
    backstage.world.faults = Faults()
    assert [collection.id for collection in place.collections()] == [home.id]


def test_slow_and_busy_pages(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(4)
    backstage.world.page_size = 2
    seen: list[int] = []
    backstage.world.before_page = lambda: seen.append(len(seen))
    list(place.changes(home, None))
    assert seen == [0, 1]


def test_rejected_items(backstage: MemoryBackstage) -> None:
    place, home = made(backstage, reject=frozenset({"b"}))
    receipts = list(place.put(home, [given("a"), given("b"), given("c")]))
    assert [receipt.result for receipt in receipts] == [Result.CREATED, Result.FAILED, Result.CREATED]
    assert isinstance(receipts[1].error, ItemRejected)
    assert set(backstage.bodies(home.id)) == {"a", "c"}


def test_conflicts_at_will(backstage: MemoryBackstage) -> None:
    place, home = made(backstage, conflict=frozenset({"a"}))
    assert one(place, home, given("a")).result is Result.CREATED  # nothing stands there yet
    error = one(place, home, given("a", b"new")).error
    assert isinstance(error, Conflict)
    assert (error.current, error.stored) == ("a", b"one\r\ntwo\r\n")


@pytest.mark.parametrize(
    ("fault", "error", "stored"),
    [("break_before_write", Transient, {"a"}), ("break_after_write", InDoubt, {"a", "b"})],
)
def test_the_connection_breaks_around_a_write(
    backstage: MemoryBackstage, fault: str, error: type[ConnectorError], stored: set[str]
) -> None:
    place, home = made(backstage, **{fault: 1})
    receipts = place.put(home, [given("a"), given("b"), given("c")])
    assert next(receipts).result is Result.CREATED
    with pytest.raises(error) as caught:
        next(receipts)
    assert isinstance(caught.value, InDoubt) is (error is InDoubt)
    assert set(backstage.bodies(home.id)) == stored
    # The number is passed: trying again converges without a second copy.
    results = [receipt.result for receipt in place.put(home, [given("b"), given("c")])]
    assert results == [Result.UNCHANGED if "b" in stored else Result.CREATED, Result.CREATED]


@pytest.mark.parametrize(
    ("fault", "left"), [("break_before_write", {"a"}), ("break_after_write", set())], ids=["before", "after"]
)
def test_the_connection_breaks_around_a_removal(backstage: MemoryBackstage, fault: str, left: set[str]) -> None:
    place, home = made(backstage, **{fault: 1})
    target = one(place, home, given("a")).target
    assert target is not None
    with pytest.raises(Transient):
        list(place.remove(home, [target]))
    assert set(backstage.bodies(home.id)) == left
    assert [receipt.result for receipt in place.remove(home, [target])] == [Result.REMOVED]


@pytest.mark.parametrize(("rewrite", "told"), [("no", None), ("told", b"one\ntwo\n"), ("silent", None)])
def test_rewritten_bytes(backstage: MemoryBackstage, rewrite: str, told: bytes | None) -> None:
    place, home = made(backstage, rewrite=rewrite)
    receipt = one(place, home, given("a"))
    assert receipt.stored == told
    assert backstage.bodies(home.id)["a"] == (b"one\r\ntwo\r\n" if rewrite == "no" else b"one\ntwo\n")
    again = one(place, home, given("a"))
    assert (again.result, again.stored) == (Result.UNCHANGED, told)


def test_a_place_that_is_full(backstage: MemoryBackstage) -> None:
    place, home = made(backstage, full_at=1)
    target = one(place, home, given("a")).target
    with pytest.raises(DestinationFull):
        one(place, home, given("b"))
    assert one(place, home, given("a", b"smaller", target)).result is Result.UPDATED


def test_a_read_only_world(backstage: MemoryBackstage) -> None:
    place, home = made(backstage, read_only=True)
    assert not place.check().writable
    with pytest.raises(ReadOnly):
        one(place, home, given("a"))
    with pytest.raises(ReadOnly):
        place.ensure(Collection("/new/", Kind.EVENT, "x"), None)


def test_faults_are_values() -> None:
    assert Faults(short_at=1) == Faults(short_at=1) != Faults()
    with pytest.raises(dataclasses.FrozenInstanceError):
        Faults().short_at = 3  # type: ignore[misc]  # that is the point
