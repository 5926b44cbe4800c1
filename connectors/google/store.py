"""Events of one calendar in a database without a name: on disk, ours alone, gone when it is closed.

The members of a series come in any order, on any page; a calendar may hold more than memory should.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from connectors.google import series
from connectors.google.answers import compact, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.google.answers import Json

_CACHE_KIB: Final = 4096
"""Memory of one database; SQLite writes the rest to its unnamed file."""

_SCHEMA: Final = """
CREATE TABLE event (
    id TEXT PRIMARY KEY, series TEXT NOT NULL, etag TEXT NOT NULL,
    live INTEGER NOT NULL, alone INTEGER NOT NULL, body BLOB
);
CREATE INDEX by_series ON event (series);
"""

_WITH_EXCEPTIONS: Final = """
SELECT series FROM event WHERE body IS NOT NULL GROUP BY series
HAVING max(live) AND (NOT max(alone) OR max(live AND NOT alone)) ORDER BY series
"""


class Store:
    """Events by id and by series. Not for several threads at once."""

    def __init__(self) -> None:
        # An empty name: "a private, temporary on-disk database" (sqlite.org/inmemorydb.html).
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in (f"cache_size=-{_CACHE_KIB}", "journal_mode=OFF", "synchronous=OFF"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Forget everything. Harmless twice."""
        self._db.close()

    def put(self, event: Json, *, keep: bool = True) -> bool:
        """Note *event*, with all it says if it is to be kept; say whether it is new or changed."""
        id_, etag = _clean(text(event, "id")), _clean(text(event, "etag"))
        known = self._db.execute("SELECT etag FROM event WHERE id = ?", (id_,)).fetchone()
        if known is not None and known[0] == etag and etag:
            return False
        row = (id_, _clean(series.series_of(event)), etag, not series.is_cancelled(event), series.is_single(event))
        body = compact(event) if keep else None
        self._db.execute("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?)", (*row, body))
        return True

    def drop(self, id_: str) -> None:
        """Forget one event."""
        self._db.execute("DELETE FROM event WHERE id = ?", (_clean(id_),))

    def members(self, id_: str) -> list[Json]:
        """Return the events of one series, as far as they were kept; none if nothing of it takes place."""
        rows = self._db.execute("SELECT live, alone, body FROM event WHERE series = ?", (_clean(id_),)).fetchall()
        return [json.loads(body) for _, _, body in _standing(rows) if body is not None]

    def kept_series(self) -> Iterator[str]:
        """Yield the ids of all that were kept and take place, but for single events without exceptions."""
        for (id_,) in self._db.execute(_WITH_EXCEPTIONS):
            yield id_

    def refs(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield each series of which something takes place, with ids and etags of its members."""
        rows = self._db.execute("SELECT live, alone, series, id, etag FROM event ORDER BY series")
        for id_, found in groupby(rows, key=itemgetter(2)):
            if standing := _standing(list(found)):
                yield id_, [(member, etag) for _, _, _, member, etag in standing]


def _standing(rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Return what of a series counts, of rows that begin with *live* and *alone*: nothing, if none of it takes place.

    An event that does not repeat any more has no instances that could be cancelled.
    """
    if not any(live for live, *_ in rows):
        return ()
    return [row for row in rows if row[0]] if any(alone for _, alone, *_ in rows) else rows


def _clean(word: str) -> str:
    """Return *word* as SQLite can keep it: half a surrogate pair has no UTF-8."""
    return word.encode("utf-8", "backslashreplace").decode()
