"""A database from before the chains: its lines stay readable, and say where they are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import inspect

from oauth.audit import STORE, chain_of, genesis
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import PageCommit
from tests.sync_engine.audit_chains import assert_whole, heads_of, store_of
from tests.sync_engine.builders import by_sqlalchemy, execute, item, tables
from tests.sync_engine.test_schema import configuration, insert_job

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD_LINE = """
insert into audit (at, job, run, collection, owner, token, event, count, size, detail)
values (:at, :job, 1, 3, 'host:17:abc', 2, :event, :count, 12345678901, :detail)"""


@pytest.fixture
def old(empty_url: str) -> Iterator[Database]:
    """A database as the first release made it, with jobs that ran and lines about them."""
    made = Database.open(empty_url)
    with by_sqlalchemy(made) as lent, lent.write() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    for name, state in (("aaaa", "ready"), ("bbbb", "done")):
        insert_job(made, name, f"dav:{name}", f"vdir:/{name}", state=state)
        for number in range(3):
            detail = '{"name": "Ana"}' if number else None
            execute(made, OLD_LINE, at=1000.5 + number, job=name, event="page", count=number, detail=detail)
    execute(made, OLD_LINE, at=1.0, job=None, event="schema-upgraded", count=0, detail=None)
    yield made
    made.close()


def upgraded(old: Database) -> Database:
    return Database.open(old.url)


def test_the_old_lines_stay_readable_and_are_told_apart(old: Database) -> None:
    new = upgraded(old)
    rows = list(Ledger(new).audit_rows("aaaa"))
    assert [(row.seq, row.at, row.event, row.count) for row in rows] == [
        (None, 1000.5, "page", 0),
        (None, 1001.5, "page", 1),
        (None, 1002.5, "page", 2),
    ]
    assert {(row.job, row.run, row.collection, row.token, row.size) for row in rows} == {("aaaa", 1, 3, 2, 12345678901)}
    assert len(execute(new, "select * from audit_before_chain")) == 7
    assert execute(new, "select * from audit") == []
    new.close()


def test_every_chain_begins_as_in_a_new_database(old: Database) -> None:
    new = upgraded(old)
    store = store_of(new)
    assert len(store) == 32
    assert heads_of(new) == {chain: (0, genesis(store, chain)) for chain in (STORE, chain_of("aaaa"), chain_of("bbbb"))}
    assert_whole(new)
    new.close()


def test_old_jobs_go_on_with_chains(old: Database) -> None:
    new = upgraded(old)
    jobs, ledger = Jobs(new), Ledger(new)
    jobs.start("bbbb")
    lease = Leases(new).claim("ada", ttl=60, job="aaaa")
    assert lease is not None
    execute(
        new,
        "insert into collection (id, job, source_id, kind, name, generation, settled_run, missing_runs, properties, "
        "doubt, present, copied, skipped, failed, gone) "
        "values (1, 'aaaa', '/', 'event', 'x', 0, 0, 0, '{}', '{}', 0, 0, 0, 0, 0)",
    )
    ledger.commit(lease, PageCommit(1, items=[item("a")], count=1), ttl=60)
    assert [(row.seq, row.event) for row in ledger.audit_rows("aaaa")] == [
        *[(None, "page")] * 3,
        (1, "page.settled"),
    ]
    assert assert_whole(new) == {STORE: 0, chain_of("aaaa"): 1, chain_of("bbbb"): 1}
    new.close()


def test_two_upgraded_databases_are_two_stores(old: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Database.open(f"sqlite:///{tmp_path_factory.mktemp('other') / 'state.db'}")
    new = upgraded(old)
    assert store_of(new) != store_of(other)
    new.close()
    other.close()


def test_down_again_brings_the_old_lines_back(old: Database) -> None:
    new = upgraded(old)
    Jobs(new).start("aaaa")
    with by_sqlalchemy(new) as lent, lent.write() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    left = tables(new)
    assert "audit" in left
    assert not {name for name in left if name.startswith("audit_")}
    assert len(execute(new, "select event from audit")) == 7
    with by_sqlalchemy(new) as lent:
        assert {column["name"] for column in inspect(lent.engine).get_columns("job")}.isdisjoint(
            {"audit_seq", "audit_hash"}
        )
    new.close()
    again = upgraded(old)
    assert [row.seq for row in Ledger(again).audit_rows("aaaa")] == [None] * 3
    assert_whole(again)
    again.close()


def test_an_id_the_old_lines_speak_of_is_not_given_again(old: Database) -> None:
    new = upgraded(old)
    execute(new, "delete from job")
    rows = execute(new, "select count(*) from audit_before_chain where job = 'aaaa'")
    assert rows == [(3,)]
    new.close()
