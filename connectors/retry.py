"""The one place for trying again.

What may be tried again is said by the error (``connectors/errors.py``), how often and
how long by a ``RetryPolicy``. The work is tenacity's; it is imported on the first
failure, because a run without failures should not pay for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from connectors.errors import InDoubt, NotTheService, Throttled, TooMuchAtOnce, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        retries = _Retries(policy, started, stop=stop, sleep=sleep, clock=clock, again=again)
        return retries.run(work, error)


@dataclass(slots=True)
class _Retries:
    """One call's count of faults and of throttled answers, as tenacity's callbacks need it."""

    policy: RetryPolicy
    started: float
    stop: Callable[[], bool]
    sleep: Callable[[float], None]
    clock: Callable[[], float]
    again: Callable[[BaseException], bool]
    faults: int = 0
    throttled: int = 0
    wait: float = 0.0
    error: BaseException | None = None
    last: bool = False

    def run(self, work: Callable[[], T], first: Exception) -> T:
        from tenacity import Retrying, retry_if_exception

        pending = [first]

        def attempt() -> T:
            if pending:
                raise pending.pop()
            return work()

        return Retrying(
            retry=retry_if_exception(self.again),
            wait=self._settle,
            stop=lambda _: self.last,
            sleep=self._nap,
            reraise=True,
        )(attempt)

    def count(self, error: BaseException | None) -> bool:
        """Count the failure, settle the next wait, and say whether it is the last one."""
        self.error = error
        self.wait = self._next_wait()
        return self._enough()

    def _settle(self, state: RetryCallState) -> float:
        """Return the next wait in seconds; tenacity asks this first, then whether it was enough."""
        self.last = self.count(state.outcome.exception() if state.outcome else None)
        return self.wait

    def _enough(self) -> bool:
        asked = self.error.retry_after if isinstance(self.error, Throttled) else None
        over = self.clock() - self.started + self.wait > self.policy.total
        impatient = asked is not None and asked > self.policy.patience
        return over or impatient or self.faults >= self.policy.attempts or self.stop()

    def _next_wait(self) -> float:
        from random import uniform

        if isinstance(self.error, Throttled):
            self.throttled += 1
            asked = self.error.retry_after
            if asked is not None:
                floor = min(self.policy.most, _FLOOR * 2.0 ** (self.throttled - 1))
                return max(asked, floor) + uniform(0.0, 0.05)  # noqa: S311  (spreads clients, hides nothing)
        else:
            self.faults += 1
        step = min(self.policy.most, self.policy.first * 2.0 ** max(0, self.faults + self.throttled - 1))
        return step * uniform(0.5, 1.0)  # noqa: S311 - likewise

    def nap(self) -> None:
        """Wait as long as the last failure asks for."""
        self._nap(self.wait)

    def _nap(self, seconds: float) -> None:
        """Sleep in slices; give up with the error at hand when told to stop."""
        until = self.clock() + seconds
        while (left := until - self.clock()) > 0:
            if self.stop():
                raise self.error or InterruptedError
            self.sleep(min(SLICE, left))


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
        self.policy, self.stop, self.sleep, self.clock = policy, stop, sleep, clock
        self._retries: _Retries | None = None

    def renew(self) -> None:
        """Forget earlier failures: there was progress since."""
        self._retries = None

    def wait(self, error: Exception) -> None:
        """Wait before the next try. Raises *error* when it is not worth one, or none is left."""
        if not (worth_again(error) or isinstance(error, InDoubt)):
            raise error
        if self._retries is None:
            self._retries = _Retries(self.policy, self.clock(), self.stop, self.sleep, self.clock, worth_again)
        if self._retries.count(error):
            raise error
        self._retries.nap()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks to wait (RFC 9110 10.2.3), ``None`` if it says nothing readable.

    A date is compared with the answer's own ``Date``, so that a wrong clock here does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until = _date(value)
    if until is None:
        return None
    now = _date(headers.get("date", ""))
    return max(0.0, until - (time.time() if now is None else now))


def _date(value: str) -> float | None:
    """Return an HTTP date (RFC 9110 5.6.7) as seconds of the epoch."""
    from email.utils import mktime_tz, parsedate_tz

    try:
        parsed = parsedate_tz(value)
        return None if parsed is None else float(mktime_tz(parsed))
    except (ValueError, TypeError, OverflowError):
        return None
