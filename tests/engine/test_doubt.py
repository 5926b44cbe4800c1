"""A process that dies between a write and its record: the next run knows its own work, and only that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.errors import DestinationFull, InDoubt, Transient
from sync_engine.leases import Leases
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.oddplaces import Archive, Odd, Oddities, Remote, odd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connectors.base import Receipt
    from tests.engine.bench import Bench

KINDS: dict[str, type[Odd]] = {"folder": Odd, "server": Remote, "archive": Archive}


class Killed(BaseException):
    """The process is gone: nothing of ours catches this."""


@pytest.fixture
def kind() -> str:
    """How doubt is stored is tested elsewhere, on both databases; here the faster one will do."""
    return "sqlite"


@pytest.fixture
def odds() -> Oddities:
    """What the destination does oddly just now."""
    return Oddities()


@pytest.fixture(params=KINDS)
def bench_to(bench: Bench, odds: Oddities, request: pytest.FixtureRequest) -> Bench:
    """Return a bench whose destination is a folder, a server, or an archive that keeps what is replaced."""
    bench.target_place = odd(odds, KINDS[request.param])
    return bench


@pytest.fixture
def folder(bench: Bench, odds: Oddities) -> Bench:
    """Return a bench whose destination is a folder."""
    bench.target_place = odd(odds)
    return bench


def breaking(after: int, error: Callable[[], BaseException]) -> Callable[[Iterator[Receipt]], Iterable[Receipt]]:
    """Return a filter that lets *after* writes happen and breaks before the receipt of the last is seen."""
    left = [after]

    def act(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            left[0] -= 1
            if left[0] <= 0:
                raise error()
            yield receipt

    return act


def die(bench: Bench, odds: Oddities, after: int) -> None:
    """Run, and be killed right after the write of number *after* (from 1); the lease then runs out."""
    odds.put = breaking(after, Killed)
    with pytest.raises(Killed):
        bench.run()
    odds.put = None
    assert Leases(bench.database).expire(lambda _: True) == 1


def settle(bench: Bench) -> JobState:
    """Run until nothing is left to do, at most four times."""
    state = bench.run().state
    for _ in range(3):
        if state is JobState.DONE:
            break
        state = bench.run().state
    return state


@pytest.mark.parametrize("after", [1, 2, 7, 20])
def test_killed_in_a_first_run(bench_to: Bench, odds: Oddities, after: int) -> None:
    bench_to.fill(20)
    die(bench_to, odds, after)
    assert len(bench_to.target.bodies("work")) == after
    assert bench_to.run().state is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    bench_to.check_books()


@pytest.mark.parametrize("after", [1, 3])
def test_killed_and_the_source_goes_on_changing(bench_to: Bench, odds: Oddities, after: int) -> None:
    """What stands there is an earlier state of the item: ours, so it may be replaced."""
    bench_to.fill(6)
    die(bench_to, odds, after)
    for number in range(6):
        bench_to.source.change("work", f"{number:05}.ics", event(f"work-{number}", "second"))
    assert settle(bench_to) is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    bench_to.check_books()


def test_killed_again_and_again_while_the_source_changes(bench_to: Bench, odds: Oddities) -> None:
    """Each try leaves its mark: the copy may be any of the states that were ever on their way."""
    bench_to.fill(3)
    for version in range(5):
        die(bench_to, odds, 1)
        bench_to.source.change("work", "00000.ics", event("work-0", f"version {version}"))
    assert settle(bench_to) is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    bench_to.check_books()


def test_killed_in_an_update_and_changed_back(bench_to: Bench, odds: Oddities) -> None:
    bench_to.fill(3)
    bench_to.run()
    before = bench_to.source.bodies("work")["00001.ics"]
    bench_to.source.change("work", "00001.ics", event("work-1", "second"))
    die(bench_to, odds, 1)
    bench_to.source.change("work", "00001.ics", event("work-1", "third"))
    assert settle(bench_to) is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    bench_to.source.change("work", "00001.ics", before)
    assert bench_to.run().state is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    bench_to.check_books()


@pytest.mark.parametrize("same_revision", [False, True])
def test_killed_in_an_update_that_is_taken_back(bench_to: Bench, odds: Oddities, *, same_revision: bool) -> None:
    """The source is as it was before; the copy is not, whatever the ledger and the revision say."""
    bench_to.fill(3)
    bench_to.run()
    before = bench_to.source.shelves["work"].items["00001.ics"]
    bench_to.source.change("work", "00001.ics", event("work-1", "second"))
    die(bench_to, odds, 1)
    assert b"second" in bench_to.copies()["work-1"]
    bench_to.source.change("work", "00001.ics", before.body)
    if same_revision:
        bench_to.source.shelves["work"].items["00001.ics"] = before
        bench_to.source.forget_cursors()
    assert settle(bench_to) is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    assert bench_to.verify().good
    bench_to.check_books()


LATER_FAULTS = [
    pytest.param({}, {"read_only": True}, id="read-only"),
    pytest.param({}, {"reject": frozenset({"work/00000.ics"})}, id="rejected"),
    pytest.param({"unreadable": frozenset({"00000.ics"})}, {}, id="unreadable"),
    pytest.param({"vanish_on_fetch": frozenset({"00000.ics"})}, {}, id="not handed out"),
    pytest.param({"truncated_at": 0}, {}, id="cut"),
    pytest.param({"short_at": 0}, {}, id="short"),
]


@pytest.mark.parametrize(("source", "target"), LATER_FAULTS)
@pytest.mark.parametrize("deleted", [False, True])
def test_killed_and_then_in_trouble(
    bench_to: Bench, odds: Oddities, source: dict[str, Any], target: dict[str, Any], *, deleted: bool
) -> None:
    """What was written and not recorded stays known through runs that cannot settle it."""
    bench_to.fill(3)
    die(bench_to, odds, 2)
    bench_to.faults(**source)
    bench_to.target_faults(**target)
    for _ in range(3):
        bench_to.run()
        bench_to.check_books()
    bench_to.faults()
    bench_to.target_faults()
    if deleted:
        bench_to.source.delete("work", "00000.ics")
    else:
        bench_to.source.change("work", "00000.ics", event("work-0", "second"))
    bench_to.source.forget_cursors()
    bench_to.run()
    assert bench_to.run().state is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    assert bench_to.collection().doubt == {}
    bench_to.check_books()


@pytest.mark.parametrize("mirror", [True, False])
def test_killed_and_the_item_is_deleted_before_the_next_run(bench_to: Bench, odds: Oddities, *, mirror: bool) -> None:
    bench_to.mirror = mirror
    bench_to.fill(5)
    die(bench_to, odds, 3)
    written = set(bench_to.target.bodies("work"))
    for name in ("00000.ics", "00001.ics"):
        bench_to.source.delete("work", name)
    assert bench_to.run().state is JobState.DONE
    there = set(bench_to.target.bodies("work"))
    assert len(there) == (3 if mirror else 5)
    assert (written <= there) is not mirror
    assert bench_to.collection().doubt == {}
    bench_to.check_books()


def test_what_somebody_put_there_meanwhile_is_left_alone(folder: Bench, odds: Oddities) -> None:
    """Only what was announced is ours; another body of the same name is somebody's."""
    folder.fill(3)
    die(folder, odds, 1)
    (written,) = folder.target.bodies("work")
    folder.target.change("work", written, event("work-0", "somebody's"))
    folder.source.change("work", "00000.ics", event("work-0", "second"))
    assert folder.run().state is JobState.DONE_WITH_PROBLEMS
    assert folder.problems() == {"00000.ics": "edited-at-destination"}
    assert b"somebody's" in folder.copies()["work-0"]
    folder.check_books()


def test_an_archive_replaces_it_and_keeps_it(bench: Bench, odds: Oddities) -> None:
    bench.target_place = odd(odds, Archive)
    bench.fill(3)
    die(bench, odds, 1)
    (written,) = bench.target.bodies("work")
    bench.target.change("work", written, event("work-0", "somebody's"))
    bench.source.change("work", "00000.ics", event("work-0", "second"))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_half_a_body_left_by_a_write_that_broke_off_is_ours(folder: Bench, odds: Oddities) -> None:
    folder.fill(3)
    die(folder, odds, 1)
    (written,) = folder.target.bodies("work")
    folder.target.change("work", written, event("work-0")[:60])
    folder.source.change("work", "00000.ics", event("work-0", "second"))
    assert settle(folder) is JobState.DONE
    assert folder.copies() == folder.originals()


def test_half_a_body_nobody_announced_is_somebodys(folder: Bench) -> None:
    folder.fill(1)
    folder.source.create("other")
    folder.target.create("work")
    folder.target.shelves["work"].source = "work"
    folder.target.add("work", "work/00000.ics", event("work-0")[:60])
    assert folder.run().state is JobState.DONE_WITH_PROBLEMS
    assert folder.target.bodies("work")["work/00000.ics"] == event("work-0")[:60]


FAULTS = {
    "in-doubt": lambda: InDoubt("cut off"),
    "transient": lambda: Transient("lost"),
    "full": lambda: DestinationFull("507"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("after", [1, 4])
def test_a_fault_right_after_a_write_is_settled(bench_to: Bench, odds: Oddities, fault: str, after: int) -> None:
    odds.put = breaking(after, FAULTS[fault])
    bench_to.fill(8)
    bench_to.run()
    bench_to.check_books()
    odds.put = None
    assert bench_to.run().state is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    bench_to.check_books()


def test_a_fault_the_source_outlives_by_changing_leaves_nothing_stuck(bench_to: Bench, odds: Oddities) -> None:
    """The write is repeated within the run, with another body: what stands there is still our own."""

    def write_then_fail(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            if bench_to.target.writes <= 3:
                bench_to.source.change("work", "00000.ics", event("work-0", f"after write {bench_to.target.writes}"))
                raise InDoubt("the answer got lost")
            yield receipt

    odds.put = write_then_fail
    bench_to.fill(2)
    bench_to.run()
    odds.put = None
    assert settle(bench_to) is JobState.DONE
    assert bench_to.copies() == bench_to.originals()
    assert bench_to.collection().doubt == {}
    bench_to.check_books()


def test_of_two_equal_items_the_one_that_is_still_there_keeps_its_copy(folder: Bench, odds: Oddities) -> None:
    """Their marks are the same: what may belong to the one that is there is not swept with the other."""
    for name in ("a.ics", "b.ics"):
        folder.source.add("work", name, event("twin"))
    die(folder, odds, 2)
    folder.source.delete("work", "a.ics")
    folder.faults(short_at=0)
    folder.run()
    assert len(folder.target.bodies("work")) == 2
    folder.faults()
    folder.source.forget_cursors()
    assert folder.run().state is JobState.DONE
    assert folder.rows()["b.ics"].target_id in folder.target.bodies("work")
    folder.check_books()


def test_nothing_is_in_doubt_after_a_quiet_run(bench_to: Bench) -> None:
    bench_to.fill(60)
    bench_to.run()
    assert bench_to.collection().doubt == {}
    bench_to.source.change("work", "00001.ics", event("work-1", "changed"))
    bench_to.run()
    assert bench_to.collection().doubt == {}


def test_doubt_names_no_more_than_what_was_on_its_way(folder: Bench, odds: Oddities) -> None:
    folder.fill(120)
    die(folder, odds, 55)
    doubt = folder.collection().doubt
    assert set(doubt) == {f"{number:05}.ics" for number in range(50, 100)}
    assert all(len(mark) == 64 for mark in doubt.values())
    assert len(folder.rows()) == 50
    assert folder.run().state is JobState.DONE
    assert folder.collection().doubt == {}
