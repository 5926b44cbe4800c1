"""From a real server to a folder and on to another real server: what arrives says what was written."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from connectors.base import Kind
from mappings.canonical import canonical_digest, differences
from simulators.davservers import SERVERS
from sync_engine.database import Database
from sync_engine.model import Job, JobState
from tests.engine.bodies import BODIES, MEDIA_TYPES, series
from tests.engine.realbench import RealBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAYS = [("radicale", "xandikos"), ("xandikos", "radicale")]


@dataclass
class Journey:
    """How everything went, from the first run to the one after an edit."""

    jobs: tuple[Job, Job]
    half_way: dict[str, bytes]
    arrived: dict[str, bytes]
    changed_again: list[int]
    after_edit: dict[str, bytes]
    problems: list[str]


@pytest.fixture(scope="module", params=WAYS, ids=["-to-".join(way) for way in WAYS])
def journey(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> Iterator[Journey]:
    """Carry all bodies, twice, and once more after one instance of the series was edited."""
    folder = tmp_path_factory.mktemp("journey")
    shutil.copy(empty_database, folder / "state.db")
    left, right = request.param
    with SERVERS[left](folder / "left") as source, SERVERS[right](folder / "right") as target:
        bench = RealBench(Database.open(f"sqlite:///{folder}/state.db"), source, folder / "copy", target)
        bench.seed(BODIES)
        jobs = bench.carry()
        problems, half_way, arrived = bench.problems(), bench.half_way(), bench.arrived()
        bench.carry()
        changed = bench.changed()
        bench.seed({"dav-19-series": (Kind.EVENT, series("dav-19-series", moved="Moved again"))})
        bench.carry()
        yield Journey(jobs, half_way, arrived, changed, bench.arrived(), problems)
        bench.close()


def same(name: str, body: bytes) -> None:
    """Check that *body* says what was written as *name*."""
    kind, written = BODIES[name]
    type_ = MEDIA_TYPES[kind]
    assert differences(type_, written, body) == ()
    assert canonical_digest(type_, body) == canonical_digest(type_, written)


@pytest.mark.parametrize("name", BODIES)
def test_it_arrives(journey: Journey, name: str) -> None:
    same(name, journey.half_way[name])
    same(name, journey.arrived[name])


def test_everything_is_told_as_copied(journey: Journey) -> None:
    assert [job.state for job in journey.jobs] == [JobState.DONE, JobState.DONE], journey.problems
    assert journey.problems == []
    assert journey.arrived.keys() == BODIES.keys()


def test_dav_20_rewriting_servers_cause_no_second_copy(journey: Journey) -> None:
    assert journey.changed_again == [0, 0]


def test_dav_19_editing_one_instance_keeps_the_others(journey: Journey) -> None:
    edited = series("dav-19-series", moved="Moved again")
    there = journey.after_edit["dav-19-series"]
    assert canonical_digest("text/calendar", there) == canonical_digest("text/calendar", edited)
    for name in BODIES.keys() - {"dav-19-series"}:
        same(name, journey.after_edit[name])


def test_dav_25_the_destination_invites_nobody(journey: Journey) -> None:
    unfolded = journey.arrived["dav-25-meeting"].replace(b"\r\n ", b"").replace(b"\n ", b"")
    people = [line for line in unfolded.splitlines() if line.startswith((b"ORGANIZER", b"ATTENDEE"))]
    assert len(people) == 3
    assert all(b"SCHEDULE-AGENT=CLIENT" in line for line in people)
