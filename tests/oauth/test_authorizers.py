"""Headers that prove who asks, checked against the examples of their RFCs."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.authorizers import Authorizer, Basic, Bearer, Digest, Guess
from oauth.digest import challenges
from oauth.errors import UnsafeOrigin
from oauth.secret import Secret

HERE = "http://www.example.org"
KINDS: list[Callable[..., Authorizer]] = [Basic, Digest, Guess]

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_3_9_1(algorithm: str, response: str) -> None:
    digest = Digest("Mufasa", Secret("Circle of Life"), to=[HERE], cnonce=lambda: CNONCE)
    url = f"{HERE}/dir/index.html"
    assert digest.headers("GET", url) == {}
    assert digest.challenge({"www-authenticate": RFC_7616.format(algorithm)}, "GET", url)
    ((_, fields),) = challenges(digest.headers("GET", url)["Authorization"])
    assert fields == {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001",
        "cnonce": CNONCE,
        "qop": "auth",
        "response": response,
        "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    }


def test_the_example_of_rfc_2617_3_5() -> None:
    digest = Digest("Mufasa", Secret("Circle Of Life"), to=[HERE], cnonce=lambda: "0a4f113b")
    offer = 'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    assert digest.challenge({"www-authenticate": offer}, "GET", HERE)
    answer = digest.headers("GET", f"{HERE}/dir/index.html")["Authorization"]
    assert 'response="6629fae49393a05397450978507c4ef1"' in answer
    assert "algorithm" not in answer, "what was not offered is not named"


def test_the_best_algorithm_of_several_challenges_is_taken() -> None:
    digest = Digest("u", Secret("p"), to=[HERE])
    offers = f'{RFC_7616.format("MD5")}, {RFC_7616.format("SHA-256")}, Basic realm="x"'
    assert digest.challenge({"www-authenticate": offers}, "GET", HERE)
    assert "algorithm=SHA-256" in digest.headers("GET", HERE)["Authorization"]


def test_userhash_hides_the_name() -> None:
    digest = Digest("Mufasa", Secret("p"), to=[HERE])
    digest.challenge({"www-authenticate": RFC_7616.format("SHA-256") + ", userhash=true"}, "GET", HERE)
    answer = digest.headers("GET", HERE)["Authorization"]
    assert "Mufasa" not in answer
    assert "userhash=true" in answer


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Basic", [("basic", {})]),
        ('Basic realm="a"', [("basic", {"realm": "a"})]),
        ('Digest a=1,b="2, c=3" , Basic', [("digest", {"a": "1", "b": "2, c=3"}), ("basic", {})]),
        ('Digest realm="a \\"b\\" \\\\c"', [("digest", {"realm": 'a "b" \\c'})]),
        ('Negotiate, Bearer realm="x", error="y"', [("negotiate", {}), ("bearer", {"realm": "x", "error": "y"})]),
        ("dIGEST NONCE = n ,, qop=auth", [("digest", {"nonce": "n", "qop": "auth"})]),
        ("", []),
        ('="', []),
    ],
)
def test_challenges_are_taken_apart(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert list(challenges(header)) == expected


@given(st.text(max_size=120))
def test_no_challenge_breaks_anything(header: str) -> None:
    for kind in KINDS:
        kind("u", Secret("p"), to=[f"https://{HERE[7:]}"]).challenge({"www-authenticate": header}, "GET", HERE)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(lambda name: ":" not in name),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_basic_carries_any_name_and_password(name: str, password: str) -> None:
    header = Basic(name, Secret(password), to=[HERE]).headers("GET", HERE)["Authorization"]
    assert header.isascii()
    assert b64decode(header.removeprefix("Basic ")).decode() == f"{name}:{password}"


@pytest.mark.parametrize("kind", [*KINDS, lambda _user, secret, to: Bearer(secret, to=to)])
@pytest.mark.parametrize("url", ["https://www.example.org/", "http://www.example.org:81/", "http://evil.example/", "x"])
def test_no_other_origin_gets_a_header_or_an_answer(kind: Callable[..., Authorizer], url: str) -> None:
    who = kind("u", Secret("p"), to=[HERE])
    assert isinstance(who, Authorizer)
    who.challenge({"www-authenticate": RFC_7616.format("MD5")}, "GET", HERE)
    assert who.headers("GET", url) == {}


def test_guess_keeps_the_password_from_an_open_line() -> None:
    guess = Guess("u", Secret("p"), to=["http://nas.local"])
    assert guess.headers("GET", "http://nas.local/") == {}
    with pytest.raises(UnsafeOrigin) as refused:
        guess.challenge({"www-authenticate": 'Basic realm="x"'}, "GET", "http://nas.local/")
    assert refused.value.origin == "http://nas.local:80"
    assert guess.challenge({"www-authenticate": RFC_7616.format("MD5")}, "GET", "http://nas.local/")
    assert guess.headers("GET", "http://nas.local/")["Authorization"].startswith("Digest ")


def test_nobody_shows_the_password() -> None:
    for kind in KINDS:
        who = kind("u", Secret("canary-who-1"), to=[HERE])
        assert "canary-who-1" not in f"{who!r} {who} {vars(who)}"
    bearer = Bearer(Secret("canary-who-1"), to=[HERE])
    assert "canary-who-1" not in f"{bearer!r} {vars(bearer)}"
