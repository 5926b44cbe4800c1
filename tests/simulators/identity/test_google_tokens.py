"""Google's rules for tokens: when a refresh token comes, what it dies of, which scopes and which name it carries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from simulators.identity.google import WEEK, Google, subject
from simulators.identity.google_scopes import PREFIX, SIGN_IN, known, reads_mail
from tests.simulators.identity.asking import bearer, send
from tests.simulators.identity.conftest import CALENDAR, CONTACTS, GMAIL, google_program


class TestRefreshTokens:
    def test_it_comes_with_the_first_consent_only(self, at_google: Google) -> None:
        program = google_program(at_google, prompt="")
        assert "refresh_token" in program.connect()
        assert "refresh_token" not in program.connect()
        assert "refresh_token" not in program.connect()
        assert "refresh_token" in program.connect(user="eve@example.org")

    def test_consent_asked_for_brings_it_again(self, at_google: Google) -> None:
        program = google_program(at_google, prompt="")
        first = program.connect()["refresh_token"]
        second = program.connect(prompt="consent")["refresh_token"]
        assert first != second
        for token in (first, second):
            assert program.refresh(token).status == 200

    def test_it_comes_to_each_client_of_the_project(self, at_google: Google) -> None:
        for number in (0, 1):
            assert "refresh_token" in google_program(at_google, client=number, prompt="").connect()
        assert len(at_google.grants) == 1

    @pytest.mark.parametrize("access_type", ["online", ""])
    def test_it_comes_only_when_asked_for(self, at_google: Google, access_type: str) -> None:
        assert "refresh_token" not in google_program(at_google, access_type=access_type).connect()
        assert "refresh_token" in google_program(at_google, prompt="").connect()

    def test_it_does_not_rotate(self, at_google: Google) -> None:
        program = google_program(at_google)
        token = program.connect()["refresh_token"]
        answers = [program.refresh(token) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 200]
        assert not any("refresh_token" in answer.json for answer in answers)

    def test_what_was_allowed_before_is_not_asked_again(self, at_google: Google) -> None:
        program = google_program(at_google, scope=f"{CONTACTS} {CALENDAR}", prompt="")
        program.connect()
        asked = at_google.count("consent")
        program.connect()
        assert at_google.count("consent") == asked
        program.connect(scope=GMAIL)
        program.connect(prompt="consent")
        assert at_google.count("consent") == asked + 2

    def test_a_hundred_live_ones_and_the_oldest_dies_without_a_word(self, at_google: Google) -> None:
        program = google_program(at_google)
        tokens = [program.connect()["refresh_token"] for _ in range(101)]
        assert program.refresh(tokens[0]).error == (400, "invalid_grant")
        assert program.refresh(tokens[1]).status == 200
        assert program.refresh(tokens[100]).status == 200
        assert len(at_google.live_tokens("refresh")) == 100

    def test_the_limit_is_for_an_account_and_a_client(self, at_google: Google) -> None:
        at_google.most_refresh_tokens = 2
        cli, web = google_program(at_google), google_program(at_google, client=1)
        oldest = cli.connect()["refresh_token"]
        others = [web.connect()["refresh_token"], cli.connect(user="eve@example.org")["refresh_token"]]
        cli.connect()
        assert cli.refresh(oldest).status == 200
        cli.connect()
        assert cli.refresh(oldest).error == (400, "invalid_grant")
        assert web.refresh(others[0]).status == 200
        assert cli.refresh(others[1]).status == 200

    def test_in_testing_it_lives_seven_days(self, at_google: Google) -> None:
        at_google.testing = True
        program = google_program(at_google)
        tokens = program.connect()
        assert WEEK - 5 <= tokens["refresh_token_expires_in"] <= WEEK
        at_google.clock.advance(WEEK - 60)
        assert program.refresh(tokens["refresh_token"]).status == 200
        at_google.clock.advance(61)
        assert program.refresh(tokens["refresh_token"]).error == (400, "invalid_grant")

    def test_in_testing_sign_in_alone_lives_on(self, at_google: Google) -> None:
        at_google.testing = True
        program = google_program(at_google, scope=" ".join(sorted(SIGN_IN)))
        tokens = program.connect()
        assert "refresh_token_expires_in" not in tokens
        at_google.clock.advance(2 * WEEK)
        assert program.refresh(tokens["refresh_token"]).status == 200

    def test_it_dies_when_it_is_not_used_for_six_months(self, at_google: Google) -> None:
        program = google_program(at_google)
        used, unused = program.connect()["refresh_token"], program.connect()["refresh_token"]
        for _ in range(2):
            at_google.clock.advance(100 * 86400)
            assert program.refresh(used).status == 200
        assert program.refresh(unused).error == (400, "invalid_grant")
        assert program.refresh(used).status == 200

    def test_unused_counts_from_the_last_use(self, at_google: Google) -> None:
        at_google.unused_lifetime = 100
        program = google_program(at_google)
        token = program.connect()["refresh_token"]
        for _ in range(3):
            at_google.clock.advance(99)
            assert program.refresh(token).status == 200
        at_google.clock.advance(101)
        assert program.refresh(token).error == (400, "invalid_grant")
        assert program.refresh(token).error == (400, "invalid_grant")

    @pytest.mark.parametrize(
        ("scope", "status"),
        [(GMAIL, 400), ("https://mail.google.com/", 400), (f"openid {GMAIL}", 400), (CONTACTS, 200)],
    )
    def test_a_new_password_ends_those_that_hold_mail(self, at_google: Google, scope: str, status: int) -> None:
        program = google_program(at_google, scope=scope)
        mine, hers = program.connect(), program.connect(user="eve@example.org")
        at_google.change_password("ana@example.org")
        assert program.refresh(mine["refresh_token"]).status == status
        assert program.refresh(hers["refresh_token"]).status == 200
        assert program.reaches(mine["access_token"]) == 200


class TestIncremental:
    def test_scopes_granted_before_come_along_when_asked_for(self, at_google: Google) -> None:
        google_program(at_google, scope=GMAIL).connect()
        alone = google_program(at_google, include_granted_scopes="false").connect()
        assert alone["scope"] == CONTACTS
        together = google_program(at_google, include_granted_scopes="true").connect()
        assert set(together["scope"].split()) == {CONTACTS, GMAIL}

    def test_without_it_a_token_holds_what_it_was_asked_for(self, at_google: Google) -> None:
        google_program(at_google, scope=GMAIL).connect()
        tokens = google_program(at_google).connect()
        assert tokens["scope"] == CONTACTS
        assert set(at_google.grants[0].scopes) == {GMAIL, CONTACTS}

    def test_a_refresh_brings_the_scopes_of_its_own_consent(self, at_google: Google) -> None:
        program = google_program(at_google)
        narrow = program.connect()
        program.connect(scope=GMAIL)
        assert program.refresh(narrow["refresh_token"]).json["scope"] == CONTACTS


class TestWhoItIs:
    def test_userinfo_names_the_account(self, at_google: Google) -> None:
        tokens = google_program(at_google, scope="openid email").connect()
        answer = send("GET", at_google.userinfo_url, headers=bearer(tokens["access_token"]))
        assert answer.json == {
            "sub": subject("ana@example.org"),
            "email": "ana@example.org",
            "email_verified": True,
        }

    def test_without_email_there_is_a_number_only(self, at_google: Google) -> None:
        tokens = google_program(at_google, scope="openid").connect()
        assert send("GET", at_google.userinfo_url, headers=bearer(tokens["access_token"])).json == {
            "sub": subject("ana@example.org")
        }

    def test_without_openid_it_says_nothing(self, at_google: Google) -> None:
        tokens = google_program(at_google).connect()
        assert send("GET", at_google.userinfo_url, headers=bearer(tokens["access_token"])).status == 401

    def test_the_number_is_the_account_s_whatever_the_client(self) -> None:
        assert subject("ana@example.org") == subject("ana@example.org") != subject("eve@example.org")
        assert subject("ana@example.org").isdigit()

    def test_the_id_token_is_signed_and_carries_the_nonce(self, at_google: Google) -> None:
        program = google_program(at_google, scope="openid email")
        head, claims, signature = program.connect(nonce="once")["id_token"].split(".")
        secret = at_google.client.secret.encode()
        expected = hmac.digest(secret, f"{head}.{claims}".encode(), hashlib.sha256)
        assert base64.urlsafe_b64decode(f"{signature}==") == expected
        read = json.loads(base64.urlsafe_b64decode(f"{claims}=="))
        assert read["nonce"] == "once"
        assert read["aud"] == at_google.client.id
        assert read["sub"] == subject("ana@example.org")
        assert read["exp"] > at_google.clock.now()

    def test_without_openid_there_is_no_id_token(self, at_google: Google) -> None:
        assert "id_token" not in google_program(at_google).connect()


class TestScopes:
    @pytest.mark.parametrize(
        ("scope", "mail"),
        [
            ("https://mail.google.com/", True),
            (f"{PREFIX}gmail.labels", True),
            (f"{PREFIX}gmail.readonly", True),
            (f"{PREFIX}contacts", False),
            (f"{PREFIX}calendar.events.owned.readonly", False),
            (f"{PREFIX}drive.file", False),
            (f"{PREFIX}tasks.readonly", False),
            ("openid", False),
            ("email", False),
        ],
    )
    def test_known_ones_and_those_of_mail(self, scope: str, *, mail: bool) -> None:
        assert known(scope)
        assert reads_mail(scope) is mail

    @pytest.mark.parametrize(
        "scope",
        ["", "mail", "https://mail.google.com", PREFIX, f"{PREFIX}gmail", f"{PREFIX}Contacts", "contacts.readonly"],
    )
    def test_unknown_ones(self, scope: str) -> None:
        assert not known(scope)
