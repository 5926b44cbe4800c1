"""What ordinary accidents with files do to the server (dav.md 3.3 and case 35): nothing.

The peer, given a file of no bytes, deletes the real event on the server; given half a file it
writes the half over the good copy. Each test here lets something else change as well, which
has to arrive all the same.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from simulators.faulty_dav import FaultyDav
from sync_engine.database import Database
from sync_engine.model import JobState
from tests.engine.bench import card, event
from tests.engine.folderbench import FolderBench, age
from wherry.cli.result import code_for
from wherry.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COUNT = 16
WHOLE = event("work-3")
CUTS = [1, 15, 16, 40, len(WHOLE) // 2, len(WHOLE) - 40, len(WHOLE) - 17, len(WHOLE) - 3]


@pytest.fixture
def bench(tmp_path: Path, empty_database: Path) -> Iterator[FolderBench]:
    """Return a bench whose folder has been carried to the server once."""
    shutil.copy(empty_database, tmp_path / "state.db")
    database = Database.open(f"sqlite:///{tmp_path}/state.db")
    with FaultyDav() as left, FaultyDav() as right:
        bench = FolderBench(database, left, tmp_path / "pim", right)
        bench.stock(COUNT)
        assert bench.run().state is JobState.DONE, bench.explained()
        assert bench.copies() == bench.originals()
        yield bench
    database.close()


def writes(bench: FolderBench) -> list[tuple[str, bytes]]:
    """Return every write the server has seen, by method and body."""
    return [(one.method, one.body) for one in bench.target.requests if one.method in {"PUT", "DELETE"}]


JUNK: dict[str, bytes] = {
    "no bytes": b"",
    "one line end": b"\r\n",
    "blanks": b"   \n\n\t  ",
    "zeros, as after a power cut": b"\x00" * len(WHOLE),
    "zeros behind the beginning": WHOLE[:60] + b"\x00" * 200,
    "a web page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "a contact": card("work-3"),
    "a swap file's mark": b"b0VIM 8.2\x00\x00",
    "merge marks": WHOLE.replace(b"SUMMARY", b"<<<<<<< HEAD\r\nSUMMARY").replace(b"END:VEVENT", b">>>>>>>\r\n", 1),
    "no end of the calendar": WHOLE.replace(b"END:VCALENDAR\r\n", b""),
    "no end of the event": WHOLE.replace(b"END:VEVENT\r\n", b""),
    "an empty calendar": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n",
    "only a zone": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n",
    **{f"cut at {at}": WHOLE[:at] for at in CUTS},
    "text": b"see you at ten\n",
    "utf-16": WHOLE.decode().encode("utf-16"),
    "random bytes": bytes(range(256)),
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_dav_35_junk_neither_replaces_nor_removes_the_copy(bench: FolderBench, junk: bytes) -> None:
    before = bench.copies()["work-3"]
    bench.write("003", junk)
    bench.write("005", event("work-5", "changed"))
    done = len(writes(bench))
    for _ in range(2):
        job = bench.run()
        assert code_for(job) is Exit.SOME_NOT_COPIED
        assert bench.explained()
    assert bench.copies()["work-3"] == before
    assert b"changed" in bench.copies()["work-5"]
    assert [method for method, _ in writes(bench)[done:]] == ["PUT"], "the one good change and nothing else"
    bench.write("003", event("work-3", "mended"))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_dav_35_junk_that_is_new_is_never_written(bench: FolderBench, junk: bytes) -> None:
    done = len(writes(bench))
    bench.write("new", junk)
    assert code_for(bench.run()) is Exit.SOME_NOT_COPIED
    assert "new.ics" in {getattr(one, "item", "") for one in bench.events}
    assert writes(bench)[done:] == []
    assert len(bench.copies()) == COUNT
    bench.check_books()


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_link(path: Path) -> None:
    path.rename(path.with_suffix(".elsewhere"))
    path.symlink_to(path.with_suffix(".elsewhere"))


def as_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nonexistent/target.ics")


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


SHAPES = [as_folder, as_link, as_dangling_link, as_pipe]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_dav_35_what_is_no_file_is_no_deletion(bench: FolderBench, shape: Callable[[Path], None]) -> None:
    shape(bench.path("003"))
    bench.write("005", event("work-5", "changed"))
    for _ in range(2):
        assert code_for(bench.run()) is Exit.SOME_NOT_COPIED
        assert bench.explained()
    assert "work-3" in bench.copies()
    assert b"changed" in bench.copies()["work-5"]
    assert "DELETE" not in [method for method, _ in writes(bench)]


def emptied(root: Path) -> None:
    for path in (root / "work").glob("*.ics"):
        path.unlink()


def removed(root: Path) -> None:
    shutil.rmtree(root / "work")


def unmounted(root: Path) -> None:
    shutil.rmtree(root)
    root.mkdir()


def vanished(root: Path) -> None:
    shutil.rmtree(root)


def renamed(root: Path) -> None:
    (root / "work").rename(root / ".work")


def a_file(root: Path) -> None:
    shutil.rmtree(root)
    root.write_text("not a folder any more")


ACCIDENTS = [emptied, removed, unmounted, vanished, renamed, a_file]


@pytest.mark.parametrize("accident", ACCIDENTS, ids=lambda accident: accident.__name__)
def test_dav_35_a_folder_that_is_not_there_deletes_nothing(
    bench: FolderBench, accident: Callable[[Path], None]
) -> None:
    saved = bench.folder.with_name("saved")
    shutil.copytree(bench.folder, saved)
    before = bench.copies()
    accident(bench.folder)
    ends = set()
    for _ in range(3):
        ends.add(code_for(bench.run()))
        assert bench.copies() == before
    assert "DELETE" not in [method for method, _ in writes(bench)]
    assert ends <= {Exit.SAFETY_STOP, Exit.USAGE, Exit.SOME_NOT_COPIED, Exit.DONE}
    if bench.folder.is_dir():
        shutil.rmtree(bench.folder)
    else:
        bench.folder.unlink(missing_ok=True)
    shutil.copytree(saved, bench.folder)
    bench.write("005", event("work-5", "changed"))
    bench.run()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


@pytest.mark.parametrize("accident", [emptied, removed, unmounted, vanished, a_file], ids=lambda one: one.__name__)
def test_dav_35_the_first_run_after_such_an_accident_is_not_called_done(
    bench: FolderBench, accident: Callable[[Path], None]
) -> None:
    accident(bench.folder)
    job = bench.run()
    assert code_for(job) is not Exit.DONE
    assert bench.explained() or job.problem


@pytest.mark.parametrize("left", [1, 4, COUNT - 11])
def test_most_files_gone_stops_and_asks(bench: FolderBench, left: int) -> None:
    before = bench.copies()
    for number in range(left, COUNT):
        bench.path(f"{number:03}").unlink()
    for _ in range(2):
        assert code_for(bench.run()) is Exit.SAFETY_STOP
        assert bench.copies() == before
    job = bench.run(allow_deletions=True)
    assert job.state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()


@pytest.mark.parametrize("gone", [1, 4, 10])
def test_a_few_files_deleted_on_purpose_are_deleted(bench: FolderBench, gone: int) -> None:
    for number in range(gone):
        bench.path(f"{number:03}").unlink()
    assert code_for(bench.run()) is Exit.DONE
    assert bench.copies() == bench.originals()
    assert sum(method == "DELETE" for method, _ in writes(bench)) == gone
    bench.check_books()


def test_dav_35_a_renamed_file_is_one_item(bench: FolderBench) -> None:
    bench.target.faults.switch("uid-conflict", 409)
    bench.path("003").rename(bench.path("another"))
    bench.run()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    assert len(bench.copies()) == COUNT
    bench.check_books()


def test_dav_35_two_files_with_one_uid_are_both_kept_or_said(bench: FolderBench) -> None:
    bench.target.faults.switch("uid-conflict", 409)
    before = bench.copies()["work-3"]
    bench.write("twin", event("work-3", "the twin"))
    for _ in range(2):
        assert code_for(bench.run()) is Exit.SOME_NOT_COPIED
        assert "uid-exists" in bench.explained()
    assert bench.copies()["work-3"] == before
    bench.path("twin").unlink()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies()["work-3"] == before


def test_dav_35_an_edit_of_the_same_size_and_time_is_seen_by_its_new_file(bench: FolderBench) -> None:
    """Editors write beside and rename; some tools then set the old time again."""
    path = bench.path("003")
    stamp, beside = path.stat().st_mtime_ns, path.with_suffix(".new")
    beside.write_bytes(event("work-3", "Tee"))
    os.utime(beside, ns=(stamp, stamp))
    beside.replace(path)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert b"SUMMARY:Tee" in bench.copies()["work-3"]


def test_dav_35_two_edits_within_one_second_are_both_seen(bench: FolderBench) -> None:
    for word in ("one", "two", "six"):
        bench.path("003").write_bytes(event("work-3", word))
        assert bench.run().state is JobState.DONE, bench.explained()
        assert word.encode() in bench.copies()["work-3"]


@pytest.mark.parametrize("year", [1971, 2099])
def test_dav_35_a_clock_that_jumped_loses_no_edit(bench: FolderBench, year: int) -> None:
    path = bench.path("003")
    path.write_bytes(event("work-3", "from another time"))
    stamp = (year - 1970) * 31_556_952 * 1_000_000_000
    os.utime(path, ns=(stamp, stamp))
    assert bench.run().state is JobState.DONE, bench.explained()
    assert b"from another time" in bench.copies()["work-3"]
    path.write_bytes(event("work-3", "and back again"))
    age(path)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert b"and back again" in bench.copies()["work-3"]


def test_temporary_files_of_others_are_no_items(bench: FolderBench) -> None:
    for name in (".003.ics.swp", "003.ics~", "003.ics.tmp", ".tmp-x.ics", "#003.ics#", "Thumbs.db", ".DS_Store"):
        (bench.folder / "work" / name).write_bytes(b"half of something")
    done = len(writes(bench))
    assert code_for(bench.run()) in {Exit.DONE, Exit.SOME_NOT_COPIED}
    assert writes(bench)[done:] == []
    assert len(bench.copies()) == COUNT
