"""Field masks: what is not listed is not sent, what does not exist is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.google import masks
from simulators.google.discovery import document
from simulators.google.refusals import Refusal
from tests.simulators.google.asking import Caller

PEOPLE, CALENDAR = document("people.v1"), document("calendar.v3")
VALUE: dict[str, Any] = {
    "kind": "calendar#events",
    "nextPageToken": "x",
    "items": [{"id": "a", "start": {"date": "2026-01-01"}, "attendees": [{"email": "b", "self": True}]}],
}


def _cut(fields: str) -> Any:
    return masks.cut(VALUE, masks.partial(CALENDAR, "Events", fields))


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ("", VALUE),
        ("*", VALUE),
        ("kind", {"kind": "calendar#events"}),
        ("items/id", {"items": [{"id": "a"}]}),
        ("items(id)", {"items": [{"id": "a"}]}),
        (
            "items(id,start/date),nextPageToken",
            {"items": [{"id": "a", "start": {"date": "2026-01-01"}}], "nextPageToken": "x"},
        ),
        ("items/attendees(email)", {"items": [{"attendees": [{"email": "b"}]}]}),
        ("items/attendees/self", {"items": [{"attendees": [{"self": True}]}]}),
        ("items/*/date", {"items": [{"id": "a", "start": {"date": "2026-01-01"}, "attendees": [{}]}]}),
        ("nextSyncToken", {}),
    ],
)
def test_a_selector_keeps_what_it_names(fields: str, kept: Any) -> None:
    if fields == "items/*/date":  # a star lets scalars through and cuts what lies below
        assert _cut(fields)["items"][0]["start"] == {"date": "2026-01-01"}
    else:
        assert _cut(fields) == kept


@pytest.mark.parametrize(
    "fields",
    [
        "bogus",
        "items/bogus",
        "items(id",
        "items)",
        "items(",
        "items()",
        ",",
        "items,,kind",
        "/id",
        "items/",
        "items(id))",
    ],
)
def test_a_selector_that_selects_nothing_there_is_is_refused(fields: str) -> None:
    with pytest.raises(Refusal) as refused:
        _cut(fields)
    assert refused.value.status == 400


def test_maps_have_free_names() -> None:
    tree = masks.partial(CALENDAR, "Event", "extendedProperties/private/anything")
    said = {"extendedProperties": {"private": {"anything": "1", "other": "2"}}, "id": "x"}
    assert masks.cut(said, tree) == {"extendedProperties": {"private": {"anything": "1"}}}


@given(st.text(alphabet="kind/items(),*id", max_size=60))
def test_any_selector_is_understood_or_refused(fields: str) -> None:
    with contextlib.suppress(Refusal):
        kept = _cut(fields)
        assert kept == VALUE or set(kept) <= set(VALUE)


def test_nesting_is_bounded() -> None:
    with pytest.raises(Refusal):
        _cut("items(" * 5000)
    with pytest.raises(Refusal):
        _cut("k" * 20_000)


def test_snake_case_paths_are_the_same() -> None:
    assert masks.listed("personFields", "email_addresses, names", ["emailAddresses", "names"]) == {
        "emailAddresses",
        "names",
    }


def test_person_fields_that_are_not_listed_are_not_sent(caller: Caller) -> None:
    for person in caller.connections(personFields="names,photos").json["connections"]:
        assert set(person) <= {"resourceName", "etag", "names", "photos"}


@pytest.mark.parametrize("wrong", ["fileAses", "bogus", "names.givenName", "names,,bogus", "*", "residences"])
def test_a_person_field_there_is_not_is_refused(caller: Caller, wrong: str) -> None:
    answer = caller.connections(personFields=wrong)
    assert answer.status == 400
    assert "Invalid personFields mask path" in answer.error["message"]


@pytest.mark.parametrize("path", ["people/me/connections", "people/c1", "people:batchGet"])
def test_person_fields_are_required(caller: Caller, path: str) -> None:
    more = {"resourceNames": "people/c1"} if "batch" in path else {}
    answer = caller.people(path, **more)
    assert answer.status == 400
    assert answer.error["message"].startswith("personFields mask is required.")


def test_the_old_request_mask_still_works(caller: Caller) -> None:
    answer = caller.get(
        "/v1/people/me/connections", **{"requestMask.includeField": "person.names,person.email_addresses"}
    )
    assert answer.status == 200
    assert {key for each in answer.json["connections"] for key in each} == {
        "resourceName",
        "etag",
        "names",
        "emailAddresses",
    }


def test_a_read_mask_is_required_and_short(caller: Caller) -> None:
    assert caller.people("otherContacts").error["message"].startswith("readMask mask is required.")
    assert caller.people("otherContacts", readMask="names,addresses").status == 400
    assert caller.people("otherContacts", readMask="names,photos,metadata").status == 200
    both = ["READ_SOURCE_TYPE_CONTACT", "READ_SOURCE_TYPE_PROFILE"]
    assert caller.people("otherContacts", readMask="names,addresses", sources=both).status == 200
    assert caller.people("otherContacts", readMask="names", sources=both[1:]).status == 400


def test_fields_of_groups(caller: Caller) -> None:
    usual = caller.people("contactGroups").json["contactGroups"]
    assert {key for each in usual for key in each} == {
        *("resourceName", "etag", "metadata", "groupType", "name", "formattedName", "memberCount"),
    }
    named = caller.people("contactGroups", groupFields="clientData").json["contactGroups"]
    assert {key for each in named for key in each} == {"resourceName", "etag", "clientData"}
    assert caller.people("contactGroups", groupFields="bogus").status == 400


@pytest.mark.parametrize("path", ["calendars/primary/events", "users/me/calendarList"])
def test_fields_cut_what_calendar_sends(caller: Caller, path: str) -> None:
    said = caller.calendar(path, fields="items(id,summary),nextPageToken").json
    assert set(said) == {"items"}
    assert {key for each in said["items"] for key in each} <= {"id", "summary"}
    refused = caller.calendar(path, fields="items(id,nonsense)")
    assert (refused.status, refused.reason) == (400, "invalidParameter")
    assert refused.error["message"] == "Invalid field selection nonsense"


def test_fields_cut_what_people_sends(caller: Caller) -> None:
    said = caller.connections(fields="connections/names/givenName,totalItems").json
    assert set(said) == {"connections", "totalItems"}
    assert {key for each in said["connections"] for key in each} == {"names"}
    refused = caller.connections(fields="connections/nonsense")
    assert refused.error["status"] == "INVALID_ARGUMENT"
    assert "nonsense" in refused.error["details"][0]["fieldViolations"][0]["description"]
