"""Collections that are there, not there, back again, named oddly or refused: each has one row and one copy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import Kind
from connectors.errors import CollectionGone, ItemRejected, ReadOnly, Transient
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import JobState
from sync_engine.report import build_report
from tests.engine.bench import card, event
from tests.engine.oddplaces import Oddities, odd, raising

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.base import Collection
    from sync_engine.model import CollectionRow
    from tests.engine.bench import Bench


def rows(bench: Bench) -> dict[str, CollectionRow]:
    """Return the rows of all collections, by the source's id."""
    found = Ledger(bench.database).collections(bench.submit().id)
    assert len(found) == len({row.source_id for row in found})
    return {row.source_id: row for row in found}


def hide(bench: Bench, *names: str) -> None:
    """Let collections be away from now on; those not named are there."""
    bench.faults(gone=frozenset(names))


def test_no_collection_at_all_is_an_empty_run(bench: Bench) -> None:
    del bench.source.shelves["work"]
    assert bench.run().state is JobState.DONE
    assert rows(bench) == {}
    assert (bench.ended().present, bench.ended().changed) == (0, 0)
    assert build_report(Jobs(bench.database), Ledger(bench.database), bench.submit().id).verdict == (
        "There is nothing at the source."
    )


def test_an_empty_collection_has_its_copy_too(bench: Bench) -> None:
    assert bench.run().state is JobState.DONE
    assert set(bench.target.shelves) == {"work"}
    assert rows(bench)["work"].target_id == "work"


def test_collections_named_twice_are_one(bench: Bench) -> None:
    """A server may list a calendar in two of its homes."""

    def twice(collections: Iterator[Collection]) -> Iterable[Collection]:
        found = list(collections)
        return [*found, *found]

    bench.source_place = odd(Oddities(collections=twice))
    bench.fill(12)
    for _ in range(2):
        assert bench.run().state is JobState.DONE
        assert list(rows(bench)) == ["work"]
        assert bench.ended().present == 12
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("kinds", [(Kind.EVENT, Kind.EVENT), (Kind.EVENT, Kind.CONTACT)])
def test_two_collections_of_one_name_have_two_copies(bench: Bench, kinds: tuple[Kind, Kind]) -> None:
    for number, kind in enumerate(kinds):
        made = bench.source.create("Home", kind, id=f"id-{number}")
        body = event(f"uid-{number}") if kind is Kind.EVENT else card(f"uid-{number}")
        bench.source.add(made.id, "item", body)
    assert bench.run().state is JobState.DONE
    targets = {rows(bench)[f"id-{number}"].target_id for number in range(2)}
    assert len(targets) == 2
    for number in range(2):
        assert bench.copies(f"id-{number}") == bench.originals(f"id-{number}")
    bench.run()
    assert {rows(bench)[f"id-{number}"].target_id for number in range(2)} == targets
    assert len(bench.target.shelves) == 3
    bench.check_books()


def test_a_renamed_collection_keeps_its_copy_and_is_called_by_its_new_name(bench: Bench) -> None:
    bench.fill(8)
    bench.run()
    writes = bench.target.writes
    shelf = bench.source.shelves["work"]
    shelf.collection = replace(shelf.collection, name="Office", slug="office")
    assert bench.run().state is JobState.DONE
    assert bench.target.writes == writes
    assert set(bench.target.shelves) == {"work"}
    assert rows(bench)["work"].name == "Office"
    report = build_report(Jobs(bench.database), Ledger(bench.database), bench.submit().id)
    assert [collection.name for collection in report.collections] == ["Office"]


def test_a_collection_without_a_name_is_called_by_its_id(bench: Bench) -> None:
    shelf = bench.source.shelves["work"]
    shelf.collection = replace(shelf.collection, name="")
    bench.run()
    assert rows(bench)["work"].name == "work"


def test_what_a_collection_says_of_itself_is_kept_for_the_report(bench: Bench) -> None:
    shelf = bench.source.shelves["work"]
    shelf.collection = replace(
        shelf.collection, colour="#ff0000", description="mine", order=3, components=frozenset({"VTODO", "VEVENT"})
    )
    bench.run()
    properties = {"colour": "#ff0000", "description": "mine", "order": "3", "components": "VEVENT VTODO"}
    assert rows(bench)["work"].properties == properties
    shelf.collection = replace(shelf.collection, colour=None, description="", order=0, components=frozenset())
    bench.run()
    assert rows(bench)["work"].properties == {"order": "0"}


@pytest.mark.parametrize("runs_away", [1, 2, 3, 5])
def test_a_collection_away_for_some_runs_comes_back_whole(bench: Bench, runs_away: int) -> None:
    bench.fill(25)
    bench.fill(5, "home")
    bench.run()
    hide(bench, "work")
    reasons = []
    for run in range(1, runs_away + 1):
        bench.run()
        reasons += bench.notes()
        assert rows(bench)["work"].missing_runs == run
        assert len(bench.copies()) == 25
    assert reasons == ["collection-missing", "collection-gone"][:runs_away]
    hide(bench)
    bench.source.add("work", "new.ics", event("new"))
    bench.source.delete("work", "00000.ics")
    assert bench.run().state is JobState.DONE
    assert rows(bench)["work"].missing_runs == 0
    assert bench.copies() == bench.originals()
    assert bench.ended().present == 30
    bench.check_books()


def test_a_missing_collection_counts_in_the_sums_until_it_is_confirmed(bench: Bench) -> None:
    bench.fill(7)
    bench.fill(5, "home")
    bench.run()
    hide(bench, "work")
    present = []
    states = []
    for _ in range(3):
        states.append(bench.run().state)
        present.append(bench.ended().present)
    assert present == [12, 5, 5]
    assert states == [JobState.DONE_WITH_PROBLEMS, JobState.DONE_WITH_PROBLEMS, JobState.DONE]


def test_all_collections_gone_deletes_nothing(bench: Bench) -> None:
    bench.fill(15)
    bench.fill(15, "home")
    bench.run()
    hide(bench, "work", "home")
    for _ in range(4):
        bench.run(allow_deletions=True)
    assert len(bench.copies()) == len(bench.copies("home")) == 15


def test_a_collection_made_anew_at_the_same_place_is_compared_not_copied_twice(bench: Bench) -> None:
    bench.fill(9)
    bench.run()
    bodies = bench.source.bodies("work")
    del bench.source.shelves["work"]
    bench.run()
    bench.source.create("work")
    for name, body in bodies.items():
        bench.source.add("work", name, body)
    bench.source.forget_cursors()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.target.writes == 9
    bench.check_books()


def test_a_collection_listed_but_not_answering_is_missing_each_time(bench: Bench) -> None:
    bench.fill(6)
    bench.run()
    bench.source_place = odd(Oddities(changes=raising(CollectionGone("404"))))
    for _ in range(3):
        assert bench.run().state is JobState.DONE_WITH_PROBLEMS
        assert bench.notes() == ["collection-missing"]
        assert rows(bench)["work"].missing_runs == 1
    assert len(bench.copies()) == 6


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ItemRejected("kind-refused", "no calendars here"), "kind-refused"), (ReadOnly(), "read-only")],
)
def test_a_place_that_cannot_hold_a_collection_says_so_for_each_item(
    bench: Bench, error: Exception, reason: str
) -> None:
    bench.fill(4)
    bench.fill(4, "home")
    bench.target_place = odd(Oddities(ensure=raising(error)))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert (bench.ended().present, bench.ended().copied, bench.ended().skipped) == (8, 0, 8)
    assert bench.notes() == [reason, reason]
    assert set(bench.problems().values()) == {reason}
    bench.check_books()
    bench.target_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    assert bench.copies("home") == bench.originals("home")
    bench.check_books()


def test_a_collection_that_may_only_be_read_is_said_and_filled_later(bench: Bench) -> None:
    bench.fill(4)
    bench.target_place = odd(Oddities(ensure=lambda collection: replace(collection, writable=False)))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.notes() == ["read-only"]
    assert rows(bench)["work"].target_id == "work"
    bench.target_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_a_copy_that_somebody_removed_whole_is_made_again_for_what_changes(bench: Bench) -> None:
    bench.fill(6)
    bench.run()
    bench.target.shelves.clear()
    bench.source.change("work", "00001.ics", event("work-1", "changed"))
    assert bench.run().state is JobState.DONE
    assert b"changed" in bench.copies()["work-1"]
    bench.check_books()


def test_a_place_that_cannot_list_its_collections_now_is_asked_later(bench: Bench) -> None:
    bench.fill(6)
    bench.run()
    bench.source_place = odd(Oddities(collections=raising(Transient("not now"))))
    job = bench.run()
    assert job.state is JobState.READY
    assert job.problem is not None
    assert rows(bench)["work"].missing_runs == 0, "not asked is not missing"
    assert len(bench.copies()) == 6


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        pytest.param({}, 1, id="everything"),
        pytest.param({"only": "event"}, 1, id="its own kind"),
        pytest.param({"only": "event contact"}, 1, id="both kinds"),
        pytest.param({"only": "contact"}, 0, id="another kind"),
        pytest.param({"collections": "home"}, 0, id="others by name"),
        pytest.param({"collections": "home", "only": "event"}, 0, id="by name and kind"),
    ],
)
def test_what_was_left_out_by_choice_is_not_missing(bench: Bench, options: dict[str, str], missing: int) -> None:
    bench.fill(5)
    bench.fill(5, "home")
    bench.run()
    bench.options = options
    hide(bench, "work")
    bench.run()
    assert rows(bench)["work"].missing_runs == missing
    assert ("collection-missing" in bench.notes()) is bool(missing)
    assert len(bench.copies()) == 5


def test_two_jobs_on_one_source_have_rows_of_their_own(bench: Bench) -> None:
    bench.fill(5)
    first = bench.run().id
    other = type(bench)(bench.database, bench.name, events=[])
    other.mirror = False
    assert other.submit().id == first, "the same places are the same job, with the choice changed"
    assert other.run().state is JobState.DONE
    assert list(rows(bench)) == ["work"]


def test_many_collections_are_surveyed_in_order_and_once(bench: Bench) -> None:
    for number in range(30):
        bench.source.create(f"calendar {number:02}")
    bench.run()
    assert list(rows(bench)) == list(bench.source.shelves)
    assert bench.target.calls["ensure"] == 31
    bench.run()
    assert bench.target.calls["ensure"] == 62
    assert len(bench.target.shelves) == 31
