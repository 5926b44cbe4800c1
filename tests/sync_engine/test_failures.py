"""What drivers say becomes a named error, or stays what it is."""

from __future__ import annotations

import sqlite3
from inspect import isclass

import psycopg
import pytest

from sync_engine import errors
from sync_engine.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseError,
    DatabaseFull,
    DatabaseNotWritable,
    DatabaseUnreachable,
    EngineError,
)
from sync_engine.failures import translate

NAME = "sqlite:////home/ada/state.db"


def sqlite_error(code: str) -> sqlite3.Error:
    cause = sqlite3.OperationalError("it is said\nwith more below")
    cause.sqlite_errorname = code
    return cause


def postgres_error(state: str | None) -> psycopg.Error:
    cause = psycopg.OperationalError("it is said\nwith more below")
    cause.sqlstate = state
    return cause


@pytest.mark.parametrize(
    ("code", "leaf"),
    [
        ("SQLITE_BUSY", DatabaseBusy),
        ("SQLITE_BUSY_SNAPSHOT", DatabaseBusy),
        ("SQLITE_LOCKED", DatabaseBusy),
        ("SQLITE_CORRUPT", DatabaseCorrupt),
        ("SQLITE_CORRUPT_INDEX", DatabaseCorrupt),
        ("SQLITE_NOTADB", DatabaseCorrupt),
        ("SQLITE_READONLY", DatabaseNotWritable),
        ("SQLITE_READONLY_DBMOVED", DatabaseNotWritable),
        ("SQLITE_CANTOPEN", DatabaseNotWritable),
        ("SQLITE_FULL", DatabaseFull),
        ("SQLITE_IOERR_WRITE", DatabaseNotWritable),
        ("SQLITE_IOERR_FSYNC", DatabaseNotWritable),
        ("SQLITE_IOERR_TRUNCATE", DatabaseNotWritable),
        ("SQLITE_IOERR_READ", DatabaseCorrupt),
        ("SQLITE_IOERR", DatabaseCorrupt),
        ("SQLITE_CONSTRAINT_UNIQUE", None),
        ("SQLITE_ERROR", None),
        ("SQLITE_MISMATCH", None),
    ],
)
def test_sqlite(code: str, leaf: type[DatabaseError] | None) -> None:
    found = translate(NAME, sqlite_error(code))
    assert (None if found is None else type(found)) is leaf
    if found is not None:
        assert (found.database, found.detail) == (NAME, "it is said")


@pytest.mark.parametrize(
    ("state", "leaf"),
    [
        ("55P03", DatabaseBusy),
        ("40P01", DatabaseBusy),
        ("40001", DatabaseBusy),
        ("25P03", DatabaseBusy),
        ("25006", DatabaseNotWritable),
        ("42501", DatabaseNotWritable),
        ("53100", DatabaseFull),
        ("XX001", DatabaseCorrupt),
        ("08006", DatabaseUnreachable),
        ("28P01", DatabaseUnreachable),
        ("3D000", DatabaseUnreachable),
        ("53300", DatabaseUnreachable),
        ("57P01", DatabaseUnreachable),
        ("57P03", DatabaseUnreachable),
        (None, DatabaseUnreachable),
        ("23505", None),
        ("42601", None),
        ("22P02", None),
    ],
)
def test_postgres(state: str | None, leaf: type[DatabaseError] | None) -> None:
    found = translate(NAME, postgres_error(state))
    assert (None if found is None else type(found)) is leaf


def test_a_mistake_of_ours_stays_a_mistake() -> None:
    error = psycopg.ProgrammingError("the query has 2 placeholders")
    assert translate(NAME, error) is None
    assert isinstance(translate(NAME, error, broken=True), DatabaseUnreachable)


def test_real_violations_pass_through() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (a integer primary key)")
    connection.execute("insert into t values (1)")
    with pytest.raises(sqlite3.IntegrityError) as violation:
        connection.execute("insert into t values (1)")
    connection.close()
    assert translate(NAME, violation.value) is None


LEAVES = [leaf for leaf in vars(errors).values() if isclass(leaf) and issubclass(leaf, Exception)]


def test_every_error_has_the_one_root() -> None:
    assert EngineError in LEAVES
    assert all(issubclass(leaf, EngineError) for leaf in LEAVES)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.LeaseLost("abcd", 7), ["abcd", "7"]),
        (errors.JobUnknown("abcd"), ["abcd"]),
        (errors.JobAmbiguous("ab", ["abcd", "abce"]), ["ab", "abcd", "abce"]),
        (errors.DatabaseBusy("place", "detail"), ["place", "detail"]),
        (errors.DatabaseFull("place"), ["place"]),
        (errors.SchemaTooNew("place", stored="9", known="1"), ["place", "9", "1"]),
    ],
)
def test_errors_say_what_they_carry(error: EngineError, words: list[str]) -> None:
    assert all(word in str(error) for word in words)
