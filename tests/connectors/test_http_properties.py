"""Whatever a server sends, an answer is right or it is an error."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.answers import Limits
from connectors.errors import ConnectorError, InDoubt, Transient
from connectors.guard import Guard
from connectors.http import Http
from connectors.retry import RetryPolicy
from tests.connectors.conftest import HOME
from tests.connectors.servers import End, Piece, Server, always, chunked, reply

BODIES = st.binary(max_size=400)
CODINGS: dict[str, Callable[[bytes], bytes]] = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Return one server for all examples; each sets its script."""
    running = Server(always(reply(200)))
    yield running
    running.close()


@pytest.fixture(scope="module")
def once() -> Iterator[Http]:
    """Return a transport that tries everything once, and keeps its connections between examples."""
    http = Http(guard=HOME, retry=RetryPolicy(attempts=1), limits=Limits(read=5))
    yield http
    http.close()


def framed(body: bytes, coding: str, framing: str, size: int) -> bytes:
    """Return a whole answer, its body in one of the three framings of RFC 9112 6."""
    coded = CODINGS[coding](body)
    if framing == "length":
        return reply(200, coded, content_encoding=coding)
    if framing == "chunked":
        pieces = [coded[at : at + size] for at in range(0, len(coded), size)]
        return reply(200, transfer_encoding="chunked", content_encoding=coding) + b"".join(chunked(pieces))
    return reply(200, coded, connection="close", content_encoding=coding)


ANSWERS = {
    "body": BODIES,
    "coding": st.sampled_from(sorted(CODINGS)),
    "framing": st.sampled_from(["length", "chunked", "close"]),
    "size": st.integers(1, 100),
}


@settings(max_examples=60)
@given(**ANSWERS, step=st.integers(1, 500))
def test_any_framing_in_any_packets_gives_the_body(
    server: Server, once: Http, *, body: bytes, coding: str, framing: str, size: int, step: int
) -> None:
    answer = framed(body, coding, framing, size)
    packets: list[Piece] = [answer[at : at + step] for at in range(0, len(answer), step)]
    server.script = always(*packets, *([End.CLOSE] if framing == "close" else []))
    assert once.request("GET", server.url()).body == body
    with once.stream("GET", server.url()) as stream:
        assert b"".join(iter(lambda: stream.read(size), b"")) == body


@settings(max_examples=80)
@given(**ANSWERS, where=st.floats(0, 1, exclude_max=True), end=st.sampled_from(End))
@example(body=b"x", coding="identity", framing="length", size=1, where=0.0, end=End.CLOSE)
@example(body=b"x", coding="identity", framing="length", size=1, where=0.3, end=End.RESET)
def test_an_answer_cut_anywhere_is_a_fault_or_the_whole(
    server: Server, once: Http, *, body: bytes, coding: str, framing: str, size: int, where: float, end: End
) -> None:
    answer = framed(body, coding, framing, size)
    server.script = always(answer[: int(len(answer) * where)], end)
    try:
        got = once.request("REPORT", server.url()).body
    except Transient as fault:
        got = body
        fault_of_a_write = isinstance(fault, InDoubt)
        assert not fault_of_a_write
    # The trailer after the last chunk carries nothing; all else has to be there.
    assert got == body


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(["GET", "PUT"]))
def test_any_bytes_at_all_give_an_answer_or_one_of_our_errors(
    server: Server, once: Http, noise: bytes, method: str
) -> None:
    server.script = always(noise, End.CLOSE)
    before = len(server.received)
    try:
        answer = once.request(method, server.url())
    except ConnectorError as fault:
        assert str(server.port) in str(fault)  # noqa: PT017 - a fault is one of two right ends
    else:
        assert 200 <= answer.status <= 999
    assert len(server.received) - before <= 2, "tried once, or twice when a kept connection had died"


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
@example("//127.0.0.2/")
@example("http://127.0.0.1.nip.io/")
@example("\\\\127.0.0.2\\share")
@example("http:127.0.0.2")
@example("http://localhost#@127.0.0.1/")
def test_no_location_leads_past_the_guard(server: Server, location: str) -> None:
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["10.255.255.1"]

    guard = Guard(allow_private=True, allow_http=True, hosts=frozenset({"127.0.0.1"}), resolver=resolver)
    http = Http(guard=guard, retry=RetryPolicy(attempts=1), limits=Limits(connect=0.5, read=5))
    server.script = lambda request: [reply(302, location=location) if request.path == "/start" else reply(200)]
    try:
        answer = http.request("GET", server.url("/start"))
    except ConnectorError:
        answer = None
    http.close()
    assert asked == [], "only the one host may be asked for"
    assert answer is None or answer.url.startswith(server.origin)


@settings(max_examples=40)
@given(BODIES, st.sampled_from(sorted(CODINGS)), st.integers(0, 400))
def test_the_cap_is_exact(server: Server, once: Http, body: bytes, coding: str, cap: int) -> None:
    server.script = always(framed(body, coding, "length", 1))
    try:
        assert once.request("GET", server.url(), cap=cap).body == body
        assert len(body) <= cap
    except Transient as fault:
        over = (type(fault).__name__, len(body) > cap)
        assert over == ("TooMuchAtOnce", True)
