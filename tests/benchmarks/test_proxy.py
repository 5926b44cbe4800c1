"""The counting proxy changes nothing and counts right, however the bytes arrive."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.dav.proxy import RequestCounter, Traffic, counting


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers every request with its own body, on a connection kept open."""

    protocol_version = "HTTP/1.1"

    def do_REPORT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_REPORT  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base class
        """Say nothing."""


class CloseEach(Echo):
    """As Radicale does: HTTP/1.0, one request on each connection."""

    protocol_version = "HTTP/1.0"


@pytest.fixture(params=[Echo, CloseEach], ids=["keep-alive", "close"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), request.param) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def ask(port: int, requests: list[tuple[str, bytes]]) -> list[bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    answers = []
    for method, body in requests:
        connection.request(method, "/x", body)
        answers.append(connection.getresponse().read())
    connection.close()
    return answers


def test_bodies_pass_unchanged_and_requests_are_counted(port: int) -> None:
    requests = [("REPORT", b"<a/>"), ("GET", b""), ("PUT", bytes(range(256)) * 4_000), ("REPORT", b"\r\n\r\nGET / x")]
    with counting("127.0.0.1", port) as (proxied, traffic):
        assert ask(proxied, requests) == [body for _, body in requests]
    assert traffic.methods == {"REPORT": 2, "GET": 1, "PUT": 1}
    assert traffic.requests == 4


def test_bytes_of_both_ways_are_counted_to_the_last(port: int) -> None:
    body = b"x" * 1_000_000
    with counting("127.0.0.1", port) as (proxied, traffic):
        ask(proxied, [("PUT", body)])
        up = traffic.up
    assert len(body) < up < len(body) + 500
    assert len(body) < traffic.down < len(body) + 500


def test_two_clients_at_once_are_both_counted(port: int) -> None:
    with counting("127.0.0.1", port) as (proxied, traffic):
        threads = [threading.Thread(target=ask, args=(proxied, [("GET", b"")] * 5)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert traffic.methods == {"GET": 10}


def test_no_traffic_is_no_traffic() -> None:
    with counting("127.0.0.1", 9) as (_, traffic):
        pass
    assert traffic == Traffic()


def plain(method: str, body: bytes) -> bytes:
    return f"{method} /p HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def bare(method: str, _: bytes) -> bytes:
    return f"{method} /p HTTP/1.1\r\nHost: h\r\n\r\n".encode()


def chunked(method: str, body: bytes) -> bytes:
    parts = [body[at : at + 7] for at in range(0, len(body), 7)]
    chunks = b"".join(b"%x;note=1\r\n%b\r\n" % (len(part), part) for part in parts)
    return f"{method} /p HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n"


FORMS = st.sampled_from([plain, bare, chunked])
METHODS = st.sampled_from(["GET", "PROPFIND", "REPORT", "PUT", "DELETE"])
REQUESTS = st.lists(st.tuples(FORMS, METHODS, st.binary(max_size=60)), max_size=6)


@given(requests=REQUESTS, sizes=st.lists(st.integers(1, 40), min_size=1, max_size=10))
def test_requests_are_counted_in_pieces_of_any_size(
    requests: list[tuple[object, str, bytes]], sizes: list[int]
) -> None:
    stream = b"".join(form(method, body) for form, method, body in requests if callable(form))
    seen: list[str] = []
    counter = RequestCounter(seen.append)
    at = turn = 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        counter.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert seen == [method for _, method, _ in requests]


@pytest.mark.parametrize("cut", [1, 5, 20, 35])
def test_half_a_head_is_no_request(cut: int) -> None:
    seen: list[str] = []
    RequestCounter(seen.append).feed(bare("GET", b"")[:-cut] if cut < 30 else b"GET")
    assert seen == []
