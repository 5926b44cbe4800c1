"""Hrefs and UIDs that are not what they seem, from end to end (cases 12 to 15, 17 and 18): one item stays one item."""

from __future__ import annotations

import shutil
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

    from simulators.dav_store import Shelf

WORK = "/dav/calendars/work/"
NAMES = [
    "plain.ics",
    "a@b.ics",
    "sp ace+plus&amp.ics",
    "é%.ics",
    "100%25.ics",
    "x:y;z.ics",
    "semi;.ics",
    "日本 語.ics",
    "UPPER.ICS",
    "no-ending",
    "dots..ics",
    "quote'\".ics",
]
SPELLINGS = ["absolute", "lower", "raw", "http", "relative", "double", "semicolon"]


@pytest.fixture(params=["folder", "server"])
def bench(tmp_path: Path, empty_database: Path, request: pytest.FixtureRequest) -> Iterator[DavBench]:
    """Return a bench whose source has items under odd names, to a folder or to a second server."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    with FaultyDav() as left, FaultyDav() as right:
        bench = DavBench(database, left, tmp_path / "copy", right if request.param == "server" else None)
        shelf = left.store.make("calendar", "work")
        for number, name in enumerate(NAMES):
            shelf.put(name, event(f"uid-{number}"))
        yield bench
    database.close()


def work(bench: DavBench) -> Shelf:
    """Return the source's calendar."""
    return bench.left.store.shelves[WORK]


def list_everything(bench: DavBench) -> None:
    """Forget the sync-token and let the next run ask for bodies by name."""
    bench.left.faults.switch("no-inline")
    bench.left.faults.switch("token-invalid", 403, times=1)


@pytest.mark.parametrize("spelling", [None, *SPELLINGS])
@pytest.mark.parametrize("inline", [True, False], ids=["inline", "by-name"])
def test_dav_13_every_spelling_arrives(bench: DavBench, spelling: str | None, *, inline: bool) -> None:
    if spelling:
        bench.left.faults.switch("spelling", spelling)
    if not inline:
        bench.left.faults.switch("no-inline")
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("spelling", ["absolute", "lower", "raw", "http", "relative"])
def test_dav_13_a_server_that_changes_its_spelling_changes_no_item(bench: DavBench, spelling: str) -> None:
    """As after an update of the server, or behind a new proxy."""
    bench.run()
    before = bench.right.count("PUT", "DELETE") if bench.right else 0
    list_everything(bench)
    work(bench).put("a@b.ics", event("uid-1", "changed"))
    bench.left.faults.switch("spelling", spelling)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    if bench.right:
        assert bench.right.count("PUT", "DELETE") == before + 1
    bench.check_books()


@pytest.mark.parametrize("spelling", ["double", "semicolon"])
def test_dav_13_a_server_that_begins_to_list_other_names_loses_nothing(bench: DavBench, spelling: str) -> None:
    """All names are new and most old ones still answer: no item is left without a copy, however the run ends."""
    bench.run()
    list_everything(bench)
    work(bench).put("a@b.ics", event("uid-1", "changed"))
    bench.left.faults.switch("spelling", spelling)
    job = bench.run()
    assert code_for(job) in {Exit.DONE, Exit.SOME_NOT_COPIED, Exit.TEMPORARY}
    assert bodies_by_uid(bench).keys() >= bench.originals().keys()
    bench.left.faults.mend()
    list_everything(bench)
    for _ in range(3):
        bench.run()
    assert {uid: copies[-1] for uid, copies in bodies_by_uid(bench).items()}.keys() == bench.originals().keys()


def bodies_by_uid(bench: DavBench) -> dict[str, list[bytes]]:
    """Return all copies by UID, twins included."""
    found: dict[str, list[bytes]] = {}
    for body in bench._bodies():
        uid = next(line for line in body.splitlines() if line.startswith(b"UID:"))[4:].decode()
        found.setdefault(uid, []).append(body)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_dav_12_an_odd_name_is_changed_and_deleted_like_any_other(bench: DavBench, name: str) -> None:
    bench.run()
    number = NAMES.index(name)
    work(bench).put(name, event(f"uid-{number}", "changed"))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    work(bench).delete(name)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    assert len(bench.copies()) == len(NAMES) - 1
    bench.check_books()


@pytest.mark.parametrize("uid", ["x" * 255, "a/b@c:d e%f+g&h", "ü-日本", "{0A-1B}", "..", "uid;with,commas"])
def test_dav_12_odd_uids_arrive_once(bench: DavBench, uid: str) -> None:
    work(bench).put("odd.ics", event(uid))
    for _ in range(2):
        assert bench.run().state is JobState.DONE, bench.explained()
    assert len(bench.copies()) == len(NAMES) + 1
    assert sum(b"SUMMARY:Tea" in body for body in bench.copies().values()) == len(NAMES) + 1
    bench.check_books()


def test_dav_18_a_uid_changed_at_the_source_changes_the_copy(bench: DavBench) -> None:
    bench.run()
    work(bench).put("plain.ics", event("another-uid"))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies().keys() == bench.originals().keys()
    assert "uid-0" not in bench.copies()
    assert len(bench.copies()) == len(NAMES)
    bench.check_books()


def test_dav_18_two_items_that_swap_their_uids_stay_two(bench: DavBench) -> None:
    bench.run()
    work(bench).put("plain.ics", event("uid-1", "was zero"))
    work(bench).put("a@b.ics", event("uid-0", "was one"))
    for _ in range(2):
        bench.run()
    assert len(bench.copies()) == len(NAMES)
    assert bench.copies().keys() == bench.originals().keys()
    bench.check_books()


def test_dav_18_an_item_without_uid_arrives_and_is_not_doubled(bench: DavBench) -> None:
    bare = event("x").replace(b"UID:x\r\n", b"")
    work(bench).put("bare.ics", bare)
    for _ in range(3):
        bench.run()
    assert sum(b"UID:" not in body for body in bodies_of(bench)) <= 1
    assert {body for body in bodies_of(bench) if b"UID:" in body} == set(bench.originals().values()) - {bare}
    bench.check_books()


def bodies_of(bench: DavBench) -> list[bytes]:
    """Return every copy, those without UID too."""
    return bench._bodies()


@pytest.fixture
def servers(tmp_path: Path, empty_database: Path) -> Iterator[tuple[DavBench, FaultyDav]]:
    """Return a bench between two servers, and the second one."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    with FaultyDav() as left, FaultyDav() as right:
        bench = DavBench(database, left, tmp_path, right)
        bench.fill(12)
        yield bench, right
    database.close()


RENAMES = [{}, {"put-rename": "location"}, {"put-rename": "silent"}]


@pytest.mark.parametrize("rename", RENAMES, ids=["same-name", "location", "silent"])
def test_dav_18_a_destination_that_gives_uids_of_its_own_keeps_one_copy(
    servers: tuple[DavBench, FaultyDav], rename: dict[str, str]
) -> None:
    bench, right = servers
    for name, value in {"put-uid": "srv", **rename}.items():
        right.faults.switch(name, value)
    for _ in range(3):
        bench.run()
        assert bench.copies().keys() == {f"srv-{uid}" for uid in bench.originals()}
    writes = right.count("PUT")
    work(bench).put("0003.ics", event("work-3", "changed"))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert right.count("PUT") == writes + 1
    assert b"changed" in bench.copies()["srv-work-3"]
    work(bench).delete("0004.ics")
    assert bench.run().state is JobState.DONE, bench.explained()
    assert len(bench.copies()) == 11
    bench.check_books()


@pytest.mark.parametrize("status", [403, 409, 412])
def test_dav_18_a_destination_where_uids_may_not_change_keeps_what_it_has(
    servers: tuple[DavBench, FaultyDav], status: int
) -> None:
    bench, right = servers
    bench.run()
    right.faults.switch("uid-fixed", status)
    work(bench).put("0003.ics", event("brand-new", "changed"))
    work(bench).put("0005.ics", event("work-5", "changed"))
    job = bench.run()
    assert code_for(job) is Exit.SOME_NOT_COPIED
    assert bench.explained()
    assert b"Tea" in bench.copies()["work-3"]
    assert b"changed" in bench.copies()["work-5"]
    assert len(bench.copies()) == 12
    right.faults.mend()
    for _ in range(3):
        job = bench.run()
    assert bench.copies().keys() == bench.originals().keys(), bench.explained()
    assert job.state is JobState.DONE
    bench.check_books()


@pytest.mark.parametrize("status", [409, 412])
def test_dav_15_a_uid_that_stands_there_already_is_left_alone_and_said(
    servers: tuple[DavBench, FaultyDav], status: int
) -> None:
    bench, right = servers
    theirs = right.store.make("calendar", "work").put("theirs.ics", event("work-3", "theirs"))
    right.faults.switch("uid-conflict", status)
    job = bench.run()
    assert code_for(job) is Exit.SOME_NOT_COPIED
    assert "uid-exists" in bench.explained()
    assert bench.copies()["work-3"] == theirs.body
    assert bench.copies().keys() == bench.originals().keys()
    bench.check_books()
