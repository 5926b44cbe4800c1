"""Ending access: what is sent, what an answer means, and whether it worked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.client import (
    Life,
    RevokeAnswer,
    RevokeKind,
    exchange_code,
    judged,
    probe,
    revoke,
)
from oauth.profiles import ProviderProfile, RevokeStyle
from oauth.secret import Secret
from oauth.tokens import Client, Tokens
from oauth.transport import Answer, Request
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from simulators.identity.google import google
from simulators.identity.infomaniak import infomaniak
from simulators.identity.nextcloud import ACCOUNT_PASSWORD, nextcloud
from tests.oauth.consenting import (
    World,
    consented,
    dropbox_wish,
    generic_wish,
    google_wish,
    infomaniak_wish,
    made,
    nextcloud_wish,
)
from tests.oauth.wire import Wire, always, serving

if TYPE_CHECKING:
    from oauth.consent import Wish
    from simulators.identity.provider import Provider

JSON = {"Content-Type": "application/json"}
CLIENT = Client("client-1")


# Ending: what an answer means.

ANSWERS: list[tuple[int, dict[str, str], bytes, RevokeKind, str]] = [
    (200, {}, b"", RevokeKind.DONE, "200"),
    (200, JSON, b"{}", RevokeKind.DONE, "200"),
    (200, JSON, b"null", RevokeKind.DONE, "200"),
    (204, {}, b"", RevokeKind.DONE, "204"),
    (200, {"content-type": "text/html"}, b"", RevokeKind.RETRY, "200 with a web page"),
    (200, {}, b"<html>", RevokeKind.RETRY, "200 with a web page"),
    (400, JSON, b'{"error": "invalid_token"}', RevokeKind.ALREADY, "invalid_token"),
    (400, JSON, b'{"error": "invalid_grant"}', RevokeKind.ALREADY, "invalid_grant"),
    (401, JSON, b'{"error": {".tag": "invalid_access_token"}}', RevokeKind.ALREADY, "invalid_access_token"),
    (401, JSON, b'{"error": "invalid_token"}', RevokeKind.REFUSED, "invalid_token"),
    (400, JSON, b'{"error": "unsupported_token_type"}', RevokeKind.MANUAL, "unsupported_token_type: not revocable"),
    (
        400,
        JSON,
        b'{"error": "invalid_request", "error_description": "Token is not revocable."}',
        RevokeKind.MANUAL,
        "invalid_request: not revocable",
    ),
    (400, JSON, b'{"error": "invalid_request"}', RevokeKind.REFUSED, "invalid_request"),
    (400, {}, b"", RevokeKind.REFUSED, "400"),
    (400, JSON, b'{"error": "a word of its own"}', RevokeKind.REFUSED, "400"),
    (400, {"content-type": "text/html"}, b"<h1>invalid_token</h1>", RevokeKind.RETRY, "400 with a web page"),
    (401, JSON, b'{"error": "invalid_client"}', RevokeKind.REFUSED, "invalid_client"),
    (403, JSON, b'{"error": "access_denied"}', RevokeKind.RETRY, "403"),
    (404, JSON, b"{}", RevokeKind.REFUSED, "404"),
    (429, {"retry-after": "17"}, b"", RevokeKind.RETRY, "429"),
    (500, {}, b"", RevokeKind.RETRY, "500"),
    (502, {"content-type": "text/html"}, b"<h1>", RevokeKind.RETRY, "502 with a web page"),
    (503, {"retry-after": "Sun, 06 Nov 2094 08:49:37 GMT"}, b"", RevokeKind.RETRY, "503"),
    (301, {"location": "https://elsewhere.example"}, b"", RevokeKind.RETRY, "301"),
    (302, {"location": "/login"}, b"", RevokeKind.RETRY, "302"),
    (100, {}, b"", RevokeKind.RETRY, "100"),
]


@pytest.mark.parametrize(("status", "headers", "body", "kind", "words"), ANSWERS, ids=lambda value: str(value)[:40])
def test_what_an_answer_to_a_revocation_means(
    status: int, headers: dict[str, str], body: bytes, kind: RevokeKind, words: str
) -> None:
    found = judged(Answer(status, headers, body))
    assert (found.kind, found.words) == (kind, words)
    assert found.ended == (kind in {RevokeKind.DONE, RevokeKind.ALREADY})


@pytest.mark.parametrize(
    ("header", "seconds"), [("17", 17.0), ("0", 0.0), ("9999999", 86400.0), ("-1", None), ("soon", None), ("١٢", None)]
)
def test_how_long_a_server_wants_us_to_wait(header: str, seconds: float | None) -> None:
    assert judged(Answer(503, {"retry-after": header})).retry_after == seconds


@given(st.integers(100, 599), st.binary(max_size=60), st.sampled_from(["", "text/html", "application/json"]))
def test_only_a_clear_yes_is_a_yes(status: int, body: bytes, kind: str) -> None:
    """No page, no redirect, no fault of the server ever counts as the end of access."""
    found = judged(Answer(status, {"content-type": kind}, body))
    if found.kind is RevokeKind.DONE:
        assert status in {200, 204}
        assert kind != "text/html"
    if status >= 500 or 300 <= status < 400:
        assert found.kind is RevokeKind.RETRY


# Ending: what is sent, and what comes of it.


def test_google_gets_one_token_in_a_form_and_never_in_the_address(world: World) -> None:
    with google() as provider:
        wish = google_wish(provider)
        tokens = consented(world, wish, provider)
        world.wire.sent.clear()
        assert revoke(wish.profile, world.wire, tokens, wish.client) == RevokeAnswer(RevokeKind.DONE, "200")
        assert provider.live_grants() == []
        assert revoke(wish.profile, world.wire, tokens, wish.client) == RevokeAnswer(
            RevokeKind.ALREADY, "invalid_token"
        )
        calls = [call.request for call in provider.calls if call.endpoint == "revoke"]
        assert tokens.refresh is not None
        secret = tokens.refresh.reveal()
    assert [call.query for call in calls] == [{}, {}]
    assert [call.form for call in calls] == [{"token": [secret]}] * 2
    assert not [request for request in world.wire.sent if secret in request.url]


def test_google_s_access_token_ends_the_grant_as_well(world: World) -> None:
    with google() as provider:
        wish = google_wish(provider)
        tokens = consented(world, wish, provider)
        assert revoke(wish.profile, world.wire, Tokens(access=tokens.access), wish.client).kind is RevokeKind.DONE
        assert provider.live_grants() == []


def test_a_service_account_s_token_is_for_the_person_to_end(world: World) -> None:
    with google() as provider:
        wish = google_wish(provider)
        robot = Tokens(access=Secret(provider.service_account_token()))
        assert revoke(wish.profile, world.wire, robot, wish.client).kind is RevokeKind.MANUAL


def test_dropbox_s_expired_token_is_refreshed_before_it_is_revoked(world: World) -> None:
    with dropbox() as provider:
        wish = dropbox_wish(provider)
        tokens = consented(world, wish, provider)
        provider.clock.advance(5 * 3600)
        # We think it still lives; the server says it does not.
        assert revoke(wish.profile, world.wire, tokens, wish.client) == RevokeAnswer(RevokeKind.DONE, "200")
        assert provider.live_grants() == []
        assert [call.status for call in provider.calls if call.endpoint == "revoke"] == [401, 200]


def test_dropbox_s_token_that_is_known_to_be_over_is_not_even_tried(world: World) -> None:
    with dropbox() as provider:
        wish = dropbox_wish(provider)
        tokens = consented(world, wish, provider)
        old = Tokens(access=tokens.access, refresh=tokens.refresh, expires_at=time.time() + 10)
        assert revoke(wish.profile, world.wire, old, wish.client).kind is RevokeKind.DONE
        assert provider.count("revoke") == 1
        assert provider.live_grants() == []


@pytest.mark.parametrize("access", [True, False])
def test_dropbox_s_grant_that_was_withdrawn_is_over_already(world: World, access: bool) -> None:
    with dropbox() as provider:
        wish = dropbox_wish(provider)
        tokens = consented(world, wish, provider)
        provider.remove_access("ana@example.org")
        held = tokens if access else Tokens(refresh=tokens.refresh)
        found = revoke(wish.profile, world.wire, held, wish.client)
    assert found == RevokeAnswer(RevokeKind.ALREADY, "invalid_access_token" if access else "invalid_grant")


def test_dropbox_s_online_token_that_ran_out_is_over(world: World) -> None:
    with dropbox() as provider:
        wish = dropbox_wish(provider, offline=False)
        tokens = consented(world, wish, provider)
        assert tokens.refresh is None
        provider.clock.advance(5 * 3600)
        assert revoke(wish.profile, world.wire, tokens, wish.client) == RevokeAnswer(RevokeKind.ALREADY, "expired")


def test_dropbox_s_refresh_that_fails_is_no_end(world: World) -> None:
    with dropbox() as provider:
        wish = dropbox_wish(provider)
        tokens = consented(world, wish, provider)
        provider.faults.switch("token", 503)
        found = revoke(wish.profile, world.wire, Tokens(refresh=tokens.refresh), wish.client)
        assert found.kind is RevokeKind.RETRY
        assert len(provider.live_grants()) == 1


def test_rfc_7009_ends_both_tokens(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        tokens = consented(world, wish, provider)
        assert revoke(wish.profile, world.wire, tokens, wish.client) == RevokeAnswer(RevokeKind.DONE, "200")
        assert provider.live_tokens() == []
        hints = [call.request.form["token_type_hint"] for call in provider.calls if call.endpoint == "revoke"]
        assert hints == [["refresh_token"], ["access_token"]]
        assert revoke(wish.profile, world.wire, tokens, wish.client).kind is RevokeKind.DONE, "RFC 7009 2.2"


def test_an_access_token_that_could_not_be_asked_about_keeps_the_end_open(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        tokens = consented(world, wish, provider)
        provider.faults.script("revoke", [None, 503])
        assert revoke(wish.profile, world.wire, tokens, wish.client).kind is RevokeKind.RETRY
        provider.faults.script("revoke", [503, None])
        assert revoke(wish.profile, world.wire, tokens, wish.client).kind is RevokeKind.RETRY
        assert revoke(wish.profile, world.wire, tokens, wish.client).kind is RevokeKind.DONE


@pytest.mark.parametrize("fault", [503, 500, 429, 403, "html", "reset", "cut", "lost"])
@pytest.mark.parametrize("which", ["google", "dropbox", "generic"])
def test_a_fault_is_never_taken_for_the_end(world: World, which: str, fault: int | str) -> None:
    """And asking again, once the server is well, ends it whatever had happened before."""
    with google() as at_google, dropbox() as at_dropbox, generic() as at_generic:
        choices: dict[str, tuple[Provider, Wish]] = {
            "google": (at_google, google_wish(at_google)),
            "dropbox": (at_dropbox, dropbox_wish(at_dropbox)),
            "generic": (at_generic, generic_wish(at_generic, world)),
        }
        provider, wish = choices[which]
        tokens = consented(world, wish, provider)
        provider.faults.switch("revoke", fault)
        found = revoke(wish.profile, world.wire, tokens, wish.client)
        # An answer cut in its empty body is a whole one.
        whole = fault == "cut" and provider.live_grants() == []
        assert found.kind is RevokeKind.RETRY or whole
        provider.faults.mend()
        assert revoke(wish.profile, world.wire, tokens, wish.client).ended
        assert provider.live_grants() == []


@pytest.mark.parametrize("style", list(RevokeStyle))
def test_without_anything_to_send_it_is_for_the_person(style: RevokeStyle) -> None:
    def never(request: Request) -> Answer:
        raise AssertionError(request.url)

    found = revoke(made("https://id.example", style=style), never, Tokens(), CLIENT)
    assert found.kind is (RevokeKind.ALREADY if style is RevokeStyle.DROPBOX else RevokeKind.MANUAL)


def test_a_password_that_only_the_person_can_end() -> None:
    profile = ProviderProfile(name="icloud")
    found = revoke(profile, Wire(), Tokens(username="ana", password=Secret("p")), Client())
    assert (found.kind, found.ended) == (RevokeKind.MANUAL, False)


# Asking whether it still lives.


@pytest.mark.parametrize("which", ["google", "dropbox", "generic"])
def test_a_probe_sees_life_and_death(world: World, which: str) -> None:
    with google() as at_google, dropbox() as at_dropbox, generic() as at_generic:
        choices: dict[str, tuple[Provider, Wish]] = {
            "google": (at_google, google_wish(at_google)),
            "dropbox": (at_dropbox, dropbox_wish(at_dropbox)),
            "generic": (at_generic, generic_wish(at_generic, world)),
        }
        provider, wish = choices[which]
        tokens = consented(world, wish, provider)
        alive = probe(wish.profile, world.wire, tokens, wish.client)
        assert alive.life is Life.ALIVE
        assert alive.tokens is not None, "a probe that was given tokens hands them on"
        assert revoke(wish.profile, world.wire, alive.tokens, wish.client).ended
        dead = probe(wish.profile, world.wire, alive.tokens, wish.client)
        assert (dead.life, dead.words, dead.tokens) == (Life.DEAD, "invalid_grant", None)


def test_introspection_tells_where_there_is_nothing_to_refresh(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        tokens = consented(world, wish, provider)
        bare = Tokens(access=tokens.access)
        assert probe(wish.profile, world.wire, bare, wish.client).life is Life.ALIVE
        provider.remove_access("ana@example.org")
        assert probe(wish.profile, world.wire, bare, wish.client).life is Life.DEAD
        provider.faults.switch("introspect", 503)
        assert probe(wish.profile, world.wire, bare, wish.client).life is Life.UNKNOWN


@pytest.mark.parametrize("body", [b"{}", b'{"active": "yes"}', b"[]", b"<html>", b""])
def test_an_introspection_that_says_nothing_is_no_news(body: bytes) -> None:
    with serving(always(200, body)) as server:
        profile = made(server.url, introspect_url=f"{server.url}/introspect")
        assert probe(profile, Wire(), Tokens(access=Secret("at")), CLIENT).life is Life.UNKNOWN


@pytest.mark.parametrize("fault", [503, "html", "reset"])
def test_a_probe_that_gets_no_answer_knows_nothing(world: World, fault: int | str) -> None:
    with google() as provider:
        wish = google_wish(provider)
        tokens = consented(world, wish, provider)
        provider.faults.switch("token", fault)
        found = probe(wish.profile, world.wire, tokens, wish.client)
    assert (found.life, found.tokens) == (Life.UNKNOWN, None)


def test_an_app_password_is_probed_and_deleted(world: World) -> None:
    from simulators.identity import passwords

    with nextcloud() as provider:
        wish = nextcloud_wish(provider)
        made_one = passwords.create(provider.book, "ana", "Wherry")
        tokens = Tokens(username="ana", password=Secret(made_one.value))
        assert probe(wish.profile, world.wire, tokens, wish.client).life is Life.ALIVE
        assert revoke(wish.profile, world.wire, tokens, wish.client) == RevokeAnswer(RevokeKind.DONE, "200")
        assert provider.live_grants() == []
        assert probe(wish.profile, world.wire, tokens, wish.client).life is Life.DEAD
        assert revoke(wish.profile, world.wire, tokens, wish.client) == RevokeAnswer(RevokeKind.ALREADY, "401")


def test_an_account_s_own_password_cannot_delete_itself(world: World) -> None:
    with nextcloud() as provider:
        wish = nextcloud_wish(provider)
        tokens = Tokens(username="ana", password=Secret(ACCOUNT_PASSWORD))
        assert revoke(wish.profile, world.wire, tokens, wish.client).kind is RevokeKind.MANUAL


def test_a_token_that_outlived_its_password_is_ended_first(world: World) -> None:
    """Infomaniak, after a crash between the password and the end of the token."""
    with infomaniak() as provider:
        wish = infomaniak_wish(provider)
        begun = world.consent.begin(wish, "http://127.0.0.1:1/callback/infomaniak")
        code = parse_qs(urlsplit(provider.approve(begun.url)).query)["code"][0]
        fields = world.vault.secrets(begun.grant_id)
        tokens = exchange_code(
            wish.profile,
            world.wire,
            wish.client,
            code=Secret(code),
            verifier=fields["verifier"],
            redirect_uri="http://127.0.0.1:1/callback/infomaniak",
            requested=(),
        )
        both = Tokens(access=tokens.access, username="ana", password=Secret("p"))
        assert revoke(wish.profile, world.wire, both, wish.client).kind is RevokeKind.MANUAL
        assert provider.live_tokens("access") == []
        alone = Tokens(access=tokens.access)
        assert revoke(wish.profile, world.wire, alone, wish.client).kind is RevokeKind.ALREADY
        provider.faults.switch("revoke", 503)
        assert revoke(wish.profile, world.wire, both, wish.client).kind is RevokeKind.RETRY
