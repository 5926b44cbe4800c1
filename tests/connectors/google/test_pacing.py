"""Quotas of the stand-in are kept, so that nobody is throttled; and a throttled run goes on by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Endpoint
from connectors.errors import Throttled
from connectors.google.calendar import Calendars
from connectors.google.contacts import Contacts
from connectors.retry import RetryPolicy
from simulators.google import google
from tests.connectors.google.behind import CALENDAR, CONTACTS, START, context, listed, only, transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Source
    from simulators.google import Service

PATIENT = RetryPolicy(attempts=3, first=1, most=8, total=300, patience=90)


class Together:
    """A clock that moves when somebody waits, and takes the stand-in's along."""

    def __init__(self, server: Service) -> None:
        self._server = server
        self.now = 1000.0
        self.slept = 0.0
        server.advance(60 - server.identity.clock.now() % 60)  # a minute begins: its quota is whole

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds
        self._server.advance(seconds)


@pytest.fixture
def busy() -> Iterator[Service]:
    """Run the stand-in with 400 people and two calendars' worth of events."""
    with google(people=400, events=200, groups=3) as service:
        yield service


def opened(server: Service, time: Together, kind: str, limit: str) -> Source:
    """Open a place whose waits take no real time."""
    token = server.token(*CONTACTS, *CALENDAR)
    http = transport(server.url, token, clock=time, sleep=time.sleep, retry=PATIENT)
    endpoint = Endpoint(kind, url=server.url, options={"requests-per-minute": limit})
    return (Contacts if kind == "google-contacts" else Calendars)(endpoint, context(http))


@pytest.mark.parametrize(("kind", "api"), [("google-contacts", "people"), ("google-calendar", "calendar")])
def test_a_quota_that_is_known_is_never_overrun(
    busy: Service, monkeypatch: pytest.MonkeyPatch, kind: str, api: str
) -> None:
    monkeypatch.setattr("connectors.google.books.PAGE", 5)
    monkeypatch.setattr("connectors.google.listing.PAGE", 2)
    setattr(busy.quotas, api, 30)
    time = Together(busy)
    place = opened(busy, time, kind, "30")
    found = listed(place, only(place))
    assert len(found.present) > 60
    assert {status for name, status in busy.answers if name != "photos"} == {200}
    assert time.slept > 60


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "rateLimitExceeded")]
)
def test_a_quota_that_is_not_known_is_waited_for(
    busy: Service, monkeypatch: pytest.MonkeyPatch, status: int, reason: str
) -> None:
    monkeypatch.setattr("connectors.google.listing.PAGE", 2)
    busy.quotas.calendar, busy.quotas.status, busy.quotas.reason = 20, status, reason
    time = Together(busy)
    place = opened(busy, time, "google-calendar", "6000")
    whole = sum(1 for row in busy.account.shelf("primary").walk() if row.item and not row.item.get("recurringEventId"))
    assert len(listed(place, only(place)).present) >= whole
    assert busy.answers["calendar.events.list", status] >= 1


def test_the_extra_quota_of_full_syncs_is_waited_for(busy: Service) -> None:
    """people.connections.list: "the first page of a full sync request has an additional quota"."""
    busy.quotas.full_syncs = 1
    time = Together(busy)
    place = opened(busy, time, "google-contacts", "600")
    for _ in range(2):
        assert len(listed(place, only(place)).present) == 400
    assert busy.answers["people.people.connections.list", 429] >= 1


def test_a_wait_longer_than_patience_is_the_engines(busy: Service) -> None:
    busy.quotas.calendar, busy.quotas.retry_after = 1, 3600
    time = Together(busy)
    place = opened(busy, time, "google-calendar", "600")
    home = only(place)
    with pytest.raises(Throttled) as fault:
        listed(place, home)
    assert fault.value.retry_after == 3600
    assert time.slept < 1


def test_an_incremental_run_needs_next_to_none_of_it(busy: Service) -> None:
    time = Together(busy)
    place = opened(busy, time, "google-calendar", "10")
    home = only(place)
    mark = listed(place, home).cursor
    busy.account.add_event("primary", summary="new", **START)
    busy.calls.clear()
    assert len(listed(place, home, mark).present) == 1
    assert sum(busy.calls.values()) == 1
    assert time.slept == 0
