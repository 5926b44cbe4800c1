"""Interrupted at every moment of a run: what is settled stays settled, and the next run finishes the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.errors import ReauthRequired, Throttled, Transient
from sync_engine.events import JobStarted, PhaseEntered, RunEnded
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import JobState, Phase, Want
from sync_engine.worker import MOST_PATIENCE
from tests.engine.bench import event

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_engine.events import Event
    from sync_engine.model import Job
    from tests.engine.bench import Bench

MOMENTS = range(9)
"""A run over two collections of 60 items in pages of 50 tells nine events before its last."""


class Watching(list["Event"]):
    """A list of events that calls somebody at one of them."""

    def __init__(self, moment: int, act: Callable[[], object]) -> None:
        super().__init__()
        self.moment, self.act = moment, act

    def append(self, happened: Event, /) -> None:
        super().append(happened)
        if len(self) - 1 == self.moment:
            self.act()

    def clear(self) -> None:
        """Keep counting: the bench clears before a run."""


@pytest.fixture
def kind() -> str:
    """Both databases obey alike, which is tested elsewhere; here the faster one will do."""
    return "sqlite"


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """Return a bench with two calendars of two pages each."""
    bench.fill(60)
    bench.fill(60, "home")
    return bench


def finish(bench: Bench) -> None:
    """Run to the end, and check that everything arrived."""
    bench.events = []
    bench.stop = lambda: False
    assert bench.run().state is JobState.DONE
    for name in ("work", "home"):
        assert bench.copies(name) == bench.originals(name)
    bench.check_books()


def reload(bench: Bench, job: Job) -> Job:
    """Return the job as it is stored."""
    found = Jobs(bench.database).get(job.id)
    assert found is not None
    return found


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("want", "state"), [(Want.PAUSE, JobState.PAUSED), (Want.CANCEL, JobState.CANCELLED)])
def test_the_user_changes_their_mind(filled: Bench, moment: int, want: Want, state: JobState) -> None:
    job = filled.submit()
    filled.events = Watching(moment, lambda: Jobs(filled.database).want(job.id, want))
    ended = filled.run()
    assert ended.state in {state, JobState.DONE}
    if moment < 6:
        assert ended.state is state
    assert ended.run == 1
    assert (ended.ended_at is None) is (ended.state is JobState.PAUSED)
    filled.check_books()
    finish(filled)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_process_is_told_to_stop(filled: Bench, moment: int) -> None:
    stopped: list[bool] = []
    filled.stop = lambda: bool(stopped)
    filled.events = Watching(moment, lambda: stopped.append(True))
    ended = filled.run()
    assert ended.state in {JobState.PAUSED, JobState.DONE}
    assert ended.problem is None
    filled.check_books()
    finish(filled)


@pytest.mark.parametrize("moment", MOMENTS)
def test_another_worker_takes_the_job(filled: Bench, moment: int) -> None:
    """From that moment on nothing of the robbed worker reaches the ledger."""
    job = filled.submit()
    robbed: list[object] = []
    seen: list[int] = []

    def rob() -> None:
        assert Leases(filled.database).expire(lambda _: True) == 1
        robbed.append(Leases(filled.database).claim("thief/0:1:x", ttl=600, job=job.id))
        seen.append(sum(row.present for row in Ledger(filled.database).collections(job.id)))

    filled.stop = lambda: bool(robbed)
    filled.events = Watching(moment, rob)
    ended = filled.run()
    assert robbed != [None]
    assert ended.state is JobState.LEASED
    assert [sum(row.present for row in Ledger(filled.database).collections(job.id))] == seen
    assert Leases(filled.database).expire(lambda owner: owner.startswith("thief")) == 1
    finish(filled)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_bug_strikes(filled: Bench, moment: int) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    filled.events = Watching(moment, fail)
    with pytest.raises(RuntimeError):
        filled.run()
    job = filled.submit()
    assert job.state is JobState.FAILED
    assert job.problem == {"reason": "unexpected", "error": "RuntimeError", "detail": "a bug"}
    filled.check_books()
    finish(filled)


@pytest.mark.parametrize("page", range(4))
@pytest.mark.parametrize("error", [ReauthRequired("401"), Transient("lost"), Throttled("slow", retry_after=9_000.0)],
                         ids=["access", "connection", "throttled"])  # fmt: skip
def test_the_source_fails_at_each_page_for_good(filled: Bench, page: int, error: Exception) -> None:
    pages = [0]

    def strike() -> None:
        pages[0] += 1
        if pages[0] > page:
            raise error

    filled.source.before_page = strike
    job = filled.run()
    assert job.state is (JobState.NEEDS_USER if isinstance(error, ReauthRequired) else JobState.READY)
    assert job.problem is not None
    assert job.problem["error"] == type(error).__name__
    filled.check_books()
    settled = sum(row.present for row in Ledger(filled.database).collections(job.id))
    assert settled == [0, 50, 60, 110][page], "the pages before it are kept, and no more"
    filled.source.before_page = lambda: None
    finish(filled)


@pytest.mark.parametrize(("asked", "waits"), [(MOST_PATIENCE, True), (MOST_PATIENCE + 1, False)])
def test_how_long_a_wait_is_sat_out(filled: Bench, asked: float, *, waits: bool) -> None:
    calls = [0]

    def throttle() -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise Throttled("later", retry_after=asked)

    slept: list[float] = []
    over = [False]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        over[0] = True

    filled.source.before_page = throttle
    filled.stop = lambda: over[0]
    job = filled.submit()
    Jobs(filled.database).start(job.id)
    worker = filled.worker()
    worker.sleep = sleep
    worker.run_job(job.id)
    assert any(event.__class__.__name__ == "Waiting" for event in filled.events) is waits
    assert reload(filled, job).state is JobState.READY
    assert bool(slept) is waits


def test_phases_come_in_order_and_are_kept(filled: Bench) -> None:
    filled.run()
    phases = [event.phase for event in filled.events if isinstance(event, PhaseEntered)]
    assert phases == [phase.value for phase in Phase]
    assert isinstance(filled.events[0], JobStarted)
    assert isinstance(filled.events[-1], RunEnded)
    assert filled.submit().phase is Phase.FINISHING


def test_a_paused_run_goes_on_as_the_same_run_or_a_new_one_by_choice(filled: Bench) -> None:
    """``start`` numbers a new run; going on after a pause without it keeps the number."""
    job = filled.submit()
    filled.events = Watching(4, lambda: Jobs(filled.database).want(job.id, Want.PAUSE))
    assert filled.run().state is JobState.PAUSED
    filled.events = []
    assert Jobs(filled.database).want(job.id, Want.RUN).state is JobState.READY
    ended = filled.worker().run_job(job.id)
    assert (ended.state, ended.run) == (JobState.DONE, 1)
    started = next(event for event in filled.events if isinstance(event, JobStarted))
    assert started.resumed
    for name in ("work", "home"):
        assert filled.copies(name) == filled.originals(name)
    filled.run()
    started = next(event for event in filled.events if isinstance(event, JobStarted))
    assert (started.resumed, started.run) == (False, 2)


def test_a_resumed_run_looks_only_at_what_was_not_settled(filled: Bench) -> None:
    job = filled.submit()
    filled.events = Watching(6, lambda: Jobs(filled.database).want(job.id, Want.PAUSE))
    filled.run()
    listed = filled.source.calls["changes"]
    settled = sum(row.settled_run == 1 for row in Ledger(filled.database).collections(job.id))
    filled.events = []
    Jobs(filled.database).want(job.id, Want.RUN)
    filled.worker().run_job(job.id)
    assert filled.source.calls["changes"] - listed == 2 - settled
    finish(filled)


def test_a_collection_missed_before_a_pause_is_a_problem_of_the_whole_run(filled: Bench) -> None:
    """Said before the pause, it is not said again; the end has to remember it all the same."""
    filled.run()
    filled.faults(gone=frozenset({"work"}))
    filled.source.change("home", "00001.ics", event("home-1", "changed"))
    job = filled.submit()
    filled.events = Watching(2, lambda: Jobs(filled.database).want(job.id, Want.PAUSE))
    assert filled.run().state is JobState.PAUSED
    assert filled.notes() == ["collection-missing"]
    filled.events = []
    Jobs(filled.database).want(job.id, Want.RUN)
    assert filled.worker().run_job(job.id).state is JobState.DONE_WITH_PROBLEMS
    assert filled.notes() == []
    filled.check_books()


@pytest.mark.parametrize("want", [Want.PAUSE, Want.CANCEL])
def test_a_job_nobody_works_on_obeys_at_once(filled: Bench, want: Want) -> None:
    job = filled.submit()
    Jobs(filled.database).start(job.id)
    Jobs(filled.database).want(job.id, want)
    ended = filled.worker().run_job(job.id)
    assert ended.state is (JobState.PAUSED if want is Want.PAUSE else JobState.CANCELLED)
    assert filled.events == []
    assert filled.source.calls == {}


def test_stopping_for_a_question_is_no_pause(filled: Bench) -> None:
    filled.run()
    for name in list(filled.source.bodies("work"))[:40]:
        filled.source.delete("work", name)
    assert filled.run().state is JobState.STOPPED
    job = filled.submit()
    assert Jobs(filled.database).want(job.id, Want.PAUSE).state is JobState.STOPPED
    filled.source.add("home", "new.ics", event("new"))
    assert filled.run(allow_deletions=True).state is JobState.DONE
    finish(filled)
