"""Bringing bodies in: each item asked for is answered exactly once, whatever the place does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Failed, Item, ItemRef
from connectors.errors import ItemRejected, NotTheService, TooMuchAtOnce, Transient, Vanished
from sync_engine.intake import CHUNK_BYTES, CHUNK_ITEMS, chunks
from sync_engine.model import JobState, Outcome
from tests.engine.bench import event
from tests.engine.oddplaces import Oddities, odd, raising

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.engine.bench import Bench

    Answers = Callable[[Iterator[Item | Failed]], Iterable[Item | Failed]]


@pytest.fixture
def kind() -> str:
    """The ledger is not the subject here; the faster database will do."""
    return "sqlite"


def item(name: str, size: int) -> Item:
    """Return an item of *size* bytes."""
    return Item(ItemRef(name), "text/calendar", b"x" * size)


@given(sizes=st.lists(st.integers(0, CHUNK_BYTES + 10) | st.none(), max_size=30))
@settings(max_examples=80, deadline=None)
def test_chunks_are_bounded_and_lose_nothing(sizes: list[int | None]) -> None:
    """A chunk goes over its bytes by at most the item that filled it; failures weigh nothing."""
    answers: list[Item | Failed] = [
        Failed(ItemRef(str(n)), Vanished()) if size is None else item(str(n), size) for n, size in enumerate(sizes)
    ]
    found = list(chunks(answers))
    assert [answer for chunk in found for answer in chunk] == answers
    assert all(found)
    for chunk in found:
        bodies = [len(answer.body) for answer in chunk if isinstance(answer, Item)]
        assert sum(bodies[:-1]) < CHUNK_BYTES
        assert len(chunk) <= CHUNK_ITEMS
    assert all(_is_full(chunk) for chunk in found[:-1])


def _is_full(chunk: list[Item | Failed]) -> bool:
    size = sum(len(answer.body) for answer in chunk if isinstance(answer, Item))
    return len(chunk) >= CHUNK_ITEMS or size >= CHUNK_BYTES


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (CHUNK_ITEMS, [200]), (CHUNK_ITEMS + 1, [200, 1]), (3 * CHUNK_ITEMS, [200, 200, 200])],
)
def test_chunks_by_number(count: int, sizes: list[int]) -> None:
    assert [len(chunk) for chunk in chunks(item(str(n), 1) for n in range(count))] == sizes


def test_chunks_are_lazy() -> None:
    """Memory holds a chunk and no more: the next item is asked for when the chunk is done with."""
    asked: list[int] = []

    def answers() -> Iterator[Item | Failed]:
        for number in range(3 * CHUNK_ITEMS):
            asked.append(number)
            yield item(str(number), 1)

    found = chunks(answers())
    assert asked == []
    next(found)
    assert len(asked) == CHUNK_ITEMS


def twice(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
    """Answer everything twice."""
    for answer in answers:
        yield answer
        yield answer


def backwards(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
    """Answer in the other order."""
    return reversed(list(answers))


def with_strangers(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
    """Answer for items nobody asked for."""
    yield Item(ItemRef("stranger.ics", "1"), "text/calendar", event("stranger"))
    yield from answers
    yield Failed(ItemRef("another.ics"), Vanished())


@pytest.mark.parametrize("answers", [twice, backwards, with_strangers])
def test_oddly_given_answers_are_taken_once_each(bench: Bench, answers: Answers) -> None:
    bench.fill(130)
    bench.source_place = odd(Oddities(fetch=answers))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert len(bench.rows()) == 130
    bench.check_books()


@given(left_out=st.sets(st.integers(0, 19)))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_left_out_of_the_answers_is_said_by_name(*, bench: Bench, left_out: set[int]) -> None:
    missing = {f"{number:05}.ics" for number in left_out}

    def leave_out(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        return (answer for answer in answers if answer.ref.id not in missing)

    bench.source.shelves["work"].items.clear()
    bench.fill(20)
    bench.source.forget_cursors()
    bench.source_place = odd(Oddities(fetch=leave_out))
    bench.run(allow_deletions=True)
    assert bench.problems() == dict.fromkeys(sorted(missing), "not-answered")
    assert len(bench.copies()) == 20 - len(missing) or bench.ended().failed == len(missing)
    bench.check_books()
    bench.source_place = odd(Oddities())
    bench.source.forget_cursors()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


def every(number: int, error: Callable[[], Exception]) -> Answers:
    """Return a filter that breaks off after each *number* answers of a call."""

    def cut(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        for count, answer in enumerate(answers):
            if count == number:
                raise error()
            yield answer

    return cut


@pytest.mark.parametrize("number", [1, 3, 49])
def test_a_connection_that_breaks_all_the_time_still_gets_there(bench: Bench, number: int) -> None:
    """Progress renews the patience: each call brings some more."""
    bench.fill(60)
    bench.source_place = odd(Oddities(fetch=every(number, lambda: Transient("lost"))))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("error", [NotTheService("a login page"), TooMuchAtOnce("too much")])
def test_what_is_not_worth_another_try_at_once_puts_the_job_off(bench: Bench, error: Exception) -> None:
    bench.fill(60)
    bench.source_place = odd(Oddities(fetch=every(10, lambda: error)))
    job = bench.run()
    assert job.state is JobState.READY
    assert job.problem is not None
    assert job.problem["error"] == type(error).__name__
    assert bench.source.calls["fetch"] == 1
    bench.check_books()


def test_a_source_that_never_answers_is_given_up_after_its_attempts(bench: Bench) -> None:
    bench.fill(5)
    bench.source_place = odd(Oddities(fetch=raising(Transient("lost"))))
    assert bench.run().state is JobState.READY
    assert bench.copies() == {}
    assert bench.rows() == {}
    bench.check_books()


@pytest.mark.parametrize("code", ["too-large", "no-permission", "x" * 40])
def test_an_items_own_reason_is_kept(bench: Bench, code: str) -> None:
    def refuse(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        for answer in answers:
            bad = answer.ref.id == "00001.ics"
            yield Failed(answer.ref, ItemRejected(code, "said at length " * 100)) if bad else answer

    bench.fill(3)
    bench.source_place = odd(Oddities(fetch=refuse))
    bench.run()
    row = bench.rows()["00001.ics"]
    assert (row.outcome, row.reason) == (Outcome.FAILED, code)
    assert row.detail is not None
    assert len(row.detail) <= 300


def test_items_that_grow_while_they_are_read(bench: Bench) -> None:
    """What was fetched counts, not what was listed: the next run brings the rest."""
    bench.fill(10)

    def grow(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        for answer in answers:
            number = int(answer.ref.id[:5])
            bench.source.change("work", answer.ref.id, event(f"work-{number}", "grown"))
            yield answer

    bench.source_place = odd(Oddities(fetch=grow))
    bench.run()
    assert all(b"Tea" in body for body in bench.copies().values())
    bench.source_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_items_added_while_a_run_is_under_way_are_not_lost(bench: Bench) -> None:
    bench.fill(120)
    pages = [0]

    def add() -> None:
        pages[0] += 1
        bench.source.add("work", f"late-{pages[0]}.ics", event(f"late-{pages[0]}"))

    bench.source.before_page = add
    bench.run()
    bench.source.before_page = lambda: None
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_an_item_deleted_and_made_again_while_a_run_is_under_way(bench: Bench) -> None:
    bench.fill(60)
    bench.run()
    bench.source.change("work", "00003.ics", event("work-3", "first"))
    bench.source.before_page = lambda: _again(bench)
    bench.run()
    bench.source.before_page = lambda: None
    bench.run()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def _again(bench: Bench) -> None:
    bench.source.delete("work", "00003.ics")
    bench.source.add("work", "00003.ics", event("work-3", "made again"))


@pytest.mark.parametrize("size", [CHUNK_BYTES - 1, CHUNK_BYTES, 3 * CHUNK_BYTES])
def test_large_items_go_one_by_one(bench: Bench, size: int) -> None:
    bench.fill(4)
    for number in range(3):
        body = event(f"large-{number}").replace(b"SUMMARY:Tea", b"SUMMARY:" + b"x" * size)
        bench.source.add("work", f"large-{number}.ics", body)
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.ended().size == sum(map(len, bench.originals().values()))
    bench.check_books()
