"""Previous versions: found, brought back, and let go."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from connectors.base import Collection, Context, Endpoint, Item, ItemRef, Kind, Put
from connectors.errors import ConfigError
from connectors.testing import context
from connectors.vdir import versions
from connectors.vdir.place import Vdir
from connectors.vdir.versions import Version, expire, history, restore

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Diary:
    """A backup whose clock a test sets: writes texts under names, one hour apart."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.hour = 0
        ctx = context()
        clock = Context(http=None, stop=ctx.stop, clock=self.now, log=ctx.log, learned={})
        self.place = Vdir(Endpoint("vdir", root=str(root)), clock)
        self.refs: dict[tuple[str, str], ItemRef] = {}

    def now(self) -> float:
        return (START + timedelta(hours=self.hour)).timestamp()

    def home(self, name: str) -> Collection:
        return self.place.ensure(Collection(f"/{name}/", Kind.EVENT, name, slug=name), None)

    def write(self, text: str, *, item: str = "a", home: str = "home") -> None:
        self.hour += 1
        target = self.refs.get((home, item))
        put = Put(item, Item(ItemRef(item), "text/calendar", text.encode(), item), target)
        (receipt,) = self.place.put(self.home(home), [put])
        assert receipt.target is not None
        self.refs[home, item] = receipt.target

    def remove(self, *, item: str = "a", home: str = "home") -> None:
        self.hour += 1
        list(self.place.remove(self.home(home), [self.refs.pop((home, item))]))


@pytest.fixture
def diary(top: Path) -> Diary:
    return Diary(top / "root")


def texts(root: Path, collection: str | None = None, item: str | None = None) -> list[str]:
    return [version.path.read_text() for version in history(root, collection, item)]


def test_nothing_kept_is_an_empty_history(top: Path) -> None:
    assert list(history(top / "nowhere")) == []
    assert list(history(top)) == []


def test_versions_come_newest_first_with_their_reason(diary: Diary) -> None:
    diary.write("one")
    diary.write("two")
    diary.write("three")
    diary.remove()
    found = list(history(diary.root))
    assert [(v.why, v.when, v.size) for v in found] == [
        ("removed", START + timedelta(hours=4), 5),
        ("replaced", START + timedelta(hours=3), 3),
        ("replaced", START + timedelta(hours=2), 3),
    ]
    assert texts(diary.root) == ["three", "two", "one"]
    assert {(v.collection, v.item) for v in found} == {("home", "a.ics")}


def test_a_version_is_a_plain_file_anyone_can_read(diary: Diary) -> None:
    diary.write("one")
    diary.write("two")
    path = diary.root / ".wherry" / "versions" / "home" / "a.ics" / "20260301T140000.000000Z-replaced.ics"
    assert path.read_text() == "one"


def test_history_can_be_narrowed(diary: Diary) -> None:
    for home in ("home", "work"):
        for item in ("a", "b"):
            diary.write(f"{home} {item} 1", item=item, home=home)
            diary.write(f"{home} {item} 2", item=item, home=home)
    assert texts(diary.root) == ["home a 1", "home b 1", "work a 1", "work b 1"]
    assert texts(diary.root, "work") == ["work a 1", "work b 1"]
    assert texts(diary.root, "work", "b.ics") == ["work b 1"]
    assert texts(diary.root, None, "b.ics") == ["home b 1", "work b 1"]
    assert texts(diary.root, "no") == []


def test_two_versions_of_one_moment_are_both_kept(diary: Diary) -> None:
    diary.write("one")
    for text in ("two", "three", "four"):
        diary.hour -= 1
        diary.write(text)
    found = list(history(diary.root))
    assert [version.path.read_text() for version in found] == ["three", "two", "one"]
    assert len({version.when for version in found}) == 3


def test_strange_files_among_the_versions_are_passed_over(diary: Diary) -> None:
    diary.write("one")
    diary.write("two")
    home = diary.root / ".wherry" / "versions" / "home" / "a.ics"
    for name in ("notes.txt", "20260301T140000.000000Z-borrowed.ics", "-replaced.ics"):
        (home / name).write_text("x")
    (diary.root / ".wherry" / "versions" / "stray.ics").write_text("x")
    assert texts(diary.root) == ["one"]


def test_restoring_brings_back_the_bytes_and_keeps_the_present_ones(diary: Diary) -> None:
    diary.write("one")
    diary.write("two")
    (version,) = history(diary.root)
    path = restore(diary.root, version)
    assert path == diary.root / "home" / "a.ics"
    assert path.read_text() == "one"
    assert sorted(texts(diary.root)) == ["one", "two"]
    assert path.stat().st_ino != version.path.stat().st_ino, "an editor must not reach the version through the file"


def test_restoring_a_removed_item(diary: Diary) -> None:
    diary.write("one")
    diary.remove()
    (version,) = history(diary.root)
    assert restore(str(diary.root), version).read_text() == "one"
    assert texts(diary.root) == ["one"]


def test_restoring_into_a_collection_that_is_gone(diary: Diary) -> None:
    diary.write("one")
    diary.remove()
    for path in (diary.root / "home").iterdir():
        path.unlink()
    (diary.root / "home").rmdir()
    (version,) = history(diary.root)
    assert restore(diary.root, version).read_text() == "one"


def test_a_restored_item_is_seen_as_changed(diary: Diary) -> None:
    diary.write("one")
    diary.write("two")
    before = next(diary.place.inventory(diary.home("home"))).revision
    restore(diary.root, next(history(diary.root)))
    assert next(diary.place.inventory(diary.home("home"))).revision != before


def test_a_root_that_is_a_collection_has_versions_too(top: Path) -> None:
    (top / "a.ics").write_text("one")
    place = Vdir(Endpoint("vdir", root=str(top)), context())
    (home,) = place.collections()
    list(place.remove(home, list(place.inventory(home))))
    (version,) = history(top)
    assert (version.collection, version.item) == (".", "a.ics")
    assert restore(top, version) == top / "a.ics"
    assert (top / "a.ics").read_text() == "one"


@pytest.mark.parametrize(
    ("collection", "item", "path"),
    [
        ("home", "a.ics", "/etc/hostname"),
        ("../..", "a.ics", None),
        ("home", "../../../evil.ics", None),
        ("home", ".hidden.ics", None),
        ("other", "a.ics", None),
        ("home", "a.ics", "missing"),
    ],
)
def test_a_version_that_is_not_one_of_ours_is_refused(
    diary: Diary, collection: str, item: str, path: str | None
) -> None:
    diary.write("one")
    diary.write("two")
    (real,) = history(diary.root)
    where = real.path if path is None else real.path.parent / path
    forged = Version(collection, item, real.when, real.why, real.size, where)
    with pytest.raises((ConfigError, OSError)):
        restore(diary.root, forged)
    assert (diary.root / "home" / "a.ics").read_text() == "two"


@pytest.mark.parametrize(("hours", "left"), [(0, 3), (2, 3), (3, 2), (4, 1), (5, 0)])
def test_expiring_deletes_what_is_older(diary: Diary, hours: int, left: int) -> None:
    diary.write("one")
    diary.write("two")
    diary.write("three")
    diary.remove()
    assert expire(diary.root, START + timedelta(hours=hours)) == 3 - left
    assert len(texts(diary.root)) == left


def test_expiring_everything_leaves_no_empty_folders(diary: Diary) -> None:
    diary.write("one")
    diary.remove()
    diary.write("here")
    expire(diary.root, datetime.now(UTC) + timedelta(days=36500))
    assert list((diary.root / ".wherry" / "versions").iterdir()) == []
    assert (diary.root / "home" / "a.ics").read_text() == "here"


def test_collections_folder_and_history_do_not_mix(diary: Diary) -> None:
    diary.write("one")
    diary.remove()
    assert [collection.id for collection in diary.place.collections()] == ["home"]
    assert list(diary.place.inventory(diary.home("home"))) == []


def test_keeping_what_is_no_item_is_an_error(top: Path) -> None:
    handle = os.open(top, os.O_RDONLY)
    try:
        for collection, item in (("..", "a.ics"), ("home", "../a.ics"), ("home", ""), ("a/b", "a.ics")):
            with pytest.raises(OSError, match="no name of an item"):
                versions.keep(str(top), collection, item, folder=handle, why="removed", now=0)
    finally:
        os.close(handle)
    assert list(top.iterdir()) == []
