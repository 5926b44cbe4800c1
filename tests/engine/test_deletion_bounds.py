"""The bounds of mass deletion in whole runs: exactly at them nothing is asked, one beyond them the run stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.events import RunEnded
from sync_engine.jobs import Jobs
from sync_engine.model import JobState, Presence
from sync_engine.safety import MOST_REMOVED, MOST_SHARE
from tests.engine.bench import event

if TYPE_CHECKING:
    from tests.engine.bench import Bench


@pytest.fixture
def kind() -> str:
    """Counting is not the database's business here; the faster one will do."""
    return "sqlite"


def delete(bench: Bench, count: int, collection: str = "work") -> list[str]:
    """Delete the first *count* items at the source; return their names."""
    names = sorted(bench.source.bodies(collection))[:count]
    for name in names:
        bench.source.delete(collection, name)
    return names


BOUNDS = [
    # total, gone, asked
    (40, 10, False),  # 25 % and 10: both bounds exactly
    (44, 11, False),  # 25 % exactly, more than 10
    (43, 11, True),  # a hair over 25 %
    (48, 12, False),
    (47, 12, True),
    (10, 10, False),  # everything, but no more than 10
    (11, 11, True),
    (12, 10, False),
    (100, 25, False),
    (100, 26, True),
    (101, 25, False),
    (101, 26, True),
    (1, 1, False),
]


@pytest.mark.parametrize(("total", "gone", "asked"), BOUNDS)
def test_at_the_bounds(bench: Bench, total: int, gone: int, *, asked: bool) -> None:
    bench.fill(total)
    bench.run()
    delete(bench, gone)
    job = bench.run()
    assert job.state is (JobState.STOPPED if asked else JobState.DONE)
    assert len(bench.copies()) == (total if asked else total - gone)
    assert bench.ended().removed == (0 if asked else gone)
    assert bench.ended().gone == (gone if asked else 0)
    bench.check_books()


@given(total=st.integers(1, 60), share=st.floats(0, 1))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_share(*, bench: Bench, total: int, share: float) -> None:
    for name in list(bench.source.bodies("work")):
        bench.source.delete("work", name)
    bench.fill(total)
    bench.source.forget_cursors()
    bench.run(allow_deletions=True)
    assert bench.copies() == bench.originals()
    gone = round(total * share)
    delete(bench, gone)
    asked = gone > MOST_REMOVED and gone / total > MOST_SHARE
    assert bench.run().state is (JobState.STOPPED if asked else JobState.DONE)
    assert len(bench.copies()) == (total if asked else total - gone)
    bench.check_books()


def test_deletions_of_several_runs_that_waited_are_counted_together(bench: Bench) -> None:
    """Small steps do not slip past a question that is open."""
    bench.fill(60)
    bench.run()
    delete(bench, 20)
    assert bench.run().state is JobState.STOPPED
    delete(bench, 5)
    job = bench.run()
    assert job.state is JobState.STOPPED
    assert job.problem is not None
    assert "25 of 60" in job.problem["detail"]
    assert len(bench.copies()) == 60


def test_small_steps_that_follow_each_time_are_never_asked(bench: Bench) -> None:
    bench.fill(60)
    bench.run()
    for left in (50, 40, 30):
        delete(bench, 10)
        assert bench.run().state is JobState.DONE
        assert len(bench.copies()) == left


def test_each_collection_has_its_own_bound(bench: Bench) -> None:
    bench.fill(40)
    bench.fill(40, "home")
    bench.run()
    delete(bench, 10)
    delete(bench, 10, "home")
    assert bench.run().state is JobState.DONE
    assert (len(bench.copies()), len(bench.copies("home"))) == (30, 30)


def test_one_collection_waits_and_the_other_follows(bench: Bench) -> None:
    bench.fill(40)
    bench.fill(40, "home")
    bench.run()
    delete(bench, 30)
    delete(bench, 3, "home")
    job = bench.run()
    assert job.state is JobState.STOPPED
    assert job.problem == {"reason": "mass-deletion", "detail": "30 of 40 in work"}
    assert (len(bench.copies()), len(bench.copies("home"))) == (40, 37)
    bench.check_books()


def test_two_collections_that_wait_are_both_named(bench: Bench) -> None:
    bench.fill(40)
    bench.fill(20, "home")
    bench.run()
    delete(bench, 30)
    delete(bench, 20, "home")
    job = bench.run()
    assert job.problem == {"reason": "mass-deletion", "detail": "30 of 40 in work; 20 of 20 in home"}
    assert bench.run(allow_deletions=True).state is JobState.DONE
    assert (len(bench.copies()), bench.copies("home")) == (10, {})


def test_a_stop_does_not_hold_up_what_is_new_or_changed(bench: Bench) -> None:
    bench.fill(40)
    bench.run()
    delete(bench, 30)
    bench.source.add("work", "new.ics", event("new"))
    bench.source.change("work", "00035.ics", event("work-35", "changed"))
    assert bench.run().state is JobState.STOPPED
    assert "new" in bench.copies()
    assert b"changed" in bench.copies()["work-35"]
    ended = next(e for e in bench.events if isinstance(e, RunEnded))
    assert (ended.changed, ended.removed, ended.present, ended.gone) == (2, 0, 11, 30)


def test_items_that_come_back_after_a_stop_are_kept_and_the_rest_goes(bench: Bench) -> None:
    bench.fill(40)
    bench.run()
    bodies = bench.source.bodies("work")
    names = delete(bench, 20)
    assert bench.run().state is JobState.STOPPED
    for name in names[:15]:
        bench.source.add("work", name, bodies[name])
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert len(bench.copies()) == 35
    bench.check_books()


def test_without_mirror_nothing_is_ever_asked(bench: Bench) -> None:
    bench.mirror = False
    bench.fill(40)
    bench.run()
    delete(bench, 40)
    assert bench.run().state is JobState.DONE
    assert len(bench.copies()) == 40
    assert {row.presence for row in bench.rows().values()} == {Presence.GONE}
    bench.check_books()


def test_turning_mirror_on_later_asks_before_it_catches_up(bench: Bench) -> None:
    """What was kept for months must not go at once because somebody changed an option."""
    bench.mirror = False
    bench.fill(40)
    bench.run()
    delete(bench, 20)
    bench.run()
    bench.mirror = True
    assert bench.run().state is JobState.STOPPED
    assert len(bench.copies()) == 40
    assert bench.run(allow_deletions=True).state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_leave_given_but_not_needed_is_used_up(bench: Bench) -> None:
    bench.fill(40)
    bench.run(allow_deletions=True)
    delete(bench, 30)
    assert bench.run().state is JobState.STOPPED
    assert not bench.submit().allow_deletions


def test_leave_given_to_a_run_that_is_put_off_still_holds(bench: Bench) -> None:
    """The run has not ended: the answer to its question is not forgotten."""
    bench.fill(40)
    bench.run()
    delete(bench, 30)
    bench.faults(cut_after_pages=0)
    assert bench.run(allow_deletions=True).state is JobState.READY
    bench.faults()
    assert Jobs(bench.database).list()[0].allow_deletions
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
