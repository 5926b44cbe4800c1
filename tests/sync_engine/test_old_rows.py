"""A database of every earlier version opens, and what stood in it is read as what it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

import sync_engine.database
from sync_engine.database import HEAD, Database
from sync_engine.engines import engine_for
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import ItemRow, JobKind, JobState, Outcome, PageCommit, Phase, Presence, Verified, Want
from sync_engine.report import Counts, build_report, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

MIGRATIONS = Path(sync_engine.database.__file__).with_name("migrations")

STATES = ("ready", "paused", "needs_user", "stopped", "done", "done_with_problems", "cancelled", "failed")

IDS = {state: f"ab{number:02}" for number, state in enumerate(STATES)}
DONE = IDS["done"]

JOB = """
insert into job (id, kind, source, destination, mirror, options, source_connection, target_connection, state, want,
  phase, run, created_at, started_at, ended_at, not_before, served_at, allow_deletions, problem, learned, token)
values (:id, 'backup', :source, 'vdir:/copy', true, '{"only":"event"}', :source, 'vdir:/copy', :state, 'run',
  'copy', 3, 100.5, 101.5, :ended, 0, 99.5, false, :problem, '{"source":{"home":"/x/"}}', 7)"""

COLLECTION = """
insert into collection (id, job, source_id, kind, name, target_id, cursor, generation, listing_run, settled_run,
  missing_runs, properties, doubt, present, copied, skipped, failed, gone)
values (41, 'ab04', '/cal/ü/', 'event', 'Arbeit', 'work', '{"token":"t","v": 1}', 5, 2, 3, 0,
  '{"colour":"#ff0000"}', '{"x.ics":"abc"}', 3, 1, 1, 1, 1)"""

ITEM = """
insert into item (collection, id, revision, digest, size, uid, day, target_id, target_revision, target_digest,
  outcome, reason, detail, presence, attempts, run, seen)
values (41, :id, '"r1"', 'd1', 5000000000, :uid, -20, :target, '2', null, :outcome, :reason, 'ä 💩',
  :presence, 2, 3, 5)"""

AUDIT = """
insert into audit (at, job, run, collection, owner, token, event, count, size, detail)
values (102.5, 'ab04', 3, 41, 'ada', 7, 'page', 3, 10, '{"a":"b"}')"""

ITEMS = (
    ("a.ics", "copied", "here", "work/a.ics"),
    ("b.ics", "skipped", "here", None),
    ("c.ics", "failed", "here", "work/c.ics"),
    ("d.ics", "copied", "gone", "work/d.ics"),
)


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


REVISIONS = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]


def old_database(url: str, revision: str) -> None:
    """Make a database as the version with *revision* left it, with rows in every table of the first version."""
    engine = engine_for(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("begin")
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        fill(connection)
        command.upgrade(config, revision)
        connection.exec_driver_sql("commit")
    engine.dispose()


def fill(connection: Connection) -> None:
    """Insert a job in every state, and all that hangs on one of them."""
    places = ["vdir:/copy", *(f"dav:{state}" for state in STATES)]
    for place in places:
        connection.execute(text("insert into connection (id, created_at) values (:id, 1.5)"), {"id": place})
    for state in STATES:
        ended = 103.5 if state in {"stopped", "done", "done_with_problems", "cancelled", "failed"} else None
        problem = '{"reason":"mass-deletion","detail":"x"}' if state == "stopped" else None
        values = {"id": IDS[state], "source": f"dav:{state}", "state": state, "ended": ended, "problem": problem}
        connection.execute(text(JOB), values)
    connection.execute(text(COLLECTION))
    for name, outcome, presence, target in ITEMS:
        reason = None if outcome == "copied" else "why"
        values = {"id": name, "uid": f"uid-{name}", "target": target, "outcome": outcome, "reason": reason}
        connection.execute(text(ITEM), values | {"presence": presence})
    if not connection.dialect.name.startswith("sqlite"):
        connection.exec_driver_sql("select setval(pg_get_serial_sequence('collection', 'id'), 41)")
    connection.execute(text(AUDIT))


@pytest.fixture(params=REVISIONS)
def old(request: pytest.FixtureRequest, empty_url: str) -> str:
    """Return the address of a database of each version there ever was."""
    old_database(empty_url, request.param)
    return empty_url


@pytest.fixture
def upgraded(old: str) -> Iterator[Database]:
    """The same, opened by this version."""
    database = Database.open(old)
    yield database
    database.close()


def test_the_first_version_is_where_it_starts() -> None:
    assert REVISIONS[0] == "0001"
    assert REVISIONS[-1] == HEAD


def test_rows_of_every_version_are_read_as_they_were(upgraded: Database) -> None:
    jobs, ledger = Jobs(upgraded), Ledger(upgraded)
    found = {job.id: job for job in jobs.list()}
    assert found.keys() == set(IDS.values())
    for state in STATES:
        job = found[IDS[state]]
        assert (job.state, job.want, job.phase, job.run) == (JobState(state), Want.RUN, Phase.COPY, 3)
        assert (job.spec.kind, job.spec.source, job.spec.mirror) == (JobKind.BACKUP, f"dav:{state}", True)
        assert job.spec.options == {"only": "event"}
        assert job.learned == {"source": {"home": "/x/"}}
        assert (job.created_at, job.started_at) == (100.5, 101.5)
        assert job.verified == Verified(upto=3), "what earlier versions copied is not read back"
    assert found[IDS["stopped"]].problem == {"reason": "mass-deletion", "detail": "x"}
    (row,) = ledger.collections(DONE)
    assert (row.id, row.source_id, row.name, row.target_id) == (41, "/cal/ü/", "Arbeit", "work")
    assert (row.cursor, row.generation, row.settled_run) == ({"token": "t", "v": 1}, 5, 3)
    assert (row.properties, row.doubt) == ({"colour": "#ff0000"}, {"x.ics": "abc"})
    assert ledger.items(41, ["a.ics"])["a.ics"] == ItemRow(
        id="a.ics", revision='"r1"', digest="d1", size=5_000_000_000, uid="uid-a.ics", day=-20,
        target_id="work/a.ics", target_revision="2", outcome=Outcome.COPIED, detail="ä 💩",
        presence=Presence.HERE, attempts=2, run=3, seen=5,
    )  # fmt: skip
    assert [row.id for row in ledger.all_items(41)] == [name for name, *_ in ITEMS]
    assert [row.id for row in ledger.gone(41)] == ["d.ics"]


def test_the_report_on_an_old_job_is_the_same(upgraded: Database) -> None:
    jobs, ledger = Jobs(upgraded), Ledger(upgraded)
    report = build_report(jobs, ledger, DONE)
    assert report.totals == Counts(3, 1, 1, 1, 1)
    assert [(problem.item, problem.reason) for problem in problems(jobs, DONE)] == [
        ("b.ics", "why"),
        ("c.ics", "why"),
    ]
    assert "page" in [row.event for row in ledger.audit_rows(DONE)]


def test_an_old_job_runs_on(upgraded: Database) -> None:
    """Claimed, worked on and given back under the new schema, with the token going on from the old one."""
    jobs, leases, ledger = Jobs(upgraded), Leases(upgraded), Ledger(upgraded)
    jobs.start(DONE)
    lease = leases.claim("ada", ttl=60, job=DONE)
    assert lease is not None
    assert (lease.token, lease.job.run) == (8, 4)
    page = PageCommit(41, items=[ItemRow("b.ics", run=4, seen=5)], tally={"copied": 1, "skipped": -1})
    ledger.commit(lease, page, ttl=60)
    leases.release(lease, state=JobState.DONE)
    assert build_report(jobs, ledger, DONE).totals == Counts(3, 2, 0, 1, 1)


def test_opening_an_old_database_twice_changes_it_once(old: str) -> None:
    Database.open(old).close()
    database = Database.open(old)
    with database.read() as connection:
        assert connection.exec_driver_sql("select version_num from alembic_version").scalars().all() == [HEAD]
        assert connection.exec_driver_sql("select count(*) from job").scalar() == len(STATES)
        assert connection.exec_driver_sql("select count(*) from item").scalar() == len(ITEMS)
    database.close()


def test_new_collections_get_ids_beyond_the_old(upgraded: Database) -> None:
    jobs, leases, ledger = Jobs(upgraded), Leases(upgraded), Ledger(upgraded)
    jobs.start(DONE)
    lease = leases.claim("ada", ttl=60, job=DONE)
    assert lease is not None
    (row,) = ledger.collections(DONE)
    new = ledger.save_collection(lease, replace(row, id=0, source_id="/new/"))
    assert new.id > 41
    assert [one.source_id for one in ledger.collections(DONE)] == ["/cal/ü/", "/new/"]


def test_a_place_is_known_again(upgraded: Database) -> None:
    """The same specification is the same job as before, not a second one."""
    jobs = Jobs(upgraded)
    before = {job.id for job in jobs.list()}
    for job in jobs.list():
        assert jobs.submit(job.spec).id == job.id
    assert {job.id for job in jobs.list()} == before
