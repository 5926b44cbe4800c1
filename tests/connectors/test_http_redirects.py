"""Redirects: how far, where to, and what goes along."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.errors import NotTheService, UnsafeAddress, UnsafeRedirect
from connectors.guard import Guard
from oauth.authorizers import Authorizer, Basic, Bearer, Digest, Guess
from oauth.secret import Secret
from tests.connectors.conftest import HOME, MakeHttp, Serve
from tests.connectors.servers import Received, Script, always, in_turn, reply

if TYPE_CHECKING:
    from connectors.http import Http
    from tests.connectors.authority import Authority

MOVED = [301, 302, 303, 307, 308]


def to(location: str, status: int = 301) -> Script:
    return always(reply(status, b"moved", location=location))


@pytest.mark.parametrize("status", MOVED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"])
def test_dav_37_safe_methods_are_followed_as_they_are(serve: Serve, http: Http, status: int, method: str) -> None:
    server = serve(in_turn(reply(status, location="/there/?x=1"), reply(207)))
    answer = http.request(method, server.url("/.well-known/caldav"), headers={"Depth": "0"}, body=b"<propfind/>")
    assert (answer.status, answer.url) == (207, server.url("/there/?x=1"))
    first, second = server.received
    assert (second.method, second.path, second.body) == (first.method, "/there/?x=1", b"<propfind/>")
    assert second.headers["depth"] == "0"


@pytest.mark.parametrize("status", MOVED)
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "MKCALENDAR", "MOVE", "PROPPATCH"])
def test_writes_are_not_followed(serve: Serve, http: Http, status: int, method: str) -> None:
    server = serve(to("/there", status))
    answer = http.request(method, server.url(), body=b"x")
    assert (answer.status, answer.headers["location"], len(server.received)) == (status, "/there", 1)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/abs", "/abs"),
        ("rel", "/a/rel"),
        ("../up", "/up"),
        ("?q=1", "/a/b?q=1"),
        ("/ä b", "/%C3%A4%20b"),
        ("/x#fragment", "/x"),
        ("{origin}/full", "/full"),
        ("//{host}/scheme-relative", "/scheme-relative"),
    ],
)
def test_every_spelling_of_a_location(serve: Serve, http: Http, location: str, path: str) -> None:
    server = serve(always())
    where = location.format(origin=server.origin, host=server.origin.removeprefix("http://"))
    server.script = in_turn(reply(302, location=where), reply(200))
    assert http.request("GET", server.url("/a/b")).url == server.url(path)


@pytest.mark.parametrize("status", [300, 304, 305, 306, 399])
def test_other_statuses_are_no_redirects(serve: Serve, http: Http, status: int) -> None:
    server = serve(always(reply(status, location="/there")))
    assert http.request("GET", server.url()).status == status


def test_a_redirect_to_nowhere_is_returned(serve: Serve, http: Http) -> None:
    assert http.request("GET", serve(always(reply(302))).url()).status == 302


@pytest.mark.parametrize(("hops", "arrives"), [(0, True), (3, True), (4, False), (1000, False)])
def test_three_redirects_and_no_more(serve: Serve, http: Http, hops: int, *, arrives: bool) -> None:
    server = serve(in_turn(*[reply(302, location=f"/{n}") for n in range(hops)], reply(200, b"here")))
    if arrives:
        assert http.request("GET", server.url()).body == b"here"
    else:
        with pytest.raises(NotTheService):
            http.request("GET", server.url())
    assert len(server.received) == min(hops, 3) + 1


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://2852039166/",
        "http://8.8.8.8/",
        "http://user:secret@127.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "/a\x01b",
        "http://127.0.0.1\\@evil.example/",
    ],
)
def test_a_redirect_to_an_unsafe_place_is_refused(serve: Serve, http: Http, location: str) -> None:
    server = serve(to(location))
    with pytest.raises(UnsafeRedirect):
        http.request("PROPFIND", server.url())
    assert len(server.received) == 1


def test_a_redirect_into_the_private_network_sees_no_connection(
    serve: Serve, make_http: MakeHttp, authority: Authority
) -> None:
    inside = serve(always(reply(200, b"secret")), tls=authority.context("IP:127.0.0.1"))
    outside = serve(to(inside.url()), tls=authority.context("DNS:dav.example.org"))
    # Loopback stands for the far server too, so only the list of hosts tells inside from outside here.
    guard = replace(HOME, hosts=frozenset({"dav.example.org"}), resolver=lambda _host, _port: ["127.0.0.1"])
    http = make_http(guard=guard, ca=authority.file)
    with pytest.raises(UnsafeRedirect):
        http.request("GET", f"https://dav.example.org:{outside.port}/")
    assert (len(outside.received), inside.connections) == (1, 0)


def test_a_redirect_to_a_private_literal_is_refused_by_a_strict_guard() -> None:
    with pytest.raises(UnsafeAddress):
        Guard().check("https://127.0.0.1:8443/")


def test_from_https_to_http_is_refused(serve: Serve, make_http: MakeHttp, authority: Authority) -> None:
    plain = serve(always(reply(200)))
    server = serve(to(plain.url()), tls=authority.context("IP:127.0.0.1"))
    with pytest.raises(UnsafeRedirect, match="not encrypted"):
        make_http(ca=authority.file).request("PROPFIND", server.url())
    assert plain.connections == 0


PASSWORD = Secret("canary-horse-battery")


def signers(origin: str) -> list[Authorizer]:
    return [kind("user", PASSWORD, to=[origin]) for kind in (Basic, Digest, Guess)] + [Bearer(PASSWORD, to=[origin])]


def asking(asked: Received) -> list[bytes]:
    """Ask everybody for a password."""
    if "authorization" in asked.headers:
        return [reply(200)]
    return [reply(401, www_authenticate='Digest realm="r", nonce="n", qop="auth", Basic realm="r"')]


@pytest.mark.parametrize("who", range(4), ids=["basic", "digest", "guess", "bearer"])
@pytest.mark.parametrize("status", MOVED)
def test_another_origin_never_sees_the_credential(serve: Serve, make_http: MakeHttp, who: int, status: int) -> None:
    other = serve(asking)
    server = serve(to(other.url("/caldav"), status))
    http = make_http(authorizer=signers(server.origin)[who])
    headers = {"Authorization": "Basic by-hand", "Cookie": "session=1", "Depth": "0"}
    answer = http.request("PROPFIND", server.url(), headers=headers)
    assert answer.status == 401, "the other origin asked for a password and got none"
    assert answer.url == other.url("/caldav")
    assert server.received[0].headers["cookie"] == "session=1"
    for asked in other.received:
        assert "authorization" not in asked.headers
        assert "cookie" not in asked.headers
        assert asked.headers["depth"] == "0"
        assert PASSWORD.reveal() not in str(asked)


def test_an_origin_is_scheme_host_and_port(serve: Serve, make_http: MakeHttp) -> None:
    server, other = serve(always(reply(200))), serve(always(reply(200)))
    http = make_http(
        authorizer=Basic("u", PASSWORD, to=[server.origin]),
        guard=replace(HOME, resolver=lambda _host, _port: ["127.0.0.1"]),
    )
    for url in (other.url(), f"http://localhost:{server.port}/", f"http://127.0.0.1.nip.example:{server.port}/"):
        http.request("GET", url)
    http.request("GET", server.url())
    signed = ["authorization" in asked.headers for asked in server.received]
    assert signed == [False, False, True]
    assert "authorization" not in other.received[0].headers


def test_a_redirect_back_home_is_signed_again(serve: Serve, make_http: MakeHttp) -> None:
    server, other = serve(always()), serve(always())
    server.script = in_turn(reply(302, location=other.url()), reply(200, b"home"))
    other.script = to(server.url("/home"))
    http = make_http(authorizer=Basic("u", PASSWORD, to=[server.origin]))
    assert http.request("GET", server.url()).body == b"home"
    assert ["authorization" in asked.headers for asked in server.received] == [True, True]
    assert "authorization" not in other.received[0].headers
