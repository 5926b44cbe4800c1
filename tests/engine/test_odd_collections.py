"""Collections and items with names nobody can store, and collections that become something else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import Change, ChangePage, Kind
from connectors.errors import ItemRejected
from sync_engine.jobs import Jobs
from sync_engine.model import JobState, Outcome
from sync_engine.rows import UNSTORABLE, is_storable, printable
from tests.engine.bench import card, event
from tests.engine.oddplaces import Oddities, odd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.base import Collection
    from tests.engine.bench import Bench

ODD = ["a\0b.ics", "\0", "a\ud800.ics", "\udcff\udcfe.ics", "é\0é"]


def renamed(name: str, revision: str | None = None) -> Callable[[Iterator[ChangePage]], Iterator[ChangePage]]:
    """Return a filter that tells the item 00001.ics by another name, and under another revision."""

    def rename(change: Change) -> Change:
        ref = change.ref
        return replace(change, ref=replace(ref, id=name, revision=revision)) if ref.id == "00001.ics" else change

    return lambda pages: (replace(page, changes=[rename(change) for change in page.changes]) for page in pages)


@pytest.mark.parametrize("name", ODD)
def test_an_id_that_cannot_be_stored_costs_that_item_alone(bench: Bench, name: str) -> None:
    bench.fill(3)
    oddities = Oddities(changes=renamed(name))
    bench.source_place = odd(oddities)
    for _ in range(3):
        assert bench.run().state is JobState.DONE_WITH_PROBLEMS
        assert set(bench.copies()) == {"work-0", "work-2"}
        (row,) = (row for row in bench.rows().values() if row.outcome is not Outcome.COPIED)
        assert (row.outcome, row.reason, row.id) == (Outcome.SKIPPED, UNSTORABLE, printable(name))
        bench.check_books()
    oddities.changes = None
    bench.source.forget_cursors()
    assert bench.run().state is JobState.DONE
    assert len(bench.copies()) == 3
    bench.check_books()


def test_the_deletion_of_such_an_item_forgets_it(bench: Bench) -> None:
    bench.fill(3)
    bench.source_place = odd(Oddities(changes=renamed("a\0b")))
    bench.run()
    bench.source.delete("work", "00001.ics")
    assert bench.run().state is JobState.DONE
    assert set(bench.rows()) == {"00000.ics", "00002.ics"}
    bench.check_books()


@pytest.mark.parametrize("revision", ["1\0", "\ud800"])
def test_a_revision_that_cannot_be_stored_counts_as_none(bench: Bench, revision: str) -> None:
    bench.fill(3)
    bench.source_place = odd(Oddities(changes=renamed("00001.ics", revision)))
    for _ in range(2):
        assert bench.run().state is JobState.DONE
        assert len(bench.copies()) == 3
        bench.check_books()


@pytest.mark.parametrize("name", ODD)
def test_what_is_told_can_be_stored_and_says_which(name: str) -> None:
    assert is_storable(printable(name))
    assert printable(name) == printable(name)
    assert printable(name) != printable(name + "x")
    assert not is_storable(name)


def test_two_odd_names_that_look_alike_stay_two() -> None:
    assert printable("a\0") != printable("a\\x00")


def told_as(problem: ItemRejected | None, name: str = "work") -> Callable[[Iterator[Collection]], Iterator[Collection]]:
    """Return a filter that tells one collection by another id or with a problem."""
    return lambda found: (replace(one, id=name, problem=problem) if one.id == "work" else one for one in found)


@pytest.mark.parametrize(
    ("problem", "name", "reason"),
    [
        (ItemRejected("name-not-utf-8", "x"), "work", "name-not-utf-8"),
        (None, "wo\0rk", UNSTORABLE),
        (None, "wo\udcffrk", UNSTORABLE),
    ],
)
def test_a_collection_that_cannot_be_read_is_told_and_the_others_go_on(
    bench: Bench, problem: ItemRejected | None, name: str, reason: str
) -> None:
    bench.fill(2)
    bench.fill(2, "home")
    bench.source_place = odd(Oddities(collections=told_as(problem, name)))
    for _ in range(2):
        assert bench.run().state is JobState.DONE_WITH_PROBLEMS
        assert bench.notes() == [reason]
        assert len(bench.copies("home")) == 2
        assert list(bench.target.shelves) == ["home"]
    bench.source_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert len(bench.copies()) == 2


def test_a_known_collection_with_a_problem_is_not_missing(bench: Bench) -> None:
    bench.fill(2)
    bench.run()
    bench.source_place = odd(Oddities(collections=told_as(ItemRejected("name-not-utf-8"))))
    for _ in range(3):
        bench.run()
        assert bench.notes() == ["name-not-utf-8"]
    assert bench.collection().missing_runs == 0
    assert bench.verify().missing == 0


def test_a_collection_of_another_kind_gets_a_copy_of_its_own(bench: Bench) -> None:
    bench.fill(3)
    bench.run()
    before = bench.collection()
    copies = bench.target.bodies(before.target_id or "")
    bench.source.create("work", Kind.CONTACT)
    bench.source.add("work", "ana.vcf", card("ana"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.notes() == ["collection-of-another-kind"]
    after = bench.collection()
    assert (after.kind, after.present, after.copied) == ("contact", 1, 1)
    assert after.target_id != before.target_id
    assert bench.target.bodies(before.target_id or "") == copies, "what was copied of it stays"
    assert len(bench.target.bodies(after.target_id or "")) == 1
    bench.check_books()
    assert bench.ended().present == 1, "and is in no sum"
    assert bench.run().state is JobState.DONE
    assert bench.ended().present == 1


def test_also_when_collections_are_chosen_by_name(bench: Bench) -> None:
    bench.options = {"collections": "work"}
    bench.fill(3)
    bench.run()
    bench.source.create("work", Kind.CONTACT)
    bench.source.add("work", "ana.vcf", card("ana"))
    bench.run()
    assert bench.run().state is JobState.DONE
    assert bench.ended().present == 1


def test_and_back_again(bench: Bench) -> None:
    bench.fill(1)
    bench.run()
    for kind, name, body in [
        (Kind.CONTACT, "a.vcf", card("a")),
        (Kind.EVENT, "b.ics", event("b")),
        (Kind.CONTACT, "c.vcf", card("c")),
    ]:
        bench.source.create("work", kind)
        bench.source.add("work", name, body)
        bench.run()
        row = bench.collection()
        assert (row.kind, row.copied) == (kind.value, 1)
        assert body in bench.target.bodies(row.target_id or "").values()
    bench.check_books()


def test_days_do_not_count_collections_that_are_gone(bench: Bench) -> None:
    bench.fill(3)
    bench.fill(2, "home")
    job = bench.run()
    jobs = Jobs(bench.database)
    assert [counts for _, *counts in jobs.days(job.id)] == [[5, 5]]
    del bench.source.shelves["home"]
    bench.run()
    assert [counts for _, *counts in jobs.days(job.id)] == [[5, 5]], "once is not gone"
    bench.run()
    assert [counts for _, *counts in jobs.days(job.id)] == [[3, 3]]
    assert bench.ended().present == 3


def test_a_killed_runs_settled_collections_are_looked_at_at_once(bench: Bench) -> None:
    """A change made after a collection was settled, and before the kill, arrives with the next run."""
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger
    from tests.sync_engine.builders import expire

    bench.fill(2)
    bench.fill(2, "home")
    bench.run()
    job = bench.submit()
    Jobs(bench.database).start(job.id)
    lease = Leases(bench.database).claim("gone", ttl=1000, job=job.id)
    assert lease is not None
    ledger = Ledger(bench.database)
    ledger.set_job(lease, started_at=1.0)
    ledger.save_collection(lease, replace(bench.collection(), settled_run=lease.job.run))
    bench.source.add("work", "late.ics", event("late"))
    expire(bench.database, [job.id])
    assert bench.run().state is JobState.DONE
    assert "late" in bench.copies()
