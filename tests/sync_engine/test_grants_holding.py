"""Who holds a grant, and the moment when nobody does: rules 3, 4, 10, 11 and 12."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from oauth.errors import GrantDying, GrantError, GrantGone, GrantStateWrong, HolderEndless, HolderOver
from oauth.grants import PAUSE_LIFE, GrantState, Holder, HolderKind, Radius
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.model import CLOSED, JobState, Lease, Want
from tests.sync_engine.builders import execute, expire
from tests.sync_engine.granting import Granting

S = GrantState
KEPT = Holder(HolderKind.KEPT, "k")


def running(grants: Granting, jobs: Jobs, leases: Leases, *names: str, job: str = "one") -> tuple[str, Lease]:
    """Return a job that holds *names* and is being worked on, with its lease."""
    made = grants.job(jobs, job)
    for name in names:
        grants.hold(name, made)
    lease = leases.claim("ada", ttl=60, job=made)
    assert lease is not None
    return made, lease


# Taking hold.


def test_the_first_job_takes_the_place_of_the_consent(grants: Granting, jobs: Jobs) -> None:
    name = grants.live()
    assert grants.holders(name) == {("consent", name)}
    job = grants.job(jobs)
    assert {holder.ref for holder in grants.hold(name, job).holders} == {job}
    grants.sound()


def test_holding_twice_is_holding_once(grants: Granting, jobs: Jobs) -> None:
    name, job = grants.live(), grants.job(jobs)
    first = grants.hold(name, job).holders[0].until
    grants.skew = 3600
    again = grants.hold(name, job).holders
    assert len(again) == 1
    assert again[0].until == pytest.approx((first or 0) + 3600, abs=30), "each start counts the pause anew"
    grants.sound()


def test_a_consent_holder_does_not_take_its_own_place(grants: Granting) -> None:
    name = grants.live()
    grants.store.attach(name, Holder(HolderKind.CONSENT, "another", grants.store.now() + 60))
    assert grants.holders(name) == {("consent", name), ("consent", "another")}
    grants.sound()


def test_rule_4_a_draining_grant_is_taken_back(grants: Granting, jobs: Jobs) -> None:
    name = grants.draining()
    taken = grants.hold(name, grants.job(jobs))
    assert (taken.state, taken.owed_at) == (S.LIVE, None)
    assert grants.store.owed() == []
    assert grants.store.lease(name, "reaper", 60, to=S.REVOKING) is None, "and is not ended under the job"
    assert grants.state(name) is S.LIVE
    grants.sound()


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (state, GrantDying if state is S.REVOKING else GrantGone)
        for state in GrantState
        if state not in {S.LIVE, S.DRAINING}
    ],
    ids=str,
)
def test_rule_4_nobody_holds_what_is_dying_gone_or_not_there_yet(
    state: GrantState, error: type[GrantError], grants: Granting, jobs: Jobs
) -> None:
    name = grants.bring(state)
    with pytest.raises(error):
        grants.hold(name, grants.job(jobs))
    assert (grants.state(name), grants.holders(name)) == (state, set())
    grants.sound()


def test_rule_10_a_schedule_without_an_end_is_refused(grants: Granting) -> None:
    name = grants.live()
    with pytest.raises(HolderEndless):
        grants.store.attach(name, Holder(HolderKind.SCHEDULE, "nightly"))
    assert grants.holders(name) == {("consent", name)}


def test_rule_10_a_schedule_holds_until_its_end(grants: Granting) -> None:
    name = grants.live()
    grants.store.attach(name, Holder(HolderKind.SCHEDULE, "nightly", grants.store.now() + 1000))
    grants.skew = 900
    assert grants.store.tidy() == []
    grants.skew = 1100
    assert grants.store.tidy() == [name]
    assert grants.state(name) is S.DRAINING


def test_rule_10_a_job_that_does_not_run_holds_for_the_longest_pause(grants: Granting, jobs: Jobs) -> None:
    name, job = grants.live(), grants.job(jobs)
    grants.hold(name, job)
    jobs.want(job, Want.PAUSE)
    grants.skew = PAUSE_LIFE - 60
    assert grants.store.tidy() == []
    grants.skew = PAUSE_LIFE + 60
    assert grants.store.tidy() == [name]
    grants.sound()


def test_a_job_at_work_keeps_what_it_needs_however_long_it_takes(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    name = grants.live()
    job, _ = running(grants, jobs, leases, name)
    grants.skew = PAUSE_LIFE * 3
    assert grants.store.tidy() == []
    expire(grants.database, [job])
    assert grants.store.tidy() == [name], "its worker died, and nobody took it up for a month"


def test_an_ended_job_holds_nothing(grants: Granting, jobs: Jobs) -> None:
    name, job = grants.live(), grants.job(jobs)
    jobs.want(job, Want.CANCEL)
    with pytest.raises(HolderOver):
        grants.hold(name, job)
    with pytest.raises(HolderOver):
        grants.hold(name, "no such job")
    assert grants.holders(name) == {("consent", name)}
    grants.sound()


# Letting go.


@pytest.mark.parametrize("end", sorted(CLOSED))
def test_rule_3_the_end_of_a_job_and_the_end_of_its_hold_are_one(
    end: JobState, grants: Granting, jobs: Jobs, leases: Leases
) -> None:
    name = grants.live()
    job, lease = running(grants, jobs, leases, name)
    leases.release(lease, state=end)
    found = grants.store.get(name)
    assert (found.state, found.holders, found.owed_at is not None) == (S.DRAINING, (), True)
    assert jobs.get(job).state is end  # type: ignore[union-attr]  # it was just there
    assert [grant.id for grant in grants.store.owed()] == [name]
    grants.sound()


@pytest.mark.parametrize("state", [JobState.READY, JobState.PAUSED, JobState.NEEDS_USER, JobState.STOPPED])
def test_a_job_that_goes_on_keeps_its_hold(state: JobState, grants: Granting, jobs: Jobs, leases: Leases) -> None:
    name = grants.live()
    job, lease = running(grants, jobs, leases, name)
    leases.release(lease, state=state)
    assert (grants.state(name), grants.holders(name)) == (S.LIVE, {("job", job)})
    grants.store.tidy()
    assert grants.holders(name) == {("job", job)}, "nor does the clean-up end it"


def test_rule_11_cancelling_a_job_nobody_works_on_ends_its_hold(grants: Granting, jobs: Jobs) -> None:
    name, job = grants.live(), grants.job(jobs)
    grants.hold(name, job)
    assert jobs.want(job, Want.CANCEL).state is JobState.CANCELLED
    assert grants.state(name) is S.DRAINING
    grants.sound()


def test_rule_11_cancelling_a_job_at_work_ends_its_hold_with_the_job(
    grants: Granting, jobs: Jobs, leases: Leases
) -> None:
    """The release that finds the wish turns READY into CANCELLED inside the statement."""
    name = grants.live()
    job, lease = running(grants, jobs, leases, name)
    jobs.want(job, Want.CANCEL)
    assert grants.state(name) is S.LIVE, "the worker still reads"
    leases.release(lease, state=JobState.READY)
    assert jobs.get(job).state is JobState.CANCELLED  # type: ignore[union-attr]  # it was just there
    assert grants.state(name) is S.DRAINING


def test_cancelling_a_job_whose_worker_died_ends_its_hold(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    name = grants.live()
    job, _ = running(grants, jobs, leases, name)
    expire(grants.database, [job])
    jobs.want(job, Want.CANCEL)
    assert grants.state(name) is S.DRAINING


@pytest.mark.parametrize("want", [Want.PAUSE, Want.RUN])
def test_other_wishes_change_no_hold(want: Want, grants: Granting, jobs: Jobs) -> None:
    name, job = grants.live(), grants.job(jobs)
    grants.hold(name, job)
    jobs.want(job, want)
    assert grants.holders(name) == {("job", job)}


def test_the_last_of_several_holders_ends_it(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    name = grants.live()
    grants.store.attach(name, KEPT)
    one, first = running(grants, jobs, leases, name)
    two, second = running(grants, jobs, leases, name, job="two")
    leases.release(first, state=JobState.DONE)
    assert grants.holders(name) == {("kept", "k"), ("job", two)}
    assert grants.store.release(HolderKind.KEPT, "k") == []
    assert one != two
    leases.release(second, state=JobState.FAILED)
    assert grants.state(name) is S.DRAINING
    grants.sound()


def test_rule_12_a_migration_holds_both_ends_and_lets_go_of_both(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    source, destination = grants.live(), grants.live("eva", account="there")
    _, lease = running(grants, jobs, leases, source, destination)
    leases.release(lease, state=JobState.DONE_WITH_PROBLEMS)
    assert {grants.state(source), grants.state(destination)} == {S.DRAINING}
    grants.sound()


def test_letting_go_of_what_is_not_held_changes_nothing(grants: Granting) -> None:
    name = grants.live()
    assert grants.store.release(HolderKind.JOB, "no such job") == []
    assert grants.store.release(HolderKind.KEPT, name) == [], "it is another kind of holder"
    assert grants.state(name) is S.LIVE


def test_a_lost_lease_lets_go_of_nothing(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    from sync_engine.errors import LeaseLost

    name = grants.live()
    job, old = running(grants, jobs, leases, name)
    expire(grants.database, [job])
    assert leases.claim("heir", ttl=60, job=job)
    with pytest.raises(LeaseLost):
        leases.release(old, state=JobState.DONE)
    assert grants.holders(name) == {("job", job)}


def test_holders_of_jobs_that_are_gone_are_found(grants: Granting, jobs: Jobs) -> None:
    """No way in the program leads here; a hand in the database does."""
    name, job = grants.live(), grants.job(jobs)
    grants.hold(name, job)
    execute(grants.database, "delete from job where id = :job", job=job)
    assert grants.store.tidy() == [name]
    grants.sound()


def test_a_live_grant_nobody_holds_is_owed_by_definition(grants: Granting) -> None:
    name = grants.live()
    execute(grants.database, "delete from holder")
    execute(grants.database, "update grants set holders = 0")
    assert grants.store.tidy() == [name]
    assert grants.state(name) is S.DRAINING


def test_draining_takes_it_from_everybody(grants: Granting, jobs: Jobs) -> None:
    name = grants.live()
    grants.store.attach(name, KEPT)
    grants.hold(name, grants.job(jobs))
    assert grants.store.drain(name).holders == ()
    assert grants.store.drain(name).state is S.DRAINING, "twice is no matter"
    grants.sound()


@pytest.mark.parametrize("state", [S.INTENT, S.EXCHANGING])
def test_what_is_not_there_yet_cannot_be_drained(state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    with pytest.raises(GrantStateWrong):
        grants.store.drain(name)


@pytest.mark.parametrize("state", [S.REVOKING, S.REVOKED, S.ERASED, S.LOST, S.MANUAL, S.ESCALATED, S.CLOSED])
@pytest.mark.parametrize("step", ["drain", "lost"])
def test_what_is_ending_is_not_drained_or_lost_again(step: str, state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    found = grants.store.drain(name) if step == "drain" else grants.store.lost(name, "invalid_grant")
    assert found.state is state


def test_what_the_other_side_ended_is_held_by_nobody(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    name = grants.live()
    _, lease = running(grants, jobs, leases, name)
    found = grants.store.lost(name, "invalid_grant")
    assert (found.state, found.holders, found.last_error) == (S.LOST, (), "invalid_grant")
    leases.release(lease, state=JobState.FAILED)
    assert grants.state(name) is S.LOST
    grants.sound()


# What the provider ends together.


def test_a_sibling_somebody_holds_keeps_the_whole_radius(grants: Granting, jobs: Jobs) -> None:
    idle, used = grants.live(), grants.live()
    grants.hold(used, grants.job(jobs))
    grants.store.drain(idle)
    assert grants.store.lease(idle, "reaper", 60, to=S.REVOKING) is None
    assert grants.state(idle) is S.DRAINING
    grants.store.drain(used)
    grants.strike(idle)
    assert grants.state(used) is S.REVOKING, "one revocation ends both, so nobody may take either back"
    grants.sound()


@pytest.mark.parametrize("radius", [Radius.AUTHORIZATION, Radius.CREDENTIAL])
def test_elsewhere_each_grant_ends_alone(radius: Radius, grants: Granting, jobs: Jobs) -> None:
    idle, used = grants.live(radius=radius), grants.live(radius=radius)
    grants.hold(used, grants.job(jobs))
    grants.store.drain(idle)
    grants.strike(idle)
    assert (grants.state(idle), grants.state(used)) == (S.REVOKING, S.LIVE)


@pytest.mark.parametrize("other", [{"subject": "eva"}, {"project": "q"}, {"tenant": "t"}, {"provider": "x"}], ids=str)
def test_other_radii_do_not_matter(other: dict[str, str], grants: Granting) -> None:
    idle = grants.live()
    given = {"account": "other", **other}
    used = grants.live(given.pop("subject", "ana"), **given)
    grants.store.drain(idle)
    grants.strike(idle)
    assert grants.state(used) is S.LIVE


# At the same moment.


def test_two_jobs_that_end_at_once_leave_nobody_behind(grants: Granting, jobs: Jobs, leases: Leases) -> None:
    """Each takes one off the same row: exactly one of them sees that nobody is left."""
    for turn in range(6):
        name = grants.live(f"person {turn}")
        ended = [running(grants, jobs, leases, name, job=f"{turn}-{number}")[1] for number in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda lease: leases.release(lease, state=JobState.DONE), ended))
        assert grants.state(name) is S.DRAINING
    grants.sound()


def test_whoever_comes_first_wins_the_last_moment(grants: Granting, jobs: Jobs) -> None:
    """A job that takes hold and a reaper that begins the end: one of them, never both."""
    for turn in range(10):
        name, sibling = (grants.live(f"person {turn}", account=f"home {turn}") for _ in range(2))
        grants.store.drain(name)
        grants.store.drain(sibling)
        job = grants.job(jobs, f"{turn}")

        def take(target: str = sibling, job: str = job) -> bool:
            try:
                grants.hold(target, job)
            except GrantDying:
                return False
            return True

        def strike(target: str = name) -> bool:
            return grants.store.lease(target, "reaper", 60, to=S.REVOKING) is not None

        with ThreadPoolExecutor(2) as pool:
            order = [take, strike] if turn % 2 else [strike, take]
            asked = [pool.submit(each) for each in order]
            answers = dict(zip(order, (each.result() for each in asked), strict=True))
        assert answers[take] is not answers[strike]
        grants.sound()


def test_tokens_and_the_end_of_their_radius_at_the_same_moment(grants: Granting) -> None:
    """Either the reaper sees the new grant and waits, or the new grant sees the reaper and ends too."""
    for turn in range(6):
        old = grants.draining(f"person {turn}", account=f"home {turn}")
        new = grants.exchanging(account=f"other {turn}")
        with ThreadPoolExecutor(2) as pool:
            kept = pool.submit(grants.keep, new, f"person {turn}")
            struck = pool.submit(grants.store.lease, old, "reaper", 60, to=S.REVOKING)
            state, lease = kept.result().state, struck.result()
        assert (state is S.LIVE) is (lease is None)
        assert state in {S.LIVE, S.REVOKING}
        grants.sound()
