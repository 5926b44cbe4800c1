"""Several collections at once: as right as one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.errors import ReauthRequired
from sync_engine import lanes
from sync_engine.model import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.bench import Bench

NAMES = ("work", "home", "club", "family", "school")


@pytest.fixture(params=[1, 2, 4])
def busy(bench: Bench, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Return a bench with five calendars, copied in so many lanes."""
    before, lanes.LANES = lanes.LANES, request.param
    for name in NAMES:
        bench.fill(60, name)
    yield bench
    lanes.LANES = before


def test_everything_arrives_in_any_number_of_lanes(busy: Bench) -> None:
    assert busy.run().state is JobState.DONE
    for name in NAMES:
        assert busy.copies(name) == busy.originals(name)
    assert busy.ended().changed == busy.ended().copied == 300
    busy.check_books()


def test_a_refused_access_ends_all_lanes_and_the_next_run_goes_on(busy: Bench) -> None:
    pages = [0]

    def refuse() -> None:
        pages[0] += 1
        if pages[0] == 4:
            raise ReauthRequired("withdrawn")

    busy.source.before_page = refuse
    assert busy.run().state is JobState.NEEDS_USER
    busy.check_books()
    busy.source.before_page = lambda: None
    assert busy.run().state is JobState.DONE
    for name in NAMES:
        assert busy.copies(name) == busy.originals(name)


def test_a_pause_stops_every_lane(busy: Bench) -> None:
    busy.stop = lambda: len(busy.events) > 5
    assert busy.run().state is JobState.PAUSED
    busy.stop = lambda: False
    assert busy.run().state is JobState.DONE
    for name in NAMES:
        assert busy.copies(name) == busy.originals(name)
