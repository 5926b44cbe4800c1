"""Ordinary runs: everything arrives once, and what did not change costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Kind
from sync_engine.events import Progress
from sync_engine.model import JobState, Outcome
from tests.engine.bench import card, event

if TYPE_CHECKING:
    from tests.engine.bench import Bench


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 333])
def test_everything_arrives(bench: Bench, count: int) -> None:
    bench.fill(count)
    job = bench.run()
    assert job.state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.ended().copied == bench.ended().present == count
    bench.check_books()


def test_a_second_run_moves_nothing(bench: Bench) -> None:
    bench.fill(120)
    bench.run()
    writes, fetches = bench.target.writes, bench.source.calls["fetch"]
    job = bench.run()
    assert job.state is JobState.DONE
    assert bench.target.writes == writes
    assert bench.source.calls["fetch"] == fetches
    assert bench.ended().changed == 0
    assert bench.ended().copied == 120


def test_only_changes_are_carried(bench: Bench) -> None:
    bench.fill(100)
    bench.run()
    writes = bench.target.writes
    bench.source.change("work", "00003.ics", event("work-3", "Changed"))
    bench.source.add("work", "new.ics", event("new"))
    bench.source.delete("work", "00007.ics")
    job = bench.run()
    assert job.state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.target.writes == writes + 3
    assert (bench.ended().changed, bench.ended().removed, bench.ended().present) == (2, 1, 100)
    bench.check_books()


def test_without_mirror_a_deletion_is_counted_and_the_copy_stays(bench: Bench) -> None:
    bench.mirror = False
    bench.fill(20)
    bench.run()
    bench.source.delete("work", "00007.ics")
    assert bench.run().state is JobState.DONE
    assert len(bench.copies()) == 20
    assert (bench.ended().present, bench.ended().gone) == (19, 1)
    bench.check_books()


def test_an_item_that_comes_back_is_here_again(bench: Bench) -> None:
    bench.mirror = False
    bench.fill(20)
    bench.run()
    body = bench.source.bodies("work")["00007.ics"]
    bench.source.delete("work", "00007.ics")
    bench.run()
    bench.source.add("work", "00007.ics", body)
    bench.run()
    assert (bench.ended().present, bench.ended().gone) == (20, 0)
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_many_collections_of_both_kinds(bench: Bench) -> None:
    for name in ("home", "family", "club"):
        bench.fill(30, name)
    bench.source.create("people", Kind.CONTACT)
    for number in range(40):
        bench.source.add("people", f"{number}.vcf", card(f"p{number}"))
    assert bench.run().state is JobState.DONE
    for name in ("home", "family", "club", "people"):
        assert bench.copies(name) == bench.originals(name)
    assert bench.ended().copied == 130
    bench.check_books()


def test_dav_19_revision_alone_is_no_change(bench: Bench) -> None:
    """An etag that changes without the content must not cause a write."""
    bench.fill(30)
    bench.run()
    writes = bench.target.writes
    for item, body in bench.source.bodies("work").items():
        bench.source.change("work", item, body)
    assert bench.run().state is JobState.DONE
    assert bench.target.writes == writes
    bench.run()
    assert bench.target.writes == writes


def test_progress_only_grows_and_ends_at_the_total(bench: Bench) -> None:
    bench.fill(180)
    bench.run()
    steps = [e for e in bench.events if isinstance(e, Progress)]
    assert [s.done for s in steps] == sorted(s.done for s in steps)
    assert steps[-1].done == steps[-1].total == 180
    assert steps[-1].size == sum(map(len, bench.originals().values()))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "empty", id="dav-35 empty"),
        pytest.param(event("x")[:90], "truncated", id="dav-35 truncated"),
        pytest.param(b"<html>log in</html>", "wrong-type", id="dav-09 login page as a body"),
        pytest.param(card("x"), "wrong-type", id="a card in a calendar"),
        pytest.param(b"\xff\xfe\x00\x00", None, id="not text"),
    ],
)
def test_junk_is_quarantined_and_the_rest_goes_on(bench: Bench, body: bytes, reason: str | None) -> None:
    bench.fill(30)
    bench.source.add("work", "junk.ics", body)
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert len(bench.copies()) == 30
    assert set(bench.problems()) == {"junk.ics"}
    if reason:
        assert bench.problems()["junk.ics"] == reason
    assert bench.rows()["junk.ics"].outcome is Outcome.FAILED
    bench.check_books()


def test_junk_never_replaces_a_good_copy_and_heals(bench: Bench) -> None:
    bench.fill(30)
    bench.run()
    good = bench.copies()
    whole = bench.source.bodies("work")["00004.ics"]
    bench.source.change("work", "00004.ics", whole[:70])
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.copies() == good
    bench.source.change("work", "00004.ics", event("work-4", "Healed"))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_refused_items_are_offered_again_less_and_less_often(bench: Bench) -> None:
    bench.fill(10)
    bench.target_faults(reject=frozenset({"work/00003.ics"}))
    offered = []
    for run in range(1, 17):
        before = bench.target.calls.get("put", 0)
        bench.run()
        if bench.target.calls.get("put", 0) > before:
            offered.append(run)
    assert offered == [1, 2, 4, 8, 16]
    bench.target_faults()
    for _ in range(20):
        bench.run()
    assert bench.copies() == bench.originals()
    bench.check_books()
