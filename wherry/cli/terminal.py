"""Progress on a terminal: one line that is redrawn and leaves nothing behind.

``rich`` is imported once a run has lasted long enough to be worth watching.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from sync_engine.events import CollectionNote, Event
from wherry.cli.progress import Standing, note_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

PATIENCE = 0.3
"""Seconds a run may last before anything is drawn."""

NARROW = 70
"""Columns below which the bar is left out."""


class TerminalPrinter:
    """Draws the standing four times a second; notes scroll by above it."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._began = clock()
        self._standing = Standing(clock)
        self._notes: list[str] = []
        self._live: Live | None = None
        self._closed = False

    def __call__(self, event: Event) -> None:
        self._standing.take(event)
        if isinstance(event, CollectionNote):
            self._notes.append(note_line(event))
        if self._live is None and not self._closed and self._clock() - self._began > PATIENCE:
            self._open()
        if self._live is not None:
            self._flush_notes(self._live.console)

    def close(self) -> None:
        """Remove the line; write notes nobody has seen yet."""
        self._closed = True
        if self._live is not None:
            self._live.stop()
            self._live = None
        for note in self._notes:
            self._stream.write(f"  {note}\n")
        self._notes.clear()
        self._stream.flush()

    def _open(self) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._stream, highlight=False, markup=False, emoji=False)
        self._live = Live(
            console=console,
            get_renderable=lambda: self._draw(console.width),
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _draw(self, width: int) -> Text:
        from rich.text import Text

        bar = 24 if width >= NARROW + 30 else 12 if width >= NARROW else 0
        return Text("  " + self._standing.line(bar=bar), no_wrap=True, overflow="ellipsis")

    def _flush_notes(self, console: Console) -> None:
        for note in self._notes:
            console.print(f"  {note}")
        self._notes.clear()
