"""A server, and a folder, that lose or spoil what they said they have: found before the run ends."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from simulators.faulty_dav import FaultyDav
from sync_engine.checking import CHANGED, NOT_THERE
from sync_engine.database import Database
from sync_engine.events import ItemSettled, PhaseEntered
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.davbench import DavBench
from tests.engine.test_checking import At

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from simulators.dav_store import Shelf

COUNT = 25


@pytest.fixture
def database(tmp_path: Path, empty_database: Path) -> Iterator[Database]:
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    yield database
    database.close()


@pytest.fixture
def servers(database: Database, tmp_path: Path) -> Iterator[DavBench]:
    """Return a bench between two servers."""
    with FaultyDav() as left, FaultyDav() as right:
        bench = DavBench(database, left, tmp_path, right)
        bench.fill(COUNT)
        yield bench


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Iterator[DavBench]:
    """Return a bench from a server into a folder."""
    with FaultyDav() as left:
        bench = DavBench(database, left, tmp_path / "copy")
        bench.fill(COUNT)
        yield bench


def target(bench: DavBench) -> FaultyDav:
    assert bench.right is not None
    return bench.right


def shelf(bench: DavBench) -> Shelf:
    """Return the collection that is written."""
    return next(shelf for shelf in target(bench).store.shelves.values() if shelf.items)


def named(bench: DavBench, uid: str) -> str:
    """Return the name a copy has at the server."""
    return next(name for name, item in shelf(bench).items.items() if item.uid == uid)


def reasons(bench: DavBench) -> dict[str, str]:
    return {each.item: each.reason for each in bench.events if isinstance(each, ItemSettled)}


def again(bench: DavBench) -> JobState:
    bench.events = []
    return bench.run().state


def test_a_server_that_said_created_and_kept_nothing(servers: DavBench) -> None:
    servers.events = At(lambda: shelf(servers).delete(named(servers, "work-3")))
    assert servers.run().state is JobState.DONE_WITH_PROBLEMS
    assert reasons(servers) == {"0003.ics": NOT_THERE}
    assert (servers.ended().failed, servers.ended().verified) == (1, COUNT - 1)
    servers.check_books()
    assert again(servers) is JobState.DONE
    assert servers.copies().keys() == servers.originals().keys()
    assert servers.ended().verified == 1


def test_a_server_that_kept_something_else(servers: DavBench) -> None:
    servers.events = At(lambda: shelf(servers).put(named(servers, "work-3"), event("work-3", "Spoilt")))
    assert servers.run().state is JobState.DONE_WITH_PROBLEMS
    assert reasons(servers) == {"0003.ics": CHANGED}
    servers.check_books()


def test_another_etag_alone_is_no_difference(servers: DavBench) -> None:
    def touch() -> None:
        for name, item in list(shelf(servers).items.items()):
            shelf(servers).put(name, item.body)

    servers.events = At(touch)
    assert servers.run().state is JobState.DONE
    assert servers.ended().verified == COUNT


@pytest.mark.parametrize("times", [1, 2])
def test_503_while_reading_back_is_waited_for(servers: DavBench, times: int) -> None:
    trouble = (503, {"Retry-After": "0"}, b"")
    servers.events = At(lambda: target(servers).faults.switch("status", trouble, times=times))
    assert servers.run().state is JobState.DONE
    assert servers.ended().verified == COUNT


def test_a_server_that_stays_away_is_asked_by_the_next_run(servers: DavBench) -> None:
    servers.events = At(lambda: target(servers).faults.switch("status", (503, {}, b"")))
    job = servers.run()
    assert job.state is JobState.READY
    assert job.verified.upto == 0
    target(servers).faults.mend()
    shelf(servers).delete(named(servers, "work-3"))
    assert again(servers) is JobState.DONE_WITH_PROBLEMS
    assert reasons(servers) == {"0003.ics": NOT_THERE}


def test_requests_are_few_and_none_when_nothing_was_written(servers: DavBench) -> None:
    before: list[int] = []
    servers.events = At(lambda: before.append(len(target(servers).requests)))
    servers.run()
    assert [one.method for one in target(servers).requests[before[0] :]] == ["REPORT"], "one multiget for up to 100"
    seen = len(target(servers).requests)
    assert again(servers) is JobState.DONE
    assert "verify" not in [each.phase for each in servers.events if isinstance(each, PhaseEntered)]
    assert "REPORT" not in [one.method for one in target(servers).requests[seen:]]


def file_of(bench: DavBench, uid: str) -> Path:
    found = bench.folder.glob("[!.]*/*.ics")
    return next(path for path in found if f"UID:{uid}\r\n".encode() in path.read_bytes())


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"Tea", b"Ale"))


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(("harm", "reason"), [(deleted, NOT_THERE), (replaced, CHANGED), (emptied, CHANGED)])
def test_a_folder_others_write_to(folder: DavBench, harm: Callable[[Path], None], reason: str) -> None:
    folder.events = At(lambda: harm(file_of(folder, "work-3")))
    assert folder.run().state is JobState.DONE_WITH_PROBLEMS
    assert reasons(folder) == {"0003.ics": reason}
    assert folder.ended().verified == COUNT - 1
    folder.check_books()
    expected = JobState.DONE if reason == NOT_THERE else JobState.DONE_WITH_PROBLEMS
    assert again(folder) is expected


def test_a_file_that_was_only_touched_is_as_it_was(folder: DavBench) -> None:
    folder.events = At(lambda: os.utime(file_of(folder, "work-3"), ns=(1, 1)))
    assert folder.run().state is JobState.DONE
    assert (folder.ended().verified, folder.ended().verified_how) == (COUNT, "size-and-revision")


def test_a_folder_that_went_away(folder: DavBench) -> None:
    folder.events = At(lambda: shutil.rmtree(folder.folder / "work"))
    assert folder.run().state is JobState.DONE_WITH_PROBLEMS
    assert set(reasons(folder).values()) == {NOT_THERE}
    assert again(folder) is JobState.DONE
    assert folder.copies() == folder.originals()
