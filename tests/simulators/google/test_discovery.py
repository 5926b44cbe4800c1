"""What is read out of Google's documents."""

from __future__ import annotations

import json
import re

import pytest

from simulators.google.discovery import Document, document, raw
from simulators.google.serving import HANDLERS
from simulators.identity.google_scopes import known

PEOPLE, CALENDAR, GMAIL = document("people.v1"), document("calendar.v3"), document("gmail.v1")
ALL = [PEOPLE, CALENDAR, GMAIL]


@pytest.mark.parametrize("api", ALL, ids=lambda api: api.name)
def test_every_method_of_the_document_is_there(api: Document) -> None:
    ids = re.findall(r'"id": "([^"]+)"', _text(api))
    assert {each.id for each in api.methods} == {each for each in ids if each.count(".") >= 2}


def _text(api: Document) -> str:
    return json.dumps(raw({"people": "people.v1", "calendar": "calendar.v3", "gmail": "gmail.v1"}[api.name]))


@pytest.mark.parametrize("api", ALL, ids=lambda api: api.name)
def test_every_scope_is_one_the_identity_provider_grants(api: Document) -> None:
    assert [scope for method in api.methods for scope in method.scopes if not known(scope)] == []


def test_what_answers_is_a_method_of_a_document() -> None:
    ids = {method.id for api in ALL for method in api.methods}
    assert set(HANDLERS) <= ids


@pytest.mark.parametrize(
    ("path", "method", "variables"),
    [
        ("/v1/people/me/connections", "people.people.connections.list", {"resourceName": "people/me"}),
        ("/v1/people/c12", "people.people.get", {"resourceName": "people/c12"}),
        ("/v1/people:batchGet", "people.people.getBatchGet", {}),
        ("/v1/contactGroups", "people.contactGroups.list", {}),
        ("/v1/contactGroups/all", "people.contactGroups.get", {"resourceName": "contactGroups/all"}),
        ("/v1/contactGroups:batchGet", "people.contactGroups.batchGet", {}),
        ("/v1/otherContacts", "people.otherContacts.list", {}),
    ],
)
def test_a_path_of_people_leads_to_its_method(path: str, method: str, variables: dict[str, str]) -> None:
    found = PEOPLE.find("GET", path)
    assert found is not None
    assert (found[0].id, found[1]) == (method, variables)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/calendar/v3/users/me/calendarList", "calendar.calendarList.list"),
        ("/calendar/v3/users/me/calendarList/a%40b", "calendar.calendarList.get"),
        ("/calendar/v3/calendars/primary", "calendar.calendars.get"),
        ("/calendar/v3/calendars/primary/events", "calendar.events.list"),
        ("/calendar/v3/calendars/primary/events/x1_20240101", "calendar.events.get"),
        ("/calendar/v3/calendars/primary/events/x1/instances", "calendar.events.instances"),
        ("/calendar/v3/colors", "calendar.colors.get"),
    ],
)
def test_a_path_of_calendar_leads_to_its_method(path: str, method: str) -> None:
    found = CALENDAR.find("GET", path)
    assert found is not None
    assert found[0].id == method


@pytest.mark.parametrize(
    "path", ["/v1/people", "/v1/people/", "/v1/people/a/b", "/v2/people/me", "/v1/people/me/connections/", "/"]
)
def test_other_paths_lead_nowhere(path: str) -> None:
    assert PEOPLE.find("GET", path) is None


def test_another_verb_leads_elsewhere() -> None:
    assert PEOPLE.find("PUT", "/v1/people/me/connections") is None
    created = CALENDAR.find("POST", "/calendar/v3/calendars/primary/events")
    assert created is not None
    assert created[0].id == "calendar.events.insert"


def test_limits_are_read_out_of_descriptions() -> None:
    pages = {method.id: method.parameters.get("pageSize") for method in PEOPLE.methods}
    connections, groups = pages["people.people.connections.list"], pages["people.contactGroups.list"]
    assert connections is not None
    assert groups is not None
    assert (connections.lowest, connections.highest, connections.usual) == (1, 1000, 100)
    assert (groups.lowest, groups.highest, groups.usual) == (1, 1000, 30)
    results = {method.id: method.parameters.get("maxResults") for method in CALENDAR.methods}
    events, calendars = results["calendar.events.list"], results["calendar.calendarList.list"]
    assert events is not None
    assert calendars is not None
    assert (events.lowest, events.cap, events.usual) == (1, 2500, 250)
    assert (calendars.lowest, calendars.cap, calendars.usual) == (1, 250, 100)


def test_valid_paths_of_masks_are_read_out_of_descriptions() -> None:
    listing = next(each for each in PEOPLE.methods if each.id == "people.people.connections.list")
    fields = listing.parameters["personFields"].paths
    assert len(fields) == 29
    assert "fileAses" not in fields
    properties = PEOPLE.schemas["Person"]["properties"]
    assert set(fields) <= set(properties)
    groups = next(each for each in PEOPLE.methods if each.id == "people.contactGroups.list")
    assert groups.parameters["groupFields"].paths == ("clientData", "groupType", "memberCount", "metadata", "name")
