"""What failed is tried again: not at once, not for ever, and whatever else happens to the item meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_engine.model import JobState, Outcome
from tests.engine.bench import event

if TYPE_CHECKING:
    from tests.engine.bench import Bench

BAD = "work/00002.ics"


@pytest.fixture
def kind() -> str:
    """The ledger is not the subject here; the faster database will do."""
    return "sqlite"


@pytest.fixture
def refused(bench: Bench) -> Bench:
    """Return a bench of five events, one of which the destination refuses."""
    bench.fill(5)
    bench.target_faults(reject=frozenset({BAD}))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    return bench


def tried(bench: Bench, runs: int) -> list[int]:
    """Run so many times and return the numbers of the runs in which something was put."""
    found = []
    for _ in range(runs):
        before = bench.target.calls.get("put", 0)
        job = bench.run()
        if bench.target.calls.get("put", 0) > before:
            found.append(job.run)
        bench.check_books()
    return found


def test_it_is_tried_less_and_less_often(refused: Bench) -> None:
    assert tried(refused, 35) == [2, 4, 8, 16, 32]
    assert refused.rows()["00002.ics"].attempts == 6


def test_the_sums_show_it_in_every_run_tried_or_not(refused: Bench) -> None:
    for _ in range(6):
        assert refused.run().state is JobState.DONE_WITH_PROBLEMS
        assert (refused.ended().copied, refused.ended().failed) == (4, 1)


def test_once_it_is_taken_it_is_like_any_other(refused: Bench) -> None:
    refused.target_faults()
    assert refused.run().state is JobState.DONE
    row = refused.rows()["00002.ics"]
    assert (row.outcome, row.reason, row.attempts) == (Outcome.COPIED, None, 0)
    assert tried(refused, 3) == []
    assert refused.copies() == refused.originals()


def test_a_change_is_tried_at_once_whatever_the_pause(refused: Bench) -> None:
    tried(refused, 8)
    refused.source.change("work", "00002.ics", event("work-2", "another try"))
    refused.target_faults()
    assert refused.run().state is JobState.DONE
    assert refused.copies() == refused.originals()


def test_a_full_listing_tries_everything_that_failed(refused: Bench) -> None:
    tried(refused, 8)
    refused.target_faults()
    refused.source.forget_cursors()
    assert refused.run().state is JobState.DONE
    assert refused.copies() == refused.originals()


def test_an_item_deleted_while_it_waits_is_forgotten(refused: Bench) -> None:
    tried(refused, 3)
    refused.source.delete("work", "00002.ics")
    assert refused.run().state is JobState.DONE
    assert "00002.ics" not in refused.rows()
    assert (refused.ended().present, refused.ended().failed) == (4, 0)
    refused.check_books()


def test_an_item_that_is_gone_when_it_is_tried_again_is_skipped_not_deleted(refused: Bench) -> None:
    """One witness: it was not handed out. The listing has not said that it is gone."""
    refused.faults(vanish_on_fetch=frozenset({"00002.ics"}))
    refused.run()
    row = refused.rows()["00002.ics"]
    assert (row.outcome, row.reason) == (Outcome.SKIPPED, "vanished")
    assert refused.ended().skipped == 1
    refused.faults()
    refused.target_faults()
    for _ in range(3):
        refused.run()
    assert refused.copies() == refused.originals()
    refused.check_books()


@pytest.mark.parametrize("reason", ["unreadable", "reject", "vanish"])
def test_two_kinds_of_trouble_one_after_the_other(refused: Bench, reason: str) -> None:
    """The pause counts attempts, whatever each failed of."""
    source = {"unreadable": {"unreadable": frozenset({"00002.ics"})}}
    source["vanish"] = {"vanish_on_fetch": frozenset({"00002.ics"})}
    refused.faults(**source.get(reason, {}))
    refused.run()
    assert refused.rows()["00002.ics"].attempts == 2
    refused.faults()
    refused.target_faults()
    tried(refused, 3)
    assert refused.copies() == refused.originals()


def test_many_that_failed_are_tried_in_chunks_and_none_is_forgotten(bench: Bench) -> None:
    bench.fill(450)
    bench.target_faults(reject=frozenset(f"work/{number:05}.ics" for number in range(450)))
    bench.run()
    assert bench.ended().failed == 450
    bench.target_faults()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_some_that_fail_again_do_not_hold_up_the_others(bench: Bench) -> None:
    bench.fill(300)
    bench.target_faults(reject=frozenset(f"work/{number:05}.ics" for number in range(300)))
    bench.run()
    bench.target_faults(reject=frozenset(f"work/{number:05}.ics" for number in range(0, 300, 3)))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert (bench.ended().copied, bench.ended().failed) == (200, 100)
    bench.check_books()


def test_broken_items_are_read_again_and_healed(bench: Bench) -> None:
    """A source may hand out half a body once; nobody has to change the item for it to arrive later."""
    bench.fill(5)
    whole = bench.source.shelves["work"].items["00002.ics"].body
    bench.source.shelves["work"].items["00002.ics"].body = whole[:50]
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"00002.ics": "truncated"}
    bench.source.shelves["work"].items["00002.ics"].body = whole
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_an_older_copy_stays_while_its_newer_version_is_refused(bench: Bench) -> None:
    bench.fill(5)
    bench.run()
    good = bench.copies()
    bench.source.change("work", "00002.ics", event("work-2", "newer"))
    bench.target_faults(reject=frozenset({BAD}))
    for _ in range(5):
        assert bench.run().state is JobState.DONE_WITH_PROBLEMS
        assert bench.copies() == good
        assert bench.ended().failed == 1
    bench.target_faults()
    bench.source.forget_cursors()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_a_collection_that_cannot_be_written_is_not_tried_item_by_item(bench: Bench) -> None:
    bench.fill(20)
    bench.target_faults(read_only=True)
    bench.run()
    fetched = bench.source.calls.get("fetch", 0)
    for _ in range(4):
        bench.run()
    assert bench.source.calls.get("fetch", 0) == fetched == 0
    bench.target_faults()
    bench.run()
    bench.source.forget_cursors()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
