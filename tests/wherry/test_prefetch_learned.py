"""What is done early and what is remembered: helpful when it works, and never in the way when it does not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Account, Collection, Failed, Item, ItemRef, Kind, Manifest, Place
from connectors.errors import ConfigError, Transient
from wherry.learned import KEPT, keep_learned, read_learned
from wherry.narrowing import choose
from wherry.prefetch import Prefetch

WORK = Collection("id-1", Kind.EVENT, "Work", slug="work")


class Shelf:
    """A place that can be held up before it is open and while it lists, and counts how often it is closed."""

    manifest: ClassVar[Manifest] = Manifest("shelf", "Shelf", reads=frozenset(Kind))

    def __init__(self, *, gate: threading.Event | None = None) -> None:
        self.closed = 0
        self.gate = gate
        self.listing = threading.Event()

    def check(self) -> Account:
        return Account("me")

    def collections(self) -> Iterator[Collection]:
        self.listing.set()
        if self.gate is not None:
            assert self.gate.wait(20)
        yield WORK

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        yield from (Item(ref, "text/calendar", collection.id.encode()) for ref in refs)

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        yield ItemRef(collection.id)

    def close(self) -> None:
        self.closed += 1


def until(ready: Callable[[], bool], *, limit: float = 20.0) -> bool:
    """Wait until *ready* says yes."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.005)
    return False


def test_an_error_does_not_wait_for_a_server_that_does_not_answer() -> None:
    gate = threading.Event()
    shelf = Shelf(gate=gate)
    early = Prefetch(lambda: shelf)
    assert shelf.listing.wait(20)
    early.close(patience=0.01)
    assert not gate.is_set()
    gate.set()
    assert until(lambda: shelf.closed == 1)
    early.close()
    assert shelf.closed == 1


def test_a_place_that_opens_after_all_is_closed_after_all() -> None:
    gate, shelf = threading.Event(), Shelf()

    def open_late() -> Place:
        assert gate.wait(20)
        return shelf

    early = Prefetch(open_late)
    early.close(patience=0.01)
    assert shelf.closed == 0
    gate.set()
    assert until(lambda: shelf.closed == 1)


def test_a_place_that_fails_late_leaves_nothing_to_close() -> None:
    gate = threading.Event()

    def fail_late() -> Place:
        assert gate.wait(20)
        raise Transient("down")

    early = Prefetch(fail_late)
    early.close(patience=0.01)
    gate.set()
    assert early.take() is None


def test_many_closings_close_once() -> None:
    for _ in range(30):
        shelf = Shelf()
        early = Prefetch(lambda shelf=shelf: shelf)  # type: ignore[misc]  # bound now, not at the call
        threads = [threading.Thread(target=early.close) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert shelf.closed == 1


def test_who_takes_it_has_it_and_closes_it() -> None:
    shelf = Shelf()
    early = Prefetch(lambda: shelf)
    taken = early.take()
    early.close()
    assert taken is not None
    assert taken[0] is shelf
    assert taken[1] == [WORK]
    assert shelf.closed == 0
    assert early.take() is None


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b"{" * 100_000,
        b'{"dav:a": null}',
        b'{"dav:a": [1, 2]}',
        b'{"dav:a": "text"}',
        b'{"dav:a": {"x": null, "y": 3, "z": ["w"]}}',
        b"NaN",
        b"1e999",
        b"\xef\xbb\xbf{}",
        b"{}trailing",
        b'{"dav:a"',
        b"\0" * 1000,
        b'"\\ud800"',
        b"null",
    ],
)
def test_a_foreign_or_damaged_memory_is_no_memory_and_is_made_good(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "learned.json"
    file.write_bytes(content)
    assert read_learned(file, "dav:a") == {}
    keep_learned(file, "dav:a", {"home": "/a/"})
    assert read_learned(file, "dav:a") == {"home": "/a/"}


def test_what_is_of_the_right_kind_is_kept_beside_what_is_not(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    file.write_text('{"dav:a": {"good": "x", "bad": 3}, "dav:b": 7}')
    assert read_learned(file, "dav:a") == {"good": "x"}
    assert read_learned(file, "dav:b") == {}
    keep_learned(file, "dav:c", {"z": "1"})
    assert read_learned(file, "dav:a") == {"good": "x"}


texts = st.text(max_size=12)


@given(st.lists(st.tuples(texts, st.dictionaries(texts, texts, max_size=3)), max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_word_about_each_place_is_remembered(tmp_path: Path, said: list[tuple[str, dict[str, str]]]) -> None:
    file = tmp_path / "learned.json"
    file.unlink(missing_ok=True)
    for place, learned in said:
        keep_learned(file, place, learned)
    for place, learned in dict(said).items():
        assert read_learned(file, place) == learned


def test_what_is_known_already_is_not_written_again(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    keep_learned(file, "dav:a", {"home": "/a/"})
    before = file.stat().st_ino
    keep_learned(file, "dav:a", {"home": "/a/"})
    assert file.stat().st_ino == before
    keep_learned(file, "dav:a", {"home": "/b/"})
    assert file.stat().st_ino != before


def test_the_oldest_is_forgotten_and_what_changes_is_young_again(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    for number in range(KEPT):
        keep_learned(file, f"dav:{number}", {"n": "1"})
    keep_learned(file, "dav:0", {"n": "2"})
    keep_learned(file, "dav:new", {"n": "1"})
    assert read_learned(file, "dav:1") == {}
    assert read_learned(file, "dav:0") == {"n": "2"}
    assert len(json.loads(file.read_bytes())) == KEPT


@pytest.mark.parametrize("obstacle", ["folder", "file above", "link to itself", "proc"])
def test_where_nothing_can_be_written_nothing_is_raised(tmp_path: Path, obstacle: str) -> None:
    file = tmp_path / "learned.json"
    if obstacle == "folder":
        file.mkdir()
    elif obstacle == "link to itself":
        file.symlink_to(file)
    elif obstacle == "file above":
        (tmp_path / "above").write_bytes(b"")
        file = tmp_path / "above" / "learned.json"
    else:
        file = Path("/proc/wherry/learned.json")
    keep_learned(file, "dav:a", {"x": "y"})
    assert read_learned(file, "dav:a") in ({}, {"x": "y"})
    assert not list(tmp_path.glob(".*.tmp"))


def test_the_memory_is_private(tmp_path: Path) -> None:
    file = tmp_path / "state" / "learned.json"
    keep_learned(file, "dav:a", {"home": "/principals/ana/"})
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def shelf(number: int, name: str = "", slug: str = "") -> Collection:
    return Collection(f"id-{number}", Kind.EVENT, name, slug=slug or f"slug-{number}")


NAMED = [shelf(1, "Work", "work"), shelf(2, "Work", "work-2"), shelf(3, "", "plain"), shelf(4, "Ünïcödé", "unicode")]


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        ({"Work"}, ["id-1", "id-2"]),
        ({"work"}, ["id-1"]),
        ({"work-2"}, ["id-2"]),
        ({"plain"}, ["id-3"]),
        ({"id-3"}, ["id-3"]),
        ({"Ünïcödé"}, ["id-4"]),
        ({"Work", "plain"}, ["id-1", "id-2", "id-3"]),
        ({"id-4", "Ünïcödé", "unicode"}, ["id-4"]),
    ],
)
def test_names_choose_by_id_slug_and_name(names: set[str], ids: list[str]) -> None:
    assert [found.id for found in choose(NAMED, frozenset(names))] == ids


@pytest.mark.parametrize(
    ("name", "advice"),
    [("Wrok", "Did you mean 'Work'?"), ("zzz", "Known: "), ("WORK", "Did you mean 'Work'?"), ("Unicode!", "")],
)
def test_a_name_left_over_is_told_after_what_was_found(name: str, advice: str) -> None:
    found = choose(NAMED, frozenset({"plain", name}))
    assert next(found).id == "id-3"
    with pytest.raises(ConfigError) as caught:
        next(found)
    assert f"'{name}'" in str(caught.value)
    assert advice in str(caught.value)


def test_without_collections_every_name_is_left_over() -> None:
    with pytest.raises(ConfigError, match="there is no collection called 'a'"):
        list(choose([], frozenset({"b", "a"})))
    assert list(choose([], frozenset())) == []


def test_collections_are_passed_on_as_they_come() -> None:
    asked: list[str] = []

    def slow() -> Iterator[Collection]:
        for found in NAMED:
            asked.append(found.id)
            yield found

    chosen = choose(slow(), frozenset())
    assert asked == []
    next(chosen)
    assert asked == ["id-1"]
