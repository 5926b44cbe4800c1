"""A provider by the standards: metadata, issuer, rotation, revocation, introspection."""

from __future__ import annotations

import pytest

from simulators.identity.browser import Refused
from simulators.identity.generic import Generic
from tests.simulators.identity.asking import Answer, Program, said, send


@pytest.fixture
def app(at_generic: Generic) -> Program:
    return Program(at_generic, at_generic.client, "calendars contacts")


def revoke(app: Program, token: str, **more: str) -> Answer:
    return send("POST", app.provider.revoke_url, {"client_id": app.client.id, "token": token, **more})


def introspect(provider: Generic, token: str) -> Answer:
    client = provider.book.clients["secret-client"]
    form = {"client_id": client.id, "client_secret": client.secret, "token": token}
    return send("POST", provider.introspect_url, form)


class TestMetadata:
    def test_it_is_where_rfc_8414_puts_it(self, at_generic: Generic) -> None:
        read = send("GET", f"{at_generic.url}/.well-known/oauth-authorization-server").json
        assert read["issuer"] == at_generic.url
        assert read["authorization_endpoint"] == at_generic.authorize_url
        assert read["token_endpoint"] == at_generic.token_url
        assert read["revocation_endpoint"] == at_generic.revoke_url
        assert read["introspection_endpoint"] == at_generic.introspect_url
        assert read["code_challenge_methods_supported"] == ["S256"]
        assert "calendars" in read["scopes_supported"]

    def test_it_can_lie_about_its_name(self, at_generic: Generic, app: Program) -> None:
        at_generic.issuer = "https://evil.example"
        assert send("GET", at_generic.metadata_url).json["issuer"] == "https://evil.example"
        assert said(at_generic.approve(app.url()))["iss"] == "https://evil.example"

    @pytest.mark.parametrize("sends", [True, False])
    def test_it_says_whether_answers_name_the_issuer(self, at_generic: Generic, app: Program, *, sends: bool) -> None:
        at_generic.sends_issuer = sends
        read = send("GET", at_generic.metadata_url).json
        assert read["authorization_response_iss_parameter_supported"] is sends
        for back in (at_generic.approve(app.url()), at_generic.deny(app.url())):
            assert said(back).get("iss") == (at_generic.url if sends else None)


class TestRotation:
    def test_each_refresh_brings_a_new_refresh_token(self, app: Program) -> None:
        token, seen = app.connect()["refresh_token"], set[str]()
        for _ in range(5):
            seen.add(token)
            token = app.refresh(token).json["refresh_token"]
        assert token not in seen
        assert len(seen) == 5

    def test_using_an_old_one_ends_everything(self, at_generic: Generic, app: Program) -> None:
        """RFC 9700 §4.14.2: it cannot be told who is the thief."""
        old = app.connect()
        new = app.refresh(old["refresh_token"]).json
        assert app.refresh(old["refresh_token"]).error == (400, "invalid_grant")
        assert app.refresh(new["refresh_token"]).error == (400, "invalid_grant")
        assert app.reaches(new["access_token"]) == 401
        assert at_generic.grants[0].ended_by == "reuse"

    def test_other_authorizations_do_not_suffer(self, app: Program) -> None:
        first, second = app.connect(), app.connect()
        app.refresh(first["refresh_token"])
        app.refresh(first["refresh_token"])
        assert app.refresh(second["refresh_token"]).status == 200

    def test_it_can_be_switched_off(self, at_generic: Generic, app: Program) -> None:
        at_generic.rotates = False
        token = app.connect()["refresh_token"]
        assert "refresh_token" not in app.refresh(token).json
        assert app.refresh(token).status == 200

    def test_an_answer_that_is_lost_takes_the_only_token_with_it(self, at_generic: Generic, app: Program) -> None:
        token = app.connect()["refresh_token"]
        at_generic.faults.switch("token", "lost", times=1)
        with pytest.raises(OSError, match="reset"):
            app.refresh(token)
        assert app.refresh(token).error == (400, "invalid_grant")


class TestRevocation:
    def test_a_refresh_token_takes_the_access_tokens_with_it(self, at_generic: Generic, app: Program) -> None:
        tokens = app.connect()
        answer = revoke(app, tokens["refresh_token"], token_type_hint="refresh_token")
        assert (answer.status, answer.body) == (200, b"")
        assert app.reaches(tokens["access_token"]) == 401
        assert at_generic.live_grants() == []

    def test_an_access_token_goes_alone(self, app: Program) -> None:
        tokens = app.connect()
        assert revoke(app, tokens["access_token"]).status == 200
        assert app.reaches(tokens["access_token"]) == 401
        assert app.refresh(tokens["refresh_token"]).status == 200

    def test_the_second_time_and_for_unknown_tokens_it_is_content(self, app: Program) -> None:
        """RFC 7009 §2.2."""
        tokens = app.connect()
        for token in (tokens["refresh_token"], tokens["refresh_token"], "never issued", ""):
            assert revoke(app, token).status == 200

    def test_a_rotated_token_still_ends_the_grant(self, at_generic: Generic, app: Program) -> None:
        old = app.connect()["refresh_token"]
        app.refresh(old)
        assert revoke(app, old).status == 200
        assert at_generic.live_grants() == []

    def test_other_authorizations_live_on(self, app: Program) -> None:
        first, second = app.connect(), app.connect()
        revoke(app, first["refresh_token"])
        assert app.reaches(second["access_token"]) == 200

    def test_a_client_cannot_end_what_is_not_its_own(self, at_generic: Generic, app: Program) -> None:
        tokens = app.connect()
        thief = Program(at_generic, at_generic.book.clients["secret-client"])
        answer = revoke(thief, tokens["refresh_token"], client_secret=thief.client.secret)
        assert answer.status == 200
        assert app.reaches(tokens["access_token"]) == 200

    def test_a_client_with_a_secret_must_say_it(self, at_generic: Generic) -> None:
        keeper = Program(at_generic, at_generic.book.clients["secret-client"], "calendars")
        tokens = keeper.connect()
        assert revoke(keeper, tokens["refresh_token"]).error == (401, "invalid_client")
        assert keeper.reaches(tokens["access_token"]) == 200

    def test_a_field_twice_is_refused(self, at_generic: Generic) -> None:
        fields = [("client_id", at_generic.client.id), ("token", "a"), ("token", "b")]
        assert send("POST", at_generic.revoke_url, fields).error == (400, "invalid_request")


class TestIntrospection:
    def test_a_live_token_says_whose_it_is(self, at_generic: Generic, app: Program) -> None:
        tokens = app.connect(scopes=None)
        said_of = introspect(at_generic, tokens["access_token"]).json
        assert (said_of["active"], said_of["sub"]) == (True, "ana@example.org")
        assert said_of["client_id"] == app.client.id
        assert said_of["scope"] == "calendars contacts"
        assert said_of["exp"] == pytest.approx(at_generic.clock.now() + 3600, abs=60)

    def test_of_a_dead_one_nothing_else_is_said(self, at_generic: Generic, app: Program) -> None:
        tokens = app.connect()
        revoke(app, tokens["refresh_token"])
        for token in (tokens["access_token"], tokens["refresh_token"], "never issued", ""):
            assert introspect(at_generic, token).json == {"active": False}

    def test_an_expired_one_is_dead(self, at_generic: Generic, app: Program) -> None:
        tokens = app.connect()
        at_generic.clock.advance(3601)
        assert introspect(at_generic, tokens["access_token"]).json == {"active": False}
        assert introspect(at_generic, tokens["refresh_token"]).json["active"] is True

    def test_only_an_access_token_has_a_type(self, at_generic: Generic, app: Program) -> None:
        tokens = app.connect()
        assert introspect(at_generic, tokens["access_token"]).json["token_type"] == "Bearer"
        assert "token_type" not in introspect(at_generic, tokens["refresh_token"]).json

    def test_strangers_are_told_nothing(self, at_generic: Generic, app: Program) -> None:
        token = app.connect()["access_token"]
        assert send("POST", at_generic.introspect_url, {"token": token}).error == (401, "invalid_client")


def test_pkce_is_required_of_everybody(at_generic: Generic, app: Program) -> None:
    keeper = Program(at_generic, at_generic.book.clients["secret-client"], "calendars")
    for each in (app, keeper):
        back = said(at_generic.approve(each.url(code_challenge=None, code_challenge_method=None)))
        assert (back["error"], back["iss"]) == ("invalid_request", at_generic.url)


def test_pkce_can_be_switched_off(at_generic: Generic, app: Program) -> None:
    at_generic.pkce_required = False
    code = app.code(code_challenge=None, code_challenge_method=None)
    assert app.exchange(code, code_verifier="").status == 200


def test_a_client_nobody_registered_is_told_on_a_page(at_generic: Generic, app: Program) -> None:
    with pytest.raises(Refused, match="invalid_client"):
        at_generic.deny(app.url(client_id="nobody"))
