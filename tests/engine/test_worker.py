"""The embedded worker: one holder at a time, the dead are buried, waits are sat out, bugs are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from connectors.errors import ReauthRequired, Throttled, Transient
from sync_engine.errors import JobBusy, JobUnknown
from sync_engine.events import Waiting
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.model import JobState
from sync_engine.owners import is_dead, own_name
from sync_engine.worker import MOST_WAITS, Worker
from tests.engine.bench import QUICK, event

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.bench import Bench


def started(bench: Bench) -> str:
    """Return the id of the bench's job, ready to run."""
    job = bench.submit()
    Jobs(bench.database).start(job.id)
    return job.id


def failing(error: Exception, *, times: int) -> Callable[[], None]:
    """Return a hook that raises *error* so many times."""
    left = [times]

    def hook() -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return hook


def test_unknown_job_is_said(bench: Bench) -> None:
    with pytest.raises(JobUnknown):
        bench.worker().run_job("nope")


def test_a_job_another_worker_holds_is_busy(bench: Bench) -> None:
    job = started(bench)
    lease = Leases(bench.database).claim("elsewhere/0:1:abc", ttl=60, job=job)
    assert lease is not None
    with pytest.raises(JobBusy) as busy:
        bench.worker().run_job(job)
    assert busy.value.owner == "elsewhere/0:1:abc"


def test_a_job_of_a_dead_process_of_this_machine_is_taken_over_at_once(bench: Bench) -> None:
    bench.fill(10)
    job = started(bench)
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    machine = own_name().rsplit(":", 2)[0]
    owner = f"{machine}:{int(child.stdout)}:abc"
    assert Leases(bench.database).claim(owner, ttl=600, job=job) is not None
    begun = time.monotonic()
    assert bench.worker().run_job(job).state is JobState.DONE
    assert time.monotonic() - begun < 60
    assert bench.copies() == bench.originals()


def test_an_expired_lease_is_taken_over(bench: Bench) -> None:
    bench.fill(5)
    job = started(bench)
    assert Leases(bench.database).claim("elsewhere/0:1:abc", ttl=-1, job=job) is not None
    assert bench.worker().run_job(job).state is JobState.DONE


@pytest.mark.parametrize("owner", ["elsewhere/0:1:abc", "nonsense", "", "a:b:c:d", "::"])
def test_what_is_not_of_this_machine_may_live(owner: str) -> None:
    assert not is_dead(owner)


def test_this_process_lives() -> None:
    assert not is_dead(own_name())


def test_a_name_without_a_process_number_may_live() -> None:
    machine = own_name().rsplit(":", 2)[0]
    assert not is_dead(f"{machine}:x:abc")


def test_a_killed_process_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    owner = f"{own_name().rsplit(':', 2)[0]}:{child.pid}:abc"
    assert not is_dead(owner)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert is_dead(owner)


def test_two_names_of_one_process_differ() -> None:
    assert own_name() != own_name()


def test_a_wait_the_provider_names_is_sat_out_and_told(bench: Bench) -> None:
    bench.fill(5)
    bench.source.before_page = failing(Throttled("slow down", retry_after=0.1), times=MOST_WAITS)
    assert bench.run().state is JobState.DONE
    waits = [e for e in bench.events if isinstance(e, Waiting)]
    assert waits
    assert waits[0].seconds == pytest.approx(0.1)


def test_who_asks_to_wait_once_more_than_that_is_left_to_a_later_run(bench: Bench) -> None:
    bench.fill(5)
    bench.run()
    bench.source.add("work", "new.ics", event("new"))
    bench.source.before_page = failing(Throttled("slow down", retry_after=0.1), times=MOST_WAITS + 1)
    job = bench.run()
    assert job.state is JobState.READY
    assert job.problem is not None
    assert job.problem["reason"] == "throttled"
    assert sum(isinstance(e, Waiting) for e in bench.events) == MOST_WAITS
    assert bench.run().state is JobState.DONE


def test_a_long_wait_is_left_to_a_later_run(bench: Bench) -> None:
    bench.fill(5)
    bench.source.before_page = failing(Throttled("come back tomorrow", retry_after=86_400.0), times=1)
    job = bench.run()
    assert job.state is JobState.READY
    assert job.problem is not None
    assert job.problem["reason"] == "throttled"
    assert job.not_before > time.time() + 80_000


def test_a_passing_fault_is_tried_again_within_the_run(bench: Bench) -> None:
    bench.fill(5)
    bench.source.before_page = failing(Transient("blip"), times=2)
    assert bench.run().state is JobState.DONE


def test_refused_access_waits_for_the_user(bench: Bench) -> None:
    bench.fill(5)
    bench.source.before_page = failing(ReauthRequired("wrong password"), times=1)
    job = bench.run()
    assert job.state is JobState.NEEDS_USER
    assert job.problem is not None
    assert job.problem["error"] == "ReauthRequired"
    assert bench.run().state is JobState.DONE


def test_a_bug_fails_the_job_and_is_raised_and_the_next_run_goes_on(bench: Bench) -> None:
    bench.fill(120)
    calls = [0]

    def bug() -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise ZeroDivisionError("a bug")

    bench.source.before_page = bug
    with pytest.raises(ZeroDivisionError):
        bench.run()
    job = bench.submit()
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem["reason"] == "unexpected"
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_long_steps_keep_their_lease_by_beating(bench: Bench) -> None:
    """One page takes three times the lease's life; nobody else gets the job meanwhile."""
    bench.fill(5)
    job = started(bench)
    slow, stolen = threading.Event(), []

    def dawdle() -> None:
        slow.set()
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            lease = Leases(bench.database).claim("thief/0:1:abc", ttl=60, job=job)
            if lease is not None:
                stolen.append(lease)
            time.sleep(0.05)

    bench.source.before_page = dawdle
    worker = Worker(bench.database, bench.open_place, retry=QUICK, ttl=0.5)
    assert worker.run_job(job).state is JobState.DONE
    assert slow.is_set()
    assert not stolen


def test_a_worker_that_lost_its_lease_writes_nothing_more(bench: Bench) -> None:
    bench.fill(200)
    job = started(bench)
    pages = [0]

    def rob() -> None:
        pages[0] += 1
        if pages[0] == 2:
            Leases(bench.database).expire(lambda _: True)
            assert Leases(bench.database).claim("thief/0:1:abc", ttl=60, job=job) is not None

    bench.source.before_page = rob
    before = len(bench.rows())
    with pytest.raises(JobBusy):
        bench.worker().run_job(job)
    assert before == 0
    assert len(bench.rows()) == 50
    bench.check_books()


def test_serving_works_off_every_job_that_is_due(bench: Bench) -> None:
    bench.fill(30)
    job = started(bench)
    bench.worker().serve(idle=lambda: True)
    found = Jobs(bench.database).get(job)
    assert found is not None
    assert found.state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_serving_goes_on_in_slices(bench: Bench) -> None:
    """A deadline that is over after every page still ends, because each slice settles at least one page."""
    bench.fill(230)
    job = started(bench)
    worker = bench.worker()
    slices = 0
    while (lease := Leases(bench.database).claim(worker.owner, ttl=30, job=job)) is not None:
        slices += 1
        worker._serve(lease, deadline=0.0)
        assert slices < 40
    found = Jobs(bench.database).get(job)
    assert found is not None
    assert found.state is JobState.DONE
    assert slices > 2
    assert bench.copies() == bench.originals()


def test_changes_after_a_stop_are_part_of_the_next_run(bench: Bench) -> None:
    bench.fill(60)
    bench.fill(60, "home")
    bench.stop = lambda: len(bench.events) > 4
    bench.run()
    bench.stop = lambda: False
    bench.source.change("work", "00001.ics", event("work-1", "changed since"))
    bench.source.change("home", "00001.ics", event("home-1", "changed since"))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.copies("home") == bench.originals("home")
