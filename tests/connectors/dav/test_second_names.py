"""Servers that list a name and answer to another one, or keep an item under a name or UID of their own.

Cases 13 (encoded twice, a semicolon behind), 14 (another name), 18 (another UID): one item
stays one item, and nothing is taken for another one.
"""

from __future__ import annotations

import pytest

from connectors.base import Failed, Item, ItemRef, Kind, Receipt, Result
from connectors.dav.hrefs import Folder
from connectors.errors import Conflict, ItemRejected, Vanished
from tests.connectors.dav.behind import Bench, body

SPELLINGS = ["double", "semicolon"]
NAMES = ["a@b.ics", "sp ace+plus&amp.ics", "é.ics", "é%.ics", "100%25.ics", "x:y;z.ics", "plain.ics", "日本 語.ics"]
HERE = Folder("https://dav.example.org/u/cal/")


def filled(bench: Bench, names: list[str]) -> dict[str, bytes]:
    """Store an item under each name and return their bodies."""
    shelf = bench.shelf()
    return {name: shelf.put(name, body(Kind.EVENT, number)).body for number, name in enumerate(names)}


def items(found: list[Item | Failed]) -> list[bytes]:
    """Return the bodies, all of them there."""
    assert not [one for one in found if not isinstance(one, Item)], found
    return sorted(one.body for one in found if isinstance(one, Item))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("sync", ["sync", "propfind"])
@pytest.mark.parametrize("count", [1, 3, len(NAMES)])
def test_case_13_what_is_listed_otherwise_than_answered_is_fetched(
    bench: Bench, spelling: str, sync: str, count: int
) -> None:
    there = filled(bench, NAMES[:count])
    bench.server.faults.switch("spelling", spelling)
    bench.server.faults.switch("no-inline")
    if sync == "propfind":
        bench.server.faults.switch("no-sync")
    ids = list(bench.changed().present)
    assert len(ids) == len(set(ids)) == count
    assert items(bench.fetch(ids)) == sorted(there.values())


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_case_13_it_is_found_out_once(bench: Bench, spelling: str) -> None:
    filled(bench, [f"{number}@host.ics" for number in range(60)])
    bench.server.faults.switch("spelling", spelling)
    bench.server.faults.switch("no-inline")
    place, collection = bench.open()
    refs = [change.ref for page in place.changes(collection, None) for change in page.changes]
    before = bench.server.count()
    assert len(items(list(place.fetch(collection, refs[:30])))) == 30
    assert bench.server.count() - before <= 6
    before = bench.server.count()
    assert len(items(list(place.fetch(collection, refs[30:])))) == 30
    assert bench.server.count() - before == 1


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_case_13_bodies_that_come_along_need_no_second_name(bench: Bench, spelling: str) -> None:
    there = filled(bench, NAMES)
    bench.server.faults.switch("spelling", spelling)
    assert sorted(bench.changed().bodies.values()) == sorted(there.values())
    assert bench.server.count("GET") == 0


@pytest.mark.parametrize("gone", ["a%40b.ics", "a;", "50%25.ics"])
@pytest.mark.parametrize("twin", [True, False])
def test_case_13_an_item_is_never_taken_for_another_one(bench: Bench, gone: str, *, twin: bool) -> None:
    """On an honest server an item with the second name is another item; the first one is really gone."""
    shelf = bench.shelf()
    shelf.put(gone, body(Kind.EVENT, 1))
    place, collection = bench.open()
    (id_,) = [change.ref.id for page in place.changes(collection, None) for change in page.changes]
    shelf.delete(gone)
    if twin:
        shelf.put({"a%40b.ics": "a@b.ics", "a;": "a", "50%25.ics": "50%.ics"}[gone], body(Kind.EVENT, 2))
    (found,) = place.fetch(collection, [ItemRef(id_)])
    assert isinstance(found, Failed)
    assert isinstance(found.error, Vanished)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_case_13_what_is_gone_is_gone_on_such_a_server_too(bench: Bench, spelling: str) -> None:
    filled(bench, ["a@b.ics", "c@d.ics", "e@f.ics"])
    bench.server.faults.switch("spelling", spelling)
    bench.server.faults.switch("no-inline")
    place, collection = bench.open()
    refs = [change.ref for page in place.changes(collection, None) for change in page.changes]
    next(iter(bench.server.store.shelves.values())).delete("c@d.ics")
    found = list(place.fetch(collection, refs))
    assert len([one for one in found if isinstance(one, Item)]) == 2
    (missing,) = [one for one in found if isinstance(one, Failed)]
    assert isinstance(missing.error, Vanished)


@pytest.mark.parametrize("spelling", [*SPELLINGS, "absolute", "lower", "raw", "http"])
def test_case_13_a_listed_item_can_be_replaced_and_removed(bench: Bench, spelling: str) -> None:
    filled(bench, ["a@b.ics", "c d.ics"])
    bench.server.faults.switch("spelling", spelling)
    bench.server.faults.switch("no-inline")
    place, collection = bench.open()
    refs = [change.ref for page in place.changes(collection, None) for change in page.changes]
    by_body = {one.body: one.ref for one in place.fetch(collection, refs) if isinstance(one, Item)}
    (receipt,) = place.put(collection, [bench.item(0, 1, by_body[body(Kind.EVENT, 0)])])
    assert receipt.result is Result.UPDATED, receipt.error
    (removed,) = place.remove(collection, [by_body[body(Kind.EVENT, 1)]])
    assert removed.result is Result.REMOVED
    shelf = next(iter(bench.server.store.shelves.values()))
    assert {name: item.body for name, item in shelf.items.items()} == {"a@b.ics": body(Kind.EVENT, 0, 1)}


@pytest.mark.parametrize(
    ("id_", "others"),
    [
        ("a.ics", []),
        ("a@b.ics", []),
        ("é.ics", []),
        ("a%2540b.ics", ["/u/cal/a%40b.ics"]),
        ("%25C3%25A9.ics", ["/u/cal/%C3%A9.ics"]),
        ("a.ics;", ["/u/cal/a.ics"]),
        ("a%2540b.ics%3B", ["/u/cal/a%40b.ics;", "/u/cal/a%2540b.ics"]),
        ("100%25.ics", []),
        ("%252E%252E", ["/u/cal/%2E%2E"]),
        (";", []),
    ],
)
def test_case_13_second_names_are_few(id_: str, others: list[str]) -> None:
    assert [path for path in HERE.detours(id_) if path != "/u/cal/"] == others


def only(receipts: list[Receipt]) -> Receipt:
    (receipt,) = receipts
    return receipt


@pytest.mark.parametrize(
    ("rename", "etag"),
    [(None, True), (None, False), ("location", True), ("location", False), ("silent", True)],
)
def test_case_18_a_uid_of_the_servers_own_is_told(bench: Bench, rename: str | None, *, etag: bool) -> None:
    shelf = bench.shelf(3)
    bench.server.faults.switch("put-uid", "srv")
    if rename:
        bench.server.faults.switch("put-rename", rename)
    if not etag:
        bench.server.faults.switch("put-no-etag")
    receipt = only(bench.put(bench.item(50)))
    assert receipt.result is Result.CREATED, receipt.error
    assert receipt.target is not None
    item = shelf.items[receipt.target.id]
    assert receipt.stored == item.body
    assert item.uid == "srv-uid-50"
    assert receipt.target.revision == item.etag


def test_case_18_another_name_another_uid_and_no_etag_is_said_to_be_lost(bench: Bench) -> None:
    """Nothing points at it any more: to take something alike for it could hide a loss."""
    shelf = bench.shelf(3)
    for name in ("put-uid", "put-rename", "put-no-etag"):
        bench.server.faults.switch(name, "silent")
    receipt = only(bench.put(bench.item(50)))
    assert isinstance(receipt.error, ItemRejected)
    assert receipt.error.code == "lost"
    assert len(shelf.items) == 4


def test_case_18_written_again_it_is_still_one_item(bench: Bench) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("put-uid", "srv")
    first = only(bench.put(bench.item(1)))
    again = only(bench.put(bench.item(1, 1, first.target)))
    assert again.result is Result.UPDATED
    assert [item.uid for item in shelf.items.values()] == ["srv-uid-1"]


def test_case_18_a_creation_repeated_without_memory_meets_its_own_copy(bench: Bench) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("put-uid", "srv")
    bench.put(bench.item(1))
    error = only(bench.put(bench.item(1))).error
    assert isinstance(error, Conflict)
    assert error.stored == next(iter(shelf.items.values())).body
    assert len(shelf.items) == 1


@pytest.mark.parametrize("status", [403, 409, 412])
def test_case_18_a_uid_that_may_not_change_is_a_conflict_with_itself(bench: Bench, status: int) -> None:
    shelf = bench.shelf()
    first = only(bench.put(bench.item(1)))
    bench.server.faults.switch("uid-fixed", status)
    error = only(bench.put(bench.item(2, 0, first.target))).error
    assert isinstance(error, Conflict)
    assert error.stored == body(Kind.EVENT, 1)
    assert [item.uid for item in shelf.items.values()] == ["uid-1"]


def test_case_14_a_neighbour_with_the_same_lines_is_no_proof_of_a_lost_write(bench: Bench) -> None:
    """The server takes it and shows nothing: what stands there was there before, with a UID of its own."""
    shelf = bench.shelf()
    shelf.put("neighbour.ics", body(Kind.EVENT, 9))
    bench.server.faults.switch("multiget-gone", set(shelf.items))
    receipt = only(bench.put(bench.item(1)))
    assert receipt.result is Result.CREATED
    assert receipt.target is not None
    assert receipt.target.id != "neighbour.ics"


def test_case_14_what_is_taken_and_not_shown_is_said_to_be_lost(bench: Bench) -> None:
    shelf = bench.shelf(2)
    bench.server.faults.switch("put-rename", "silent")
    place, collection = bench.open()
    names = {f"server-{number}.ics" for number in range(10)}
    bench.server.faults.switch("multiget-gone", names)
    bench.server.faults.switch("get", dict.fromkeys(names, 404))
    receipt = only(list(place.put(collection, [bench.item(7)])))
    assert receipt.result is Result.FAILED
    assert isinstance(receipt.error, ItemRejected)
    assert receipt.error.code == "lost"
    assert len(shelf.items) == 3
