"""Verify: every way in which two places can differ is counted as what it is, and nothing is written."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Failed, Item, ItemRef
from connectors.errors import ItemRejected, ReauthRequired, Transient
from connectors.memory.world import Faults
from sync_engine.comparing import Names, batches
from sync_engine.errors import JobUnknown
from sync_engine.verify import MOST_PROBLEMS, Problem, Verdict, verify_job
from tests.engine.bench import event
from tests.engine.oddplaces import Oddities, Remote, odd, raising
from tests.sync_engine.builders import contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.engine.bench import Bench


@pytest.fixture
def copied(bench: Bench) -> Bench:
    """Return a bench whose ten events are all copied."""
    bench.fill(10)
    bench.run()
    return bench


def counts(verdict: Verdict) -> dict[str, int]:
    """Return what is not zero."""
    named = {field.name: getattr(verdict, field.name) for field in fields(Verdict) if field.name != "problems"}
    return {name: count for name, count in named.items() if count}


def target(bench: Bench, item: str) -> str:
    """Return the id of the copy of *item*."""
    return bench.rows()[item].target_id or ""


def test_everything_as_it_was(copied: Bench) -> None:
    verdict = copied.verify()
    assert verdict.good
    assert counts(verdict) == {"same": 10}
    assert verdict.problems == []


def test_nothing_copied_yet(bench: Bench) -> None:
    bench.fill(3)
    bench.submit()
    verdict = bench.verify()
    assert verdict.good
    assert counts(verdict) == {"new_at_source": 3}


def test_an_unknown_job_is_named(bench: Bench) -> None:
    with pytest.raises(JobUnknown):
        verify_job(bench.database, "nope", open_place=bench.open_place)


def test_each_difference_of_the_copy(copied: Bench) -> None:
    copied.target.delete("work", target(copied, "00000.ics"))
    copied.target.change("work", target(copied, "00001.ics"), event("work-1", "edited there"))
    copied.target.add("work", "mine.ics", event("mine"))
    copied.target.faults = Faults(unreadable=frozenset({target(copied, "00002.ics")}))
    verdict = copied.verify()
    assert not verdict.good
    assert counts(verdict) == {"same": 7, "missing": 1, "differing": 1, "unreadable": 1, "extra": 1}
    assert sorted(verdict.problems, key=lambda problem: problem.item) == [
        Problem("work", "00000.ics", "missing"),
        Problem("work", "00001.ics", "differs"),
        Problem("work", "00002.ics", "unreadable"),
    ]


def test_each_difference_of_the_source(copied: Bench) -> None:
    """The source going on is no fault of the copy."""
    copied.source.delete("work", "00000.ics")
    copied.source.change("work", "00001.ics", event("work-1", "edited"))
    copied.source.add("work", "new.ics", event("new"))
    verdict = copied.verify()
    assert verdict.good
    assert counts(verdict) == {"same": 10, "newer": 1, "new_at_source": 1, "gone_at_source": 1}


def test_extra_items_are_counted_beyond_the_copies(copied: Bench) -> None:
    for number in range(3):
        copied.target.add("work", f"mine-{number}", event(f"mine-{number}"))
    assert counts(copied.verify()) == {"same": 10, "extra": 3}
    copied.target.delete("work", target(copied, "00000.ics"))
    assert counts(copied.verify()) == {"same": 9, "missing": 1, "extra": 3}


def test_a_copy_kept_of_a_deleted_item_is_not_extra(bench: Bench) -> None:
    bench.mirror = False
    bench.fill(10)
    bench.run()
    bench.source.delete("work", "00000.ics")
    bench.run()
    assert counts(bench.verify()) == {"same": 9}


def test_what_was_refused_is_not_copied_and_not_missing(bench: Bench) -> None:
    bench.fill(5)
    bench.target_faults(reject=frozenset({"work/00002.ics"}))
    bench.run()
    bench.target_faults()
    verdict = bench.verify()
    assert verdict.good
    assert counts(verdict) == {"same": 4, "not_copied": 1}


def test_an_older_copy_of_an_item_that_fails_now_is_still_compared(copied: Bench) -> None:
    copied.source.change("work", "00002.ics", b"BEGIN:VCALENDAR\r\n")
    copied.run()
    verdict = copied.verify()
    assert verdict.good
    assert counts(verdict) == {"same": 10, "not_copied": 1}
    copied.target.delete("work", target(copied, "00002.ics"))
    assert counts(copied.verify()) == {"same": 9, "missing": 1}


@pytest.mark.parametrize("rewrite", ["told", "silent"])
def test_a_destination_that_writes_other_bytes(bench: Bench, rewrite: str) -> None:
    """What it said it stored is what is looked for; what it stored without a word differs."""
    bench.target_faults(rewrite=rewrite)
    bench.fill(4)
    bench.run()
    verdict = bench.verify()
    assert counts(verdict) == ({"same": 4} if rewrite == "told" else {"differing": 4})


def test_a_whole_collection_gone_at_the_copy_is_missing_item_by_item(copied: Bench) -> None:
    copied.target.shelves.clear()
    verdict = copied.verify()
    assert counts(verdict) == {"missing": 10}
    assert len(verdict.problems) == 10


def test_a_whole_collection_gone_at_the_source_leaves_the_copy_good(copied: Bench) -> None:
    copied.source.shelves.clear()
    verdict = copied.verify()
    assert verdict.good
    assert verdict.same == 10


def test_a_new_collection_at_the_source_is_counted(copied: Bench) -> None:
    copied.fill(4, "home")
    assert counts(copied.verify()) == {"same": 10, "new_at_source": 4}


def test_many_problems_are_counted_all_and_listed_in_part(bench: Bench) -> None:
    bench.fill(MOST_PROBLEMS + 50)
    bench.run()
    bench.target.shelves["work"].items.clear()
    verdict = bench.verify()
    assert verdict.missing == MOST_PROBLEMS + 50
    assert len(verdict.problems) == MOST_PROBLEMS


def test_an_item_the_destination_leaves_out_of_its_answers_is_not_called_good(copied: Bench) -> None:
    left_out = target(copied, "00003.ics")

    def leave_out(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        return (answer for answer in answers if answer.ref.id != left_out)

    copied.target_place = odd(Oddities(fetch=leave_out))
    verdict = copied.verify()
    assert not verdict.good
    assert counts(verdict) == {"same": 9, "unreadable": 1}
    assert verdict.problems == [Problem("work", "00003.ics", "unreadable")]


def test_answers_nobody_asked_for_and_answers_given_twice_count_nothing(copied: Bench) -> None:
    def chatter(answers: Iterator[Item | Failed]) -> Iterable[Item | Failed]:
        for answer in answers:
            yield answer
            yield answer
            yield Failed(ItemRef("never asked for"), ItemRejected("x"))

    copied.target_place = odd(Oddities(fetch=chatter))
    assert counts(copied.verify()) == {"same": 10}


@pytest.mark.parametrize("error", [ReauthRequired("401"), Transient("lost")], ids=["access", "connection"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_place_that_cannot_be_read_gives_no_verdict(copied: Bench, side: str, error: Exception) -> None:
    place = odd(Oddities(collections=raising(error)))
    if side == "source":
        copied.source_place = place
    else:
        copied.target_place = place
    with pytest.raises(type(error)):
        copied.verify()


def test_nothing_is_written(copied: Bench) -> None:
    copied.target.delete("work", target(copied, "00000.ics"))
    copied.source.add("work", "new.ics", event("new"))
    job = copied.submit().id
    worlds = (copied.source, copied.target)
    before = contents(copied.database), [world.bodies("work") for world in worlds], copied.target.writes
    verify_job(copied.database, job, open_place=copied.open_place)
    assert (contents(copied.database), [world.bodies("work") for world in worlds], copied.target.writes) == before


def test_a_quiet_meeting_is_the_same(bench: Bench) -> None:
    """What was written is not what was read, by our own hand: that is no difference."""
    bench.target_place = odd(Oddities(), Remote)
    invited = event("meeting").replace(b"SUMMARY", b"ATTENDEE:mailto:a@example.org\r\nSUMMARY")
    bench.source.add("work", "meeting.ics", invited)
    bench.run()
    assert b"SCHEDULE-AGENT=CLIENT" in bench.copies()["meeting"]
    assert counts(bench.verify()) == {"same": 1}


ITEMS = st.integers(0, 9)


@given(
    deleted=st.sets(ITEMS, max_size=4),
    edited=st.sets(ITEMS, max_size=4),
    lost=st.sets(ITEMS, max_size=4),
    spoilt=st.sets(ITEMS, max_size=4),
    new=st.integers(0, 3),
    extra=st.integers(0, 3),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mixture_adds_up(
    *, copied: Bench, deleted: set[int], edited: set[int], lost: set[int], spoilt: set[int], new: int, extra: int
) -> None:
    names = [f"{number:05}.ics" for number in range(10)]
    source, there = copied.source.bodies("work"), copied.target.bodies("work")
    targets = {name: target(copied, name) for name in names}
    for number in deleted:
        copied.source.delete("work", names[number])
    for number in edited - deleted:
        copied.source.change("work", names[number], event(f"work-{number}", "edited"))
    for number in lost:
        copied.target.delete("work", targets[names[number]])
    for number in spoilt - lost:
        copied.target.change("work", targets[names[number]], event(f"work-{number}", "spoilt"))
    for number in range(new):
        copied.source.add("work", f"new-{number}", event(f"new-{number}"))
    for number in range(extra):
        copied.target.add("work", f"mine-{number}", event(f"mine-{number}"))
    verdict = copied.verify()
    assert (verdict.missing, verdict.differing) == (len(lost), len(spoilt - lost))
    assert verdict.same == 10 - len(lost | spoilt)
    assert (verdict.newer, verdict.gone_at_source, verdict.new_at_source) == (len(edited - deleted), len(deleted), new)
    assert verdict.extra == extra
    assert verdict.good is not bool(lost | spoilt)
    assert {problem.item for problem in verdict.problems} == {names[number] for number in lost | spoilt}
    _put_back(copied, source, there)


def _put_back(bench: Bench, source: dict[str, bytes], there: dict[str, bytes]) -> None:
    """Make everything as it was, revisions included, for the next example."""
    for world, bodies in ((bench.source, source), (bench.target, there)):
        for item in list(world.bodies("work")):
            world.delete("work", item)
        for item, body in bodies.items():
            world.add("work", item, body)
    bench.run(allow_deletions=True)
    bench.run(allow_deletions=True)
    assert counts(bench.verify()) == {"same": 10}


@given(names=st.lists(st.text(max_size=8), max_size=30), other=st.lists(st.text(max_size=8), max_size=30))
@settings(max_examples=100, deadline=None)
def test_names_know_what_was_added_and_nothing_else(names: list[str], other: list[str]) -> None:
    known = Names()
    for number, name in enumerate(names):
        assert name in known or name not in names[:number]
        known.add(name)
    assert all(name in known for name in names)
    assert not any(name in known for name in other if name not in names)
    assert len(known) == len(names)


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_batches(count: int, sizes: list[int]) -> None:
    refs = [ItemRef(str(number)) for number in range(count)]
    found = list(batches(iter(refs), 3))
    assert [len(batch) for batch in found] == sizes
    assert [ref for batch in found for ref in batch] == refs
