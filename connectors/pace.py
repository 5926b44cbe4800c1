"""Keep a distance between requests, and a larger one while the server throttles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from connectors.retry import SLICE

_START = 0.25
"""The gap in seconds after the first throttled answer; doubles with every further one."""


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
            self._gap = min(self._most, max(self._gap * 2, _START))
            self._next = max(self._next, self._clock() + seconds)

    def went_well(self) -> None:
        """Let the gap shrink a little towards the smallest one."""
        if self._gap > self._least:
            with self._lock:
                self._gap = max(self._least, self._gap * 0.8 - 0.01)
