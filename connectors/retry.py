"""The one place for trying again and for pacing.

What may be tried again is said by the error (``connectors/errors.py``), how often and
how long by a ``RetryPolicy``. The work is tenacity's; it is imported on the first
failure, because a run without failures should not pay for it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from connectors.errors import InDoubt, NotTheService, Throttled, TooMuchAtOnce, Transient

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

SLICE = 0.2
"""Longest nap in seconds between two looks at ``stop``."""

_FLOOR = 0.25
"""Shortest wait in seconds after the first throttled answer; doubles while the server keeps throttling."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to try again.

    *attempts* counts all tries that failed by a fault, the first included. *first* and
    *most* bound the exponential wait between them, *total* the whole call, *patience* one
    wait the server asks for (``Retry-After``); all in seconds. A wait that was asked for
    is no attempt, so throttled answers are bounded by *patience* and *total* only.
    """

    attempts: int = 4
    first: float = 0.5
    most: float = 8.0
    total: float = 120.0
    patience: float = 60.0


def worth_again(error: BaseException) -> bool:
    """Say whether the same request may simply be made once more."""
    return isinstance(error, Transient) and not isinstance(error, InDoubt | TooMuchAtOnce | NotTheService)


def call(
    work: Callable[[], T],
    policy: RetryPolicy,
    *,
    stop: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    again: Callable[[BaseException], bool] = worth_again,
) -> T:
    """Return what *work* returns, trying again where that is worth it.

    Raises the last error once the policy is used up, or as soon as *stop* says so while
    waiting (seen within ``SLICE`` seconds).
    """
    started = clock()
    try:
        return work()
    except Exception as error:
        if not again(error):
            raise
        return _Retries(policy, started, stop, sleep, clock, again).run(work, error)


class _Retries:
    """One call's count of faults and of throttled answers, as tenacity's callbacks need it."""

    def __init__(
        self,
        policy: RetryPolicy,
        started: float,
        stop: Callable[[], bool],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        again: Callable[[BaseException], bool],
    ) -> None:
        self._policy, self._started, self._again = policy, started, again
        self._stop, self._sleep, self._clock = stop, sleep, clock
        self._faults = self._throttled = 0
        self._wait = 0.0
        self._error: BaseException | None = None

    def run(self, work: Callable[[], T], first: Exception) -> T:
        from tenacity import Retrying, retry_if_exception

        pending = [first]

        def attempt() -> T:
            if pending:
                raise pending.pop()
            return work()

        return Retrying(
            retry=retry_if_exception(self._again),
            wait=lambda _: self._wait,
            stop=self._enough,
            sleep=self._nap,
            reraise=True,
        )(attempt)

    def _enough(self, state: RetryCallState) -> bool:
        return self.count(state.outcome.exception() if state.outcome else None)

    def count(self, error: BaseException | None) -> bool:
        """Count the failure, settle the next wait, and say whether it is the last one."""
        self._error = error
        self._wait = self._next_wait()
        asked = self._error.retry_after if isinstance(self._error, Throttled) else None
        over = self._clock() - self._started + self._wait > self._policy.total
        impatient = asked is not None and asked > self._policy.patience
        return over or impatient or self._faults >= self._policy.attempts or self._stop()

    def _next_wait(self) -> float:
        if isinstance(self._error, Throttled):
            self._throttled += 1
            asked = self._error.retry_after
            if asked is not None:
                floor = min(self._policy.most, _FLOOR * 2.0 ** (self._throttled - 1))
                return max(asked, floor) + random.uniform(0.0, 0.05)  # noqa: S311  (spreads clients, hides nothing)
        else:
            self._faults += 1
        step = min(self._policy.most, self._policy.first * 2.0 ** max(0, self._faults + self._throttled - 1))
        return step * random.uniform(0.5, 1.0)  # noqa: S311

    def nap(self) -> None:
        """Wait as long as the last failure asks for."""
        self._nap(self._wait)

    def _nap(self, seconds: float) -> None:
        """Sleep in slices; give up with the error at hand when told to stop."""
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0:
            if self._stop():
                raise self._error if self._error else InterruptedError
            self._sleep(min(SLICE, left))


class Patience:
    """The same policy for work that goes on where it broke off: streams and batches.

    The caller repeats what is left; ``wait`` after each failure, ``renew`` after progress.
    Here a write in doubt may be repeated, because the port's writes are idempotent.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        *,
        stop: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy, self._stop, self._sleep, self._clock = policy, stop, sleep, clock
        self._retries: _Retries | None = None

    def renew(self) -> None:
        """Forget earlier failures: there was progress since."""
        self._retries = None

    def wait(self, error: Exception) -> None:
        """Wait before the next try. Raises *error* when it is not worth one, or none is left."""
        if not (worth_again(error) or isinstance(error, InDoubt)):
            raise error
        if self._retries is None:
            self._retries = _Retries(
                self._policy, self._clock(), self._stop, self._sleep, self._clock, worth_again
            )
        if self._retries.count(error):
            raise error
        self._retries.nap()


class Pace:
    """Keep a smallest gap between requests, wider while the server throttles.

    Shared by all threads that talk to one service. *gap* and *most* are in seconds.
    """

    def __init__(
        self,
        gap: float = 0.0,
        *,
        most: float = 4.0,
        stop: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._least, self._gap, self._most = gap, gap, max(gap, most)
        self._stop, self._sleep, self._clock = stop, sleep, clock
        self._next = float("-inf")
        self._lock = threading.Lock()

    @property
    def gap(self) -> float:
        """Seconds now kept between two requests."""
        return self._gap

    def wait(self) -> None:
        """Take the next free slot and wait for it; returns early when told to stop."""
        with self._lock:
            slot = max(self._next, self._clock())
            self._next = slot + self._gap
        while (left := slot - self._clock()) > 0 and not self._stop():
            self._sleep(min(SLICE, left))

    def throttled(self, seconds: float = 0.0) -> None:
        """Widen the gap, and hold everyone back for *seconds*."""
        with self._lock:
            self._gap = min(self._most, max(self._gap * 2, _FLOOR))
            self._next = max(self._next, self._clock() + seconds)

    def went_well(self) -> None:
        """Let the gap shrink a little towards the smallest one."""
        if self._gap > self._least:
            with self._lock:
                self._gap = max(self._least, self._gap * 0.8 - 0.01)
