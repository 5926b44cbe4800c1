"""A wait a server asks for is said before it begins (case 31): in the log, and to whoever listens."""

from __future__ import annotations

import logging
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from connectors.errors import Throttled
from connectors.retry import RetryPolicy
from tests.connectors.servers import always, in_turn, reply

if TYPE_CHECKING:
    from connectors.http import Http
    from tests.connectors.conftest import MakeHttp, Serve, Time

PATIENT = RetryPolicy(attempts=3, first=0.5, most=4, total=200, patience=60)


@pytest.fixture
def told() -> list[float]:
    """Return what the listener was told."""
    return []


@pytest.fixture
def calm(make_http: MakeHttp, clock: Time, told: list[float]) -> Http:
    """Return a transport whose waits take no real time, with a listener."""
    return make_http(retry=PATIENT, clock=clock, sleep=clock.sleep, waiting=told.append)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("method", ["GET", "PROPFIND", "PUT"])
@pytest.mark.parametrize("seconds", [1, 5, 59, 60])
def test_dav_31_a_wait_is_told_once_and_in_full(
    serve: Serve, calm: Http, told: list[float], status: int, method: str, seconds: int
) -> None:
    server = serve(in_turn(reply(status, retry_after=str(seconds)), reply(200, b"now")))
    assert calm.request(method, server.url(), body=b"x").body == b"now"
    assert told == [seconds]


def test_dav_31_it_is_told_before_anybody_waits(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    order: list[str] = []

    def sleep(seconds: float) -> None:
        order.append("slept")
        clock.sleep(seconds)

    http = make_http(retry=PATIENT, clock=clock, sleep=sleep, waiting=lambda _: order.append("told"))
    server = serve(in_turn(reply(429, retry_after="3"), reply(200)))
    http.request("GET", server.url())
    assert order[0] == "told"
    assert order.count("told") == 1
    assert "slept" in order


def test_dav_31_each_further_wait_is_told(serve: Serve, calm: Http, told: list[float]) -> None:
    server = serve(in_turn(*[reply(429, retry_after=str(n)) for n in (2, 3, 7)], reply(200)))
    calm.request("GET", server.url())
    assert told == [2, 3, 7]


def test_dav_31_a_date_is_told_in_seconds(serve: Serve, calm: Http, told: list[float]) -> None:
    now = 1_000_000_000
    again = reply(503, retry_after=formatdate(now + 30, usegmt=True), date=formatdate(now, usegmt=True))
    calm.request("GET", serve(in_turn(again, reply(200))).url())
    assert told == [30]


@pytest.mark.parametrize(
    "answer", [reply(429), reply(429, retry_after="0"), reply(503), reply(502), reply(429, retry_after="soon")]
)
def test_short_and_guessed_waits_are_not_worth_a_word(
    serve: Serve, calm: Http, told: list[float], answer: bytes
) -> None:
    calm.request("GET", serve(in_turn(answer, reply(200))).url())
    assert told == []


def test_dav_31_a_wait_that_is_not_sat_out_here_is_left_to_the_engine_to_tell(
    serve: Serve, calm: Http, told: list[float], clock: Time
) -> None:
    with pytest.raises(Throttled):
        calm.request("GET", serve(always(reply(429, retry_after="3600"))).url())
    assert told == []
    assert clock.slept == 0


@pytest.mark.parametrize(("seconds", "records"), [(0, 0), (1, 1), (45, 1), (3600, 1)])
def test_dav_31_the_log_says_it_and_names_nobody(
    serve: Serve, calm: Http, caplog: pytest.LogCaptureFixture, seconds: int, records: int
) -> None:
    server = serve(in_turn(reply(429, retry_after=str(seconds)), reply(200)))
    with caplog.at_level(logging.INFO, logger="connectors.http"):
        try:
            calm.request("GET", server.url("/private/name"))
        except Throttled:
            assert seconds == 3600
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    assert len(said) == records
    assert all(f"{seconds} seconds" in line and "127.0.0.1" not in line and "private" not in line for line in said)


def test_without_a_listener_nothing_changes(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    http = make_http(retry=PATIENT, clock=clock, sleep=clock.sleep)
    assert http.request("GET", serve(in_turn(reply(429, retry_after="9"), reply(200))).url()).status == 200


def test_dav_31_a_listener_that_fails_is_heard(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    """As when the terminal is gone: the run must not go on in silence."""

    def gone(_: float) -> None:
        raise BrokenPipeError

    http = make_http(retry=PATIENT, clock=clock, sleep=clock.sleep, waiting=gone)
    with pytest.raises(BrokenPipeError):
        http.request("GET", serve(in_turn(reply(429, retry_after="9"), reply(200))).url())
