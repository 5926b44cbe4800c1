"""Bodies of many items from servers that answer some, or none, or not so many at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Failed, Item, ItemRef, Kind
from connectors.dav.bodies import from_text, same_revision, with_crlf
from connectors.errors import (
    CollectionGone,
    ItemRejected,
    NotTheService,
    ReauthRequired,
    Throttled,
    Transient,
    Vanished,
)
from tests.connectors.dav.behind import Bench


def names(count: int) -> list[str]:
    return [f"{number:03}.ics" for number in range(count)]


def split(answers: list[Item | Failed]) -> tuple[dict[str, bytes], dict[str, Exception]]:
    found = {one.ref.id: one.body for one in answers if isinstance(one, Item)}
    failed: dict[str, Exception] = {one.ref.id: one.error for one in answers if isinstance(one, Failed)}
    assert len(found) + len(failed) == len(answers), "each ref is answered once"
    return found, failed


def test_two_hundred_and_fifty_items_are_three_requests(bench: Bench) -> None:
    shelf = bench.shelf(250)
    place, collection = bench.open()
    before = bench.server.count()
    found, failed = split(list(place.fetch(collection, [ItemRef(name) for name in names(250)])))
    assert found == {name: item.body for name, item in shelf.items.items()}
    assert not failed
    assert bench.server.count() - before == 3


def test_multiget_asks_by_absolute_path(bench: Bench) -> None:
    bench.shelf(1)
    bench.server.faults.switch("spelling", "absolute")
    bench.changed()
    bench.fetch(["000.ics"])
    assert b"<D:href>/dav/calendars/work/000.ics</D:href>" in bench.server.requests[-1].body


def test_an_item_knows_its_type_name_and_revision(bench: Bench) -> None:
    shelf = bench.shelf(1)
    (item,) = bench.fetch(["000.ics"])
    assert isinstance(item, Item)
    assert (item.media_type, item.name, item.ref.revision) == ("text/calendar", "000", shelf.items["000.ics"].etag)


@pytest.mark.parametrize("fault", ["multiget-left-out", "multiget-gone", "both"])
def test_case_34_what_is_left_out_is_asked_for_again(bench: Bench, fault: str) -> None:
    shelf = bench.shelf(30)
    if fault != "multiget-gone":
        bench.server.faults.switch("multiget-left-out", ["003.ics", "007.ics"])
    if fault != "multiget-left-out":
        bench.server.faults.switch("multiget-gone", ["005.ics"])
    found, failed = split(bench.fetch(names(30)))
    gone = {"005.ics"} if fault != "multiget-left-out" else set()
    assert found == {name: item.body for name, item in shelf.items.items() if name not in gone}
    assert {name: type(error) for name, error in failed.items()} == dict.fromkeys(gone, Vanished)


def test_case_34_a_multiget_that_stops_half_way_is_gone_on_with(bench: Bench) -> None:
    bench.shelf(40)
    bench.server.faults.switch("multiget-507", 10)
    found, failed = split(bench.fetch(names(40)))
    assert len(found) == 40
    assert not failed


@pytest.mark.parametrize("status", [507, 413, 500, 403, 400])
@pytest.mark.parametrize("most", [0, 1, 3, 40])
def test_case_34_batches_shrink_to_what_the_server_takes(bench: Bench, status: int, most: int) -> None:
    bench.shelf(60)
    bench.server.faults.switch("multiget-most", (most, status))
    found, failed = split(bench.fetch(names(60)))
    assert len(found) == 60
    assert not failed


def test_case_34_the_size_found_is_kept_and_grows_back(bench: Bench) -> None:
    bench.shelf(100)
    place, collection = bench.open()
    refs = [ItemRef(name) for name in names(100)]
    bench.server.faults.switch("multiget-most", (30, 507))
    list(place.fetch(collection, refs))
    before = bench.server.count()
    list(place.fetch(collection, refs))
    assert bench.server.count() - before <= 6
    bench.server.faults.mend()
    for _ in range(4):
        list(place.fetch(collection, refs))
    before = bench.server.count()
    list(place.fetch(collection, refs))
    assert bench.server.count() - before == 1


def test_case_34_one_item_nobody_can_read_stops_no_other(bench: Bench) -> None:
    bench.shelf(12)
    bench.server.faults.switch("multiget-left-out", ["004.ics", "005.ics", "006.ics"])
    bench.server.faults.switch("get", {"004.ics": 500, "005.ics": 403, "006.ics": 404})
    found, failed = split(bench.fetch(names(12)))
    assert len(found) == 9
    kinds = {name: type(error) for name, error in failed.items()}
    assert kinds == {"004.ics": ItemRejected, "005.ics": ItemRejected, "006.ics": Vanished}


def test_case_21_a_control_character_costs_only_smaller_requests(bench: Bench) -> None:
    shelf = bench.shelf(20)
    bench.server.faults.switch("control", "009.ics")
    found, failed = split(bench.fetch(names(20)))
    assert found == {name: item.body for name, item in shelf.items.items()}
    assert not failed


def test_case_39_a_huge_body_is_refused_alone(bench: Bench) -> None:
    bench.shelf(1)
    bench.server.faults.switch("huge", 20 * 1024 * 1024)
    _, failed = split(bench.fetch(["000.ics"]))
    assert isinstance(failed["000.ics"], ItemRejected)


def test_a_server_that_answers_nothing_is_a_passing_fault(bench: Bench) -> None:
    bench.shelf(4)
    place, collection = bench.open()
    bench.server.faults.switch("status", (500, {}, b""))
    with pytest.raises(Transient):
        list(place.fetch(collection, [ItemRef(name) for name in names(4)]))


@pytest.mark.parametrize(
    ("status", "error"), [(401, ReauthRequired), (404, CollectionGone), (410, CollectionGone)], ids=str
)
def test_what_stands_against_all_is_raised(bench: Bench, status: int, error: type[Exception]) -> None:
    bench.shelf(2)
    place, collection = bench.open()
    bench.server.faults.switch("status", (status, {}, b""))
    with pytest.raises(error):
        list(place.fetch(collection, [ItemRef("000.ics")]))


def test_case_31_throttling_is_not_answered_with_more_requests(bench: Bench) -> None:
    bench.shelf(2)
    place, collection = bench.open()
    bench.server.faults.switch("status", (429, {"Retry-After": "3600"}, b""))
    before = bench.server.count()
    with pytest.raises(Throttled):
        list(place.fetch(collection, [ItemRef("000.ics")]))
    assert bench.server.count() - before == 1


@pytest.mark.parametrize("portal", ["html", "xhtml", "xhtml-207", "foreign"])
def test_case_09_a_login_page_is_no_item(bench: Bench, portal: str) -> None:
    bench.shelf(2)
    place, collection = bench.open()
    bench.server.faults.switch("portal", portal)
    with pytest.raises(NotTheService):
        list(place.fetch(collection, [ItemRef("000.ics")]))


def test_a_stop_ends_a_fetch(bench: Bench) -> None:
    bench.shelf(1)
    _, collection = bench.open()
    stopping = bench.connect(stop=lambda: True)
    with pytest.raises(Transient):
        list(stopping.fetch(collection, [ItemRef("000.ics")]))


def test_contacts_are_fetched_alike(bench: Bench) -> None:
    bench.kind = Kind.CONTACT
    shelf = bench.shelf(2)
    found, _ = split(bench.fetch(["000.vcf", "001.vcf"]))
    assert found == {name: item.body for name, item in shelf.items.items()}
    assert b"address-data" in bench.server.requests[-1].body


@given(st.binary(max_size=60))
def test_line_ends_are_made_one_and_stay_so(raw: bytes) -> None:
    once = with_crlf(raw)
    assert with_crlf(once) == once
    assert once.replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n")


def test_blank_space_around_a_body_belongs_to_the_xml() -> None:
    assert from_text("\n  BEGIN:VCARD\nEND:VCARD\n") == b"BEGIN:VCARD\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('"a"', '"a"', True),
        ('W/"a"', '"a"', True),
        ('"a-gzip"', '"a"', True),
        ('"a"', '"b"', False),
        (None, None, False),
        ("a", '"a"', True),
    ],
)
def test_revisions_that_name_the_same_state(one: str | None, other: str | None, same: bool) -> None:
    assert same_revision(one, other) is same
