"""Who asks: passwords sent at once, challenges answered once, and nothing twice."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from connectors.errors import UnsafeAddress
from oauth.authorizers import Authorizer, Basic, Bearer, Digest, Guess
from oauth.secret import Secret
from tests.connectors.conftest import HOME, MakeHttp, Serve
from tests.connectors.servers import Piece, Received, Server, always, in_turn, reply

USER, PASSWORD = "jürgen", "pä:ss wörd"


class DigestServer:
    """Checks Digest by the letter of RFC 7616, with a new nonce after every *fresh_after* answers."""

    def __init__(self, algorithm: str = "MD5", qop: str = "auth", *, fresh_after: int = 1000) -> None:
        self.algorithm, self.qop, self.fresh_after = algorithm, qop, fresh_after
        self.password = PASSWORD
        self.nonce, self.answers, self.counts = 0, 0, set[tuple[str, str]]()

    def __call__(self, asked: Received) -> Iterable[Piece]:
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', asked.headers.get("authorization", "").partition(" ")[2]))
        right = "response" in given and given["response"] == self._expected(asked, given)
        if right and given["nonce"] == f"nonce/{self.nonce}==":
            self.answers += 1
            if self.qop:
                assert (given["nonce"], given["nc"]) not in self.counts, "a count was used twice"
                self.counts.add((given["nonce"], given["nc"]))
            if self.answers % self.fresh_after == 0:
                self.nonce += 1
            return [reply(200, b"welcome")]
        fields = [f'realm="my, \\"realm\\"", nonce="nonce/{self.nonce}==", opaque="o=p"', f"algorithm={self.algorithm}"]
        fields += [f'qop="{self.qop}"'] if self.qop else []
        fields += ["stale=true"] if right else []
        return [reply(401, b"who?", www_authenticate="Digest " + ", ".join(fields))]

    def _expected(self, asked: Received, given: dict[str, str]) -> str:
        assert given["uri"] == asked.path
        assert given["opaque"] == "o=p"

        def digest(text: str) -> str:
            return hashlib.new("sha256" if "SHA-256" in self.algorithm else "md5", text.encode()).hexdigest()

        first = digest(f'{USER}:my, "realm":{self.password}')
        if self.algorithm.endswith("-sess"):
            first = digest(f"{first}:{given['nonce']}:{given['cnonce']}")
        middle = f"{given['nonce']}:{given['nc']}:{given['cnonce']}:auth" if self.qop else given["nonce"]
        return digest(f"{first}:{middle}:{digest(f'{asked.method}:{asked.path}')}")


def digest_for(server: Server, password: str = PASSWORD) -> Digest:
    return Digest(USER, Secret(password), to=[server.origin])


def test_basic_is_sent_at_once_in_utf_8(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(always(reply(200)))
    http = make_http(authorizer=Basic(USER, Secret(PASSWORD), to=[server.url("/dav/")]))
    http.request("GET", server.url())
    expected = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert [asked.headers["authorization"] for asked in server.received] == [f"Basic {expected}"]


def test_bearer_is_sent_at_once(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(always(reply(200)))
    make_http(authorizer=Bearer(Secret("ya29.abc"), to=[server.origin])).request("PUT", server.url(), body=b"x")
    assert server.received[0].headers["authorization"] == "Bearer ya29.abc"


@pytest.mark.parametrize("kind", [Basic, Guess])
def test_a_wrong_password_is_sent_once(serve: Serve, make_http: MakeHttp, kind: Callable[..., Authorizer]) -> None:
    server = serve(always(reply(401, b"no", www_authenticate='Basic realm="x"')))
    answer = make_http(authorizer=kind("u", Secret("wrong"), to=[server.origin])).request("GET", server.url())
    assert (answer.status, answer.body, len(server.received)) == (401, b"no", 1)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
@pytest.mark.parametrize("qop", ["auth", "auth-int, auth", ""])
@pytest.mark.parametrize("method", ["PROPFIND", "PUT"])
def test_digest_is_answered(serve: Serve, make_http: MakeHttp, algorithm: str, qop: str, method: str) -> None:
    server = serve(DigestServer(algorithm, qop))
    http = make_http(authorizer=digest_for(server))
    for number in range(4):
        assert http.request(method, server.url(f"/ä/{number}?a=b"), body=b"body").body == b"welcome"
    assert len(server.received) == 5, "one challenge, then the nonce is used again"
    assert {asked.body for asked in server.received} == {b"body"}


def test_a_stale_nonce_is_replaced(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(DigestServer(fresh_after=2))
    http = make_http(authorizer=digest_for(server))
    assert [http.request("GET", server.url()).status for _ in range(6)] == [200] * 6
    assert len(server.received) == 9


def test_a_wrong_digest_password_is_tried_once(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(DigestServer())
    http = make_http(authorizer=digest_for(server, "wrong"))
    assert http.request("GET", server.url()).status == 401
    assert len(server.received) == 2


def test_threads_never_use_a_count_twice(serve: Serve, make_http: MakeHttp) -> None:
    script = DigestServer()
    server = serve(script)
    http = make_http(authorizer=digest_for(server))
    http.request("GET", server.url())
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: http.request("GET", server.url()).status, range(60)))
    assert statuses == [200] * 60
    assert len({count for _, count in script.counts}) == 61


@pytest.mark.parametrize(
    "challenge",
    [
        'Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"',
        'Digest realm="r", nonce="n", qop="auth-int"',
        'Digest realm="r", qop="auth"',
        "Negotiate",
        'Bearer realm="r"',
        "",
    ],
)
def test_what_cannot_be_answered_is_returned(serve: Serve, make_http: MakeHttp, challenge: str) -> None:
    server = serve(always(reply(401, www_authenticate=challenge)))
    assert make_http(authorizer=digest_for(server)).request("GET", server.url()).status == 401
    assert len(server.received) == 1


def test_guess_turns_to_digest_and_stays_there(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(DigestServer("SHA-256"))
    http = make_http(authorizer=Guess(USER, Secret(PASSWORD), to=[server.origin]))
    assert [http.request("GET", server.url()).status for _ in range(3)] == [200] * 3
    schemes = [asked.headers["authorization"].partition(" ")[0] for asked in server.received]
    assert schemes == ["Basic", "Digest", "Digest", "Digest"]


def test_guess_sends_no_password_over_an_open_line(serve: Serve, make_http: MakeHttp) -> None:
    guard = replace(HOME, resolver=lambda _host, _port: ["127.0.0.1"])
    server = serve(always(reply(401, www_authenticate='Basic realm="nas"')))
    url = f"http://nas.local:{server.port}/"
    http = make_http(guard=guard, authorizer=Guess(USER, Secret(PASSWORD), to=[url]))
    with pytest.raises(UnsafeAddress):
        http.request("GET", url)
    assert "authorization" not in server.received[0].headers
    server.script = DigestServer()
    assert http.request("GET", url).body == b"welcome"
    assert not any("Basic" in asked.headers.get("authorization", "") for asked in server.received)


def test_a_challenge_after_a_redirect_is_answered(serve: Serve, make_http: MakeHttp) -> None:
    digest = DigestServer()
    server = serve(lambda asked: [reply(301, location="/dav")] if asked.path == "/" else digest(asked))
    http = make_http(authorizer=digest_for(server))
    assert http.request("PROPFIND", server.url("/")).body == b"welcome"


def test_case_37_a_challenge_before_the_redirect_is_answered(serve: Serve, make_http: MakeHttp) -> None:
    digest = DigestServer()

    def script(asked: Received) -> Iterable[Piece]:
        answer = list(digest(asked))
        arrived = asked.path == "/dav" or answer[0] != reply(200, b"welcome")
        return answer if arrived else [reply(301, location="/dav")]

    server = serve(script)
    assert make_http(authorizer=digest_for(server)).request("PROPFIND", server.url("/")).url == server.url("/dav")


def test_without_an_authorizer_a_challenge_is_returned(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(in_turn(reply(401, www_authenticate="Basic"), reply(200)))
    assert make_http().request("GET", server.url()).status == 401
