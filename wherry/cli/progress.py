"""What a run looks like right now, kept from its events: the state every printer draws from."""

from __future__ import annotations

from collections.abc import Callable

from sync_engine.events import CollectionNote, Estimate, Event, JobStarted, PhaseEntered, Progress, RunEnded, Waiting
from wherry.cli.rate import Rate
from wherry.showing import count, duration, show, size

VERBS = {"collections": "listing", "copy": "copying", "verify": "verifying", "finishing": "finishing"}
"""Phases as people say them."""


class Standing:
    """The latest of each kind of event, and the rate."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.job: JobStarted | None = None
        self.phase = ""
        self.latest: Progress | None = None
        self.items = 0
        self.waits_until: float | None = None
        self._rate = Rate()

    def take(self, event: Event) -> None:
        """Remember what *event* says."""
        if isinstance(event, JobStarted):
            self.job = event
        elif isinstance(event, PhaseEntered):
            self.phase, self.latest, self._rate = event.phase, None, Rate()
        elif isinstance(event, Estimate):
            self.items = event.items
        elif isinstance(event, Progress):
            self.latest, self.waits_until = event, None
            self._rate.observe(event.done, self._clock())
        elif isinstance(event, Waiting):
            self.waits_until = self._clock() + event.seconds
        elif isinstance(event, RunEnded):
            self.phase = ""

    def rate(self) -> float | None:
        """Return items per second, ``None`` while unknown."""
        return self._rate.per_second(self._clock())

    def eta(self) -> float | None:
        """Return the seconds left, ``None`` while nobody can know."""
        now = self.latest  # read once: another thread draws
        if now is None or now.total < now.done:
            return None
        return self._rate.left(now.total - now.done, self._clock())

    def line(self, *, bar: int = 0) -> str:
        """Return the progress as one line; *bar* is the width of a bar, 0 for none."""
        verb = VERBS.get(self.phase, self.phase or "starting")
        now = self.latest
        if now is None or now.total <= 0:
            parts = [f"{verb} ..." if not self.items else f"{verb} ...  {count(self.items, 'item')} so far"]
        else:
            share = min(1.0, now.done / now.total)
            drawn = f"[{_bar(share, bar)}]  " if bar else ""
            parts = [f"{verb}  {drawn}{int(share * 100)} %", f"{count(now.done)}/{count(now.total)}"]
            parts += self._details(now)
        left = 0.0 if self.waits_until is None else self.waits_until - self._clock()
        return "  ".join([*parts, f"waiting {duration(left)}, as the provider asked"] if left > 1 else parts)

    def _details(self, now: Progress) -> list[str]:
        rate, eta = self.rate(), self.eta()
        parts = [size(now.size)] if now.size else []
        if rate is not None:
            parts.append(f"{rate:.0f} items/s" if rate >= 1 else f"{rate * 60:.0f} items/min")
        if eta is not None:
            parts.append(f"ETA {duration(eta)}")
        return [*parts, count(now.problems, "problem")]


def note_line(event: CollectionNote) -> str:
    """Return what is to be said about a collection, as one line."""
    detail = f" ({show(event.detail)})" if event.detail else ""
    return f"{show(event.collection)}: {show(event.reason)}{detail}"


def _bar(share: float, width: int) -> str:
    filled = round(share * width)
    head = "=" * max(0, filled - 1) + (">" if 0 < filled < width else "=" * min(1, filled))
    return head.ljust(width)
