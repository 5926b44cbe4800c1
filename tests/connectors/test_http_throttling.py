"""Servers that say "not now"."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from connectors.errors import InDoubt, Throttled, Transient
from connectors.retry import RetryPolicy
from tests.connectors.servers import always, in_turn, reply

if TYPE_CHECKING:
    from connectors.http import Http
    from tests.connectors.conftest import MakeHttp, Serve, Time

PATIENT = RetryPolicy(attempts=3, first=0.5, most=4, total=100, patience=30)


@pytest.fixture
def calm(make_http: MakeHttp, clock: Time) -> Http:
    """Return a transport whose waits take no real time."""
    return make_http(retry=PATIENT, clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("method", ["GET", "REPORT", "PUT", "DELETE"])
def test_dav_31_seconds_are_waited_for(serve: Serve, calm: Http, clock: Time, status: int, method: str) -> None:
    server = serve(in_turn(reply(status, retry_after="5"), reply(status, retry_after="5"), reply(200, b"now")))
    assert calm.request(method, server.url(), body=b"same body").body == b"now"
    assert 10 <= clock.slept < 12
    assert [asked.body for asked in server.received] == [b"same body"] * 3


@pytest.mark.parametrize("status", [429, 503])
def test_dav_31_a_date_is_waited_for(serve: Serve, calm: Http, clock: Time, status: int) -> None:
    wrong_clock = 1_000_000_000
    again = formatdate(wrong_clock + 8, usegmt=True)
    server = serve(in_turn(reply(status, retry_after=again, date=formatdate(wrong_clock, usegmt=True)), reply(200)))
    assert calm.request("GET", server.url()).status == 200
    assert 8 <= clock.slept < 9


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_dav_31_a_wait_beyond_patience_is_handed_on(serve: Serve, calm: Http, clock: Time, method: str) -> None:
    server = serve(always(reply(503, retry_after="3600")))
    with pytest.raises(Throttled) as fault:
        calm.request(method, server.url(), body=b"x")
    assert fault.value.retry_after == 3600
    assert (len(server.received), clock.naps) == (1, [])


def test_dav_31_throttled_for_ever_ends(serve: Serve, calm: Http, clock: Time) -> None:
    server = serve(always(reply(429, retry_after="1")))
    with pytest.raises(Throttled):
        calm.request("GET", server.url())
    assert clock.slept <= 100
    assert len(server.received) < 40


def test_dav_31_too_many_requests_without_a_time(serve: Serve, calm: Http, clock: Time) -> None:
    server = serve(in_turn(reply(429), reply(429), reply(200)))
    assert calm.request("PUT", server.url(), body=b"x").status == 200
    assert 0 < clock.slept < 20


def test_dav_31_others_are_held_back_too(serve: Serve, calm: Http, clock: Time) -> None:
    server = serve(in_turn(reply(429, retry_after="20"), reply(200)))
    calm.request("GET", server.url())
    before = clock.slept
    calm.request("GET", server.url())
    assert clock.slept > before, "after throttling a gap is kept"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_fails_is_tried_again(serve: Serve, calm: Http, clock: Time, status: int) -> None:
    server = serve(in_turn(reply(status, b"<html>"), reply(status), reply(207, b"fine")))
    assert calm.request("PROPFIND", server.url()).body == b"fine"
    assert 0 < clock.slept < 2
    assert server.connections == 1, "the error page was read away"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_keeps_failing(serve: Serve, calm: Http, status: int) -> None:
    server = serve(always(reply(status)))
    with pytest.raises(Transient) as fault:
        calm.request("GET", server.url())
    assert not isinstance(fault.value, Throttled | InDoubt)
    assert str(status) in str(fault.value)
    assert len(server.received) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failed_write_is_returned_and_not_repeated(serve: Serve, calm: Http, status: int) -> None:
    server = serve(always(reply(status)))
    assert calm.request("PUT", server.url(), body=b"x").status == status
    assert len(server.received) == 1


def test_a_retry_after_nobody_can_read_counts_as_none(serve: Serve, calm: Http, clock: Time) -> None:
    server = serve(in_turn(reply(503, retry_after="soon"), reply(200)))
    assert calm.request("GET", server.url()).status == 200
    assert clock.slept < 1


def test_streams_wait_before_the_first_byte_only(serve: Serve, calm: Http, clock: Time) -> None:
    server = serve(in_turn(reply(503, retry_after="2"), reply(200, b"body")))
    with calm.stream("REPORT", server.url()) as stream:
        assert (stream.status, stream.read_all()) == (200, b"body")
    assert 2 <= clock.slept < 3


def test_stop_ends_the_wait(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    http = make_http(retry=PATIENT, clock=clock, sleep=clock.sleep, stop=lambda: clock.slept > 1)
    server = serve(always(reply(429, retry_after="25")))
    with pytest.raises(Throttled):
        http.request("GET", server.url())
    assert clock.slept < 1.5
    assert len(server.received) == 1


def test_dav_31_a_wait_that_was_handed_on_is_not_waited_for_here(serve: Serve, calm: Http, clock: Time) -> None:
    server = serve(in_turn(reply(429, retry_after="3600"), reply(200)))
    with pytest.raises(Throttled):
        calm.request("GET", server.url())
    assert calm.request("GET", server.url()).status == 200
    assert clock.slept < 1
