"""Many processes append at once, some are killed in the middle: every chain stays whole."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from oauth.audit import STORE, chain_of
from sync_engine.model import JobState
from tests.chaos.crew import prepare
from tests.sync_engine.audit_chains import assert_whole, heads_of, records_of
from tests.sync_engine.builders import execute

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs

PROCESSES = 4
ROUNDS = 15

WRITER = """
import sys
from oauth.audit import Event
from sync_engine.audit import append_store
from sync_engine.database import Database
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import JobState
from tests.chaos.lease_worker import page_of
database, name, rounds = Database.open(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("up", flush=True)
sys.stdin.readline()
lease = Leases(database).claim(name, ttl=60)
ledger = Ledger(database)
collection = ledger.collections(lease.job.id)[0]
for number in range(rounds):
    ledger.commit(lease, page_of(collection.id, number, 1), ttl=60)
    with database.write() as connection:
        append_store(connection, database, Event.GRANT_REFRESHED, count=number, who=name)
Leases(database).release(lease, state=JobState.DONE)
"""


def test_processes_append_to_their_chains_and_to_the_store_s(url: str, database: Database, jobs: Jobs) -> None:
    ids = prepare(database, PROCESSES)
    before = assert_whole(database)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, f"writer-{number}", str(ROUNDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.communicate()
        assert child.returncode == 0
    after = assert_whole(database)
    assert after[STORE] - before[STORE] == PROCESSES * ROUNDS
    assert {after[chain_of(job)] - before[chain_of(job)] for job in ids} == {ROUNDS + 1}
    assert {job.state for job in jobs.list()} == {JobState.DONE}
    by_writer: dict[str, list[int]] = {}
    for record in records_of(database, STORE):
        by_writer.setdefault(record["actor"]["id"], []).append(record["count"])
    assert list(by_writer.values()) == [list(range(ROUNDS))] * PROCESSES, "each writer's own order is kept"


LANES = """
import sys, threading
from sync_engine.database import Database
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from tests.chaos.lease_worker import page_of
from tests.sync_engine.builders import with_collection
database = Database.open(sys.argv[1])
lease, ledger = Leases(database).claim("lanes", ttl=60), Ledger(database)
own = [with_collection(ledger, lease, f"/lane-{number}/").id for number in range(4)]
def work(collection):
    for number in range(int(sys.argv[2])):
        ledger.commit(lease, page_of(collection, number, 1), ttl=60)
        Leases(database).renew(lease, ttl=60)
lanes = [threading.Thread(target=work, args=(one,)) for one in own]
[lane.start() for lane in lanes]
[lane.join() for lane in lanes]
"""


def test_lanes_of_one_job_share_its_chain(url: str, database: Database) -> None:
    """Statements that meet at one row: whoever waits goes on from the head as it then is."""
    job = prepare(database, 1)[0]
    before = assert_whole(database)
    subprocess.run([sys.executable, "-c", LANES, url, "12"], check=True)
    after = assert_whole(database)
    assert after[chain_of(job)] - before[chain_of(job)] == 4 * 12


DOOMED = """
import os, sys
from oauth.audit import Event
from sync_engine.audit import append_job, append_store
from sync_engine.database import Database
from sync_engine.leases import Leases
from sync_engine.model import JobState
database, action = Database.open(sys.argv[1]), sys.argv[4]
lease = Leases(database).claim("doomed", ttl=60)
with database.write() as connection:
    append_store(connection, database, Event.GRANT_LIVE)
from tests.sync_engine.striking import strike
strike(database, int(sys.argv[2]), sys.argv[3])
if action == "release":
    Leases(database).release(lease, state=JobState.DONE)
else:
    with database.write() as connection:
        append_job(connection, database, lease.job.id, Event.JOB_HALTED)
        append_store(connection, database, Event.GRANT_RELEASED)
print("survived", flush=True)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("action", ["append", "release"])
@pytest.mark.parametrize("statement", [0, 2, 4, 6])
def test_a_writer_killed_between_two_statements(
    statement: int, action: str, moment: str, url: str, database: Database, jobs: Jobs
) -> None:
    """All of a transaction's records are there, or none; and the next writer goes on."""
    job = prepare(database, 1)[0]
    child = subprocess.run(
        [sys.executable, "-c", DOOMED, url, str(statement), moment, action], capture_output=True, text=True, check=False
    )
    assert (child.returncode == -9) is ("survived" not in child.stdout), child.stderr
    whole = assert_whole(database)
    state = {found.id: found.state for found in jobs.list()}[job]
    records = [record["event"] for record in records_of(database, chain_of(job))]
    if action == "release":
        assert (state is JobState.DONE) is ("job.ended" in records), "the end of a job and its record are one"
    else:
        assert whole[STORE] - 1 == records.count("job.halted"), "both chains or neither"
    jobs.allow_deletions(job)
    assert assert_whole(database)[chain_of(job)] == whole[chain_of(job)] + 1


def test_a_second_writer_of_one_number_is_refused(database: Database, jobs: Jobs) -> None:
    """Were a head ever read twice, the chain's key refuses the second record instead of forking."""
    job = prepare(database, 1)[0]
    chain = chain_of(job)
    end = heads_of(database)[chain]
    with pytest.raises(Exception, match=r"(?i)unique"):
        execute(
            database,
            "insert into audit (chain, seq, record, hash) values (:chain, :seq, '{}', '')",
            chain=chain,
            seq=end[0],
        )
    assert jobs.get(job)
    assert_whole(database)
