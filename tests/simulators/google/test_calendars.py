"""The list of calendars, a calendar itself, colours and settings."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.google import Service
from simulators.google.calendars_making import calendar_id
from tests.simulators.google.asking import Caller

LIST = "users/me/calendarList"
HIDDEN = calendar_id("hidden", 7)


def _ids(caller: Caller, **query: object) -> list[str]:
    return [each["id"] for page in caller.pages(f"/calendar/v3/{LIST}", **query) for each in page["items"]]


def test_a_hidden_calendar_is_shown_when_asked_for(caller: Caller) -> None:
    assert len(_ids(caller)) == 4
    assert set(_ids(caller, showHidden=True)) - set(_ids(caller)) == {HIDDEN}
    entries = {each["id"]: each for each in caller.calendar(LIST, showHidden=True).json["items"]}
    assert entries[HIDDEN]["hidden"] is True
    assert all("hidden" not in each for name, each in entries.items() if name != HIDDEN)


def test_there_are_pages(caller: Caller) -> None:
    pages = list(caller.pages(f"/calendar/v3/{LIST}", showHidden=True, maxResults=2))
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]


@pytest.mark.parametrize(
    ("role", "count"),
    [("freeBusyReader", 5), ("reader", 4), ("writerWithoutPrivateAccess", 3), ("writer", 3), ("owner", 3)],
)
def test_a_lowest_role_may_be_asked_for(caller: Caller, role: str, count: int) -> None:
    assert len(_ids(caller, showHidden=True, minAccessRole=role)) == count
    assert "nextSyncToken" not in caller.calendar(LIST, minAccessRole=role).json


def test_primary_is_the_one_of_the_user(caller: Caller, server: Service) -> None:
    said = caller.calendar(f"{LIST}/primary").json
    assert said["id"] == server.account.user
    assert said["primary"] is True
    assert said["defaultReminders"] == [{"method": "popup", "minutes": 10}, {"method": "email", "minutes": 1440}]
    assert caller.calendar("calendars/primary").json["id"] == server.account.user


def test_a_calendar_has_its_labels_and_its_zone(caller: Caller) -> None:
    said = caller.calendar("calendars/primary").json
    assert said["labelProperties"]["eventLabels"][0]["id"]
    assert said["timeZone"] == "Europe/Zurich"
    assert "accessRole" not in said


def test_hidden_edited_added_and_removed_calendars_sync(caller: Caller, server: Service) -> None:
    token = caller.calendar(LIST, showHidden=True).json["nextSyncToken"]
    family, shared = calendar_id("family", 7), calendar_id("shared", 7)
    server.account.edit_calendar(family, hidden=True)
    server.account.remove_calendar(shared)
    server.account.add_calendar("new@example.org", summary="New, one")
    told: dict[str, Any] = {each["id"]: each for each in caller.calendar(LIST, syncToken=token).json["items"]}
    assert set(told) == {family, shared, "new@example.org"}
    assert told[family]["hidden"] is True
    assert told[shared]["deleted"] is True
    assert told["new@example.org"]["summary"] == "New, one"
    assert caller.events(shared).status == 404
    assert caller.events("new@example.org").json["items"] == []
    assert caller.calendar("calendars/new%40example.org").json["summary"] == "New, one"
    assert shared in _ids(caller, showDeleted=True)


@pytest.mark.parametrize(
    "wrong",
    [{"minAccessRole": "owner"}, {"showOwnOrganizationOnly": True}, {"showHidden": False}, {"showDeleted": False}],
)
def test_what_may_not_stand_beside_a_sync_token(caller: Caller, wrong: dict[str, object]) -> None:
    token = caller.calendar(LIST).json["nextSyncToken"]
    refused = caller.calendar(LIST, syncToken=token, **wrong)
    assert (refused.status, refused.reason) == (400, "syncTokenWithRequestRestrictions")


def test_a_dead_sync_token_is_gone(caller: Caller, server: Service) -> None:
    token = caller.calendar(LIST).json["nextSyncToken"]
    server.expire_sync_tokens()
    refused = caller.calendar(LIST, syncToken=token)
    assert (refused.status, refused.reason) == (410, "fullSyncRequired")


def test_a_token_that_is_none(caller: Caller) -> None:
    refused = caller.calendar(LIST, pageToken="x")
    assert (refused.status, refused.reason, refused.error["message"]) == (400, "invalid", "Invalid Value")


def test_colours_and_settings(caller: Caller) -> None:
    palette = caller.calendar("colors").json
    assert set(palette) == {"kind", "updated", "calendar", "event"}
    assert all(set(each) == {"background", "foreground"} for each in palette["event"].values())
    said = caller.calendar("users/me/settings").json
    assert {each["id"]: each["value"] for each in said["items"]}["timezone"] == "Europe/Zurich"
    assert caller.calendar("users/me/settings", syncToken=said["nextSyncToken"]).json["items"] == []
    assert caller.calendar("users/me/settings", syncToken="x").status == 400
    assert caller.calendar("users/me/settings/locale").json["value"] == "de"


def test_backstage_knows_its_calendars(server: Service) -> None:
    with pytest.raises(KeyError):
        server.account.edit_calendar("nobody", hidden=True)
    with pytest.raises(KeyError):
        server.account.remove_calendar("nobody")
    with pytest.raises(KeyError):
        server.account.add_event("nobody")
