"""Listings from servers in bad shape: what is no listing never becomes one, what is odd means the same."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.base import Kind
from connectors.dav.listing import PAGE
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


def names(count: int) -> set[str]:
    return {f"{number:03}.ics" for number in range(count)}


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


@pytest.mark.parametrize("fault", ["no-sync", "no-inline"])
@pytest.mark.parametrize(("count", "times"), [(PAGE // 2 - 1, 1), (PAGE, 2)], ids=["one-page", "two-pages"])
def test_an_item_named_twice_is_said_once_on_a_page(bench: Bench, fault: str, count: int, times: int) -> None:
    bench.shelf(count)
    bench.server.faults.switch(fault)
    bench.server.faults.switch("duplicates")
    listed = bench.changed()
    assert Counter(change.ref.id for change in listed.changes) == dict.fromkeys(names(count), times)
    assert listed.complete
    assert all(len({change.ref.id for change in page.changes}) == len(page.changes) for page in listed.pages)
    place, collection = bench.open()
    assert Counter(ref.id for ref in place.inventory(collection)) == dict.fromkeys(names(count), 1)
