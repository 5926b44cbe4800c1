"""Trying again: how often, how long, and when to stop."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    ConfigError,
    ConnectorError,
    InDoubt,
    NotTheService,
    ReauthRequired,
    Throttled,
    TooMuchAtOnce,
    Transient,
    UnsafeAddress,
)
from connectors.retry import SLICE, Patience, RetryPolicy, call, retry_after, worth_again
from tests.connectors.conftest import Time


class Failing:
    """Fails with each error in turn, then returns the number of calls."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.calls


def run(work: Callable[[], int], clock: Time, policy: RetryPolicy | None = None) -> int:
    return call(work, policy or RetryPolicy(), sleep=clock.sleep, clock=clock)


def test_what_works_is_done_once(clock: Time) -> None:
    assert run(Failing(), clock) == 1
    assert clock.naps == []


def test_faults_are_tried_again_with_growing_waits(clock: Time) -> None:
    assert run(Failing(*[Transient()] * 3), clock, RetryPolicy(attempts=4, first=1, most=8)) == 4
    assert 0.5 + 1 + 2 <= clock.slept <= 1 + 2 + 4


def test_the_last_error_comes_out_itself(clock: Time) -> None:
    last = Transient("third")
    work = Failing(Transient("first"), Transient("second"), last, Transient("never"))
    with pytest.raises(Transient) as fault:
        run(work, clock, RetryPolicy(attempts=3))
    assert fault.value is last
    assert work.calls == 3


@pytest.mark.parametrize(
    "error",
    [
        InDoubt(),
        TooMuchAtOnce(),
        NotTheService(),
        ReauthRequired(),
        ConfigError(),
        UnsafeAddress(),
        ValueError(),
        OSError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_would_not_get_better_is_not_tried_again(clock: Time, error: Exception) -> None:
    work = Failing(error)
    with pytest.raises(type(error)):
        run(work, clock)
    assert (work.calls, clock.naps) == (1, [])
    assert not worth_again(error)


def test_an_error_of_another_kind_ends_it_at_once(clock: Time) -> None:
    work = Failing(Transient(), ReauthRequired(), Transient())
    with pytest.raises(ReauthRequired):
        run(work, clock)
    assert work.calls == 2


def test_a_wait_asked_for_is_kept_and_is_no_attempt(clock: Time) -> None:
    """dav-31: a server that asks for a second gets a second, not the exponential wait."""
    work = Failing(*[Throttled(retry_after=1.0)] * 3)
    assert run(work, clock, RetryPolicy(attempts=1)) == 4
    assert 3.0 <= clock.slept < 3.5


@pytest.mark.parametrize(
    ("asked", "patience", "waits"), [(59.0, 60.0, True), (61.0, 60.0, False), (3600.0, 60.0, False)]
)
def test_patience_bounds_one_wait(clock: Time, asked: float, patience: float, *, waits: bool) -> None:
    work = Failing(Throttled(retry_after=asked))
    policy = RetryPolicy(patience=patience, total=200)
    if waits:
        assert run(work, clock, policy) == 2
        assert clock.slept >= asked
        return
    with pytest.raises(Throttled) as fault:
        run(work, clock, policy)
    assert fault.value.retry_after == asked
    assert clock.naps == []


@pytest.mark.parametrize("asked", [0.0, 0.1, 1.0, 20.0, None])
def test_a_server_that_throttles_for_ever_is_left_within_the_total(clock: Time, asked: float | None) -> None:
    work = Failing(*[Throttled(retry_after=asked)] * 1000)
    with pytest.raises(Throttled):
        run(work, clock, RetryPolicy(total=60))
    assert clock.slept <= 60
    assert work.calls <= 30, "a wait of nothing must not become a hammer"


def test_stop_ends_a_wait_within_a_slice(clock: Time) -> None:
    def stop() -> bool:
        return clock.slept > 3

    with pytest.raises(Throttled):
        call(Failing(Throttled(retry_after=50)), RetryPolicy(), stop=stop, sleep=clock.sleep, clock=clock)
    assert clock.slept <= 3 + 2 * SLICE
    assert max(clock.naps) <= SLICE


def test_stop_is_seen_in_real_time() -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Throttled):
        call(Failing(Throttled(retry_after=30)), RetryPolicy(), stop=stop.is_set)
    assert time.monotonic() - began < 5


def test_when_stopped_already_nothing_is_tried_again(clock: Time) -> None:
    work = Failing(Transient())
    with pytest.raises(Transient):
        call(work, RetryPolicy(), stop=lambda: True, sleep=clock.sleep, clock=clock)
    assert (work.calls, clock.naps) == (1, [])


def test_what_is_worth_again_can_be_narrowed(clock: Time) -> None:
    def only_throttled(error: BaseException) -> bool:
        return isinstance(error, Throttled)

    with pytest.raises(Transient):
        call(Failing(Transient()), RetryPolicy(), sleep=clock.sleep, clock=clock, again=only_throttled)
    work = Failing(Throttled(retry_after=0))
    assert call(work, RetryPolicy(), sleep=clock.sleep, clock=clock, again=only_throttled) == 2


ERRORS = st.one_of(
    st.just(Transient()),
    st.just(ReauthRequired()),
    st.builds(Throttled, retry_after=st.none() | st.floats(0, 100)),
)


@given(
    st.lists(ERRORS, max_size=12),
    st.builds(RetryPolicy, attempts=st.integers(1, 5), total=st.floats(0, 90), patience=st.floats(0, 60)),
)
def test_no_history_breaks_a_bound(errors: list[ConnectorError], policy: RetryPolicy) -> None:
    clock, work = Time(), Failing(*errors)
    raised: ConnectorError | None = None
    try:
        run(work, clock, policy)
    except ConnectorError as error:
        raised = error
    assert raised is [*errors, None][work.calls - 1]
    met = errors[: work.calls]
    assert clock.slept <= policy.total + 1e-6
    assert sum(not isinstance(error, Throttled) for error in met) <= policy.attempts
    assert all(isinstance(error, Transient) for error in met[:-1])
    asked = [error.retry_after for error in met[: work.calls - 1] if isinstance(error, Throttled)]
    assert sum(seconds or 0.0 for seconds in asked) <= clock.slept + 1e-6


def test_patience_counts_failures_until_there_is_progress(clock: Time) -> None:
    patience = Patience(RetryPolicy(attempts=3, first=1), sleep=clock.sleep, clock=clock)
    for _ in range(5):
        patience.wait(Transient())
        patience.wait(InDoubt())
        patience.renew()
    patience.wait(Transient())
    patience.wait(Transient())
    before, last = clock.slept, Transient("third")
    with pytest.raises(Transient) as fault:
        patience.wait(last)
    assert fault.value is last
    assert clock.slept == before


def test_patience_ends_with_stop_and_with_what_is_not_worth_it(clock: Time) -> None:
    patience = Patience(RetryPolicy(), sleep=clock.sleep, clock=clock, stop=lambda: clock.slept > 1)
    with pytest.raises(ReauthRequired):
        patience.wait(ReauthRequired())
    with pytest.raises(Throttled):
        patience.wait(Throttled(retry_after=30))
    assert clock.slept < 1.5


NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", None, 120.0),
        (" 7 ", None, 7.0),
        ("0", None, 0.0),
        (formatdate(NOW + 90, usegmt=True), formatdate(NOW, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), formatdate(NOW, usegmt=True), 0.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:27 GMT", 10.0),
        ("Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:27 GMT", 10.0),
        ("", None, None),
        ("soon", None, None),
        ("-5", None, None),
        ("1.5", None, None),
        ("٣", None, None),
        ("Tue, 99 Foo 2026 99:99:99 GMT", None, None),
        ("1" * 5000, None, 111_111_111.0),
    ],
)
def test_dav_31_retry_after_is_read(value: str, date: str | None, seconds: float | None) -> None:
    headers = {"retry-after": value} | ({"date": date} if date else {})
    assert retry_after(headers) == seconds


def test_dav_31_a_date_without_the_servers_own_is_compared_with_our_clock() -> None:
    seconds = retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True), "date": "nonsense"})
    assert seconds is not None
    assert 50 < seconds <= 61


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_retry_after_breaks_the_reader(value: str, date: str) -> None:
    seconds = retry_after({"retry-after": value, "date": date})
    assert seconds is None or seconds >= 0


def test_tenacity_is_loaded_on_the_first_failure_only() -> None:
    script = (
        "import sys, connectors.http; from connectors.retry import RetryPolicy, call; call(int, RetryPolicy());"
        "heavy = {'tenacity', 'asyncio', 'http.client', 'ssl', 'email', 'requests', 'urllib3'} & sys.modules.keys();"
        "sys.exit(' '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
