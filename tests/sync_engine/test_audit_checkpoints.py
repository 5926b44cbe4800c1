"""Ends of chains are signed when a run is over; what was not signed is owed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from oauth.audit import STORE, Event, chain_of
from oauth.checkpoints import CHECKPOINT, Signer
from sync_engine.audit import append_job, append_store
from sync_engine.audit_checkpoints import owed, pay
from sync_engine.model import ENDED, JobState, Want
from tests.sync_engine.audit_chains import assert_whole, heads_of, records_of, store_of
from tests.sync_engine.builders import contents, execute, leased, spec

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"the key of these tests, 32 bytes"))


def settle(database: Database) -> int:
    return pay(database, owed(database), lambda: SIGNER)


def checkpoints(database: Database, chain: str) -> list[dict[str, object]]:
    """Read the checkpoints of a chain, checking each signature."""
    rows = execute(
        database, "select seq, signed, signature from audit_checkpoint where chain = :chain order by seq", chain=chain
    )
    found = []
    for seq, signed, signature in rows:
        Ed25519PublicKey.from_public_bytes(SIGNER.public).verify(
            bytes.fromhex(signature), (CHECKPOINT + signed).encode()
        )
        said = json.loads(signed)
        assert said["seq"] == said["count"] == seq
        assert (said["store"], said["chain"], said["key_id"]) == (store_of(database), chain, SIGNER.key_id)
        found.append(said)
    return found


def ended(jobs: Jobs, leases: Leases, source: str = "dav:home", state: JobState = JobState.DONE) -> str:
    lease = leased(jobs, leases, source=source)
    leases.release(lease, state=state)
    return lease.job.id


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.LEASED}))
def test_a_checkpoint_is_owed_when_the_run_is_over(
    state: JobState, database: Database, jobs: Jobs, leases: Leases
) -> None:
    job = ended(jobs, leases, state=state)
    assert owed(database) == ([job] if state in ENDED else [])


def test_a_job_at_work_owes_nothing(database: Database, jobs: Jobs, leases: Leases) -> None:
    jobs.submit(spec("dav:other"))
    leased(jobs, leases)
    assert owed(database) == []


def test_a_job_cancelled_before_it_began_owes_one(database: Database, jobs: Jobs) -> None:
    job = jobs.submit(spec()).id
    jobs.want(job, Want.CANCEL)
    assert owed(database) == [job]


def test_paying_signs_the_end_and_puts_it_on_record(database: Database, jobs: Jobs, leases: Leases) -> None:
    job = ended(jobs, leases)
    end = heads_of(database)[chain_of(job)]
    assert settle(database) == 1
    assert owed(database) == []
    (mine,) = checkpoints(database, chain_of(job))
    assert (mine["seq"], mine["hash"]) == end
    (record,) = records_of(database, STORE)
    assert record["event"] == "audit.checkpoint"
    assert (record["chain"], record["chain_seq"], record["chain_hash"]) == (chain_of(job), *end)
    assert record["key_id"] == SIGNER.key_id
    (store,) = checkpoints(database, STORE)
    assert (store["seq"], store["hash"]) == heads_of(database)[STORE]
    assert_whole(database)


def test_paying_twice_is_paying_once(database: Database, jobs: Jobs, leases: Leases) -> None:
    ended(jobs, leases)
    assert (settle(database), settle(database)) == (1, 0)
    assert assert_whole(database)[STORE] == 1


def test_the_key_is_left_alone_while_nothing_is_owed(database: Database, jobs: Jobs) -> None:
    def opened() -> Signer:
        raise AssertionError("nothing is owed")

    jobs.submit(spec())
    assert pay(database, owed(database), opened) == 0


def test_every_run_has_a_checkpoint_of_its_own(database: Database, jobs: Jobs, leases: Leases) -> None:
    job = ended(jobs, leases)
    settle(database)
    for _ in range(3):
        jobs.start(job)
        assert owed(database) == []
        lease = leases.claim("ada", ttl=60, job=job)
        assert lease is not None
        leases.release(lease, state=JobState.DONE)
        assert owed(database) == [job]
        settle(database)
    assert [said["seq"] for said in checkpoints(database, chain_of(job))] == [2, 4, 6, 8]
    assert [said["seq"] for said in checkpoints(database, STORE)] == [1, 2, 3, 4]
    assert_whole(database)


def test_what_is_said_of_an_ended_job_is_owed_again(database: Database, jobs: Jobs, leases: Leases) -> None:
    """The end that was signed is not the end any more."""
    job = ended(jobs, leases)
    settle(database)
    jobs.allow_deletions(job)
    assert owed(database) == [job]
    settle(database)
    assert owed(database) == []


def test_several_jobs_at_once(database: Database, jobs: Jobs, leases: Leases) -> None:
    ids = [ended(jobs, leases, source=f"dav:{number}") for number in range(5)]
    assert owed(database) == sorted(ids)
    assert settle(database) == 5
    assert {record["job"] for record in records_of(database, STORE)} == set(ids)
    assert len(checkpoints(database, STORE)) == 5
    assert_whole(database)


def test_what_a_crash_left_owed_is_paid_by_the_next(database: Database, jobs: Jobs, leases: Leases) -> None:
    """The process died between the end of its job and the signature: the debt is in the data, not in memory."""
    first, second = ended(jobs, leases, source="dav:a"), ended(jobs, leases, source="dav:b")

    class Died(BaseException):
        pass

    class Dying(Signer):
        count = 0

        def checkpoint(self, end: object) -> tuple[str, str]:
            self.count += 1
            if self.count == 4:  # the second job's end is signed, the store's is not yet
                raise Died
            return super().checkpoint(end)  # type: ignore[arg-type]  # passed on as it came

    with pytest.raises(Died):
        pay(
            database,
            owed(database),
            lambda: Dying(Ed25519PrivateKey.from_private_bytes(b"the key of these tests, 32 bytes")),
        )
    assert len(owed(database)) == 1, "one is paid whole, the other not at all"
    assert assert_whole(database)[STORE] == 1
    assert settle(database) == 1
    assert owed(database) == []
    assert {record["job"] for record in records_of(database, STORE)} == {first, second}
    assert_whole(database)


def test_a_key_that_cannot_be_opened_changes_nothing(database: Database, jobs: Jobs, leases: Leases) -> None:
    def locked() -> Signer:
        raise PermissionError("locked")

    ended(jobs, leases)
    before = contents(database)
    with pytest.raises(PermissionError):
        pay(database, owed(database), locked)
    assert contents(database) == before


def test_a_job_deleted_meanwhile_is_passed_over(database: Database, jobs: Jobs, leases: Leases) -> None:
    job = ended(jobs, leases)
    found = owed(database)
    execute(database, "delete from job where id = :job", job=job)
    pay(database, found, lambda: SIGNER)
    assert checkpoints(database, chain_of(job)) == []
    assert records_of(database, STORE) == []


def test_two_that_pay_at_once_keep_the_chain(database: Database, jobs: Jobs, leases: Leases) -> None:
    """Both saw the debt: it is on record twice, at worst, and signed once."""
    job = ended(jobs, leases)
    found = owed(database)
    pay(database, found, lambda: SIGNER)
    pay(database, found, lambda: SIGNER)
    assert len(checkpoints(database, chain_of(job))) == 1
    assert_whole(database)


def test_the_store_s_own_records_wait_for_the_next_end(database: Database, jobs: Jobs, leases: Leases) -> None:
    with database.write() as connection:
        append_store(connection, database, Event.GRANT_LIVE)
    assert owed(database) == []
    job = ended(jobs, leases)
    settle(database)
    with database.write() as connection:
        append_store(connection, database, Event.GRANT_REVOKED)
        append_job(connection, database, job, Event.HUMAN_ACCESS)
    assert [said["seq"] for said in checkpoints(database, STORE)] == [2]
    assert heads_of(database)[STORE][0] == 3
