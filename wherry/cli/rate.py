"""An honest rate and time left: smoothed, and silent until it is known."""

from __future__ import annotations

import math

WINDOW = 10.0
"""Seconds after which an old observation counts about a third."""

KNOWN_AFTER = 2.0
"""Seconds of observation before a rate is said at all."""

LONGEST = 14 * 86_400.0
"""Seconds beyond which a time left is a guess nobody can use; it is not said."""

LEAST_SPAN = 0.001
"""Seconds between two observations; closer ones count together with the next."""


class Rate:
    """Items per second, as an exponentially smoothed mean that forgets by time, not by updates."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._at = 0.0
        self._done = 0
        self._mean = 0.0
        self._weight = 0.0

    def observe(self, done: int, now: float) -> None:
        """Note that *done* items are settled at the time *now* (seconds, never going back)."""
        if self._start is None:
            self._start, self._at, self._done = now, now, done
            return
        span = now - self._at
        if span < LEAST_SPAN:
            return
        keep = math.exp(-span / WINDOW)
        self._mean = self._mean * keep + max(0, done - self._done) / span * (1 - keep)
        self._weight = self._weight * keep + (1 - keep)
        self._at, self._done = now, done

    def per_second(self, now: float) -> float | None:
        """Return the rate at *now*, or ``None`` while it is not known; silence lowers it."""
        if self._start is None or now - self._start < KNOWN_AFTER or self._weight <= 0:
            return None
        keep = math.exp(-max(0.0, now - self._at) / WINDOW)
        return self._mean * keep / (self._weight * keep + (1 - keep))

    def left(self, remaining: int, now: float) -> float | None:
        """Return the seconds *remaining* items will take, or ``None`` while nobody can know."""
        rate = self.per_second(now)
        if rate is None or remaining <= 0 or remaining > rate * LONGEST:
            return None
        return remaining / rate
