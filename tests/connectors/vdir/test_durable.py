"""The order in which things reach the disk: bytes, then names, then receipts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Collection, Item, ItemRef, Kind, Put, Result
from connectors.vdir import durable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.connectors.vdir.behind import VdirBackstage

WISH = Collection("/far/home/", Kind.EVENT, "Home", slug="home")
WATCHED = ("write", "link", "rename", "fsync", "unlink")


def puts(*keys: str, body: bytes = b"x", target: ItemRef | None = None) -> list[Put]:
    return [Put(key, Item(ItemRef(key), "text/calendar", body, key), target) for key in keys]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each call that changes the disk, in order."""
    steps: list[str] = []

    def noting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            steps.append(name)
            return real(*args, **options)

        return call

    for name in WATCHED:
        monkeypatch.setattr(os, name, noting(name, getattr(os, name)))
    monkeypatch.setattr(durable, "flush", noting("flush", durable.flush))
    return steps


def test_a_batch_costs_one_flush_and_one_sync_of_the_folder(backstage: VdirBackstage, steps: list[str]) -> None:
    place = backstage.connect()
    home = place.ensure(WISH, None)
    steps.clear()
    steps += (receipt.result for receipt in place.put(home, puts("a", "b", "c")))
    assert steps == [*["write"] * 3, "flush", *_named(3), "fsync", *[Result.CREATED] * 3]


def _named(count: int) -> Iterator[str]:
    """Yield the calls that give *count* files their names, and then take the hidden ones away."""
    yield from ["link"] * count
    yield from ["unlink"] * count


def test_an_update_keeps_the_old_bytes_before_the_new_ones_take_their_place(
    backstage: VdirBackstage, steps: list[str]
) -> None:
    place = backstage.connect()
    home = place.ensure(WISH, None)
    (created,) = place.put(home, puts("a"))
    steps.clear()
    (receipt,) = place.put(home, puts("a", body=b"y", target=created.target))
    steps.append(receipt.result)
    steps = [step for step in steps if step != "unlink"]
    synced = steps.count("fsync")
    assert steps == ["write", "flush", "link", "rename", *["fsync"] * synced, Result.UPDATED]
    assert synced >= 2  # the folder, and the versions


def test_nothing_to_write_costs_no_flush(backstage: VdirBackstage, steps: list[str]) -> None:
    place = backstage.connect()
    home = place.ensure(WISH, None)
    list(place.put(home, puts("a", "b")))
    steps.clear()
    again = backstage.connect()
    assert [receipt.result for receipt in again.put(home, puts("a", "b"))] == [Result.UNCHANGED] * 2
    assert steps == ["fsync"]


def test_ensure_writes_only_what_differs(backstage: VdirBackstage, steps: list[str]) -> None:
    backstage.connect().ensure(WISH, None)
    steps.clear()
    backstage.connect().ensure(WISH, None)
    assert steps == []


def test_without_syncfs_each_file_is_synced(
    backstage: VdirBackstage, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_syncfs", lambda: None)
    place = backstage.connect()
    home = place.ensure(WISH, None)
    steps.clear()
    list(place.put(home, puts("a", "b", "c")))
    assert steps.index("fsync") < steps.index("link")
    assert steps.count("fsync") == 4


def test_a_failed_sync_is_no_success(top: Path) -> None:
    handle = os.open(top, os.O_RDONLY)
    os.close(handle)
    with pytest.raises(OSError, match="Bad file descriptor"):
        durable.flush(handle, ["gone"])


def test_write_new_never_follows_or_replaces(top: Path) -> None:
    (top / "there").write_bytes(b"theirs")
    (top / "link").symlink_to(top / "new")
    handle = os.open(top, os.O_RDONLY)
    try:
        for name in ("there", "link"):
            with pytest.raises(FileExistsError):
                durable.write_new(name, b"ours", handle)
    finally:
        os.close(handle)
    assert (top / "there").read_bytes() == b"theirs"
    assert not (top / "new").exists()


def test_replace_leaves_the_old_file_when_it_fails(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (top / "color").write_bytes(b"#FF0000")
    handle = os.open(top, os.O_RDONLY)

    def failing(_handle: int, _files: list[str]) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(durable, "flush", failing)
    try:
        with pytest.raises(OSError, match="input/output"):
            durable.replace("color", b"#00FF00", handle, ".x.tmp")
    finally:
        os.close(handle)
    assert {path.name: path.read_bytes() for path in top.iterdir()} == {"color": b"#FF0000"}
