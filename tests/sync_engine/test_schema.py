"""The schema by migrations is the schema in code, on both databases, and it holds what it promises."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, IntegrityError

import sync_engine.database
import sync_engine.engines
from scripts.sqlite_schema import FILE, schema
from sync_engine.database import HEAD, Database
from sync_engine.errors import SchemaTooNew
from sync_engine.rows import ITEM_COLUMNS
from sync_engine.schema import item, metadata
from tests.sync_engine.builders import by_sqlalchemy, events, execute, spec, tables

if TYPE_CHECKING:
    from sync_engine.jobs import Jobs

MIGRATIONS = Path(sync_engine.database.__file__).with_name("migrations")
TABLES = {"connection", "job", "collection", "item", "grants", "holder", "sealed"} | {
    *("audit", "audit_head", "audit_pepper", "audit_checkpoint", "audit_before_chain"),
}
JOB = """
insert into job (id, kind, source, destination, mirror, options, source_connection, target_connection,
  state, want, phase, run, created_at, not_before, served_at, allow_deletions, learned, token, owner, lease_until)
values (:id, 'backup', :id, 'there', true, '{}', :source, :target,
  :state, 'run', 'copy', 1, 0, 0, 0, false, '{}', 1, :owner, :until)"""


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def test_head_is_alembics_head() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_revisions_sort_by_age() -> None:
    """``SchemaTooNew`` compares revisions as text; each has to sort behind the one before it."""
    newest_first = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()]
    assert newest_first == sorted(newest_first, reverse=True)


def test_an_empty_database_gets_every_table(empty_url: str) -> None:
    database = Database.open(empty_url)
    assert tables(database) == TABLES | {"alembic_version"}
    assert execute(database, "select version_num from alembic_version") == [(HEAD,)]
    database.close()


def test_code_and_migrations_agree(empty_url: str) -> None:
    database = Database.open(empty_url)
    with by_sqlalchemy(database) as lent, lent.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_the_partial_indexes_are_partial(database: Database) -> None:
    """Alembic compares no conditions, so they are read back here."""
    query = "select name, sql from sqlite_master where type = 'index' and sql is not null"
    if not database.sqlite:
        query = "select indexname, indexdef from pg_indexes where schemaname = 'public'"
    found = {name: definition.lower() for name, definition in execute(database, query)}
    for name, unique, condition in [
        ("job_source_leased", True, "leased"),
        ("job_target_leased", True, "leased"),
        ("job_ready", False, "ready"),
        ("item_uid", False, "uid is not null"),
        ("item_gone", False, "gone"),
        ("item_problem", False, "copied"),
        ("grants_hash", True, "state_hash is not null"),
        ("grants_due", False, "erased"),
    ]:
        head, _, where = found[name].partition(" where ")
        assert condition in where, name
        assert ("unique" in head) is unique, name


def test_items_have_no_second_key_on_sqlite(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'state.db'}")
    with database.read() as connection, pytest.raises(sqlite3.OperationalError, match="rowid"):
        connection.exec_driver_sql("select rowid from item")
    database.close()


def test_item_columns_are_the_tables() -> None:
    assert ["collection", *ITEM_COLUMNS.split(", ")] == item.columns.keys()


def test_down_and_up_again(empty_url: str) -> None:
    database = Database.open(empty_url)
    config = configuration()
    with by_sqlalchemy(database) as lent, lent.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert tables(database) == {"alembic_version"}
    database.close()
    again = Database.open(empty_url)
    assert tables(again) == TABLES | {"alembic_version"}
    again.close()


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    """DDL is part of the transaction on both databases: no half a schema."""
    database = Database.open(empty_url)
    with by_sqlalchemy(database) as lent, lent.write() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    # A foreign table in the way of one of the last steps.
    execute(database, "create table audit (old integer)")
    database.close()
    with pytest.raises(DBAPIError, match="audit"):
        Database.open(empty_url)
    assert tables(database) == {"alembic_version", "audit"}
    database.close()


@pytest.mark.parametrize("stored", ["9999", "0999_from_the_future", "abc"])
def test_a_newer_schema_is_refused_by_name(stored: str, url: str) -> None:
    database = Database.open(url)
    execute(database, "update alembic_version set version_num = :stored", stored=stored)
    database.close()
    try:
        with pytest.raises(SchemaTooNew) as refusal:
            Database.open(url)
        assert (refusal.value.stored, refusal.value.known) == (stored, HEAD)
    finally:
        execute(database, "update alembic_version set version_num = :head", head=HEAD)
        database.close()


def insert_job(database: Database, name: str, source: str, target: str, *, state: str = "leased") -> None:
    """Insert a job past every rule in code."""
    for place in (source, target):
        execute(database, "insert into connection values (:id, 0) on conflict do nothing", id=place)
    held = state == "leased"
    values = {"owner": "x" if held else None, "until": 1e12 if held else None}
    execute(database, JOB, id=name, source=source, target=target, state=state, **values)


@pytest.mark.parametrize(
    ("first", "second", "allowed"),
    [
        pytest.param(("a", "x", "leased"), ("b", "y", "leased"), True, id="different"),
        pytest.param(("a", "x", "leased"), ("a", "y", "leased"), False, id="same-source"),
        pytest.param(("a", "x", "leased"), ("b", "x", "leased"), False, id="same-target"),
        pytest.param(("a", "x", "ready"), ("a", "x", "leased"), True, id="the-other-is-ready"),
        pytest.param(("a", "x", "done"), ("a", "x", "done"), True, id="both-done"),
        pytest.param(("a", "x", "leased"), ("a", "x", "paused"), True, id="the-second-is-paused"),
    ],
)
def test_the_index_itself_allows_one_lease_per_connection(
    first: tuple[str, str, str], second: tuple[str, str, str], allowed: bool, database: Database
) -> None:
    insert_job(database, "one", first[0], first[1], state=first[2])
    if allowed:
        insert_job(database, "two", second[0], second[1], state=second[2])
        return
    with pytest.raises((IntegrityError, sqlite3.IntegrityError)):
        insert_job(database, "two", second[0], second[1], state=second[2])
    insert_job(database, "two", second[0], second[1], state="ready")
    with pytest.raises((IntegrityError, sqlite3.IntegrityError)):
        execute(database, "update job set state = 'leased', owner = 'y', lease_until = 1e12 where id = 'two'")


@pytest.mark.parametrize(
    ("state", "owner", "until"),
    [("leased", None, 5.0), ("leased", "x", None), ("ready", "x", None), ("done", None, 5.0)],
)
def test_a_lease_is_whole_or_not_there(state: str, owner: str | None, until: float | None, database: Database) -> None:
    execute(database, "insert into connection values ('a', 0)")
    with pytest.raises((IntegrityError, sqlite3.IntegrityError)):
        execute(database, JOB, id="one", source="a", target="a", state=state, owner=owner, until=until)


def test_a_job_needs_its_connections(database: Database) -> None:
    with pytest.raises((IntegrityError, sqlite3.IntegrityError)):
        execute(database, JOB, id="one", source="a", target="b", state="ready", owner=None, until=None)


def test_deleting_a_job_deletes_its_ledger_and_keeps_the_audit(jobs: Jobs, database: Database) -> None:
    job = jobs.submit(spec()).id
    columns = "id, job, source_id, kind, name, generation, settled_run, missing_runs, properties, doubt"
    counters = "present, copied, skipped, failed, gone"
    values = "7, :job, 's', 'k', 'n', 0, 0, 0, '{}', '{}', 0, 0, 0, 0, 0"
    execute(database, f"insert into collection ({columns}, {counters}) values ({values})", job=job)
    execute(
        database,
        "insert into item (collection, id, outcome, presence, attempts, run, seen)"
        " values (7, 'i', 'copied', 'here', 0, 1, 1)",
    )
    execute(database, "delete from job where id = :job", job=job)
    assert execute(database, "select count(*) from collection") == [(0,)]
    assert execute(database, "select count(*) from item") == [(0,)]
    assert events(database, f"job:{job}") == ["job.submitted"]


def test_sqlite_has_what_the_statements_need() -> None:
    assert sqlite3.sqlite_version_info >= sync_engine.engines.OLDEST_SQLITE


def test_the_statements_for_sqlite_are_the_tables_definition() -> None:
    """Made by ``python -m scripts.sqlite_schema``, so that a first run need not load SQLAlchemy."""
    assert FILE.read_text("utf-8") == schema()
