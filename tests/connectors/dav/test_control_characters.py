"""A body XML cannot carry (case 21) spoils the answer it stands in, and must spoil nothing else.

Servers write such characters as they are (Radicale does), so that an answer about many
items is no XML any more.
"""

from __future__ import annotations

import pytest

from connectors.base import Item, ItemRef, Kind, Result
from connectors.errors import ItemRejected, TooMuchAtOnce
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import ENDINGS, Bench, Listed, body

COUNT = 230
ODD = {
    "vertical tab": "\x0b",
    "nul": "\x00",
    "escape": "\x1b",
    "no character": "\ufffe",
    "no character either": "\uffff",
    "number of one": "&#1;",
    "number of none": "&#0;",
    "unknown entity": "&nbsp;",
    "unclosed": "<b>",
    "bare ampersand": "a & b",
}
PLACES = {
    "first": {0},
    "middle": {120},
    "last": {229},
    "some": {0, 55, 56, 120, 229},
    "every tenth": set(range(0, 230, 10)),
}


@pytest.fixture(params=[Kind.EVENT, Kind.CONTACT], ids=["events", "contacts"])
def either(faulty: FaultyDav, request: pytest.FixtureRequest) -> Bench:
    """Return a bench for each kind."""
    return Bench(faulty, kind=request.param)


def spoil(bench: Bench, numbers: set[int], odd: str = "\x0b") -> set[str]:
    """Put an odd character into the answers about these items; return their ids."""
    names = {f"{number:03}{ENDINGS[bench.kind]}" for number in numbers}
    bench.server.faults.switch("control", names)
    bench.server.faults.switch("control-as", odd)
    return names


def last_listing(listed: Listed) -> dict[str, int]:
    """Return how often each id was said to be present."""
    found: dict[str, int] = {}
    for change in listed.changes:
        found[change.ref.id] = found.get(change.ref.id, 0) + 1
    return found


@pytest.mark.parametrize("where", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("sync", ["sync", "propfind"])
def test_case_21_everything_is_listed_whatever_stands_in_one_body(either: Bench, where: set[int], sync: str) -> None:
    either.shelf(COUNT)
    spoil(either, where)
    if sync == "propfind":
        either.server.faults.switch("no-sync")
    listed = either.changed()
    assert len(listed.present) == COUNT
    assert listed.complete
    assert listed.pages[-1].last
    assert [page.last for page in listed.pages].count(True) == 1
    assert listed.cursor is not None
    assert max(last_listing(listed).values()) <= 2


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_case_21_every_such_character_is_survived(bench: Bench, odd: str) -> None:
    bench.shelf(40)
    spoil(bench, {7}, odd)
    place, collection = bench.open()
    listed = Listed(list(place.changes(collection, None)))
    assert len(listed.present) == 40
    found = list(place.fetch(collection, [ItemRef(id_) for id_ in listed.present]))
    assert sum(isinstance(one, Item) for one in found) == 40
    assert {one.body for one in found if isinstance(one, Item)} == {body(Kind.EVENT, n) for n in range(40)}


@pytest.mark.parametrize("where", PLACES.values(), ids=PLACES.keys())
def test_case_21_every_body_is_had_in_the_end(either: Bench, where: set[int]) -> None:
    either.shelf(COUNT)
    spoil(either, where)
    names = [f"{number:03}{ENDINGS[either.kind]}" for number in range(COUNT)]
    found = either.fetch(names)
    assert {one.ref.id: one.body for one in found if isinstance(one, Item)} == {
        name: body(either.kind, number) for number, name in enumerate(names)
    }


def test_case_21_a_listing_that_began_well_goes_on_without_bodies(bench: Bench) -> None:
    """The pages before the odd body were given away; the rest follows, and the whole is one listing."""
    shelf = bench.shelf(COUNT)
    for number in range(COUNT):
        shelf.put(
            f"{number:03}.ics", body(Kind.EVENT, number).replace(b"SUMMARY", b"X-PAD:" + b"x" * 9000 + b"\r\nSUMMARY")
        )
    spoil(bench, {COUNT - 1})
    listed = bench.changed()
    assert len(listed.pages) > 2
    assert len(listed.bodies) > 0
    assert len(listed.present) == COUNT
    assert listed.complete
    assert all(page.listing for page in listed.pages)


def test_case_21_one_odd_body_is_no_verdict_on_the_server(bench: Bench) -> None:
    bench.shelf(30)
    spoil(bench, {3})
    bench.changed()
    bench.server.faults.mend()
    assert len(bench.changed().bodies) == 30, "bodies come along again"


def test_case_21_what_changed_since_is_listed_without_bodies_anyway(bench: Bench) -> None:
    shelf = bench.shelf(30)
    cursor = bench.changed().cursor
    spoil(bench, {3, 4})
    shelf.put("003.ics", body(Kind.EVENT, 3, 1))
    shelf.put("004.ics", body(Kind.EVENT, 4, 1))
    assert bench.changed(cursor).present.keys() == {"003.ics", "004.ics"}


def test_case_21_an_item_whose_plain_answer_fails_too_is_the_only_one_missing(bench: Bench) -> None:
    bench.shelf(60)
    names = spoil(bench, {17})
    bench.server.faults.switch("get", dict.fromkeys(names, 500))
    place, collection = bench.open()
    listed = Listed(list(place.changes(collection, None)))
    found = list(place.fetch(collection, [ItemRef(id_) for id_ in listed.present]))
    (failed,) = [one for one in found if not isinstance(one, Item)]
    assert failed.ref.id == "017.ics"
    assert isinstance(failed.error, ItemRejected)


def test_case_21_an_item_written_there_is_believed_though_the_answer_is_no_xml(bench: Bench) -> None:
    shelf = bench.shelf()
    place, collection = bench.open()
    (first,) = place.put(collection, [bench.item(1)])
    assert first.target is not None
    bench.server.faults.switch("control", {first.target.id})
    receipts = list(place.put(collection, [bench.item(1, 1, first.target), bench.item(2), bench.item(3)]))
    assert [one.result for one in sorted(receipts, key=lambda one: one.key)] == [
        Result.UPDATED,
        Result.CREATED,
        Result.CREATED,
    ]
    assert len(shelf.items) == 3


def test_case_39_a_listing_that_is_no_xml_without_any_body_is_passing(bench: Bench) -> None:
    """Nothing can be left out any more: it is said, nothing is believed absent."""
    bench.shelf(5)
    place, collection = bench.open()
    bad = b'<?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>/a\x0b</href></response></multistatus>'
    bench.server.faults.switch("status", (207, {"Content-Type": "application/xml"}, bad, ["PROPFIND", "REPORT"]))
    with pytest.raises(TooMuchAtOnce):
        list(place.changes(collection, None))
    with pytest.raises(TooMuchAtOnce):
        list(place.inventory(collection))
