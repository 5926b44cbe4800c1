"""Keeping a distance between requests."""

from __future__ import annotations

import itertools
import threading

from hypothesis import given
from hypothesis import strategies as st

from connectors.pace import Pace
from tests.connectors.conftest import Time


def test_without_a_gap_nobody_waits(clock: Time) -> None:
    pace = Pace(sleep=clock.sleep, clock=clock)
    for _ in range(100):
        pace.wait()
    assert clock.naps == []


def test_dav_31_one_request_in_two_seconds(clock: Time) -> None:
    pace, starts = Pace(2.0, sleep=clock.sleep, clock=clock), []
    for _ in range(5):
        pace.wait()
        starts.append(clock.slept)
    assert starts[0] == 0
    assert all(abs(later - earlier - 2.0) < 1e-6 for earlier, later in itertools.pairwise(starts))


def test_time_that_passed_anyway_counts(clock: Time) -> None:
    pace = Pace(2.0, sleep=clock.sleep, clock=clock)
    pace.wait()
    clock.now += 5
    pace.wait()
    assert clock.naps == []


def test_throttling_widens_the_gap_and_success_narrows_it(clock: Time) -> None:
    pace, gaps = Pace(sleep=clock.sleep, clock=clock, most=4.0), []
    for _ in range(8):
        pace.throttled()
        gaps.append(pace.gap)
    assert gaps == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]
    for _ in range(50):
        pace.went_well()
    assert pace.gap == 0.0


def test_a_wait_asked_of_one_holds_everybody_back(clock: Time) -> None:
    pace = Pace(sleep=clock.sleep, clock=clock)
    pace.throttled(10.0)
    pace.wait()
    assert 10.0 <= clock.slept < 10.5


def test_stop_ends_the_wait(clock: Time) -> None:
    pace = Pace(sleep=clock.sleep, clock=clock, stop=lambda: clock.slept > 1)
    pace.throttled(100.0)
    pace.wait()
    assert clock.slept < 1.5


def test_threads_take_different_slots() -> None:
    slots: list[float] = []
    now = threading.local()

    def clock() -> float:
        return float(getattr(now, "value", 0.0))

    def sleep(seconds: float) -> None:
        now.value = clock() + seconds

    pace = Pace(1.0, sleep=sleep, clock=clock)

    def go() -> None:
        pace.wait()
        slots.append(round(clock(), 6))

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slots) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


@given(st.floats(0, 3), st.lists(st.sampled_from(["throttled", "well", "wait"]), max_size=60))
def test_the_gap_stays_between_its_bounds(least: float, events: list[str]) -> None:
    clock = Time()
    pace = Pace(least, most=4.0, sleep=clock.sleep, clock=clock)
    for event in events:
        {"throttled": pace.throttled, "well": pace.went_well, "wait": pace.wait}[event]()
        assert least <= pace.gap <= 4.0
