"""The server below the providers: routes, keep-alive, odd requests, many clients, encryption, an end."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from simulators.identity.__main__ import PROVIDERS
from simulators.identity.google import Google, google
from simulators.identity.serving import MOST_BODY, Incoming, Repeated
from tests.simulators.identity.asking import send
from tests.simulators.identity.conftest import google_program


def host(provider: Google) -> tuple[str, int]:
    name, _, port = provider.url.removeprefix("http://").partition(":")
    return name, int(port)


def test_it_listens_on_the_loopback_address_only(at_google: Google) -> None:
    assert host(at_google)[0] == "127.0.0.1"
    with pytest.raises(OSError, match=r"refused|unreachable|assign"):
        socket.create_connection(("127.0.0.2", host(at_google)[1]), timeout=5).close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/token", 405), ("PUT", "/revoke", 405), ("DELETE", "/token/", 404)],
)
def test_what_is_not_there(at_google: Google, method: str, path: str, status: int) -> None:
    answer = send(method, at_google.url + path)
    assert answer.status == status
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)
    assert at_google.count("nothing") == 1


def test_a_connection_serves_many_requests(at_google: Google) -> None:
    connection = http.client.HTTPConnection(*host(at_google), timeout=30)
    try:
        for number in range(5):
            connection.request(
                "POST", "/revoke", f"token=t{number}", {"Content-Type": "application/x-www-form-urlencoded"}
            )
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["error"]) == (400, "invalid_token")
    finally:
        connection.close()
    assert at_google.count("revoke") == 5


def test_a_body_that_is_too_large_is_refused(at_google: Google) -> None:
    with socket.create_connection(host(at_google), timeout=30) as client:
        client.sendall(f"POST /revoke HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST_BODY + 1}\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_client_that_dies_while_sending_did_not_ask(at_google: Google) -> None:
    with socket.create_connection(host(at_google), timeout=30) as client:
        client.sendall(b"POST /revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ntoken=")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""
    assert at_google.calls == []


@pytest.mark.parametrize("raw", [b"\r\n\r\n", b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00"])
def test_noise_does_not_end_it(at_google: Google, raw: bytes) -> None:
    with socket.create_connection(host(at_google), timeout=30) as client:
        client.sendall(raw)
        client.shutdown(socket.SHUT_WR)
        while client.recv(1000):
            pass
    assert send("POST", at_google.revoke_url, {"token": "x"}).status == 400


def test_a_form_of_another_type_is_not_read_as_one(at_google: Google) -> None:
    body = json.dumps({"token": "x"}).encode()
    answer = send("POST", at_google.revoke_url, headers={"Content-Type": "application/json"}, body=body)
    assert answer.error == (400, "invalid_request")


def test_many_clients_at_once(at_google: Google) -> None:
    program = google_program(at_google)
    users = [f"user{number}@example.org" for number in range(12)]
    seen: dict[str, int] = {}

    def run(user: str) -> None:
        seen[user] = program.reaches(program.connect(user=user)["access_token"])

    threads = [threading.Thread(target=run, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == dict.fromkeys(users, 200)
    assert sorted(grant.user for grant in at_google.live_grants()) == sorted(users)


def test_after_the_block_nobody_listens() -> None:
    with google() as provider:
        address = host(provider)
        kept = socket.create_connection(address, timeout=30)
        kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = http.client.HTTPResponse(kept)
        answer.begin()
        assert (answer.status, answer.read()) == (404, b"nothing here")
    with kept:
        assert kept.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5).close()


def test_two_of_a_kind_know_nothing_of_each_other() -> None:
    with google() as one, google() as other:
        token = google_program(one).connect()["access_token"]
        assert send("POST", other.revoke_url, {"token": token}).error == (400, "invalid_token")
        assert len(one.live_grants()) == 1
        assert other.grants == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_it_can_speak_https(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with google(tls=context) as provider:
        assert provider.url.startswith("https://127.0.0.1:")
        assert provider.token_url.startswith(provider.url)
        trusting = ssl.create_default_context(cafile=str(certificate))
        port = int(provider.url.rpartition(":")[2])
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=trusting)
        try:
            connection.request("POST", "/revoke?token=x")
            assert connection.getresponse().status == 400
        finally:
            connection.close()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            send("POST", provider.revoke_url.replace("https", "http"), {"token": "x"})


def test_a_value_sent_once_is_read_and_one_sent_twice_is_refused() -> None:
    request = Incoming("POST", "/", {"a": ["query"], "b": ["1", "2"]}, {"a": ["form"], "c": [""]}, {}, b"")
    assert [request.one(name) for name in ("a", "c", "none")] == ["form", "", ""]
    with pytest.raises(Repeated):
        request.one("b")


class TestCommandLine:
    @pytest.mark.parametrize("name", sorted(PROVIDERS))
    def test_it_says_its_addresses_and_ends_when_told(self, name: str) -> None:
        command = [sys.executable, "-m", "simulators.identity", name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            assert send("GET", said["url"] + "/").status == 404
            assert said["revoke_url"].startswith(said["url"])
            assert (name == "nextcloud") is ("clients" not in said)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0

    def test_a_name_there_is_not(self) -> None:
        command = [sys.executable, "-m", "simulators.identity", "yahoo"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "invalid choice: 'yahoo'" in done.stderr
