"""What changed and what is there, told by servers in good and in bad shape. Numbers are the project's edge cases."""

from __future__ import annotations

import pytest

from connectors.base import Kind
from connectors.dav.cursor import Mark, is_fresh, is_reset
from connectors.dav.listing import FULL_EVERY, PAGE
from connectors.errors import (
    CollectionGone,
    ConnectorError,
    CursorExpired,
    ItemRejected,
    NotTheService,
    Throttled,
    Transient,
)
from simulators.dav_answers import PORTALS
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


@pytest.mark.parametrize("portal", sorted(PORTALS))
@pytest.mark.parametrize("when", ["first", "later", "no-sync"])
def test_case_09_what_is_no_dav_answer_never_becomes_a_listing(bench: Bench, portal: str, when: str) -> None:
    shelf = bench.shelf(3)
    if when == "no-sync":
        bench.server.faults.switch("no-sync")
    cursor = None if when == "first" else bench.changed().cursor
    shelf.put("000.ics", body(Kind.EVENT, 0, 1))
    place, collection = bench.open()
    bench.server.faults.switch("portal", portal)
    with pytest.raises(Transient):
        list(place.changes(collection, cursor))
    with pytest.raises(Transient):
        list(bench.connect().collections())


def test_case_09_a_redirect_to_another_host_is_not_followed_with_credentials(bench: Bench) -> None:
    bench.shelf(3)
    place, collection = bench.open()
    with type(bench.server)() as elsewhere:
        bench.server.faults.switch("redirect", f"{elsewhere.url}login")
        with pytest.raises(ConnectorError):
            list(place.changes(collection, None))
        assert not [one for one in elsewhere.requests if "Authorization" in one.headers]


def test_case_10_queries_are_never_used_to_list(bench: Bench) -> None:
    bench.shelf(2)
    bench.server.faults.switch("no-sync")
    bench.changed()
    assert not [one for one in bench.server.requests if b"-query" in one.body]


@pytest.mark.parametrize("spelling", ["absolute", "http", "lower", "raw", "relative"])
@pytest.mark.parametrize("sync", [True, False], ids=["sync", "propfind"])
def test_case_13_one_key_whatever_the_spelling(bench: Bench, spelling: str, sync: bool) -> None:
    shelf = bench.shelf()
    for name in ("a@b.ics", "sp ace+plus&amp.ics", "é%.ics", "x:y;z.ics"):
        shelf.put(name, body(Kind.EVENT, 1))
    if not sync:
        bench.server.faults.switch("no-sync")
    plain = bench.changed().present
    assert plain.keys() == {"a@b.ics", "sp ace+plus&amp.ics", "%C3%A9%25.ics", "x:y;z.ics"}
    bench.server.faults.switch("spelling", spelling)
    assert bench.changed().present == plain
    assert len([one for one in bench.fetch(list(plain)) if hasattr(one, "body")]) == 4


def test_case_13_hrefs_on_another_origin_are_refused(bench: Bench) -> None:
    bench.shelf(3)
    place, collection = bench.open()
    bench.server.faults.switch("spelling", "off-origin")
    with pytest.raises(NotTheService):
        list(place.changes(collection, None))


def test_hrefs_elsewhere_are_ignored_and_cast_doubt(bench: Bench) -> None:
    bench.shelf(3)
    bench.server.faults.switch("no-sync")
    bench.server.faults.switch("listing-foreign", 2)
    listed = bench.changed()
    assert listed.present.keys() == names(3)
    assert not listed.complete


def test_what_is_no_item_is_ignored(bench: Bench) -> None:
    bench.shelf(2)
    bench.server.faults.switch("no-sync")
    bench.server.faults.switch("listing-extra")
    listed = bench.changed()
    assert listed.present.keys() == names(2)
    assert listed.complete


def test_a_member_the_server_fails_on_is_a_problem_and_no_deletion(bench: Bench) -> None:
    bench.shelf(3)
    bench.server.faults.switch("no-sync")
    bench.server.faults.switch("listing-member", {"001.ics": 403})
    listed = bench.changed()
    problems = {c.ref.id: c.problem for c in listed.changes if c.problem}
    assert problems.keys() == {"001.ics"}
    assert isinstance(problems["001.ics"], ItemRejected)
    assert not listed.gone


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("sync", [True, False], ids=["sync", "propfind"])
def test_case_33_a_missing_collection_is_said(bench: Bench, status: int, sync: bool) -> None:
    bench.shelf(2)
    if not sync:
        bench.server.faults.switch("no-sync")
    place, collection = bench.open()
    bench.server.faults.switch("status", (status, {}, b""))
    with pytest.raises(CollectionGone):
        list(place.changes(collection, None))


def test_case_33_a_gone_answer_to_a_token_is_not_a_gone_collection(bench: Bench) -> None:
    shelf = bench.shelf(2)
    cursor = bench.changed().cursor
    shelf.delete("000.ics")
    bench.server.faults.switch("token-invalid", (410, ""))
    with pytest.raises(CursorExpired):
        bench.changed(cursor)


@pytest.mark.parametrize(
    "odd", ["split", "duplicates", "cdata", "propstat-status", "sync-old-deletions", "sync-hidden"]
)
def test_case_39_odd_answers_mean_the_same(bench: Bench, odd: str) -> None:
    shelf = bench.shelf(5)
    shelf.put("old.ics", b"x")
    shelf.delete("old.ics")
    bench.server.faults.switch(odd)
    first = bench.changed()
    assert first.bodies == {name: item.body for name, item in shelf.items.items()}
    assert len(first.changes) == 5
    shelf.put("000.ics", body(Kind.EVENT, 0, 1))
    shelf.delete("001.ics")
    after = bench.changed(first.cursor)
    assert after.present == {"000.ics": shelf.items["000.ics"].etag}
    assert after.gone == {"001.ics"}


def test_case_39_a_cut_off_body_is_asked_for_again(bench: Bench) -> None:
    bench.shelf(3)
    place, collection = bench.open()
    bench.server.faults.switch("cut", 300, times=1)
    assert Listed(list(place.changes(collection, None))).present.keys() == names(3)
    bench.server.faults.switch("cut-xml", 300)
    with pytest.raises(Transient):
        list(place.changes(collection, None))


def test_case_31_throttling_is_waited_for_or_said(bench: Bench) -> None:
    bench.shelf(2)
    bench.server.faults.switch("status", (429, {"Retry-After": "0"}, b""), times=2)
    assert bench.changed().present.keys() == names(2)
    place, collection = bench.open()
    bench.server.faults.switch("status", (503, {"Retry-After": "3600"}, b""))
    with pytest.raises(Throttled) as caught:
        list(place.changes(collection, None))
    assert caught.value.retry_after == 3600


def test_case_31_google_says_it_with_403(bench: Bench) -> None:
    bench.shelf(2)
    place, collection = bench.open()
    bench.server.faults.switch("status", (403, {}, b'{"error": {"errors": [{"reason": "rateLimitExceeded"}]}}'))
    with pytest.raises(Throttled):
        list(place.changes(collection, None))


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
