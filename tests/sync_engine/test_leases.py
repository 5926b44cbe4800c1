"""Claim, renew, release: who gets which job, and who is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sync_engine.errors import LeaseLost
from sync_engine.model import ENDED, JobState, Lease, Phase, Want
from tests.sync_engine.builders import execute, expire, leased, spec

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases

NOT_CLAIMABLE = [state for state in JobState if state not in {JobState.READY, JobState.LEASED}]


def test_nothing_to_claim(leases: Leases) -> None:
    assert leases.claim("ada", ttl=30) is None


def test_claim_hands_out_a_ready_job(jobs: Jobs, leases: Leases, database: Database) -> None:
    job = jobs.submit(spec())
    lease = leases.claim("ada", ttl=30)
    assert lease is not None
    assert (lease.job.id, lease.job.state, lease.owner, lease.token) == (job.id, JobState.LEASED, "ada", 1)
    assert lease.job.spec == job.spec
    with database.read() as connection:
        now = database.now(connection)
    assert now + 20 < lease.until <= now + 30


def test_a_leased_job_is_not_handed_out_twice(jobs: Jobs, leases: Leases) -> None:
    leased(jobs, leases)
    assert leases.claim("bob", ttl=30) is None


def test_each_claim_raises_the_token(jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    for expected in (2, 3, 4):
        leases.release(lease, state=JobState.READY)
        again = leases.claim("ada", ttl=30)
        assert again is not None
        assert again.token == expected
        lease = again


@pytest.mark.parametrize("state", NOT_CLAIMABLE)
def test_only_ready_jobs_are_claimed(state: JobState, jobs: Jobs, leases: Leases) -> None:
    leases.release(leased(jobs, leases), state=state)
    assert leases.claim("bob", ttl=30) is None


@pytest.mark.parametrize("want", [Want.PAUSE, Want.CANCEL])
def test_a_ready_job_is_claimed_only_if_wanted(want: Want, jobs: Jobs, leases: Leases, database: Database) -> None:
    job = jobs.submit(spec())
    execute(database, "update job set want = :want where id = :id", want=want.value, id=job.id)
    assert leases.claim("bob", ttl=30) is None


def test_not_before_is_obeyed(jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = leased(jobs, leases)
    with database.read() as connection:
        now = database.now(connection)
    leases.release(lease, state=JobState.READY, not_before=now + 1000)
    assert leases.claim("bob", ttl=30) is None
    execute(database, "update job set not_before = :then", then=now - 1)
    assert leases.claim("bob", ttl=30) is not None


def test_an_expired_lease_is_taken_over(jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = leased(jobs, leases)
    expire(database, [lease.job.id])
    taken = leases.claim("bob", ttl=30)
    assert taken is not None
    assert (taken.job.id, taken.owner, taken.token) == (lease.job.id, "bob", lease.token + 1)


def test_a_takeover_does_not_ask_what_is_wanted(jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = leased(jobs, leases)
    jobs.want(lease.job.id, Want.PAUSE)
    expire(database, [lease.job.id])
    taken = leases.claim("bob", ttl=30)
    assert taken is not None
    assert taken.job.want is Want.PAUSE


def test_expired_leases_come_before_ready_jobs(jobs: Jobs, leases: Leases, database: Database) -> None:
    old = leased(jobs, leases, source="dav:a")
    jobs.submit(spec("dav:b", "vdir:/b"))
    expire(database, [old.job.id])
    first = leases.claim("bob", ttl=30)
    assert first is not None
    assert first.job.id == old.job.id


def test_the_least_recently_served_job_comes_first(jobs: Jobs, leases: Leases, database: Database) -> None:
    ids = [jobs.submit(spec(f"dav:{n}", f"vdir:/{n}")).id for n in range(4)]
    for age, job in zip((30, 10, 40, 20), ids, strict=True):
        execute(database, "update job set served_at = :at where id = :id", at=1000 - age, id=job)
    order = [lease.job.id for lease in (leases.claim("ada", ttl=30) for _ in ids) if lease]
    assert order == [ids[2], ids[0], ids[3], ids[1]]


def test_jobs_take_turns(jobs: Jobs, leases: Leases) -> None:
    ids = {jobs.submit(spec(f"dav:{n}", f"vdir:/{n}")).id for n in range(3)}
    served = []
    for _ in range(9):
        lease = leases.claim("ada", ttl=30)
        assert lease is not None
        served.append(lease.job.id)
        leases.release(lease, state=JobState.READY)
    assert [set(served[n : n + 3]) for n in (0, 3, 6)] == [ids] * 3


@pytest.mark.parametrize(
    ("held", "asked", "free"),
    [
        pytest.param(("dav:a", "vdir:/x"), ("dav:b", "vdir:/y"), True, id="nothing-shared"),
        pytest.param(("dav:a", "vdir:/x"), ("dav:a", "vdir:/y"), False, id="same-source"),
        pytest.param(("dav:a", "vdir:/x"), ("dav:b", "vdir:/x"), False, id="same-destination"),
        pytest.param(("dav:a", "vdir:/x"), ("vdir:/x", "dav:c"), False, id="destination-is-the-others-source"),
        pytest.param(("dav:a", "vdir:/x"), ("dav:c", "dav:a"), False, id="source-is-the-others-destination"),
        pytest.param(("dav:a", "dav:a"), ("dav:a", "vdir:/y"), False, id="within-one-account"),
    ],
)
def test_one_live_lease_per_connection(
    held: tuple[str, str], asked: tuple[str, str], free: bool, jobs: Jobs, leases: Leases, database: Database
) -> None:
    holder = jobs.submit(spec(*held))
    assert leases.claim("ada", ttl=30, job=holder.id) is not None
    jobs.submit(spec(*asked))
    assert (leases.claim("bob", ttl=30) is not None) is free
    # A dead worker's lease still keeps its connections: that job has to be taken over first.
    expire(database, [holder.id])
    first = leases.claim("cleo", ttl=30)
    assert first is not None
    assert first.job.id == holder.id


def test_a_busy_connection_does_not_hide_the_others(jobs: Jobs, leases: Leases, database: Database) -> None:
    flood = [jobs.submit(spec("dav:whale", f"vdir:/{n}")).id for n in range(40)]
    assert leases.claim("ada", ttl=30, job=flood[0]) is not None
    small = jobs.submit(spec("dav:small", "vdir:/small"))
    execute(database, "update job set served_at = 5 where id = :id", id=small.id)
    found = leases.claim("bob", ttl=30)
    assert found is not None
    assert found.job.id == small.id
    assert leases.claim("cleo", ttl=30) is None


@pytest.mark.parametrize("wanted", [0, 1, 2])
def test_a_named_job_is_claimed_and_no_other(wanted: int, jobs: Jobs, leases: Leases) -> None:
    ids = [jobs.submit(spec(f"dav:{n}", f"vdir:/{n}")).id for n in range(3)]
    lease = leases.claim("ada", ttl=30, job=ids[wanted])
    assert lease is not None
    assert lease.job.id == ids[wanted]
    assert leases.claim("bob", ttl=30, job=ids[wanted]) is None
    assert leases.claim("bob", ttl=30, job="no such job") is None


def test_a_named_job_is_taken_over_too(jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = leased(jobs, leases, source="dav:a")
    other = leased(jobs, leases, source="dav:b")
    expire(database, [lease.job.id, other.job.id])
    taken = leases.claim("bob", ttl=30, job=lease.job.id)
    assert taken is not None
    assert taken.job.id == lease.job.id


def test_renew_prolongs_and_says_what_is_wanted(jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = leased(jobs, leases, ttl=5)
    assert leases.renew(lease, ttl=500) is Want.RUN
    holder = jobs.leased_by(lease.job.id)
    assert holder is not None
    assert holder[0] == "ada"
    assert holder[1] > lease.until + 400
    jobs.want(lease.job.id, Want.CANCEL)
    assert leases.renew(lease, ttl=5) is Want.CANCEL
    expire(database, [lease.job.id])
    assert leases.renew(lease, ttl=5) is Want.CANCEL, "an expired lease nobody took over is still ours"


def lost(jobs: Jobs, leases: Leases, database: Database, *, how: str) -> Lease:
    """Make a lease that no longer holds."""
    lease = leased(jobs, leases)
    if how == "released":
        leases.release(lease, state=JobState.PAUSED)
    elif how == "taken over":
        expire(database, [lease.job.id])
        assert leases.claim("bob", ttl=30) is not None
    elif how == "taken over and done":
        expire(database, [lease.job.id])
        taken = leases.claim("bob", ttl=30)
        assert taken is not None
        leases.release(taken, state=JobState.DONE)
    elif how == "cancelled after death":
        expire(database, [lease.job.id])
        jobs.want(lease.job.id, Want.CANCEL)
    elif how == "taken over by its namesake":
        expire(database, [lease.job.id])
        assert leases.claim(lease.owner, ttl=30) is not None
    return lease


WAYS = ["released", "taken over", "taken over and done", "cancelled after death", "taken over by its namesake"]


@pytest.mark.parametrize("how", WAYS)
def test_a_lost_lease_is_refused_and_changes_nothing(how: str, jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = lost(jobs, leases, database, how=how)
    before = execute(database, "select * from job")
    with pytest.raises(LeaseLost) as renewing:
        leases.renew(lease, ttl=30)
    assert (renewing.value.job, renewing.value.token) == (lease.job.id, lease.token)
    with pytest.raises(LeaseLost):
        leases.release(lease, state=JobState.DONE, problem={"reason": "x"}, phase=Phase.FINISHING)
    assert execute(database, "select * from job") == before


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.LEASED])
def test_release_stores_state_problem_and_phase(state: JobState, jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    jobs.allow_deletions(lease.job.id)
    problem = {"reason": "access-refused", "detail": "401"}
    leases.release(lease, state=state, problem=problem, phase=Phase.FINISHING)
    job = jobs.get(lease.job.id)
    assert job is not None
    assert (job.state, job.problem, job.phase) == (state, problem, Phase.FINISHING)
    assert (job.ended_at is not None) is (state in ENDED)
    assert job.allow_deletions is (state not in ENDED), "the leave to delete is for one run"
    assert jobs.leased_by(job.id) is None


def test_release_without_problem_clears_the_old_one(jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    leases.release(lease, state=JobState.READY, problem={"reason": "throttled"})
    again = leases.claim("ada", ttl=30)
    assert again is not None
    assert again.job.problem == {"reason": "throttled"}
    leases.release(again, state=JobState.DONE)
    job = jobs.get(lease.job.id)
    assert job is not None
    assert job.problem is None
    assert job.phase is Phase.COLLECTIONS


@pytest.mark.parametrize(
    ("want", "state", "then"),
    [
        (Want.RUN, JobState.READY, JobState.READY),
        (Want.PAUSE, JobState.READY, JobState.PAUSED),
        (Want.CANCEL, JobState.READY, JobState.CANCELLED),
        (Want.PAUSE, JobState.DONE, JobState.DONE),
        (Want.CANCEL, JobState.DONE, JobState.DONE),
        (Want.CANCEL, JobState.NEEDS_USER, JobState.NEEDS_USER),
        (Want.PAUSE, JobState.CANCELLED, JobState.CANCELLED),
    ],
)
def test_what_was_wanted_at_the_last_moment_is_not_lost(
    want: Want, state: JobState, then: JobState, jobs: Jobs, leases: Leases
) -> None:
    lease = leased(jobs, leases)
    jobs.want(lease.job.id, want)
    leases.release(lease, state=state)
    job = jobs.get(lease.job.id)
    assert job is not None
    assert job.state is then
    assert (job.ended_at is not None) is (then in ENDED)


def test_a_job_is_not_released_into_a_lease(jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    with pytest.raises(ValueError, match="lease"):
        leases.release(lease, state=JobState.LEASED)
    assert leases.renew(lease, ttl=30) is Want.RUN


def test_the_clock_is_the_databases(jobs: Jobs, leases: Leases, database: Database) -> None:
    """A claim measures its lease from the database's now, whatever the worker's clock says."""
    lease = leased(jobs, leases, ttl=30)
    rows: list[tuple[Any, ...]] = execute(database, "select lease_until - served_at from job")
    assert rows[0][0] == pytest.approx(30, abs=0.5)
    assert lease.until > 30
