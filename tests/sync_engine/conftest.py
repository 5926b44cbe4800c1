"""State databases for tests: every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulators.postgres import PostgresMissing, PostgresServer, postgres
from sync_engine.audit_founding import found_store
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from tests.sync_engine.granting import Granting

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A private server, started once; without one, CI fails and everyone else is told why tests are skipped."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres())
        except PostgresMissing as missing:
            if os.environ.get("CI"):
                pytest.fail(f"PostgreSQL is needed here: {missing}")
            pytest.skip(f"PostgreSQL is missing, half of the engine's tests do not run: {missing}")
        yield server


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> Iterator[Database]:
    """A database with our schema; ``url`` empties it for each test, which is faster than a new one."""
    postgres_server.execute("create database shared")
    database = Database.open(postgres_server.url("shared"))
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "state.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database() as name:
        yield server.url(name)


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with our schema and no rows."""
    if kind == "sqlite":
        path = tmp_path / "state.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    shared: Database = request.getfixturevalue("postgres_database")
    empty(shared)
    yield shared.url


def empty(database: Database) -> None:
    """Delete every row, and cut the connections that a killed child may have left inside a transaction."""
    with database.read() as connection:
        connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        connection.exec_driver_sql("delete from audit; delete from item; delete from collection; delete from job")
        connection.exec_driver_sql("delete from audit_head; delete from audit_pepper; delete from audit_checkpoint")
        found_store(connection, database.prepare)
        connection.exec_driver_sql("delete from grants")
        connection.exec_driver_sql("delete from connection")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An open database with our schema and no rows."""
    opened = Database.open(url)
    yield opened
    opened.close()


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


@pytest.fixture
def leases(database: Database) -> Leases:
    return Leases(database)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def grants(database: Database) -> Granting:
    return Granting(database)
