"""TLS for real: certificates, names, and a name that changes its address."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import ConfigError, Transient, UnsafeAddress
from connectors.guard import Guard
from connectors.http import Http
from connectors.wire import tls_context
from oauth.authorizers import Basic
from oauth.secret import Secret
from tests.connectors.authority import Authority
from tests.connectors.conftest import HOME, MakeHttp, Serve
from tests.connectors.servers import End, Piece, always, in_turn, reply

NAMED = replace(HOME, resolver=lambda _host, _port: ["127.0.0.1"])


def test_a_server_of_our_own_authority_is_trusted(serve: Serve, make_http: MakeHttp, authority: Authority) -> None:
    server = serve(always(reply(200, b"private")), tls=authority.context("DNS:dav.example.org"))
    http = make_http(guard=NAMED, ca=authority.file)
    for _ in range(3):
        assert http.request("GET", f"https://dav.example.org:{server.port}/").body == b"private"
    assert server.connections == 1
    assert server.received[0].headers["host"] == f"dav.example.org:{server.port}"


def test_the_environment_may_name_the_authority(serve: Serve, authority: Authority) -> None:
    server = serve(always(reply(200, b"ok")), tls=authority.context("IP:127.0.0.1"))
    script = (
        "import sys; from connectors.http import Guard, Http; http = Http(guard=Guard(allow_private=True));"
        f"sys.exit(0 if http.request('GET', {server.url()!r}).body == b'ok' else 3)"
    )
    environment = {"WHERRY_CA": authority.file, "PATH": ""}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("wrong", ["unknown-authority", "other-name", "expired"])
def test_a_certificate_that_does_not_fit_is_refused(
    serve: Serve, make_http: MakeHttp, authority: Authority, wrong: str, method: str
) -> None:
    name = "DNS:other.example.org" if wrong == "other-name" else "DNS:dav.example.org"
    context = authority.context(name, days=-1 if wrong == "expired" else 2)
    server = serve(always(reply(200)), tls=context)
    authorizer = Basic("u", Secret("canary-password"), to=[f"https://dav.example.org:{server.port}"])
    http = make_http(guard=NAMED, authorizer=authorizer, ca=None if wrong == "unknown-authority" else authority.file)
    with pytest.raises(UnsafeAddress, match="certificate"):
        http.request(method, f"https://dav.example.org:{server.port}/")
    assert server.received == [], "nothing was sent before the certificate was proved"


def test_an_address_needs_a_certificate_for_that_address(
    serve: Serve, make_http: MakeHttp, authority: Authority
) -> None:
    server = serve(always(reply(200)), tls=authority.context("DNS:dav.example.org"))
    with pytest.raises(UnsafeAddress, match="certificate"):
        make_http(ca=authority.file).request("GET", server.url())


def test_old_tls_is_not_spoken(serve: Serve, make_http: MakeHttp, authority: Authority) -> None:
    context = authority.context("IP:127.0.0.1")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    server = serve(always(reply(200)), tls=context)
    with pytest.raises(Transient):
        make_http(ca=authority.file).request("GET", server.url())
    assert server.received == []


def test_plain_http_on_a_tls_port_is_a_fault(serve: Serve, http: Http) -> None:
    server = serve(always(reply(200)))
    with pytest.raises(Transient):
        http.request("GET", server.url().replace("http:", "https:"))
    # What begins a TLS connection is random, and may read like a line: but never like a request.
    assert not any(received.method.isalpha() for received in server.received)


def test_a_listener_that_never_shakes_hands_ends_with_the_timeout(make_http: MakeHttp) -> None:
    from connectors.answers import Limits

    with socket.create_server(("127.0.0.1", 0)) as listener:
        http = make_http(limits=Limits(read=0.1))
        with pytest.raises(Transient):
            http.request("PUT", f"https://127.0.0.1:{listener.getsockname()[1]}/")


def test_a_body_cut_off_inside_tls_is_noticed(serve: Serve, make_http: MakeHttp, authority: Authority) -> None:
    half: list[Piece] = [reply(200, b"half", content_length="8"), End.CLOSE]
    server = serve(in_turn(half, reply(200, b"whole")), tls=authority.context("IP:127.0.0.1"))
    assert make_http(ca=authority.file).request("GET", server.url()).body == b"whole"


def test_a_kept_tls_connection_that_closed_is_replaced(serve: Serve, make_http: MakeHttp, authority: Authority) -> None:
    server = serve(always(reply(200)), tls=authority.context("IP:127.0.0.1"))
    http = make_http(ca=authority.file)
    for _ in range(3):
        assert http.request("GET", server.url()).status == 200
        server.drop_idle()


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_an_authority_file_that_cannot_be_read_is_a_setting_to_mend(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError):
        tls_context(str(file))


class Rebinding:
    """A name that is public when it is looked up first, and loopback afterwards."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


def test_dns_rebinding_reaches_nothing_inside(serve: Serve, make_http: MakeHttp, authority: Authority) -> None:
    inside = serve(always(reply(200, b"secret")), tls=authority.context("DNS:rebind.example.org"))
    resolver = Rebinding("8.8.8.8", "127.0.0.1")
    guard = Guard(resolver=resolver)
    there = guard.check(f"https://rebind.example.org:{inside.port}/")
    assert list(guard.addresses(there)) == ["8.8.8.8"]
    http = make_http(guard=guard, ca=authority.file)
    with pytest.raises(UnsafeAddress):
        http.request("GET", there.url)
    assert (inside.connections, resolver.asked) == (0, 2)


def test_one_look_up_serves_one_connection(serve: Serve, make_http: MakeHttp, authority: Authority) -> None:
    server = serve(always(reply(200)), tls=authority.context("DNS:dav.example.org"))
    resolver = Rebinding("127.0.0.1", "169.254.169.254")
    http = make_http(guard=replace(HOME, resolver=resolver), ca=authority.file)
    url = f"https://dav.example.org:{server.port}/"
    for _ in range(3):
        assert http.request("GET", url).status == 200
    assert resolver.asked == 1, "the address that was checked is the address that is used"
    server.drop_idle()
    with pytest.raises(UnsafeAddress):
        http.request("GET", url)
