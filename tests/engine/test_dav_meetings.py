"""Meetings between servers that schedule (case 25): nobody is invited, no reply is lost, no refusal stops the rest."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from simulators.faulty_dav import FaultyDav
from sync_engine.database import Database
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.davbench import DavBench
from wherry.cli.result import code_for
from wherry.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 14
WORK = "/dav/calendars/work/"


@contextmanager
def between(tmp_path: Path, empty_database: Path, *, folder: bool) -> Iterator[DavBench]:
    """Lend a bench from a server to a folder, or to a second server."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    with FaultyDav() as left, FaultyDav() as right:
        bench = DavBench(database, left, tmp_path / "copy", None if folder else right)
        bench.fill(COUNT)
        yield bench
    database.close()


@pytest.fixture(params=["folder", "server"])
def bench(tmp_path: Path, empty_database: Path, request: pytest.FixtureRequest) -> Iterator[DavBench]:
    """Return a bench to either destination."""
    with between(tmp_path, empty_database, folder=request.param == "folder") as bench:
        yield bench


@pytest.fixture
def servers(tmp_path: Path, empty_database: Path) -> Iterator[DavBench]:
    """Return a bench between two servers."""
    with between(tmp_path, empty_database, folder=False) as bench:
        yield bench


def meeting(uid: str, answer: str = "NEEDS-ACTION", *, sequence: int = 0, method: str = "") -> bytes:
    """Return a meeting with one guest, who said *answer*."""
    people = (
        "ORGANIZER;CN=Ana:mailto:ana@example.org\r\n"
        f"ATTENDEE;PARTSTAT={answer};CN=Ben;RSVP=TRUE:mailto:ben@example.org\r\nSEQUENCE:{sequence}\r\n"
    )
    body = event(uid, "Talk").replace(b"SUMMARY", people.encode() + b"SUMMARY")
    return body.replace(b"PRODID", f"METHOD:{method}\r\nPRODID".encode()) if method else body


def people(body: bytes) -> list[bytes]:
    """Return the lines about people, unfolded."""
    lines = body.replace(b"\r\n ", b"").splitlines()
    return [line for line in lines if line.startswith((b"ORGANIZER", b"ATTENDEE"))]


@pytest.mark.parametrize("tags", [False, True], ids=["etags", "schedule-tags"])
@pytest.mark.parametrize("answer", ["ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"])
def test_dav_25_a_reply_that_came_in_is_copied(bench: DavBench, answer: str, *, tags: bool) -> None:
    """The server changes PARTSTAT and the etag, not the Schedule-Tag: the etag is what we go by (sabre issue 827)."""
    if tags:
        for server in filter(None, (bench.left, bench.right)):
            server.faults.switch("schedule-tags")
    shelf = bench.left.store.shelves[WORK]
    shelf.put("meet.ics", meeting("meet"))
    assert bench.run().state is JobState.DONE, bench.explained()
    shelf.put("meet.ics", meeting("meet", answer))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert f"PARTSTAT={answer}".encode() in b"".join(people(bench.copies()["meet"]))
    assert len(bench.copies()) == COUNT + 1
    bench.check_books()


@pytest.mark.parametrize("tags", [False, True], ids=["etags", "schedule-tags"])
def test_dav_25_servers_with_schedule_tags_cause_no_second_write(bench: DavBench, *, tags: bool) -> None:
    right = bench.right
    if tags and right is not None:
        right.faults.switch("schedule-tags")
    shelf = bench.left.store.shelves[WORK]
    for number in range(4):
        shelf.put(f"meet-{number}.ics", meeting(f"meet-{number}", sequence=number))
    for _ in range(2):
        assert bench.run().state is JobState.DONE, bench.explained()
    if right is not None:
        writes = right.count("PUT")
        bench.run()
        assert right.count("PUT") == writes == COUNT + 4


def test_dav_25_only_servers_get_quiet_meetings(bench: DavBench) -> None:
    """A folder invites nobody, so it keeps every byte; a server is told that inviting is not its business."""
    bench.left.store.shelves[WORK].put("meet.ics", meeting("meet"))
    bench.run()
    copy = bench.copies()["meet"]
    if bench.right is None:
        assert copy == meeting("meet")
    else:
        assert all(b"SCHEDULE-AGENT=CLIENT" in line for line in people(copy))
        assert len(people(copy)) == 2


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "REPLY", "PUBLISH"])
def test_dav_25_a_message_about_a_meeting_is_stored_as_an_event(bench: DavBench, method: str) -> None:
    """A calendar holds no METHOD (RFC 4791 section 4.1); servers refuse what has one, some act on it."""
    bench.left.store.shelves[WORK].put("meet.ics", meeting("meet", method=method))
    assert bench.run().state is JobState.DONE, bench.explained()
    copy = bench.copies()["meet"]
    assert (b"METHOD" in copy) is (bench.right is None)
    assert len(bench.copies()) == COUNT + 1


def test_dav_25_a_reply_noted_at_the_copy_is_not_overwritten(servers: DavBench) -> None:
    right = servers.right
    assert right is not None
    shelf = servers.left.store.shelves[WORK]
    shelf.put("meet.ics", meeting("meet"))
    servers.run()
    (there,) = right.store.shelves.values()
    name = next(name for name, item in there.items.items() if item.uid == "meet")
    answered = there.items[name].body.replace(b"NEEDS-ACTION", b"ACCEPTED")
    there.put(name, answered)
    shelf.put("meet.ics", meeting("meet", sequence=1))
    job = servers.run()
    assert job.state is JobState.DONE_WITH_PROBLEMS
    assert code_for(job) is Exit.SOME_NOT_COPIED
    assert there.items[name].body == answered
    assert "edited-at-destination" in servers.explained()


REFUSALS = [
    pytest.param(409, "", id="google, not the organizer's calendar"),
    pytest.param(403, "", id="forbidden"),
    pytest.param(403, "<D:need-privileges/>", id="no right to unbind"),
    pytest.param(400, "", id="bad request"),
    pytest.param(423, "", id="locked"),
    pytest.param(500, "", id="server error"),
]


@pytest.mark.parametrize(("status", "element"), REFUSALS)
def test_dav_25_a_deletion_that_is_refused_keeps_the_copy_and_says_so(
    servers: DavBench, status: int, element: str
) -> None:
    right = servers.right
    assert right is not None
    servers.run()
    right.faults.switch("delete-status", {"UID:work-3\r": (status, element)})
    shelf = servers.left.store.shelves[WORK]
    for number in (2, 3, 4):
        shelf.delete(f"{number:04}.ics")
    shelf.put("new.ics", event("new"))
    job = servers.run()
    assert job.state is not JobState.DONE
    assert code_for(job) is not Exit.DONE
    assert servers.explained()
    assert "work-3" in servers.copies()
    assert "new" in servers.copies()
    right.faults.mend()
    assert servers.run().state is JobState.DONE, servers.explained()
    assert servers.copies().keys() == servers.originals().keys()
    servers.check_books()


def test_dav_25_one_refused_deletion_does_not_stop_the_others(servers: DavBench) -> None:
    right = servers.right
    assert right is not None
    servers.run()
    right.faults.switch("delete-status", {"UID:work-3\r": (409, "")})
    shelf = servers.left.store.shelves[WORK]
    for number in (2, 3, 4):
        shelf.delete(f"{number:04}.ics")
    for _ in range(3):
        job = servers.run()
        assert code_for(job) is Exit.SOME_NOT_COPIED
        assert servers.copies().keys() - servers.originals().keys() == {"work-3"}
        assert "not-removed" in servers.explained()


def test_dav_25_the_source_is_never_written_whatever_stands_in_it(bench: DavBench) -> None:
    shelf = bench.left.store.shelves[WORK]
    for number, answer in enumerate(("ACCEPTED", "DECLINED", "NEEDS-ACTION")):
        shelf.put(f"meet-{number}.ics", meeting(f"meet-{number}", answer, method="REQUEST"))
    bench.run()
    shelf.delete("meet-1.ics")
    bench.run()
    assert not [one for one in bench.left.requests if one.method not in {"PROPFIND", "REPORT", "GET", "OPTIONS"}]
    bench.check_books()
