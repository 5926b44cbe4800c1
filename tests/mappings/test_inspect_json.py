"""What an API's JSON object is, asked of every item that is copied: whole or not, its kind, whose, and its day."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.inspect import inspect
from mappings.inspect_json import inspect_json
from mappings.limits import Limits
from mappings.mediatypes import EVENTS, PERSON

DAY = date(2026, 3, 1).toordinal() - date(1970, 1, 1).toordinal()

PEOPLE: dict[str, Any] = {
    "connections": [{"resourceName": "people/c1", "names": [{"givenName": "Ana"}]}],
    "contactGroups": [{"resourceName": "contactGroups/a", "name": "Friends"}],
    "photos": {"https://lh3.test/a": {"mediaType": "image/png", "data": "aGVsbG8="}},
}

SERIES: dict[str, Any] = {
    "summary": "Work",
    "items": [
        {"id": "a", "iCalUID": "a@google.com", "start": {"dateTime": "2026-03-01T10:00:00+01:00"}},
        {"id": "a_1", "iCalUID": "a@google.com", "status": "cancelled", "recurringEventId": "a"},
    ],
}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def body(document: object) -> bytes:
    return json.dumps(document).encode()


def test_a_person() -> None:
    found = inspect(PERSON, body(PEOPLE))
    assert (found.complete, found.problem, found.component) == (True, "", "VCARD")
    assert (found.uid, found.uids, found.day, found.meeting) == ("people/c1", 1, None, False)


def test_another_contact_is_a_person_too() -> None:
    assert inspect(PERSON, body({"otherContacts": PEOPLE["connections"]})).complete


def test_a_series_of_events() -> None:
    found = inspect(EVENTS, body(SERIES))
    assert (found.complete, found.component, found.uid, found.uids, found.day) == (
        True,
        "VEVENT",
        "a@google.com",
        1,
        DAY,
    )
    assert not found.meeting


@pytest.mark.parametrize("key", ["attendees", "organizer"])
def test_a_meeting(key: str) -> None:
    items = [{**SERIES["items"][0], key: [{"email": "ana@example.org"}]}]
    assert inspect(EVENTS, body({"items": items})).meeting


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ({"date": "2026-03-01"}, DAY),
        ({"dateTime": "2026-03-01T00:30:00+14:00"}, DAY),
        ({"dateTime": "never"}, None),
        ({"date": "2026-02-30"}, None),
        ({"date": 20260301}, None),
        ({}, None),
        (None, None),
        ("2026-03-01", None),
    ],
)
def test_the_day(start: object, day: int | None) -> None:
    found = inspect(EVENTS, body({"items": [{"iCalUID": "a", "start": start}]}))
    assert found.complete
    assert found.day == day


@pytest.mark.parametrize(
    ("media_type", "text", "problem"),
    [
        (PERSON, b"", "empty"),
        (PERSON, b" \n\t", "empty"),
        (PERSON, b"\xff\xfe{}", "truncated"),
        (PERSON, b"\x80", "not-text"),
        (PERSON, b"{", "truncated"),
        (PERSON, b"[" * 200_000, "too-deep"),
        (PERSON, b"9" * 100_000, "truncated"),
        (PERSON, b"[]", "wrong-type"),
        (PERSON, b"null", "wrong-type"),
        (PERSON, b"{}", "no-component"),
        (PERSON, b'{"connections": {}}', "no-component"),
        (PERSON, b'{"connections": [7, null]}', "no-component"),
        (PERSON, body({"connections": PEOPLE["connections"] * 2}), "several"),
        (PERSON, body(SERIES), "no-component"),
        (EVENTS, body(PEOPLE), "no-component"),
        (EVENTS, body({"items": [{"iCalUID": "a"}, {"iCalUID": "b"}]}), "several"),
        ("application/json", body(PEOPLE), "unknown-type"),
    ],
)
def test_what_is_no_whole_object_says_why(media_type: str, text: bytes, problem: str) -> None:
    found = inspect(media_type, text)
    assert (found.complete, found.problem) == (False, problem)


def test_one_that_is_too_large_is_not_read() -> None:
    found = inspect(PERSON, body(PEOPLE), limits=Limits(octets=10))
    assert found.problem == "too-large"


def test_parameters_and_case_of_the_type_do_not_matter() -> None:
    assert inspect(f"{PERSON.upper()}; charset=utf-8", body(PEOPLE)).complete
    assert inspect_json("text/plain", b"{}") is None


@pytest.mark.parametrize(("media_type", "document"), [(PERSON, PEOPLE), (EVENTS, SERIES)])
def test_cut_off_anywhere_is_recognised(media_type: str, document: object) -> None:
    whole = body(document)
    for end in range(len(whole)):
        assert not inspect(media_type, whole[:end]).complete, end


@given(st.sampled_from([PERSON, EVENTS]), VALUES)
def test_no_json_makes_it_raise(media_type: str, value: object) -> None:
    found = inspect(media_type, body(value))
    assert found.complete is (found.problem == "")


@given(st.sampled_from([PERSON, EVENTS]), st.sampled_from(["connections", "otherContacts", "items"]), VALUES)
def test_no_list_of_items_makes_it_raise(media_type: str, key: str, value: object) -> None:
    found = inspect(media_type, body({key: value}))
    assert found.complete is (found.problem == "")


@given(st.sampled_from([PERSON, EVENTS]), st.binary(max_size=60))
def test_no_octets_make_it_raise(media_type: str, octets: bytes) -> None:
    found = inspect(media_type, octets)
    assert found.complete is (found.problem == "")
