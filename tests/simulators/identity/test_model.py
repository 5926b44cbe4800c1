"""The memory below the providers: redirects, verifiers, what is alive, and when."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.identity import passwords
from simulators.identity.model import Book, Client, Clock, Code, Grant, Token, random_token
from simulators.identity.serving import Incoming
from tests.simulators.identity.asking import basic

WORDS = st.text(st.characters(codec="utf-8"))


@pytest.fixture
def book() -> Book:
    return Book(Clock())


def token(book: Book, grant: Grant, *, kind: str = "access", lifetime: float | None = 60.0) -> Token:
    now = book.clock.now()
    expires = None if lifetime is None else now + lifetime
    return book.add(Token(random_token(), kind, "client", grant, grant.scopes, now, expires))


class TestClock:
    def test_it_is_the_machine_s_until_it_is_moved(self) -> None:
        clock = Clock()
        assert clock.now() == pytest.approx(time.time(), abs=5)
        clock.advance(86400)
        assert clock.now() == pytest.approx(time.time() + 86400, abs=5)
        clock.advance(-2 * 86400)
        assert clock.now() == pytest.approx(time.time() - 86400, abs=5)


class TestVerifier:
    def test_the_example_of_rfc_7636(self) -> None:
        """Appendix B."""
        verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        assert self.code(challenge).proves(verifier)
        assert not self.code(challenge).proves(challenge)
        assert not self.code(f"{challenge}=").proves(verifier)

    def test_without_a_challenge_there_is_no_verifier(self) -> None:
        assert self.code("").proves("")
        assert not self.code("").proves("any")

    @given(WORDS, WORDS)
    def test_no_other_text_proves(self, verifier: str, challenge: str) -> None:
        if challenge:
            assert not self.code(challenge).proves(verifier)

    @staticmethod
    def code(challenge: str) -> Code:
        grant = Grant("g", "p", "u", (), 0.0)
        return Code("code", "client", "http://127.0.0.1/", challenge, grant, (), 1.0, offline=False)


class TestRedirects:
    @given(st.integers(0, 65535), st.from_regex(r"(/[a-z0-9./-]*)?", fullmatch=True))
    def test_any_loopback_port_and_path(self, port: int, path: str) -> None:
        assert Client("c").sends_to(f"http://127.0.0.1:{port}{path}")
        assert not Client("c", redirects=("http://127.0.0.1:1/x",)).sends_to(f"http://127.0.0.1:{port}/other{path}")

    @given(st.text())
    def test_nothing_else(self, text: str) -> None:
        assert not Client("c").sends_to(f"https://{text}")
        assert not Client("c").sends_to(f"http://127.0.0.1.{text}")
        assert not Client("c").sends_to(f"http://{text}@127.0.0.1")


class TestAlive:
    def test_a_token_ends_by_time_by_itself_by_use_and_with_its_grant(self, book: Book) -> None:
        grant = book.begin("p", "u", ("a",))
        late, ended, spent, good = (token(book, grant) for _ in range(4))
        late.expires = book.clock.now()
        book.end_token(ended)
        spent.spent = True
        assert [book.alive(each) for each in (late, ended, spent, good)] == [False, False, False, True]
        book.end(grant, "revoke")
        assert not book.alive(good)

    def test_the_end_of_a_grant_may_take_effect_later(self, book: Book) -> None:
        grant = book.begin("p", "u", ())
        kept = token(book, grant, lifetime=None)
        book.end(grant, "revoke", delay=30)
        assert book.alive(kept)
        assert book.live_grants() == [grant]
        assert book.standing("p", "u") is None
        book.clock.advance(31)
        assert not book.alive(kept)
        assert book.live_grants() == []

    def test_who_ended_it_first_is_kept(self, book: Book) -> None:
        grant = book.begin("p", "u", ())
        book.end(grant, "user")
        ended = grant.ended
        book.clock.advance(60)
        book.end(grant, "revoke")
        assert (grant.ended_by, grant.ended) == ("user", ended)

    def test_a_grant_without_a_live_token_is_not_live(self, book: Book) -> None:
        begun = book.begin("p", "u", ())
        assert book.live_grants() == []
        token(book, begun, lifetime=10)
        assert book.live_grants("u") == [begun]
        assert book.live_grants("somebody") == []
        book.clock.advance(11)
        assert book.live_grants() == []

    def test_the_standing_grant_is_of_this_user_and_project(self, book: Book) -> None:
        mine = book.begin("p", "u", ())
        book.begin("p", "v", ())
        book.begin("q", "u", ())
        assert book.standing("p", "u") is mine
        assert book.standing("q", "v") is None

    @given(st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from("uv"), st.booleans()), max_size=12))
    def test_live_grants_are_those_with_live_tokens(self, made: list[tuple[str, str, bool]]) -> None:
        book = Book(Clock())
        for project, user, ends in made:
            grant = book.begin(project, user, ())
            token(book, grant, lifetime=None)
            if ends:
                book.end(grant, "revoke")
        expected = [user for _, user, ends in made if not ends]
        assert [grant.user for grant in book.live_grants()] == expected
        assert len({grant.id for grant in book.grants}) == len(made)


class TestPasswords:
    def test_each_is_another_and_of_its_user(self, book: Book) -> None:
        one, two = (passwords.create(book, "ana", "Wherry") for _ in range(2))
        assert one.value != two.value
        assert passwords.admitted(book, "ana", one.value) is one
        assert passwords.admitted(book, "eve", one.value) is None
        assert passwords.admitted(book, "login", one.value, user="ana") is one
        book.end(one.grant, "revoke")
        assert passwords.admitted(book, "ana", one.value) is None
        assert passwords.admitted(book, "ana", two.value) is two

    def test_a_token_of_another_kind_is_no_password(self, book: Book) -> None:
        access = token(book, book.begin("p", "ana", ()))
        assert passwords.admitted(book, "ana", access.value) is None

    @given(WORDS.filter(lambda text: ":" not in text), WORDS)
    def test_basic_is_read_as_it_was_written(self, name: str, password: str) -> None:
        headers = {"authorization": basic(name, password)["Authorization"]}
        assert passwords.basic(Incoming("GET", "/", {}, {}, headers, b"")) == (name, password)

    @given(st.text())
    def test_rubbish_is_nobody(self, rubbish: str) -> None:
        request = Incoming("GET", "/", {}, {}, {"authorization": f"Bearer {rubbish}"}, b"")
        assert passwords.basic(request) == ("", "")


def test_random_values_differ_and_are_long() -> None:
    values = {random_token("x-") for _ in range(100)}
    assert len(values) == 100
    assert all(value.startswith("x-") and len(value) > 40 for value in values)
