"""Every refusal Google documents, or was seen to make, becomes the leaf that says who must act."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.answers import Headers, Response
from connectors.errors import (
    ConnectorError,
    CursorExpired,
    ItemRejected,
    NotTheService,
    ProviderForbids,
    ReauthRequired,
    ScopeMissing,
    Throttled,
    TooMuchAtOnce,
    Transient,
    Vanished,
)
from connectors.google.errors import HOUR, REASONS, STATUSES, PageLost, failure, passing, read

TYPE = "type.googleapis.com/google.rpc."


def answer(status: int, said: Any, **headers: str) -> Response:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Response(status, Headers(fields), "https://people.googleapis.com/v1/x", body)


def old(status: int, reason: str, *, domain: str = "global", **more: str) -> Response:
    """Return a refusal as Calendar words it."""
    error = {"domain": domain, "reason": reason, "message": "words for a person", **more}
    return answer(status, {"error": {"code": status, "message": "words", "errors": [error]}})


def new(status: int, word: str, reason: str = "", **metadata: str) -> Response:
    """Return a refusal as People words it."""
    info = {"@type": TYPE + "ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": metadata}
    error = {"code": status, "message": "words", "status": word, "details": [info] if reason else []}
    return answer(status, {"error": error})


OLD = [
    (403, "rateLimitExceeded", Throttled),
    (429, "rateLimitExceeded", Throttled),
    (403, "userRateLimitExceeded", Throttled),
    (403, "servingLimitExceeded", Throttled),
    (403, "concurrentLimitExceeded", Throttled),
    (403, "quotaExceeded", Throttled),
    (403, "dailyLimitExceeded", Throttled),
    (403, "dailyLimitExceededUnreg", Throttled),
    (410, "fullSyncRequired", CursorExpired),
    (410, "updatedMinTooLongAgo", CursorExpired),
    (410, "deleted", Vanished),
    (401, "authError", ReauthRequired),
    (401, "expired", ReauthRequired),
    (403, "insufficientPermissions", ScopeMissing),
    (403, "accessNotConfigured", ProviderForbids),
    (403, "usageLimits.accessNotConfigured", ProviderForbids),
    (403, "domainPolicy", ProviderForbids),
    (404, "notFound", Vanished),
    (403, "forbidden", ItemRejected),
    (403, "requiredAccessLevel", ItemRejected),
    (403, "forbiddenForNonOrganizer", ItemRejected),
    (400, "invalid", ItemRejected),
    (400, "invalidParameter", ItemRejected),
    (400, "badRequest", ItemRejected),
    (400, "syncTokenWithRequestRestrictions", ItemRejected),
    (500, "backendError", Transient),
    (503, "backendError", Transient),
    (500, "internalError", Transient),
]
NEW = [
    (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", Throttled),
    (429, "RESOURCE_EXHAUSTED", "", Throttled),
    (400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN", CursorExpired),
    (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", ScopeMissing),
    (401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED", ReauthRequired),
    (401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED", ReauthRequired),
    (401, "UNAUTHENTICATED", "CREDENTIALS_MISSING", ReauthRequired),
    (401, "UNAUTHENTICATED", "ACCOUNT_STATE_INVALID", ReauthRequired),
    (401, "UNAUTHENTICATED", "SESSION_COOKIE_INVALID", ReauthRequired),
    (401, "UNAUTHENTICATED", "", ReauthRequired),
    (403, "PERMISSION_DENIED", "SERVICE_DISABLED", ProviderForbids),
    (403, "PERMISSION_DENIED", "CONSUMER_SUSPENDED", ProviderForbids),
    (403, "PERMISSION_DENIED", "CONSUMER_INVALID", ProviderForbids),
    (403, "PERMISSION_DENIED", "BILLING_DISABLED", ProviderForbids),
    (403, "PERMISSION_DENIED", "USER_PROJECT_DENIED", ProviderForbids),
    (403, "PERMISSION_DENIED", "", ItemRejected),
    (404, "NOT_FOUND", "", Vanished),
    (400, "INVALID_ARGUMENT", "", ItemRejected),
    (500, "INTERNAL", "", Transient),
    (503, "UNAVAILABLE", "", Transient),
    (504, "DEADLINE_EXCEEDED", "", Transient),
    (409, "ABORTED", "", Transient),
]


@pytest.mark.parametrize(("status", "reason", "leaf"), OLD)
def test_calendar_reasons(status: int, reason: str, leaf: type[ConnectorError]) -> None:
    assert type(failure(old(status, reason))) is leaf


@pytest.mark.parametrize(("status", "word", "reason", "leaf"), NEW)
def test_people_reasons(status: int, word: str, reason: str, leaf: type[ConnectorError]) -> None:
    assert type(failure(new(status, word, reason))) is leaf


def test_every_row_is_tried_above() -> None:
    tried = {row[1] for row in OLD} | {row[2] or row[1] for row in NEW} | {"insufficient_scope", "invalid_token"}
    assert set(REASONS) == tried


@pytest.mark.parametrize(
    ("status", "leaf"),
    [
        *((400, ItemRejected), (401, ReauthRequired), (408, Transient), (410, CursorExpired), (413, TooMuchAtOnce)),
        *((414, TooMuchAtOnce), (429, Throttled), (511, NotTheService), (418, ItemRejected), (500, Transient)),
        *((502, Transient), (599, Transient), (204, NotTheService), (302, NotTheService)),
        # The APIs always give a reason: without one somebody else answered.
        *((403, NotTheService), (404, NotTheService)),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html><h1>Not here</h1>", b"[]", b'{"error":[]}'])
def test_a_status_decides_only_where_no_reason_is_given(status: int, leaf: type[ConnectorError], body: bytes) -> None:
    assert type(failure(answer(status, body))) is leaf


@pytest.mark.parametrize(("status", "leaf"), [(403, ItemRejected), (404, Vanished), (500, Transient)])
def test_an_envelope_without_a_reason_is_the_apis_still(status: int, leaf: type[ConnectorError]) -> None:
    assert type(failure(answer(status, {"error": {"code": status, "message": "words", "errors": 3}}))) is leaf


def test_every_status_row_is_tried_above() -> None:
    assert set(STATUSES) <= {400, 401, 403, 404, 408, 410, 413, 414, 429, 511}


@pytest.mark.parametrize(
    ("limit", "per", "wait"),
    [
        ("ReadRequestsPerMinutePerUser", "user", None),
        ("defaultPerMinutePerProject", "project", None),
        ("defaultPerDayPerProject", "project", HOUR),
    ],
)
def test_who_is_asked_too_often(limit: str, per: str, wait: float | None) -> None:
    error = failure(new(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", quota_limit=limit))
    assert isinstance(error, Throttled)
    assert (error.per, error.retry_after) == (per, wait)
    assert limit in error.detail


@pytest.mark.parametrize(
    ("reason", "per", "wait"),
    [
        ("userRateLimitExceeded", "user", 7.0),
        ("rateLimitExceeded", "user", 7.0),
        ("dailyLimitExceeded", "project", 7.0),
        ("quotaExceeded", "user", 7.0),
    ],
)
def test_a_wait_google_asks_for_is_kept(reason: str, per: str, wait: float) -> None:
    said = old(403, reason, domain="usageLimits")
    error = failure(Response(said.status, Headers([("Retry-After", "7")]), said.url, said.body))
    assert isinstance(error, Throttled)
    assert (error.per, error.retry_after) == (per, wait)


def test_a_limit_of_the_day_is_not_asked_again_at_once() -> None:
    error = failure(old(403, "dailyLimitExceeded", domain="usageLimits"))
    assert isinstance(error, Throttled)
    assert error.retry_after == HOUR


def test_both_envelopes_in_one_answer_are_read_newest_first() -> None:
    said = json.loads(new(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT").body)
    said["error"]["errors"] = [{"domain": "global", "reason": "forbidden", "message": "Insufficient Permission"}]
    challenge = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="a b"'
    error = failure(answer(403, said, www_authenticate=challenge))
    assert isinstance(error, ScopeMissing)
    assert error.scope == "a b"
    assert read(answer(403, said)).reasons == ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "forbidden", "PERMISSION_DENIED")


@pytest.mark.parametrize("word", ["insufficient_scope", "invalid_token"])
def test_oauth_words_are_understood(word: str) -> None:
    leaf = ScopeMissing if word == "insufficient_scope" else ReauthRequired
    assert type(failure(answer(403, {"error": word, "error_description": "words"}))) is leaf


@pytest.mark.parametrize("name", ["syncToken", "sync_token"])
def test_a_sync_token_they_do_not_like_is_an_expired_cursor(name: str) -> None:
    assert type(failure(old(400, "invalid", location=name, locationType="parameter"))) is CursorExpired
    violation = {"@type": TYPE + "BadRequest", "fieldViolations": [{"field": name, "description": "words"}]}
    said = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [violation]}}
    assert type(failure(answer(400, said))) is CursorExpired


def test_a_page_token_they_do_not_know_any_more() -> None:
    error = failure(old(400, "invalid", location="pageToken"))
    assert isinstance(error, PageLost)
    assert passing(old(400, "invalid", location="pageToken")) is None, "the same request would be refused again"


@pytest.mark.parametrize(
    ("response", "worth"),
    [
        (old(403, "userRateLimitExceeded"), True),
        (new(429, "RESOURCE_EXHAUSTED"), True),
        (old(500, "backendError"), True),
        (answer(502, b"<html>"), True),
        (answer(404, b"<html>"), False),
        (old(404, "notFound"), False),
        (old(403, "forbidden"), False),
        (new(401, "UNAUTHENTICATED"), False),
        (new(400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN"), False),
        (answer(413, b""), False),
    ],
)
def test_what_is_worth_the_same_request_again(response: Response, worth: bool) -> None:
    assert (passing(response) is not None) is worth


def test_hostile_words_do_not_reach_the_log() -> None:
    said = old(403, "evil\nline \x1b[31m", location="x" * 10_000)
    error = failure(said)
    assert error.detail == "403"
    assert "message" not in error.detail


def test_an_unknown_reason_leaves_it_to_the_status() -> None:
    assert type(failure(old(403, "somethingNew"))) is ItemRejected
    assert type(failure(old(404, "somethingNew"))) is Vanished
    assert type(failure(old(500, "somethingNew"))) is Transient
