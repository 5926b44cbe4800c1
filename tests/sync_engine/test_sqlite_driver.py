"""The few calls of a SQLAlchemy connection that the engine makes, on Python's own SQLite module."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.database import Database
from sync_engine.engines import engine_for, sqlite_pool
from sync_engine.sqlite_driver import Row, SqliteConnection, SqlitePool, Statement


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[SqlitePool]:
    """A pool on a new file with one table."""
    made = sqlite_pool(tmp_path / "state.db")
    with made.lend() as connection:
        connection.exec_driver_sql("create table t (a integer primary key, count text, b)")
    yield made
    made.close()


@pytest.fixture
def connection(pool: SqlitePool) -> Iterator[SqliteConnection]:
    with pool.lend() as lent:
        lent.exec_driver_sql("insert into t values (?, ?, ?)", [(1, "one", None), (2, "two", b"\0"), (3, "three", 1.5)])
        yield lent


def test_a_row_is_a_tuple_whose_columns_are_attributes(connection: SqliteConnection) -> None:
    row = connection.exec_driver_sql("select a, count, b as 'index' from t where a = 2").one()
    assert (row.a, row.count, row.index) == tuple(row) == (2, "two", b"\0")
    assert row == (2, "two", b"\0")
    first, *rest = row
    assert (first, rest, row[-1], len(row)) == (2, ["two", b"\0"], b"\0", 3)
    with pytest.raises(AttributeError):
        getattr(row, "nothing")  # noqa: B009 - that there is none is the test
    assert isinstance(row, Row)


def test_ways_to_take_a_result(connection: SqliteConnection) -> None:
    run = connection.exec_driver_sql
    every = "select a from t order by a"
    assert [row.a for row in run(every)] == [1, 2, 3]
    assert run(every).fetchall() == run(every).all() == [(1,), (2,), (3,)]
    assert run(every).first() == (1,)
    assert run("select a from t where a > 9").first() is None
    assert run(every).scalar() == 1
    assert run("select a from t where a > 9").scalar() is None
    assert run("select count(*) from t").scalar_one() == 3
    assert run(every).scalars().all() == [1, 2, 3]
    assert list(run(every).scalars()) == [1, 2, 3]


@pytest.mark.parametrize("where", ["a > 9", "a > 1"])
def test_one_is_one(connection: SqliteConnection, where: str) -> None:
    with pytest.raises(LookupError):
        connection.exec_driver_sql(f"select a from t where {where}").one()


@pytest.mark.parametrize(
    ("sql", "answers"),
    [
        ("select 1", True),
        ("pragma user_version", True),
        ("update t set b = 1", False),
        ("update t set b = 1 returning a", True),
        ("create table u (x)", False),
        ("delete from t", False),
    ],
)
def test_whether_a_statement_answers_with_rows(connection: SqliteConnection, sql: str, *, answers: bool) -> None:
    assert connection.exec_driver_sql(sql).returns_rows is answers


def test_how_many_rows_were_changed(connection: SqliteConnection) -> None:
    assert connection.exec_driver_sql("update t set b = 0 where a > 1").rowcount == 2


def test_named_parameters_and_more_than_needed(connection: SqliteConnection) -> None:
    statement = Statement("select :a || count from t where a = :b")
    assert connection.execute(statement, {"a": "x", "b": 1, "c": "unused"}).scalar() == "xone"
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute(statement, {"a": "x"})


def test_a_list_of_values_runs_once_for_each(connection: SqliteConnection) -> None:
    connection.execute(Statement("update t set b = :b where a = :a"), [{"a": 1, "b": "x"}, {"a": 3, "b": "z"}])
    assert connection.exec_driver_sql("select b from t order by a").scalars().all() == ["x", b"\0", "z"]


def test_taking_the_first_row_of_a_write_ends_it(pool: SqlitePool) -> None:
    """A statement that is not at its end would keep its transaction, and everybody else, waiting."""
    with pool.lend() as first, pool.lend() as second:
        first.exec_driver_sql("insert into t values (1, '', 0), (2, '', 0), (3, '', 0)")
        assert first.exec_driver_sql("update t set b = 5 returning a").first() is not None
        assert not first.connection.in_transaction
        second.exec_driver_sql("pragma busy_timeout = 0")
        second.exec_driver_sql("update t set b = 6")
        assert first.exec_driver_sql("select distinct b from t").fetchall() == [(6,)]


def test_each_statement_is_its_own_transaction_until_one_is_begun(pool: SqlitePool) -> None:
    with pool.lend() as writer, pool.lend() as reader:
        writer.exec_driver_sql("insert into t values (1, '', 0)")
        assert reader.exec_driver_sql("select count(*) from t").scalar() == 1
        writer.exec_driver_sql("begin immediate")
        writer.exec_driver_sql("insert into t values (2, '', 0)")
        assert reader.exec_driver_sql("select count(*) from t").scalar() == 1
        writer.rollback()
        assert not writer.connection.in_transaction
        writer.rollback()
        assert reader.exec_driver_sql("select count(*) from t").scalar() == 1


def test_what_a_borrower_left_open_is_undone(pool: SqlitePool) -> None:
    with pool.lend() as connection:
        connection.exec_driver_sql("begin")
        connection.exec_driver_sql("insert into t values (1, '', 0)")
    with pool.lend() as again:
        assert again.connection is connection.connection
        assert again.exec_driver_sql("select count(*) from t").scalar() == 0


def _fail(pool: SqlitePool) -> None:
    with pool.lend() as connection:
        connection.exec_driver_sql("begin")
        connection.exec_driver_sql("insert into t values (1, '', 0)")
        connection.exec_driver_sql("insert into t values (1, '', 0)")


def test_a_failed_borrower_leaves_a_usable_connection(pool: SqlitePool) -> None:
    for _ in range(3):
        with pytest.raises(sqlite3.IntegrityError):
            _fail(pool)
    with pool.lend() as again:
        assert again.exec_driver_sql("select count(*) from t").scalar() == 0


def test_a_connection_that_was_closed_is_not_lent_again(pool: SqlitePool) -> None:
    with pool.lend() as connection:
        connection.exec_driver_sql("begin")
        connection.connection.close()
    with pool.lend() as again:
        assert again.connection is not connection.connection
        assert again.exec_driver_sql("select count(*) from t").scalar() == 0


def test_every_thread_gets_one_of_its_own(pool: SqlitePool) -> None:
    together, seen = threading.Barrier(4), []

    def borrow() -> None:
        with pool.lend() as connection:
            seen.append(id(connection.connection))
            together.wait(20)
            connection.exec_driver_sql("select 1").scalar()

    threads = [threading.Thread(target=borrow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 4


def test_closing_closes_those_that_come_back_later(pool: SqlitePool) -> None:
    with pool.lend() as connection:
        pool.close()
        assert connection.exec_driver_sql("select 1").scalar() == 1
    with pytest.raises(sqlite3.ProgrammingError):
        connection.exec_driver_sql("select 1")


def test_a_tracer_is_told_each_statement(pool: SqlitePool) -> None:
    told: list[str] = []
    pool.trace(told.append)
    with pool.lend() as connection:
        connection.exec_driver_sql("begin immediate")
        connection.exec_driver_sql("insert into t values (?, 'x', null)", (7,))
        connection.exec_driver_sql("commit")
    pool.trace(None)
    with pool.lend() as connection:
        connection.exec_driver_sql("select 1").scalar()
    assert [line.split()[0] for line in told] == ["begin", "insert", "commit"]


def test_the_tracer_of_a_database_hears_both_kinds(database_file: Path) -> None:
    database = Database.open(f"sqlite:///{database_file}")
    told: list[str] = []
    database.trace(told.append)
    with database.write() as connection:
        connection.exec_driver_sql("insert into connection values ('a', 0)")
    database.close()
    assert [line.split()[0] for line in told] == ["begin", "insert", "commit"]


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "whole.db"


LOADED = """
import sys
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.grants import SqlGrants
from sync_engine.model import JobKind, JobSpec
database = Database.open(sys.argv[1])
Jobs(database).submit(JobSpec(JobKind.BACKUP, "dav:a", "vdir:/b", mirror=True))
lease = Leases(database).claim("me", ttl=60)
Ledger(database).set_job(lease, run=2)
SqlGrants(database).owed()
print("sqlalchemy" in sys.modules, "asyncio" in sys.modules)
"""


def test_a_first_run_loads_no_sqlalchemy(database_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, f"sqlite:///{database_file}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.binary(max_size=50), st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
)  # fmt: skip


@given(values=st.lists(VALUES, min_size=1, max_size=5))
def test_values_come_back_as_sqlalchemy_brings_them(
    values: list[object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("same") / "x.db"
    names = [f"c{number}" for number in range(len(values))]
    sql = "select " + ", ".join(f":{name} as {name}" for name in names)
    given_values = dict(zip(names, values, strict=True))
    pool, engine = sqlite_pool(path), engine_for(f"sqlite:///{path}")
    with pool.lend() as ours, engine.connect() as theirs:
        mine, peers = (
            ours.execute(Statement(sql), given_values).one(),
            theirs.execute(sqlalchemy.text(sql), given_values).one(),
        )
        assert tuple(mine) == tuple(peers)
        assert [getattr(mine, name) for name in names] == [getattr(peers, name) for name in names]
    pool.close()
    engine.dispose()
