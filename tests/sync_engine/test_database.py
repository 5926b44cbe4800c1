"""Opening the state database: rights, settings, named errors, and what a start costs."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync_engine.database import Database
from sync_engine.engines import DURABILITY
from sync_engine.errors import (
    DatabaseAddressInvalid,
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseError,
    DatabaseNotWritable,
    DatabaseUnreachable,
)
from sync_engine.jobs import Jobs
from tests.sync_engine.builders import execute, spec

if TYPE_CHECKING:
    from simulators.postgres import PostgresServer

OPEN_TWICE = """
import sys
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
database = Database.open(sys.argv[1])
Jobs(database).list(), Leases(database).claim("x", ttl=1), Ledger(database)
print(" ".join(sorted(sys.modules)))
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run(code: str, *arguments: str) -> str:
    """Run *code* in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_known_database_opens_without_alembic(url: str) -> None:
    """Loading Alembic costs more than a whole run without changes."""
    loaded = run(OPEN_TWICE, url).split()
    heavy = {"alembic", "mako", "sqlalchemy.orm", "sync_engine.schema", "logging.config"}
    assert not heavy & set(loaded)


def test_a_new_file_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "state.db"
    before = os.umask(0)
    try:
        database = Database.open(f"sqlite:///{path}")
    finally:
        os.umask(before)
    execute(database, "insert into connection values ('a', 0)")
    files = sorted(path.parent.iterdir())
    assert {file.name for file in files} == {"state.db", "state.db-wal", "state.db-shm"}
    assert [mode(file) for file in files] == [0o600] * 3
    assert mode(path.parent) == 0o700
    database.close()


def test_an_open_file_is_closed_to_others(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o644)
    Database.open(f"sqlite:///{path}").close()
    assert mode(path) == 0o600


def test_sqlite_settings(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'state.db'}")
    with database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 10_000}
    assert DURABILITY == "NORMAL"
    database.close()


@pytest.mark.server
def test_postgres_settings(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as name:
        database = Database.open(postgres_server.url(name))
        for setting, value in [
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "5s"),
        ]:
            assert execute(database, f"show {setting}") == [(value,)]
        database.close()


@pytest.mark.server
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_both_spellings_of_postgres(scheme: str, postgres_server: PostgresServer) -> None:
    with postgres_server.database() as name:
        database = Database.open(postgres_server.url(name).replace("postgresql+psycopg", scheme))
        assert database.engine.dialect.driver == "psycopg"
        database.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "mysql://root:secret@localhost/x",
        "sqlite+aiosqlite:///x.db",
        "postgresql+asyncpg://u:secret@h/x",
    ],
)
def test_addresses_we_cannot_use_are_named(address: str) -> None:
    with pytest.raises(DatabaseAddressInvalid) as refusal:
        Database.open(address)
    assert "secret" not in str(refusal.value)


def test_a_password_never_shows(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable) as refusal:
        Database.open(f"postgresql://ada:hunter2@/x?host={tmp_path}")
    assert "hunter2" not in f"{refusal.value}{refusal.value.database}{refusal.value.detail}"
    assert "***" in refusal.value.database


@pytest.mark.server
def test_a_missing_database_on_a_server_is_unreachable(postgres_server: PostgresServer) -> None:
    with pytest.raises(DatabaseUnreachable) as refusal:
        Database.open(postgres_server.url("nowhere"))
    assert "nowhere" in refusal.value.detail


@pytest.mark.parametrize("damage", ["garbage", "torn"])
def test_a_damaged_file_is_named(damage: str, sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    content = bytearray(sqlite_template.read_bytes())
    if damage == "garbage":
        content[:] = b"this is a letter to my aunt, not a database " * 400
    else:
        content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(DatabaseCorrupt) as refusal:
        Jobs(Database.open(f"sqlite:///{path}")).list()
    assert str(path) in refusal.value.database


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.touch()
    database = Database.open(f"sqlite:///{path}")
    assert Jobs(database).list() == []
    database.close()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotWritable):
        Database.open(f"sqlite:///{tmp_path}")


def test_a_file_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseNotWritable):
        Database.open(f"sqlite:///{tmp_path / 'file' / 'state.db'}")


TRY_AS_NOBODY = """
import os, sys
from sync_engine.database import Database
from sync_engine.errors import DatabaseNotWritable
os.setuid(65534)
try:
    Database.open(sys.argv[1])
except DatabaseNotWritable as error:
    print("refused", error.database)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account to be refused")
@pytest.mark.parametrize("closed", ["file", "folder"])
def test_a_file_of_somebody_else_is_named(closed: str, sqlite_template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = folder / "state.db"
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o400 if closed == "file" else 0o666)
    for parent in [folder, *folder.parents[:-2]]:
        parent.chmod(parent.stat().st_mode | 0o055)
    assert run(TRY_AS_NOBODY, f"sqlite:///{path}").startswith("refused")


def test_a_file_held_by_another_process_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_engine.engines.BUSY_TIMEOUT", 0.05)
    path = tmp_path / "state.db"
    Database.open(f"sqlite:///{path}").close()
    database = Database.open(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(DatabaseBusy):
        Jobs(database).submit(spec())
    assert Jobs(database).list() == [], "reading goes on meanwhile"
    holder.execute("rollback")
    holder.close()
    assert Jobs(database).submit(spec()).run == 1
    database.close()


@pytest.mark.server
def test_a_row_held_by_another_process_is_busy_on_postgres(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_engine.engines.SERVER_SETTINGS", "-c lock_timeout=100")
    with postgres_server.database() as name:
        database = Database.open(postgres_server.url(name))
        jobs = Jobs(database)
        job = jobs.submit(spec()).id
        with database.write() as connection:
            connection.exec_driver_sql("select * from job for update")
            with pytest.raises(DatabaseBusy):
                jobs.allow_deletions(job)
        jobs.allow_deletions(job)
        database.close()


@pytest.mark.server
def test_a_transaction_that_stands_still_is_ended_by_the_server(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_engine.engines.SERVER_SETTINGS", "-c idle_in_transaction_session_timeout=50")
    with postgres_server.database() as name:
        database = Database.open(postgres_server.url(name))
        jobs = Jobs(database)
        jobs.submit(spec())

        def stand_still() -> None:
            with database.write() as connection:
                connection.exec_driver_sql("select * from job for update")
                until = time.monotonic() + 20
                while connection.exec_driver_sql("select 1").scalar() and time.monotonic() < until:
                    time.sleep(0.2)

        with pytest.raises(DatabaseError):
            stand_still()
        assert len(jobs.list()) == 1, "and the next statement gets a new connection"
        database.close()


def test_a_failed_block_is_undone(database: Database) -> None:
    def half() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("insert into connection values ('a', 0)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert execute(database, "select * from connection") == []
    with database.write() as connection:
        connection.exec_driver_sql("insert into connection values ('b', 0)")
    assert execute(database, "select id from connection") == [("b",)]


def test_the_databases_clock(database: Database) -> None:
    with database.read() as connection:
        before, first = time.time(), database.now(connection)
        second, after = database.now(connection), time.time()
    assert before - 1 < first <= second < after + 1


def test_the_clock_moves_within_a_transaction(database: Database) -> None:
    """A lease is measured from the moment of the update, not from when its transaction began."""
    with database.write() as connection:
        first = database.now(connection)
        until = time.monotonic() + 5
        while database.now(connection) == first:
            assert time.monotonic() < until


def test_threads_share_a_database(database: Database) -> None:
    jobs, found = Jobs(database), []

    def work(number: int) -> None:
        found.append(jobs.submit(spec(f"dav:{number}", f"vdir:/{number}")).id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 12
    assert {job.id for job in jobs.list()} == set(found)


OPEN = "import sys; from sync_engine.database import Database; Database.open(sys.argv[1]); print('open')"


def test_two_processes_may_open_a_new_database_at_once(empty_url: str) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", OPEN, empty_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    answers = [child.communicate() for child in children]
    assert [out for out, _ in answers] == [b"open\n"] * 3, answers
