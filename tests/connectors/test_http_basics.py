"""Asking and getting: connections kept, bodies decoded and capped, everything counted."""

from __future__ import annotations

import gzip
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import Headers, Limits
from connectors.decoding import Decoder
from connectors.errors import NotTheService, TooMuchAtOnce, Transient
from tests.connectors.servers import End, Piece, Received, always, chunked, in_turn, reply

if TYPE_CHECKING:
    from connectors.http import Http
    from tests.connectors.conftest import MakeHttp, Serve


def test_an_answer_comes_back_whole(serve: Serve, http: Http) -> None:
    server = serve(always(reply(207, b"<multistatus/>", content_type="text/xml", DAV="1, 3")))
    answer = http.request("propfind", server.url("/cal/?a=b"), headers={"Depth": "1"}, body=b"<propfind/>")
    assert (answer.status, answer.body, answer.url) == (207, b"<multistatus/>", server.url("/cal/?a=b"))
    assert answer.headers["CONTENT-TYPE"] == "text/xml"
    asked = server.received[0]
    assert (asked.method, asked.path, asked.body) == ("PROPFIND", "/cal/?a=b", b"<propfind/>")
    assert asked.headers["depth"] == "1"
    assert asked.headers["content-length"] == "11"
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    "status", [200, 201, 204, 207, 304, 400, 401, 403, 404, 405, 409, 410, 412, 415, 500, 501, 507]
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_no_ordinary_status_is_an_error(serve: Serve, http: Http, status: int, method: str) -> None:
    body = b"" if status in {204, 304} else b"why"
    server = serve(always(reply(status, body)))
    assert (http.request(method, server.url(), body=b"").status, len(server.received)) == (status, 1)


def test_connections_are_kept(serve: Serve, http: Http) -> None:
    server = serve(in_turn(reply(200, b"a"), [reply(200, transfer_encoding="chunked"), *chunked([b"b", b"c"])]))
    answers = [http.request("GET", server.url(f"/{n}")) for n in range(5)]
    assert [answer.body for answer in answers] == [b"a", b"bc", b"bc", b"bc", b"bc"]
    assert [answer.url for answer in answers] == [server.url(f"/{n}") for n in range(5)]
    assert [asked.path for asked in server.received] == [f"/{n}" for n in range(5)]
    assert server.connections == 1


@pytest.mark.parametrize("how", ["length", "chunked", "until-close"])
def test_a_server_that_says_close_is_read_to_the_end(serve: Serve, http: Http, how: str) -> None:
    body = b"z" * 400_000
    answers: dict[str, list[Piece]] = {
        "length": [reply(200, body, connection="close"), End.CLOSE],
        "chunked": [reply(200, transfer_encoding="chunked", connection="close"), *chunked([body]), End.CLOSE],
        "until-close": [b"HTTP/1.0 200 OK\r\n\r\n", body, End.CLOSE],
    }
    server = serve(always(*answers[how]))
    for _ in range(2):
        assert http.request("GET", server.url()).body == body
    assert server.connections == 2


def test_a_head_answer_has_no_body(serve: Serve, http: Http) -> None:
    server = serve(always(reply(200, content_length="1000", content_encoding="gzip")))
    for _ in range(2):
        assert http.request("HEAD", server.url()).body == b""
    assert server.connections == 1


def test_a_stream_left_early_does_not_spoil_the_next_answer(serve: Serve, http: Http) -> None:
    server = serve(in_turn(reply(200, b"x" * 5000), reply(200, b"second")))
    with http.stream("GET", server.url()) as stream:
        assert stream.read(10) == b"x" * 10
    assert http.request("GET", server.url()).body == b"second"
    assert server.connections == 1, "a short rest is read away and the connection kept"


def test_a_long_rest_is_not_read_away(serve: Serve, http: Http) -> None:
    server = serve(in_turn(reply(200, b"x" * 3_000_000), reply(200, b"second")))
    with http.stream("GET", server.url()) as stream:
        stream.read(10)
    assert http.request("GET", server.url()).body == b"second"
    assert server.connections == 2
    assert http.meter.received < 2_000_000


def test_an_error_inside_a_stream_closes_its_connection(serve: Serve, http: Http) -> None:
    server = serve(always(reply(200, b"x" * 10)))
    with pytest.raises(ZeroDivisionError), http.stream("GET", server.url()):
        raise ZeroDivisionError
    assert http.request("GET", server.url()).status == 200
    assert server.connections == 2


def test_pieces_are_no_larger_than_asked(serve: Serve, http: Http) -> None:
    body = bytes(range(256)) * 40
    server = serve(always(reply(200, gzip.compress(body), content_encoding="gzip")))
    with http.stream("GET", server.url()) as stream:
        pieces = list(iter(lambda: stream.read(1000), b""))
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= 1000


RAW = zlib.compressobj(wbits=-15)
CODED = {
    "gzip": gzip.compress(b"hello " * 1000),
    "x-gzip": gzip.compress(b"hello " * 500) + gzip.compress(b"hello " * 500),
    "deflate": zlib.compress(b"hello " * 1000),
    "Deflate": RAW.compress(b"hello " * 1000) + RAW.flush(),
    "identity": b"hello " * 1000,
}


@pytest.mark.parametrize("coding", CODED)
def test_content_codings_are_undone(serve: Serve, http: Http, coding: str) -> None:
    server = serve(always(reply(200, CODED[coding], content_encoding=coding)))
    assert http.request("GET", server.url()).body == b"hello " * 1000
    assert "br" not in server.received[0].headers["accept-encoding"]


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress"])
def test_a_coding_nobody_asked_for_is_refused(serve: Serve, http: Http, coding: str) -> None:
    with pytest.raises(NotTheService):
        http.request("GET", serve(always(reply(200, b"x", content_encoding=coding))).url())


DAMAGED = {
    "nonsense": b"\x1f\x8bnonsense",
    "no-trailer": gzip.compress(b"hello")[:-3],
    "no-end": gzip.compress(b"x" * 9999)[:20],
}


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_damaged_gzip_is_a_passing_fault(serve: Serve, http: Http, body: bytes) -> None:
    server = serve(in_turn(reply(200, body, content_encoding="gzip"), reply(200, b"fine")))
    assert http.request("GET", server.url()).body == b"fine"
    with pytest.raises(Transient):
        http.request("GET", serve(always(reply(200, body, content_encoding="gzip"))).url())


def test_a_gzip_bomb_stops_at_the_cap(serve: Serve, http: Http) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    server = serve(always(reply(200, bomb, content_encoding="gzip")))
    with pytest.raises(TooMuchAtOnce):
        http.request("GET", server.url(), cap=1_000_000)
    assert len(server.received) == 1, "asking for it again would not make it smaller"


def test_a_length_over_the_cap_is_not_read_at_all(serve: Serve, http: Http) -> None:
    server = serve(always(reply(200, content_length="999999999"), End.CLOSE))
    with pytest.raises(TooMuchAtOnce):
        http.request("GET", server.url())


@pytest.mark.parametrize(("size", "fits"), [(999, True), (1000, True), (1001, False)])
@pytest.mark.parametrize("how", ["length", "chunked", "gzip"])
def test_the_cap_counts_decoded_bytes(serve: Serve, http: Http, size: int, how: str, *, fits: bool) -> None:
    body = b"z" * size
    script = {
        "length": always(reply(200, body)),
        "chunked": always(reply(200, transfer_encoding="chunked"), *chunked([body[:500], body[500:]])),
        "gzip": always(reply(200, gzip.compress(body), content_encoding="gzip")),
    }[how]
    server = serve(script)
    if fits:
        assert http.request("GET", server.url(), cap=1000).body == body
        return
    with pytest.raises(TooMuchAtOnce), http.stream("GET", server.url(), cap=1000) as stream:
        stream.read_all()


def test_the_meter_counts_both_ways(serve: Serve, http: Http) -> None:
    answer = reply(200, b"x" * 100_000)
    server = serve(always(answer))
    for _ in range(3):
        http.request("PUT", server.url(), body=b"y" * 50_000)
    assert http.meter.requests == 3
    assert http.meter.received == 3 * len(answer)
    assert 150_000 < http.meter.sent < 152_000


def test_many_threads_share_one_transport(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(lambda asked: [reply(200, asked.path.encode() * 100)])
    http = make_http(connections=4)
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda n: http.request("GET", server.url(f"/{n}")).body, range(200)))
    assert bodies == [f"/{n}".encode() * 100 for n in range(200)]
    assert http.meter.requests == 200
    assert server.connections < 200


def test_no_more_idle_connections_are_kept_than_asked(serve: Serve, make_http: MakeHttp) -> None:
    together = threading.Barrier(6)

    def script(_: Received) -> list[bytes]:
        together.wait(20)
        return [reply(200)]

    server, http = serve(script), make_http(connections=2)
    for _ in range(2):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda _: http.request("GET", server.url()), range(6)))
    assert server.connections == 6 + 4


def test_after_close_a_transport_can_still_be_used_and_closed_again(serve: Serve, http: Http) -> None:
    server = serve(always(reply(200)))
    for _ in range(2):
        http.request("GET", server.url())
        http.close()
    http.close()
    assert server.connections == 2


def test_a_header_with_a_line_break_is_not_sent(serve: Serve, http: Http) -> None:
    server = serve(always(reply(200)))
    with pytest.raises(ValueError, match="header value"):
        http.request("GET", server.url(), headers={"If-Match": '"x"\r\nX-Evil: 1'})
    assert server.received == []


def test_headers_are_found_in_any_case_and_joined() -> None:
    headers = Headers([("DAV", "1"), ("Set-Cookie", "secret=1"), ("dav", "calendar-access")])
    assert headers["Dav"] == "1, calendar-access"
    assert "DAV" in headers
    assert headers.get("ETAG") is None
    assert len(headers) == 2
    assert "secret" not in repr(headers)


@given(
    st.binary(max_size=3000), st.integers(1, 400), st.integers(1, 400), st.sampled_from(["gzip", "deflate", "raw", ""])
)
def test_any_cut_into_pieces_decodes_to_the_same(body: bytes, fed: int, asked: int, coding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    coded = {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "raw": raw.compress(body) + raw.flush(),
        "": body,
    }[coding]
    decoder, decoded = Decoder("deflate" if coding == "raw" else coding), b""
    for start in range(0, len(coded), fed):
        decoder.take(coded[start : start + fed])
        while not decoder.hungry:
            piece = decoder.give(asked)
            assert len(piece) <= asked
            decoded += piece
    while piece := decoder.finish(asked):
        decoded += piece
    assert decoded == body


@given(st.binary(min_size=1, max_size=2000), st.data())
def test_a_cut_in_gzip_is_always_noticed(body: bytes, data: st.DataObject) -> None:
    coded = gzip.compress(body)
    decoder = Decoder("gzip")
    decoder.take(coded[: data.draw(st.integers(1, len(coded) - 1))])
    while decoder.give(500):
        pass
    with pytest.raises(Transient):
        decoder.finish(500)


def test_limits_leave_room_for_an_address_book_with_pictures() -> None:
    assert Limits().body >= 16 * 1024 * 1024
