"""A quick look at the jobs without the database library: a shell waits while it completes a line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

_NEWEST: Final = "select id, state, source, destination from job order by created_at desc, id limit ?"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """As much of a job as one line shows."""

    id: str
    state: str
    source: str
    destination: str


def newest_jobs(file: Path, *, limit: int = 50) -> list[Glimpse]:
    """Return the newest jobs of the embedded database *file*; none when it cannot be read right now.

    Nothing is written, and a database that is not there is not made.
    """
    address = f"file:{quote(str(file))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=0.2)) as database:
            return [Glimpse(*map(str, row)) for row in database.execute(_NEWEST, (limit,))]
    except (sqlite3.Error, UnicodeEncodeError):
        return []
