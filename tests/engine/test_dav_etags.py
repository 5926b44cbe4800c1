"""Etags that say more, less or something else than they did (case 20): what was not edited is not taken for edited."""

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

WORK = "/dav/calendars/work/"
COUNT = 12
WAYS = {
    "weakened": ("weak-etags", True),
    "by a compressing proxy": ("etag-ends", "-gzip"),
    "by another proxy": ("etag-ends", ";br"),
    "as after a restore": ("etag-ends", "-restored"),
}


@pytest.fixture
def bench(tmp_path: Path, empty_database: Path) -> Iterator[DavBench]:
    """Return a bench between two servers, carried over once."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    with FaultyDav() as left, FaultyDav() as right:
        bench = DavBench(database, left, tmp_path, right)
        bench.fill(COUNT)
        assert bench.run().state is JobState.DONE, bench.explained()
        yield bench
    database.close()


def target(bench: DavBench) -> FaultyDav:
    assert bench.right is not None
    return bench.right


def change_and_delete(bench: DavBench) -> None:
    """Change one item at the source and delete another."""
    shelf = bench.left.store.shelves[WORK]
    shelf.put("0003.ics", event("work-3", "changed"))
    shelf.delete("0004.ics")


@pytest.mark.parametrize(("fault", "value"), WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("from_the_start", [True, False], ids=["always", "from now on"])
def test_dav_20_other_etags_at_the_copy_hinder_nothing(
    bench: DavBench, fault: str, value: object, *, from_the_start: bool
) -> None:
    target(bench).faults.switch(fault, value)
    if from_the_start:
        bench.left.store.shelves[WORK].put("0004.ics", event("work-4", "once more"))
        assert bench.run().state is JobState.DONE, bench.explained()
    change_and_delete(bench)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize(("fault", "value"), WAYS.values(), ids=WAYS.keys())
def test_dav_20_an_edit_behind_other_etags_is_still_an_edit(bench: DavBench, fault: str, value: object) -> None:
    (shelf,) = target(bench).store.shelves.values()
    for uid in ("work-3", "work-4"):
        name = next(name for name, item in shelf.items.items() if item.uid == uid)
        shelf.put(name, event(uid, "edited there"))
    target(bench).faults.switch(fault, value)
    change_and_delete(bench)
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert b"edited there" in bench.copies()["work-3"]
    assert b"edited there" in bench.copies()["work-4"]
    assert "edited-at-destination" in bench.explained()
    assert "kept-edited" in bench.explained()


@pytest.mark.parametrize(("fault", "value"), WAYS.values(), ids=WAYS.keys())
def test_dav_20_other_etags_at_the_source_write_nothing(bench: DavBench, fault: str, value: object) -> None:
    writes = target(bench).count("PUT", "DELETE")
    for _ in range(2):
        bench.left.faults.switch(fault, value)
        bench.left.faults.switch("token-invalid", 403, times=1)
        shelf = bench.left.store.shelves[WORK]
        shelf.put("0007.ics", shelf.items["0007.ics"].body)
        assert bench.run().state is JobState.DONE, bench.explained()
        bench.left.faults.mend()
    assert target(bench).count("PUT", "DELETE") == writes
    assert bench.copies() == bench.originals()


@pytest.mark.parametrize(("fault", "value"), WAYS.values(), ids=WAYS.keys())
def test_dav_20_changes_are_seen_through_other_etags(bench: DavBench, fault: str, value: object) -> None:
    bench.left.faults.switch(fault, value)
    change_and_delete(bench)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
