"""Writes to servers that rewrite, rename, refuse, fail and forget to answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.base import Item, ItemRef, Kind, Put, Receipt, Result
from connectors.dav.writing import FULL_IN_A_ROW, name_for
from connectors.errors import (
    CollectionGone,
    Conflict,
    ConnectorError,
    DestinationFull,
    ItemRejected,
    ReadOnly,
    ReauthRequired,
    Throttled,
    Transient,
)
from tests.connectors.dav.behind import Bench, body


def only(receipts: list[Receipt]) -> Receipt:
    (receipt,) = receipts
    return receipt


def conflict(receipt: Receipt) -> Conflict:
    assert receipt.result is Result.FAILED
    assert isinstance(receipt.error, Conflict)
    return receipt.error


def created(bench: Bench, number: int = 0) -> ItemRef:
    receipt = only(bench.put(bench.item(number)))
    assert receipt.result is Result.CREATED
    assert receipt.target
    return receipt.target


def test_a_batch_is_looked_up_in_one_request_and_read_again_in_another(bench: Bench) -> None:
    shelf = bench.shelf()
    place, collection = bench.open()
    before = bench.server.count()
    receipts = list(place.put(collection, [bench.item(number) for number in range(20)]))
    assert {one.result for one in receipts} == {Result.CREATED}
    assert bench.server.count() - before == 22
    assert bench.server.count("PUT") == 20
    assert {one.target.id: one.target.revision for one in receipts if one.target} == {
        name: item.etag for name, item in shelf.items.items()
    }


def test_names_are_the_same_in_every_run(bench: Bench) -> None:
    bench.shelf()
    assert created(bench).id == name_for("key-0", Kind.EVENT)
    assert name_for("k", Kind.CONTACT).endswith(".vcf")
    assert len(name_for("k", Kind.EVENT)) == 36


def test_creations_and_updates_are_conditional(bench: Bench) -> None:
    bench.shelf()
    ref = created(bench)
    bench.put(bench.item(0, 1, ref))
    first, second = (one for one in bench.server.requests if one.method == "PUT")
    assert first.headers["If-None-Match"] == "*"
    assert second.headers["If-Match"] == ref.revision


def test_case_12_an_update_goes_to_the_listed_name(bench: Bench) -> None:
    shelf = bench.shelf()
    old = shelf.put("odd name@home+1.ics", body(Kind.EVENT, 1))
    receipt = only(bench.put(bench.item(1, 1, ItemRef("odd name@home+1.ics", old.etag))))
    assert receipt.result is Result.UPDATED
    assert list(shelf.items) == ["odd name@home+1.ics"]


@pytest.mark.parametrize("how", [True, "add"], ids=["reordered", "added"])
@pytest.mark.parametrize("etag", [True, False], ids=["strong-etag", "no-etag"])
def test_case_20_what_is_stored_is_told(bench: Bench, how: object, etag: bool) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("put-rewrite", how)
    if not etag:
        bench.server.faults.switch("put-no-etag")
    receipt = only(bench.put(bench.item(0)))
    assert receipt.target
    item = shelf.items[receipt.target.id]
    assert (receipt.stored, receipt.target.revision) == (item.body, item.etag)
    assert receipt.stored != body(Kind.EVENT, 0)


def test_case_20_a_rewritten_item_put_again_is_unchanged(bench: Bench) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("put-rewrite")
    created(bench)
    receipt = only(bench.put(bench.item(0)))
    assert receipt.result is Result.UNCHANGED
    assert receipt.stored == next(iter(shelf.items.values())).body


def test_case_20_stored_byte_for_byte_says_nothing_more(bench: Bench) -> None:
    bench.shelf()
    assert only(bench.put(bench.item(0))).stored is None


@pytest.mark.parametrize("how", ["location", "silent"])
def test_case_14_another_name_is_learned(bench: Bench, how: str) -> None:
    shelf = bench.shelf(3)
    bench.server.faults.switch("put-rename", how)
    receipt = only(bench.put(bench.item(50)))
    assert receipt.result is Result.CREATED
    assert receipt.target
    assert receipt.target.id.startswith("server-")
    assert receipt.target.revision == shelf.items[receipt.target.id].etag


@pytest.mark.parametrize("status", [409, 412])
@pytest.mark.parametrize("named", [True, False], ids=["href", "no-href"])
def test_case_15_the_same_uid_elsewhere_is_a_conflict_of_its_own(bench: Bench, status: int, named: bool) -> None:
    shelf = bench.shelf()
    old = shelf.put("there.ics", body(Kind.EVENT, 0, 3))
    bench.server.faults.switch("uid-conflict", (status, named))
    error = conflict(only(bench.put(bench.item(0))))
    assert error.same_uid
    assert (error.current, error.revision, error.stored) == ("there.ics", old.etag, old.body)


def test_case_16_an_item_a_server_fails_on_for_ever_is_set_aside(bench: Bench) -> None:
    bench.shelf()
    bench.server.faults.switch("put-status", {"uid-1\r\n": (500, "")})
    receipts = {one.key: one for one in bench.put(*[bench.item(number) for number in range(3)])}
    assert isinstance(receipts["key-1"].error, ItemRejected)
    assert {key for key, one in receipts.items() if one.result is Result.CREATED} == {"key-0", "key-2"}


def test_case_28_a_412_on_update_tells_what_stands_there(bench: Bench) -> None:
    shelf = bench.shelf()
    ref = created(bench)
    theirs = shelf.put(ref.id, body(Kind.EVENT, 0, 7))
    error = conflict(only(bench.put(bench.item(0, 1, ref))))
    assert (error.current, error.revision, error.stored) == (ref.id, theirs.etag, theirs.body)
    assert not error.same_uid


def test_case_28_an_update_of_what_is_gone_says_so(bench: Bench) -> None:
    shelf = bench.shelf()
    ref = created(bench)
    shelf.delete(ref.id)
    assert conflict(only(bench.put(bench.item(0, 1, ref)))).current is None
    assert not shelf.items


@pytest.mark.parametrize("status", [404, 410])
def test_an_update_answered_gone_is_a_conflict_without_a_current(bench: Bench, status: int) -> None:
    bench.shelf()
    ref = created(bench)
    bench.server.faults.switch("put-status", {"uid-0": (status, "")})
    assert conflict(only(bench.put(bench.item(0, 1, ref)))).current is None


def test_something_else_at_our_name_is_a_conflict(bench: Bench) -> None:
    shelf = bench.shelf()
    theirs = shelf.put(name_for("key-0", Kind.EVENT), body(Kind.EVENT, 99))
    error = conflict(only(bench.put(bench.item(0))))
    assert (error.current, error.stored) == (name_for("key-0", Kind.EVENT), theirs.body)


@pytest.mark.parametrize("answer", [500, 502, "reset"])
@pytest.mark.parametrize("update", [False, True], ids=["create", "update"])
def test_case_29_a_write_whose_answer_was_lost_is_found(bench: Bench, answer: object, update: bool) -> None:
    shelf = bench.shelf()
    put = bench.item(0, 1, created(bench)) if update else bench.item(0)
    before = bench.server.count("PUT")
    bench.server.faults.switch("put-stored", answer, times=1)
    receipt = only(bench.put(put))
    assert receipt.result is (Result.UPDATED if update else Result.CREATED)
    assert bench.server.count("PUT") - before == 1, "and not written twice"
    assert [item.body for item in shelf.items.values()] == [put.item.body]


@pytest.mark.parametrize("answer", [500, "reset"])
@pytest.mark.parametrize("update", [False, True], ids=["create", "update"])
def test_case_29_a_write_that_did_not_happen_is_made_once_more(bench: Bench, answer: object, update: bool) -> None:
    shelf = bench.shelf()
    put = bench.item(0, 1, created(bench)) if update else bench.item(0)
    bench.server.faults.switch("put-lost", answer, times=1)
    assert only(bench.put(put)).error is None
    assert [item.body for item in shelf.items.values()] == [put.item.body]


def test_case_29_a_lost_answer_and_somebody_elses_edit_is_a_conflict(bench: Bench) -> None:
    shelf = bench.shelf()
    ref = created(bench)
    shelf.put(ref.id, body(Kind.EVENT, 0, 9))
    bench.server.faults.switch("put-status", {"uid-0": (500, "")}, times=1)
    error = conflict(only(bench.put(bench.item(0, 1, ref))))
    assert error.stored == body(Kind.EVENT, 0, 9)


REFUSALS: dict[str, tuple[int, str, str]] = {
    "invalid": (403, "<C:valid-calendar-data/>", "invalid-data"),
    "invalid-as-412": (412, "<C:valid-calendar-data/>", "invalid-data"),
    "invalid-bare": (400, "", "invalid-data"),
    "unsupported-type": (415, "", "invalid-data"),
    "too-large": (403, "<C:max-resource-size/>", "too-large"),
    "too-large-bare": (413, "", "too-large"),
    "component": (403, "<C:supported-calendar-component/>", "component-refused"),
    "forbidden": (403, "", "forbidden"),
    "conflict-bare": (409, "", "refused"),
    "instances": (403, "<C:max-instances/>", "invalid-data"),
}


@pytest.mark.parametrize(("status", "element", "code"), REFUSALS.values(), ids=REFUSALS.keys())
def test_case_30_a_refused_item_stops_no_other(bench: Bench, status: int, element: str, code: str) -> None:
    bench.shelf()
    bench.server.faults.switch("put-status", {"uid-1\r\n": (status, element)})
    receipts = {one.key: one for one in bench.put(*[bench.item(number) for number in range(4)])}
    error = receipts.pop("key-1").error
    assert isinstance(error, ItemRejected)
    assert error.code == code
    assert {one.result for one in receipts.values()} == {Result.CREATED}


@pytest.mark.parametrize("element", ["", "<D:quota-not-exceeded/>", "<D:sufficient-disk-space/>"])
def test_case_27_one_507_is_one_item(bench: Bench, element: str) -> None:
    bench.shelf()
    bench.server.faults.switch("put-status", {"uid-1\r\n": (507, element)})
    receipts = {one.key: one for one in bench.put(*[bench.item(number) for number in range(4)])}
    assert isinstance(receipts["key-1"].error, DestinationFull)
    assert sum(one.result is Result.CREATED for one in receipts.values()) == 3


def test_case_27_a_full_place_ends_the_batch_and_keeps_what_was_written(bench: Bench) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("put-status", {f"uid-{number}\r\n": (507, "") for number in range(2, 9)})
    place, collection = bench.open()
    receipts: list[Receipt] = []
    with pytest.raises(DestinationFull):
        _into(receipts, place.put(collection, [bench.item(number) for number in range(9)]))
    assert sum(one.result is Result.CREATED for one in receipts) == 2 == len(shelf.items)
    assert sum(one.result is Result.FAILED for one in receipts) == FULL_IN_A_ROW


def _into(receipts: list[Receipt], source: Iterator[Receipt]) -> None:
    """Keep what came, whatever comes after it."""
    while (one := next(source, None)) is not None:
        receipts.append(one)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((403, "<D:need-privileges/>"), ReadOnly),
        ((401, ""), ReauthRequired),
        ((503, ""), Transient),
    ],
    ids=["read-only", "login", "unavailable"],
)
def test_case_32_what_stands_against_all_ends_the_batch(
    bench: Bench, answer: tuple[int, str], error: type[ConnectorError]
) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("put-status", {"uid-2\r\n": answer})
    place, collection = bench.open()
    receipts: list[Receipt] = []
    if error is Transient:
        _into(receipts, place.put(collection, [bench.item(number) for number in range(4)]))
        assert {one.key for one in receipts if one.error} == {"key-2"}
        return
    with pytest.raises(error):
        _into(receipts, place.put(collection, [bench.item(number) for number in range(4)]))
    assert [one.result for one in receipts] == [Result.CREATED] * 2
    assert len(shelf.items) == 2


def test_case_31_throttled_writes_are_waited_for_or_said(bench: Bench) -> None:
    bench.shelf()
    place, collection = bench.open()
    bench.server.faults.switch("status", (429, {"Retry-After": "0"}, b"", ["PUT"]), times=1)
    assert only(list(place.put(collection, [bench.item(0)]))).result is Result.CREATED
    bench.server.faults.switch("status", (429, {"Retry-After": "999"}, b"", ["PUT"]))
    with pytest.raises(Throttled):
        list(place.put(collection, [bench.item(1)]))


def test_case_33_writing_into_a_missing_collection_is_said(bench: Bench) -> None:
    shelf = bench.shelf()
    place, collection = bench.open()
    del bench.server.store.shelves[shelf.path]
    with pytest.raises(CollectionGone):
        list(place.put(collection, [bench.item(0)]))


def test_case_20_weak_etags_are_compared_by_hand(bench: Bench) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("weak-etags")
    ref = created(bench)
    assert ref.revision
    assert ref.revision.startswith("W/")
    assert only(bench.put(bench.item(0, 1, ref))).result is Result.UPDATED
    shelf.put(ref.id, body(Kind.EVENT, 0, 5))
    assert conflict(only(bench.put(bench.item(0, 2, ref)))).stored == body(Kind.EVENT, 0, 5)


def test_an_update_of_an_unknown_revision_needs_the_item(bench: Bench) -> None:
    shelf = bench.shelf(1)
    assert only(bench.put(bench.item(0, 1, ItemRef("000.ics")))).result is Result.UPDATED
    shelf.delete("000.ics")
    assert conflict(only(bench.put(bench.item(0, 2, ItemRef("000.ics"))))).current is None


def test_a_stop_ends_a_batch_and_keeps_what_was_written(bench: Bench) -> None:
    shelf = bench.shelf()
    _, collection = bench.open()
    stopping = bench.connect(stop=lambda: len(shelf.items) >= 2)
    receipts: list[Receipt] = []
    with pytest.raises(Transient):
        _into(receipts, stopping.put(collection, [bench.item(number) for number in range(5)]))
    assert len(shelf.items) == 2


def remove(bench: Bench, *refs: ItemRef) -> list[Receipt]:
    place, collection = bench.open()
    return list(place.remove(collection, refs))


def test_removal_is_conditional_and_gone_is_gone(bench: Bench) -> None:
    shelf = bench.shelf(2)
    ref = ItemRef("000.ics", shelf.items["000.ics"].etag)
    assert only(remove(bench, ref)).result is Result.REMOVED
    assert only(remove(bench, ref)).result is Result.REMOVED
    error = conflict(only(remove(bench, ItemRef("001.ics", '"other"'))))
    assert (error.current, error.stored) == ("001.ics", body(Kind.EVENT, 1))
    assert list(shelf.items) == ["001.ics"]


@pytest.mark.parametrize("fault", ["put-stored", "put-lost"])
def test_case_29_a_removal_whose_answer_was_lost_is_settled(bench: Bench, fault: str) -> None:
    shelf = bench.shelf(1)
    bench.server.faults.switch(fault, "reset", times=1)
    assert only(remove(bench, ItemRef("000.ics", shelf.items["000.ics"].etag))).result is Result.REMOVED
    assert not shelf.items


def test_case_32_removal_where_nothing_may_be_written_is_said(bench: Bench) -> None:
    shelf = bench.shelf(1)
    place, collection = bench.open()
    bench.server.faults.switch("read-only")
    with pytest.raises(ReadOnly):
        list(place.remove(collection, [ItemRef("000.ics", shelf.items["000.ics"].etag)]))
    assert not bench.connect().check().writable or bench.open()[1].writable is False


def test_case_18_an_item_without_uid_is_written_and_found(bench: Bench) -> None:
    bench.shelf()
    plain = bench.item(0)
    content = plain.item.body.replace(b"UID:uid-0\r\n", b"")
    receipt = only(bench.put(replace(plain, item=Item(ItemRef("x"), "text/calendar", content))))
    assert receipt.result is Result.CREATED
    assert receipt.stored is None


def test_the_same_put_twice_in_a_batch_is_one_item(bench: Bench) -> None:
    shelf = bench.shelf()
    put: Put = bench.item(0)
    results = sorted(one.result for one in bench.put(put, put))
    assert results == [Result.CREATED, Result.UNCHANGED]
    assert len(shelf.items) == 1
