"""Dropbox's rules: an authorization stands for itself, and only a live access token can end it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from simulators.identity.dropbox import Dropbox, account_id
from tests.simulators.identity.asking import Answer, Program, bearer, said, send

SCOPE = "account_info.read files.metadata.read"


def program(provider: Dropbox, *, client: int = 0, access: str = "offline", scope: str = SCOPE) -> Program:
    known = list(provider.book.clients.values())[client]
    return Program(provider, known, scope, {"token_access_type": access} if access else {})


def revoke(provider: Dropbox, token: str, body: bytes = b"") -> Answer:
    return send("POST", provider.revoke_url, headers=bearer(token), body=body)


def tag(answer: Answer) -> tuple[int, str]:
    """Return the status and the API's tag for what is wrong; the summary must begin with it."""
    error: Mapping[str, str] = answer.json["error"]
    assert answer.json["error_summary"].startswith(f"{error['.tag']}/")
    return answer.status, error[".tag"]


def call(url: str, token: str, **arguments: str) -> Answer:
    headers = {**bearer(token), "Content-Type": "application/json"}
    return send("POST", url, headers=headers, body=json.dumps(arguments).encode() if arguments else b"null")


class TestTokens:
    def test_the_answer_names_the_account(self, at_dropbox: Dropbox) -> None:
        tokens = program(at_dropbox).connect()
        assert tokens["account_id"] == account_id("ana@example.org")
        assert tokens["account_id"].startswith("dbid:")
        assert tokens["uid"]
        assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 14400)
        assert tokens["access_token"].startswith("sl.")

    def test_a_refresh_neither_rotates_nor_names_the_account(self, at_dropbox: Dropbox) -> None:
        asking = program(at_dropbox)
        again = asking.refresh(asking.connect()["refresh_token"]).json
        assert set(again) == {"access_token", "token_type", "expires_in", "scope"}

    def test_the_account_is_named_for_online_access_too(self, at_dropbox: Dropbox) -> None:
        assert program(at_dropbox, access="online").connect()["account_id"]

    @pytest.mark.parametrize(("access", "refreshes"), [("offline", True), ("online", False), ("", False)])
    def test_which_access_brings_a_refresh_token(self, at_dropbox: Dropbox, access: str, *, refreshes: bool) -> None:
        assert ("refresh_token" in program(at_dropbox, access=access).connect()) is refreshes

    def test_online_access_is_over_after_four_hours(self, at_dropbox: Dropbox) -> None:
        asking = program(at_dropbox, access="online")
        tokens = asking.connect()
        at_dropbox.clock.advance(14399)
        assert asking.reaches(tokens["access_token"]) == 200
        at_dropbox.clock.advance(2)
        assert asking.reaches(tokens["access_token"]) == 401
        assert at_dropbox.live_grants() == []

    @pytest.mark.parametrize("kind", ["legacy", "forever"])
    def test_tokens_without_an_end_are_not_given_out(self, at_dropbox: Dropbox, kind: str) -> None:
        back = said(at_dropbox.approve(program(at_dropbox, access=kind).url()))
        assert back["error"] == "invalid_request"

    def test_without_a_scope_it_is_all_the_app_may_use(self, at_dropbox: Dropbox) -> None:
        tokens = program(at_dropbox, scope="").connect()
        assert set(tokens["scope"].split()) == set(at_dropbox.app_scopes)

    def test_there_are_no_boxes_it_is_all_or_nothing(self, at_dropbox: Dropbox) -> None:
        tokens = program(at_dropbox, scope=SCOPE).connect()
        assert tokens["scope"] == SCOPE

    def test_a_client_with_a_secret_must_say_it(self, at_dropbox: Dropbox) -> None:
        asking = program(at_dropbox, client=1)
        code = asking.code()
        assert asking.exchange(code, client_secret="").error == (401, "invalid_client")
        assert asking.exchange(code).status == 200


class TestRevocation:
    def test_it_ends_the_refresh_token_and_every_access_token_of_it(self, at_dropbox: Dropbox) -> None:
        asking = program(at_dropbox)
        tokens = asking.connect()
        siblings = [asking.refresh(tokens["refresh_token"]).json["access_token"] for _ in range(2)]
        answer = revoke(at_dropbox, siblings[0])
        assert (answer.status, answer.json) == (200, None)
        for access in (tokens["access_token"], *siblings):
            assert tag(call(at_dropbox.account_url, access)) == (401, "invalid_access_token")
        assert asking.refresh(tokens["refresh_token"]).error == (400, "invalid_grant")

    def test_other_authorizations_of_the_same_user_and_app_live_on(self, at_dropbox: Dropbox) -> None:
        asking = program(at_dropbox)
        first, second = asking.connect(), asking.connect()
        assert len(at_dropbox.live_grants("ana@example.org")) == 2
        revoke(at_dropbox, first["access_token"])
        assert asking.reaches(second["access_token"]) == 200
        assert asking.refresh(second["refresh_token"]).status == 200
        assert len(at_dropbox.live_grants("ana@example.org")) == 1

    def test_an_expired_access_token_cannot(self, at_dropbox: Dropbox) -> None:
        asking = program(at_dropbox)
        tokens = asking.connect()
        at_dropbox.clock.advance(14401)
        assert tag(revoke(at_dropbox, tokens["access_token"])) == (401, "expired_access_token")
        assert len(at_dropbox.live_grants()) == 1
        fresh = asking.refresh(tokens["refresh_token"]).json["access_token"]
        assert revoke(at_dropbox, fresh).status == 200
        assert at_dropbox.live_grants() == []

    def test_a_refresh_token_cannot(self, at_dropbox: Dropbox) -> None:
        tokens = program(at_dropbox).connect()
        assert tag(revoke(at_dropbox, tokens["refresh_token"])) == (401, "invalid_access_token")
        assert len(at_dropbox.live_grants()) == 1

    def test_the_second_time_the_token_is_invalid(self, at_dropbox: Dropbox) -> None:
        tokens = program(at_dropbox).connect()
        assert revoke(at_dropbox, tokens["access_token"]).status == 200
        assert tag(revoke(at_dropbox, tokens["access_token"])) == (401, "invalid_access_token")

    def test_revoked_is_invalid_and_not_expired_whatever_the_time(self, at_dropbox: Dropbox) -> None:
        tokens = program(at_dropbox).connect()
        revoke(at_dropbox, tokens["access_token"])
        at_dropbox.clock.advance(20_000)
        assert tag(revoke(at_dropbox, tokens["access_token"])) == (401, "invalid_access_token")

    @pytest.mark.parametrize(("body", "status"), [(b"", 200), (b"null", 200), (b"{}", 400), (b"token=x", 400)])
    def test_it_takes_no_arguments(self, at_dropbox: Dropbox, body: bytes, status: int) -> None:
        answer = revoke(at_dropbox, program(at_dropbox).connect()["access_token"], body)
        assert answer.status == status
        if status == 400:
            assert answer.headers["content-type"].startswith("text/plain")
            assert b"auth/token/revoke" in answer.body

    def test_without_a_token(self, at_dropbox: Dropbox) -> None:
        assert tag(send("POST", at_dropbox.revoke_url)) == (401, "invalid_access_token")

    def test_the_user_can_disconnect_the_app(self, at_dropbox: Dropbox) -> None:
        asking = program(at_dropbox)
        tokens = [asking.connect(), asking.connect()]
        at_dropbox.remove_access("ana@example.org", asking.client.id)
        for each in tokens:
            assert tag(revoke(at_dropbox, each["access_token"])) == (401, "invalid_access_token")
            assert asking.refresh(each["refresh_token"]).error == (400, "invalid_grant")


class TestCalls:
    def test_the_account(self, at_dropbox: Dropbox) -> None:
        answer = call(at_dropbox.account_url, program(at_dropbox).connect()["access_token"])
        assert (answer.status, answer.json["email"]) == (200, "ana@example.org")

    def test_a_scope_that_was_not_granted_is_named(self, at_dropbox: Dropbox) -> None:
        token = program(at_dropbox, scope="files.metadata.read").connect()["access_token"]
        answer = call(at_dropbox.account_url, token)
        assert tag(answer) == (401, "missing_scope")
        assert answer.json["error"]["required_scope"] == "account_info.read"
        assert answer.headers["www-authenticate"] == 'Bearer realm="Dropbox-API"'
        assert answer.headers["content-type"] == "application/json"
        assert call(at_dropbox.metadata_url, token, path="/docs").json["name"] == "docs"

    def test_an_error_of_the_call_itself_is_a_409(self, at_dropbox: Dropbox) -> None:
        answer = call(at_dropbox.metadata_url, program(at_dropbox).connect()["access_token"], path="/missing")
        assert tag(answer) == (409, "path")
        assert answer.json["error_summary"] == "path/not_found/.."
        assert answer.json["error"]["path"] == {".tag": "not_found"}

    @pytest.mark.parametrize("body", [b"", b"null", b"{}", b"[]", b"{", b"\xff"])
    def test_arguments_that_are_none_are_a_400_in_words(self, at_dropbox: Dropbox, body: bytes) -> None:
        token = program(at_dropbox).connect()["access_token"]
        answer = send("POST", at_dropbox.metadata_url, headers=bearer(token), body=body)
        assert answer.status == 400
        assert b"files/get_metadata" in answer.body

    def test_an_expired_token_says_so(self, at_dropbox: Dropbox) -> None:
        token = program(at_dropbox).connect()["access_token"]
        at_dropbox.clock.advance(14401)
        assert tag(call(at_dropbox.account_url, token)) == (401, "expired_access_token")

    def test_calls_are_posts(self, at_dropbox: Dropbox) -> None:
        assert send("GET", at_dropbox.account_url).headers["allow"] == "POST"
