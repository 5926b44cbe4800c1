"""Opening and closing the two places: always both, always once, and what they learned is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from connectors.base import Account, Collection, Context, Endpoint, Item, ItemRef, Manifest
from connectors.errors import ConfigError, ConnectorBroken, ReauthRequired, Transient
from connectors.memory.place import Memory
from sync_engine.jobs import Jobs
from sync_engine.model import JobState
from sync_engine.opening import opened
from sync_engine.worker import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping, Sequence

    from connectors.base import Failed, Place
    from sync_engine.model import Job, JobSpec
    from tests.engine.bench import Bench


@pytest.fixture
def kind() -> str:
    """Places do not know the database; the faster one will do."""
    return "sqlite"


class Watched(Memory):
    """A place that writes down when it is opened and closed, and what it learns."""

    def __init__(self, endpoint: Endpoint, ctx: Context, book: list[str], failing: Exception | None = None) -> None:
        super().__init__(endpoint, ctx)
        self.name = endpoint.account.rsplit("-", 1)[-1]
        self.book, self.failing, self.learned = book, failing, ctx.learned
        book.append(f"open {self.name}")

    def collections(self) -> Iterator[Collection]:
        self.learned["visits"] = str(int(self.learned.get("visits", "0")) + 1)
        return super().collections()

    def close(self) -> None:
        self.book.append(f"close {self.name}")
        if self.failing is not None:
            raise self.failing


class OnlyRead:
    """A place that can be read from and not written to."""

    manifest: ClassVar[Manifest] = Memory.manifest

    def __init__(self, book: list[str]) -> None:
        self.book = book

    def check(self) -> Account:
        return Account("only")

    def collections(self) -> Iterator[Collection]:
        return iter(())

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        del collection, refs
        return iter(())

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        del collection
        return iter(())

    def close(self) -> None:
        self.book.append("close only")


@pytest.fixture
def book() -> list[str]:
    """What was opened and closed, in order."""
    return []


@pytest.fixture
def watched(bench: Bench, book: list[str]) -> Bench:
    """Return a bench whose places write down what happens to them."""
    bench.source_place = bench.target_place = lambda endpoint, ctx: Watched(endpoint, ctx, book)
    bench.fill(5)
    return bench


IN_ORDER = ["open source", "open target", "close target", "close source"]


def test_both_are_opened_and_closed_once(watched: Bench, book: list[str]) -> None:
    assert watched.run().state is JobState.DONE
    assert book == IN_ORDER
    watched.run()
    assert book == IN_ORDER * 2


@pytest.mark.parametrize("error", [ReauthRequired("401"), Transient("lost"), ConnectorBroken("a bug")])
def test_both_are_closed_when_the_run_fails(watched: Bench, book: list[str], error: Exception) -> None:
    def strike() -> None:
        raise error

    watched.source.before_page = strike
    assert watched.run().state is not JobState.DONE
    assert book == IN_ORDER


def test_both_are_closed_when_a_bug_strikes(watched: Bench, book: list[str]) -> None:
    def strike() -> None:
        raise ZeroDivisionError

    watched.source.before_page = strike
    with pytest.raises(ZeroDivisionError):
        watched.run()
    assert book == IN_ORDER


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ReauthRequired("401"), JobState.NEEDS_USER),
        (ConfigError("no such folder"), JobState.NEEDS_USER),
        (Transient("no network"), JobState.READY),
        (ConnectorBroken("a bug"), JobState.FAILED),
    ],
)
def test_the_first_is_closed_when_the_second_cannot_be_opened(
    watched: Bench, book: list[str], error: Exception, state: JobState
) -> None:
    def refuse(endpoint: Endpoint, ctx: Context) -> Place:
        del endpoint, ctx
        raise error

    watched.target_place = refuse
    job = watched.run()
    assert job.state is state
    assert job.problem is not None
    assert job.problem["error"] == type(error).__name__
    assert book == ["open source", "close source"]


@pytest.mark.parametrize("error", [Transient("lost"), ReauthRequired("401"), ConnectorBroken("a bug")])
def test_a_place_that_cannot_be_closed_does_not_undo_the_run(watched: Bench, book: list[str], error: Exception) -> None:
    watched.target_place = lambda endpoint, ctx: Watched(endpoint, ctx, book, error)
    job = watched.run()
    assert (job.state, job.problem) == (JobState.DONE, None)
    assert book == IN_ORDER
    assert watched.copies() == watched.originals()


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_place_that_cannot_do_its_part_is_said(watched: Bench, book: list[str], side: str) -> None:
    def only(endpoint: Endpoint, ctx: Context) -> Place:
        del endpoint, ctx
        return OnlyRead(book)

    if side == "source":
        watched.source_place = only
    else:
        watched.target_place = only
    job = watched.run()
    assert job.state is JobState.NEEDS_USER
    assert job.problem is not None
    assert job.problem["reason"] == "configuration"
    assert ("read from" if side == "source" else "written to") in job.problem["detail"]
    assert sum(line.startswith("close") for line in book) == 2


def test_what_was_learned_is_kept_by_role(watched: Bench) -> None:
    for visits in ("1", "2", "3"):
        job = watched.run()
        assert job.learned == {"source": {"visits": visits}, "destination": {}}


def test_what_was_learned_in_a_run_that_failed_is_no_more_than_a_cache(watched: Bench) -> None:
    watched.run()

    def strike() -> None:
        raise ReauthRequired("401")

    watched.source.before_page = strike
    watched.source.add("work", "new.ics", watched.source.bodies("work")["00000.ics"].replace(b"work-0", b"new"))
    assert watched.run().learned["source"]["visits"] in {"1", "2"}
    watched.source.before_page = lambda: None
    assert watched.run().state is JobState.DONE


def test_what_is_learned_does_not_leak_before_it_is_kept(watched: Bench) -> None:
    """The memory lent to a connector is a copy: the job's own stays as it was stored."""
    watched.run()
    job = watched.submit()
    with opened(job, watched.open_place, lambda: False) as places:
        list(places.source.collections())
        assert places.learned["source"]["visits"] == "2"
        assert job.learned["source"]["visits"] == "1"
    assert load(Jobs(watched.database), job.id).learned["source"]["visits"] == "1"


def test_places_are_opened_by_the_names_of_the_job(watched: Bench) -> None:
    asked: list[tuple[str, bool]] = []
    original = watched.open_place

    def note(place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool]) -> Place:
        asked.append((place, stop()))
        return original(place, spec, learned, stop)

    job: Job = watched.submit()
    with opened(job, note, lambda: True):
        pass
    assert asked == [(job.spec.source, True), (job.spec.destination, True)]
