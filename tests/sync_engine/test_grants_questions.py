"""A job whose question is open keeps the access that the answer needs, and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oauth.grants import PAUSE_LIFE, GrantState
from sync_engine.model import JobState, Want
from tests.sync_engine.test_grants_holding import running

if TYPE_CHECKING:
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from tests.sync_engine.granting import Granting

S = GrantState


@pytest.mark.parametrize("state", [JobState.NEEDS_USER, JobState.STOPPED])
def test_an_open_question_keeps_the_hold_for_so_long_only(
    state: JobState, grants: Granting, jobs: Jobs, leases: Leases
) -> None:
    name = grants.live()
    _, lease = running(grants, jobs, leases, name)
    leases.release(lease, state=state)
    grants.skew = PAUSE_LIFE + 60
    grants.store.tidy()
    assert grants.state(name) is S.DRAINING


def test_the_answer_to_a_safety_stop_still_has_its_access(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    name = grants.live()
    job, lease = running(grants, jobs, leases, name)
    leases.release(lease, state=JobState.STOPPED)
    jobs.allow_deletions(job)
    assert jobs.start(job).state is JobState.READY
    again = leases.claim("ada", ttl=60, job=job)
    assert again is not None
    assert grants.state(name) is S.LIVE
    leases.release(again, state=JobState.DONE)
    assert grants.state(name) is S.DRAINING


def test_a_safety_stop_cancelled_ends_its_hold(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    name = grants.live()
    job, lease = running(grants, jobs, leases, name)
    leases.release(lease, state=JobState.STOPPED)
    for want in (Want.RUN, Want.PAUSE):
        assert jobs.want(job, want).state is JobState.STOPPED
        assert grants.state(name) is S.LIVE
    assert jobs.want(job, Want.CANCEL).state is JobState.CANCELLED
    assert grants.state(name) is S.DRAINING
    grants.sound()


def test_a_stopped_job_may_hold_what_its_answer_needs(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    """Access that was given anew while the question was open belongs to the job as well."""
    name = grants.live()
    job, lease = running(grants, jobs, leases, grants.live())
    leases.release(lease, state=JobState.STOPPED)
    grants.hold(name, job)
    assert ("job", job) in grants.holders(name)
