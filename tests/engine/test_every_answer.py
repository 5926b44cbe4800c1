"""Every error a connector may answer for one item: that item's outcome, and no other's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import Change, Failed, Item, Receipt, Result
from sync_engine.model import JobState, Outcome
from tests.engine.bench import event
from tests.engine.leaves import LEAVES, USER
from tests.engine.oddplaces import Oddities, odd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.base import ChangePage
    from connectors.errors import ConnectorError
    from tests.engine.bench import Bench

WHOLE_JOB = USER | {"ProviderForbids", "ConnectorBroken", "ReadOnly"}
CODES = {"Conflict": "conflict", "Vanished": "conflict", "ItemRejected": "refused"}


@pytest.fixture
def kind() -> str:
    """What the database is does not matter here; the faster one will do."""
    return "sqlite"


@pytest.mark.parametrize("name", LEAVES)
def test_a_receipt_that_says_no(bench: Bench, name: str) -> None:
    """What concerns one item is its outcome; what concerns more ends the run, and what was written is kept."""

    def refuse(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            bad = receipt.key == "work/new.ics"
            yield Receipt(receipt.key, Result.FAILED, error=LEAVES[name]) if bad else receipt

    bench.fill(4)
    bench.source.add("work", "new.ics", event("new"))
    bench.target_place = odd(Oddities(put=refuse))
    job = bench.run()
    bench.check_books()
    if name not in WHOLE_JOB:
        assert job.state is JobState.DONE_WITH_PROBLEMS
        code = {"Conflict": "conflict", "Vanished": "conflict", "ItemRejected": "refused"}.get(
            name, LEAVES[name].reason
        )
        assert bench.problems() == {"new.ics": code}
        assert bench.rows()["new.ics"].outcome is Outcome.FAILED
        assert bench.ended().copied == 4
    elif name == "ReadOnly":
        assert job.state is JobState.DONE_WITH_PROBLEMS
        assert bench.notes() == ["read-only"]
    else:
        assert job.state is (JobState.NEEDS_USER if name in USER else JobState.FAILED)
    bench.target_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("name", LEAVES)
def test_a_removal_that_is_refused(bench: Bench, name: str) -> None:
    def refuse(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            yield Receipt(receipt.key, Result.FAILED, error=LEAVES[name])

    bench.fill(6)
    bench.run()
    bench.source.delete("work", "00003.ics")
    target = bench.target
    removed = dict(target.bodies("work"))
    bench.target_place = odd(Oddities(remove=refuse))
    job = bench.run()
    bench.check_books()
    if name == "Conflict":
        assert bench.notes() == ["kept-edited"]
        assert "00003.ics" not in bench.rows()
        return
    if name in WHOLE_JOB - {"ReadOnly"}:
        assert job.state is (JobState.NEEDS_USER if name in USER else JobState.FAILED)
    else:
        assert job.state is JobState.DONE_WITH_PROBLEMS
        assert bench.notes() == ["read-only" if name == "ReadOnly" else "not-removed"]
    assert bench.rows()["00003.ics"].target_id in removed
    bench.target_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("name", LEAVES)
def test_an_item_that_is_not_handed_out(bench: Bench, name: str) -> None:
    """An answer about one item is that item's outcome, whatever it says; never a deletion, never the run's end."""

    def refuse(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        for answer in answers:
            yield Failed(answer.ref, LEAVES[name]) if answer.ref.id == "00002.ics" else answer

    bench.fill(4)
    bench.run()
    bench.source.change("work", "00002.ics", event("work-2", "changed"))
    bench.source_place = odd(Oddities(fetch=refuse))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert set(bench.problems()) == {"00002.ics"}
    row = bench.rows()["00002.ics"]
    assert row.outcome is (Outcome.SKIPPED if name == "Vanished" else Outcome.FAILED)
    assert len(bench.copies()) == 4
    bench.check_books()
    bench.source_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


@pytest.mark.parametrize("name", LEAVES)
def test_an_item_listed_as_a_problem(bench: Bench, name: str) -> None:
    def trouble(pages: Iterator[ChangePage]) -> Iterable[ChangePage]:
        for page in pages:
            yield replace(page, changes=[_with_problem(change, LEAVES[name]) for change in page.changes])

    bench.fill(4)
    bench.run()
    bench.source.forget_cursors()
    bench.source_place = odd(Oddities(changes=trouble))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert set(bench.problems()) == {"00002.ics"}
    assert bench.rows()["00002.ics"].target_id is not None
    assert len(bench.copies()) == 4
    assert bench.ended().failed == 1
    bench.check_books()
    bench.source_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    bench.check_books()


def _with_problem(change: Change, error: ConnectorError) -> Change:
    return Change(change.ref, problem=error) if change.ref.id == "00002.ics" else change
