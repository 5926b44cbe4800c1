"""Folders of very many files: what is held for a listing is its names, and little more."""

from __future__ import annotations

import os
import threading
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from connectors.base import ItemRef
from tests.connectors.vdir.behind import VdirBackstage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANY = 10_000
NAME = "0e5b1c9a-7d52-4c39-8a2e-{:012}.ics"
MOST = 130
"""Bytes a name of 40 letters may take while it is listed: six MiB for fifty thousand."""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root with one calendar of ten thousand files. Links to one file are cheap, and files to us."""
    root = tmp_path_factory.mktemp("crowd")
    work = root / "work"
    work.mkdir()
    (work / NAME.format(0)).write_bytes(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    os.utime(work / NAME.format(0), (1_700_000_000, 1_700_000_000))
    first = str(work / NAME.format(0))
    for number in range(1, MANY):
        os.link(first, work / NAME.format(number))
    return root


def test_a_listing_holds_little_more_than_the_names(crowd: Path) -> None:
    place = VdirBackstage(crowd).connect()
    (collection,) = place.collections()
    tracemalloc.start()
    try:
        count = sum(len(page.changes) for page in place.changes(collection, None))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == MANY
    assert peak / MANY < MOST


def test_pages_stay_small_and_cover_everything_once(crowd: Path) -> None:
    place = VdirBackstage(crowd).connect()
    (collection,) = place.collections()
    last = ""
    count = 0
    for page in place.changes(collection, None):
        ids = [change.ref.id for change in page.changes]
        assert len(ids) <= 200
        assert not ids or ids[0] > last
        assert ids == sorted(ids)
        last, count = ids[-1], count + len(ids)
        assert page.total == MANY
    assert count == MANY
    assert page.last
    assert page.complete


def test_an_inventory_names_each_once(crowd: Path) -> None:
    place = VdirBackstage(crowd).connect()
    (collection,) = place.collections()
    assert sum(isinstance(ref, ItemRef) for ref in place.inventory(collection)) == MANY


@pytest.fixture
def shuffling(tmp_path: Path) -> Iterator[Path]:
    """Return a root whose files are renamed to and fro all the time by somebody else."""
    work = tmp_path / "root" / "work"
    work.mkdir(parents=True)
    for number in range(400):
        (work / f"{number:04}.ics").write_bytes(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    over = threading.Event()

    def shuffle() -> None:
        number = 0
        while not over.is_set():
            number = (number + 7) % 200
            (work / f"{number:04}.ics").rename(work / f"z{number:04}.ics")
            (work / f"z{number:04}.ics").rename(work / f"{number:04}.ics")

    thread = threading.Thread(target=shuffle)
    thread.start()
    yield work.parent
    over.set()
    thread.join()


def test_while_files_are_renamed_none_is_named_twice_and_none_that_stood_still_is_missed(shuffling: Path) -> None:
    place = VdirBackstage(shuffling).connect()
    (collection,) = place.collections()
    quiet = {f"{number:04}.ics" for number in range(200, 400)}
    for _ in range(5):
        pages = list(place.changes(collection, None))
        ids = [change.ref.id for page in pages for change in page.changes]
        assert len(ids) == len(set(ids))
        assert quiet <= set(ids)
