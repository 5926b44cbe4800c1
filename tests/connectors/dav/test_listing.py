"""What changed and what is there, told by servers in good and in bad shape. Numbers are the project's edge cases."""

from __future__ import annotations

import pytest

from connectors.base import Kind
from connectors.dav.cursor import Mark, is_fresh, is_reset
from connectors.dav.listing import FULL_EVERY, PAGE
from connectors.errors import (
    CursorExpired,
    Transient,
)
from tests.connectors.dav.behind import Bench, Listed, body

DAY = 24 * 3600


def names(count: int) -> set[str]:
    return {f"{number:03}.ics" for number in range(count)}


def test_the_first_listing_brings_the_bodies_along(bench: Bench) -> None:
    shelf = bench.shelf(3)
    listed = bench.changed()
    assert listed.bodies == {name: item.body for name, item in shelf.items.items()}
    assert listed.complete
    assert bench.learned["dav.inline.event"] == "yes"


def test_a_run_without_changes_asks_for_each_home_once(bench: Bench) -> None:
    bench.shelf(3)
    cursor = bench.changed().cursor
    before = bench.server.count()
    again = bench.changed(cursor)
    assert not again.changes
    assert [one.method for one in bench.server.requests[before:]] == ["PROPFIND"] * 2


def test_changes_are_one_report(bench: Bench) -> None:
    shelf = bench.shelf(3)
    cursor = bench.changed().cursor
    shelf.put("000.ics", body(Kind.EVENT, 0, 1))
    shelf.put("new.ics", body(Kind.EVENT, 9))
    shelf.delete("001.ics")
    after = bench.changed(cursor)
    assert set(after.present) == {"000.ics", "new.ics"}
    assert after.gone == {"001.ics"}
    assert bench.server.count("REPORT") == 2
    assert not bench.changed(after.cursor).changes


def test_an_interrupted_first_listing_goes_on_with_etags_only(bench: Bench) -> None:
    bench.shelf(PAGE + 1)
    place, collection = bench.open()
    first = next(iter(place.changes(collection, None)))
    assert first.changes[0].item is not None
    resumed = bench.changed(first.cursor)
    assert not resumed.bodies
    assert set(resumed.present) == names(PAGE + 1)
    assert resumed.complete


def test_a_server_without_bodies_in_listings_is_asked_for_them_once(bench: Bench) -> None:
    bench.shelf(2)
    bench.server.faults.switch("no-inline")
    assert bench.changed().present.keys() == names(2)
    assert bench.learned["dav.inline.event"] == "no"
    bench.changed()
    assert b"calendar-data" not in bench.server.requests[-1].body


@pytest.mark.parametrize("status", [403, 412, 410, 400, 409, 415])
@pytest.mark.parametrize("said", [True, False], ids=["element", "bare"])
def test_case_01_a_token_refused_expires_the_cursor(bench: Bench, status: int, said: bool) -> None:
    shelf = bench.shelf(2)
    cursor = bench.changed().cursor
    shelf.put("000.ics", body(Kind.EVENT, 0, 1))
    refusal = (status, "<D:valid-sync-token/>" if said else "")
    bench.server.faults.switch("token-invalid", refusal)
    place, collection = bench.open()
    with pytest.raises(CursorExpired):
        list(place.changes(collection, cursor))
    anew = Listed(list(place.changes(collection, None)))
    assert anew.complete
    assert anew.present.keys() == names(2)
    assert not anew.bodies, "after a refused token only etags are listed: the bodies are known"


@pytest.mark.parametrize("status", [403, 400, 501, 500])
def test_case_01_a_refused_empty_token_leads_to_a_plain_listing(bench: Bench, status: int) -> None:
    bench.shelf(2)
    bench.server.faults.switch("empty-token", status)
    listed = bench.changed()
    assert listed.complete
    assert listed.present.keys() == names(2)


def test_case_02_a_token_that_falls_to_zero_is_not_gone_on_from(bench: Bench) -> None:
    shelf = bench.shelf(2)
    cursor = bench.changed().cursor
    bench.server.faults.switch("token-zero")
    quiet = bench.changed(cursor)
    assert not quiet.changes
    assert quiet.cursor
    assert quiet.cursor["token"] == cursor["token"] if cursor else False
    shelf.put("000.ics", body(Kind.EVENT, 0, 1))
    assert bench.changed(quiet.cursor).present.keys() == {"000.ics"}


def test_case_02_an_edit_within_the_second_of_a_token_is_seen(bench: Bench) -> None:
    shelf = bench.shelf(2)
    bench.server.clock = lambda: bench.now
    bench.server.faults.switch("token-time")
    cursor = bench.changed().cursor
    shelf.put("000.ics", body(Kind.EVENT, 0, 1))
    etag = shelf.items["000.ics"].etag
    assert cursor
    assert bench.server.token(shelf) == cursor["token"], "the edit left no trace in the token"
    bench.now += 60
    after = bench.changed(cursor)
    assert after.present["000.ics"] == etag
    assert not bench.changed(after.cursor).changes, "and then all is quiet"


@pytest.mark.parametrize("kept", [0, 1, 120])
def test_case_03_a_listing_cut_by_507_proves_no_absence(bench: Bench, kept: int) -> None:
    bench.shelf(150)
    bench.server.faults.switch("no-sync")
    bench.server.faults.switch("listing-507", kept)
    listed = bench.changed()
    assert len(listed.present) == kept
    assert not listed.complete
    place, collection = bench.open()
    with pytest.raises(Transient):
        list(place.inventory(collection))


@pytest.mark.parametrize("most", [1, 2, 7])
def test_case_03_a_sync_cut_by_507_goes_on_from_its_token(bench: Bench, most: int) -> None:
    shelf = bench.shelf(7)
    bench.server.faults.switch("sync-507", most)
    first = bench.changed()
    assert first.present.keys() == names(7)
    assert first.complete
    for number in range(5):
        shelf.put(f"{number:03}.ics", body(Kind.EVENT, number, 1))
    shelf.delete("006.ics")
    after = bench.changed(first.cursor)
    assert after.present.keys() == names(5)
    assert after.gone == {"006.ics"}
    assert not bench.changed(after.cursor).changes


def test_case_03_a_server_that_never_moves_on_is_left(bench: Bench) -> None:
    shelf = bench.shelf(2)
    cursor = bench.changed().cursor
    bench.server.faults.switch("sync-stuck")
    assert not bench.changed().complete
    shelf.delete("000.ics")
    with pytest.raises(Transient):
        bench.changed(cursor)


def test_case_04_no_request_ever_sets_a_limit(bench: Bench) -> None:
    shelf = bench.shelf(3)
    cursor = bench.changed().cursor
    shelf.delete("000.ics")
    bench.changed(cursor)
    assert not [one for one in bench.server.requests if b"limit" in one.body]


def test_case_05_deletions_never_told_are_found_by_a_full_listing(bench: Bench) -> None:
    shelf = bench.shelf(3)
    bench.server.faults.switch("sync-no-deletions")
    cursor = bench.changed().cursor
    shelf.delete("001.ics")
    after = bench.changed(cursor)
    assert not after.gone
    bench.now += FULL_EVERY
    full = bench.changed(after.cursor)
    assert full.complete
    assert full.present.keys() == {"000.ics", "002.ics"}
    assert not bench.changed(full.cursor).pages[-1].listing, "and then not again for a while"


def test_case_05_the_days_between_full_listings_can_be_chosen(bench: Bench) -> None:
    bench.shelf(1)
    bench.options["full-listing-days"] = "1"
    cursor = bench.changed().cursor
    bench.now += DAY
    assert bench.changed(cursor).complete


def test_case_06_a_change_while_listing_is_seen_next_time(bench: Bench) -> None:
    shelf = bench.shelf(2)
    bench.server.faults.switch("no-sync")
    place, collection = bench.open()
    shelf.put("meanwhile.ics", body(Kind.EVENT, 5))
    listed = Listed(list(place.changes(collection, None)))
    assert "meanwhile.ics" in listed.present
    assert listed.cursor
    assert listed.cursor["word"] == "ctag-2", "the ctag from before the listing, not from after it"


def test_case_07_without_tokens_the_ctag_tells(bench: Bench) -> None:
    shelf = bench.shelf(2)
    bench.server.faults.switch("no-sync")
    cursor = bench.changed().cursor
    before = bench.server.count()
    assert not bench.changed(cursor).changes
    assert bench.server.count() - before == 2
    shelf.delete("000.ics")
    after = bench.changed(cursor)
    assert after.complete
    assert after.present.keys() == {"001.ics"}


def test_case_07_without_ctag_everything_is_listed_each_time(bench: Bench) -> None:
    bench.shelf(2)
    bench.server.faults.switch("no-sync")
    bench.server.faults.switch("no-ctag")
    again = bench.changed(bench.changed().cursor)
    assert again.complete
    assert again.present.keys() == names(2)


def test_ctags_are_asked_for_only_where_tokens_are_missing(bench: Bench) -> None:
    bench.shelf(1)
    bench.changed()
    bench.changed()
    assert [b"getctag" in one.body for one in bench.server.requests if b"sync-token/>" in one.body][-2:] == [False] * 2


def test_case_08_members_without_etag_are_present(bench: Bench) -> None:
    bench.shelf(40)
    bench.server.faults.switch("no-sync")
    bench.server.faults.switch("listing-no-etag", 30)
    listed = bench.changed()
    assert listed.present.keys() == names(40)
    assert sum(revision is None for revision in listed.present.values()) == 30


def test_pages_are_bounded_and_their_cursors_say_where_they_lead(bench: Bench) -> None:
    bench.shelf(2 * PAGE + 1)
    pages = bench.changed().pages
    assert [len(page.changes) for page in pages] == [PAGE, PAGE, 1]
    assert [page.cursor and page.cursor.get("begun") for page in pages] == [True, True, None]


def test_a_state_from_an_earlier_run_hides_nothing(bench: Bench) -> None:
    shelf = bench.shelf(1)
    place, collection = bench.open()
    cursor = Listed(list(place.changes(collection, None))).cursor
    shelf.put("new.ics", body(Kind.EVENT, 2))
    assert "new.ics" in Listed(list(place.changes(collection, cursor))).present
    assert "new.ics" in Listed(list(bench.connect().changes(collection, cursor))).present


def test_a_cursor_of_another_version_expires(bench: Bench) -> None:
    bench.shelf(1)
    with pytest.raises(CursorExpired):
        bench.changed({"v": 2, "token": "x"})


def test_marks_come_back_from_their_cursors() -> None:
    mark = Mark("token", "word", 12, begun=True, fresh=True)
    assert Mark.read(mark.cursor()) == mark
    assert Mark.read(Mark().cursor()) == Mark()
    assert "token" not in Mark("x" * 5000).cursor()


@pytest.mark.parametrize(
    ("word", "fresh"),
    [
        ("t/1800000000", True),
        ("1800000001-x", True),
        ("1800000000123", True),
        ("t/1700000000", False),
        ("a1800000000", False),
    ],
)
def test_case_02_fresh_tokens_are_recognised(word: str, fresh: bool) -> None:
    assert is_fresh((word,), 1_800_000_000.5) is fresh


def test_case_02_reset_tokens_are_recognised() -> None:
    assert is_reset("0", "5")
    assert is_reset("http://x/0", "http://x/7")
    assert not is_reset("http://x/10", "http://x/7")
    assert not is_reset("0", "0")
