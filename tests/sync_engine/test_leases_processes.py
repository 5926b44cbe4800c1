"""Real processes: killed, frozen, hammering. Each on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from sync_engine.model import JobState
from tests.chaos.crew import Crew, prepare
from tests.chaos.evidence import judge
from tests.chaos.lease_worker import ITEMS
from tests.sync_engine.builders import events, execute

if TYPE_CHECKING:
    from pathlib import Path

    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger

START = 30.0
"""Seconds a child may take until its first line; generous, because machines are busy."""


def test_a_frozen_worker_that_wakes_up_is_refused(
    url: str, database: Database, leases: Leases, ledger: Ledger, tmp_path: Path
) -> None:
    """It stood still between two pages; meanwhile another worker took over and went on."""
    job = prepare(database, 1)[0]
    with Crew(url, tmp_path / "journal", ttl=0.5, pages=5) as crew:
        frozen = crew.hire(step=True)
        assert crew.await_entry(lambda e: e.what == "fetch" and e.page == 0, within=START)
        crew.say(frozen)
        assert crew.await_entry(lambda e: e.what == "fetch" and e.page == 1, within=START)
        crew.freeze(frozen)
        deadline = time.monotonic() + START
        while (taken := leases.claim("heir", ttl=60)) is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        before = (ledger.collections(job), execute(database, "select count(*) from item"))
        assert before[0][0].cursor == {"page": 1}
        crew.thaw(frozen)
        crew.say(frozen)  # it commits page 1 with the token it still believes in
        lost = crew.await_entry(lambda e: e.what == "lost", within=START)
        assert lost is not None
        assert (lost.job, lost.token) == (job, taken.token - 1)
        assert (ledger.collections(job), execute(database, "select count(*) from item")) == before
        assert events(database).count("page.settled") == 1
        leases.release(taken, state=JobState.READY)
        heir = crew.await_entry(lambda e: e.what == "claim" and e.token > taken.token, within=START)
        assert heir is not None, "and the woken worker is of use again"


def test_a_killed_workers_job_is_taken_over_in_time(url: str, database: Database, tmp_path: Path) -> None:
    job = prepare(database, 1)[0]
    with Crew(url, tmp_path / "journal", ttl=1.0, pages=100_000) as crew:
        victim = crew.hire(length=100_000)
        assert crew.await_entry(lambda e: e.what == "commit" and e.page >= 3, within=START)
        heir = crew.hire(length=100_000)
        assert crew.await_entry(lambda e: e.owner == heir, within=START)
        at = crew.kill(victim)
        taken = crew.await_entry(lambda e: e.what == "claim" and e.owner == heir, within=START)
        assert taken is not None
        assert taken.job == job
        assert taken.at - at < crew.ttl + 1.0
        assert crew.await_entry(lambda e: e.what == "commit" and e.owner == heir, within=START)
        last = max(e.page for e in crew.entries() if e.owner == victim and e.what == "commit")
        first = min(e.page for e in crew.entries() if e.owner == heir and e.what == "commit")
        # The victim may have died between a commit and the note of it, never the other way round.
        assert first - last in {1, 2}
    verdict = judge(database, crew.entries(), pages=crew.pages)
    assert verdict.clean, verdict


HAMMER = """
import json, sys, time
from sync_engine.database import Database
from sync_engine.leases import Leases
from sync_engine.model import JobState
database, owner = Database.open(sys.argv[1]), sys.argv[2]
leases, held = Leases(database), []
print("up", flush=True)
sys.stdin.readline()
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    lease = leases.claim(owner, ttl=60)
    if lease is not None:
        begin = time.monotonic()
        leases.renew(lease, ttl=60)
        held.append((lease.job.id, lease.token, begin, time.monotonic()))
        leases.release(lease, state=JobState.READY)
print(json.dumps(held))
"""


def test_processes_that_hammer_claim_never_hold_one_job_together(url: str, database: Database) -> None:
    ids = prepare(database, 2)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, url, f"hammer-{number}", "1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
    answers = [child.communicate("go\n")[0] for child in children]
    held = sorted((tuple(one) for answer in answers for one in json.loads(answer)), key=lambda one: one[2])
    assert len(held) > 20
    assert len({(job, token) for job, token, _, _ in held}) == len(held), "no token is handed out twice"
    for job in ids:
        mine = [one for one in held if one[0] == job]
        assert mine, "both jobs get their turn"
        for before, after in pairwise(mine):
            assert before[3] <= after[2], "one holder ends before the next begins"
            assert before[1] < after[1]


HALF_A_PAGE = """
import os, sys
from sync_engine import ledger_sqlite
from sync_engine.database import Database
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from tests.chaos.lease_worker import page_of
database = Database.open(sys.argv[1])
lease = Leases(database).claim("doomed", ttl=60)
ledger = Ledger(database)
collection = ledger.collections(lease.job.id)[0]
ledger.commit(lease, page_of(collection.id, 0, 1), ttl=60)
# From here on the process is killed at one of the commit's statements, before or after it ran.
from tests.sync_engine.striking import strike
strike(database, int(sys.argv[2]), sys.argv[3])
ledger.commit(lease, page_of(collection.id, 1, 1), ttl=60)
print("committed", flush=True)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        *(("sqlite", number) for number in range(7)),
        pytest.param("postgres", 0, marks=pytest.mark.server),
    ],
    indirect=["kind"],
)
def test_a_commit_killed_in_the_middle_is_all_or_nothing(
    statement: int, moment: str, kind: str, url: str, database: Database, ledger: Ledger
) -> None:
    """SQLite: begin, fence, collection, items, audit, its head, commit. PostgreSQL: one statement, before or after."""
    job = prepare(database, 1)[0]
    child = subprocess.run(
        [sys.executable, "-c", HALF_A_PAGE, url, str(statement), moment], capture_output=True, text=True, check=False
    )
    assert child.returncode == -9, child.stderr
    assert "committed" not in child.stdout
    collection = ledger.collections(job)[0]
    pages = len(ledger.all_items(collection.id)) // ITEMS
    assert collection.cursor == {"page": pages}
    assert collection.present == collection.copied == pages * ITEMS
    assert events(database).count("page.settled") == pages
    committed = moment == "after" and statement == (6 if kind == "sqlite" else 0)
    assert pages == (2 if committed else 1)


def test_a_worker_survives_a_database_that_is_held(url: str, database: Database, jobs: Jobs, tmp_path: Path) -> None:
    """A claim that meets a lock waits or fails by name; the worker goes on when the lock is gone."""
    prepare(database, 1)
    with Crew(url, tmp_path / "journal", ttl=1.0, pages=3) as crew:
        with database.write() as connection:
            connection.exec_driver_sql("update job set served_at = served_at")
            crew.hire()
            assert crew.await_entry(lambda e: e.what == "up", within=START)
            assert crew.await_entry(lambda e: e.what == "claim", within=0.3) is None
        assert crew.await_entry(lambda e: e.what == "done", within=START)
    assert [job.state for job in jobs.list()] == [JobState.DONE]
