"""A deletion needs two witnesses, whatever else happens: nothing present at the source loses its copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_engine.model import JobState, Presence
from tests.engine.bench import event

if TYPE_CHECKING:
    from tests.engine.bench import Bench


def half_written(bench: Bench, count: int = 60, full: int = 20) -> None:
    """Leave a first run whose last chunk was written in part and never recorded."""
    bench.fill(count)
    bench.target_faults(full_at=full)
    assert bench.run().state is JobState.NEEDS_USER
    assert len(bench.target.bodies("work")) == full
    assert bench.rows() == {}
    bench.target_faults()


@pytest.mark.parametrize("fault", ["truncated_at", "short_at"])
def test_unrecorded_copies_outlive_a_short_listing(bench: Bench, fault: str) -> None:
    half_written(bench)
    bench.faults(**{fault: 5})
    bench.run()
    assert len(bench.copies()) == 20, "nobody deleted anything"
    bench.faults()
    bench.source.forget_cursors()
    bench.run()
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_an_unrecorded_copy_needs_a_whole_listing_to_be_swept(bench: Bench) -> None:
    """Not being handed out is one witness; a listing that admits it was cut is none."""
    half_written(bench)
    bench.faults(truncated_at=5, vanish_on_fetch=frozenset({"00010.ics"}))
    bench.run()
    assert len(bench.copies()) == 20
    bench.faults()
    bench.run()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("fault", ["truncated_at", "short_at"])
def test_an_unrecorded_copy_is_still_known_as_ours_after_a_short_listing(bench: Bench, fault: str) -> None:
    half_written(bench)
    bench.faults(**{fault: 5})
    bench.run()
    bench.faults()
    bench.source.change("work", "00010.ics", event("work-10", "changed since"))
    bench.source.forget_cursors()
    bench.run()
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_an_unrecorded_copy_of_a_deleted_item_goes(bench: Bench) -> None:
    half_written(bench)
    for name in ("00003.ics", "00004.ics", "00019.ics"):
        bench.source.delete("work", name)
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.ended().removed == 3
    assert bench.collection().doubt == {}
    bench.check_books()


def test_without_mirror_an_unrecorded_copy_of_a_deleted_item_stays(bench: Bench) -> None:
    bench.mirror = False
    half_written(bench)
    bench.source.delete("work", "00003.ics")
    assert bench.run().state is JobState.DONE
    assert len(bench.copies()) == 60
    assert bench.ended().removed == 0


def test_what_somebody_else_put_there_is_not_swept(bench: Bench) -> None:
    half_written(bench)
    bench.target.add("work", "mine.ics", event("mine", "not of this job"))
    bench.source.delete("work", "00003.ics")
    bench.run()
    assert bench.copies().keys() == bench.originals().keys() | {"mine"}


@pytest.mark.parametrize("writable_again", [1, 2, 3])
def test_an_item_that_came_back_while_the_copy_was_read_only_keeps_its_copy(bench: Bench, writable_again: int) -> None:
    bench.fill(20)
    bench.run()
    body = bench.source.bodies("work")["00003.ics"]
    bench.target_faults(read_only=True)
    bench.source.delete("work", "00003.ics")
    bench.run()
    bench.source.add("work", "00003.ics", body)
    for _ in range(writable_again):
        bench.run()
    bench.target_faults()
    for _ in range(3):
        bench.run()
    assert bench.rows()["00003.ics"].presence is Presence.HERE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_copies_that_stand_are_not_called_missing_when_the_place_turns_read_only(bench: Bench) -> None:
    bench.fill(20)
    bench.run()
    bench.target_faults(read_only=True)
    bench.source.forget_cursors()
    bench.source.add("work", "new.ics", event("new"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert set(bench.problems()) == {"new.ics"}
    assert (bench.ended().copied, bench.ended().skipped) == (20, 1)
    bench.check_books()
    bench.target_faults()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
