"""From a real server to a folder and on to another real server: what arrives says what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from connectors.base import Kind
from mappings.canonical import canonical_digest, differences
from simulators.davservers import SERVERS
from sync_engine.database import Database
from sync_engine.model import Job, JobState
from tests.engine.bodies import BODIES, CUT, EVENTS, MEDIA_TYPES, REFUSED, TWO, event, series
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
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Carry all bodies, twice, and once more after one instance of the series was edited."""
    folder = tmp_path_factory.mktemp("journey")
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


@pytest.fixture(params=sorted(SERVERS))
def onward(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealBench]:
    """Return a bench from a folder with one good event to a real server, the one of the parameter."""
    work = tmp_path / "copy" / "work"
    work.mkdir(parents=True)
    (work / "good.ics").write_bytes(EVENTS["dav-20-sequence"])
    with SERVERS[request.param](tmp_path / "server") as server:
        bench = RealBench(Database.open(f"sqlite:///{tmp_path}/state.db"), server, work.parent, server)
        yield bench
        bench.close()


@pytest.mark.parametrize(("onward", "body"), REFUSED.values(), ids=REFUSED.keys(), indirect=["onward"])
def test_what_a_server_refuses_is_kept_and_said_and_stops_nothing(onward: RealBench, body: bytes) -> None:
    (onward.folder / "work" / "bad.ics").write_bytes(body)
    for _ in range(2):
        assert onward.carry_on().state is JobState.DONE_WITH_PROBLEMS
    assert onward.arrived().keys() == {"dav-20-sequence"}
    assert (onward.folder / "work" / "bad.ics").read_bytes() == body
    assert "bad.ics" in onward.details()
    (onward.folder / "work" / "bad.ics").write_bytes(EVENTS["dav-23-floating"])
    assert onward.carry_on().state is JobState.DONE
    assert onward.arrived().keys() == {"dav-20-sequence", "dav-23-floating"}


@pytest.mark.parametrize("onward", ["radicale"], indirect=True)
def test_dav_22_what_a_server_cuts_off_is_told_by_name(onward: RealBench) -> None:
    (onward.folder / "work" / "cut.ics").write_bytes(CUT)
    onward.carry_on()
    assert b"geo:46.2,6.1" not in onward.arrived()["cut"]
    assert "X-APPLE-STRUCTURED-LOCATION" in onward.details()["cut.ics"]


@pytest.mark.parametrize("onward", ["radicale"], indirect=True)
@pytest.mark.parametrize("control", ["\x01", "\x0b", "\x00", "\x1f"])
def test_dav_21_a_control_character_taken_out_is_told_by_name(onward: RealBench, control: str) -> None:
    (onward.folder / "work" / "odd.ics").write_bytes(event("odd", f"SUMMARY:one{control}two"))
    for _ in range(2):
        onward.carry_on()
        assert onward.arrived().keys() == {"dav-20-sequence", "odd"}
        assert "SUMMARY" in onward.details()["odd.ics"]
    assert control.encode() in (onward.folder / "work" / "odd.ics").read_bytes()


@pytest.mark.parametrize("onward", sorted(SERVERS), indirect=True)
def test_dav_21_a_bare_return_is_told_by_name(onward: RealBench) -> None:
    (onward.folder / "work" / "odd.ics").write_bytes(event("odd", "SUMMARY:one\rtwo"))
    onward.carry_on()
    assert {"odd", "dav-20-sequence"} == onward.arrived().keys()
    assert onward.details()["odd.ics"]


@pytest.mark.parametrize("onward", ["xandikos"], indirect=True)
def test_dav_17_several_events_in_one_resource_stay_together(onward: RealBench) -> None:
    (onward.folder / "work" / "two.ics").write_bytes(TWO)
    assert onward.carry_on().state is JobState.DONE
    arrived = [body for body in onward.arrived().values() if b"UID:one" in body]
    assert [canonical_digest("text/calendar", body) for body in arrived] == [canonical_digest("text/calendar", TWO)]
