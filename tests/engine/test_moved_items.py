"""An item that moved keeps its copy: a place that holds each UID once must not lose it on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Result
from connectors.errors import InDoubt, Transient
from sync_engine.model import JobState, Outcome
from tests.engine.bench import event
from tests.engine.oddplaces import Oddities, OneUid, odd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.base import Failed, Item, Receipt
    from tests.engine.bench import Bench


@pytest.fixture
def there() -> Oddities:
    """What the destination does oddly besides holding each UID once."""
    return Oddities()


@pytest.fixture
def strict(bench: Bench, there: Oddities) -> Bench:
    """Return a bench whose destination holds each UID once, with five events copied."""
    bench.target_place = odd(there, OneUid)
    bench.fill(5)
    assert bench.run().state is JobState.DONE
    return bench


def rename(bench: Bench, old: str, new: str, body: bytes | None = None) -> None:
    """Move an item at the source, changed on the way if *body* says so."""
    body = body or bench.source.bodies("work")[old]
    bench.source.delete("work", old)
    bench.source.add("work", new, body)


def failing(error: Exception) -> object:
    """Return a filter that turns every receipt for the item ``new.ics`` into a failure."""

    def fail(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            if receipt.key == "work/new.ics" and receipt.result is not Result.FAILED:
                raise error
            yield receipt

    return fail


@pytest.mark.parametrize("forgotten", [False, True], ids=["by-token", "by-listing"])
@pytest.mark.parametrize("changed", [False, True], ids=["as-it-was", "edited-on-the-way"])
def test_a_moved_item_takes_its_copy_along(strict: Bench, *, forgotten: bool, changed: bool) -> None:
    rename(strict, "00002.ics", "new.ics", event("work-2", "edited") if changed else None)
    if forgotten:
        strict.source.forget_cursors()
    assert strict.run().state is JobState.DONE
    assert strict.copies() == strict.originals()
    assert len(strict.copies()) == 5
    assert strict.rows().keys() == {"00000.ics", "00001.ics", "00003.ics", "00004.ics", "new.ics"}
    assert (strict.ended().present, strict.ended().removed) == (5, 0)
    strict.check_books()


def test_moving_all_of_them_is_no_mass_deletion(strict: Bench) -> None:
    strict.fill(40)
    strict.run()
    for name in list(strict.source.bodies("work")):
        rename(strict, name, f"moved-{name}")
    assert strict.run().state is JobState.DONE
    assert strict.copies() == strict.originals()
    strict.check_books()


def test_two_items_of_one_uid_at_the_source_leave_the_first_copy_alone(strict: Bench) -> None:
    strict.source.add("work", "twin.ics", event("work-2", "the twin"))
    assert strict.run().state is JobState.DONE_WITH_PROBLEMS
    assert strict.problems() == {"twin.ics": "uid-exists"}
    assert b"Tea" in strict.copies()["work-2"]
    assert strict.rows()["00002.ics"].outcome is Outcome.COPIED
    strict.source.delete("work", "00002.ics")
    strict.run()
    assert strict.run().state is JobState.DONE
    assert b"the twin" in strict.copies()["work-2"]
    strict.check_books()


def test_two_items_that_swap_their_uids_settle_down(strict: Bench) -> None:
    strict.source.change("work", "00001.ics", event("work-2", "one"))
    strict.source.change("work", "00002.ics", event("work-1", "two"))
    for _ in range(12):
        strict.run()
        assert len(strict.copies()) == 5, "nothing is doubled, nothing is lost on the way"
    strict.check_books()


def test_a_refused_move_is_offered_again_and_arrives(strict: Bench, there: Oddities) -> None:
    """The old item's row must not go before the new one has its copy: nobody would know the copy then."""
    rename(strict, "00002.ics", "new.ics", event("work-2", "edited"))
    there.refuse = frozenset({"work/new.ics"})
    assert strict.run().state is JobState.DONE_WITH_PROBLEMS
    strict.check_books()
    there.refuse = frozenset()
    strict.run()
    strict.run()
    assert strict.run().state is JobState.DONE
    assert strict.copies() == strict.originals()
    strict.check_books()


@pytest.mark.parametrize("error", [Transient("gone away"), InDoubt("cut off")], ids=["before", "in-doubt"])
def test_a_move_cut_off_is_finished_by_the_next_run(strict: Bench, there: Oddities, error: Exception) -> None:
    there.put = failing(error)  # type: ignore[assignment]  # a filter as the field wants it
    rename(strict, "00002.ics", "new.ics", event("work-2", "edited"))
    strict.run()
    strict.check_books()
    there.put = None
    assert strict.run().state is JobState.DONE
    assert strict.copies() == strict.originals()
    strict.check_books()


def test_a_source_that_does_not_answer_is_no_witness_of_a_move(strict: Bench) -> None:
    """Left out of an answer is not gone: the twin must not take the other's copy over."""

    def leave_out(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        return (answer for answer in answers if answer.ref.id != "00002.ics")

    strict.source_place = odd(Oddities(fetch=leave_out))
    strict.source.add("work", "twin.ics", event("work-2", "the twin"))
    strict.run()
    assert strict.problems() == {"twin.ics": "uid-exists"}
    assert strict.rows()["00002.ics"].outcome is Outcome.COPIED
    assert b"Tea" in strict.copies()["work-2"]


def test_a_copy_edited_there_is_not_taken_over_by_a_move(strict: Bench) -> None:
    strict.target.change("work", "work/00002.ics", event("work-2", "edited there"))
    rename(strict, "00002.ics", "new.ics", event("work-2", "edited here"))
    for _ in range(3):
        strict.run()
        assert b"edited there" in strict.copies()["work-2"]
        strict.check_books()
    assert len(strict.copies()) == 5


@pytest.mark.parametrize("same", [True, False], ids=["equal", "different"])
def test_twins_that_arrive_together_never_share_a_copy(strict: Bench, *, same: bool) -> None:
    strict.source.add("work", "twin-a.ics", event("twin", "one"))
    strict.source.add("work", "twin-b.ics", event("twin", "one" if same else "other"))
    assert strict.run().state is JobState.DONE_WITH_PROBLEMS
    assert strict.problems() == {"twin-b.ics": "uid-exists"}
    strict.check_books()
    strict.source.delete("work", "twin-a.ics")
    strict.run()
    assert strict.run().state is JobState.DONE
    assert strict.copies() == strict.originals()
    strict.check_books()


def test_of_two_items_that_claim_one_copy_one_gets_it(strict: Bench) -> None:
    strict.source.delete("work", "00002.ics")
    strict.source.add("work", "new-a.ics", event("work-2", "one"))
    strict.source.add("work", "new-b.ics", event("work-2", "other"))
    assert strict.run().state is JobState.DONE_WITH_PROBLEMS
    assert strict.problems() == {"new-b.ics": "uid-exists"}
    assert b"one" in strict.copies()["work-2"]
    assert (strict.ended().present, strict.ended().copied, strict.ended().failed) == (6, 5, 1)
    strict.check_books()
