"""A listing that was not complete is no place to go on from (cases 03, 08, 27).

Otherwise the items it left out would never be met: the collection's word says "nothing
new", and a copy with holes would be called done.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Kind
from tests.connectors.dav.behind import Bench, body

COUNT = 30
WORDS: dict[str, dict[str, Any]] = {
    "token and ctag": {},
    "token only": {"no-ctag": True},
    "ctag only": {"no-sync": True},
    "nothing": {"no-sync": True, "no-ctag": True},
    "token not given": {"sync-no-token": True},
    "hidden sync": {"sync-hidden": True},
}
CUTS: dict[str, dict[str, Any]] = {
    "507 after ten": {"listing-507": 10},
    "507 at once": {"listing-507": 0},
    "507 at the end": {"listing-507": COUNT - 1},
    "names elsewhere": {"listing-foreign": 2},
    "a member 507": {"listing-member": {"007.ics": 507}},
}


def prepared(bench: Bench, word: dict[str, Any], cut: dict[str, Any], *, propfind: bool = True) -> None:
    """Set a server up that cuts its listing; by PROPFIND, which is where most of them do."""
    bench.shelf(COUNT)
    for name, value in (word | cut).items():
        bench.server.faults.switch(name, value)
    if propfind:
        bench.server.faults.switch("empty-token", 403)


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
def test_case_03_the_next_run_lists_again_what_the_first_one_was_not_told(
    bench: Bench, word: dict[str, Any], cut: dict[str, Any]
) -> None:
    prepared(bench, word, cut)
    first = bench.changed()
    assert not first.complete
    bench.server.faults.mend(*cut)
    again = bench.changed(first.cursor)
    assert again.present.keys() == {f"{number:03}.ics" for number in range(COUNT)}
    assert again.complete


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
def test_case_03_as_long_as_it_is_cut_it_is_said_each_time(
    bench: Bench, word: dict[str, Any], cut: dict[str, Any]
) -> None:
    prepared(bench, word, cut)
    cursor = None
    for _ in range(3):
        listed = bench.changed(cursor)
        assert not listed.complete
        cursor = listed.cursor


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
def test_case_03_once_it_was_whole_a_cut_one_does_not_end_the_search(
    bench: Bench, word: dict[str, Any], cut: dict[str, Any]
) -> None:
    """Listed well, then something is deleted while the listing is cut: the deletion is still found afterwards."""
    prepared(bench, word, {})
    cursor = bench.changed().cursor
    shelf = next(iter(bench.server.store.shelves.values()))
    shelf.delete("004.ics")
    shelf.put("new.ics", body(Kind.EVENT, 99))
    for name, value in cut.items():
        bench.server.faults.switch(name, value)
    during = bench.changed(cursor)
    bench.server.faults.mend(*cut)
    after = bench.changed(during.cursor or cursor)
    known = during.present.keys() | after.present.keys()
    assert "new.ics" in known
    gone = "004.ics" in during.gone | after.gone
    absent = after.complete and "004.ics" not in after.present
    assert gone or absent


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
def test_a_whole_listing_is_still_a_place_to_go_on_from(bench: Bench, word: dict[str, Any]) -> None:
    prepared(bench, word, {})
    cursor = bench.changed().cursor
    before = bench.server.count()
    listed = bench.changed(cursor)
    assert cursor is not None
    if word != WORDS["nothing"]:
        assert listed.changes == []
        assert bench.server.count() - before <= 3
    else:
        assert listed.complete


@pytest.mark.parametrize("at_once", [1, 7, 29])
def test_case_03_a_sync_that_stops_moving_is_begun_anew(bench: Bench, at_once: int) -> None:
    """507 and the same token again: what came counts, the rest is asked for by the next run."""
    bench.shelf(COUNT)
    bench.server.faults.switch("sync-507", at_once)
    bench.server.faults.switch("sync-no-token")
    first = bench.changed()
    assert not first.complete
    assert len(first.present) == at_once
    bench.server.faults.mend()
    assert len(bench.changed(first.cursor).present) == COUNT
