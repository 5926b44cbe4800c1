"""Ctrl-C, SIGTERM, a terminal that closes: the first asks to stop at the next safe point, the second ends at once.

Ending at once is safe as well (every page is one transaction); it only means that the
page in hand is looked at again by the next run.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

from wherry.exits import Exit

CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.TERMINATED}
"""Exit code by signal; a terminal that closes ends the run like the system does."""


class Stopper:
    """A flag that signals raise; call it to ask. A context manager: signals are its own only inside."""

    def __init__(self, *, announce: bool = True) -> None:
        self.code: Exit | None = None
        self._announce = announce
        self._before: dict[signal.Signals, object] = {}

    def __call__(self) -> bool:
        """Whether the work should end at the next safe point."""
        return self.code is not None

    def __enter__(self) -> Self:
        for name in CODES:
            # What the caller switched off (nohup, a job in the background) stays off.
            if signal.getsignal(name) is not signal.SIG_IGN:
                self._before[name] = signal.signal(name, self._on_signal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)  # type: ignore[arg-type]  # what signal() itself gave back

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        code = CODES[signal.Signals(number)]
        if self.code is not None:
            _say(b"\nstopped at once; nothing is lost\n")
            os._exit(code)
        self.code = code
        if self._announce:
            _say(b"\n  stopping at the next safe point ...\n")


def _say(words: bytes) -> None:
    """Write past every buffer; a terminal that is gone is no reason to fail in the middle of something."""
    with suppress(OSError):
        os.write(2, words)
