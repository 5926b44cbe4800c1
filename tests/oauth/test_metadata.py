"""A provider's description of itself: believed about itself, and about nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from oauth.errors import BadMetadata, Unreachable, UnsafeEndpoint
from oauth.grants import Radius
from oauth.metadata import addresses, discover
from oauth.profiles import RevokeStyle
from oauth.transport import LARGEST, Answer, Request
from simulators.identity.generic import generic
from tests.oauth.wire import Seen, Small, Wire, serving

ISSUER = "https://id.example"
GOOD = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "introspection_endpoint": f"{ISSUER}/introspect",
    "response_types_supported": ["code"],
    "code_challenge_methods_supported": ["plain", "S256"],
    "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
}


def saying(said: object, status: int = 200) -> Callable[[Request], Answer]:
    """Return an exchange that answers every request by *said*."""
    return lambda _: Answer(status, {"content-type": "application/json"}, json.dumps(said).encode())


def without(*names: str, **changes: object) -> dict[str, object]:
    return {key: value for key, value in {**GOOD, **changes}.items() if key not in names}


def test_a_real_server_is_found_by_its_address_alone() -> None:
    with generic() as provider:
        made = discover(provider.issuer, Wire(), allow_loopback=True)
    assert (made.token_url, made.revoke_url) == (provider.token_url, provider.revoke_url)
    assert made.introspect_url == provider.introspect_url
    assert made.issuer == provider.issuer
    assert made.iss_required
    assert made.revoke_style is RevokeStyle.RFC7009
    assert made.radius is Radius.AUTHORIZATION


@pytest.mark.parametrize(
    ("issuer", "asked"),
    [
        (
            "https://id.example",
            (
                "https://id.example/.well-known/oauth-authorization-server",
                "https://id.example/.well-known/openid-configuration",
            ),
        ),
        (
            "https://id.example/tenant/7",
            (
                "https://id.example/.well-known/oauth-authorization-server/tenant/7",
                "https://id.example/tenant/7/.well-known/openid-configuration",
            ),
        ),
        (
            "https://id.example/tenant/",
            (
                "https://id.example/.well-known/oauth-authorization-server/tenant",
                "https://id.example/tenant/.well-known/openid-configuration",
            ),
        ),
    ],
)
def test_where_a_server_describes_itself(issuer: str, asked: tuple[str, ...]) -> None:
    assert tuple(addresses(issuer)) == asked


@contextmanager
def describing(answers: dict[str, object]) -> Iterator[Small]:
    """Run a server that has *answers* by path; its own address stands for ``{url}`` in them."""
    url: list[str] = []

    def answer(seen: Seen) -> tuple[int, dict[str, str], bytes]:
        said = answers.get(seen.path)
        if said is None:
            return 404, {}, b"nothing here"
        return 200, {"Content-Type": "application/json"}, json.dumps(said).replace(ISSUER, url[0]).encode()

    with serving(answer) as server:
        url.append(server.url)
        yield server


def test_the_older_address_is_asked_when_the_newer_has_nothing() -> None:
    with describing({"/.well-known/openid-configuration": GOOD}) as server:
        made = discover(server.url, Wire(), allow_loopback=True)
        assert [seen.path for seen in server.seen] == [
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
        ]
    assert made.token_url.startswith(server.url)


def test_a_path_in_the_issuer_is_kept() -> None:
    said = {**GOOD, "issuer": f"{ISSUER}/realm"}
    with describing({"/.well-known/oauth-authorization-server/realm": said}) as server:
        assert discover(f"{server.url}/realm", Wire(), allow_loopback=True).issuer == f"{server.url}/realm"


@pytest.mark.parametrize(
    "other",
    [
        "https://evil.example",
        "https://id.example/",
        "https://ID.example",
        "https://id.example:443",
        "http://id.example",
        "",
        None,
        7,
        ["https://id.example"],
    ],
    ids=str,
)
def test_another_s_name_is_not_believed(other: object) -> None:
    """Letter by letter (RFC 8414 3.3): otherwise a server could borrow another's grants."""
    with pytest.raises(BadMetadata, match="another name"):
        discover(ISSUER, saying({**GOOD, "issuer": other}))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("authorization_endpoint", "", "authorization_endpoint"),
        ("token_endpoint", None, "token_endpoint"),
        ("token_endpoint", 7, "token_endpoint"),
        ("response_types_supported", ["token"], "codes"),
        ("grant_types_supported", ["client_credentials"], "codes"),
        ("code_challenge_methods_supported", ["plain"], "S256"),
        ("code_challenge_methods_supported", [], "S256"),
        ("token_endpoint", "http://id.example/token", "not encrypted"),
        ("revocation_endpoint", "http://id.example/revoke", "not encrypted"),
        ("introspection_endpoint", "http://id.example/introspect", "not encrypted"),
        ("authorization_endpoint", "javascript:alert(1)", "no https"),
        ("token_endpoint", "https://user:pw@id.example/token", "no https"),
        ("token_endpoint", "https://id.example/token#x", "fragment"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_said(name: str, value: object, words: str) -> None:
    with pytest.raises(BadMetadata, match=words):
        discover(ISSUER, saying({**GOOD, name: value}))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>sign in</html>", b"[]", b"null", b"{", b'{"issuer": "' + b"x" * LARGEST + b'"}'],
    ids=["nothing", "a page", "a list", "null", "half", "too much"],
)
def test_what_is_no_description_is_said(body: bytes) -> None:
    with pytest.raises(BadMetadata):
        discover(ISSUER, lambda _: Answer(200, {}, body))


@pytest.mark.parametrize("status", [301, 302, 401, 403, 404, 500, 503])
def test_no_answer_but_200_describes_anything(status: int) -> None:
    with pytest.raises(BadMetadata, match="does not describe itself"):
        discover(ISSUER, saying(GOOD, status))


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with describing({}) as server:
        gone = server.url
    with pytest.raises(Unreachable):
        discover(gone, Wire(), allow_loopback=True)


@pytest.mark.parametrize(
    "issuer",
    ["http://id.example", "https://id.example?x=1", "https://id.example#x", "https://me@id.example", "id.example"],
)
def test_an_issuer_must_be_a_safe_address(issuer: str) -> None:
    def never(request: Request) -> Answer:
        raise AssertionError(request.url)

    with pytest.raises(UnsafeEndpoint):
        discover(issuer, never)


def test_plain_http_is_for_this_machine_and_only_with_leave() -> None:
    with describing({"/.well-known/oauth-authorization-server": GOOD}) as server:
        with pytest.raises(UnsafeEndpoint):
            discover(server.url, Wire())
        assert server.seen == []


@pytest.mark.parametrize(
    ("methods", "way"),
    [
        (["none"], "body"),
        (["client_secret_post"], "body"),
        (["client_secret_basic"], "basic"),
        (["client_secret_basic", "client_secret_post"], "body"),
        (["private_key_jwt"], "body"),
        (None, "basic"),
        ("client_secret_post", "basic"),
    ],
    ids=str,
)
def test_how_a_client_proves_itself(methods: object, way: str) -> None:
    said = without("token_endpoint_auth_methods_supported")
    if methods is not None:
        said["token_endpoint_auth_methods_supported"] = methods
    assert discover(ISSUER, saying(said)).client_auth == way


def test_what_is_not_said_is_not_assumed() -> None:
    made = discover(
        ISSUER,
        saying(without("revocation_endpoint", "introspection_endpoint", "code_challenge_methods_supported")),
        manual_url="https://id.example/apps",
        name="home",
    )
    assert made.revoke_style is RevokeStyle.MANUAL
    assert (made.revoke_url, made.introspect_url) == ("", "")
    assert not made.iss_required
    assert (made.name, made.callback, made.manual_url) == ("home", "/callback/home", "https://id.example/apps")


@pytest.mark.parametrize("said", [True, False, "true", 1, None])
def test_iss_is_required_only_where_the_server_promises_it(said: object) -> None:
    made = discover(ISSUER, saying({**GOOD, "authorization_response_iss_parameter_supported": said}))
    assert made.iss_required is (said is True)
