"""Google's rules: the grant is of a user and a project, and everything ends with it."""

from __future__ import annotations

import threading

import pytest

from simulators.identity.browser import NoSuchBox, Refused
from simulators.identity.google import Google
from simulators.identity.google_scopes import PREFIX, known
from tests.simulators.identity.asking import Answer, bearer, said, send
from tests.simulators.identity.conftest import CALENDAR, CONTACTS, GMAIL, google_program


def revoke(provider: Google, token: str) -> Answer:
    return send("POST", provider.revoke_url, {"token": token})


class TestRevocation:
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_one_token_ends_every_token_of_every_client_of_the_project(self, at_google: Google, kind: str) -> None:
        cli, web = google_program(at_google), google_program(at_google, client=1, scope=CALENDAR)
        mine, theirs = cli.connect(), web.connect()
        assert revoke(at_google, mine[kind]).status == 200
        for program, tokens in ((cli, mine), (web, theirs)):
            assert program.reaches(tokens["access_token"]) == 401
            refused = program.refresh(tokens["refresh_token"])
            assert refused.error == (400, "invalid_grant")
            assert refused.json["error_description"] == "Token has been expired or revoked."
        assert at_google.live_grants() == []
        assert at_google.live_tokens() == []

    def test_other_projects_and_other_users_live_on(self, at_google: Google) -> None:
        mine = google_program(at_google)
        other = google_program(at_google, client=2)
        gone, stays, hers = mine.connect(), other.connect(), mine.connect(user="eve@example.org")
        revoke(at_google, gone["refresh_token"])
        assert other.reaches(stays["access_token"]) == 200
        assert mine.refresh(hers["refresh_token"]).status == 200
        assert {(grant.user, grant.project) for grant in at_google.live_grants()} == {
            ("ana@example.org", "555666777888"),
            ("eve@example.org", "111222333444"),
        }

    @pytest.mark.parametrize("first", ["access_token", "refresh_token"])
    @pytest.mark.parametrize("second", ["access_token", "refresh_token"])
    def test_the_second_time_it_is_an_invalid_token(self, at_google: Google, first: str, second: str) -> None:
        tokens = google_program(at_google).connect()
        assert revoke(at_google, tokens[first]).status == 200
        assert revoke(at_google, tokens[second]).error == (400, "invalid_token")
        assert at_google.count("revoke") == 2

    @pytest.mark.parametrize("token", ["never issued", "ya29.", " ", "\u00e9"])
    def test_a_token_nobody_knows_is_invalid(self, at_google: Google, token: str) -> None:
        assert revoke(at_google, token).error == (400, "invalid_token")

    def test_an_expired_access_token_ends_nothing(self, at_google: Google) -> None:
        """It answers as if all were done, while the refresh token lives: the trap of revoking with what is old."""
        program = google_program(at_google)
        tokens = program.connect()
        at_google.clock.advance(3601)
        assert revoke(at_google, tokens["access_token"]).error == (400, "invalid_token")
        assert program.refresh(tokens["refresh_token"]).status == 200
        assert revoke(at_google, tokens["refresh_token"]).status == 200
        assert at_google.live_grants() == []

    def test_without_a_token_the_request_is_invalid(self, at_google: Google) -> None:
        assert send("POST", at_google.revoke_url, {}).error == (400, "invalid_request")
        twice = [("token", "a"), ("token", "b")]
        assert send("POST", at_google.revoke_url, twice).error == (400, "invalid_request")

    def test_the_token_may_stand_in_the_query_and_then_it_is_on_record(self, at_google: Google) -> None:
        tokens = google_program(at_google).connect()
        assert send("POST", f"{at_google.revoke_url}?token={tokens['access_token']}").status == 200
        assert at_google.calls[-1].request.query["token"] == [tokens["access_token"]]

    def test_reading_the_address_revokes_nothing(self, at_google: Google) -> None:
        tokens = google_program(at_google).connect()
        assert send("GET", f"{at_google.revoke_url}?token={tokens['access_token']}").status == 405
        assert len(at_google.live_grants()) == 1

    def test_its_effect_may_take_some_time(self, at_google: Google) -> None:
        at_google.revocation_delay = 30
        program = google_program(at_google)
        tokens = program.connect()
        assert revoke(at_google, tokens["refresh_token"]).status == 200
        assert program.refresh(tokens["refresh_token"]).status == 200
        assert revoke(at_google, tokens["refresh_token"]).error == (400, "invalid_token")
        at_google.clock.advance(31)
        assert program.refresh(tokens["refresh_token"]).error == (400, "invalid_grant")
        assert at_google.live_grants() == []

    def test_a_service_account_cannot_be_revoked(self, at_google: Google) -> None:
        token = at_google.service_account_token()
        answer = revoke(at_google, token)
        assert answer.error == (400, "invalid_request")
        assert answer.json["error_description"] == "Token is not revocable."
        assert send("GET", at_google.resource_url, headers=bearer(token)).status == 200

    def test_an_orphan_ends_with_the_next_consent_and_revocation(self, at_google: Google) -> None:
        """A program that lost the token answer holds nothing, yet can end what it was given."""
        program = google_program(at_google)
        orphan = program.connect()
        assert revoke(at_google, program.connect()["access_token"]).status == 200
        assert program.reaches(orphan["access_token"]) == 401
        assert at_google.live_grants() == []

    def test_of_many_revocations_at_once_one_is_told_it_was_it(self, at_google: Google) -> None:
        program = google_program(at_google)
        tokens = [program.connect()["refresh_token"] for _ in range(6)]
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda token=token: answers.append(revoke(at_google, token).status))
            for token in tokens
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 400, 400, 400, 400, 400]

    def test_after_it_the_next_consent_begins_a_new_grant(self, at_google: Google) -> None:
        program = google_program(at_google)
        revoke(at_google, program.connect()["access_token"])
        assert program.connect()["refresh_token"]
        first, second = at_google.grants
        assert (first.ended_by, second.ended) == ("revoke", None)
        assert [grant.id for grant in at_google.live_grants()] == [second.id]

    def test_a_code_still_on_its_way_dies_too(self, at_google: Google) -> None:
        program = google_program(at_google)
        tokens, code = program.connect(), program.code()
        revoke(at_google, tokens["refresh_token"])
        assert program.exchange(code).error == (400, "invalid_grant")


class TestConsent:
    @pytest.mark.parametrize(
        ("scope", "boxes"),
        [
            (CONTACTS, []),
            (f"{CONTACTS} {CALENDAR}", [CONTACTS, CALENDAR]),
            (f"openid {CONTACTS}", [CONTACTS]),
            (f"email profile {CONTACTS} {CALENDAR}", [CONTACTS, CALENDAR]),
            (f"{PREFIX}userinfo.email {GMAIL}", [GMAIL]),
            ("openid", []),
            ("openid email profile", []),
            (f"{CONTACTS} {CONTACTS}", []),
        ],
        ids=["one", "two", "sign-in + one", "sign-in + two", "userinfo + one", "sign-in", "all sign-in", "one twice"],
    )
    def test_which_scopes_have_a_box(self, at_google: Google, scope: str, boxes: list[str]) -> None:
        """The table of .../oauth2/resources/granular-permissions."""
        assert at_google.boxes(tuple(dict.fromkeys(scope.split()))) == boxes
        tokens = google_program(at_google, scope=scope).connect()
        assert set(tokens["scope"].split()) == set(scope.split())

    def test_a_user_may_tick_some(self, at_google: Google) -> None:
        program = google_program(at_google, scope=f"openid {CONTACTS} {CALENDAR} {GMAIL}")
        back = said(at_google.approve(program.url(), scopes=[GMAIL]))
        assert back["scope"] == f"openid {GMAIL}"
        tokens = program.exchange(back["code"]).json
        assert tokens["scope"] == f"openid {GMAIL}"
        assert at_google.live_tokens("access")[0].scopes == ("openid", GMAIL)

    def test_a_user_may_tick_none_and_only_signs_in(self, at_google: Google) -> None:
        program = google_program(at_google, scope=f"openid email {CONTACTS}")
        tokens = program.connect(scopes=[])
        assert tokens["scope"] == "openid email"
        url = f"{at_google.resource_url}?scope={CONTACTS}"
        assert send("GET", url, headers=bearer(tokens["access_token"])).error == (403, "insufficient_scope")

    def test_none_of_two_and_no_sign_in_is_a_refusal(self, at_google: Google) -> None:
        program = google_program(at_google, scope=f"{CONTACTS} {CALENDAR}")
        assert said(at_google.approve(program.url(), scopes=[]))["error"] == "access_denied"
        assert at_google.grants == []

    def test_a_box_that_is_not_there_cannot_be_ticked(self, at_google: Google) -> None:
        with pytest.raises(NoSuchBox, match="gmail"):
            google_program(at_google, scope=f"{CONTACTS} {CALENDAR}").connect(scopes=[GMAIL])
        with pytest.raises(NoSuchBox):
            google_program(at_google).connect(scopes=[CONTACTS])

    def test_a_form_that_ticks_more_than_was_asked_gets_no_more(self, at_google: Google) -> None:
        program = google_program(at_google, scope=f"{CONTACTS} {CALENDAR}", login_hint="ana@example.org")
        page = send("GET", program.url()).body.decode()
        ticket = page.split('name="ticket" value="')[1].split('"')[0]
        action = f"{at_google.authorize_url}/account"
        send("POST", action, {"ticket": ticket, "user": "ana@example.org"})
        ticks = [("ticket", ticket), ("decision", "allow"), ("scope", CONTACTS), ("scope", GMAIL), ("scope", "x")]
        answer = send("POST", f"{at_google.authorize_url}/consent", ticks)
        assert said(answer.headers["location"])["scope"] == CONTACTS

    def test_the_hint_is_filled_in(self, at_google: Google) -> None:
        page = send("GET", google_program(at_google).url(login_hint='"ana"@example.org')).body.decode()
        assert 'value="&quot;ana&quot;@example.org"' in page

    def test_a_consent_page_can_be_answered_once(self, at_google: Google) -> None:
        program = google_program(at_google)
        page = send("GET", program.url()).body.decode()
        ticket = page.split('name="ticket" value="')[1].split('"')[0]
        action = at_google.authorize_url
        assert send("POST", f"{action}/consent", {"ticket": ticket, "decision": "allow"}).status == 400
        page = send("GET", program.url()).body.decode()
        ticket = page.split('name="ticket" value="')[1].split('"')[0]
        assert send("POST", f"{action}/account", {"ticket": ticket, "user": "ana@example.org"}).status == 200
        assert send("POST", f"{action}/consent", {"ticket": ticket, "decision": "allow"}).status == 302
        assert send("POST", f"{action}/consent", {"ticket": ticket, "decision": "allow"}).status == 400
        assert send("POST", f"{action}/account", {"ticket": "guessed", "user": "ana@example.org"}).status == 400
        assert len(at_google.grants) == 1

    @pytest.mark.parametrize("scope", ["contacts", f"{PREFIX}everything", "https://mail.google.com", "OPENID"])
    def test_unknown_scopes_are_an_error_page_of_its_own(self, at_google: Google, scope: str) -> None:
        with pytest.raises(Refused) as caught:
            google_program(at_google, scope=scope).connect()
        assert caught.value.status == 400
        assert caught.value.words.startswith("Access blocked Error 400: invalid_scope")

    def test_no_scope_is_an_error_page(self, at_google: Google) -> None:
        with pytest.raises(Refused, match="Missing required parameter: scope"):
            google_program(at_google, scope="").connect()

    def test_pkce_is_checked_when_used_and_not_required(self, at_google: Google) -> None:
        program = google_program(at_google)
        code = program.code(code_challenge=None, code_challenge_method=None)
        assert program.exchange(code).error == (400, "invalid_grant")
        assert program.exchange(code, code_verifier="").status == 200

    @pytest.mark.parametrize("scope", ["openid", "https://mail.google.com/", CONTACTS, f"{PREFIX}userinfo.profile"])
    def test_known_scopes(self, scope: str) -> None:
        assert known(scope)
