"""Lines that break: what is tried again, what is in doubt, and how long anything may take."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import Limits
from connectors.errors import InDoubt, NotTheService, Throttled, Transient
from connectors.line import Deadline
from tests.connectors.conftest import HOME, MakeHttp, Serve, Time
from tests.connectors.servers import End, Piece, Received, always, chunked, in_turn, reply

if TYPE_CHECKING:
    from connectors.http import Http

CUT: dict[str, list[Piece]] = {
    "before-the-head": [End.CLOSE],
    "reset-before-the-head": [End.RESET],
    "within-the-head": [b"HTTP/1.1 200 OK\r\nContent-Le", End.CLOSE],
    "no-http-at-all": [b"SSH-2.0-OpenSSH_9.6\r\n", End.CLOSE],
    "no-status": [b"HTTP/1.1 abc\r\n\r\n", End.CLOSE],
    "head-without-end": [b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 200, b"\r\n", End.CLOSE],
    "line-without-end": [b"HTTP/1.1 200 OK\r\nX: ", b"y" * 100_000, b"\r\n\r\n", End.CLOSE],
}
CUT_BODY: dict[str, list[Piece]] = {
    "dav-09-short-of-its-length": [reply(200, b"half", content_length="8"), End.CLOSE],
    "dav-09-reset-in-the-body": [reply(200, b"half", content_length="80000"), End.RESET],
    "nothing-of-the-body": [reply(200, content_length="8"), End.CLOSE],
    "within-a-chunk": [reply(200, b"8\r\nhalf", transfer_encoding="chunked"), End.CLOSE],
    "before-the-last-chunk": [reply(200, b"4\r\nhalf\r\n", transfer_encoding="chunked"), End.CLOSE],
    "bad-chunk-size": [reply(200, b"zz\r\nhalf\r\n", transfer_encoding="chunked"), End.CLOSE],
    "gzip-until-close": [
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 999)[:-9],
        End.CLOSE,
    ],
}
SAFE = ["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"]
UNSAFE = ["PUT", "POST", "DELETE", "MKCALENDAR", "MOVE", "PROPPATCH"]


@pytest.mark.parametrize("how", CUT)
@pytest.mark.parametrize("method", ["GET", "REPORT"])
def test_safe_methods_are_tried_again(serve: Serve, http: Http, how: str, method: str) -> None:
    server = serve(in_turn(CUT[how], CUT[how], reply(200, b"third")))
    assert http.request(method, server.url()).body == b"third"
    assert len(server.received) == 3


@pytest.mark.parametrize("how", CUT)
def test_and_given_up_in_the_end(serve: Serve, http: Http, how: str) -> None:
    server = serve(always(*CUT[how]))
    with pytest.raises(Transient) as fault:
        http.request("PROPFIND", server.url())
    assert not isinstance(fault.value, InDoubt | Throttled)
    assert len(server.received) == 3


@pytest.mark.parametrize("how", CUT)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_that_was_sent_is_in_doubt_and_not_repeated(serve: Serve, http: Http, how: str, method: str) -> None:
    server = serve(always(*CUT[how]))
    with pytest.raises(InDoubt):
        http.request(method, server.url(), body=b"BEGIN:VCARD")
    assert len(server.received) == 1


@pytest.mark.parametrize("how", CUT_BODY)
def test_a_cut_body_is_asked_for_again(serve: Serve, http: Http, how: str) -> None:
    server = serve(in_turn(CUT_BODY[how], reply(200, b"all of it")))
    assert http.request("REPORT", server.url()).body == b"all of it"


@pytest.mark.parametrize("how", CUT_BODY)
def test_a_cut_stream_says_so_when_it_is_read(serve: Serve, http: Http, how: str) -> None:
    server = serve(always(*CUT_BODY[how]))
    with http.stream("REPORT", server.url()) as stream, pytest.raises(Transient):
        stream.read_all()
    assert len(server.received) == 1


@pytest.mark.parametrize("how", CUT_BODY)
def test_a_cut_answer_to_a_write_is_in_doubt(serve: Serve, http: Http, how: str) -> None:
    server = serve(always(*CUT_BODY[how]))
    if how == "gzip-until-close":
        with pytest.raises(Transient):
            http.request("PUT", server.url(), body=b"x")
        return
    with pytest.raises(InDoubt):
        http.request("PUT", server.url(), body=b"x")
    assert len(server.received) == 1


def test_the_fault_names_the_server_and_no_path(serve: Serve, http: Http) -> None:
    server = serve(always(End.CLOSE))
    with pytest.raises(Transient) as fault:
        http.request("GET", server.url("/private/address-book?token=abc"))
    assert server.origin in str(fault.value)
    assert "private" not in str(fault.value)
    assert "abc" not in str(fault.value)


@pytest.mark.parametrize("method", [*SAFE, *UNSAFE])
def test_nobody_listens(http: Http, method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Transient) as fault:
        http.request(method, f"http://127.0.0.1:{port}/", body=b"x")
    assert not isinstance(fault.value, InDoubt), "nothing was sent, so nothing can have happened"


def test_the_second_address_is_tried_when_the_first_does_not_answer(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(always(reply(200, b"here")))
    http = make_http(guard=replace(HOME, resolver=lambda _host, _port: ["127.0.0.9", "127.0.0.1"]))
    assert http.request("GET", f"http://nas.local:{server.port}/").body == b"here"
    assert server.received[0].headers["host"] == f"nas.local:{server.port}"


@pytest.mark.parametrize("method", [*SAFE, *UNSAFE])
def test_a_kept_connection_found_closed_is_replaced_silently(serve: Serve, make_http: MakeHttp, method: str) -> None:
    server = serve(always(reply(200)))
    slept: list[float] = []
    http = make_http(sleep=slept.append)
    for _ in range(3):
        assert http.request(method, server.url(), body=b"x").status == 200
        server.drop_idle()
    assert len(server.received) == 3
    assert slept == []


def test_a_kept_connection_that_dies_on_use_is_replaced_once(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(in_turn(reply(200, b"1"), [End.CLOSE], reply(200, b"3")))
    slept: list[float] = []
    http = make_http(sleep=slept.append)
    assert [http.request("GET", server.url()).body for _ in range(2)] == [b"1", b"3"]
    assert slept == []
    assert server.connections == 2


def test_a_write_on_a_kept_connection_that_dies_is_in_doubt(serve: Serve, http: Http) -> None:
    server = serve(in_turn(reply(200), [End.CLOSE], reply(201)))
    http.request("GET", server.url())
    with pytest.raises(InDoubt):
        http.request("PUT", server.url(), body=b"x")
    assert len(server.received) == 2


def test_bytes_after_an_answer_do_not_become_the_next_one(serve: Serve, http: Http) -> None:
    server = serve(in_turn([reply(200, b"one") + reply(200, b"smuggled")], reply(200, b"two")))
    assert http.request("GET", server.url("/1")).body == b"one"
    assert http.request("GET", server.url("/2")).body == b"two"


def test_an_interim_answer_alone_is_not_the_service(serve: Serve, http: Http) -> None:
    server = serve(always(b"HTTP/1.1 102 Processing\r\n\r\n", reply(200, b"late")))
    with pytest.raises(NotTheService):
        http.request("GET", server.url())
    server.script = always(b"HTTP/1.1 100 Continue\r\n\r\n", reply(200, b"fine"))
    assert http.request("GET", server.url()).body == b"fine"


def test_an_answer_that_comes_before_the_body_was_sent_is_read(http: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10)
                connection.sendall(reply(413))
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=refuse)
        thread.start()
        assert http.request("PUT", f"http://127.0.0.1:{listener.getsockname()[1]}/", body=b"x" * 500_000).status == 413
        http.close()
        thread.join(10)


def dripping(asked: Received, pieces: Iterator[bytes]) -> Iterator[Piece]:
    """Send one piece after another, slowly, until the test is over."""
    for piece in pieces:
        yield piece
        if asked.closing.wait(0.02):
            return


STALLED = Limits(read=0.15, total=30)
HURRIED = Limits(read=5, total=0.3, slowest=100_000)


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200", reply(200, content_length="9"), reply(200, b"1234", content_length="9")]
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_stalled_answer_ends_with_the_read_timeout(
    serve: Serve, make_http: MakeHttp, start: bytes, method: str
) -> None:
    def script(asked: Received) -> Iterator[Piece]:
        yield start
        asked.closing.wait(30)

    http, began = make_http(limits=STALLED), time.monotonic()
    with pytest.raises(Transient) as fault:
        http.request(method, serve(script).url(), body=b"x")
    assert isinstance(fault.value, InDoubt) is (method == "PUT")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("part", ["head", "body", "chunks", "gzip"])
def test_a_trickle_ends_with_the_deadline(serve: Serve, make_http: MakeHttp, part: str) -> None:
    coded = gzip.compress(bytes(range(256)) * 100)
    pieces = {
        "head": [b"HTTP/1.1 200 OK\r\n"] + [b"X", b": ", b"y", b"\r\n"] * 1000,
        "body": [reply(200, content_length="100000")] + [b"x"] * 100_000,
        "chunks": [reply(200, transfer_encoding="chunked"), *chunked([b"x"] * 10_000)],
        "gzip": [reply(200, content_length=str(len(coded)), content_encoding="gzip")]
        + [coded[at : at + 1] for at in range(len(coded))],
    }[part]
    server = serve(lambda asked: dripping(asked, iter(pieces)))
    http, began = make_http(limits=HURRIED), time.monotonic()
    with pytest.raises(Transient, match="too long"):
        http.request("GET", server.url())
    assert time.monotonic() - began < 8, "three attempts of a third of a second, and the waits between them"


def test_a_long_answer_that_moves_may_take_its_time(serve: Serve, make_http: MakeHttp) -> None:
    pieces = [reply(200, content_length=str(40 * 10_000)), *([b"x" * 10_000] * 40)]
    server = serve(lambda asked: dripping(asked, iter(pieces)))
    http = make_http(limits=Limits(read=5, total=0.3, slowest=20_000))
    assert len(http.request("GET", server.url()).body) == 400_000
    assert len(server.received) == 1


def test_a_reader_that_pauses_is_not_a_server_that_stalls(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    server = serve(always(reply(200, b"x" * 300_000)))
    http = make_http(clock=clock, limits=Limits(total=60))
    with http.stream("GET", server.url()) as stream:
        size = 0
        for piece in stream:
            size += len(piece)
            clock.now += 50
    assert size == 300_000


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(0, 100_000)), max_size=40))
def test_time_is_earned_by_bytes_and_never_saved_up(steps: list[tuple[float, int]]) -> None:
    clock = Time()
    deadline, waited, moved = Deadline(Limits(total=30, slowest=1000), clock), 0.0, 0
    for seconds, count in steps:
        try:
            allowed = deadline.wait(15)
        except TimeoutError:
            assert waited >= 30
            return
        assert 0 < allowed <= 15
        clock.now += min(seconds, allowed)
        waited += min(seconds, allowed)
        deadline.moved(count)
        moved += count
        clock.now += 1000
    assert waited <= 30 + moved / 1000 + 1e-6
