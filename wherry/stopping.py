"""Ctrl-C and SIGTERM: the first asks to stop at the next safe point, the second ends at once.

Ending at once is safe as well (every page is one transaction); it only means that the
page in hand is looked at again by the next run.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Self

from wherry.exits import Exit

CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}
"""Exit code by signal, as shells expect: 128 and the signal's number."""


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
            self._before[name] = signal.signal(name, self._on_signal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)  # type: ignore[arg-type]  # what signal() itself gave back

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        code = CODES[signal.Signals(number)]
        if self.code is not None:
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"\nstopped at once; nothing is lost\n")
            os._exit(code)
        self.code = code
        if self._announce:
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"\n  stopping at the next safe point ...\n")
