"""Radicale, the real one, opens to tokens of the real identity provider, for as long as they live."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from simulators.davservers import DEFAULT_PASSWORD, DavServer, radicale, radicale_with_bearer
from simulators.davstores import fill
from simulators.identity.generic import Generic, generic
from simulators.oidc_servers import OidcServer
from tests.simulators.identity.asking import Answer, Program, bearer, send
from tests.simulators.oidc import Visit

pytestmark = pytest.mark.server
DAV = "{DAV:}"
EVENT = b"""BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTAMP:20260101T000000Z\r
DTSTART:20260102T100000Z\r\nSUMMARY:Caf\xc3\xa9\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"""


def ask(method: str, url: str, token: str, *, body: bytes = b"", depth: str = "0") -> Answer:
    headers = {"Depth": depth, "Content-Type": "text/calendar", **(bearer(token) if token else {})}
    return send(method, url, headers=headers, body=body)


@pytest.fixture
def visit(oidc: OidcServer) -> Visit:
    return Visit(oidc, oidc.public)


@pytest.fixture
def calendars(visit: Visit, tmp_path: Path) -> Iterator[DavServer]:
    """Run the server of the person who visits."""
    keeper = visit.provider.resource_server
    with radicale_with_bearer(
        tmp_path,
        introspect_url=visit.provider.introspect_url,
        client=keeper.id,
        secret=keeper.secret,
        username=visit.user,
    ) as server:
        yield server


def test_a_token_opens_what_is_its_person_s(visit: Visit, calendars: DavServer) -> None:
    token = visit.connect()["access_token"]
    answer = ask("PROPFIND", calendars.url, token)
    principal = ET.fromstring(answer.body).find(f".//{DAV}current-user-principal/{DAV}href")
    assert answer.status == 207
    assert principal is not None
    assert principal.text is not None
    assert calendars.calendars_home.endswith(principal.text)


def test_events_are_written_and_read(visit: Visit, calendars: DavServer) -> None:
    token = visit.connect()["access_token"]
    home = f"{calendars.calendars_home}work/"
    assert ask("MKCALENDAR", home, token).status == 201
    assert ask("PUT", f"{home}one.ics", token, body=EVENT).status == 201
    assert "Café" in ask("GET", f"{home}one.ics", token).body.decode()
    listed = ET.fromstring(ask("PROPFIND", home, token, depth="1").body)
    assert len(listed.findall(f"{DAV}response")) == 2


def test_what_was_filled_on_disk_is_served(visit: Visit, calendars: DavServer) -> None:
    url = fill(calendars, "filled", [(f"e{number}", EVENT) for number in range(3)], kind="calendar")
    token = visit.connect()["access_token"]
    listed = ET.fromstring(ask("PROPFIND", url, token, depth="1").body)
    assert len(listed.findall(f"{DAV}response")) == 4


@pytest.mark.parametrize("token", ["", "guessed", "a b", "\u00e9".encode().decode("latin-1")])
def test_without_a_live_token_it_asks_for_one(calendars: DavServer, token: str) -> None:
    answer = ask("PROPFIND", calendars.calendars_home, token)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="calendars"')
    assert ('error="invalid_token"' in answer.headers["www-authenticate"]) is bool(token)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic " + base64.b64encode(f"ana:{DEFAULT_PASSWORD}".encode()).decode()},
        {"Remote-User": "ana"},
        {"X-Remote-User": "ana"},
        {"REMOTE_USER": "ana"},
        {"Authorization": "Bearer"},
    ],
    ids=["password", "Remote-User", "X-Remote-User", "REMOTE_USER", "no token"],
)
def test_nothing_else_opens(calendars: DavServer, headers: dict[str, str]) -> None:
    answer = send("PROPFIND", calendars.url, headers=headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_a_header_does_not_make_somebody_else_of_a_person(visit: Visit, calendars: DavServer) -> None:
    token = visit.connect()["access_token"]
    other = Visit(visit.provider, visit.client)
    assert ask("PROPFIND", f"{calendars.url}{other.user}/", token).status in {403, 404}
    forged = {**bearer(other.connect()["access_token"]), "X-Remote-User": visit.user, "Depth": "0"}
    assert send("PROPFIND", calendars.calendars_home, headers=forged).status == 403


@pytest.mark.parametrize("method", ["PROPFIND", "PUT", "GET", "DELETE"])
def test_from_the_moment_of_the_revocation_it_is_closed(visit: Visit, calendars: DavServer, method: str) -> None:
    tokens = visit.connect()
    home = f"{calendars.calendars_home}work/"
    ask("MKCALENDAR", home, tokens["access_token"])
    ask("PUT", f"{home}one.ics", tokens["access_token"], body=EVENT)
    assert visit.revoke(tokens["refresh_token"]).status == 200
    body = EVENT * 2000 if method == "PUT" else b""
    assert ask(method, f"{home}one.ics", tokens["access_token"], body=body).status == 401
    again = visit.connect()["access_token"]
    assert ask("GET", f"{home}one.ics", again).status == 200


def test_a_refreshed_token_goes_on_where_the_old_one_stopped(visit: Visit, calendars: DavServer) -> None:
    tokens = visit.connect()
    assert ask("MKCALENDAR", f"{calendars.calendars_home}work/", tokens["access_token"]).status == 201
    newer = visit.refresh(tokens["refresh_token"]).json["access_token"]
    assert ask("PROPFIND", f"{calendars.calendars_home}work/", newer).status == 207


def test_the_scope_must_be_there(visit: Visit, calendars: DavServer) -> None:
    visit.scope = "openid calendars contacts"
    token = visit.connect(scopes=["contacts"])["access_token"]
    answer = ask("PROPFIND", calendars.calendars_home, token)
    assert answer.status == 403
    assert 'error="insufficient_scope", scope="calendars"' in answer.headers["www-authenticate"]


def test_a_refresh_token_is_no_key(visit: Visit, calendars: DavServer) -> None:
    """It is live at the provider, but another kind: a resource server that takes it has a hole."""
    tokens = visit.connect()
    assert visit.introspect(tokens["refresh_token"])["active"] is True
    assert ask("PROPFIND", calendars.calendars_home, tokens["refresh_token"]).status == 401


def test_its_secret_lies_in_a_file_of_its_own(calendars: DavServer) -> None:
    file = calendars.folder / "introspection.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret: str = json.loads(file.read_text(encoding="utf-8"))["secret"]
    for shown in ("cmdline", "environ"):
        assert secret.encode() not in Path(f"/proc/{calendars.pid}/{shown}").read_bytes()


class TestWithTheStandIn:
    """The same server with the stand-in provider, whose faults can be switched on."""

    @pytest.fixture
    def provider(self) -> Iterator[Generic]:
        with generic() as running:
            yield running

    @pytest.fixture
    def served(self, provider: Generic, tmp_path: Path) -> Iterator[DavServer]:
        keeper = provider.book.clients["secret-client"]
        user = "ana@example.org"
        with radicale_with_bearer(
            tmp_path, introspect_url=provider.introspect_url, client=keeper.id, secret=keeper.secret, username=user
        ) as server:
            yield server

    def test_it_opens_and_closes(self, provider: Generic, served: DavServer) -> None:
        app = Program(provider, provider.client, "calendars")
        tokens = app.connect()
        assert ask("PROPFIND", served.calendars_home, tokens["access_token"]).status == 207
        provider.clock.advance(3601)
        assert ask("PROPFIND", served.calendars_home, tokens["access_token"]).status == 401

    @pytest.mark.parametrize("fault", [503, "html", "reset", "cut", 401])
    def test_a_provider_that_cannot_be_asked_is_not_a_no(
        self, provider: Generic, served: DavServer, fault: int | str
    ) -> None:
        token = Program(provider, provider.client, "calendars").connect()["access_token"]
        provider.faults.switch("introspect", fault, times=1)
        assert ask("PROPFIND", served.calendars_home, token).status == 503
        assert ask("PROPFIND", served.calendars_home, token).status == 207

    def test_every_request_is_asked_about(self, provider: Generic, served: DavServer) -> None:
        token = Program(provider, provider.client, "calendars").connect()["access_token"]
        for _ in range(3):
            ask("PROPFIND", served.calendars_home, token)
        assert provider.count("introspect", status=200) == 3


def test_a_folder_served_with_passwords_keeps_its_collections(visit: Visit, tmp_path: Path) -> None:
    with radicale(tmp_path, username=visit.user) as before:
        fill(before, "kept", [("one", EVENT)], kind="calendar")
    keeper = visit.provider.resource_server
    with radicale_with_bearer(
        tmp_path,
        introspect_url=visit.provider.introspect_url,
        client=keeper.id,
        secret=keeper.secret,
        username=visit.user,
    ) as after:
        token = visit.connect()["access_token"]
        assert ask("GET", f"{after.calendars_home}kept/one.ics", token).status == 200
