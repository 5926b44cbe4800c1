"""The one stream of events: complete, in order, equal to the ledger, and without a word of anybody's data."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields, is_dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from sync_engine import events
from sync_engine.events import (
    CollectionNote,
    ItemSettled,
    JobStarted,
    PhaseEntered,
    Progress,
    RunEnded,
    silent,
)
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import JobState, Want
from sync_engine.report import build_report
from tests.engine.bench import event

if TYPE_CHECKING:
    from sync_engine.model import ItemRow
    from tests.engine.bench import Bench

SECRET = "a-very-private-title"


@pytest.fixture
def kind() -> str:
    """The stream does not depend on the database; the faster one will do."""
    return "sqlite"


@pytest.fixture
def mixed(bench: Bench) -> Bench:
    """Return a bench with good, broken and refused items in two calendars."""
    bench.fill(60)
    bench.fill(20, "home")
    for number in range(3):
        bench.source.add("home", f"broken-{number}.ics", b"BEGIN:VCALENDAR\r\n")
    bench.target_faults(reject=frozenset({"work/00001.ics", "work/00002.ics"}))
    return bench


def of(bench: Bench, kind_of_event: type) -> list[object]:
    """Return the events of one kind."""
    return [each for each in bench.events if isinstance(each, kind_of_event)]


def test_a_run_begins_and_ends_once(mixed: Bench) -> None:
    for _ in range(2):
        mixed.run()
        assert isinstance(mixed.events[0], JobStarted)
        assert isinstance(mixed.events[-1], RunEnded)
        assert Counter(type(each).__name__ for each in mixed.events)["RunEnded"] == 1
        assert Counter(type(each).__name__ for each in mixed.events)["JobStarted"] == 1


def test_the_start_says_what_is_run(mixed: Bench) -> None:
    job = mixed.run()
    started = mixed.events[0]
    assert isinstance(started, JobStarted)
    assert (started.job, started.kind, started.run, started.resumed) == (job.id, "backup", 1, False)
    assert (started.source, started.destination) == (job.spec.source, job.spec.destination)
    mixed.run()
    again = mixed.events[0]
    assert isinstance(again, JobStarted)
    assert (again.run, again.resumed) == (2, False)


def test_everything_names_its_job(mixed: Bench) -> None:
    job = mixed.run()
    assert {each.job for each in mixed.events} == {job.id}


def test_progress_grows_within_its_total(mixed: Bench) -> None:
    mixed.run()
    steps = [each for each in mixed.events if isinstance(each, Progress)]
    assert {step.phase for step in steps} == {"copy", "verify"}
    for before, after in pairwise(steps):
        assert after.done >= before.done or after.phase != before.phase
        assert after.size >= before.size
        assert after.problems >= before.problems
    assert all(step.done <= step.total for step in steps)
    copied = [step for step in steps if step.phase == "copy"]
    assert copied[-1].done == copied[-1].total == 83
    assert steps[-1].done == steps[-1].total == 78
    assert {step.collection for step in steps} == {"work", "home"}


def test_the_end_is_what_the_ledger_says(mixed: Bench) -> None:
    job = mixed.run()
    ended = mixed.ended()
    totals = build_report(Jobs(mixed.database), Ledger(mixed.database), job.id).totals
    assert (ended.present, ended.copied, ended.skipped, ended.failed, ended.gone) == (
        totals.present,
        totals.copied,
        totals.skipped,
        totals.failed,
        totals.gone,
    )
    assert ended.present == ended.copied + ended.skipped + ended.failed == 83
    assert (ended.changed, ended.failed) == (78, 5)
    assert ended.state == job.state.value == JobState.DONE_WITH_PROBLEMS.value
    assert ended.size == sum(row.size or 0 for row in rows(mixed) if row.outcome.value == "copied")
    assert ended.seconds >= 0


def rows(bench: Bench) -> list[ItemRow]:
    """Return every item row of every collection."""
    ledger = Ledger(bench.database)
    return [row for one in ledger.collections(bench.submit().id) for row in ledger.all_items(one.id, limit=1000)]


def test_each_problem_is_said_once_with_its_reason(mixed: Bench) -> None:
    mixed.run()
    said = Counter((each.collection, each.item, each.reason) for each in mixed.events if isinstance(each, ItemSettled))
    assert said == Counter(
        {
            ("work", "00001.ics", "rejected"): 1,
            ("work", "00002.ics", "rejected"): 1,
            **{("home", f"broken-{number}.ics", "truncated"): 1 for number in range(3)},
        }
    )
    assert all(each.retry for each in mixed.events if isinstance(each, ItemSettled))


def test_a_problem_that_stays_is_said_again_when_it_is_tried_again(mixed: Bench) -> None:
    mixed.run()
    said = []
    for _ in range(4):
        mixed.run()
        said.append(len(of(mixed, ItemSettled)))
    assert said == [5, 0, 5, 0], "tried after 1, 2, 4 … runs"
    assert mixed.ended().failed == 5


def test_notes_name_the_collection_as_a_person_knows_it(bench: Bench) -> None:
    bench.fill(5)
    bench.run()
    bench.faults(gone=frozenset({"work"}))
    bench.run()
    (note,) = of(bench, CollectionNote)
    assert isinstance(note, CollectionNote)
    assert (note.collection, note.reason) == ("work", "collection-missing")
    assert note.detail


def test_no_event_holds_a_piece_of_an_item(bench: Bench) -> None:
    bench.source.add("work", "a.ics", event("a", SECRET))
    bench.source.add("work", "b.ics", event("b", SECRET)[:-20])
    bench.source.add("work", "c.ics", event("c", SECRET))
    bench.target_faults(conflict=frozenset({"work/c.ics"}))
    bench.run()
    bench.source.change("work", "a.ics", event("a", SECRET + "2"))
    bench.source.delete("work", "c.ics")
    bench.run()
    assert bench.events
    assert SECRET not in "".join(map(repr, bench.events))


@pytest.mark.parametrize(
    "name", ["JobStarted", "PhaseEntered", "Progress", "ItemSettled", "CollectionNote", "RunEnded"]
)
def test_events_are_plain_values(name: str) -> None:
    """Whoever prints them turns them into JSON: words, numbers and truths only."""
    leaf = getattr(events, name)
    assert is_dataclass(leaf)
    assert {field.type for field in fields(leaf)} <= {"str", "int", "float", "bool"}


def test_events_told_are_of_the_types_they_promise(mixed: Bench) -> None:
    mixed.run()
    kinds = {"str": str, "int": int, "float": float, "bool": bool}
    for each in mixed.events:
        for field in fields(each):
            value = asdict(each)[field.name]
            assert isinstance(value, kinds[str(field.type)]), (each, field.name)


def test_a_listener_that_hears_nothing_disturbs_nothing(mixed: Bench) -> None:
    worker = mixed.worker()
    worker.listener = silent
    job = mixed.submit()
    Jobs(mixed.database).start(job.id)
    assert worker.run_job(job.id).state is JobState.DONE_WITH_PROBLEMS
    assert mixed.events == []


def test_phases_are_told_before_their_work(mixed: Bench) -> None:
    mixed.run()
    order = [each for each in mixed.events if isinstance(each, (PhaseEntered, Progress))]
    phases = [each.phase for each in order if isinstance(each, PhaseEntered)]
    assert phases == ["collections", "copy", "verify", "finishing"]
    first = next(number for number, each in enumerate(order) if isinstance(each, Progress))
    last = max(number for number, each in enumerate(order) if isinstance(each, Progress))
    assert order.index(PhaseEntered(mixed.submit().id, "copy")) < first
    assert order.index(PhaseEntered(mixed.submit().id, "finishing")) > last


def test_a_run_cut_off_tells_no_end(mixed: Bench) -> None:
    job = mixed.submit()
    mixed.source.before_page = lambda: _pause(mixed, job.id)
    assert mixed.run().state is JobState.PAUSED
    assert of(mixed, RunEnded) == []
    mixed.source.before_page = lambda: None
    mixed.run()
    assert len(of(mixed, RunEnded)) == 1


def _pause(bench: Bench, job: str) -> None:
    Jobs(bench.database).want(job, Want.PAUSE)


def test_a_stop_for_a_question_tells_its_sums(bench: Bench) -> None:
    bench.fill(40)
    bench.run()
    for name in list(bench.source.bodies("work"))[:30]:
        bench.source.delete("work", name)
    bench.run()
    ended = bench.ended()
    assert (ended.state, ended.present, ended.gone, ended.removed) == ("stopped", 10, 30, 0)


def test_a_run_without_changes_tells_nothing_but_its_frame(bench: Bench) -> None:
    bench.fill(60)
    bench.run()
    bench.run()
    names = [type(each).__name__ for each in bench.events]
    assert names == ["JobStarted", "PhaseEntered", "PhaseEntered", "PhaseEntered", "RunEnded"]
    assert (bench.ended().changed, bench.ended().size, bench.ended().present) == (0, 0, 60)
