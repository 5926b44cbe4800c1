"""google-api-python-client, which was not written for this server, reads everything there is."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from simulators.google import Service
from tests.simulators.google.asking import ALL_FIELDS, official


def _all(request: Any, following: Any, name: str) -> list[Any]:
    found: list[Any] = []
    while request is not None:
        answer = request.execute()
        found += answer.get(name, [])
        request = following(request, answer)
    return found


def test_it_pages_through_all_contacts(people: Any, server: Service) -> None:
    listing = people.people().connections()
    first = listing.list(resourceName="people/me", personFields=ALL_FIELDS, pageSize=20)
    found = _all(first, listing.list_next, "connections")
    assert [each["resourceName"] for each in found] == list(server.account.person_names())
    assert server.calls["people.people.connections.list"] == 3


def test_it_gets_one_contact_and_several(people: Any, server: Service) -> None:
    names = list(server.account.person_names())[:3]
    one = people.people().get(resourceName=names[0], personFields="names").execute()
    several = people.people().getBatchGet(resourceNames=names, personFields="names").execute()
    assert one["resourceName"] == names[0]
    assert [each["person"]["resourceName"] for each in several["responses"]] == names
    assert several["responses"][0]["person"] == one


def test_it_reads_groups_and_their_members(people: Any) -> None:
    groups = _all(people.contactGroups().list(pageSize=7), people.contactGroups().list_next, "contactGroups")
    assert len(groups) == 20
    mine = people.contactGroups().get(resourceName="contactGroups/myContacts", maxMembers=100).execute()
    assert mine["memberCount"] == len(mine["memberResourceNames"]) == 45


def test_it_reads_other_contacts(people: Any) -> None:
    listing = people.otherContacts()
    found = _all(listing.list(readMask="names,emailAddresses", pageSize=5), listing.list_next, "otherContacts")
    assert len({each["resourceName"] for each in found}) == 12


def test_it_reads_every_event_of_every_calendar(calendar: Any) -> None:
    entries = calendar.calendarList().list(showHidden=True).execute()["items"]
    listing = calendar.events()
    found = [
        event
        for entry in entries
        for event in _all(listing.list(calendarId=entry["id"], maxResults=17), listing.list_next, "items")
    ]
    assert len(entries) == 5
    assert len(found) == 200


def test_it_gets_an_event_by_id(calendar: Any) -> None:
    listed = calendar.events().list(calendarId="primary").execute()["items"]
    for event in listed[:20]:
        assert calendar.events().get(calendarId="primary", eventId=event["id"]).execute() == event


def test_it_tells_the_reason_of_an_error(people: Any, calendar: Any) -> None:
    with pytest.raises(HttpError, match="personFields mask is required"):
        people.people().connections().list(resourceName="people/me").execute()
    with pytest.raises(HttpError, match="Not Found") as missing:
        calendar.calendars().get(calendarId="nobody@example.org").execute()
    assert missing.value.resp.status == 404


def test_a_scope_that_is_missing_is_said(server: Service) -> None:
    with (
        official("people.v1", server, server.token("calendar.readonly")) as contacts,
        pytest.raises(HttpError, match="insufficient authentication scopes") as refused,
    ):
        contacts.contactGroups().list().execute()
    assert refused.value.resp.status == 403
