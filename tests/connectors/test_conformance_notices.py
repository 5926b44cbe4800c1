"""A suite that never fails proves nothing: each broken promise is noticed by the check named after it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import ChangePage, Collection, Cursor, Failed, Item, ItemRef, Put, Receipt, Result
from connectors.errors import CollectionGone, Conflict, Vanished
from connectors.memory.place import Memory
from connectors.memory.world import Faults
from connectors.testing import TwoWaySuite, context
from tests.connectors.memory.behind import MemoryBackstage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Sleeping(Memory):
    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        time.sleep(0)
        return super().fetch(collection, refs)


class OtherContract(Memory):
    manifest = replace(Memory.manifest, contract=99)


class Vague(Memory):
    manifest = replace(Memory.manifest, write_identity="none")


class OneWay(Memory):
    manifest = replace(Memory.manifest, deletions=False)


class Pages(Memory):
    """Gives out its pages through ``page``, for others to spoil."""

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        yield from map(self.page, super().changes(collection, cursor))

    def page(self, page: ChangePage) -> ChangePage:
        return page


class NeverLast(Pages):
    def page(self, page: ChangePage) -> ChangePage:
        return replace(page, last=False)


class FatCursors(Pages):
    def page(self, page: ChangePage) -> ChangePage:
        return replace(page, cursor={"v": 1, "token": 0, "fat": "x" * 5000})


class UnmarkedCursors(Pages):
    def page(self, page: ChangePage) -> ChangePage:
        return replace(page, cursor={"token": 0})


class WrongSizes(Pages):
    def page(self, page: ChangePage) -> ChangePage:
        return replace(page, changes=[replace(c, ref=replace(c.ref, size=1)) for c in page.changes])


class StaleRevisions(Pages):
    def page(self, page: ChangePage) -> ChangePage:
        return replace(page, changes=[replace(c, ref=replace(c.ref, revision="1")) for c in page.changes])


class LosesTheLast(Pages):
    def page(self, page: ChangePage) -> ChangePage:
        return replace(page, changes=page.changes[:-1])


class NoDeletions(Pages):
    def page(self, page: ChangePage) -> ChangePage:
        return replace(page, changes=[change for change in page.changes if not change.gone])


class EmptyForMissing(Memory):
    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        try:
            yield from super().changes(collection, cursor)
        except CollectionGone:
            yield ChangePage([], listing=True, last=True)


class Deaf(Memory):
    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        return Memory(self._endpoint, context()).changes(collection, cursor)


class SilentAboutVanished(Memory):
    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        return (answer for answer in super().fetch(collection, refs) if isinstance(answer, Item))


class Twice(Memory):
    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        return super().fetch(collection, [*refs, *refs])


class ReformatsOnRead(Memory):
    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        for answer in super().fetch(collection, refs):
            yield replace(answer, body=answer.body.replace(b"\r", b"")) if isinstance(answer, Item) else answer


class NewCollectionEachTime(Memory):
    def ensure(self, collection: Collection, known: str | None) -> Collection:
        number = f"{len(self.world.shelves)} {known}"
        return super().ensure(replace(collection, id=number, slug=number), None)


class OneCollectionForAll(Memory):
    def ensure(self, collection: Collection, known: str | None) -> Collection:
        return super().ensure(replace(collection, id="all"), known)


class Overwriting(Memory):
    """Writes over whatever stands there."""

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        for put in batch:
            name = put.target.id if put.target else put.item.name
            self.world.add(collection.id, name, put.item.body)
            yield Receipt(put.key, Result.UPDATED if put.target else Result.CREATED, ItemRef(name))


class Duplicating(Memory):
    """Makes another item each time it is asked."""

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        for put in batch:
            name = f"{self.world.serial}"
            self.world.add(collection.id, name, put.item.body)
            yield Receipt(put.key, Result.CREATED, ItemRef(name))


class RemovesAnything(Memory):
    def remove(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        return super().remove(collection, [replace(ref, revision=None) for ref in refs])


class StumblesOverGone(Memory):
    def remove(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        there = {ref.id for ref in self.inventory(collection)}
        for ref in refs:
            if ref.id not in there:
                yield Receipt(ref.id, Result.FAILED, error=Vanished())
        yield from super().remove(collection, [ref for ref in refs if ref.id in there])


class LosesReceipts(Memory):
    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        return (receipt for number, receipt in enumerate(super().put(collection, batch)) if number != 3)


class ForgetfulInventory(Memory):
    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        items = super().inventory(collection)
        next(items, None)
        return items


class WrongConflict(Memory):
    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        for receipt in super().put(collection, batch):
            wrong = Conflict("x", current="someone else's")
            yield replace(receipt, error=wrong) if isinstance(receipt.error, Conflict) else receipt


CASES: list[tuple[type[Memory], Faults, str]] = [
    (OtherContract, Faults(), "test_manifest_is_complete"),
    (Vague, Faults(), "test_manifest_is_complete"),
    (OneWay, Faults(), "test_the_manifest_admits_two_ways"),
    (Sleeping, Faults(), "test_never_sleeps"),
    (NeverLast, Faults(), "test_listing_names_every_item_once"),
    (Memory, Faults(duplicates=True), "test_listing_names_every_item_once"),
    (Memory, Faults(short_at=3), "test_listing_names_every_item_once"),
    (Memory, Faults(truncated_at=3), "test_listing_names_every_item_once"),
    (Memory, Faults(flaky_revisions=True), "test_own_writes_are_seen_with_their_revision"),
    (Memory, Faults(short_at=200), "test_a_large_listing_comes_whole"),
    (LosesTheLast, Faults(), "test_an_added_item_is_reported"),
    (FatCursors, Faults(), "test_cursors_are_small_flat_json"),
    (UnmarkedCursors, Faults(), "test_cursors_are_small_flat_json"),
    (WrongSizes, Faults(), "test_sizes_are_true_or_unknown"),
    (StaleRevisions, Faults(), "test_a_changed_item_has_another_revision"),
    (StaleRevisions, Faults(), "test_an_edit_after_an_own_write_is_seen"),
    (StaleRevisions, Faults(), "test_own_writes_are_seen_with_their_revision"),
    (StaleRevisions, Faults(), "test_fetch_gives_the_listed_revision"),
    (NoDeletions, Faults(), "test_a_deleted_item_is_missed"),
    (NoDeletions, Faults(), "test_own_removals_are_missed"),
    (EmptyForMissing, Faults(), "test_a_missing_collection_is_gone_not_empty"),
    (Deaf, Faults(), "test_stop_is_honoured_within_one_page"),
    (SilentAboutVanished, Faults(), "test_fetch_answers_each_ref_once"),
    (Twice, Faults(), "test_fetch_answers_each_ref_once"),
    (ReformatsOnRead, Faults(), "test_fetch_gives_the_exact_bytes"),
    (ReformatsOnRead, Faults(), "test_what_was_put_comes_back"),
    (ReformatsOnRead, Faults(), "test_a_large_item_arrives"),
    (NewCollectionEachTime, Faults(), "test_ensure_is_idempotent"),
    (OneCollectionForAll, Faults(), "test_ensure_keeps_two_collections_apart"),
    (Memory, Faults(rewrite="silent"), "test_a_receipt_tells_the_bytes_stored"),
    (Memory, Faults(reject=frozenset({"key-7"})), "test_every_item_gets_one_receipt"),
    (LosesReceipts, Faults(), "test_every_item_gets_one_receipt"),
    (ForgetfulInventory, Faults(), "test_inventory_matches_the_receipts"),
    (ForgetfulInventory, Faults(), "test_the_inventory_is_what_is_listed"),
    (Overwriting, Faults(), "test_update_spares_a_changed_target"),
    (Overwriting, Faults(), "test_create_spares_what_is_there"),
    (Overwriting, Faults(), "test_put_again_changes_nothing"),
    (Overwriting, Faults(), "test_update_again_changes_nothing"),
    (Overwriting, Faults(), "test_update_of_a_vanished_target_is_no_success"),
    (Duplicating, Faults(), "test_put_again_changes_nothing"),
    (WrongConflict, Faults(), "test_update_spares_a_changed_target"),
    (RemovesAnything, Faults(), "test_remove_spares_a_changed_item"),
    (StumblesOverGone, Faults(), "test_remove_removes_once_and_for_all"),
]
IDS = [f"{number}-{case[0].__name__}-{case[2].removeprefix('test_')}" for number, case in enumerate(CASES)]


@pytest.fixture
def backstage() -> Iterator[MemoryBackstage]:
    backstage = MemoryBackstage()
    yield backstage
    backstage.forget()


@pytest.mark.parametrize(("broken", "faults", "check"), CASES, ids=IDS)
def test_the_broken_promise_is_noticed(
    broken: type[Memory],
    faults: Faults,
    check: str,
    backstage: MemoryBackstage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    suite = TwoWaySuite()
    fits = {"backstage": backstage, "monkeypatch": monkeypatch}
    for connector, lies in ((Memory, Faults()), (broken, faults)):
        backstage.connector = connector
        backstage.world.shelves.clear()
        backstage.world.faults = lies
        given = {**fits, "place": suite.connect(backstage)}
        method = getattr(suite, check)
        wanted = method.__code__.co_varnames[1 : method.__code__.co_argcount]
        if connector is Memory and lies == Faults():
            method(**{name: given[name] for name in wanted})  # an honest place passes
        else:
            with pytest.raises((AssertionError, KeyError, pytest.fail.Exception)):
                method(**{name: given[name] for name in wanted})


def test_every_check_is_named_after_a_promise_of_the_suite() -> None:
    checks = {name for name in dir(TwoWaySuite) if name.startswith("test_")}
    assert {check for _, _, check in CASES} <= checks
    assert len(checks) >= 40
