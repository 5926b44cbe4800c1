"""Kill this process at one of the statements it runs, before or after it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from sync_engine import sqlite_driver

if TYPE_CHECKING:
    from sync_engine.database import Database

MOMENTS = ("before", "after")


def strike(database: Database, last: int, moment: str) -> None:
    """Let *last* statements pass, begin and commit included, and kill the process *moment* the next one."""
    count = 0

    def tick(*_: object) -> None:
        nonlocal count
        count += 1
        if count > last:
            os.kill(os.getpid(), signal.SIGKILL)

    if database.sqlite:
        run = sqlite_driver.SqliteConnection.exec_driver_sql

        def watched(self: sqlite_driver.SqliteConnection, sql: str, values: Any = ()) -> sqlite_driver.Result:
            if moment == "before":
                tick()
            answered = run(self, sql, values)
            if moment == "after":
                tick()
            return answered

        setattr(sqlite_driver.SqliteConnection, "exec_driver_sql", watched)  # noqa: B010 - in a child that dies of it
    else:
        from sqlalchemy import event

        event.listen(database.engine, f"{moment}_cursor_execute", tick)
