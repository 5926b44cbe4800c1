"""The client against servers that answer well, badly and not at all."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.client import (
    Life,
    RevokeAnswer,
    RevokeKind,
    authorization_url,
    exchange_code,
    judged,
    probe,
    refresh,
    revoke,
)
from oauth.errors import BadAnswer, GrantDead, OAuthError, ProviderRefused, Unreachable
from oauth.grants import Radius
from oauth.profiles import ProviderProfile, RevokeStyle
from oauth.secret import Secret
from oauth.tokens import Client, Tokens
from oauth.transport import LARGEST, Answer, Request
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from simulators.identity.google import google
from simulators.identity.infomaniak import infomaniak
from simulators.identity.nextcloud import ACCOUNT_PASSWORD, nextcloud
from tests.oauth.consenting import (
    World,
    beside,
    dropbox_wish,
    generic_wish,
    google_wish,
    infomaniak_wish,
    nextcloud_wish,
)
from tests.oauth.wire import Wire, always, form, serving

if TYPE_CHECKING:
    from oauth.consent import Wish
    from simulators.identity.provider import Provider

JSON = {"Content-Type": "application/json"}
CANARY = "canary-4711-in-an-answer"
CLIENT = Client("client-1")


def made(url: str, *, style: RevokeStyle = RevokeStyle.RFC7009, **more: str) -> ProviderProfile:
    return ProviderProfile(
        name="example",
        authorize_url=f"{url}/authorize",
        token_url=f"{url}/token",
        revoke_url=f"{url}/revoke",
        introspect_url=more.get("introspect_url", ""),
        client_auth=more.get("client_auth", "body"),
        revoke_style=style,
        radius=Radius.AUTHORIZATION,
        allow_loopback=True,
    )


def consented(world: World, wish: Wish, provider: Provider) -> Tokens:
    """Return the tokens of a fresh consent."""
    show, _ = beside(lambda url: provider.approve(url, follow=True))
    grant = world.consent.by_browser(wish, show)
    return Tokens.of(world.vault.secrets(grant.id), expires_at=grant.expires_at, granted=grant.granted)


# Asking.


@given(
    scopes=st.lists(st.from_regex(r"[!#-\[\]-~]{1,20}", fullmatch=True), max_size=5),
    state=st.from_regex(r"[A-Za-z0-9_-]{20,60}", fullmatch=True),
    client=st.text(min_size=1, max_size=30),
)
def test_what_is_asked_can_be_read_back(scopes: list[str], state: str, client: str) -> None:
    """Whatever a client id or a scope (RFC 6749 3.3) is made of."""
    url = authorization_url(
        made("https://id.example"),
        Client(client),
        scopes=scopes,
        state=Secret(state),
        verifier=Secret("v" * 43),
        redirect_uri="http://127.0.0.1:1/callback/example",
    )
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
    assert url.startswith("https://id.example/authorize?")
    assert asked.get("scope", "") == " ".join(scopes)
    assert (asked["state"], asked["client_id"], asked["response_type"]) == (state, client, "code")
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] not in {"v" * 43, ""}
    assert "v" * 43 not in url, "the verifier stays here"


def test_the_challenge_is_that_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    url = authorization_url(
        made("https://id.example"),
        CLIENT,
        scopes=(),
        state=Secret("s" * 30),
        verifier=Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        redirect_uri="http://127.0.0.1:1/",
    )
    assert "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&" in url


def test_an_endpoint_with_a_query_keeps_it() -> None:
    profile = ProviderProfile(
        name="example", authorize_url="https://id.example/a?tenant=7", token_url="https://id.example/t"
    )
    url = authorization_url(
        profile,
        CLIENT,
        scopes=("a",),
        state=Secret("s" * 30),
        verifier=Secret("v" * 43),
        redirect_uri="http://127.0.0.1:1/",
    )
    assert parse_qs(urlsplit(url).query)["tenant"] == ["7"]


# What a token endpoint may answer. Every row is one answer, and what has to come of it.

GOOD = {"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt", "scope": "a b"}
BAD: list[tuple[str, int, dict[str, str], bytes, type[OAuthError], str]] = [
    ("a page", 200, {"Content-Type": "text/html"}, b"<html>sign in to the hotel", BadAnswer, "web page"),
    ("a page called json", 200, JSON, b"  <!doctype html>", BadAnswer, "web page"),
    ("an error page", 502, {"Content-Type": "text/html"}, b"<h1>Bad gateway</h1>", BadAnswer, "502"),
    ("nothing", 200, JSON, b"", BadAnswer, "nothing"),
    ("blanks", 200, JSON, b" \r\n ", BadAnswer, "nothing"),
    ("too much", 200, JSON, b'{"access_token": "' + b"x" * LARGEST + b'"}', BadAnswer, "too much"),
    ("half a document", 200, JSON, b'{"access_token": "a', BadAnswer, "no JSON"),
    ("no utf-8", 200, JSON, b'{"access_token": "\xff\xfe"}', BadAnswer, "no JSON"),
    ("deeply nested", 200, JSON, b"[" * 100_000, BadAnswer, "no JSON"),
    ("a list", 200, JSON, b"[]", BadAnswer, "no JSON object"),
    ("a number", 200, JSON, b"17", BadAnswer, "no JSON object"),
    ("a form", 200, {}, b"access_token=at&token_type=bearer", BadAnswer, "no JSON"),
    ("no token", 200, JSON, b'{"token_type": "Bearer"}', BadAnswer, "without an access token"),
    ("an empty token", 200, JSON, b'{"access_token": ""}', BadAnswer, "without an access token"),
    ("a token that is a list", 200, JSON, b'{"access_token": ["at"]}', BadAnswer, "without an access token"),
    ("a MAC token", 200, JSON, b'{"access_token": "at", "token_type": "mac"}', BadAnswer, "another type"),
    ("a redirect", 302, {"Location": "https://elsewhere.example/"}, b"", BadAnswer, "redirects"),
    ("a redirect that stays", 307, {"Location": "/token"}, b"{}", BadAnswer, "redirects"),
    ("500", 500, JSON, b'{"error": "server_error"}', BadAnswer, "500"),
    ("503", 503, JSON, b"", BadAnswer, "503"),
    ("429", 429, JSON, b'{"error": "slow_down"}', BadAnswer, "429"),
    ("invalid_grant", 400, JSON, b'{"error": "invalid_grant"}', GrantDead, "invalid_grant"),
    ("invalid_grant with 401", 401, JSON, b'{"error": "invalid_grant"}', GrantDead, "invalid_grant"),
    ("invalid_grant with 200", 200, JSON, b'{"error": "invalid_grant"}', GrantDead, "invalid_grant"),
    ("invalid_client", 401, JSON, b'{"error": "invalid_client"}', ProviderRefused, "invalid_client"),
    ("invalid_scope", 400, JSON, b'{"error": "invalid_scope"}', ProviderRefused, "invalid_scope"),
    ("a word of its own", 400, JSON, f'{{"error": "{CANARY}"}}'.encode(), ProviderRefused, "another error"),
    ("an error that is a number", 400, JSON, b'{"error": 17}', ProviderRefused, "another error"),
    ("an error with 200", 200, JSON, b'{"error": "x", "access_token": "at"}', ProviderRefused, "another error"),
    ("403 without a body", 403, JSON, b"", BadAnswer, "nothing"),
    ("404 as a page", 404, {"Content-Type": "text/html"}, b"<h1>Not found</h1>", BadAnswer, "web page"),
]


def _refreshes(url: str) -> Tokens:
    return refresh(made(url), Wire(), Secret("the-refresh-token"), CLIENT)


def _exchanges(url: str) -> Tokens:
    return exchange_code(
        made(url),
        Wire(),
        CLIENT,
        code=Secret("the-code"),
        verifier=Secret("v" * 43),
        redirect_uri="http://127.0.0.1:1/callback/example",
        requested=("a", "b"),
    )


@pytest.mark.parametrize("ask", [_refreshes, _exchanges], ids=["refresh", "exchange"])
@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_bad_answers_have_names(
    ask: Callable[[str], Tokens], status: int, headers: dict[str, str], body: bytes, error: type[OAuthError], words: str
) -> None:
    with serving(lambda _: (status, headers, body)) as server:
        with pytest.raises(error, match=words) as caught:
            ask(server.url)
        assert len(server.seen) == 1, "nothing is sent twice, and no redirect is followed"
    assert CANARY not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_what_the_server_echoes_is_never_repeated(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Some servers quote what they were sent: code, verifier, refresh token, client secret."""
    caplog.set_level(logging.DEBUG)
    secrets = Client("client-1", Secret("client-" + CANARY))

    def echo(seen: object) -> tuple[int, dict[str, str], bytes]:
        said = form(seen)  # type: ignore[arg-type]  # what the small server hands over
        return (
            status,
            JSON,
            json.dumps({"error": str(said), "error_description": str(said), "error_uri": str(said)}).encode(),
        )

    with serving(echo) as server:

        def exchanging() -> Tokens:
            return exchange_code(
                made(server.url),
                Wire(),
                secrets,
                code=Secret("code-" + CANARY),
                verifier=Secret("verifier-" + CANARY),
                redirect_uri="http://127.0.0.1:1/",
                requested=(),
            )

        def refreshing() -> Tokens:
            return refresh(made(server.url), Wire(), Secret("refresh-" + CANARY), secrets)

        for ask in (exchanging, refreshing):
            with pytest.raises(OAuthError) as caught:
                ask()
            import traceback

            # The frames' own source lines are ours; what counts is what the error carries.
            assert CANARY not in "".join(traceback.format_exception_only(caught.value))
            cause: BaseException | None = caught.value
            while cause is not None:
                assert CANARY not in str(cause)
                cause = cause.__cause__ or cause.__context__
        assert all(CANARY in seen.body.decode() for seen in server.seen), "it was sent"
    assert CANARY not in caplog.text


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with serving(always(200)) as server:
        gone = server.url
    with pytest.raises(Unreachable) as caught:
        _refreshes(gone)
    assert caught.value.origin == gone


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({}, "granted", ("a", "b")),
        ({"scope": None}, "granted", ("asked",)),
        ({"scope": ""}, "granted", ("asked",)),
        ({"scope": "a  a b "}, "granted", ("a", "b")),
        ({"scope": ["a", 1, "b"]}, "granted", ("a", "b")),
        ({"scope": 7}, "granted", ("asked",)),
        ({}, "expires_at", 4600.0),
        ({"expires_in": "3600"}, "expires_at", 4600.0),
        ({"expires_in": None}, "expires_at", None),
        ({"expires_in": "soon"}, "expires_at", None),
        ({"expires_in": -1}, "expires_at", None),
        ({"expires_in": True}, "expires_at", None),
        ({"expires_in": "nan"}, "expires_at", None),
        ({"expires_in": 0}, "expires_at", 1000.0),
        ({"expires_in": 1e300}, "expires_at", 1000.0 + 10 * 365 * 86400),
        ({"expires_in": "inf"}, "expires_at", 1000.0 + 10 * 365 * 86400),
        ({"refresh_token_expires_in": 604800}, "ends_at", 605800.0),
        ({}, "ends_at", None),
        ({"account_id": "dbid:1"}, "subject", "dbid:1"),
        ({"id_token": "e30.eyJzdWIiOiAiNDIifQ.sig"}, "subject", "42"),
        ({"id_token": "e30.e30.sig"}, "subject", None),
        ({"id_token": "e30.bnVsbA.sig"}, "subject", None),
        ({"id_token": "not a token"}, "subject", None),
        ({"id_token": "a.!!!.c"}, "subject", None),
        ({"id_token": 17}, "subject", None),
        ({"refresh_token": None}, "refresh", None),
        ({"refresh_token": 17}, "refresh", None),
        ({"token_type": "BEARER"}, "access", Secret("at")),
        ({"unknown": {"nested": 1}}, "access", Secret("at")),
    ],
    ids=str,
)
def test_good_answers_are_read(changes: dict[str, object], field: str, value: object) -> None:
    said = {key: item for key, item in {**GOOD, **changes}.items() if item is not None}
    with serving(always(200, json.dumps(said).encode(), Content_Type="application/json")) as server:
        tokens = exchange_code(
            made(server.url),
            Wire(),
            CLIENT,
            code=Secret("c"),
            verifier=Secret("v" * 43),
            redirect_uri="http://127.0.0.1:1/",
            requested=("asked",),
            now=1000.0,
        )
    assert getattr(tokens, field) == value


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    """Whatever comes: tokens, or one of our errors."""
    answer = Answer(200, {}, body)
    try:
        tokens = refresh(made("https://id.example"), lambda _: answer, Secret("rt"), CLIENT)
    except OAuthError:
        return
    assert tokens.access is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["access_token", "token_type", "expires_in", "refresh_token", "scope", "error", "id_token"]),
        json_values | st.just("at"),
    ),
    st.sampled_from([200, 201, 302, 400, 401, 500]),
)
def test_no_document_breaks_the_reader(said: dict[str, object], status: int) -> None:
    answer = Answer(status, JSON, json.dumps(said).encode())
    try:
        tokens = refresh(made("https://id.example"), lambda _: answer, Secret("rt"), CLIENT)
    except OAuthError:
        return
    assert status == 200
    assert tokens.refresh is not None
    assert said["access_token"]


# Renewing.


def test_a_rotated_refresh_token_takes_the_place_of_the_old_one(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        tokens = consented(world, wish, provider)
        assert tokens.refresh is not None
        fresh = refresh(wish.profile, world.wire, tokens.refresh, wish.client, granted=tokens.granted)
        assert fresh.refresh is not None
        assert fresh.refresh != tokens.refresh
        again = refresh(wish.profile, world.wire, fresh.refresh, wish.client)
        assert again.refresh != fresh.refresh
        with pytest.raises(GrantDead):
            refresh(wish.profile, world.wire, tokens.refresh, wish.client)


@pytest.mark.parametrize("which", ["google", "dropbox"])
def test_a_refresh_token_that_is_not_rotated_is_kept(world: World, which: str) -> None:
    with google() as at_google, dropbox() as at_dropbox:
        choices: dict[str, tuple[Provider, Wish]] = {
            "google": (at_google, google_wish(at_google)),
            "dropbox": (at_dropbox, dropbox_wish(at_dropbox)),
        }
        provider, wish = choices[which]
        tokens = consented(world, wish, provider)
        assert tokens.refresh is not None
        fresh = refresh(wish.profile, world.wire, tokens.refresh, wish.client, granted=tokens.granted)
    assert fresh.refresh == tokens.refresh
    assert fresh.access != tokens.access
    assert set(fresh.granted) == set(tokens.granted)


def test_a_withdrawn_grant_is_dead(world: World) -> None:
    with google() as provider:
        wish = google_wish(provider)
        tokens = consented(world, wish, provider)
        provider.remove_access("ana@example.org")
        assert tokens.refresh is not None
        with pytest.raises(GrantDead) as caught:
            refresh(wish.profile, world.wire, tokens.refresh, wish.client)
    assert caught.value.code == "invalid_grant"


@pytest.mark.parametrize(("way", "where"), [("body", "body"), ("basic", "header")])
def test_the_client_secret_goes_where_the_server_wants_it(way: str, where: str) -> None:
    client = Client("id with:colon", Secret("secret/with+signs"))
    with serving(always(200, json.dumps(GOOD).encode())) as server:
        refresh(made(server.url, client_auth=way), Wire(), Secret("rt"), client)
        (seen,) = server.seen
    fields = form(seen)
    assert fields["client_id"] == "id with:colon"
    assert ("client_secret" in fields) == (where == "body")
    from base64 import b64decode

    if where == "header":
        pair = b64decode(seen.headers["authorization"].removeprefix("Basic ")).decode()
        assert pair == "id+with%3Acolon:secret%2Fwith%2Bsigns", "each part is form-encoded (RFC 6749 2.3.1)"
    else:
        assert fields["client_secret"] == "secret/with+signs"


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
