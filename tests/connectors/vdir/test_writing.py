"""Writing: exact bytes, nothing unseen replaced, previous bytes kept."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from connectors import specimens
from connectors.base import Collection, Item, ItemRef, Kind, Put, Receipt, Result
from connectors.errors import CollectionGone, Conflict, DestinationFull, ItemRejected, ReadOnly
from connectors.vdir import durable
from connectors.vdir.names import digest_stem
from connectors.vdir.versions import history

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connectors.vdir.place import Vdir
    from tests.connectors.vdir.behind import VdirBackstage

WISH = Collection("/far/home/", Kind.EVENT, "Home", slug="home")


def given(key: str, body: bytes = b"body", *, name: str | None = None, target: ItemRef | None = None) -> Put:
    return Put(key, Item(ItemRef(key), "text/calendar", body, key if name is None else name), target)


@pytest.fixture
def opened(backstage: VdirBackstage) -> tuple[Vdir, Collection, Path]:
    """Return a place, a collection made in it, and its folder."""
    place = backstage.connect()
    return place, place.ensure(WISH, None), backstage.root / "home"


def one(place: Vdir, home: Collection, put: Put) -> Receipt:
    (receipt,) = place.put(home, [put])
    return receipt


def made(place: Vdir, home: Collection, put: Put) -> ItemRef:
    receipt = one(place, home, put)
    assert receipt.target is not None
    return receipt.target


def conflict(receipt: Receipt) -> Conflict:
    assert receipt.result is Result.FAILED
    assert isinstance(receipt.error, Conflict)
    return receipt.error


@pytest.mark.parametrize("body", [b"", b"x", b"\0\xff\r\n\r", specimens.event("u"), b"z" * 3_000_001])
def test_bytes_are_stored_exactly(opened: tuple[Vdir, Collection, Path], body: bytes) -> None:
    place, home, folder = opened
    receipt = one(place, home, given("a", body))
    assert receipt.stored is None
    assert receipt.target is not None
    assert receipt.target.size == len(body)
    assert (folder / "a.ics").read_bytes() == body


def test_files_and_folders_are_for_their_owner_only(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    made(place, home, given("a"))
    assert (folder / "a.ics").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_short_write_is_carried_on(opened: tuple[Vdir, Collection, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    place, home, folder = opened
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:7]))
    assert one(place, home, given("a", b"0123456789" * 5)).result is Result.CREATED
    assert (folder / "a.ics").read_bytes() == b"0123456789" * 5


def test_receipt_and_inventory_agree_on_the_revision(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, _ = opened
    refs = [made(place, home, given(key)) for key in "abc"]
    assert list(place.inventory(home)) == refs


def test_the_name_is_the_items_own_when_harmless(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, _ = opened
    assert made(place, home, given("k", name="uid@example.org")).id == "uid@example.org.ics"
    assert made(place, home, given("k2", name="../x")).id == digest_stem("k2") + ".ics"


def test_two_items_of_one_name_in_different_runs_do_not_share_a_file(
    backstage: VdirBackstage, opened: tuple[Vdir, Collection, Path]
) -> None:
    place, home, folder = opened
    first = made(place, home, given("key-1", b"same bytes", name="twin"))
    later = backstage.connect()
    second = one(later, home, given("key-2", b"same bytes", name="twin"))
    if not os.listxattr(folder / first.id):  # a file system that cannot note whose item it is
        assert second.result is Result.UNCHANGED
        return
    assert second.result is Result.CREATED
    assert second.target is not None
    assert second.target.id == digest_stem("key-2") + ".ics"
    assert one(backstage.connect(), home, given("key-2", b"same bytes", name="twin")).result is Result.UNCHANGED


def test_a_file_system_without_extended_attributes_is_written_too(
    opened: tuple[Vdir, Collection, Path], monkeypatch: pytest.MonkeyPatch, backstage: VdirBackstage
) -> None:
    place, home, folder = opened
    failing(monkeypatch, "setxattr", 1, errno.EOPNOTSUPP)
    ref = made(place, home, given("a"))
    assert os.listxattr(folder / ref.id) == []
    assert one(backstage.connect(), home, given("a")).result is Result.UNCHANGED


def test_a_file_somebody_else_made_with_the_same_bytes_is_taken_over(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    (folder / "a.ics").write_bytes(b"body")
    receipt = one(place, home, given("a"))
    assert (receipt.result, receipt.target and receipt.target.id) == (Result.UNCHANGED, "a.ics")


def test_a_file_somebody_else_made_is_never_replaced(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    (folder / "a.ics").write_bytes(b"theirs")
    error = conflict(one(place, home, given("a")))
    assert (error.current, error.stored) == ("a.ics", b"theirs")
    assert error.revision == next(place.inventory(home)).revision
    assert (folder / "a.ics").read_bytes() == b"theirs"


@pytest.mark.parametrize("theirs", [b"theirs", b"body"])
def test_a_file_made_between_staging_and_naming_is_never_replaced(
    opened: tuple[Vdir, Collection, Path], monkeypatch: pytest.MonkeyPatch, theirs: bytes
) -> None:
    place, home, folder = opened
    real = durable.flush

    def slow(handle: int, files: list[str]) -> None:
        (folder / "a.ics").write_bytes(theirs)
        real(handle, files)

    monkeypatch.setattr(durable, "flush", slow)
    receipt = one(place, home, given("a"))
    if theirs == b"body":
        assert receipt.result is Result.UNCHANGED
    else:
        assert conflict(receipt).stored == theirs
    assert (folder / "a.ics").read_bytes() == theirs
    assert list(folder.glob(".*.tmp")) == []


def test_a_target_edited_between_staging_and_naming_is_spared(
    opened: tuple[Vdir, Collection, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, home, folder = opened
    ref = made(place, home, given("a"))
    monkeypatch.setattr(durable, "flush", lambda _handle, _files: (folder / "a.ics").write_bytes(b"edited"))
    error = conflict(one(place, home, given("a", b"new", target=ref)))
    assert error.stored == b"edited"
    assert (folder / "a.ics").read_bytes() == b"edited"


def test_an_update_keeps_what_was_there(backstage: VdirBackstage, opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    ref = made(place, home, given("a", b"one"))
    ref = made(place, home, given("a", b"two", target=ref))
    made(place, home, given("a", b"three", target=ref))
    assert (folder / "a.ics").read_bytes() == b"three"
    kept = list(history(backstage.root))
    assert [(version.why, version.path.read_bytes()) for version in kept] == [
        ("replaced", b"two"),
        ("replaced", b"one"),
    ]


def test_an_update_without_a_revision_replaces_and_keeps(
    backstage: VdirBackstage, opened: tuple[Vdir, Collection, Path]
) -> None:
    place, home, folder = opened
    (folder / "a.ics").write_bytes(b"theirs")
    receipt = one(place, home, given("a", b"ours", target=ItemRef("a.ics")))
    assert receipt.result is Result.UPDATED
    assert [version.path.read_bytes() for version in history(backstage.root)] == [b"theirs"]


def test_an_update_to_the_same_bytes_leaves_no_version(
    backstage: VdirBackstage, opened: tuple[Vdir, Collection, Path]
) -> None:
    place, home, _ = opened
    ref = made(place, home, given("a"))
    assert one(place, home, given("a", target=ref)).result is Result.UNCHANGED
    assert one(place, home, given("a", target=ItemRef("a.ics", "stale"))).result is Result.UNCHANGED
    assert list(history(backstage.root)) == []


def test_an_update_of_a_vanished_file_says_that_nothing_is_there(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    ref = made(place, home, given("a"))
    (folder / "a.ics").unlink()
    error = conflict(one(place, home, given("a", b"new", target=ref)))
    assert (error.current, error.stored) == (None, None)
    assert one(place, home, given("a", b"new")).result is Result.CREATED


@pytest.mark.parametrize(
    "target", ["../other/a.ics", "/etc/passwd", "..", "displayname", ".wherry.json", "a\0.ics", ""]
)
def test_a_target_that_is_no_item_is_refused(opened: tuple[Vdir, Collection, Path], target: str) -> None:
    place, home, folder = opened
    before = sorted(folder.iterdir())
    conflict(one(place, home, given("a", target=ItemRef(target))))
    assert [receipt.result for receipt in place.remove(home, [ItemRef(target)])] == [Result.REMOVED]
    assert sorted(folder.iterdir()) == before


def test_a_target_whose_name_is_too_long_fails_alone(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, _ = opened
    ref = ItemRef("n" * 300 + ".ics", "1-1-1")
    bad, good = place.put(home, sorted([given("bad", target=ref), given("good")], key=lambda put: put.key))
    assert isinstance(bad.error, ItemRejected)
    assert good.result is Result.CREATED
    (receipt,) = place.remove(home, [ref])
    assert isinstance(receipt.error, ItemRejected)


@pytest.mark.parametrize("kind", ["symlink", "folder", "pipe"])
def test_what_is_no_plain_file_is_left_alone(opened: tuple[Vdir, Collection, Path], kind: str, top: Path) -> None:
    place, home, folder = opened
    outside = top / "outside.ics"
    outside.write_bytes(b"outside")
    path = folder / "a.ics"
    if kind == "symlink":
        path.symlink_to(outside)
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    for target in (None, ItemRef("a.ics")):
        receipt = one(place, home, given("a", target=target))
        assert receipt.result is Result.FAILED
        assert isinstance(receipt.error, ItemRejected)
    (receipt,) = place.remove(home, [ItemRef("a.ics", "1-1-1")])
    assert receipt.result is Result.FAILED
    assert path.is_symlink() or path.exists()
    assert outside.read_bytes() == b"outside"


def test_a_removed_file_is_kept_as_a_version(backstage: VdirBackstage, opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    ref = made(place, home, given("a", b"precious"))
    assert [receipt.result for receipt in place.remove(home, [ref])] == [Result.REMOVED]
    assert not (folder / "a.ics").exists()
    assert [(v.why, v.path.read_bytes()) for v in history(backstage.root)] == [("removed", b"precious")]
    assert one(place, home, given("a", b"again")).result is Result.CREATED


def test_removing_spares_an_edited_file(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    ref = made(place, home, given("a"))
    (folder / "a.ics").write_bytes(b"edited")
    (receipt,) = place.remove(home, [ref])
    assert conflict(receipt).stored == b"edited"
    assert (folder / "a.ics").exists()


def test_one_conflict_does_not_hold_up_the_batch(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    (folder / "b.ics").write_bytes(b"theirs")
    receipts = list(place.put(home, [given(key) for key in "abc"]))
    assert {receipt.key: receipt.result for receipt in receipts} == {
        "a": Result.CREATED,
        "b": Result.FAILED,
        "c": Result.CREATED,
    }


def failing(monkeypatch: pytest.MonkeyPatch, name: str, number: int, code: int) -> None:
    """Let the call of this *number* to ``os.NAME`` fail with *code*, and all after it."""
    real: Callable[..., int] = getattr(os, name)
    calls = 0

    def call(*args: object, **options: object) -> int:
        nonlocal calls
        calls += 1
        if calls >= number:
            raise OSError(code, os.strerror(code))
        return real(*args, **options)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_keeps_what_fitted(
    opened: tuple[Vdir, Collection, Path], monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    place, home, folder = opened
    done: list[Receipt] = []
    with monkeypatch.context() as patch, pytest.raises(DestinationFull):  # noqa: PT012 - what came before counts
        failing(patch, "write", 3, code)
        for receipt in place.put(home, [given(key) for key in "abcd"]):
            done.append(receipt)  # noqa: PERF402 - the generator raises midway
    assert [(receipt.key, receipt.result) for receipt in done] == [("a", Result.CREATED), ("b", Result.CREATED)]
    assert sorted(path.name for path in folder.glob("*.ics")) == ["a.ics", "b.ics"]
    assert list(folder.glob(".*.tmp")) == []
    assert {receipt.result for receipt in place.put(home, [given(key) for key in "cd"])} == {Result.CREATED}


def test_an_error_while_naming_leaves_no_temporary_files(
    opened: tuple[Vdir, Collection, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, home, folder = opened
    with monkeypatch.context() as patch, pytest.raises(DestinationFull):  # noqa: PT012 - the patch belongs inside
        failing(patch, "link", 2, errno.ENOSPC)
        list(place.put(home, [given(key) for key in "abc"]))
    assert sorted(path.name for path in folder.glob("*.ics")) == ["a.ics"]
    assert list(folder.glob(".*.tmp")) == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP])
def test_a_file_system_without_hard_links_is_written_too(
    backstage: VdirBackstage, opened: tuple[Vdir, Collection, Path], monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    place, home, folder = opened
    failing(monkeypatch, "link", 1, code)
    ref = made(place, home, given("a", b"one"))
    (folder / "b.ics").write_bytes(b"theirs")
    conflict(one(place, home, given("b")))
    ref = made(place, home, given("a", b"two", target=ref))
    assert [receipt.result for receipt in place.remove(home, [ref])] == [Result.REMOVED]
    assert [v.path.read_bytes() for v in history(backstage.root)] == [b"two", b"one"]


def test_a_folder_that_may_not_be_written_is_read_only(
    opened: tuple[Vdir, Collection, Path], unprivileged: Callable[[], AbstractContextManager[None]]
) -> None:
    place, home, folder = opened
    folder.parent.chmod(0o755)
    folder.chmod(0o555)
    with unprivileged(), pytest.raises(ReadOnly):
        list(place.put(home, [given("a")]))


def test_a_folder_that_went_away_is_gone(opened: tuple[Vdir, Collection, Path]) -> None:
    place, home, folder = opened
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(CollectionGone):
        list(place.put(home, [given("a")]))
    with pytest.raises(CollectionGone):
        list(place.remove(home, [ItemRef("a.ics")]))
    with pytest.raises(CollectionGone):
        list(place.inventory(home))
