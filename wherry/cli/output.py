"""Three printers of one stream of events, and who gets which.

Progress goes to standard error. JSON lines go to standard output: they are the data.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from sync_engine.events import (
    CollectionNote,
    Estimate,
    Event,
    ItemSettled,
    JobStarted,
    PhaseEntered,
    Progress,
    Waiting,
)
from wherry.cli.progress import VERBS, Standing, note_line
from wherry.showing import duration, show

if TYPE_CHECKING:
    from wherry.cli.flags import Flags

Clock = Callable[[], float]


class Printer(Protocol):
    """Takes a run's events; ``close`` ends what is drawn, before anything else is written."""

    def __call__(self, event: Event) -> None:
        """Show *event*, or keep it for later."""

    def close(self) -> None:
        """Leave the stream clean. May be called twice."""


class QuietPrinter:
    """Says nothing; the result follows anyway."""

    def __call__(self, event: Event) -> None:
        del event

    def close(self) -> None:
        """Nothing is open."""


class PlainPrinter:
    """Lines for logs: changes of phase, problems of collections, and one line a minute."""

    def __init__(self, stream: TextIO, *, clock: Clock = time.monotonic, every: float = 60.0) -> None:
        self._stream = stream
        self._clock = clock
        self._every = every
        self._last = clock()
        self._standing = Standing(clock)

    def __call__(self, event: Event) -> None:
        self._standing.take(event)
        if isinstance(event, JobStarted):
            verb = "goes on" if event.resumed else f"run {event.run}"
            self._write(f"job {event.job}: {verb}, {show(event.source)} -> {show(event.destination)}")
        elif isinstance(event, PhaseEntered):
            self._write(VERBS.get(event.phase, event.phase))
        elif isinstance(event, CollectionNote):
            self._write(note_line(event))
        elif isinstance(event, Waiting):
            self._minute(f"waiting {duration(event.seconds)}, as the provider asked")
        elif isinstance(event, Progress):
            self._minute(self._standing.line())

    def close(self) -> None:
        """Nothing is drawn that would have to be removed."""
        self._stream.flush()

    def _minute(self, line: str) -> None:
        if self._clock() - self._last >= self._every:
            self._write(line)

    def _write(self, line: str) -> None:
        self._last = self._clock()
        self._stream.write(line + "\n")
        self._stream.flush()


class JsonPrinter:
    """One JSON object per line, flushed; progress at most twice a second, the last one always."""

    def __init__(self, stream: TextIO, *, clock: Clock = time.monotonic, every: float = 0.5) -> None:
        self._stream = stream
        self._clock = clock
        self._every = every
        self._last = float("-inf")
        self._held = False
        self._standing = Standing(clock)

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress):
            self._release()
        self._standing.take(event)
        if isinstance(event, Progress):
            self._held = True
            if self._clock() - self._last >= self._every:
                self._release()
        else:
            line = json_of(event)
            if line is not None:
                self.write(line)

    def close(self) -> None:
        """Write the progress that was held back."""
        self._release()

    def write(self, line: dict[str, object]) -> None:
        """Write one object, with the version of the format."""
        self._stream.write(json.dumps({"v": 1, **line}) + "\n")
        self._stream.flush()

    def _release(self) -> None:
        now = self._standing.latest
        if not self._held or now is None:
            return
        self._held, self._last = False, self._clock()
        rate, eta = self._standing.rate(), self._standing.eta()
        self.write(
            {
                "type": "progress",
                "job": now.job,
                "phase": now.phase,
                "collection": now.collection,
                "done": now.done,
                "total": now.total,
                "bytes": now.size,
                "problems": now.problems,
                "rate": None if rate is None else round(rate, 1),
                "eta_s": None if eta is None else round(eta),
            }
        )


def json_of(event: Event) -> dict[str, object] | None:
    """Return *event* as the object a JSON line holds; ``None`` for those written elsewhere."""
    if isinstance(event, JobStarted):
        return {
            "type": "job",
            "job": event.job,
            "kind": event.kind,
            "source": event.source,
            "destination": event.destination,
            "run": event.run,
            "resumed": event.resumed,
        }
    if isinstance(event, PhaseEntered):
        return {"type": "phase", "job": event.job, "phase": event.phase}
    if isinstance(event, Estimate):
        return {"type": "estimate", "job": event.job, "collections": event.collections, "items": event.items}
    return _json_of_trouble(event)


def _json_of_trouble(event: Event) -> dict[str, object] | None:
    if isinstance(event, ItemSettled):
        return {
            "type": "item",
            "job": event.job,
            "collection": event.collection,
            "ref": event.item,
            "outcome": event.outcome,
            "reason": event.reason,
            "detail": event.detail,
            "retry": event.retry,
        }
    if isinstance(event, CollectionNote):
        return {
            "type": "note",
            "job": event.job,
            "collection": event.collection,
            "reason": event.reason,
            "detail": event.detail,
        }
    if isinstance(event, Waiting):
        return {"type": "waiting", "job": event.job, "seconds": round(event.seconds, 1), "reason": event.reason}
    return None


def choose_printer(flags: Flags, *, stdout: TextIO, stderr: TextIO) -> Printer:
    """Return the printer that fits the flags and where standard error goes."""
    if flags.json:
        return JsonPrinter(stdout)
    if flags.quiet:
        return QuietPrinter()
    if flags.plain or not stderr.isatty():
        return PlainPrinter(stderr)
    from wherry.cli.terminal import TerminalPrinter

    return TerminalPrinter(stderr)
