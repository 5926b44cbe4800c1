"""The one policy for trying again, as tables: what is worth it, how long each wait may be, when it is enough."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import errors
from connectors.errors import ConnectorError, InDoubt, NotTheService, Throttled, TooMuchAtOnce, Transient
from connectors.pace import Pace
from connectors.retry import SLICE, Patience, RetryPolicy, call, retry_after, worth_again
from tests.connectors.conftest import Time

AGAIN = {"Transient", "Throttled"}
"""Errors after which the very same request may be made once more; every other one has to be named here to be so."""


def leaves() -> Iterator[type[ConnectorError]]:
    for _, cls in sorted(inspect.getmembers(errors, inspect.isclass)):
        if issubclass(cls, ConnectorError) and cls.__module__ == errors.__name__:
            yield cls


@pytest.mark.parametrize("cls", list(leaves()), ids=lambda cls: cls.__name__)
def test_what_is_worth_again_is_a_closed_list(cls: type[ConnectorError]) -> None:
    error = cls.__new__(cls)
    assert worth_again(error) is (cls.__name__ in AGAIN)


@pytest.mark.parametrize("error", [OSError(), TimeoutError(), ConnectionError(), KeyboardInterrupt(), SystemExit()])
def test_what_is_not_translated_is_never_tried_again(error: BaseException) -> None:
    assert not worth_again(error)


class Failing:
    """Fails with the same error so many times, then returns how often it was called."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return self.calls


@pytest.mark.parametrize(
    ("faults", "shortest", "longest"),
    [(1, 0.5, 1.0), (2, 1.5, 3.0), (3, 3.5, 7.0), (4, 7.5, 15.0), (5, 11.5, 23.0), (6, 15.5, 31.0)],
)
def test_waits_double_up_to_the_most_and_are_spread(clock: Time, faults: int, shortest: float, longest: float) -> None:
    policy = RetryPolicy(attempts=10, first=1.0, most=8.0, total=1000)
    assert call(Failing(Transient(), faults), policy, sleep=clock.sleep, clock=clock) == faults + 1
    assert shortest <= clock.slept <= longest


@pytest.mark.parametrize("attempts", [1, 2, 3, 7])
def test_attempts_count_the_first_try(clock: Time, attempts: int) -> None:
    work = Failing(Transient(), 100)
    with pytest.raises(Transient):
        call(work, RetryPolicy(attempts=attempts, total=1000), sleep=clock.sleep, clock=clock)
    assert work.calls == attempts


@pytest.mark.parametrize(
    ("asked", "times", "shortest"),
    [(1.0, 3, 3.0), (0.0, 4, 0.25 + 0.5 + 1 + 2), (None, 2, 0.5), (30.0, 2, 60.0)],
)
def test_a_server_that_names_a_time_gets_it_and_one_that_names_none_gets_patience(
    clock: Time, asked: float | None, times: int, shortest: float
) -> None:
    policy = RetryPolicy(attempts=1, first=0.5, total=200)
    assert call(Failing(Throttled(retry_after=asked), times), policy, sleep=clock.sleep, clock=clock) == times + 1
    assert shortest * 0.5 <= clock.slept
    assert clock.slept >= (asked or 0.0) * times


def test_a_wait_is_slept_in_slices_so_that_stop_is_seen(clock: Time) -> None:
    call(Failing(Throttled(retry_after=5.0), 1), RetryPolicy(), sleep=clock.sleep, clock=clock)
    assert max(clock.naps) <= SLICE
    assert len(clock.naps) >= 5.0 / SLICE


@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 500))
@settings(max_examples=120, deadline=None)
def test_no_wait_is_begun_that_could_not_end_in_time(asked: float, total: float, patience: float) -> None:
    clock = Time()
    work = Failing(Throttled(retry_after=asked), 3)
    policy = RetryPolicy(total=total, patience=patience)
    try:
        call(work, policy, sleep=clock.sleep, clock=clock)
    except Throttled:
        over = asked > patience or asked * work.calls + 0.06 * work.calls + 8 * 3 >= total - 1
        assert over, "given up though there was time"
    assert clock.slept <= total + 1e-6
    if asked > patience:
        assert work.calls == 1


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (Transient(), True),
        (InDoubt(), True),
        (Throttled(retry_after=1), True),
        (TooMuchAtOnce(), False),
        (NotTheService(), False),
        (ConnectorError(), False),
        (ValueError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_patience_also_waits_after_a_doubt(clock: Time, error: Exception, waits: bool) -> None:
    patience = Patience(RetryPolicy(), sleep=clock.sleep, clock=clock)
    if waits:
        patience.wait(error)
        assert clock.slept > 0
        return
    with pytest.raises(type(error)):
        patience.wait(error)
    assert clock.naps == []


def test_progress_makes_patience_new_and_its_time_too(clock: Time) -> None:
    patience = Patience(RetryPolicy(attempts=2, total=10), sleep=clock.sleep, clock=clock)
    for _ in range(20):
        patience.wait(Transient())
        clock.now += 9
        patience.renew()
    patience.wait(Transient())
    with pytest.raises(Transient):
        patience.wait(Transient())


DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1", 1.0),
        ("000", 0.0),
        ("007", 7.0),
        ("+5", None),
        ("5s", None),
        ("5 ", 5.0),
        ("1e3", None),
        ("0x10", None),
        ("１２", None),
        ("²", None),
        ("1,2", None),
        (DATE, 0.0),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 0.0),
        ("Sun, 06 Nov 1994 08:49:37", 0.0),
        ("06 Nov 1994 08:49:37 GMT", 0.0),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("tomorrow", None),
    ],
)
def test_every_spelling_of_a_wait(value: str, seconds: float | None) -> None:
    found = retry_after({"retry-after": value, "date": DATE})
    if value.startswith("Sun, 31 Feb"):
        assert found is None or found >= 0
        return
    assert found == seconds


@given(st.integers(-(10**6), 10**6))
@settings(max_examples=80, deadline=None)
def test_a_date_is_compared_with_the_servers_own_clock(apart: int) -> None:
    now = 1_790_000_000
    headers = {"retry-after": formatdate(now + apart, usegmt=True), "date": formatdate(now, usegmt=True)}
    assert retry_after(headers) == max(0, apart)


@pytest.mark.parametrize(
    ("events", "gap"),
    [
        ("", 0.0),
        ("t", 0.25),
        ("tt", 0.5),
        ("ttttt", 4.0),
        ("tttttttttt", 4.0),
        ("tw", 0.19),
        ("tww", 0.142),
        ("w", 0.0),
        ("wwwt", 0.25),
    ],
)
def test_the_gap_after_each_answer(clock: Time, events: str, gap: float) -> None:
    pace = Pace(sleep=clock.sleep, clock=clock)
    for event in events:
        (pace.throttled if event == "t" else pace.went_well)()
    assert pace.gap == pytest.approx(gap)


@pytest.mark.parametrize(("gap", "most"), [(0.0, 4.0), (1.0, 4.0), (5.0, 4.0), (2.0, 2.0)])
def test_a_gap_asked_for_is_never_undercut(clock: Time, gap: float, most: float) -> None:
    pace = Pace(gap, most=most, sleep=clock.sleep, clock=clock)
    for _ in range(10):
        pace.throttled()
        assert gap <= pace.gap <= max(gap, most)
    for _ in range(100):
        pace.went_well()
    assert pace.gap == gap
