"""A creation never overwrites what stands at its href, whether or not the server knows If-None-Match.

Google's CalDAV ignores it: of the If headers its developers' guide supports If-Match alone.
"""

from __future__ import annotations

import pytest

from connectors.base import Item, ItemRef, Kind, Put, Result
from connectors.dav.place import Dav
from connectors.dav.writing import name_for
from connectors.errors import Conflict
from tests.connectors.dav.behind import TYPES, Bench, DavBackstage, body, context, http

OURS = name_for("key-0", Kind.EVENT)


@pytest.fixture(params=[True, False], ids=["google", "honest"])
def either(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """Return hands on a server that ignores If-None-Match, and on one that does not."""
    if request.param:
        bench.server.faults.switch("no-if-none-match")
    return bench


def test_case_29_another_state_at_the_href_is_a_conflict_and_stays(either: Bench) -> None:
    shelf = either.shelf()
    edited = shelf.put(OURS, body(Kind.EVENT, 0, 7))
    (receipt,) = either.put(either.item(0))
    assert receipt.result is Result.FAILED
    assert isinstance(receipt.error, Conflict)
    assert (receipt.error.current, receipt.error.revision, receipt.error.stored) == (OURS, edited.etag, edited.body)
    assert shelf.items[OURS] == edited


def test_case_29_the_same_at_the_href_is_not_written_again(either: Bench) -> None:
    shelf = either.shelf()
    stood = shelf.put(OURS, body(Kind.EVENT, 0))
    (receipt,) = either.put(either.item(0))
    assert (receipt.result, receipt.target) == (Result.UNCHANGED, ItemRef(OURS, stood.etag))
    assert either.server.count("PUT") == 0


def test_what_is_occupied_stops_nothing_else(either: Bench) -> None:
    shelf = either.shelf()
    shelf.put(OURS, body(Kind.EVENT, 0, 7))
    receipts = {one.key: one.result for one in either.put(*[either.item(number) for number in range(30)])}
    assert receipts.pop("key-0") is Result.FAILED
    assert set(receipts.values()) == {Result.CREATED}
    assert len(receipts) == 29
    assert shelf.items[OURS].body == body(Kind.EVENT, 0, 7)


def test_updates_are_not_looked_up(either: Bench) -> None:
    shelf = either.shelf()
    (receipt,) = either.put(either.item(0))
    place, collection = either.open()
    before = either.server.count()
    assert [one.result for one in place.put(collection, [either.item(0, 1, receipt.target)])] == [Result.UPDATED]
    assert either.server.count() - before == 2
    assert shelf.items[OURS].body == body(Kind.EVENT, 0, 1)


def test_a_server_that_hides_it_from_multiget_is_asked_again(either: Bench) -> None:
    shelf = either.shelf()
    edited = shelf.put(OURS, body(Kind.EVENT, 0, 7))
    either.server.faults.switch("multiget-left-out", {OURS})
    receipts = either.put(either.item(0))
    assert [one.result for one in receipts] == [Result.FAILED]
    assert shelf.items[OURS] == edited


def test_what_comes_between_look_and_write_is_left_to_the_condition(bench: Bench) -> None:
    """The look is for servers without the condition; the others still get it, and it closes the gap."""
    shelf = bench.shelf()
    _, collection = bench.open()

    def somebody_else() -> bool:
        if bench.server.count("PUT") == 1 and name_for("key-1", Kind.EVENT) not in shelf.items:
            shelf.put(name_for("key-1", Kind.EVENT), body(Kind.EVENT, 1, 9))
        return False

    receipts = list(bench.connect(stop=somebody_else).put(collection, [bench.item(0), bench.item(1)]))
    assert {one.key: one.result for one in receipts} == {"key-0": Result.CREATED, "key-1": Result.FAILED}
    assert shelf.items[name_for("key-1", Kind.EVENT)].body == body(Kind.EVENT, 1, 9)


@pytest.mark.parametrize("name", ["radicale", "xandikos"])
def test_real_servers_keep_what_stood_there(name: str, request: pytest.FixtureRequest) -> None:
    backstage = DavBackstage(request.getfixturevalue(name), Kind.EVENT, f"occupied-{name}")
    home = backstage.create(Kind.EVENT)
    place = Dav(backstage.endpoint, context(http(backstage.server.url)))
    (collection,) = [one for one in place.collections() if one.id == home]
    put = Put("key-0", Item(ItemRef("x"), TYPES[Kind.EVENT], body(Kind.EVENT, 0)))
    assert [one.result for one in place.put(collection, [put])] == [Result.CREATED]
    assert [one.result for one in place.put(collection, [put])] == [Result.UNCHANGED]
    backstage.change(home, OURS, body(Kind.EVENT, 0, 7))
    (receipt,) = place.put(collection, [put])
    assert isinstance(receipt.error, Conflict)
    assert b"Version 7" in backstage.bodies(home)[OURS]
