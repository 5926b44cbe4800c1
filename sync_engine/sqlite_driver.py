"""SQLite through Python's own module, with the few calls of a SQLAlchemy connection that the engine makes.

Importing SQLAlchemy takes a third of a second and 28 MiB: more than all the rest of a run
that finds nothing new (ADR 0009). PostgreSQL is reached through it; SQLite only for the
schema's definition and for migrations. What both have in common is what stands here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

Tracer = Callable[[str], object]
"""Told each statement before it runs."""


class Statement(str):
    """A prepared statement: the SQL itself, which is *text* as it is on SQLAlchemy's."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The SQL."""
        return self


class Row(tuple[Any, ...]):
    """A row: a tuple whose columns are attributes as well."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # noqa: ANN401 - a column may hold anything


@lru_cache(maxsize=512)
def _row_type(names: tuple[str, ...]) -> type[Row]:
    """Return the type of rows with these columns. A column's name outdoes the tuple's own methods."""
    members: dict[str, Any] = {name: property(itemgetter(at)) for at, name in enumerate(names)}
    return type("Row", (Row,), {"__slots__": (), **members})


class Result:
    """What a statement answered. Take it once, in one way."""

    __slots__ = ("_cursor", "_type")

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self._type = _row_type(tuple(column[0] for column in cursor.description or ()))

    @property
    def returns_rows(self) -> bool:
        """Say whether the statement is one that answers with rows."""
        return self._cursor.description is not None

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._cursor.rowcount

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows as they come."""
        return map(self._type, self._cursor)

    def fetchall(self) -> list[Row]:
        """Return all rows."""
        return list(map(self._type, self._cursor))

    all = fetchall

    def first(self) -> Row | None:
        """Return the first row, if any; the rest is dropped."""
        found = self._cursor.fetchone()
        # A statement that is not at its end would keep its transaction open.
        self._cursor.close()
        return None if found is None else self._type(found)

    def one(self) -> Row:
        """Return the only row. Raises ``LookupError`` for none or several."""
        found = self._cursor.fetchmany(2)
        self._cursor.close()
        if len(found) != 1:
            raise LookupError("not exactly one row")
        return self._type(found[0])

    def scalar(self) -> Any:  # noqa: ANN401 - a column may hold anything
        """Return the first column of the first row; ``None`` without one."""
        found = self.first()
        return None if found is None else found[0]

    def scalar_one(self) -> Any:  # noqa: ANN401 - a column may hold anything
        """Return the first column of the only row."""
        return self.one()[0]

    def scalars(self) -> Scalars:
        """Return the first column of every row."""
        return Scalars(row[0] for row in self._cursor)


class Scalars:
    """The values of one column."""

    __slots__ = ("_values",)

    def __init__(self, values: Iterator[Any]) -> None:
        self._values = values

    def __iter__(self) -> Iterator[Any]:
        """Yield them."""
        return self._values

    def all(self) -> list[Any]:
        """Return them all."""
        return list(self._values)


class SqliteConnection:
    """One connection; each statement is a transaction of its own until ``begin`` is executed."""

    __slots__ = ("connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def execute(self, statement: Statement, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()) -> Result:
        """Run *statement*, whose parameters are written ``:name``."""
        return self.exec_driver_sql(statement.text, values)

    def exec_driver_sql(self, sql: str, values: Any = ()) -> Result:  # noqa: ANN401 - a tuple, a mapping, or a list of either
        """Run *sql* as it stands, once for each entry of a list of *values*."""
        if isinstance(values, list):
            return Result(self.connection.executemany(sql, values))
        return Result(self.connection.execute(sql, values))

    def rollback(self) -> None:
        """Undo the open transaction, if there is one."""
        if self.connection.in_transaction:
            self.connection.rollback()


class SqlitePool:
    """Connections to one file, made by *connect*; threads may share it."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self._tracer: Tracer | None = None

    @contextmanager
    def lend(self) -> Iterator[SqliteConnection]:
        """Lend a connection, out of every transaction before and after."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connect()
        connection.set_trace_callback(self._tracer)
        lent = SqliteConnection(connection)
        try:
            yield lent
        finally:
            self._take_back(lent)

    def _take_back(self, lent: SqliteConnection) -> None:
        try:
            lent.rollback()
        except sqlite3.Error:
            lent.connection.close()  # whatever state it is in, nobody gets it again
            return
        with self._lock:
            if not self._closed:
                self._idle.append(lent.connection)
                return
        lent.connection.close()

    def trace(self, tracer: Tracer | None) -> None:
        """Have every statement told to *tracer* before it runs, from the next connection lent on."""
        self._tracer = tracer

    def close(self) -> None:
        """Close all connections; those that are lent when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
