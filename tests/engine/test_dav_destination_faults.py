"""Server to server: what a destination does wrong costs no item and writes nothing twice."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from simulators.faulty_dav import FaultyDav
from sync_engine.database import Database
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.davbench import DavBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 25
WORK = "/dav/calendars/work/"


@pytest.fixture
def bench(tmp_path: Path, empty_database: Path) -> Iterator[DavBench]:
    """Return a bench between two servers."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    with FaultyDav() as left, FaultyDav() as right:
        bench = DavBench(database, left, tmp_path, right)
        bench.fill(COUNT)
        yield bench
    database.close()


def target(bench: DavBench) -> FaultyDav:
    """Return the server that is written."""
    assert bench.right is not None
    return bench.right


def same_items(bench: DavBench) -> bool:
    """Say whether every item of the source stands at the destination, by UID and summary."""

    def summaries(bodies: dict[str, bytes]) -> dict[str, bytes]:
        return {uid: next(x for x in b.splitlines() if x.startswith(b"SUMMARY")) for uid, b in bodies.items()}

    return summaries(bench.copies()) == summaries(bench.originals())


@pytest.mark.parametrize(
    ("name", "value", "times"),
    [
        pytest.param("put-rewrite", True, None, id="dav-20 lines in another order, strong etag"),
        pytest.param("put-rewrite", "add", None, id="dav-20 a line added"),
        pytest.param("put-no-etag", True, None, id="dav-20 no etag"),
        pytest.param("put-rename", "location", None, id="dav-14 another name, said"),
        pytest.param("put-rename", "silent", None, id="dav-14 another name, not said"),
        pytest.param("put-stored", 500, 3, id="dav-29 stored, then 500"),
        pytest.param("put-stored", "reset", 3, id="dav-29 stored, then reset"),
        pytest.param("put-lost", "reset", 2, id="reset, nothing stored"),
        pytest.param("weak-etags", True, None, id="weak etags"),
        pytest.param("no-if-none-match", True, None, id="dav google ignores If-None-Match"),
        pytest.param("mk-props", {"A:calendar-color", "D:displayname"}, None, id="collection made without properties"),
        pytest.param("multiget-left-out", {"x"}, None, id="nothing of the kind"),
    ],
)
def test_migration_through_a_fault_arrives_once(bench: DavBench, name: str, value: object, times: int | None) -> None:
    target(bench).faults.switch(name, value, times=times)
    for _ in range(3):
        if bench.run().state is JobState.DONE:
            break
    assert same_items(bench), bench.explained()
    writes = target(bench).count("PUT")
    assert bench.run().state is JobState.DONE, bench.explained()
    assert target(bench).count("PUT") == writes, "ping-pong"
    target(bench).faults.mend()
    bench.left.store.shelves[WORK].put("0003.ics", event("work-3", "changed"))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert same_items(bench)
    bench.check_books()


@pytest.mark.parametrize(
    ("status", "element", "reason"),
    [
        (403, "<C:valid-calendar-data/>", "invalid-data"),
        (412, "<C:valid-calendar-data/>", "invalid-data"),
        (403, "<C:max-resource-size/>", "too-large"),
        (413, "", "too-large"),
        (400, "", ""),
        (409, "", ""),
        (500, "", ""),
    ],
)
def test_dav_30_one_refused_item_is_said_and_the_rest_arrives(
    bench: DavBench, status: int, element: str, reason: str
) -> None:
    target(bench).faults.switch("put-status", {"UID:work-7\r": (status, element)})
    job = bench.run()
    assert len(bench.copies()) == COUNT - 1
    assert "work-7" not in bench.copies()
    assert job.state in {JobState.DONE_WITH_PROBLEMS, JobState.READY}
    assert reason in bench.explained()
    target(bench).faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert same_items(bench)
    bench.check_books()


def test_dav_27_full_account_waits_for_the_user(bench: DavBench) -> None:
    target(bench).faults.switch("put-status", {"BEGIN": (507, "")})
    job = bench.run()
    assert job.state is JobState.NEEDS_USER
    assert job.problem is not None
    assert job.problem["reason"] == "destination-full"
    target(bench).faults.mend()
    assert bench.run().state is JobState.DONE
    assert same_items(bench)


def test_dav_32_read_only_account_keeps_everything_and_says_so(bench: DavBench) -> None:
    bench.run()
    target(bench).faults.switch("read-only")
    bench.left.store.shelves[WORK].put("0003.ics", event("work-3", "changed"))
    job = bench.run()
    assert job.state is not JobState.DONE
    assert "read-only" in bench.explained()
    target(bench).faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert same_items(bench)


def test_dav_25_meetings_are_migrated_without_invitations(bench: DavBench) -> None:
    meeting = event("meet").replace(
        b"SUMMARY", b"ORGANIZER:mailto:a@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@example.org\r\nSUMMARY"
    )
    bench.left.store.shelves[WORK].put("meet.ics", meeting)
    assert bench.run().state is JobState.DONE, bench.explained()
    there = bench.copies()["meet"].replace(b"\r\n ", b"")
    lines = [line for line in there.splitlines() if line.startswith((b"ORGANIZER", b"ATTENDEE"))]
    assert len(lines) == 2
    assert all(b"SCHEDULE-AGENT=CLIENT" in line for line in lines)
    writes = target(bench).count("PUT")
    bench.run()
    assert target(bench).count("PUT") == writes


def test_dav_03_truncated_source_sends_no_delete_to_the_destination(bench: DavBench) -> None:
    """The peer sends 80 DELETEs here and exits 0."""
    bench.run()
    for name in ("no-sync", "no-ctag"):
        bench.left.faults.switch(name)
    for fault in ("listing-507", "listing-short"):
        bench.left.faults.switch(fault, 10)
        bench.run()
        bench.left.faults.mend(fault)
    assert target(bench).count("DELETE") == 0
    assert len(bench.copies()) == COUNT


def test_deletion_is_sent_conditionally_and_only_for_our_own_copies(bench: DavBench) -> None:
    bench.run()
    foreign = target(bench).store.shelves[next(iter(target(bench).store.shelves))]
    foreign.put("mine.ics", event("mine"))
    bench.left.store.shelves[WORK].delete("0003.ics")
    assert bench.run().state is JobState.DONE
    assert "work-3" not in bench.copies()
    assert "mine" in bench.copies()
    deletes = [one for one in target(bench).requests if one.method == "DELETE"]
    assert len(deletes) == 1
    assert deletes[0].headers["If-Match"]


def test_dav_28_an_edit_at_the_destination_is_not_overwritten(bench: DavBench) -> None:
    bench.run()
    shelf = next(iter(target(bench).store.shelves.values()))
    name = next(name for name, item in shelf.items.items() if item.uid == "work-3")
    shelf.put(name, event("work-3", "edited there"))
    bench.left.store.shelves[WORK].put("0003.ics", event("work-3", "edited here"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert b"edited there" in bench.copies()["work-3"]
    assert "edited-at-destination" in bench.explained()


@pytest.mark.parametrize("status", [409, 412, 403])
def test_dav_15_an_item_that_moved_at_the_source_takes_its_copy_along(bench: DavBench, status: int) -> None:
    """Another href with the same UID: the destination refuses a second item, so the first one's copy is taken over."""
    bench.run()
    target(bench).faults.switch("uid-conflict", status)
    shelf = bench.left.store.shelves[WORK]
    shelf.delete("0003.ics")
    shelf.put("moved.ics", event("work-3", "moved"))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert b"moved" in bench.copies()["work-3"]
    assert len(bench.copies()) == COUNT
    bench.run()
    assert len(bench.copies()) == COUNT
    bench.check_books()


def test_without_mirror_nothing_is_ever_deleted_at_the_destination(bench: DavBench) -> None:
    bench.mirror = False
    bench.run()
    for number in range(COUNT):
        bench.left.store.shelves[WORK].delete(f"{number:04}.ics")
    assert bench.run().state is JobState.DONE
    assert target(bench).count("DELETE") == 0
    assert len(bench.copies()) == COUNT
