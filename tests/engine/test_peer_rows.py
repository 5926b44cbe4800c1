"""The table of dav.md 3.3, row by row: the faults on which the peer loses data, gets stuck, or says nothing.

A clean first run, the fault, one run; then the fault is gone, and one more run. Asked of
each row, to a folder and to a second server: nothing is lost that nobody deleted, no junk is
written, what is well arrives, the exit code and the words say what happened, and the run
after that makes both sides equal.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from connectors.retry import RetryPolicy
from simulators.faulty_dav import FaultyDav
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.davbench import DavBench
from wherry.cli.result import code_for
from wherry.exits import Exit
from wherry.explain import explain_problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulators.dav_store import Shelf
    from sync_engine.model import Job

COUNT = 24
WORK = "/dav/calendars/work/"
LISTING = {"no-sync": True, "no-ctag": True}
"""What makes a run list everything, as the peer does each time."""

BY_NAME = {"no-inline": True}


@dataclass(frozen=True)
class Row:
    """One row: the fault, how the run with it ends, and a word of what it says."""

    name: str
    switches: dict[str, Any]
    ends: frozenset[Exit]
    says: str = ""
    times: int | None = None
    first: dict[str, Any] = field(default_factory=dict)
    """Switched on before the clean first run, because the server was always so."""


DONE, SOME, LATER, ACCESS = (
    frozenset({Exit.DONE}),
    frozenset({Exit.SOME_NOT_COPIED}),
    frozenset({Exit.TEMPORARY}),
    frozenset({Exit.ACCESS}),
)

ROWS = [
    Row("PROPFIND truncated and 507", {"listing-507": 14}, SOME, "listing-incomplete", first=LISTING),
    Row("PROPFIND truncated to nothing and 507", {"listing-507": 0}, SOME, "listing-incomplete", first=LISTING),
    Row("PROPFIND silently short", {"listing-short": 14}, SOME, "listing-short", first=LISTING),
    Row("PROPFIND one short", {"listing-short": COUNT - 2}, SOME, "listing-short", first=LISTING),
    Row("PROPFIND with one member", {"listing-short": 1}, SOME, "listing-short", first=LISTING),
    Row("PROPFIND with no member", {"listing-short": 0}, SOME, "listing-short", first=LISTING),
    Row("some members without getetag", {"listing-no-etag": 12}, DONE, first=LISTING),
    Row("all members without getetag", {"listing-no-etag": 999}, DONE, first=LISTING),
    Row("a member 404 in the listing", {"listing-member": {"0007.ics": 404}}, SOME, "listing-short", first=LISTING),
    Row("a member 403 in the listing", {"listing-member": {"0007.ics": 403}}, SOME, "unreadable", first=LISTING),
    Row("a member 500 in the listing", {"listing-member": {"0007.ics": 500}}, SOME, "unreadable", first=LISTING),
    Row("members elsewhere", {"listing-foreign": 5}, SOME, "listing-incomplete", first=LISTING),
    Row("sync-collection cut by 507", {"sync-507": 9}, DONE),
    Row("sync-collection cut for ever", {"sync-stuck": True}, LATER),
    Row("empty 207", {"portal": "empty"}, LATER, "login page"),
    Row("captive portal XHTML", {"portal": "xhtml"}, LATER, "login page"),
    Row("captive portal XHTML as 207", {"portal": "xhtml-207"}, LATER, "login page"),
    Row("captive portal HTML", {"portal": "html"}, LATER, "login page"),
    Row("captive portal by redirect", {"gate": (200, "text/html", "<html>")}, LATER, "login page"),
    Row("captive portal by redirect, 405", {"gate": (405, "text/html", "<html>")}, LATER, "login page"),
    Row("foreign XML", {"portal": "foreign"}, LATER, "login page"),
    Row("401", {"status": (401, {}, b"")}, ACCESS, "password"),
    Row("403", {"status": (403, {}, b"")}, ACCESS | frozenset({Exit.USAGE})),
    Row("404", {"status": (404, {}, b"")}, SOME | frozenset({Exit.USAGE})),
    Row("503", {"status": (503, {}, b"")}, LATER, "properly"),
    Row("503 and Retry-After", {"status": (503, {"Retry-After": "1"}, b"")}, DONE, times=1),
    Row("3 x 429 and Retry-After", {"status": (429, {"Retry-After": "0"}, b"")}, DONE, times=3),
    Row("429 and a long Retry-After", {"status": (429, {"Retry-After": "3600"}, b"")}, LATER, "wait"),
    Row("body cut off once", {"cut": 200}, DONE, times=1),
    Row("body cut off", {"cut": 200}, LATER, "properly"),
    Row("XML cut off", {"cut-xml": 300}, LATER),
    Row("connection reset once", {"reset": True}, DONE, times=1),
    Row("connection reset", {"reset": True}, LATER, "properly"),
    Row("multiget: a member 404", {"multiget-gone": {"0007.ics"}}, SOME | DONE, first=BY_NAME),
    Row("multiget: a member left out", {"multiget-left-out": {"0007.ics"}}, DONE, first=BY_NAME),
    Row("multiget: 507 after ten", {"multiget-507": 10}, DONE, first=BY_NAME),
    Row("multiget: 507 at once", {"multiget-507": 0}, DONE, first=BY_NAME),
    Row(
        "multiget and GET fail for one",
        {"multiget-left-out": {"0007.ics"}, "get": {"0007.ics": 500}},
        SOME,
        "unreadable",
        first=BY_NAME,
    ),
    Row("href absolute", {"spelling": "absolute"}, DONE),
    Row("href in lower-case escapes", {"spelling": "lower"}, DONE),
    Row("href with a raw @", {"spelling": "raw"}, DONE),
    Row("weak ETags", {"weak-etags": True}, DONE),
    Row("token forgotten", {"token-invalid": 403}, DONE),
    Row("token forgotten, every token refused", {"token-invalid": 412, "empty-token": 412}, DONE),
]


@contextmanager
def between(tmp_path: Path, empty_database: Path, *, folder: bool) -> Iterator[DavBench]:
    """Lend a bench with a calendar of two dozen events, to a folder or to a second server."""
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


def work(bench: DavBench) -> Shelf:
    """Return the source's calendar."""
    return bench.left.store.shelves[WORK]


def change(bench: DavBench, word: str) -> None:
    """Change, add and delete one item each, so that something has to arrive."""
    shelf = work(bench)
    shelf.put("0007.ics", event("work-7", word))
    shelf.put(f"new-{word}.ics", event(f"new-{word}"))
    if "0011.ics" in shelf.items:
        shelf.delete("0011.ics")


def words(bench: DavBench, job: Job) -> str:
    """Return everything a person is told about the last run."""
    row = explain_problem(job.problem) if job.problem else None
    return f"{bench.explained()}; {job.problem or ''}; {row.title if row else ''}; {row.what_to_do if row else ''}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_dav_3_3_the_fault_costs_no_item_and_is_explained(bench: DavBench, row: Row) -> None:
    for name, value in row.first.items():
        bench.left.faults.switch(name, value)
    assert bench.run().state is JobState.DONE, bench.explained()
    before, known = bench.copies(), bench.originals()
    assert before == known
    change(bench, "changed")
    for name, value in row.switches.items():
        bench.left.faults.switch(name, value, times=row.times)
    job = bench.run()
    after = bench.copies()
    assert set(after) >= set(known) - {"work-11"}, "something was lost"
    truths = [known, bench.originals()]
    assert all(any(body == truth.get(uid) for truth in truths) for uid, body in after.items()), "junk was written"
    assert code_for(job) in row.ends, words(bench, job)
    assert row.says in words(bench, job)
    assert code_for(job) is Exit.DONE or words(bench, job).strip("; "), "trouble without a word"
    if code_for(job) is Exit.DONE:
        assert after == bench.originals()
    bench.left.faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


STAYING = [row for row in ROWS if row.ends & SOME and row.times is None]


@pytest.mark.parametrize("row", STAYING, ids=lambda row: row.name)
def test_dav_3_3_a_second_run_with_the_fault_is_no_worse(bench: DavBench, row: Row) -> None:
    """Two witnesses are two only if they are two faults: the same one twice removes nothing either."""
    for name, value in row.first.items():
        bench.left.faults.switch(name, value)
    bench.run()
    known = set(bench.originals())
    for name, value in row.switches.items():
        bench.left.faults.switch(name, value)
    for number in range(3):
        work(bench).put("0008.ics", event("work-8", f"round {number}"))
        bench.run()
        assert set(bench.copies()) == known
    bench.left.faults.mend()
    bench.run()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()


@pytest.mark.parametrize(
    "methods", [["PROPFIND", "REPORT", "GET"], ["REPORT"], ["PROPFIND"]], ids=["all", "reports", "listings"]
)
def test_dav_31_a_server_that_asks_to_wait_for_ever_ends_the_run(bench: DavBench, methods: list[str]) -> None:
    bench.run()
    known = bench.copies()
    change(bench, "changed")
    bench.hasty = bench.quick = RetryPolicy(attempts=2, first=0.001, most=0.002, total=0.2, patience=0.1)
    bench.left.faults.switch("status", (429, {"Retry-After": "0"}, b"", methods))
    job = bench.run()
    assert code_for(job) is Exit.TEMPORARY
    assert "wait" in words(bench, job)
    assert bench.copies() == known
    bench.left.faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()


@pytest.mark.parametrize("left", [1, 2, 13])
def test_dav_3_3_nearly_everything_really_deleted_is_asked_about(bench: DavBench, left: int) -> None:
    bench.run()
    for number in range(left, COUNT):
        work(bench).delete(f"{number:04}.ics")
    job = bench.run()
    assert code_for(job) is Exit.SAFETY_STOP
    assert f"{COUNT - left} of {COUNT}" in words(bench, job)
    assert len(bench.copies()) == COUNT
    assert code_for(bench.run()) is Exit.SAFETY_STOP
    Jobs(bench.database).allow_deletions(job.id)
    assert bench.run(allow_deletions=True).state is JobState.DONE
    assert bench.copies() == bench.originals()


@pytest.mark.parametrize("names", [("twin.ics",), ("twin.ics", "third.ics")], ids=["two", "three"])
def test_dav_3_3_one_uid_under_several_hrefs_stops_nothing(bench: DavBench, names: tuple[str, ...]) -> None:
    for name in names:
        work(bench).put(name, event("work-3", name))
    for word in ("one", "two"):
        work(bench).put("0009.ics", event("work-9", word))
        job = bench.run()
        assert code_for(job) in {Exit.DONE, Exit.SOME_NOT_COPIED}
        bodies = [body for body in bench._bodies() if b"UID:work-9\r\n" in body]
        assert [word.encode() in body for body in bodies] == [True]
    mine = [body for body in bench._bodies() if b"UID:work-3\r\n" in body]
    assert len(mine) == 1 + len(names)


@pytest.mark.parametrize("refusal", [(403, ""), (507, ""), (403, "<C:valid-calendar-data/>"), (400, ""), (409, "")])
def test_dav_3_3_two_refused_writes_of_fifteen(servers: DavBench, refusal: tuple[int, str]) -> None:
    right = servers.right
    assert right is not None
    bench = servers
    bench.run()
    right.faults.switch("put-status", {"UID:work-3\r": refusal, "UID:work-12\r": refusal})
    for number in range(15):
        work(bench).put(f"{number:04}.ics", event(f"work-{number}", "changed"))
    job = bench.run()
    assert code_for(job) in {Exit.SOME_NOT_COPIED, Exit.FULL}
    changed = [uid for uid, body in bench.copies().items() if b"changed" in body]
    assert len(changed) == 13, words(bench, job)
    assert len(bench.copies()) == COUNT
    right.faults.mend()
    bench.run()
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()


EDITS = {
    "edit and edit": ("edited", "edited", "there"),
    "edit and nothing": ("edited", None, "here"),
    "nothing and edit": (None, "edited", "there"),
    "delete and edit": ("deleted", "edited", "there"),
    "edit and delete": ("edited", "deleted", "here"),
    "delete and delete": ("deleted", "deleted", None),
    "the same edit": ("same", "same", "same"),
}


@pytest.mark.parametrize(("here", "there", "wins"), EDITS.values(), ids=EDITS.keys())
def test_dav_3_3_edits_on_both_sides_never_lose_the_edit(
    bench: DavBench, here: str | None, there: str | None, wins: str | None
) -> None:
    """One way only: what somebody changed in the copy is kept, and it is said that it was."""
    bench.run()
    edit_copy(bench, there)
    shelf = work(bench)
    if here == "deleted":
        shelf.delete("0007.ics")
    elif here is not None:
        shelf.put("0007.ics", event("work-7", "here" if here == "edited" else "same"))
    shelf.put("0008.ics", event("work-8", "goes on"))
    job = bench.run()
    copy = bench.copies().get("work-7")
    assert (copy is None) is (wins is None)
    if wins is not None:
        assert wins.encode() in (copy or b"")
    assert b"goes on" in bench.copies()["work-8"]
    both = here in {"edited", "deleted"} and there == "edited"
    assert code_for(job) is (Exit.SOME_NOT_COPIED if both else Exit.DONE), words(bench, job)
    assert not both or "work-7" in words(bench, job) or "0007" in words(bench, job) or "edited" in words(bench, job)


def edit_copy(bench: DavBench, how: str | None) -> None:
    """Let somebody change or delete the copy of item 7."""
    if how is None:
        return
    body = event("work-7", "there" if how == "edited" else "same")
    if bench.right is not None:
        (shelf,) = bench.right.store.shelves.values()
        name = next(name for name, item in shelf.items.items() if item.uid == "work-7")
        shelf.delete(name) if how == "deleted" else shelf.put(name, body)
        return
    path = next(path for path in bench.folder.glob("work/*.ics") if b"UID:work-7\r\n" in path.read_bytes())
    path.unlink() if how == "deleted" else path.write_bytes(body)
