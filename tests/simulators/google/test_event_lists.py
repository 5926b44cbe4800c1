"""Which events a list is about, and in which form they are shown: filters, instances, zones, roles."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from simulators.google import Service
from simulators.google.calendars_making import calendar_id
from simulators.google.event_views import SEEN
from simulators.google.events_making import BLOCK, KINDS
from tests.simulators.google.asking import Caller

LISTING = "/calendar/v3/calendars/primary/events"
BUSY = "someone.else@example.org"
TIMED = {
    "start": {"dateTime": "2026-03-01T10:00:00+01:00", "timeZone": "Europe/Zurich"},
    "end": {"dateTime": "2026-03-01T11:00:00+01:00", "timeZone": "Europe/Zurich"},
}


def _list(caller: Caller, **query: object) -> list[Any]:
    return [each for page in caller.pages(LISTING, **query) for each in page["items"]]


def _row(server: Service, kind: str, twenty: int = 0) -> str:
    return server.account.shelf("primary").making.name(BLOCK * twenty + KINDS.index(kind))


def _instant(said: dict[str, str]) -> dt.datetime:
    text = said.get("dateTime") or said["date"] + "T00:00:00Z"
    return dt.datetime.fromisoformat(text)


def test_types_can_be_chosen(caller: Caller) -> None:
    assert {each["eventType"] for each in _list(caller, eventTypes=["birthday", "outOfOffice"])} == {
        "birthday",
        "outOfOffice",
    }
    kinds = ["birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"]
    assert len(_list(caller, eventTypes=kinds)) == len(_list(caller))


def test_an_event_is_found_by_its_uid_with_its_exceptions(caller: Caller, server: Service) -> None:
    master = _row(server, "weekly master")
    found = _list(caller, iCalUID=f"{master}@google.com")
    assert {each["id"] for each in found} == {master, _row(server, "moved instance")}
    assert _list(caller, iCalUID="nobody@google.com") == []


def test_text_is_searched(caller: Caller, server: Service) -> None:
    server.account.add_event(summary="Unmistakable ÜMLAUT", **TIMED)
    assert [each["summary"] for each in _list(caller, q="unmistakable ümlaut")] == ["Unmistakable ÜMLAUT"]
    server.account.add_event(attendees=[{"email": "rare.guest@example.net"}], **TIMED)
    assert len(_list(caller, q="rare.guest")) == 1


def test_extended_properties_are_matched(caller: Caller, server: Service) -> None:
    own = server.account.add_event(extendedProperties={"private": {"a": "1"}, "shared": {"b": "2"}}, **TIMED)
    assert [each["id"] for each in _list(caller, privateExtendedProperty="a=1", sharedExtendedProperty="b=2")] == [own]
    assert _list(caller, privateExtendedProperty="a=2") == []
    assert _list(caller, privateExtendedProperty=["a=1", "c=3"]) == []


def test_times_bound_a_list(caller: Caller) -> None:
    low, high = "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"
    found = _list(caller, timeMin=low, timeMax=high)
    singles = [each for each in found if "recurrence" not in each and each["status"] != "cancelled"]
    assert singles
    assert all(_instant(each["start"]) < dt.datetime.fromisoformat(high) for each in found if "start" in each)
    assert all(_instant(each["end"]) > dt.datetime.fromisoformat(low) for each in singles)
    assert 0 < len(found) < len(_list(caller))


def test_an_empty_range_is_refused(caller: Caller) -> None:
    refused = caller.events(timeMin="2026-01-02T00:00:00Z", timeMax="2026-01-01T00:00:00Z")
    assert (refused.status, refused.reason) == (400, "timeRangeEmpty")
    assert refused.error["errors"][0]["location"] == "timeMax"


def test_order_by_change(caller: Caller) -> None:
    found = [each.get("updated", "") for each in _list(caller, orderBy="updated", maxResults=50)]
    assert found == sorted(found)
    assert len(found) == len(_list(caller))


def test_order_by_start_needs_single_events(caller: Caller) -> None:
    refused = caller.events(orderBy="startTime")
    assert (refused.status, refused.reason) == (400, "orderingNotAvailable")
    year = {"singleEvents": True, "timeMin": "2024-01-01T00:00:00Z", "timeMax": "2025-01-01T00:00:00Z"}
    found = [_instant(each["start"]) for each in _list(caller, orderBy="startTime", maxResults=400, **year)]
    assert found == sorted(found)


@pytest.mark.parametrize("size", [3, 50, 2500])
def test_single_events_take_series_apart(caller: Caller, server: Service, size: int) -> None:
    bounds = {"timeMin": "2024-01-01T00:00:00Z", "timeMax": "2024-12-01T00:00:00Z"}
    found = _list(caller, singleEvents=True, maxResults=size, **bounds)
    ids = [each["id"] for each in found]
    assert len(ids) == len(set(ids))
    assert not any("recurrence" in each or each["status"] == "cancelled" for each in found)
    master = _row(server, "weekly master")
    own = [each for each in found if each.get("recurringEventId") == master]
    assert _row(server, "moved instance") in {each["id"] for each in own}
    assert _row(server, "cancelled instance") not in ids
    assert len({each["originalStartTime"]["dateTime"] for each in own}) == len(own) > 10
    assert {each["iCalUID"] for each in own} == {f"{master}@google.com"}


def test_single_events_tell_the_cancelled_ones_when_asked(caller: Caller, server: Service) -> None:
    found = {
        each["id"]: each for each in _list(caller, singleEvents=True, showDeleted=True, timeMax="2024-12-01T00:00:00Z")
    }
    assert found[_row(server, "cancelled instance")]["status"] == "cancelled"


def test_instances_of_a_series(caller: Caller, server: Service) -> None:
    master = _row(server, "weekly master")
    path = f"{LISTING}/{master}/instances"
    found = [each for page in caller.pages(path, maxResults=6) for each in page["items"]]
    # 20 by the rule and one RDATE, without one EXDATE and one that was cancelled; one is moved
    assert len(found) == 20 + 1 - 1 - 1
    assert [each["id"] for each in found if each["id"] == _row(server, "moved instance")]
    deleted = [each for page in caller.pages(path, showDeleted=True) for each in page["items"]]
    assert {each["status"] for each in deleted} >= {"cancelled"}
    assert len(deleted) == len(found) + 1
    original = found[4]["originalStartTime"]["dateTime"]
    assert [each["id"] for each in caller.get(path, originalStart=original).json["items"]] == [found[4]["id"]]
    assert "nextSyncToken" not in caller.get(path).json
    later = caller.get(path, timeMin=found[10]["start"]["dateTime"]).json["items"]
    assert later[0]["id"] == found[10]["id"]


def test_an_event_that_does_not_recur_has_no_instances(caller: Caller, server: Service) -> None:
    assert caller.get(f"{LISTING}/{_row(server, 'plain')}/instances").json["items"] == []


def test_an_instance_can_be_got_by_its_id(caller: Caller, server: Service) -> None:
    found = caller.get(f"{LISTING}/{_row(server, 'daily master')}/instances").json["items"]
    assert len(found) == 12
    for each in found:
        assert caller.get(f"{LISTING}/{each['id']}").json == each
    assert caller.get(f"{LISTING}/{_row(server, 'daily master')}_20010101T000000Z").status == 404


def test_all_day_series_have_days(caller: Caller, server: Service) -> None:
    found = caller.get(f"{LISTING}/{_row(server, 'all-day master', 1)}/instances", maxResults=5).json["items"]
    assert all(
        set(each["start"]) == {"date"} and each["id"].endswith(each["start"]["date"].replace("-", "")) for each in found
    )


def test_a_series_that_changes_changes_all_its_instances(caller: Caller, server: Service) -> None:
    asked = {"singleEvents": True, "maxResults": 2500}
    token = next(page["nextSyncToken"] for page in caller.pages(LISTING, **asked) if "nextSyncToken" in page)
    master = _row(server, "daily master")
    server.account.edit_event(master, summary="other")
    told = caller.events(syncToken=token, **asked).json["items"]
    assert {each["recurringEventId"] for each in told} == {master}
    assert {each["summary"] for each in told} == {"other"}
    server.account.delete_event(master)
    told = caller.events(syncToken=token, **asked).json["items"]
    assert {each["status"] for each in told} == {"cancelled"}
    assert len(told) == 12


def test_times_are_told_in_the_zone_asked_for(caller: Caller, server: Service) -> None:
    plain = server.account.add_event(**TIMED)
    said = caller.get(f"{LISTING}/{plain}", timeZone="America/New_York").json["start"]
    assert said == {"dateTime": "2026-03-01T04:00:00-05:00", "timeZone": "Europe/Zurich"}
    for each in _list(caller, timeZone="UTC"):
        assert each.get("start", {}).get("dateTime", "Z").endswith("Z")
    assert caller.events(timeZone="Nowhere/Land").status == 400
    assert caller.events(timeZone="../../etc/passwd").status == 400


def test_many_guests_are_left_out_when_asked(caller: Caller, server: Service) -> None:
    crowd = _row(server, "crowd")
    assert len(caller.get(f"{LISTING}/{crowd}").json["attendees"]) == 200
    said = caller.get(f"{LISTING}/{crowd}", maxAttendees=5).json
    assert said["attendeesOmitted"] is True
    assert [each["self"] for each in said["attendees"]] == [True]


def test_of_a_busy_calendar_only_times_are_seen(caller: Caller) -> None:
    said = caller.events(BUSY).json
    assert said["accessRole"] == "freeBusyReader"
    assert len(said["items"]) == 10
    assert all(set(each) <= {*SEEN, "visibility"} for each in said["items"])
    assert not any("summary" in each for each in said["items"])


def test_private_events_of_a_shared_calendar_are_hidden(caller: Caller) -> None:
    """The document: "Private events will appear to users with reader access, but event details will be hidden"."""
    items = caller.events(calendar_id("shared", 7), maxResults=250).json["items"]
    hidden = [each for each in items if each.get("visibility") in {"private", "confidential"}]
    assert hidden
    assert all("summary" not in each and "start" in each for each in hidden)
    assert any("summary" in each for each in items)


@pytest.mark.parametrize(
    ("scope", "calendar", "seen"),
    [
        ("calendar.events.owned.readonly", "primary", "all"),
        ("calendar.events.owned.readonly", BUSY, "refused"),
        ("calendar.events.readonly", "primary", "all"),
        ("calendar.events.freebusy", "primary", "times"),
        ("calendar.events.public.readonly", "primary", "refused"),
        ("calendar.app.created", "primary", "refused"),
    ],
)
def test_a_smaller_scope_sees_less(server: Service, scope: str, calendar: str, seen: str) -> None:
    answer = Caller(server, server.token(scope)).events(calendar)
    if seen == "refused":
        assert (answer.status, answer.reason) == (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    else:
        assert any("summary" in each for each in answer.json["items"]) == (seen == "all")
