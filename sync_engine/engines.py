"""Connections to the two databases, set up so that nobody waits forever and nobody else reads along."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sync_engine.errors import DatabaseAddressInvalid, DatabaseError, DatabaseNotWritable
from sync_engine.sqlite_driver import SqlitePool

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

SQLITE: Final = "sqlite:///"

BUSY_TIMEOUT: Final = 10.0
"""Seconds to wait for another process's write on SQLite."""

DURABILITY: Final = "NORMAL"
"""SQLite's ``synchronous``. In WAL mode a power cut may lose the last commits, never consistency:
ledger and cursor roll back together, so the pages lost are copied again (sqlite.org/pragma.html)."""

OLDEST_SQLITE: Final = (3, 38, 0)
"""``RETURNING`` came with 3.35, JSON functions are built in from 3.38."""

PRAGMAS: Final = (
    "journal_mode = wal",
    f"synchronous = {DURABILITY}",
    "foreign_keys = on",
    # A wrapped key that was deleted must not stay readable in a page's free space.
    "secure_delete = on",
)
"""How every connection to SQLite is set up."""

SERVER_SETTINGS: Final = "-c lock_timeout=5000 -c idle_in_transaction_session_timeout=5000"
"""A worker frozen inside a transaction must not stop the others (milliseconds)."""

KEEPALIVES: Final = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""A machine that vanished leaves its connection half open; the server's end must notice."""


def sqlite_file(url: str) -> Path | None:
    """Return the file of an embedded database, ``None`` for another address. Raises ``DatabaseAddressInvalid``."""
    if not url.startswith("sqlite:"):
        return None
    file = url.removeprefix(SQLITE).partition("?")[0]
    if not url.startswith(SQLITE) or not file or file.startswith((":memory:", "file:")):
        raise DatabaseAddressInvalid(url, "the state has to live in a file")
    return Path(file)


def sqlite_pool(file: Path) -> SqlitePool:
    """Open *file*, which only its owner may read; nothing is read yet. Raises ``DatabaseError``."""
    name = f"{SQLITE}{file}"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseError(name, f"SQLite {sqlite3.sqlite_version} is too old")
    _own(file, name)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            file, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")
        return connection

    return SqlitePool(connect)


def engine_for(url: str) -> Engine:
    """Make SQLAlchemy's engine for *url*; nothing is read yet. Raises the leaves of ``DatabaseError``.

    On SQLite for migrations only (see ``sync_engine.sqlite_driver``).
    """
    address = _address(url)
    return _engine_sqlite(address) if address.drivername == "sqlite" else _engine_postgres(address)


def _address(url: str) -> URL:
    """Understand *url*. Raises ``DatabaseAddressInvalid``."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseAddressInvalid(url.partition("@")[2] or url, "not a database address") from error
    if address.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername != "sqlite":
        name = address.render_as_string(hide_password=True)
        raise DatabaseAddressInvalid(name, "only sqlite and postgresql are known")
    return address


def _engine_sqlite(address: URL) -> Engine:
    import sqlalchemy
    from sqlalchemy import event

    engine = sqlalchemy.create_engine(
        address, isolation_level="AUTOCOMMIT", connect_args={"timeout": BUSY_TIMEOUT}, max_overflow=-1
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")

    return engine


def _own(path: Path, name: str) -> None:
    """Create the file with mode 0600, or take the others' rights away: it names people and places."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DatabaseNotWritable(name, error.strerror or "") from error


def _engine_postgres(address: URL) -> Engine:
    """Make an engine on a server, with limits on how long anyone may hold up the others."""
    import sqlalchemy
    from sqlalchemy.exc import NoSuchModuleError

    try:
        return sqlalchemy.create_engine(
            address,
            isolation_level="AUTOCOMMIT",
            connect_args={"options": SERVER_SETTINGS, "connect_timeout": 10, **KEEPALIVES},
            pool_pre_ping=True,
            max_overflow=-1,
        )
    except (ImportError, NoSuchModuleError) as error:
        name = address.render_as_string(hide_password=True)
        raise DatabaseError(name, "the PostgreSQL driver is not installed: wherry[postgres]") from error
