"""A service's own terms: when a request is due, and which refusals mean "not now"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from connectors.errors import Throttled, Transient
from connectors.retry import RetryPolicy
from tests.connectors.servers import always, in_turn, reply

if TYPE_CHECKING:
    from connectors.answers import Response
    from connectors.http import Http
    from tests.connectors.conftest import MakeHttp, Serve, Time

PATIENT = RetryPolicy(attempts=3, first=0.5, most=4, total=100, patience=30)


@dataclass
class Terms:
    """Refusals whose body begins with ``busy`` or ``broken`` pass; each request is due *gap* seconds later."""

    gap: float = 0.0
    wait: float | None = None
    asked: list[float] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)

    def due(self, now: float) -> float:
        self.asked.append(now)
        return self.gap

    def again(self, response: Response) -> Transient | None:
        self.refused.append(response.body)
        if response.body.startswith(b"busy"):
            return Throttled("busy", retry_after=self.wait)
        return Transient("broken") if response.body.startswith(b"broken") else None


@pytest.fixture
def calm(make_http: MakeHttp, clock: Time) -> Http:
    """Return a transport whose waits take no real time."""
    return make_http(retry=PATIENT, clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_limit_said_in_the_body_is_waited_for(serve: Serve, calm: Http, clock: Time, status: int) -> None:
    server = serve(in_turn(reply(status, b"busy"), reply(status, b"busy"), reply(200, b"now")))
    assert calm.request("GET", server.url(), terms=Terms(wait=5)).body == b"now"
    assert clock.slept >= 10


def test_a_limit_too_long_is_handed_on(serve: Serve, calm: Http, clock: Time) -> None:
    server = serve(always(reply(429, b"busy")))
    with pytest.raises(Throttled) as fault:
        calm.request("GET", server.url(), terms=Terms(wait=3600))
    assert (fault.value.retry_after, len(server.received), clock.naps) == (3600, 1, [])


def test_a_fault_is_tried_as_often_as_any_other(serve: Serve, calm: Http) -> None:
    server = serve(always(reply(500, b"broken")))
    with pytest.raises(Transient):
        calm.request("GET", server.url(), terms=Terms())
    assert len(server.received) == PATIENT.attempts


@pytest.mark.parametrize("status", [400, 403, 404, 429, 503])
def test_all_other_refusals_are_answers(serve: Serve, calm: Http, status: int) -> None:
    server, terms = serve(always(reply(status, b"no", retry_after="1"))), Terms()
    assert calm.request("GET", server.url(), terms=terms).status == status
    assert (len(server.received), terms.refused) == (1, [b"no"])


def test_what_goes_well_is_not_asked_about(serve: Serve, calm: Http) -> None:
    terms = Terms()
    calm.request("GET", serve(always(reply(200, b"busy"))).url(), terms=terms)
    assert terms.refused == []


def test_a_request_waits_until_it_is_due(serve: Serve, calm: Http, clock: Time) -> None:
    server, terms = serve(always(reply(200))), Terms(gap=2.5)
    for _ in range(3):
        calm.request("GET", server.url(), terms=terms)
    assert clock.slept == pytest.approx(7.5)
    assert len(terms.asked) == 3


def test_tries_count_against_the_budget_as_well(serve: Serve, calm: Http) -> None:
    server, terms = serve(in_turn(reply(500, b"broken"), reply(500, b"broken"), reply(200))), Terms()
    assert calm.request("GET", server.url(), terms=terms).status == 200
    assert len(terms.asked) == 3


def test_stop_ends_the_wait(serve: Serve, make_http: MakeHttp, clock: Time) -> None:
    server = serve(always(reply(200)))
    http = make_http(clock=clock, sleep=clock.sleep, stop=lambda: clock.slept > 1)
    http.request("GET", server.url(), terms=Terms(gap=600))
    assert clock.slept < 2


def test_without_terms_nothing_is_different(serve: Serve, calm: Http) -> None:
    server = serve(always(reply(403, b"busy")))
    assert calm.request("GET", server.url()).status == 403
    assert len(server.received) == 1
