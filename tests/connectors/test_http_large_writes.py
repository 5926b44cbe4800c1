"""A server may take the longer to answer the more it was sent, and not a moment longer than that."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from connectors.answers import Limits
from connectors.errors import InDoubt, Transient
from connectors.line import Deadline
from tests.connectors.conftest import MakeHttp, Serve
from tests.connectors.servers import Piece, Received, Script, reply

LARGE = b"x" * 65536
PATIENT = Limits(read=0.1, total=30, digested=16384)
"""Four seconds for ``LARGE``, a tenth of one for anything small."""


def slow(start: bytes, seconds: float, rest: bytes) -> Script:
    """Send *start*, work for some *seconds*, send *rest*."""

    def script(asked: Received) -> Iterator[Piece]:
        yield start
        asked.closing.wait(seconds)
        yield rest

    return script


def test_case_27_a_large_write_may_be_worked_on(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(slow(b"", 0.5, reply(201)))
    assert make_http(limits=PATIENT).request("PUT", server.url(), body=LARGE).status == 201
    assert len(server.received) == 1


def test_case_27_a_small_write_may_not(serve: Serve, make_http: MakeHttp) -> None:
    server = serve(slow(b"", 5, reply(201)))
    with pytest.raises(InDoubt):
        make_http(limits=PATIENT).request("PUT", server.url(), body=b"x")


def test_an_answer_that_began_may_not_stall(serve: Serve, make_http: MakeHttp) -> None:
    whole = reply(201, b"done")
    server = serve(slow(whole[:-4], 30, whole[-4:]))
    began = time.monotonic()
    with pytest.raises(InDoubt):
        make_http(limits=PATIENT).request("PUT", server.url(), body=LARGE)
    assert time.monotonic() - began < 3.5


def test_the_next_request_on_the_line_starts_anew(serve: Serve, make_http: MakeHttp) -> None:
    def script(asked: Received) -> Iterator[Piece]:
        if asked.method == "GET":
            asked.closing.wait(30)
        yield reply(201)

    server, http, began = serve(script), make_http(limits=PATIENT), time.monotonic()
    assert http.request("PUT", server.url(), body=LARGE).status == 201
    with pytest.raises(Transient):
        http.request("GET", server.url())
    assert time.monotonic() - began < 3.5


@pytest.mark.parametrize(("sent", "wait"), [(0, 30), (32768, 31), (3_276_800, 120), (10**9, 120)])
def test_by_default_three_megabytes_have_two_minutes(sent: int, wait: float) -> None:
    deadline = Deadline(Limits(), lambda: 0.0)
    deadline.sent(sent)
    assert deadline.answer(Limits().read) == pytest.approx(wait)
    deadline.answered(1)
    assert deadline.answer(Limits().read) == pytest.approx(30)
