from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.events import Estimate, JobStarted, PhaseEntered, Progress, Waiting
from wherry.cli.progress import Standing
from wherry.cli.rate import KNOWN_AFTER, Rate


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def progress(done: int, total: int, *, size: int = 0, problems: int = 0) -> Progress:
    return Progress("7f3a", "copy", "Work", done, total, size, problems)


def test_a_rate_is_not_said_before_it_is_known() -> None:
    rate = Rate()
    assert rate.per_second(0.0) is None
    rate.observe(0, 0.0)
    rate.observe(50, 1.0)
    assert rate.per_second(1.0) is None
    assert rate.left(100, 1.0) is None


@given(st.floats(0.5, 500), st.floats(0.05, 5))
@settings(max_examples=80, deadline=None)
def test_a_steady_rate_is_found(per_second: float, step: float) -> None:
    rate, now, done = Rate(), 0.0, 0.0
    rate.observe(0, now)
    while now < 60:
        now += step
        done += per_second * step
        rate.observe(round(done), now)
    found = rate.per_second(now)
    assert found is not None
    assert found == pytest.approx(per_second, rel=0.15, abs=1.0 / step)


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 1000)), min_size=1, max_size=30))
@settings(max_examples=80, deadline=None)
def test_a_rate_is_a_number_and_never_negative(steps: list[tuple[float, int]]) -> None:
    rate, now, done = Rate(), 0.0, 0
    rate.observe(0, 0.0)
    for span, more in steps:
        now, done = now + span, done + more
        rate.observe(done, now)
        found = rate.per_second(now)
        assert found is None or 0 <= found < float("inf")


def test_observations_too_close_together_count_with_the_next() -> None:
    rate = Rate()
    rate.observe(0, 0.0)
    for number in range(1, 100):
        rate.observe(number, number * 1e-5)
    rate.observe(200, 10.0)
    assert rate.per_second(10.0) == pytest.approx(20.0)


def test_a_new_rate_replaces_an_old_one() -> None:
    rate = Rate()
    rate.observe(0, 0.0)
    for second in range(1, 61):
        rate.observe(second * 10, float(second))
    for second in range(61, 121):
        rate.observe(600 + (second - 60) * 100, float(second))
    assert rate.per_second(120.0) == pytest.approx(100, rel=0.02)


def test_silence_lowers_the_rate() -> None:
    rate = Rate()
    rate.observe(0, 0.0)
    rate.observe(100, 10.0)
    fast, slow = rate.per_second(10.0), rate.per_second(40.0)
    assert fast is not None
    assert slow is not None
    assert slow < fast / 2


def test_time_left() -> None:
    rate = Rate()
    rate.observe(0, 0.0)
    rate.observe(100, 10.0)
    assert rate.left(50, 10.0) == pytest.approx(5.0)
    assert rate.left(0, 10.0) is None
    still = Rate()
    still.observe(5, 0.0)
    still.observe(5, KNOWN_AFTER + 1)
    assert still.left(50, KNOWN_AFTER + 1) is None


def test_the_line_tells_share_counts_rate_time_and_problems() -> None:
    clock = Clock()
    standing = Standing(clock)
    standing.take(PhaseEntered("7f3a", "copy"))
    standing.take(progress(0, 18_204))
    clock.now += 10
    standing.take(progress(780, 18_204, size=1_200_000, problems=1))
    line = standing.line()
    assert line == "copying  4 %  780/18,204  1.2 MB  78 items/s  ETA 3:43  1 problem"


def test_the_line_of_a_slow_run_counts_by_the_minute() -> None:
    clock = Clock()
    standing = Standing(clock)
    standing.take(PhaseEntered("7f3a", "copy"))
    standing.take(progress(0, 100))
    clock.now += 60
    standing.take(progress(6, 100))
    assert "6 items/min" in standing.line()


@pytest.mark.parametrize(
    ("done", "bar"),
    [(0, "[          ]"), (1, "[>         ]"), (5, "[====>     ]"), (10, "[==========]")],
)
def test_the_bar(done: int, bar: str) -> None:
    standing = Standing(Clock())
    standing.take(PhaseEntered("7f3a", "copy"))
    standing.take(progress(done, 10))
    assert bar in standing.line(bar=10)


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 60))
@settings(max_examples=80, deadline=None)
def test_the_bar_keeps_its_width(done: int, total: int, width: int) -> None:
    standing = Standing(Clock())
    standing.take(PhaseEntered("7f3a", "copy"))
    standing.take(progress(done, total))
    line = standing.line(bar=width)
    assert line.index("]") - line.index("[") == width + 1
    share = int(line.split("]")[1].split("%")[0])
    assert 0 <= share <= 100
    assert (share == 100) == (done >= total)


def test_without_a_total_the_line_says_only_what_is_known() -> None:
    standing = Standing(Clock())
    assert standing.line() == "starting ..."
    standing.take(PhaseEntered("7f3a", "collections"))
    assert standing.line() == "listing ..."
    standing.take(Estimate("7f3a", 3, 1204))
    assert standing.line() == "listing ...  1,204 items so far"
    assert standing.eta() is None


def test_waiting_is_said_until_it_is_over() -> None:
    clock = Clock()
    standing = Standing(clock)
    standing.take(PhaseEntered("7f3a", "copy"))
    standing.take(Waiting("7f3a", 90.0, "throttled"))
    assert standing.line().endswith("waiting 1:30, as the provider asked")
    clock.now += 89.5
    assert "waiting" not in standing.line()
    clock.now -= 50
    standing.take(progress(1, 2))
    assert "waiting" not in standing.line()


def test_a_new_phase_begins_a_new_rate() -> None:
    clock = Clock()
    standing = Standing(clock)
    standing.take(JobStarted("7f3a", "backup", "a", "b", 1, resumed=False))
    standing.take(PhaseEntered("7f3a", "copy"))
    standing.take(progress(0, 100))
    clock.now += 10
    standing.take(progress(100, 100))
    assert standing.rate() is not None
    standing.take(PhaseEntered("7f3a", "finishing"))
    assert standing.rate() is None
    assert standing.latest is None
