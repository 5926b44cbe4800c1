"""Kill this process, without any farewell, at a chosen step: a statement, a connection, a request."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_engine.database import Database

SENT = frozenset({"socket.connect", "http.client.send"})
"""What Python reports to audit hooks when something goes out."""


class Doom:
    """Counts steps; 0 spares the process."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.count = 0
        sys.addaudithook(self._hook)

    def watch(self, database: Database) -> None:
        """Count each statement, before it runs; begin and commit are statements as well."""
        database.trace(self.tick)

    def tick(self, *_: object) -> None:
        """Count one step, and die if it is the one."""
        self.count += 1
        if self.count == self.step:
            os.kill(os.getpid(), signal.SIGKILL)

    def _hook(self, event: str, _: tuple[object, ...]) -> None:
        if event in SENT:
            self.tick()
