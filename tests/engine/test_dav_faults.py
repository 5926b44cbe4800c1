"""What ordinary faults of a server do to the user's data: nothing, and the run says what happened.

Each row is one fault of the table on which the peer loses data or gets stuck. A clean
first run, then the fault, one run, then the fault is gone and one more run.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from simulators.faulty_dav import FaultyDav
from sync_engine.database import Database
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.davbench import DavBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 60
SOME = frozenset(f"{number:04}.ics" for number in range(5, 20))


@dataclass(frozen=True)
class Fault:
    """One fault, and whether the server must first be made to list everything again."""

    name: str
    switches: dict[str, Any]
    relist: bool = False
    times: int | None = None
    clean: bool = False
    """Whether the run ends without any problem, because the fault can be worked around."""


FAULTS = [
    Fault("listing truncated with 507", {"no-sync": True, "no-ctag": True, "listing-507": 20}),
    Fault("listing silently short", {"no-sync": True, "no-ctag": True, "listing-short": 20}),
    Fault("listing names one member", {"no-sync": True, "no-ctag": True, "listing-short": 1}),
    Fault("listing names no member", {"no-sync": True, "no-ctag": True, "listing-short": 0}),
    Fault("members without getetag", {"no-sync": True, "no-ctag": True, "listing-no-etag": 15}, clean=True),
    Fault("sync-collection truncated with 507", {"sync-507": 20}, relist=True, clean=True),
    Fault("sync-collection stuck at 507", {"sync-stuck": True}, relist=True),
    Fault("captive portal html", {"portal": "html"}),
    Fault("captive portal xhtml", {"portal": "xhtml"}),
    Fault("foreign xml", {"portal": "foreign"}),
    Fault("empty 207", {"portal": "empty"}),
    Fault("plain text", {"portal": "plain"}),
    Fault("401", {"status": (401, {}, b"")}),
    Fault("403", {"status": (403, {}, b"")}),
    Fault("404", {"status": (404, {}, b"")}),
    Fault("410", {"status": (410, {}, b"")}),
    Fault("500", {"status": (500, {}, b"")}),
    Fault("503", {"status": (503, {}, b"")}),
    Fault("503 once with Retry-After", {"status": (503, {"Retry-After": "0"}, b"")}, times=1, clean=True),
    Fault("429 three times with Retry-After", {"status": (429, {"Retry-After": "0"}, b"")}, times=3, clean=True),
    Fault("body cut off once", {"cut": 300}, times=1, clean=True),
    Fault("body cut off always", {"cut": 300}),
    Fault("xml ends early", {"cut-xml": 400}),
    Fault("connection reset", {"reset": True}),
    Fault("connection reset once", {"reset": True}, times=1, clean=True),
    Fault("redirected elsewhere", {"redirect": "http://127.0.0.1:9/"}),
    Fault("token refused 403", {"token-invalid": 403}, clean=True),
    Fault("token refused 412", {"token-invalid": 412}, clean=True),
    Fault("token refused 400", {"token-invalid": 400}, clean=True),
    Fault("token refused 410", {"token-invalid": 410}, clean=True),
    Fault("token and empty token refused", {"token-invalid": 403, "empty-token": 403}, clean=True),
    Fault("duplicate answers", {"duplicates": True}, relist=True, clean=True),
    Fault("absolute hrefs", {"spelling": "absolute"}, relist=True, clean=True),
    Fault("lower-case escapes", {"spelling": "lower"}, relist=True, clean=True),
    Fault("raw hrefs", {"spelling": "raw"}, relist=True, clean=True),
    Fault("weak etags", {"weak-etags": True}, relist=True, clean=True),
    Fault("split propstat", {"split": True}, relist=True, clean=True),
    Fault("old deletions named again", {"sync-old-deletions": True}, relist=True, clean=True),
    Fault("external entity", {"bomb": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'}),
]


@pytest.fixture
def bench(tmp_path: Path, empty_database: Path) -> Iterator[DavBench]:
    """Return a bench with a calendar of 60 events, copied once."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    with FaultyDav() as server:
        bench = DavBench(database, server, tmp_path / "copy")
        bench.fill(COUNT)
        yield bench
    database.close()


def relist(bench: DavBench) -> None:
    """Make the stored token invalid once, so that the next run lists everything."""
    bench.left.faults.switch("token-invalid", 403, times=1)
    touch(bench)


def touch(bench: DavBench) -> None:
    """Change one event, so that there is something to ask for."""
    shelf = bench.left.store.shelves["/dav/calendars/work/"]
    shelf.put("0059.ics", event("work-59", "touched"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_after_a_clean_run_loses_nothing(bench: DavBench, fault: Fault) -> None:
    assert bench.run().state is JobState.DONE
    before = bench.copies()
    assert before == bench.originals()
    relist(bench) if fault.relist else touch(bench)
    for name, value in fault.switches.items():
        bench.left.faults.switch(name, value, times=fault.times)
    job = bench.run()
    after = bench.copies()
    assert set(after) == set(before), "something was lost"
    assert all(body in {before[uid], bench.originals()[uid]} for uid, body in after.items()), "junk was written"
    if fault.clean:
        assert job.state is JobState.DONE, bench.explained()
        assert after == bench.originals()
    elif job.state is JobState.DONE:
        assert after == bench.originals()
    else:
        assert bench.explained() or job.problem, "trouble without a word"
    bench.left.faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_during_the_first_run_is_healed_by_the_next(bench: DavBench, fault: Fault) -> None:
    for name, value in fault.switches.items():
        bench.left.faults.switch(name, value, times=fault.times)
    bench.run()
    assert set(bench.copies()) <= set(bench.originals())
    bench.left.faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


MULTIGET = [
    ("multiget-left-out", {"0007.ics"}),
    ("multiget-left-out", SOME),
    ("multiget-gone", {"0007.ics"}),
    ("multiget-507", 10),
    ("multiget-507", 0),
    ("multiget-most", (7, 413)),
    ("multiget-most", (1, 507)),
]


@pytest.mark.parametrize(("name", "value"), MULTIGET, ids=[str(number) for number in range(len(MULTIGET))])
def test_dav_34_one_bad_answer_of_a_multiget_stops_nothing(bench: DavBench, name: str, value: object) -> None:
    bench.left.faults.switch("no-inline")
    bench.left.faults.switch(name, value)
    bench.run()
    missing = set(bench.originals()) - set(bench.copies())
    assert len(missing) <= 1, bench.explained()
    bench.left.faults.mend()
    touch(bench)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("gone", [1, 10, 15])
def test_real_deletions_follow_and_can_be_restored(bench: DavBench, gone: int) -> None:
    bench.run()
    shelf = bench.left.store.shelves["/dav/calendars/work/"]
    for number in range(gone):
        shelf.delete(f"{number:04}.ics")
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    assert len(list((bench.folder / ".wherry" / "versions").rglob("*removed*"))) == gone


def test_199_of_200_deleted_stops_and_asks(bench: DavBench) -> None:
    bench.run()
    shelf = bench.left.store.shelves["/dav/calendars/work/"]
    for number in range(COUNT - 1):
        shelf.delete(f"{number:04}.ics")
    assert bench.run().state is JobState.STOPPED
    assert len(bench.copies()) == COUNT
    assert bench.run(allow_deletions=True).state is JobState.DONE
    assert bench.copies() == bench.originals()


def test_dav_15_one_uid_under_two_hrefs_keeps_both(bench: DavBench) -> None:
    shelf = bench.left.store.shelves["/dav/calendars/work/"]
    shelf.put("twin.ics", event("work-3", "the other one"))
    assert bench.run().state is JobState.DONE, bench.explained()
    bodies = [p.read_bytes() for p in bench.folder.glob("work/*.ics")]
    assert len(bodies) == COUNT + 1
    assert sum(b"UID:work-3\r\n" in body for body in bodies) == 2


def test_dav_05_deletions_never_named_are_found_by_the_full_listing(bench: DavBench) -> None:
    bench.left.faults.switch("sync-no-deletions")
    bench.run()
    bench.left.store.shelves["/dav/calendars/work/"].delete("0003.ics")
    bench.run()
    assert "work-3" in bench.copies()
    bench.left.faults.switch("token-invalid", 403, times=1)
    touch(bench)
    bench.run()
    assert "work-3" not in bench.copies()


def test_no_change_asks_one_request_for_everything(bench: DavBench) -> None:
    bench.fill(10, "home")
    bench.run()
    asked = bench.left.count()
    assert bench.run().state is JobState.DONE
    assert bench.left.count() - asked <= 2
