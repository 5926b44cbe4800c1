"""Broken connections, conflicts, full disks: the run ends truthfully and the next one heals it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_engine.jobs import Jobs
from sync_engine.model import JobState, Want
from tests.engine.bench import event

if TYPE_CHECKING:
    from tests.engine.bench import Bench


@pytest.mark.parametrize("after", [0, 1, 7, 49])
def test_fetch_cut_off_goes_on_where_it_broke(bench: Bench, after: int) -> None:
    bench.fill(60)
    bench.faults(cut_fetch_after=after)
    job = bench.run()
    if after:
        assert job.state is JobState.DONE
    else:
        assert job.state is JobState.READY
        assert job.problem is not None
        assert job.problem["reason"] == "temporary"
        bench.faults()
        assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("pages", [0, 1, 3])
def test_listing_cut_off_every_time_ends_and_keeps_what_it_has(bench: Bench, pages: int) -> None:
    bench.fill(220)
    bench.faults(cut_after_pages=pages)
    job = bench.run()
    assert job.state is JobState.READY
    assert len(bench.copies()) == pages * 50
    bench.check_books()
    bench.faults()
    fetched = bench.source.calls.get("fetch", 0)
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.source.calls["fetch"] - fetched == 5 - pages


@pytest.mark.parametrize("write", [0, 5, 49])
@pytest.mark.parametrize("moment", ["break_before_write", "break_after_write"])
def test_dav_29_write_in_doubt_is_settled_without_a_double(bench: Bench, moment: str, write: int) -> None:
    bench.fill(60)
    bench.target_faults(**{moment: write})
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_dav_30_refused_items_do_not_stop_the_rest(bench: Bench) -> None:
    bench.fill(40)
    refused = frozenset({"work/00003.ics", "work/00017.ics"})
    bench.target_faults(reject=refused)
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert len(bench.copies()) == 38
    assert len(bench.problems()) == 2
    bench.check_books()
    bench.target_faults()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_a_refused_item_keeps_its_day_so_that_the_hole_is_seen(bench: Bench) -> None:
    bench.fill(3)
    bench.target_faults(reject=frozenset({"work/00001.ics"}))
    bench.run()
    days = list(Jobs(bench.database).days(bench.submit().id))
    assert [(present, copied) for _, present, copied in days] == [(3, 2)]


def test_full_destination_waits_for_the_user_and_goes_on(bench: Bench) -> None:
    bench.fill(120)
    bench.target_faults(full_at=70)
    job = bench.run()
    assert job.state is JobState.NEEDS_USER
    assert job.problem is not None
    assert job.problem["reason"] == "destination-full"
    bench.target_faults()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_read_only_destination_is_said_for_every_item(bench: Bench) -> None:
    bench.fill(20)
    bench.target_faults(read_only=True)
    job = bench.run()
    assert job.state is JobState.DONE_WITH_PROBLEMS
    assert bench.ended().copied == 0
    bench.target_faults()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_unreadable_items_are_never_deletions(bench: Bench) -> None:
    bench.fill(40)
    bench.run()
    some = frozenset(list(bench.source.bodies("work"))[:20])
    bench.source.forget_cursors()
    bench.faults(unreadable=some)
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert set(bench.problems()) == set(some)
    assert len(bench.copies()) == 40
    bench.faults()
    assert bench.run().state is JobState.DONE
    bench.check_books()


def test_an_item_listed_but_not_handed_out_is_said_and_tried_again(bench: Bench) -> None:
    bench.fill(40)
    bench.faults(vanish_on_fetch=frozenset({"00003.ics"}))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"00003.ics": "vanished"}
    bench.faults()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_an_item_deleted_between_listing_and_fetch_is_forgotten_by_the_next_run(bench: Bench) -> None:
    bench.fill(40)

    def delete() -> None:
        if "00003.ics" in bench.source.bodies("work"):
            bench.source.delete("work", "00003.ics")

    bench.source.before_page = delete
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.run().state is JobState.DONE
    assert bench.ended().present == 39
    assert "00003.ics" not in bench.rows()
    bench.check_books()


def test_a_copy_is_kept_when_listing_and_fetch_disagree(bench: Bench) -> None:
    bench.fill(40)
    bench.run()
    bench.source.change("work", "00003.ics", event("work-3", "changed"))
    bench.faults(vanish_on_fetch=frozenset({"00003.ics"}))
    bench.run()
    bench.run()
    assert len(bench.copies()) == 40
    bench.faults()
    for _ in range(4):
        bench.run()
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_duplicates_in_a_listing_count_once(bench: Bench) -> None:
    bench.fill(70)
    bench.faults(duplicates=True)
    assert bench.run().state is JobState.DONE
    assert bench.ended().present == 70
    bench.check_books()


@pytest.mark.parametrize("rewrite", ["told", "silent"])
def test_dav_20_destination_that_rewrites_bytes_converges(bench: Bench, rewrite: str) -> None:
    bench.fill(30)
    bench.target_faults(rewrite=rewrite)
    bench.run()
    writes = bench.target.writes
    bench.run()
    bench.run()
    assert bench.target.writes == writes
    bench.source.change("work", "00003.ics", event("work-3", "again"))
    bench.run()
    assert b"again" in bench.copies()["work-3"]
    bench.check_books()


def test_flaky_revisions_cause_no_writes(bench: Bench) -> None:
    bench.fill(30)
    bench.faults(flaky_revisions=True)
    bench.run()
    writes = bench.target.writes
    for _ in range(3):
        bench.source.forget_cursors()
        bench.run()
    assert bench.target.writes == writes
    bench.check_books()


@pytest.mark.parametrize("want", [Want.PAUSE, Want.CANCEL])
def test_the_user_is_obeyed_at_the_next_safe_point(bench: Bench, want: Want) -> None:
    bench.fill(200)
    job = bench.submit()
    pages = 0

    def change_of_mind() -> None:
        nonlocal pages
        pages += 1
        if pages == 2:
            Jobs(bench.database).want(job.id, want)

    bench.source.before_page = change_of_mind
    ended = bench.run()
    assert ended.state is (JobState.PAUSED if want is Want.PAUSE else JobState.CANCELLED)
    assert 0 < len(bench.copies()) <= 100
    bench.check_books()
    bench.source.before_page = lambda: None
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_stop_of_the_process_pauses(bench: Bench) -> None:
    bench.fill(200)
    bench.stop = lambda: len(bench.events) > 4
    assert bench.run().state is JobState.PAUSED
    some = len(bench.copies())
    assert some < 200
    bench.stop = lambda: False
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_a_collection_in_trouble_does_not_stop_the_others(bench: Bench) -> None:
    for name in ("a", "b", "c", "d"):
        bench.fill(20, name)
    bench.run()
    bench.faults(gone=frozenset({"b"}))
    for name in ("a", "b", "c", "d"):
        bench.source.add(name, "new.ics", event(f"new-{name}"))
    bench.run()
    for name in ("a", "c", "d"):
        assert f"new-{name}" in bench.copies(name)
    assert len(bench.copies("b")) == 20
