"""Requests are built by Google's library and sent by our transport, to the configured host only."""

from __future__ import annotations

import json
import logging
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import ConfigError, ConnectorBroken, ItemRejected, NotTheService, Throttled, Transient
from connectors.google import client, hosts
from connectors.google.client import Service, _NoSockets, discovery, listed_values
from connectors.retry import RetryPolicy
from oauth.authorizers import Bearer
from oauth.secret import Secret
from tests.connectors.servers import End, always, in_turn, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.http import Http
    from tests.connectors.conftest import MakeHttp, Serve, Time
    from tests.connectors.servers import Server

TOKEN = "ya29.canary"


@pytest.fixture
def service(serve: Serve, make_http: MakeHttp) -> Callable[..., tuple[Service, Server]]:
    """Return a People or Calendar API that answers by a script, and its server."""

    def make(script: Any, document: str = "people.v1", limit: int = 6000) -> tuple[Service, Server]:
        server = serve(script)
        http = make_http(authorizer=Bearer(Secret(TOKEN), to=[server.origin]))
        return Service(http, document, root=server.url(), limit=limit), server

    return make


def ok(said: Any) -> bytes:
    return reply(200, json.dumps(said).encode(), content_type="application/json")


def test_a_request_is_what_the_document_says(service: Callable[..., tuple[Service, Server]]) -> None:
    people, server = service(always(ok({"connections": []})))
    said = people.ask(
        "people.connections.list", resourceName="people/me", personFields="names", sources=["A", "B"][:0], pageSize=5
    )
    assert said == {"connections": []}
    (asked,) = server.received
    parts = urlsplit(asked.path)
    assert (asked.method, parts.path) == ("GET", "/v1/people/me/connections")
    assert parse_qs(parts.query) == {"personFields": ["names"], "pageSize": ["5"], "alt": ["json"]}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["user-agent"] == "Wherry"


def test_names_are_parts_of_a_path_never_paths(service: Callable[..., tuple[Service, Server]]) -> None:
    calendar, server = service(always(ok({})), "calendar.v3")
    calendar.ask("events.get", calendarId="a/../b?c#d@group.v.calendar.google.com", eventId="x y/%2e%2e")
    path = urlsplit(server.received[0].path).path
    assert path.startswith("/calendar/v3/calendars/a%2F..%2Fb%3Fc%23d%40group")
    assert path.endswith("/events/x%20y%2F%252e%252e")


def test_a_name_the_document_does_not_admit_is_no_request(service: Callable[..., tuple[Service, Server]]) -> None:
    people, server = service(always(ok({})))
    with pytest.raises(ItemRejected):
        people.ask("contactGroups.get", resourceName="people/../../secrets")
    with pytest.raises(ItemRejected):
        people.ask("contactGroups.get", resourceName="contactGroups/x", nonsense="1")
    assert server.received == []


@pytest.mark.parametrize("document", ["people.v1", "calendar.v3"])
def test_the_default_address_is_the_documents(document: str) -> None:
    root = {"people.v1": hosts.PEOPLE, "calendar.v3": hosts.CALENDAR}[document]
    assert discovery(document)["rootUrl"] == root


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "evil.example"),
        ("GOOGLE_API_USE_MTLS_ENDPOINT", "always"),
        ("GOOGLE_API_USE_CLIENT_CERTIFICATE", "true"),
    ],
)
def test_no_variable_of_the_environment_leads_elsewhere(
    monkeypatch: pytest.MonkeyPatch, make_http: MakeHttp, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    client._service.cache_clear()
    client._builder.cache_clear()
    for document, root in (("people.v1", hosts.PEOPLE), ("calendar.v3", hosts.CALENDAR)):
        service = Service(make_http(), document, root=root, limit=10)
        method = "contactGroups.list" if document == "people.v1" else "calendarList.list"
        assert service.url(method).startswith(root)


def test_the_library_opens_no_connection(
    service: Callable[..., tuple[Service, Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Air gap: every address anybody connects to during a call is the configured one."""
    asked: list[object] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        asked.append(address)
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    people, server = service(always(ok({"contactGroups": []})))
    people.ask("contactGroups.list", pageSize=3)
    people.ask("people.getBatchGet", resourceNames=["people/c1", "people/c2"], personFields="names")
    assert asked
    assert set(asked) == {("127.0.0.1", server.port)}


def test_whoever_opens_one_through_the_library_is_stopped() -> None:
    request = client._service("people.v1", "http://127.0.0.1:1/").contactGroups().list()
    with pytest.raises(ConnectorBroken):
        request.execute()
    with pytest.raises(ConnectorBroken):
        _NoSockets().request("https://people.googleapis.com/")


def test_building_methods_is_done_once(make_http: MakeHttp) -> None:
    service = Service(make_http(), "people.v1", root="http://127.0.0.1:1/", limit=10)
    service.url("contactGroups.list")
    before = client._builder.cache_info()
    service.url("contactGroups.list", pageSize=3)
    after = client._builder.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)


@pytest.mark.parametrize("root", ["", "ftp://x/", "people.googleapis.com", "https://user@host/"])
def test_an_address_that_is_none_is_refused(make_http: MakeHttp, root: str) -> None:
    with pytest.raises(ConfigError):
        Service(make_http(), "people.v1", root=root, limit=10)


@pytest.mark.parametrize(
    "body", [b"<!doctype html><title>Sign in</title>", b"", b"[1]", b'{"connections": [', b"[" * 100_000, b"\xff\xfe"]
)
def test_an_answer_that_is_no_object_is_not_the_service(
    service: Callable[..., tuple[Service, Server]], body: bytes
) -> None:
    people, _ = service(always(reply(200, body)))
    with pytest.raises(NotTheService):
        people.ask("contactGroups.list")


def test_a_cut_answer_is_asked_for_again(service: Callable[..., tuple[Service, Server]]) -> None:
    whole = ok({"contactGroups": [{"name": "x" * 1000}]})
    people, server = service(in_turn([whole[:-200], End.CLOSE], whole))
    assert people.ask("contactGroups.list")
    assert len(server.received) == 2


def test_an_answer_from_another_host_is_none(service: Callable[..., tuple[Service, Server]], serve: Serve) -> None:
    other = serve(always(ok({"contactGroups": []})))
    people, _ = service(always(reply(302, location=other.url("/portal"))))
    with pytest.raises(NotTheService):
        people.ask("contactGroups.list")
    assert all("authorization" not in each.headers for each in other.received), "the token stays at its origin"


def test_a_limit_in_the_body_of_a_403_is_waited_for(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    said = {"error": {"code": 403, "errors": [{"domain": "usageLimits", "reason": "userRateLimitExceeded"}]}}
    server = serve(in_turn(reply(403, json.dumps(said).encode()), ok({"items": []})))
    http: Http = make_http(clock=clock, sleep=clock.sleep, retry=RetryPolicy(first=1, total=60))
    calendar = Service(http, "calendar.v3", root=server.url(), limit=600)
    assert calendar.ask("calendarList.list") == {"items": []}
    assert clock.slept > 0


def test_a_limit_of_the_day_is_handed_on(service: Callable[..., tuple[Service, Server]]) -> None:
    said = {"error": {"code": 403, "errors": [{"domain": "usageLimits", "reason": "dailyLimitExceeded"}]}}
    people, server = service(always(reply(403, json.dumps(said).encode())))
    with pytest.raises(Throttled) as fault:
        people.ask("contactGroups.list")
    assert fault.value.per == "project"
    assert len(server.received) == 1


def test_trouble_of_theirs_is_tried_again(service: Callable[..., tuple[Service, Server]]) -> None:
    people, server = service(in_turn(reply(500, b"{}"), reply(502, b"<html>"), ok({})))
    people.ask("contactGroups.list")
    assert len(server.received) == 3
    server.script = always(reply(503, b"{}"))
    with pytest.raises(Transient):
        people.ask("contactGroups.list")


def test_requests_keep_to_the_quota(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    server = serve(always(ok({})))
    people = Service(make_http(clock=clock, sleep=clock.sleep), "people.v1", root=server.url(), limit=10)
    for _ in range(25):
        people.ask("contactGroups.list")
    assert clock.slept >= 60 * (25 - 5) / 10 * 0.9


def test_no_log_line_holds_a_token_or_a_body(
    service: Callable[..., tuple[Service, Server]], caplog: pytest.LogCaptureFixture
) -> None:
    people, _ = service(always(ok({"contactGroups": [{"name": "canary-body"}]})))
    with caplog.at_level(logging.DEBUG):
        people.ask("contactGroups.list", pageToken="canary-page")
    assert "canary" not in caplog.text


def test_masks_come_from_the_document() -> None:
    fields = listed_values("people.v1", "people.connections.list", "personFields")
    assert {"names", "photos", "memberships", "metadata", "userDefined", "clientData"} <= set(fields)
    known = set(discovery("people.v1")["schemas"]["Person"]["properties"])
    assert set(fields) <= known
    left = known - set(fields) - {"etag", "resourceName"}
    deprecated = {
        "ageRange",
        "braggingRights",
        "relationshipInterests",
        "relationshipStatuses",
        "residences",
        "taglines",
    }
    assert left == deprecated | {"fileAses"}, "fileAses cannot be read; a new field has to be looked at"
