"""Start, pause, cancel: what becomes of a job in each state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_engine.errors import LeaseLost
from sync_engine.jobs import obeyed
from sync_engine.model import ENDED, JobState, Phase, Want
from tests.sync_engine.builders import events, execute, expire, leased, spec

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases

R, L, P, N = JobState.READY, JobState.LEASED, JobState.PAUSED, JobState.NEEDS_USER
C = JobState.CANCELLED

AT_ONCE = [
    # state, held by a living worker, want -> state
    (R, False, Want.RUN, R),
    (R, False, Want.PAUSE, P),
    (R, False, Want.CANCEL, C),
    (L, True, Want.RUN, L),
    (L, True, Want.PAUSE, L),
    (L, True, Want.CANCEL, L),
    (L, False, Want.RUN, L),
    (L, False, Want.PAUSE, P),
    (L, False, Want.CANCEL, C),
    (P, False, Want.RUN, R),
    (P, False, Want.PAUSE, P),
    (P, False, Want.CANCEL, C),
    (N, False, Want.RUN, N),
    (N, False, Want.PAUSE, N),
    (N, False, Want.CANCEL, C),
    *((state, False, want, state) for state in sorted(ENDED) for want in Want),
]


def test_the_table_is_complete() -> None:
    cases = {(state, live, want) for state, live, want, _ in AT_ONCE}
    assert len(cases) == len(AT_ONCE)
    assert {state for state, _, _ in cases} == set(JobState)


@pytest.mark.parametrize(("state", "live", "want", "after"), AT_ONCE)
def test_the_rule(state: JobState, live: bool, want: Want, after: JobState) -> None:
    assert obeyed(state, want, live=live) is after


@pytest.mark.parametrize(("state", "live", "want", "after"), AT_ONCE)
def test_the_rule_in_the_database(
    state: JobState, live: bool, want: Want, after: JobState, jobs: Jobs, leases: Leases, database: Database
) -> None:
    lease = leased(jobs, leases)
    jobs.allow_deletions(lease.job.id)
    if state is not L:
        leases.release(lease, state=state)
    elif not live:
        expire(database, [lease.job.id])
    before = jobs.get(lease.job.id)
    job = jobs.want(lease.job.id, want)
    assert job == jobs.get(lease.job.id)
    assert job.state is after
    assert (jobs.leased_by(job.id) is not None) is live
    assert (job.ended_at is not None) is (after in ENDED)
    if state in ENDED:
        assert job == before
    else:
        assert job.want is want
        assert job.allow_deletions is (after is not C)
    if state is L and after is not L:
        with pytest.raises(LeaseLost):
            leases.renew(lease, ttl=30)


@pytest.mark.parametrize("state", list(JobState))
def test_start(state: JobState, jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = leased(jobs, leases)
    execute(database, "update job set started_at = 77, want = 'pause'")
    if state is not L:
        leases.release(lease, state=state, not_before=1e12, problem={"reason": "x"}, phase=Phase.FINISHING)
    job = jobs.start(lease.job.id)
    assert job.want is Want.RUN
    if state is L:
        assert job.state is L
        assert job.run == 1
        assert leases.renew(lease, ttl=30) is Want.RUN
        return
    assert (job.state, job.problem, job.ended_at, job.not_before) == (R, None, None, 0.0)
    assert job.phase is (Phase.COLLECTIONS if state in ENDED else job.phase)
    if state in ENDED:
        assert (job.run, job.started_at) == (2, None)
    assert leases.claim("bob", ttl=30) is not None, "and it can be claimed"


def test_a_job_that_never_ran_starts_with_its_first_run(jobs: Jobs) -> None:
    job = jobs.submit(spec()).id
    assert jobs.start(job).run == 1
    assert jobs.start(job).run == 1


def test_runs_are_numbered(jobs: Jobs, leases: Leases) -> None:
    job = jobs.submit(spec()).id
    for run in (1, 2, 3):
        assert jobs.start(job).run == run
        lease = leases.claim("ada", ttl=30)
        assert lease is not None
        assert lease.job.run == run
        leases.release(lease, state=JobState.DONE)


def test_a_running_job_is_paused_by_its_worker(jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    assert jobs.want(lease.job.id, Want.PAUSE).state is L
    assert leases.renew(lease, ttl=30) is Want.PAUSE
    leases.release(lease, state=P)
    assert leases.claim("bob", ttl=30) is None
    assert jobs.want(lease.job.id, Want.RUN).state is R
    assert leases.claim("bob", ttl=30) is not None


def test_a_pause_taken_back_in_time_is_no_pause(jobs: Jobs, leases: Leases) -> None:
    lease = leased(jobs, leases)
    jobs.want(lease.job.id, Want.PAUSE)
    jobs.want(lease.job.id, Want.RUN)
    assert leases.renew(lease, ttl=30) is Want.RUN


def test_what_a_user_did_is_in_the_audit_trail(jobs: Jobs, database: Database) -> None:
    job = jobs.submit(spec()).id
    jobs.want(job, Want.PAUSE)
    jobs.start(job)
    jobs.allow_deletions(job)
    jobs.want(job, Want.CANCEL)
    jobs.want(job, Want.RUN)  # changes nothing and leaves no line
    jobs.start(job)
    assert [event.replace("started", "resumed") for event in events(database, f"job:{job}")] == [
        "job.submitted",
        "job.pause-wanted",
        "job.resumed",
        "job.deletions-allowed",
        "job.cancel-wanted",
        "job.ended",
        "job.resumed",
    ]
