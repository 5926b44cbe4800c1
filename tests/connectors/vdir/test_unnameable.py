"""Folders whose names are not UTF-8: looked into, told, and never passed over or followed by such a name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from connectors import specimens
from connectors.base import Endpoint, Kind
from connectors.errors import ConfigError
from connectors.testing import context
from connectors.vdir.place import Vdir

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connectors.base import Collection

LATIN = os.fsdecode(b"caf\xe9")


def made(root: Path, name: str, *files: str) -> Path:
    """Make a folder with items; skip where the file system takes no such name."""
    folder = root / name
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    for file in files:
        kind = Kind.CONTACT if file.endswith(".vcf") else Kind.EVENT
        (folder / file).write_bytes(specimens.body(kind, file))
    return folder


def found(root: Path, **endpoint: object) -> list[Collection]:
    place = Vdir(Endpoint("vdir", root=str(root), **endpoint), context())  # type: ignore[arg-type]  # as each test says
    try:
        return list(place.collections())
    finally:
        place.close()


def test_it_is_told_beside_the_others(tmp_path: Path) -> None:
    made(tmp_path, "work", "a.ics")
    made(tmp_path, LATIN, "b.ics")
    good, odd = found(tmp_path)
    assert (good.id, good.problem) == ("work", None)
    assert (odd.id, odd.name, odd.kind, odd.writable) == ("caf\\xe9", "caf\\xe9", Kind.EVENT, False)
    assert odd.problem is not None
    assert getattr(odd.problem, "code", "") == "name-not-utf-8"
    odd.id.encode()


def test_its_kind_is_that_of_its_items(tmp_path: Path) -> None:
    made(tmp_path, LATIN, "b.vcf", "c.vcf", "d.ics")
    (odd,) = found(tmp_path)
    assert odd.kind is Kind.CONTACT
    assert found(tmp_path, kinds=frozenset({Kind.EVENT})) == []
    assert len(found(tmp_path, kinds=frozenset({Kind.CONTACT}))) == 1


@pytest.mark.parametrize("files", [(), ("notes.txt",), (".hidden.ics",)])
def test_a_folder_without_items_is_nobodys_business(tmp_path: Path, files: tuple[str, ...]) -> None:
    made(tmp_path, LATIN, *files)
    assert found(tmp_path) == []


def test_a_hidden_one_stays_hidden(tmp_path: Path) -> None:
    made(tmp_path, "." + LATIN, "a.ics")
    assert found(tmp_path) == []


def link(root: Path) -> None:
    (root / LATIN).symlink_to(root / "work")


def file(root: Path) -> None:
    (root / LATIN).write_bytes(b"")


@pytest.mark.parametrize("make", [link, file])
def test_what_is_no_folder_is_none(tmp_path: Path, make: Callable[[Path], None]) -> None:
    made(tmp_path, "work", "a.ics")
    try:
        make(tmp_path)
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    assert [one.id for one in found(tmp_path)] == ["work"]


def test_one_chosen_by_name_brings_no_other(tmp_path: Path) -> None:
    made(tmp_path, "work", "a.ics")
    made(tmp_path, LATIN, "b.ics")
    assert [one.id for one in found(tmp_path, path="work")] == ["work"]
    with pytest.raises(ConfigError):
        found(tmp_path, path="caf\\xe9")


def test_one_that_may_not_be_read_stops_nothing(
    top: Path, unprivileged: Callable[[], AbstractContextManager[None]]
) -> None:
    made(top, "work", "a.ics").chmod(0o755)
    folder = made(top, LATIN, "b.ics")
    folder.chmod(0)
    try:
        with unprivileged():
            assert [one.id for one in found(top)] == ["work"]
    finally:
        folder.chmod(0o700)


def test_no_copy_is_made_into_it(tmp_path: Path) -> None:
    """As a destination the place leaves such a folder alone."""
    folder = made(tmp_path, LATIN, "b.ics")
    place = Vdir(Endpoint("vdir", root=str(tmp_path)), context())
    (odd,) = place.collections()
    assert place.ensure(odd, None).id != odd.id
    assert sorted(os.listdir(folder)) == ["b.ics"]
    place.close()
