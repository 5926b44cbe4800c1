"""The audit log in the state database: everything that is written goes through a chain."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oauth.audit import STORE, Actor, Event, chain_of, genesis, pseudonym
from oauth.errors import BadRecord
from sync_engine import jobs_statements
from sync_engine.audit import append_job, append_store, connector_of, count_records, destroy_pepper, masks, store_id
from sync_engine.errors import LeaseLost
from sync_engine.ledger import Ledger
from sync_engine.model import ENDED, JobKind, JobState, PageCommit, Want
from tests.sync_engine.audit_chains import assert_whole, heads_of, records_of, store_of
from tests.sync_engine.builders import contents, events, execute, item, leased, spec, with_collection

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases


def append(database: Database, event: Event = Event.GRANT_LIVE, **fields: Any) -> int:
    with database.write() as connection:
        return append_store(connection, database, event, **fields)


# The two ways to append.


def test_a_new_store_has_an_id_and_an_empty_chain(database: Database) -> None:
    store = store_of(database)
    assert heads_of(database) == {STORE: (0, genesis(store, STORE))}
    with database.read() as connection:
        assert store_id(connection, database) == store
    assert assert_whole(database) == {STORE: 0}


def test_records_are_numbered_from_one(database: Database) -> None:
    assert [append(database, count=number) for number in range(5)] == [1, 2, 3, 4, 5]
    assert assert_whole(database) == {STORE: 5}
    assert [record["count"] for record in records_of(database, STORE)] == [0, 1, 2, 3, 4]


def test_records_of_all_chains_are_counted(database: Database, jobs: Jobs) -> None:
    with database.read() as connection:
        assert count_records(connection, database) == 0
    append(database)
    first, second = (jobs.submit(spec(source=f"dav:{name}")).id for name in ("ana", "bruno"))
    append(database)
    with database.read() as connection:
        assert count_records(connection, database) == sum(
            len(records_of(database, chain)) for chain in (STORE, chain_of(first), chain_of(second))
        )


def test_several_records_in_one_transaction(database: Database) -> None:
    with database.write() as connection:
        numbers = [append_store(connection, database, Event.GRANT_REVOKING) for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert assert_whole(database) == {STORE: 3}


def test_a_transaction_that_is_undone_leaves_no_record(database: Database) -> None:
    append(database)
    before = contents(database)

    def undone() -> None:
        with database.write() as connection:
            append_store(connection, database, Event.GRANT_REVOKED)
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        undone()
    assert contents(database) == before
    append(database)
    assert assert_whole(database) == {STORE: 2}


def test_what_is_no_record_undoes_the_transaction_it_belongs_to(database: Database, jobs: Jobs) -> None:
    job = jobs.submit(spec()).id
    before = contents(database)

    def refused() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("update job set served_at = 5")
            append_job(connection, database, job, Event.JOB_ENDED, outcome="Ana's birthday")

    with pytest.raises(BadRecord, match="outcome"):
        refused()
    assert contents(database) == before


def test_a_job_and_the_store_have_a_chain_each(database: Database, jobs: Jobs) -> None:
    one, two = jobs.submit(spec("dav:a")).id, jobs.submit(spec("dav:b")).id
    append(database)
    with database.write() as connection:
        assert append_job(connection, database, one, Event.JOB_HALTED) == 2
        assert append_job(connection, database, two, Event.JOB_HALTED) == 2
    assert assert_whole(database) == {STORE: 1, chain_of(one): 2, chain_of(two): 2}


def test_time_is_the_database_s_in_whole_microseconds(database: Database) -> None:
    append(database)
    with database.read() as connection:
        now = database.now(connection)
    ts = records_of(database, STORE)[0]["ts"]
    assert isinstance(ts, int)
    assert abs(ts / 1e6 - now) < 60
    assert abs(ts / 1e6 - time.time()) < 60


def test_names_are_stored_as_pseudonyms(database: Database) -> None:
    append(database, account="ana-home", subject="10769150350006150715113082367", who="ana", actor=Actor.USER)
    stored = execute(database, "select record from audit")[0][0]
    assert not [name for name in ("ana", "1076915") if name in stored]
    with database.read() as connection:
        pepper = masks(connection, database).pepper
    said = json.loads(stored)
    assert said["account_id"] == pseudonym(pepper, "account", "ana-home")
    assert said["subject_id"] == pseudonym(pepper, "subject", "10769150350006150715113082367")
    assert said["actor"] == {"kind": "user", "id": pseudonym(pepper, "actor", "ana")}


def test_one_place_has_one_pseudonym_on_either_side(database: Database) -> None:
    """Where data went and where other data came from can be compared, without knowing the place."""
    append(database, source="dav:home", destination="vdir:/copy")
    append(database, source="vdir:/copy", destination="dav:home")
    one, two = records_of(database, STORE)
    assert (one["source_id"], one["destination_id"]) == (two["destination_id"], two["source_id"])


# The pepper.


def test_a_destroyed_pepper_leaves_the_chain_whole_and_the_names_unfindable(database: Database, jobs: Jobs) -> None:
    append(database, account="home")
    job = jobs.submit(spec()).id
    with database.read() as connection:
        pepper = masks(connection, database).pepper
    before = records_of(database, STORE)[0]["account_id"]
    with database.write() as connection:
        destroy_pepper(connection, database)
    lengths = assert_whole(database)
    assert lengths == {STORE: 2, chain_of(job): 1}
    everything = json.dumps(contents(database), default=str) + str(execute(database, "select * from audit_pepper"))
    assert pepper.hex() not in everything
    append(database, account="home")
    after = records_of(database, STORE)[-1]["account_id"]
    assert after != before, "records from now on have nothing to do with those before"
    with database.read() as connection:
        new = masks(connection, database).pepper
    assert pseudonym(new, "account", "home") == after
    assert pseudonym(new, "account", "home") != before
    assert_whole(database)


def test_the_destruction_is_on_record(database: Database) -> None:
    with database.write() as connection:
        destroy_pepper(connection, database)
    assert events(database, STORE) == ["pepper.destroyed"]
    assert records_of(database, STORE)[0]["actor"] == {"kind": "operator"}


def test_processes_agree_on_the_pepper(database: Database) -> None:
    with database.write() as one:
        first = masks(one, database)
    with database.read() as two:
        assert masks(two, database) == first
    assert len(execute(database, "select * from audit_pepper")) == 1


# What the rooms of the engine write.


def test_a_user_s_life_with_a_job(database: Database, jobs: Jobs, leases: Leases) -> None:
    job = jobs.submit(spec()).id
    lease = leases.claim("worker", ttl=60, job=job)
    assert lease is not None
    leases.release(lease, state=JobState.NEEDS_USER, problem={"error": "ReauthRequired", "reason": "access-refused"})
    jobs.start(job)
    lease = leases.claim("worker", ttl=60, job=job)
    assert lease is not None
    leases.release(lease, state=JobState.READY)
    lease = leases.claim("worker", ttl=60, job=job)
    assert lease is not None
    leases.release(lease, state=JobState.DONE)
    jobs.start(job)
    jobs.want(job, Want.CANCEL)
    records = records_of(database, chain_of(job))
    assert [record["event"] for record in records] == [
        "job.submitted",
        "job.halted",
        "job.resumed",
        "job.ended",
        "job.started",
        "job.cancel-wanted",
        "job.ended",
    ]
    assert (records[1]["outcome"], records[1]["error_class"]) == ("needs_user", "ReauthRequired")
    assert (records[3]["outcome"], records[6]["outcome"]) == ("done", "cancelled")
    assert [record["actor"]["kind"] for record in records] == [
        "user",
        "worker",
        "user",
        "worker",
        "user",
        "user",
        "user",
    ]
    assert_whole(database)


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.LEASED}))
def test_every_way_to_give_a_job_back(state: JobState, database: Database, jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    leases.release(lease, state=state)
    expected = {True: "job.ended", False: "job.halted"}[state in ENDED]
    found = events(database, chain_of(lease.job.id))
    assert found[1:] == ([] if state is JobState.READY else [expected])
    assert_whole(database)


@pytest.mark.parametrize(("want", "event"), [(Want.PAUSE, "job.halted"), (Want.CANCEL, "job.ended")])
def test_what_the_user_said_meanwhile_decides(
    want: Want, event: str, database: Database, jobs: Jobs, leases: Leases
) -> None:
    """The worker gives the slice back; what becomes of it is settled in the same statement, and so recorded."""
    lease = leased(jobs, leases)
    jobs.want(lease.job.id, want)
    leases.release(lease, state=JobState.READY)
    assert events(database, chain_of(lease.job.id))[-1] == event
    assert_whole(database)


def test_a_worker_that_lost_its_lease_records_nothing(database: Database, jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(Ledger(database), lease).id
    execute(database, "update job set lease_until = 1")
    assert leases.claim("heir", ttl=60, job=lease.job.id) is not None
    before = contents(database)
    for attempt in (
        lambda: leases.release(lease, state=JobState.DONE),
        lambda: Ledger(database).commit(lease, PageCommit(collection, items=[item("a")]), ttl=60),
        lambda: Ledger(database).audit(lease, Event.COLLECTION_MISSING),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    assert contents(database) == before
    assert_whole(database)


@pytest.mark.parametrize("error", ["", "with blanks", "Ana's error", "x" * 100, "1st"])
def test_an_error_s_name_that_is_no_word_is_left_out(
    error: str, database: Database, jobs: Jobs, leases: Leases
) -> None:
    lease = leased(jobs, leases)
    leases.release(lease, state=JobState.FAILED, problem={"error": error, "reason": "x", "detail": "Ana's birthday"})
    record = records_of(database, chain_of(lease.job.id))[-1]
    assert "error_class" not in record
    assert "birthday" not in json.dumps(record)


def test_a_page_s_record(database: Database, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    ledger.commit(lease, PageCommit(collection, items=[item("a")], kind="event", count=1, size=321), ttl=60)
    ledger.commit(lease, PageCommit(collection, event=Event.ITEMS_REMOVED, count=7), ttl=60)
    page, removed = records_of(database, chain_of(lease.job.id))[1:]
    assert page | {"ts": 0, "software_version": ""} == {
        "v": 1,
        "seq": 2,
        "ts": 0,
        "tenant": "local",
        "job": lease.job.id,
        "run": 1,
        "token": lease.token,
        "collection": collection,
        "actor": {"kind": "worker", "id": page["actor"]["id"]},
        "event": "page.settled",
        "purpose": "backup",
        "connector": "dav",
        "resource_kind": "event",
        "count": 1,
        "bytes": 321,
        "source_id": page["source_id"],
        "destination_id": page["destination_id"],
        "software_version": "",
    }
    assert (removed["event"], removed["count"]) == ("items.removed", 7)
    assert "resource_kind" not in removed
    assert_whole(database)


def test_a_page_that_is_fenced_off_moves_no_head(
    database: Database, jobs: Jobs, leases: Leases, ledger: Ledger
) -> None:
    """The collection is another job's: the fence held, the rest did not."""
    mine, theirs = leased(jobs, leases, source="dav:a"), leased(jobs, leases, source="dav:b")
    collection = with_collection(ledger, theirs).id
    before = assert_whole(database)
    with pytest.raises(LeaseLost):
        ledger.commit(mine, PageCommit(collection, items=[item("a")]), ttl=60)
    assert assert_whole(database) == before


def test_pages_and_users_share_a_chain(database: Database, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    """Python computes some of the hashes, on PostgreSQL the server the others: one chain, one text."""
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    for number in range(3):
        ledger.commit(lease, PageCommit(collection, items=[item(f"{number}")], count=1), ttl=60)
        jobs.allow_deletions(lease.job.id)
        ledger.audit(lease, Event.COLLECTION_MISSING, collection=collection)
    assert assert_whole(database)[chain_of(lease.job.id)] == 10


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 2**31 - 1), size=st.integers(0, 2**53 - 1), kind=st.sampled_from([None, "event", "file"]))
def test_pages_of_every_size_keep_the_chain(
    count: int, size: int, kind: str | None, database: Database, jobs: Jobs, leases: Leases, ledger: Ledger
) -> None:
    job = jobs.submit(spec()).id
    execute(database, "update job set state = 'ready', owner = null, lease_until = null")
    lease = leases.claim("ada", ttl=60, job=job)
    assert lease is not None
    collection = ledger.collections(job)[0].id if ledger.collections(job) else with_collection(ledger, lease).id
    ledger.commit(lease, PageCommit(collection, kind=kind, count=count, size=size), ttl=60)
    record = records_of(database, chain_of(job))[-1]
    assert (record["count"], record["bytes"], record.get("resource_kind")) == (count, size, kind)
    assert_whole(database)


@pytest.mark.parametrize(
    ("kind", "source", "purpose", "connector"),
    [
        (JobKind.BACKUP, "dav:home", "backup", "dav"),
        (JobKind.MIGRATE, "caldav:ana@example.org/Work", "migration", "caldav"),
        (JobKind.BACKUP, "/home/ana/pim", "backup", None),
        (JobKind.BACKUP, "My Own:place", "backup", None),
    ],
)
def test_what_a_job_is_for(
    kind: JobKind, source: str, purpose: str, connector: str | None, database: Database, jobs: Jobs
) -> None:
    job = jobs.submit(spec(source, kind=kind)).id
    record = records_of(database, chain_of(job))[0]
    assert (record["purpose"], record.get("connector")) == (purpose, connector) == (purpose, connector_of(source))
    assert "ana" not in json.dumps(record)


def test_the_log_outlives_its_job_and_its_id_is_not_given_again(database: Database, jobs: Jobs) -> None:
    job = jobs.submit(spec()).id
    execute(database, "delete from job")
    assert events(database, chain_of(job)) == ["job.submitted"]
    with database.read() as connection:
        assert jobs._run(connection, jobs_statements.TAKEN, id=job)
        assert not jobs._run(connection, jobs_statements.TAKEN, id="ffff")
