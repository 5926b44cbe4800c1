"""What the databases' drivers say, in the engine's words."""

from __future__ import annotations

from typing import Final

from sync_engine.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseError,
    DatabaseFull,
    DatabaseNotWritable,
    DatabaseUnreachable,
)

SQLITE: Final[tuple[tuple[str, type[DatabaseError]], ...]] = (
    ("SQLITE_BUSY", DatabaseBusy),
    ("SQLITE_LOCKED", DatabaseBusy),
    ("SQLITE_CORRUPT", DatabaseCorrupt),
    ("SQLITE_NOTADB", DatabaseCorrupt),
    ("SQLITE_READONLY", DatabaseNotWritable),
    ("SQLITE_CANTOPEN", DatabaseNotWritable),
    ("SQLITE_PERM", DatabaseNotWritable),
    ("SQLITE_AUTH", DatabaseNotWritable),
    ("SQLITE_FULL", DatabaseFull),
    ("SQLITE_IOERR_WRITE", DatabaseNotWritable),  # what a quota or a size limit says; nothing is damaged
    ("SQLITE_IOERR_TRUNCATE", DatabaseNotWritable),
    ("SQLITE_IOERR_FSYNC", DatabaseNotWritable),
    ("SQLITE_IOERR", DatabaseCorrupt),
)
"""Beginnings of SQLite's extended result codes (sqlite.org/rescode.html)."""

POSTGRES: Final[tuple[tuple[str, type[DatabaseError]], ...]] = (
    ("55P03", DatabaseBusy),  # lock_not_available: lock_timeout
    ("40P01", DatabaseBusy),  # deadlock_detected
    ("40001", DatabaseBusy),  # serialization_failure
    ("25P03", DatabaseBusy),  # idle_in_transaction_session_timeout: we stood still too long
    ("25006", DatabaseNotWritable),  # read_only_sql_transaction: a standby
    ("42501", DatabaseNotWritable),  # insufficient_privilege
    ("53100", DatabaseFull),  # disk_full
    ("XX001", DatabaseCorrupt),  # data_corrupted
    ("XX002", DatabaseCorrupt),  # index_corrupted
    ("08", DatabaseUnreachable),  # connection exceptions
    ("28", DatabaseUnreachable),  # invalid authorization
    ("3D000", DatabaseUnreachable),  # no such database
    ("53300", DatabaseUnreachable),  # too many connections
    ("57P", DatabaseUnreachable),  # the server shuts down, or starts
)
"""Beginnings of SQLSTATE (PostgreSQL documentation, appendix A)."""


def translate(name: str, cause: BaseException, *, broken: bool = False) -> DatabaseError | None:
    """Name the trouble with the database *name* by what its driver raised; ``None`` for a mistake in a statement.

    *broken* says that the connection was lost with it.
    """
    detail = str(cause).partition("\n")[0]
    code = getattr(cause, "sqlite_errorname", None)
    if code is not None:
        return _first(SQLITE, code, name, detail)
    if detail.startswith("Could not decode to UTF-8"):
        # Python's own words for octets in a text that nobody wrote there; SQLite saw nothing amiss.
        return DatabaseCorrupt(name, "a text is damaged")
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return _first(POSTGRES, state, name, detail)
    if broken or type(cause).__name__ in {"OperationalError", "ConnectionTimeout"}:
        # psycopg knows no SQLSTATE when there was no server to send one.
        return DatabaseUnreachable(name, detail)
    return None


def _first(
    table: tuple[tuple[str, type[DatabaseError]], ...], code: str, name: str, detail: str
) -> DatabaseError | None:
    for beginning, leaf in table:
        if code.startswith(beginning):
            return leaf(name, detail)
    return None
