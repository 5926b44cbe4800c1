"""Whole jobs from the stand-in for Google to a folder, to a real Radicale and to a real Xandikos."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from mappings.documents import parse
from mappings.inspect import inspect
from simulators.davservers import radicale, xandikos
from simulators.google import google
from sync_engine.database import Database
from sync_engine.events import CollectionNote
from sync_engine.model import JobState, Outcome
from tests.engine.googlebench import GoogleBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulators.google import Service

PEOPLE, EVENTS = 30, 100
CLOSED = "someone.else@example.org"
"""A calendar of the account whose owner shows only when they are busy."""
SERVERS = {"radicale": radicale, "xandikos": xandikos}

pytestmark = pytest.mark.server
contacts_only = pytest.mark.parametrize("kind", ["google-contacts"], indirect=True)
calendar_only = pytest.mark.parametrize("kind", ["google-calendar"], indirect=True)


@pytest.fixture
def service() -> Iterator[Service]:
    """Run the stand-in with an account in which every kind of contact and event occurs."""
    with google(people=PEOPLE, events=EVENTS, seed=7) as running:
        running.account.remove_calendar(CLOSED)
        yield running


@pytest.fixture(params=["folder", *SERVERS])
def destination(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["google-contacts", "google-calendar"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bench(service: Service, kind: str, destination: str, tmp_path: Path, empty_database: Path) -> Iterator[GoogleBench]:
    """Return a bench to one destination."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    if destination == "folder":
        yield GoogleBench(database, service, kind, tmp_path / "copy")
    else:
        with SERVERS[destination](tmp_path / "server") as server:
            yield GoogleBench(database, service, kind, tmp_path / "copy", server)
    database.close()


def requests(bench: GoogleBench) -> int:
    return sum(bench.google.calls.values())


def copied(bench: GoogleBench) -> dict[str, bytes]:
    """Return the copies after a check that each is whole and none is there twice."""
    found = bench.copies()
    assert all(inspect(bench.media_type, body).complete for body in found.values())
    assert len(found) == sum(row.outcome is Outcome.COPIED for row in bench.rows().values())
    return found


def test_everything_arrives_and_nothing_is_lost(bench: GoogleBench) -> None:
    job = bench.run()
    assert job.state is JobState.DONE, bench.explained()
    bench.check_books()
    rows = bench.rows()
    assert rows
    assert {row.outcome for row in rows.values()} == {Outcome.COPIED}, bench.explained()
    assert bench.lossy() == {}
    sums = bench.fidelity()
    assert sums.mapped == len(rows)
    assert sums.lossy == 0
    assert bench.ended().verified == len(rows)
    copied(bench)
    verdict = bench.verify()
    assert verdict.good
    assert (verdict.same, verdict.newer, verdict.new_at_source, verdict.extra) == (len(rows), 0, 0, 0)


@calendar_only
@pytest.mark.parametrize("destination", ["folder"], indirect=True)
def test_a_calendar_that_cannot_be_read_is_told(bench: GoogleBench) -> None:
    """Its owner shows when they are busy, and no events: nothing else is held up by it, and the run is not all well."""
    bench.google.account.add_calendar(CLOSED, accessRole="freeBusyReader")
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert [event.reason for event in bench.events if isinstance(event, CollectionNote)] == ["free-busy-only"]
    assert {row.outcome for row in bench.rows().values()} == {Outcome.COPIED}


@calendar_only
@pytest.mark.parametrize("destination", list(SERVERS), indirect=True)
def test_no_guest_is_written_to(bench: GoogleBench) -> None:
    """Case 25 and §7: a scheduling server that stores a meeting would mail every guest, but for SCHEDULE-AGENT."""
    bench.run()
    calendars = [next(parse(body).components("VCALENDAR")) for body in copied(bench).values()]
    guests = [
        line
        for calendar in calendars
        for event in calendar.components("VEVENT")
        for line in event.lines("ATTENDEE", "ORGANIZER")
    ]
    assert guests
    assert {line.param("SCHEDULE-AGENT") for line in guests} == {("CLIENT",)}
    assert not any(list(calendar.lines("METHOD")) for calendar in calendars)


def test_a_second_run_asks_little_and_writes_nothing(bench: GoogleBench) -> None:
    bench.run()
    before = bench.copies()
    collections = {collection for collection, _ in bench.rows()}
    assert bench.run().state is JobState.DONE
    assert bench.ended().changed == 0
    assert bench.copies() == before
    assert requests(bench) <= 2 + 2 * len(collections), dict(bench.google.calls)
    assert bench.google.calls["photos"] == 0


def test_changes_and_deletions_are_followed(bench: GoogleBench) -> None:
    bench.run()
    before, account = len(bench.rows()), bench.google.account
    if bench.kind == "google-contacts":
        new = account.add_person(names=[{"givenName": "Brand", "familyName": "New"}])
        first, second, *_ = account.person_names()
        account.edit_person(first, names=[{"givenName": "Changed", "familyName": "Person"}])
        account.delete_person(second)
        words = [b"Brand", b"Changed"]
    else:
        start = {"start": {"dateTime": "2026-03-01T09:00:00Z"}, "end": {"dateTime": "2026-03-01T10:00:00Z"}}
        new = account.add_event(summary="Brand new", **start)
        other = account.add_event(summary="To go", **start)
        assert bench.run().state is JobState.DONE
        account.edit_event(new, summary="Changed")
        account.delete_event(other)
        words = [b"Changed"]
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.ended().changed <= 2
    assert bench.ended().removed == 1
    there = b"\n".join(copied(bench).values())
    assert all(word in there for word in words)
    assert b"To go" not in there
    assert len(bench.rows()) == before + (0 if bench.kind == "google-contacts" else 1)
    assert bench.lossy() == {}
    bench.check_books()
    assert bench.verify().good


@contacts_only
def test_a_renamed_group_reaches_its_members(bench: GoogleBench) -> None:
    """Groups are no items: their names stand in the cards of their members."""
    account = bench.google.account
    group = account.add_group("Before")
    member = {"contactGroupMembership": {"contactGroupId": group.partition("/")[2], "contactGroupResourceName": group}}
    name = account.add_person(names=[{"givenName": "In a group"}], memberships=[member])
    bench.run()
    assert sum(b"Before" in body for body in copied(bench).values()) == 1
    account.rename_group(group, "Afterwards")
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.ended().changed == 1
    there = copied(bench).values()
    assert sum(b"Afterwards" in body for body in there) == 1
    assert not any(b"Before" in body for body in there)
    assert bench.rows()["contacts", name].fate in {"exact", "extension"}


@calendar_only
def test_a_cancelled_instance_is_left_out_of_its_series(bench: GoogleBench) -> None:
    """§0.8: it carries an id and an original start only, and must not reappear as an event."""
    account = bench.google.account
    zone = {"timeZone": "Europe/Zurich"}
    series = account.add_event(
        summary="Weekly",
        start={"dateTime": "2026-03-02T09:00:00+01:00", **zone},
        end={"dateTime": "2026-03-02T10:00:00+01:00", **zone},
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"],
    )
    assert bench.run().state is JobState.DONE, bench.explained()
    account.cancel_instance(series, {"dateTime": "2026-03-09T09:00:00+01:00", **zone})
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.ended().changed == 1
    calendars = [next(parse(body).components("VCALENDAR")) for body in copied(bench).values()]
    (events,) = [
        found for each in calendars if (found := list(each.components("VEVENT")))[0].text("SUMMARY") == "Weekly"
    ]
    (weekly,) = events
    (left_out,) = weekly.lines("EXDATE")
    assert (left_out.param("TZID"), left_out.value) == (("Europe/Zurich",), b"20260309T090000")
    assert bench.lossy() == {}


def test_an_expired_token_lists_anew_and_changes_nothing(bench: GoogleBench) -> None:
    """EXPIRED_SYNC_TOKEN (People) and 410 fullSyncRequired (Calendar): no deletion, no write."""
    bench.run()
    before = bench.copies()
    bench.google.expire_sync_tokens()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert (bench.ended().changed, bench.ended().removed) == (0, 0)
    assert bench.copies() == before
    bench.check_books()


def test_what_is_gone_while_tokens_expire_is_gone(bench: GoogleBench) -> None:
    """A full listing concludes deletions, on two witnesses, as an incremental one does."""
    bench.run()
    account = bench.google.account
    if bench.kind == "google-contacts":
        account.delete_person(next(iter(account.person_names())))
    else:
        start = {"start": {"dateTime": "2026-03-01T09:00:00Z"}, "end": {"dateTime": "2026-03-01T10:00:00Z"}}
        new = account.add_event(summary="To go", **start)
        bench.run()
        account.delete_event(new)
    bench.google.expire_sync_tokens()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert (bench.ended().changed, bench.ended().removed) == (0, 1)
    copied(bench)


def test_a_server_that_breaks_off_costs_a_page(bench: GoogleBench) -> None:
    name = "people.people.connections.list" if bench.kind == "google-contacts" else "calendar.events.list"
    bench.google.faults.break_(name, "cut")
    assert bench.run().state is JobState.DONE, bench.explained()
    bench.check_books()
    assert bench.lossy() == {}
    copied(bench)
