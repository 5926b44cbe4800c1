"""The server itself: connections that stay open, requests that are none, many at once."""

from __future__ import annotations

import http.client
import socket
import threading
from urllib.parse import urlsplit

import pytest

from simulators.google import Service, google
from simulators.google.connections import MOST_BODY, MOST_HEADERS
from tests.simulators.google.asking import Caller


def _socket(server: Service) -> socket.socket:
    address = urlsplit(server.url)
    assert address.hostname is not None
    return socket.create_connection((address.hostname, address.port), timeout=20)


def _sent(server: Service, raw: bytes) -> bytes:
    with _socket(server) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        while piece := connection.recv(65_536):
            said += piece
        return said


def test_a_connection_stays_open(server: Service) -> None:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=20)
    for _ in range(5):
        connection.request("GET", "/v1/contactGroups", headers={"Authorization": f"Bearer {server.token('contacts')}"})
        first = connection.sock
        assert connection.getresponse().read()
        assert connection.sock is first is not None
    connection.close()


def test_requests_may_come_one_after_the_other_at_once(server: Service) -> None:
    said = _sent(server, b"GET /photos/contacts/1=s8 HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert said.count(b"HTTP/1.1 200 OK") == 3


def test_a_connection_is_closed_when_asked(server: Service) -> None:
    assert b"Connection: close" in _sent(server, b"GET /photos/contacts/1=s8 HTTP/1.1\r\nConnection: close\r\n\r\n" * 2)
    assert _sent(server, b"GET /photos/contacts/1=s8 HTTP/1.0\r\n\r\n" * 2).count(b"HTTP/1.1") == 1


def test_a_head_has_no_body(server: Service) -> None:
    said = _sent(server, b"HEAD /photos/contacts/1=s8 HTTP/1.1\r\n\r\n")
    assert said.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1 more\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1),
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * (MOST_HEADERS + 1) + b"\r\n",
        b"GET /" + b"a" * 70_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["nothing", "empty", "word", "four words", "length", "too long", "headers", "line", "tls"],
)
def test_what_is_no_request_ends_the_connection_and_nothing_else(server: Service, raw: bytes) -> None:
    assert not _sent(server, raw)
    assert Caller(server).connections().status == 200


def test_many_at_once_see_the_same(server: Service) -> None:
    wanted = {size: Caller(server).connections(pageSize=size).json["connections"] for size in (5, 45)}
    events = Caller(server).events().json["items"]
    wrong: list[object] = []

    def ask(number: int) -> None:
        caller = Caller(server)
        for _ in range(5):
            size = 5 if number % 2 else 45
            if caller.connections(pageSize=size).json["connections"] != wanted[size]:
                wrong.append(size)
            if caller.events().json["items"] != events:
                wrong.append("events")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_a_server_that_ends_closes_its_connections() -> None:
    with google(people=1, events=1) as server:
        connection = _socket(server)
        connection.sendall(b"HEAD /photos/contacts/1=s8 HTTP/1.1\r\n\r\n")
        assert connection.recv(65_536).endswith(b"\r\n\r\n")
    with connection:
        connection.settimeout(20)
        assert connection.recv(1) == b""


def test_it_brings_an_identity_provider_of_its_own() -> None:
    with google(people=3, events=0) as server:
        assert server.identity.url != server.url
        assert Caller(server).connections().json["totalItems"] == 3
