"""Following deletions: answers that come twice, not at all or for something else, and copies somebody edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import ChangePage, Failed, Item, Receipt, Result
from connectors.errors import ItemRejected, Transient
from sync_engine.model import JobState, Outcome, Presence
from tests.engine.bench import event
from tests.engine.oddplaces import Oddities, odd, raising

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.engine.bench import Bench


@pytest.fixture
def kind() -> str:
    """The ledger is not the subject here; the faster database will do."""
    return "sqlite"


@pytest.fixture
def ten(bench: Bench) -> Bench:
    """Return a bench with thirty events copied, ten of which are deleted since."""
    bench.fill(30)
    bench.run()
    for number in range(10):
        bench.source.delete("work", f"{number:05}.ics")
    return bench


def twice(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
    """Answer for everything twice."""
    for receipt in receipts:
        yield receipt
        yield receipt


def with_strangers(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
    """Answer for things nobody asked to remove."""
    yield Receipt("somebody else's", Result.REMOVED)
    yield from receipts
    yield Receipt("another", Result.FAILED, error=ItemRejected("why not"))


def backwards(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
    """Answer in the other order."""
    return reversed(list(receipts))


@pytest.mark.parametrize("answers", [twice, with_strangers, backwards])
def test_oddly_given_answers_count_once(ten: Bench, answers: Callable[[Iterator[Receipt]], Iterable[Receipt]]) -> None:
    ten.target_place = odd(Oddities(remove=answers))
    assert ten.run().state is JobState.DONE
    assert ten.ended().removed == 10
    assert (ten.ended().present, ten.ended().gone) == (20, 0)
    assert ten.copies() == ten.originals()
    ten.check_books()


def test_what_is_not_answered_is_asked_again_next_time(ten: Bench) -> None:
    ten.target_place = odd(Oddities(remove=lambda receipts: list(receipts)[:4]))
    ten.run()
    assert (ten.ended().removed, ten.ended().gone) == (4, 6)
    ten.check_books()
    ten.target_place = odd(Oddities())
    assert ten.run().state is JobState.DONE
    assert ten.copies() == ten.originals()
    ten.check_books()


def test_a_connection_that_breaks_while_removing_is_finished_later(ten: Bench) -> None:
    def cut(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for number, receipt in enumerate(receipts):
            if number == 5:
                raise Transient("lost")
            yield receipt

    ten.target_place = odd(Oddities(remove=cut))
    assert ten.run().state is JobState.READY
    ten.check_books()
    ten.target_place = odd(Oddities())
    assert ten.run().state is JobState.DONE
    assert ten.copies() == ten.originals()
    ten.check_books()


def test_copies_that_are_gone_already_are_forgotten(ten: Bench) -> None:
    for item in sorted(ten.target.bodies("work"))[:10]:
        ten.target.delete("work", item)
    assert ten.run().state is JobState.DONE
    assert len(ten.rows()) == 20
    assert ten.copies() == ten.originals()
    ten.check_books()


def test_an_edited_copy_is_kept_said_once_and_no_longer_ours(ten: Bench) -> None:
    target = ten.rows()["00004.ics"].target_id or ""
    ten.target.change("work", target, event("work-4", "edited there"))
    assert ten.run().state is JobState.DONE_WITH_PROBLEMS
    assert ten.notes() == ["kept-edited"]
    assert ten.ended().removed == 9
    assert "00004.ics" not in ten.rows()
    assert b"edited there" in ten.copies()["work-4"]
    assert ten.run().state is JobState.DONE
    assert ten.notes() == []
    assert ten.verify().extra == 1
    ten.check_books()


def test_an_item_that_comes_back_beside_its_edited_copy_is_set_aside(ten: Bench) -> None:
    target = ten.rows()["00004.ics"].target_id or ""
    ten.target.change("work", target, event("work-4", "edited there"))
    ten.run()
    ten.source.add("work", "00004.ics", event("work-4", "back"))
    assert ten.run().state is JobState.DONE_WITH_PROBLEMS
    assert ten.problems() == {"00004.ics": "edited-at-destination"}
    assert b"edited there" in ten.copies()["work-4"]
    ten.target.delete("work", target)
    ten.source.change("work", "00004.ics", event("work-4", "back again"))
    assert ten.run().state is JobState.DONE
    assert ten.copies() == ten.originals()
    ten.check_books()


def test_a_deletion_that_is_refused_is_tried_in_every_run_and_keeps_its_reason(ten: Bench) -> None:
    def refuse(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        return [Receipt(receipt.key, Result.FAILED, error=ItemRejected("locked", "by policy")) for receipt in receipts]

    ten.target_place = odd(Oddities(remove=refuse))
    for _ in range(3):
        assert ten.run().state is JobState.DONE_WITH_PROBLEMS
        assert ten.notes() == ["not-removed"] * 10
        assert ten.ended().gone == 10
    row = ten.rows()["00003.ics"]
    assert (row.presence, row.reason, row.detail) == (Presence.GONE, "not-removed", "locked: by policy")
    ten.check_books()
    ten.target_place = odd(Oddities())


def handed_out_anyway(bench: Bench) -> Callable[[Iterator[Item | Failed]], Iterable[Item | Failed]]:
    """Return a filter under which the source still hands out what it said was deleted."""

    def hand_out(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        for answer in answers:
            if isinstance(answer, Failed) and answer.ref.id in bench.rows():
                number = int(answer.ref.id[:5])
                yield Item(answer.ref, "text/calendar", event(f"work-{number}"))
            else:
                yield answer

    return hand_out


@pytest.mark.parametrize("by_listing", [False, True], ids=["said-to-be-gone", "not-listed"])
def test_one_witness_is_not_enough(ten: Bench, *, by_listing: bool) -> None:
    ten.source_place = odd(Oddities(fetch=handed_out_anyway(ten)))
    if by_listing:
        ten.source.forget_cursors()
    ten.run(allow_deletions=True)
    assert len(ten.copies()) == 30
    assert {row.presence for row in ten.rows().values()} == {Presence.HERE}
    ten.check_books()


@pytest.mark.parametrize("by_listing", [False, True], ids=["said-to-be-gone", "not-listed"])
def test_a_second_witness_that_cannot_speak_is_none(ten: Bench, *, by_listing: bool) -> None:
    def mumble(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        return [Failed(answer.ref, ItemRejected("no-permission")) for answer in answers]

    ten.source_place = odd(Oddities(fetch=mumble))
    if by_listing:
        ten.source.forget_cursors()
    assert ten.run(allow_deletions=True).state is JobState.DONE_WITH_PROBLEMS
    assert len(ten.copies()) == 30
    assert len(ten.problems()) == 10
    ten.check_books()


def test_an_unreachable_second_witness_puts_the_deletions_off(ten: Bench) -> None:
    ten.source_place = odd(Oddities(fetch=raising(Transient("lost"))))
    assert ten.run().state is JobState.READY
    assert len(ten.copies()) == 30
    ten.source_place = odd(Oddities())
    assert ten.run().state is JobState.DONE
    assert ten.copies() == ten.originals()


def incomplete(pages: Iterator[ChangePage]) -> Iterable[ChangePage]:
    """Say of every listing that it was cut short, whatever it holds."""
    from dataclasses import replace

    return (replace(page, listing=True, complete=False, cursor=None) for page in pages)


def test_no_listing_that_says_it_is_cut_ever_removes(ten: Bench) -> None:
    ten.source.forget_cursors()
    ten.source_place = odd(Oddities(changes=incomplete))
    for _ in range(3):
        assert ten.run(allow_deletions=True).state is JobState.DONE_WITH_PROBLEMS
        assert ten.notes() == ["listing-incomplete"]
    assert len(ten.copies()) == 30
    assert {row.presence for row in ten.rows().values()} == {Presence.HERE}
    ten.source_place = odd(Oddities())
    assert ten.run().state is JobState.DONE
    assert ten.copies() == ten.originals()
    ten.check_books()


def test_items_never_copied_are_forgotten_when_they_go(bench: Bench) -> None:
    """A row without a copy has nothing to follow: it is no deletion and asks no question."""
    bench.fill(30)
    bench.target_faults(reject=frozenset(f"work/{number:05}.ics" for number in range(30)))
    bench.run()
    assert {row.outcome for row in bench.rows().values()} == {Outcome.FAILED}
    for name in list(bench.source.bodies("work")):
        bench.source.delete("work", name)
    assert bench.run().state is JobState.DONE
    assert bench.rows() == {}
    assert (bench.ended().present, bench.ended().gone, bench.ended().removed) == (0, 0, 0)
    bench.check_books()


def test_the_same_deletion_said_again_changes_nothing(ten: Bench) -> None:
    ten.mirror = False
    ten.run()
    writes = ten.target.writes
    for _ in range(2):
        ten.source.forget_cursors()
        assert ten.run().state is JobState.DONE
        assert (ten.ended().present, ten.ended().gone) == (20, 10)
    assert ten.target.writes == writes
    ten.check_books()
