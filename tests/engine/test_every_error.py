"""Every error a connector may raise, at every step: the run ends by who must act, and the next one heals it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from connectors import errors
from connectors.errors import ConnectorError
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.leaves import LEAVES, OF_ONE_COLLECTION, PASSING, USER
from tests.engine.oddplaces import Oddities, odd, raising

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import Context, Endpoint, Place
    from tests.engine.bench import Bench


@pytest.fixture
def kind() -> str:
    """What the database is does not matter here; the faster one will do."""
    return "sqlite"


def test_no_leaf_is_left_out() -> None:
    """A leaf that says itself who must act needs its row; one that does not acts like its parent."""
    found = [leaf for leaf in vars(errors).values() if isinstance(leaf, type) and issubclass(leaf, ConnectorError)]
    assert {leaf.__name__ for leaf in found if "actor" in vars(leaf)} <= {*LEAVES, "ConnectorError"}


@dataclass(frozen=True)
class Step:
    """Where the error strikes, and what it means there beside the general rule."""

    strike: Callable[[Bench, ConnectorError], None]
    told: frozenset[str] = frozenset()
    """Errors that concern one collection only at this step."""
    passing: frozenset[str] = frozenset()


def at_opening(bench: Bench, error: ConnectorError) -> None:
    def refuse(endpoint: Endpoint, ctx: Context) -> Place:
        del endpoint, ctx
        raise error

    bench.target_place = refuse


def at_collections(bench: Bench, error: ConnectorError) -> None:
    bench.source_place = odd(Oddities(collections=raising(error)))


def at_ensure(bench: Bench, error: ConnectorError) -> None:
    bench.target_place = odd(Oddities(ensure=raising(error)))


def at_changes(bench: Bench, error: ConnectorError) -> None:
    bench.source_place = odd(Oddities(changes=raising(error)))


def at_fetch(bench: Bench, error: ConnectorError) -> None:
    bench.source_place = odd(Oddities(fetch=raising(error)))


def at_put(bench: Bench, error: ConnectorError) -> None:
    bench.target_place = odd(Oddities(put=raising(error)))


def at_remove(bench: Bench, error: ConnectorError) -> None:
    bench.target_place = odd(Oddities(remove=raising(error)))


ONE = frozenset(OF_ONE_COLLECTION)
ANEW = frozenset({"CursorExpired"})
STEPS = {
    "opening": Step(at_opening),
    "collections": Step(at_collections),
    "ensure": Step(at_ensure, told=frozenset({"ItemRejected", "ReadOnly"})),
    "changes": Step(at_changes, told=ONE, passing=ANEW),
    "fetch": Step(at_fetch, told=ONE, passing=ANEW),
    "put": Step(at_put, told=ONE, passing=ANEW),
    "remove": Step(at_remove, told=ONE),
}


def expected(step: Step, name: str) -> JobState:
    """Return the state the run must end in: who has to act decides."""
    if name in step.told:
        return JobState.DONE_WITH_PROBLEMS
    if name in PASSING | step.passing:
        return JobState.READY
    return JobState.NEEDS_USER if name in USER | {"ReadOnly"} else JobState.FAILED


@pytest.mark.parametrize("name", LEAVES)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_a_step_that_fails(bench: Bench, step: Step, name: str) -> None:
    bench.fill(4)
    bench.run()
    bench.source.change("work", "00001.ics", event("work-1", "changed"))
    bench.source.add("work", "new.ics", event("new"))
    bench.source.delete("work", "00003.ics")
    step.strike(bench, LEAVES[name])
    job = bench.run()
    assert job.state is expected(step, name)
    bench.check_books()
    if job.state is not JobState.DONE_WITH_PROBLEMS:
        assert job.problem is not None
        assert set(job.problem) == {"reason", "error", "detail"}
        assert job.problem["error"] == ("Transient" if name in step.passing else name)
    if name == "Throttled":
        assert job.not_before > (job.started_at or 0) + 3_000
    bench.source_place = bench.target_place = odd(Oddities())
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()
