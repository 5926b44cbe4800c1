"""The client against servers that answer well, badly and not at all."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.client import (
    authorization_url,
    exchange_code,
    refresh,
)
from oauth.errors import BadAnswer, GrantDead, OAuthError, ProviderRefused, Unreachable
from oauth.profiles import ProviderProfile
from oauth.secret import Secret
from oauth.tokens import Client, Tokens
from oauth.transport import LARGEST, Answer
from tests.oauth.consenting import made
from tests.oauth.wire import Wire, always, form, serving

JSON = {"Content-Type": "application/json"}
CANARY = "canary-4711-in-an-answer"
CLIENT = Client("client-1")


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
