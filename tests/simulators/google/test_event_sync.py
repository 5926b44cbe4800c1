"""Events: pages, sync tokens, 410, deleted events and cancelled occurrences."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.google import Service
from simulators.google.events_making import BLOCK, KINDS
from tests.simulators.google.asking import Caller

LISTING = "/calendar/v3/calendars/primary/events"
SIZE = 120
"""What the primary calendar of the account has of its 200 events."""
DAY = {"start": {"date": "2026-03-01"}, "end": {"date": "2026-03-02"}}


def _full(caller: Caller, **query: object) -> tuple[dict[str, Any], str]:
    pages = list(caller.pages(LISTING, **query))
    assert all("nextSyncToken" not in page for page in pages[:-1])
    return {each["id"]: each for page in pages for each in page["items"]}, pages[-1].get("nextSyncToken", "")


def _since(caller: Caller, token: str, **query: object) -> dict[str, Any]:
    answer = caller.events(syncToken=token, **query)
    assert answer.status == 200, answer.body
    return {each["id"]: each for each in answer.json["items"]}


def _row(server: Service, kind: str, twenty: int = 0) -> str:
    return server.account.shelf("primary").making.name(BLOCK * twenty + KINDS.index(kind))


@pytest.mark.parametrize("size", [1, 7, 119, 120, 121, 2500])
def test_pages_hold_what_was_asked_and_nothing_twice(caller: Caller, size: int) -> None:
    pages = list(caller.pages(LISTING, maxResults=size))
    ids = [each["id"] for page in pages for each in page["items"]]
    assert len(pages) == -(-SIZE // size)
    assert len(ids) == len(set(ids)) == SIZE


def test_a_page_says_whose_it_is(caller: Caller) -> None:
    said = caller.events().json
    assert said["kind"] == "calendar#events"
    assert said["timeZone"] == "Europe/Zurich"
    assert said["accessRole"] == "owner"
    assert said["defaultReminders"] == [{"method": "popup", "minutes": 10}, {"method": "email", "minutes": 1440}]


def test_pages_may_be_short_or_empty(caller: Caller, server: Service) -> None:
    """The document: "may be less than this value, or none at all, even if there are more events"."""
    server.settings.short_pages = True
    pages = list(caller.pages(LISTING, maxResults=50))
    assert pages[0]["items"] == []
    assert {len(page["items"]) for page in pages[1:-1]} == {25}
    assert len({each["id"] for page in pages for each in page["items"]}) == SIZE


def test_a_page_token_wants_the_same_parameters_again(caller: Caller) -> None:
    token = caller.events(maxResults=10).json["nextPageToken"]
    assert caller.events(maxResults=10, pageToken=token).status == 200
    assert caller.events(maxResults=11, pageToken=token).status == 400
    assert caller.events(maxResults=10, pageToken=token, showDeleted=True).status == 400
    assert caller.events(maxResults=10, pageToken="nonsense").reason == "invalid"


def test_a_page_token_is_of_one_calendar(caller: Caller, server: Service) -> None:
    token = caller.events(maxResults=10).json["nextPageToken"]
    other = next(row.name for row in server.account.calendars.walk() if row.name != server.account.user)
    assert caller.events(other, maxResults=10, pageToken=token).status == 400


def test_a_sync_tells_what_was_edited_added_and_deleted(caller: Caller, server: Service) -> None:
    known, token = _full(caller)
    plain, meeting = _row(server, "plain"), _row(server, "meeting")
    server.account.edit_event(plain, summary="Edited, here")
    server.account.delete_event(meeting)
    added = server.account.add_event(summary="New", **DAY)
    told = _since(caller, token)
    assert set(told) == {plain, meeting, added}
    assert told[plain]["summary"] == "Edited, here"
    assert told[plain]["etag"] != known[plain]["etag"]
    assert told[plain]["updated"] > known[plain]["updated"]
    assert told[meeting] == {"kind": "calendar#event", "etag": '"0"', "id": meeting, "status": "cancelled"}
    assert told[added]["iCalUID"] == f"{added}@google.com"
    assert set(_full(caller)[0]) == set(known) - {meeting} | {added}


def test_a_sync_without_changes_tells_nothing_and_goes_on(caller: Caller) -> None:
    token = _full(caller)[1]
    for _ in range(3):
        said = caller.events(syncToken=token).json
        assert said["items"] == []
        token = said["nextSyncToken"]


def test_many_changes_come_in_pages_with_the_same_sync_token(caller: Caller, server: Service) -> None:
    known, token = _full(caller)
    for name in list(known)[:25]:
        server.account.edit_event(name, location="moved")
    pages = list(caller.pages(LISTING, syncToken=token, maxResults=10))
    assert [len(page["items"]) for page in pages] == [10, 10, 5]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]
    first = caller.events(syncToken=token, maxResults=10).json["nextPageToken"]
    assert caller.events(maxResults=10, pageToken=first).status == 400


def test_a_deleted_event_is_listed_when_asked_for(caller: Caller, server: Service) -> None:
    gone = _row(server, "plain")
    server.account.delete_event(gone)
    assert gone not in _full(caller)[0]
    assert _full(caller, showDeleted=True)[0][gone]["status"] == "cancelled"
    got = caller.calendar(f"calendars/primary/events/{gone}").json
    assert got["status"] == "cancelled"
    assert got["summary"]


def test_cancelled_occurrences_are_listed_with_their_series(caller: Caller, server: Service) -> None:
    """Case 82, and the document: "will still be included if showDeleted and singleEvents are both False"."""
    cancelled = _row(server, "cancelled instance")
    listed = _full(caller)[0][cancelled]
    assert set(listed) == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert listed["recurringEventId"] == _row(server, "weekly master")


def test_an_occurrence_can_be_cancelled(caller: Caller, server: Service) -> None:
    master = _row(server, "daily master")
    token = _full(caller)[1]
    start = caller.calendar(f"calendars/primary/events/{master}").json["start"]
    name = server.account.cancel_instance(master, start)
    told = _since(caller, token)
    assert set(told) == {name}
    assert told[name]["status"] == "cancelled"
    assert told[name]["recurringEventId"] == master
    day = server.account.cancel_instance(_row(server, "all-day master", 1), {"date": "2030-01-05"})
    assert day.endswith("_20300105")


def test_a_deleted_series_takes_its_exceptions_along(caller: Caller, server: Service) -> None:
    """Case 83: the master and every exception of it are told as cancelled, and none is listed any more."""
    master = _row(server, "weekly master", 1)
    known, token = _full(caller)
    own = {name for name, each in known.items() if each.get("recurringEventId") == master}
    extra = server.account.cancel_instance(master, {"dateTime": "2031-01-01T10:00:00Z"})
    server.account.delete_event(master)
    told = _since(caller, token)
    assert set(told) == {master, extra, *own}
    assert len(own) == 2
    assert {each["status"] for each in told.values()} == {"cancelled"}
    assert all(told[name]["recurringEventId"] == master for name in own)
    assert not {master, extra, *own} & set(_full(caller)[0])


@pytest.mark.parametrize("kind", ["monthly master", "daily master", "all-day master"])
def test_exceptions_that_stand_before_their_series_go_as_well(caller: Caller, server: Service, kind: str) -> None:
    master = _row(server, kind, 1)
    own = {name for name, each in _full(caller)[0].items() if each.get("recurringEventId") == master}
    assert len(own) == 1
    server.account.delete_event(master)
    assert not own & set(_full(caller)[0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"q": "x"},
        {"privateExtendedProperty": "a=b"},
        {"sharedExtendedProperty": "a=b"},
        {"timeMin": "2026-01-01T00:00:00Z"},
        {"timeMax": "2026-01-01T00:00:00Z"},
        {"updatedMin": "2026-01-01T00:00:00Z"},
        {"showDeleted": False},
    ],
)
def test_what_may_not_stand_beside_a_sync_token(caller: Caller, wrong: dict[str, object]) -> None:
    token = _full(caller)[1]
    refused = caller.events(syncToken=token, **wrong)
    assert (refused.status, refused.reason) == (400, "syncTokenWithRequestRestrictions")
    assert caller.events(syncToken=token, showDeleted=True).status == 200


def test_a_full_sync_may_be_bounded_in_time_and_the_next_ones_not(caller: Caller, server: Service) -> None:
    """The sync guide's own example: timeMin for the first call only."""
    token = _full(caller, timeMin="2026-01-01T00:00:00Z")[1]
    plain = _row(server, "plain")
    server.account.edit_event(plain, summary="x")
    assert set(_since(caller, token)) == {plain}


@pytest.mark.parametrize(
    "query", [{"orderBy": "updated"}, {"q": "a"}, {"iCalUID": "x"}, {"updatedMin": "2026-11-20T00:00:00Z"}]
)
def test_some_lists_have_no_sync_token(caller: Caller, server: Service, query: dict[str, object]) -> None:
    server.settings.deleted_kept = 1e10
    assert _full(caller, **query)[1] == ""


def test_other_parameters_must_stay_the_same(caller: Caller) -> None:
    token = _full(caller)[1]
    assert caller.events(syncToken=token, singleEvents=True).status == 400
    assert caller.events(syncToken=token, maxResults=5).status == 200


def test_a_sync_token_may_die(caller: Caller, server: Service) -> None:
    """410 with fullSyncRequired, in the words of the errors guide."""
    token = _full(caller)[1]
    server.expire_sync_tokens()
    refused = caller.events(syncToken=token)
    assert (refused.status, refused.reason) == (410, "fullSyncRequired")
    first = refused.error["errors"][0]
    assert (first["domain"], first["locationType"], first["location"]) == ("calendar", "parameter", "syncToken")
    assert refused.error["message"] == "Sync token is no longer valid, a full sync is required."
    assert len(_full(caller)[0]) == SIZE


def test_a_sync_token_may_have_a_time_to_live(caller: Caller, server: Service) -> None:
    server.settings.calendar_token_life = 600
    token = _full(caller)[1]
    server.advance(500)
    assert caller.events(syncToken=token).status == 200
    server.advance(500)
    assert caller.events(syncToken=token).status == 410


def test_too_old_a_change_is_not_told(caller: Caller, server: Service) -> None:
    refused = caller.events(updatedMin="2020-01-01T00:00:00Z")
    assert (refused.status, refused.reason) == (410, "updatedMinTooLongAgo")
    assert refused.error["errors"][0]["location"] == "updatedMin"
    gone = _row(server, "plain")
    since = server.account.now()
    server.account.delete_event(gone)
    server.account.edit_event(_row(server, "meeting"), summary="later")
    told = {each["id"] for each in caller.events(updatedMin=since).json["items"]}
    assert _row(server, "meeting") in told
    assert gone in told  # "entries deleted since this time will always be included regardless of showDeleted"


def test_a_change_between_two_pages_is_told_by_the_next_sync(caller: Caller, server: Service) -> None:
    names: list[str] = []
    token = ""
    for at, page in enumerate(caller.pages(LISTING, maxResults=50)):
        names += [each["id"] for each in page["items"]]
        if at == 0:
            server.account.edit_event(names[0], summary="in between")
        token = page.get("nextSyncToken", "")
    assert names.count(names[0]) == 2
    assert set(_since(caller, token)) == {names[0]}


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_backstage_says_when_there_is_no_such_event(server: Service, what: str) -> None:
    with pytest.raises(KeyError):
        (server.account.edit_event if what == "edit" else server.account.delete_event)("nothing")


def test_a_field_of_an_event_can_be_taken_away(caller: Caller, server: Service) -> None:
    name = server.account.add_event(summary="S", location="L", **DAY)
    server.account.edit_event(name, location=None)
    said = caller.calendar(f"calendars/primary/events/{name}").json
    assert "location" not in said
    assert said["summary"] == "S"


def test_an_event_can_have_an_id_of_ones_own(caller: Caller, server: Service) -> None:
    server.account.add_event(id="abc123", status="tentative", **DAY)
    assert caller.calendar("calendars/primary/events/abc123").json["status"] == "tentative"
