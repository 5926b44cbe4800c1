"""The state database: SQLite in one file, or PostgreSQL for many machines, behind one small class.

The rooms of the engine write SQL that both understand; words in braces like ``{now}`` stand
for the phrases in which they differ. Statements commit one by one unless they stand inside ``write()``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sync_engine.engines import BUSY_TIMEOUT, DURABILITY, engine_for, sqlite_file, sqlite_pool
from sync_engine.errors import DatabaseBusy, SchemaTooNew
from sync_engine.failures import translate
from sync_engine.sqlite_driver import Statement

if TYPE_CHECKING:
    from sqlalchemy import Row, TextClause
    from sqlalchemy.engine import Connection, Engine

    from sync_engine.sqlite_driver import SqlitePool, Tracer

HEAD: Final = "0005"
"""The newest schema revision; a test holds it equal to Alembic's. Alembic is loaded only to get there."""

SQLITE_PHRASES: Final = {
    "{now}": "((julianday('now') - 2440587.5) * 86400.0)",
    "{micros}": "cast(round((julianday('now') - 2440587.5) * 86400000000.0) as integer)",
    "{lock}": "",
    "{among}": "in (select value from json_each(:values))",
}
POSTGRES_PHRASES: Final = {
    "{now}": "cast(extract(epoch from clock_timestamp()) as double precision)",
    "{micros}": "cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)",
    "{lock}": "for no key update",
    "{among}": "= any(:values)",
}

SCHEMA_SQLITE: Final = "schema_sqlite.sql"
"""The newest schema as SQLite's statements, made from ``schema`` by ``python -m scripts.sqlite_schema``."""

MIGRATION_LOCK: Final = 0x77686572
"""Key of the advisory lock under which one process upgrades the schema."""


class Database:
    """An open state database whose schema is the one this program knows. Threads may share it."""

    def __init__(self, url: str) -> None:
        file = sqlite_file(url)
        self.sqlite = file is not None
        self.url = url
        self._pool: SqlitePool | None = None if file is None else sqlite_pool(file)
        self._engine: Engine | None = engine_for(url) if file is None else None
        self._phrases = SQLITE_PHRASES if self.sqlite else POSTGRES_PHRASES

    @classmethod
    def open(cls, url: str) -> Database:
        """Open *url* (``sqlite:////path`` or ``postgresql+psycopg://…``), creating or upgrading its schema.

        Raises the leaves of ``DatabaseError``; ``SchemaTooNew`` when a newer program wrote it.
        """
        database = cls(url)
        try:
            database._upgrade()
        except BaseException:
            database.close()
            raise
        return database

    @property
    def name(self) -> str:
        """The address for people, without its password."""
        return self.url if self.sqlite else self.engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give every connection back."""
        if self._pool is not None:
            self._pool.close()
        if self._engine is not None:
            self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, on PostgreSQL and while migrating."""
        if self._engine is None:
            raise AttributeError("SQLite is reached without an engine")
        return self._engine

    def trace(self, tracer: Tracer) -> None:
        """Have every statement told to *tracer* before it runs."""
        if self._pool is not None:
            self._pool.trace(tracer)
        if self._engine is not None:
            from sqlalchemy import event

            event.listen(self._engine, "before_cursor_execute", lambda _c, _u, sql, *_: tracer(sql))

    def prepare(self, sql: str) -> TextClause:
        r"""Turn *sql* into a statement for this database.

        ``{now}`` becomes the database's clock in seconds, ``{micros}`` in whole microseconds, ``{lock}`` the
        suffix that holds a row which was read, ``{among}`` the test against ``:values`` (a list; on
        SQLite written as JSON). A colon before a word that is no parameter is written ``\:``.
        """
        for mark, phrase in self._phrases.items():
            sql = sql.replace(mark, phrase)
        if self.sqlite:
            return cast("TextClause", Statement(sql.replace("\\:", ":")))  # it has the part of it that the engine uses
        from sqlalchemy import text

        return text(sql)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection on which every statement is its own transaction. Raises ``DatabaseError``."""
        if self._pool is not None:
            try:
                with self._pool.lend() as lent:
                    yield cast("Connection", lent)  # it has the part of it that the engine uses
            except sqlite3.Error as error:
                raise translate(self.name, error) or error from error
        else:
            yield from self._on_server()

    def _on_server(self) -> Iterator[Connection]:
        from sqlalchemy.exc import DBAPIError

        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            trouble = translate(self.name, error.orig or error, broken=error.connection_invalidated)
            if trouble is None:
                raise
            raise trouble from error

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """Lend a connection inside one write transaction: committed at the end, undone on any error.

        A *durable* one survives a power cut also on SQLite (``engines.DURABILITY`` says what others do).

        SQLite admits one writer at a time; it is admitted here and not at the first write, because
        a reader that becomes a writer fails at once instead of waiting (sqlite.org/isolation.html).
        """
        with self.read() as connection:
            synced = durable and self.sqlite
            if synced:
                connection.exec_driver_sql("pragma synchronous = full")
            try:
                yield from self._transaction(connection)
            finally:
                if synced:
                    connection.exec_driver_sql(f"pragma synchronous = {DURABILITY}")

    def _transaction(self, connection: Connection) -> Iterator[Connection]:
        connection.exec_driver_sql("begin immediate" if self.sqlite else "begin")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.exec_driver_sql("commit")

    def scrub(self) -> None:
        """Overwrite what was deleted: on SQLite, move the journal into the file and empty it.

        Deleted cells are zeroed as they go (``secure_delete``); older pages stand in the journal until
        then. While somebody reads, part of it stays for the next time. PostgreSQL does this in its own time.
        """
        if self.sqlite:
            with suppress(DatabaseBusy), self.read() as connection:
                connection.exec_driver_sql("pragma busy_timeout = 500")
                try:
                    connection.exec_driver_sql("pragma wal_checkpoint(truncate)").fetchall()
                finally:
                    connection.exec_driver_sql(f"pragma busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Lend a connection on which every statement sees the same moment, however long it takes to read."""
        with self.read() as connection:
            begin = "begin" if self.sqlite else "begin isolation level repeatable read, read only"
            connection.exec_driver_sql(begin)
            try:
                yield connection
            finally:
                connection.rollback()

    def fetch(self, statement: TextClause, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Run one statement in its own transaction and return its rows."""
        with self.read() as connection:
            return connection.execute(statement, dict(values)).fetchall()

    def now(self, connection: Connection) -> float:
        """Read the database's clock: the only one that leases are measured by. Seconds since the epoch."""
        return float(connection.execute(self.prepare("select {now}")).scalar_one())

    def _upgrade(self) -> None:
        """Bring the schema to ``HEAD``. Two processes that open a new database do it once."""
        with self.read() as connection:
            if self._stored(connection) == HEAD:
                return
        with self.write() as connection:
            if not self.sqlite:
                connection.exec_driver_sql(f"select pg_advisory_xact_lock({MIGRATION_LOCK})")
            if not self._has_schema(connection):
                self._create(connection)
                return
            if self._stored(connection) == HEAD:
                return
            if not self.sqlite:
                _migrate(connection)
                return
        # Alembic needs a connection of SQLAlchemy's: the file is given free and taken again.
        old = Migrating(self.url)
        try:
            with old.write() as connection:
                if self._stored(connection) != HEAD:
                    _migrate(connection)
        finally:
            old.close()

    def _create(self, connection: Connection) -> None:
        """Make the newest schema at once; a test holds it equal to what all migrations make.

        Alembic would double the start-up time of a first run and stay in memory for the rest of it.
        """
        from sync_engine.audit_founding import found_store

        if self.sqlite:
            from importlib.resources import files

            for statement in files("sync_engine").joinpath(SCHEMA_SQLITE).read_text("utf-8").split(";\n"):
                connection.exec_driver_sql(statement)
        else:
            from sync_engine.schema import metadata

            metadata.create_all(connection, checkfirst=False)
        found_store(connection, self.prepare)
        connection.exec_driver_sql(
            "create table alembic_version (version_num varchar(32) not null, "
            "constraint alembic_version_pkc primary key (version_num))"
        )
        connection.execute(self.prepare("insert into alembic_version values (:head)"), {"head": HEAD})

    def _stored(self, connection: Connection) -> str | None:
        """Return the revision the database is at. Raises ``SchemaTooNew`` when we do not know it."""
        if not self._has_schema(connection):
            return None
        stored = connection.exec_driver_sql("select version_num from alembic_version").scalar()
        if stored is not None and str(stored) > HEAD:
            raise SchemaTooNew(self.name, stored=str(stored), known=HEAD)
        return None if stored is None else str(stored)

    def _has_schema(self, connection: Connection) -> bool:
        """Say whether this is a database of ours already, of whatever revision."""
        table = "select 1 from sqlite_master where name = 'alembic_version'"
        if not self.sqlite:
            # Not to_regclass: what it remembers of "no such table" outlives the wait for the lock.
            table = (
                "select 1 from pg_tables where tablename = 'alembic_version' "
                "and schemaname = any(current_schemas(false))"
            )
        return connection.exec_driver_sql(table).first() is not None


class Migrating(Database):
    """A database on SQLite reached through SQLAlchemy, for as long as Alembic needs it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.close()
        self._pool, self._engine = None, engine_for(url)


def _migrate(connection: Connection) -> None:
    """Run Alembic inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
