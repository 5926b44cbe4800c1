"""No item is lost that nobody deleted; what somebody did delete follows, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_engine.model import JobState, Presence
from tests.engine.bench import event

if TYPE_CHECKING:
    from tests.engine.bench import Bench


def delete(bench: Bench, count: int, collection: str = "work") -> None:
    """Really delete the first *count* items at the source."""
    for item in list(bench.source.bodies(collection))[:count]:
        bench.source.delete(collection, item)


@pytest.mark.parametrize(
    ("total", "gone"),
    [(200, 1), (200, 10), (40, 10), (200, 50), (11, 10), (10, 10)],
)
def test_ordinary_deletions_follow(bench: Bench, total: int, gone: int) -> None:
    bench.fill(total)
    bench.run()
    delete(bench, gone)
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.ended().removed == gone
    bench.check_books()


@pytest.mark.parametrize(("total", "gone"), [(200, 199), (200, 51), (20, 11), (44, 12), (200, 200), (11, 11)])
def test_mass_deletion_stops_and_asks(bench: Bench, total: int, gone: int) -> None:
    bench.fill(total)
    bench.run()
    before = bench.copies()
    delete(bench, gone)
    job = bench.run()
    assert job.state is JobState.STOPPED
    assert job.problem is not None
    assert job.problem["reason"] == "mass-deletion"
    assert f"{gone} of {total}" in job.problem["detail"]
    assert bench.copies() == before
    bench.check_books()


def test_mass_deletion_stops_again_until_it_is_allowed(bench: Bench) -> None:
    bench.fill(50)
    bench.run()
    delete(bench, 40)
    assert bench.run().state is JobState.STOPPED
    assert bench.run().state is JobState.STOPPED
    assert len(bench.copies()) == 50
    assert bench.run(allow_deletions=True).state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_leave_to_delete_holds_for_one_run_only(bench: Bench) -> None:
    bench.fill(50)
    bench.run()
    delete(bench, 20)
    bench.run(allow_deletions=True)
    delete(bench, 20)
    assert bench.run().state is JobState.STOPPED
    assert len(bench.copies()) == 30


def test_the_rest_of_a_stopped_run_is_done(bench: Bench) -> None:
    bench.fill(50)
    bench.fill(20, "home")
    bench.run()
    delete(bench, 45)
    bench.source.add("work", "new.ics", event("new"))
    bench.source.add("home", "new.ics", event("new-home"))
    assert bench.run().state is JobState.STOPPED
    assert "new" in bench.copies()
    assert "new-home" in bench.copies("home")


def test_recovered_server_is_believed_after_a_stop(bench: Bench) -> None:
    """The items were only invisible: once they are back nothing was lost and nothing is asked any more."""
    bench.fill(60)
    bench.run()
    bodies = bench.source.bodies("work")
    delete(bench, 50)
    assert bench.run().state is JobState.STOPPED
    for item, body in bodies.items():
        bench.source.add("work", item, body)
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert {row.presence for row in bench.rows().values()} == {Presence.HERE}
    bench.check_books()


@pytest.mark.parametrize("left", [0, 1, 120, 180, 195])
def test_dav_08_silently_short_listing_loses_nothing(bench: Bench, left: int) -> None:
    bench.fill(200)
    bench.run()
    bench.source.forget_cursors()
    bench.faults(short_at=left)
    bench.run()
    assert len(bench.copies()) == 200
    assert "listing-short" in bench.notes()
    bench.faults()
    bench.run()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("left", [0, 1, 120, 199])
def test_dav_03_truncated_listing_removes_nothing(bench: Bench, left: int) -> None:
    bench.fill(200)
    bench.run()
    bench.source.forget_cursors()
    bench.faults(truncated_at=left)
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert len(bench.copies()) == 200
    assert "listing-incomplete" in bench.notes()
    bench.check_books()


def test_a_truncated_listing_hides_a_real_deletion_only_for_a_while(bench: Bench) -> None:
    bench.fill(100)
    bench.run()
    delete(bench, 3)
    bench.source.forget_cursors()
    bench.faults(truncated_at=50)
    bench.run()
    assert len(bench.copies()) == 100
    bench.faults()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_dav_08_members_without_etag_are_present(bench: Bench) -> None:
    bench.fill(100)
    bench.run()
    writes = bench.target.writes
    unknown = frozenset(list(bench.source.bodies("work"))[:30])
    bench.source.forget_cursors()
    bench.faults(unknown_revisions=unknown)
    assert bench.run().state is JobState.DONE
    assert bench.target.writes == writes
    assert len(bench.copies()) == 100


def test_dav_01_expired_cursor_deletes_nothing_and_misses_nothing(bench: Bench) -> None:
    bench.fill(100)
    bench.run()
    delete(bench, 2)
    bench.source.change("work", "00050.ics", event("work-50", "moved"))
    bench.source.forget_cursors()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.ended().removed == 2
    bench.check_books()


def test_dav_33_vanished_collection_keeps_its_copy(bench: Bench) -> None:
    bench.fill(30)
    bench.fill(30, "home")
    bench.run()
    bench.faults(gone=frozenset({"work"}))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert "collection-missing" in bench.notes()
    assert len(bench.copies()) == 30
    bench.run()
    assert "collection-gone" in bench.notes()
    assert len(bench.copies()) == 30
    assert bench.run().state is JobState.DONE
    assert len(bench.copies()) == 30


def test_dav_33_collection_that_comes_back_goes_on(bench: Bench) -> None:
    bench.fill(30)
    bench.run()
    bench.faults(gone=frozenset({"work"}))
    bench.run()
    bench.faults()
    bench.source.add("work", "new.ics", event("new"))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.collection().missing_runs == 0


def test_an_edited_copy_survives_the_deletion_of_its_original(bench: Bench) -> None:
    bench.fill(20)
    bench.run()
    target = bench.rows()["00003.ics"].target_id or ""
    bench.target.change(bench.collection().target_id or "", target, event("work-3", "edited here"))
    bench.source.delete("work", "00003.ics")
    bench.run()
    assert b"edited here" in bench.copies()["work-3"]
    assert "kept-edited" in bench.notes()
    assert "00003.ics" not in bench.rows()
    bench.check_books()


def test_an_edited_copy_is_not_overwritten(bench: Bench) -> None:
    bench.fill(20)
    bench.run()
    target = bench.rows()["00003.ics"].target_id or ""
    bench.target.change(bench.collection().target_id or "", target, event("work-3", "edited here"))
    bench.source.change("work", "00003.ics", event("work-3", "edited there"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"00003.ics": "edited-at-destination"}
    assert b"edited here" in bench.copies()["work-3"]
    bench.check_books()


def test_a_lost_copy_is_written_again_when_its_original_changes(bench: Bench) -> None:
    bench.fill(20)
    bench.run()
    target = bench.rows()["00003.ics"].target_id or ""
    bench.target.delete(bench.collection().target_id or "", target)
    bench.source.change("work", "00003.ics", event("work-3", "edited there"))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()
