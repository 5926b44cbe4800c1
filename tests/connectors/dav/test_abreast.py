"""Writes to a distant server go several abreast; what each one's receipt says does not change with it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from connectors.answers import Headers, Response
from connectors.base import Item, ItemRef, Kind, Put, Receipt, Result
from connectors.dav.abreast import ABREAST, FAR, Abreast
from connectors.errors import (
    ConnectorError,
    DestinationFull,
    InDoubt,
    ReadOnly,
    ReauthRequired,
    Throttled,
    Transient,
)
from simulators.dav_answers import error
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import Bench, body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LATE = 2 * FAR


def puts(count: int) -> list[Put]:
    """Return so many items to be written."""
    return [Put(f"{n}", Item(ItemRef("x"), "text/calendar", body(Kind.EVENT, n))) for n in range(count)]


class Far:
    """A server that answers when it is told to: it counts who is on the way."""

    def __init__(self, answer: Callable[[Put], Response]) -> None:
        self.answer = answer
        self.lock = threading.Lock()
        self.seen: list[str] = []
        self.now = self.most = 0

    def send(self, put: Put) -> Response:
        """Take one write, for a while."""
        with self.lock:
            self.seen.append(put.key)
            self.now += 1
            self.most = max(self.most, self.now)
        threading.Event().wait(LATE)
        with self.lock:
            self.now -= 1
        return self.answer(put)


def said(status: int) -> Response:
    return Response(status, Headers(), "http://x/", b"")


def drive(abreast: Abreast, far: Far, items: list[Put], going: Callable[[], bool] = lambda: True) -> list[object]:
    """Send *items* and return the status or the error of each, in the order they were yielded."""
    found: list[object] = []
    for put, answer in abreast.sent(items, far.send, going):
        try:
            found.append((put.key, answer().status))
        except Transient as fault:
            found.append((put.key, type(fault)))
    return found


def test_a_distant_server_gets_several_at_once_in_order_and_each_once() -> None:
    far = Far(lambda _: said(201))
    assert drive(Abreast(), far, puts(20)) == [(str(n), 201) for n in range(20)]
    assert far.most == ABREAST
    assert sorted(far.seen, key=int) == [str(n) for n in range(20)]


@pytest.mark.parametrize("most", [1, 2, 8])
def test_never_more_than_allowed(most: int) -> None:
    far = Far(lambda _: said(201))
    drive(Abreast(most), far, puts(12))
    assert far.most == most


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_items_need_nobody_beside_them(count: int) -> None:
    far = Far(lambda _: said(201))
    assert len(drive(Abreast(), far, puts(count))) == count
    assert far.most <= 1


def test_what_is_known_of_the_distance_is_kept() -> None:
    abreast, far = Abreast(), Far(lambda _: said(201))
    drive(abreast, far, puts(2))
    far.most = 0
    drive(abreast, far, puts(4))
    assert far.most == ABREAST


@pytest.mark.parametrize("status", [500, 502, 503, 423, 507])
def test_a_server_that_stumbles_gets_one_at_a_time(status: int) -> None:
    abreast, far = Abreast(), Far(lambda put: said(status if put.key == "3" else 201))
    assert drive(abreast, far, puts(8))[3] == ("3", status)
    far.most = 0
    drive(abreast, far, puts(8))
    assert far.most == 1


@pytest.mark.parametrize("fault", [Transient("x"), InDoubt("x"), Throttled("x", retry_after=1)])
def test_an_error_belongs_to_its_item_and_narrows_the_way(fault: Transient) -> None:
    def answer(put: Put) -> Response:
        if put.key == "2":
            raise fault
        return said(201)

    abreast, far = Abreast(), Far(answer)
    found = drive(abreast, far, puts(6))
    assert found == [(str(n), type(fault) if n == 2 else 201) for n in range(6)]
    far.most = 0
    drive(abreast, far, puts(6))
    assert far.most == 1


def test_when_it_is_over_what_is_under_way_is_still_told() -> None:
    far = Far(lambda _: said(201))
    found: list[tuple[str, int]] = []
    for put, answer in Abreast().sent(puts(20), far.send, lambda: len(found) < 3):
        found.append((put.key, answer().status))
    assert [key for key, _ in found] == far.seen or sorted(far.seen, key=int) == [key for key, _ in found]
    assert 3 <= len(found) < 20


@pytest.fixture
def far() -> Iterator[Bench]:
    """Return a bench on a distant server with an empty calendar."""
    with FaultyDav() as server:
        bench = Bench(server)
        bench.shelf()
        server.faults.switch("latency", LATE)
        yield bench


def test_every_item_has_one_receipt_and_stands_there_once(far: Bench) -> None:
    receipts = far.put(*[far.item(number) for number in range(24)])
    assert {one.key for one in receipts} == {f"key-{number}" for number in range(24)}
    assert {one.result for one in receipts} == {Result.CREATED}
    assert len(next(iter(far.server.store.shelves.values())).items) == 24
    assert far.server.count("PUT") == 24


def test_refused_ones_are_refused_and_the_others_arrive(far: Bench) -> None:
    far.server.faults.switch("put-status", {"uid-5\r\n": (403, "<C:valid-calendar-data/>"), "uid-9\r\n": (413, "")})
    receipts = far.put(*[far.item(number) for number in range(14)])
    assert {one.key for one in receipts if one.error} == {"key-5", "key-9"}
    assert len(next(iter(far.server.store.shelves.values())).items) == 12


@pytest.mark.parametrize("fault", ["put-stored", "put-lost"])
@pytest.mark.parametrize("how", [500, "reset"])
@pytest.mark.parametrize("times", [1, 3])
def test_dav_29_lost_answers_are_settled_without_a_double(far: Bench, fault: str, how: object, times: int) -> None:
    far.server.faults.switch(fault, how, times=times)
    place, collection = far.open()
    waiting = {f"key-{number}": far.item(number) for number in range(10)}
    for _ in range(6):
        try:
            for receipt in place.put(collection, list(waiting.values())):
                if receipt.error is None:
                    del waiting[receipt.key]
        except Transient:
            continue
        if not waiting:
            break
    assert not waiting
    shelf = next(iter(far.server.store.shelves.values()))
    assert sorted(item.uid for item in shelf.items.values()) == sorted(f"uid-{number}" for number in range(10))


ENDINGS = [
    pytest.param((401, {}, b"", ["PUT"]), ReauthRequired, id="access withdrawn"),
    pytest.param((403, {}, error("<D:need-privileges/>"), ["PUT"]), ReadOnly, id="read-only"),
    pytest.param((507, {}, b"", ["PUT"]), DestinationFull, id="full"),
]


def collected(receipts: Iterator[Receipt]) -> tuple[list[Receipt], ConnectorError | None]:
    """Return the receipts, and what ended them."""
    found: list[Receipt] = []
    try:
        for receipt in receipts:
            found.append(receipt)  # noqa: PERF402 - what came before the end counts
    except ConnectorError as error_:
        return found, error_
    return found, None


@pytest.mark.parametrize(("status", "kind"), ENDINGS)
def test_what_ends_a_batch_ends_it_and_what_was_stored_is_told(
    far: Bench, status: tuple[object, ...], kind: type[Exception]
) -> None:
    place, collection = far.open()
    list(place.put(collection, [far.item(number) for number in range(3)]))
    far.server.faults.switch("status", status)
    before = far.server.count("PUT")
    receipts, ended = collected(place.put(collection, [far.item(number) for number in range(3, 40)]))
    assert isinstance(ended, kind)
    assert far.server.count("PUT") - before <= 2 * ABREAST
    assert all(one.error is not None for one in receipts)
    far.server.faults.mend("status")
    again = list(place.put(collection, [far.item(number) for number in range(3, 40)]))
    assert {one.error for one in again} == {None}
    assert len(next(iter(far.server.store.shelves.values())).items) == 40


def test_a_stop_is_obeyed_and_what_was_under_way_is_known_again(far: Bench) -> None:
    place = far.connect(stop=lambda: far.server.count("PUT") >= 6)
    collection = next(iter(place.collections()))
    receipts, ended = collected(place.put(collection, [far.item(number) for number in range(30)]))
    assert isinstance(ended, Transient)
    assert receipts == [], "to read again takes time, which is not there; the next run looks"
    assert far.server.count("PUT") <= 6 + ABREAST
    assert len(next(iter(far.server.store.shelves.values())).items) == far.server.count("PUT")
    stored = far.server.count("PUT")
    results = [one.result for one in far.put(*[far.item(number) for number in range(30)])]
    assert results.count(Result.UNCHANGED) == stored
    assert results.count(Result.CREATED) == 30 - stored


@pytest.mark.parametrize("how", ["reset", 500])
@pytest.mark.parametrize("times", [1, 2, 3, 9])
@pytest.mark.parametrize("weak", [True, False])
def test_dav_29_a_deletion_is_done_when_it_is_gone_and_not_before(
    bench: Bench, how: object, times: int, *, weak: bool
) -> None:
    """The answer is lost, the item may still be there: REMOVED is said only of what is gone."""
    shelf = bench.shelf(2)
    ref = ItemRef("000.ics", shelf.items["000.ics"].etag)
    if weak:
        bench.server.faults.switch("weak-etags")
    bench.server.faults.switch("put-lost", how, times=times)
    place, collection = bench.open()
    try:
        (receipt,) = place.remove(collection, [ref])
    except Transient:
        assert "000.ics" in shelf.items
    else:
        assert (receipt.result is Result.REMOVED) is ("000.ics" not in shelf.items)
    assert "001.ics" in shelf.items
