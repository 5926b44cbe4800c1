"""Faults made on purpose, and quotas with each of the reasons they are refused for."""

from __future__ import annotations

import http.client
import json

import pytest

from simulators.google import Service
from simulators.google.quotas import FAULTS, Faults
from simulators.google.refusals import Refusal
from tests.simulators.google.asking import Caller

CONNECTIONS = "people.people.connections.list"


def test_a_call_is_refused_so_many_times_from_the_named_one_on(caller: Caller, server: Service) -> None:
    server.faults.refuse("calendar.events.list", 403, "rateLimitExceeded", call=3, times=2)
    assert [caller.events().status for _ in range(6)] == [200, 200, 403, 403, 200, 200]
    assert server.answers["calendar.events.list", 403] == 2
    assert server.calls["calendar.events.list"] == 6


def test_only_the_named_method_is_refused(caller: Caller, server: Service) -> None:
    server.faults.refuse("calendar.*", 503)
    assert caller.connections().status == 200
    assert caller.events().status == 503
    assert caller.events().status == 200


def test_two_faults_count_the_same_calls() -> None:
    faults = Faults()
    faults.refuse("x", 500, call=1)
    faults.refuse("x", 503, call=3)
    met = [faults.meet("x") for _ in range(4)]
    assert [each.status if isinstance(each, Refusal) else each for each in met] == [500, None, 503, None]


@pytest.mark.parametrize("value", [30, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_it_may_be_said_when_to_come_again(caller: Caller, server: Service, value: str | int) -> None:
    server.faults.refuse(CONNECTIONS, 429, "RATE_LIMIT_EXCEEDED", retry_after=value)
    answer = caller.connections()
    assert answer.headers["retry-after"] == str(value)
    assert answer.reason == "RATE_LIMIT_EXCEEDED"
    assert answer.error["status"] == "RESOURCE_EXHAUSTED"


def test_a_fault_comes_before_token_and_parameters(server: Service) -> None:
    server.faults.refuse("*", 500, times=2)
    nobody = Caller(server, token="x")
    assert nobody.connections().status == nobody.events().status == 500
    assert nobody.events().status == 401


@pytest.mark.parametrize("fault", ["reset", "lost"])
def test_a_connection_is_reset(caller: Caller, server: Service, fault: str) -> None:
    server.faults.break_(CONNECTIONS, fault)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        caller.connections()
    assert caller.connections().status == 200
    assert server.answers[CONNECTIONS, 0] == 1


def test_an_answer_breaks_off(caller: Caller, server: Service) -> None:
    server.faults.break_("calendar.*", "cut")
    with pytest.raises(http.client.IncompleteRead) as cut:
        caller.events()
    assert len(cut.value.partial) > 1000
    assert caller.events().status == 200


def test_a_captive_portal_answers_with_a_page(caller: Caller, server: Service) -> None:
    server.faults.break_("*", "html")
    answer = caller.connections()
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html")
    with pytest.raises(json.JSONDecodeError):
        answer.json  # noqa: B018 - reading it is the test


def test_pictures_break_alike(caller: Caller, server: Service) -> None:
    server.faults.break_("photos", "reset")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        caller.request("GET", "/photos/contacts/12")
    server.faults.break_("photos", "html")
    assert b"accept our terms" in caller.request("GET", "/photos/contacts/12").body


def test_faults_can_be_forgotten(caller: Caller, server: Service) -> None:
    server.faults.refuse("*", 500, times=100)
    server.faults.mend()
    assert caller.connections().status == 200


def test_there_are_no_other_faults(server: Service) -> None:
    with pytest.raises(KeyError):
        server.faults.break_("*", "explode")
    assert set(FAULTS) == {"reset", "cut", "html", "lost", "short"}


def test_the_quota_of_people_is_refused_with_429(caller: Caller, server: Service) -> None:
    server.quotas.people, server.quotas.retry_after = 2, 17
    assert [caller.connections().status for _ in range(3)] == [200, 200, 429]
    refused = caller.people("contactGroups")
    assert refused.status == 429
    assert refused.error["status"] == "RESOURCE_EXHAUSTED"
    assert refused.error["message"] == "Resource has been exhausted (e.g. check quota)."
    assert refused.error["details"][0]["@type"].endswith("QuotaFailure")
    assert refused.headers["retry-after"] == "17"
    assert caller.events().status == 200
    server.advance(60)
    assert caller.connections().status == 200


@pytest.mark.parametrize(
    ("reason", "status"),
    [("rateLimitExceeded", 403), ("userRateLimitExceeded", 403), ("quotaExceeded", 403), ("rateLimitExceeded", 429)],
)
def test_the_quota_of_calendar_is_refused_with_its_reason(
    caller: Caller, server: Service, reason: str, status: int
) -> None:
    """Case 47 of files: 403 for rate, for quota and for a scope are three different things."""
    server.quotas.calendar, server.quotas.reason, server.quotas.status = 1, reason, status
    assert caller.events().status == 200
    refused = caller.events()
    assert (refused.status, refused.reason) == (status, reason)
    assert refused.error["errors"][0]["domain"] == "usageLimits"
    assert "retry-after" not in refused.headers
    assert caller.connections().status == 200


def test_full_syncs_of_contacts_have_a_quota_of_their_own(caller: Caller, server: Service) -> None:
    """The document: "The first page of a full sync request has an additional quota"."""
    server.quotas.full_syncs = 1
    first = caller.connections(pageSize=10, requestSyncToken=True).json
    assert caller.connections(pageSize=10, requestSyncToken=True).status == 429
    following = caller.connections(pageSize=10, requestSyncToken=True, pageToken=first["nextPageToken"])
    assert following.status == 200
    assert caller.people("contactGroups").status == 200


def test_bytes_are_counted(caller: Caller, server: Service) -> None:
    sizes = [len(caller.connections(pageSize=size).body) for size in (1, 10, 40)]
    assert server.bytes[CONNECTIONS] == sum(sizes)
    assert sizes == sorted(sizes)
