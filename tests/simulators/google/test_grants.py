"""Tokens come from the identity provider by the whole way: consent, code, exchange, refresh, revocation."""

from __future__ import annotations

from simulators.google import Service
from simulators.identity.google_scopes import PREFIX
from tests.simulators.google.asking import Caller
from tests.simulators.identity.asking import send
from tests.simulators.identity.conftest import google_program

CONTACTS, CALENDAR = f"{PREFIX}contacts.readonly", f"{PREFIX}calendar.readonly"


def test_a_consent_opens_what_was_ticked(server: Service) -> None:
    """Case 51 of files: the user unticked a scope."""
    program = google_program(server.identity, scope=f"{CONTACTS} {CALENDAR}")
    caller = Caller(server, program.connect(scopes=[CONTACTS])["access_token"])
    assert caller.connections().status == 200
    assert caller.events().reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    both = Caller(server, program.connect()["access_token"])
    assert (both.connections().status, both.events().status) == (200, 200)


def test_a_refresh_brings_a_token_that_opens_the_same(server: Service) -> None:
    program = google_program(server.identity, scope=CONTACTS)
    tokens = program.connect()
    server.advance(server.identity.access_lifetime + 1)
    assert Caller(server, tokens["access_token"]).connections().reason == "ACCESS_TOKEN_EXPIRED"
    fresh = program.refresh(tokens["refresh_token"]).json["access_token"]
    assert Caller(server, fresh).connections().status == 200
    assert Caller(server, tokens["refresh_token"]).connections().status == 401


def test_a_revocation_closes_the_apis(server: Service) -> None:
    program = google_program(server.identity, scope=f"{CONTACTS} {CALENDAR}")
    tokens = program.connect()
    caller = Caller(server, tokens["access_token"])
    page = caller.connections(pageSize=10).json["nextPageToken"]
    assert send("POST", server.identity.revoke_url, {"token": tokens["refresh_token"]}).status == 200
    assert caller.connections(pageSize=10, pageToken=page).status == 401
    assert caller.events().status == 401


def test_the_account_is_the_one_of_who_consented(server: Service) -> None:
    server.add_account("bo@example.org", people=3)
    program = google_program(server.identity, scope=CONTACTS)
    caller = Caller(server, program.connect(user="bo@example.org")["access_token"])
    assert caller.connections().json["totalItems"] == 3
