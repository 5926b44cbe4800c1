"""Queries are held to the document: unknown names, wrong types, values out of range."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.google.discovery import Method, document
from simulators.google.parameters import moment, number, read, text, texts
from simulators.google.refusals import Refusal
from tests.simulators.google.asking import Caller


def _method(api: str, name: str) -> Method:
    return next(each for each in document(api).methods if each.id == name)


CONNECTIONS = _method("people.v1", "people.people.connections.list")
EVENTS = _method("calendar.v3", "calendar.events.list")
ME = {"resourceName": "people/me"}
PRIMARY = {"calendarId": "primary"}


def test_values_have_the_type_of_the_document() -> None:
    query = "personFields=names&pageSize=20&requestSyncToken=true&sources=READ_SOURCE_TYPE_CONTACT"
    said = read(CONNECTIONS, ME, query)
    assert said["resourceName"] == "people/me"
    assert number(said, CONNECTIONS, "pageSize") == 20
    assert said["requestSyncToken"] is True
    assert texts(said, "sources") == ["READ_SOURCE_TYPE_CONTACT"]
    assert text(said, "personFields") == "names"


def test_a_path_is_decoded() -> None:
    assert read(EVENTS, {"calendarId": "a%40b%2Fc"}, "")["calendarId"] == "a@b/c"


def test_what_was_not_said_is_the_documents_default() -> None:
    assert number({}, CONNECTIONS, "pageSize") == 100
    assert number({}, EVENTS, "maxResults") == 250
    assert text({}, "pageToken") == ""
    assert texts({}, "sources") == []


def test_a_page_size_of_zero_is_the_default_at_people() -> None:
    assert number(read(CONNECTIONS, ME, "pageSize=0"), CONNECTIONS, "pageSize") == 100


def test_too_many_results_are_cut_down_at_calendar() -> None:
    assert number(read(EVENTS, PRIMARY, "maxResults=99999"), EVENTS, "maxResults") == 2500


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("bogus=1", "bogus"),
        ("pageSize=1001", "pageSize"),
        ("pageSize=-1", "pageSize"),
        ("pageSize=ten", "pageSize"),
        ("pageSize=1.0", "pageSize"),
        ("pageSize=99999999999999", "pageSize"),
        ("pageSize=1&pageSize=2", "pageSize"),
        ("sortOrder=RANDOM", "sortOrder"),
        ("sources=READ_SOURCE_TYPE_CONTACT,READ_SOURCE_TYPE_PROFILE", "sources"),
        ("requestSyncToken=yes", "requestSyncToken"),
        ("requestSyncToken=", "requestSyncToken"),
        ("alt=xml", "alt"),
    ],
)
def test_what_people_refuses(query: str, location: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(CONNECTIONS, ME, query)
    assert (refused.value.status, refused.value.location) == (400, location)


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("bogus=1", "bogus"),
        ("calendarId=x", "calendarId"),
        ("maxResults=0", "maxResults"),
        ("maxResults=-5", "maxResults"),
        ("maxAttendees=0", "maxAttendees"),
        ("singleEvents=1", "singleEvents"),
        ("eventTypes=party", "eventTypes"),
        ("orderBy=summary", "orderBy"),
        ("timeMin=2026-01-01", "timeMin"),
        ("timeMin=2026-01-01T00:00:00", "timeMin"),
        ("timeMax=tomorrow", "timeMax"),
        ("updatedMin=", "updatedMin"),
        ("$.xgafv=1", "$.xgafv"),
    ],
)
def test_what_calendar_refuses(query: str, location: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(EVENTS, PRIMARY, query)
    assert (refused.value.status, refused.value.location) == (400, location)


def test_repeated_parameters_may_be_repeated() -> None:
    said = read(EVENTS, PRIMARY, "eventTypes=default&eventTypes=birthday")
    assert texts(said, "eventTypes") == ["default", "birthday"]


def test_a_required_parameter_must_be_there() -> None:
    with pytest.raises(Refusal, match="resourceName"):
        read(CONNECTIONS, {}, "")


@pytest.mark.parametrize("said", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00+05:45", "2026-01-01T00:00:00.123-03:30"])
def test_an_instant_needs_an_offset(said: str) -> None:
    assert moment("timeMin", said).utcoffset() is not None


@pytest.mark.parametrize("query", ["a&b", "=", "%zz&&", "x=%ff%fe", "x=\x00"])
def test_a_query_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(Refusal):
        read(EVENTS, PRIMARY, query)


@given(st.text(max_size=200))
def test_any_query_is_read_or_refused(query: str) -> None:
    with contextlib.suppress(Refusal):
        said = read(EVENTS, PRIMARY, query)
        assert set(said) <= set(EVENTS.parameters)


def test_people_says_which_name_it_does_not_know(caller: Caller) -> None:
    answer = caller.connections(personfields="names")
    assert answer.status == 400
    assert answer.error["status"] == "INVALID_ARGUMENT"
    assert 'Unknown name "personfields"' in answer.error["message"]
    assert answer.error["details"][0]["fieldViolations"][0]["field"] == "personfields"


def test_calendar_says_where_it_is(caller: Caller) -> None:
    error = caller.events(maxresults=5).error
    said = {"domain": "global", "reason": "invalidParameter", "locationType": "parameter", "location": "maxresults"}
    assert error["code"] == 400
    assert said.items() <= error["errors"][0].items()
