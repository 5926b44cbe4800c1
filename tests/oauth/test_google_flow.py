"""Google's own library inside our walls: no socket of its own, no lost token, no echo."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from oauth.errors import BadAnswer, ClientMissing, GrantDead, OAuthError, ProviderRefused, Unreachable
from oauth.google import authorization_url, exchange_code
from oauth.profiles import profile
from oauth.secret import Secret
from oauth.tokens import Client, Tokens
from oauth.transport import Answer, Request
from tests.oauth.test_client import BAD

ROOT = Path(__file__).parents[2]
JSON = {"content-type": "application/json"}
CLIENT = Client("1234-x.apps.googleusercontent.com", Secret("GOCSPX-canary"))
ASKED = ("openid", "https://www.googleapis.com/auth/contacts.readonly")


def exchanged(said: object, *, status: int = 200, asked: tuple[str, ...] = ASKED) -> tuple[Tokens, list[Request]]:
    """Exchange a code with a server that says this, and return what was sent as well."""
    seen: list[Request] = []

    def exchange(request: Request) -> Answer:
        seen.append(request)
        return Answer(status, JSON, said if isinstance(said, bytes) else json.dumps(said).encode())

    tokens = exchange_code(
        profile("google"),
        exchange,
        CLIENT,
        code=Secret("4/canary-code"),
        verifier=Secret("v" * 60),
        redirect_uri="http://127.0.0.1:1/callback/google",
        requested=asked,
        now=1000.0,
    )
    return tokens, seen


GOOD = {
    "access_token": "ya29.x",
    "refresh_token": "1//y",
    "expires_in": 3599,
    "token_type": "Bearer",
    "scope": " ".join(ASKED),
}


def test_what_is_sent_is_one_form_to_the_token_endpoint() -> None:
    tokens, seen = exchanged(GOOD)
    (request,) = seen
    assert (request.method, request.url) == ("POST", "https://oauth2.googleapis.com/token")
    assert {name: values[0] for name, values in parse_qs(request.body.decode()).items()} == {
        "grant_type": "authorization_code",
        "client_id": CLIENT.client_id,
        "client_secret": "GOCSPX-canary",
        "code": "4/canary-code",
        "code_verifier": "v" * 60,
        "redirect_uri": "http://127.0.0.1:1/callback/google",
    }
    assert {name.lower() for name in request.headers} <= {"content-type", "accept"}
    assert tokens == Tokens(Secret("ya29.x"), Secret("1//y"), 4599.0, ASKED)


@pytest.mark.parametrize(
    "granted",
    [
        "openid",
        "openid https://www.googleapis.com/auth/contacts.readonly https://www.googleapis.com/auth/drive",
        "https://www.googleapis.com/auth/drive",
    ],
)
def test_other_scopes_come_with_their_tokens(granted: str) -> None:
    """The library raises a bare Warning here, with the live tokens in it."""
    tokens, _ = exchanged({**GOOD, "scope": granted})
    assert set(tokens.granted) == set(granted.split())
    assert tokens.refresh == Secret("1//y")


def test_a_lifetime_that_cannot_be_read_does_not_lose_the_tokens() -> None:
    tokens, _ = exchanged({**GOOD, "expires_in": "soon"})
    assert (tokens.access, tokens.refresh, tokens.expires_at) == (Secret("ya29.x"), Secret("1//y"), None)


def test_without_a_scope_those_asked_for_are_granted() -> None:
    tokens, _ = exchanged({key: value for key, value in GOOD.items() if key != "scope"})
    assert tokens.granted == ASKED


@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_bad_answers_have_the_same_names_as_everywhere(
    status: int, headers: dict[str, str], body: bytes, error: type[OAuthError], words: str
) -> None:
    lower = {name.lower(): value for name, value in headers.items()}
    with pytest.raises(error, match=words) as caught:
        exchange_code(
            profile("google"),
            lambda _: Answer(status, lower, body),
            CLIENT,
            code=Secret("4/canary-code"),
            verifier=Secret("v" * 60),
            redirect_uri="http://127.0.0.1:1/",
            requested=ASKED,
        )
    assert "canary" not in str(caught.value)


def test_a_network_fault_comes_through_as_it_is() -> None:
    def broken(_: Request) -> Answer:
        raise Unreachable("https://oauth2.googleapis.com:443", "timed out")

    with pytest.raises(Unreachable, match="timed out"):
        exchange_code(
            profile("google"),
            broken,
            CLIENT,
            code=Secret("c"),
            verifier=Secret("v" * 60),
            redirect_uri="http://127.0.0.1:1/",
            requested=ASKED,
        )


def test_no_proxy_and_no_netrc_of_the_environment_is_used(tmp_path: Path) -> None:
    """A program of its own: its environment would send requests to a proxy, and credentials from a file."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine oauth2.googleapis.com login evil password canary-netrc\n")
    netrc.chmod(0o600)
    script = """
import json
from tests.oauth.test_google_flow import GOOD, exchanged
_, (request,) = exchanged(GOOD)
print(json.dumps([request.url, dict(request.headers), request.body.decode()]))
"""
    proxied = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "NETRC": str(netrc), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=proxied, cwd=ROOT, capture_output=True, text=True, check=True
    )
    url, headers, body = json.loads(done.stdout)
    assert url == "https://oauth2.googleapis.com/token"
    assert "Authorization" not in headers
    assert "canary-netrc" not in done.stdout + body


def test_no_socket_is_opened_by_the_library() -> None:
    """Not even a name is looked up: all of it goes through the exchange."""
    opened: list[str] = []
    here, watched = threading.get_ident(), [True]

    def watch(event: str, _: tuple[object, ...]) -> None:
        ours = watched[0] and threading.get_ident() == here
        if ours and event in {"socket.connect", "socket.getaddrinfo", "socket.bind"}:
            opened.append(event)

    sys.addaudithook(watch)
    try:
        exchanged(GOOD)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
    finally:
        watched[0] = False
    assert opened == ["socket.bind"], "only the probe of this test was seen"


def test_the_address_carries_everything_google_wants() -> None:
    url = authorization_url(
        profile("google"),
        CLIENT,
        scopes=ASKED,
        state=Secret("s" * 43),
        verifier=Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        redirect_uri="http://127.0.0.1:1/callback/google",
    )
    assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    asked = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert asked == {
        "response_type": ["code"],
        "client_id": [CLIENT.client_id],
        "redirect_uri": ["http://127.0.0.1:1/callback/google"],
        "scope": [" ".join(ASKED)],
        "state": ["s" * 43],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
        "access_type": ["offline"],
        "prompt": ["consent"],
        "include_granted_scopes": ["false"],
    }
    assert "GOCSPX" not in url


def test_it_is_the_same_address_our_own_client_builds() -> None:
    """Two builders, one request: what the library adds of its own would show here."""
    from oauth import client

    ours, theirs = (
        parse_qs(
            urlsplit(
                builder(
                    profile("google"),
                    CLIENT,
                    scopes=ASKED,
                    state=Secret("s" * 43),
                    verifier=Secret("v" * 60),
                    redirect_uri="http://127.0.0.1:1/callback/google",
                    extra={"login_hint": "ana@example.org"},
                )
            ).query
        )
        for builder in (client.authorization_url, authorization_url)
    )
    assert ours == theirs


def test_without_a_client_id_nothing_is_built() -> None:
    with pytest.raises(ClientMissing):
        authorization_url(
            profile("google"),
            Client(),
            scopes=ASKED,
            state=Secret("s" * 43),
            verifier=Secret("v" * 60),
            redirect_uri="http://127.0.0.1:1/",
        )


def test_without_the_extra_the_missing_library_is_named() -> None:
    """A program of its own, to which the library is not there (None in sys.modules is Python's own way to say so)."""
    script = """
import sys
sys.modules["google_auth_oauthlib"] = None
from oauth.errors import LibraryMissing
from tests.oauth.test_google_flow import GOOD, exchanged
try:
    exchanged(GOOD)
except LibraryMissing as missing:
    print(missing.extra)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "google"


@pytest.mark.parametrize(("code", "error"), [("invalid_grant", GrantDead), ("invalid_client", ProviderRefused)])
def test_errors_are_told_apart(code: str, error: type[OAuthError]) -> None:
    with pytest.raises(error):
        exchanged({"error": code, "error_description": "canary"}, status=400)


def test_a_list_in_place_of_the_document_is_no_answer() -> None:
    with pytest.raises(BadAnswer):
        exchanged([GOOD])
