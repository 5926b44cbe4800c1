"""Start, pause, cancel: what becomes of a job in each state."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sync_engine.errors import LeaseLost
from sync_engine.jobs import obeyed
from sync_engine.model import CLOSED, ENDED, JobState, Phase, Want
from sync_engine.owners import own_name
from tests.sync_engine.builders import events, execute, expire, leased, spec

if TYPE_CHECKING:
    from collections.abc import Callable

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
    (JobState.STOPPED, False, Want.CANCEL, C),
    *((state, False, want, state) for state in sorted(CLOSED) for want in Want),
    *((JobState.STOPPED, False, want, JobState.STOPPED) for want in (Want.RUN, Want.PAUSE)),
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
    if state in ENDED and after is state:
        assert job == before
    else:
        assert job.want is want
        assert job.allow_deletions is (after is not C)
    if state is L and after is not L:
        with pytest.raises(LeaseLost):
            leases.renew(lease, ttl=30)


def expired(database: Database, job: str) -> None:
    expire(database, [job])


def killed(database: Database, job: str) -> None:
    """Let the job be held, for long, by a process of this machine that has ended and was waited for."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    machine = own_name().rpartition(":")[0].rpartition(":")[0]
    execute(database, "update job set owner = :owner where id = :job", owner=f"{machine}:{child.pid}:x", job=job)


DEATHS = [expired, killed]


@pytest.mark.parametrize("die", DEATHS)
@pytest.mark.parametrize("begun", [True, False])
def test_start_takes_the_job_of_a_dead_worker_over(
    die: Callable[[Database, str], None], begun: bool, jobs: Jobs, leases: Leases, database: Database
) -> None:
    """Otherwise the run goes on where it was cut off, and passes over what was settled before."""
    lease = leased(jobs, leases, ttl=1000)
    if begun:
        execute(database, "update job set started_at = 77")
    die(database, lease.job.id)
    job = jobs.start(lease.job.id)
    assert (job.state, job.run, job.started_at) == (R, 1 + begun, None)
    assert jobs.leased_by(job.id) is None
    with pytest.raises(LeaseLost):
        leases.renew(lease, ttl=30)
    new = leases.claim("bob", ttl=30, job=job.id)
    assert new is not None
    assert (new.job.run, new.token) == (1 + begun, lease.token + 1)


@pytest.mark.parametrize("die", DEATHS)
@pytest.mark.parametrize(("want", "after"), [(Want.PAUSE, P), (Want.CANCEL, C)])
def test_a_wish_about_a_dead_workers_job_is_obeyed_at_once(
    die: Callable[[Database, str], None], want: Want, after: JobState, jobs: Jobs, leases: Leases, database: Database
) -> None:
    lease = leased(jobs, leases, ttl=1000)
    die(database, lease.job.id)
    assert jobs.want(lease.job.id, want).state is after


def test_a_living_worker_of_this_machine_keeps_its_job(jobs: Jobs, leases: Leases, database: Database) -> None:
    lease = leased(jobs, leases, owner=own_name(), ttl=1000)
    execute(database, "update job set started_at = 77")
    job = jobs.start(lease.job.id)
    assert (job.state, job.run, job.started_at) == (L, 1, 77)
    assert leases.renew(lease, ttl=30) is Want.RUN


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
