"""Where things are kept when the environment says odd things, and what an atomic write meets on its way."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wherry.conftest import Run, items_of, make_pim
from wherry.errors import SettingsError
from wherry.folders import find_folders, make_private, replacing, write_atomically, write_private


@pytest.mark.parametrize("value", ["", "relative", "./here", "../up"])
def test_a_relative_base_folder_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """The XDG specification: what is not absolute is to be ignored, or data would lie wherever one stands."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", value)
    monkeypatch.setenv("XDG_STATE_HOME", value)
    monkeypatch.chdir("/")
    folders = find_folders({})
    assert folders.config == tmp_path / ".config" / "wherry"
    assert folders.state == tmp_path / ".local" / "state" / "wherry"


def test_base_folders_are_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    folders = find_folders({})
    assert folders.settings.is_relative_to(tmp_path / "c")
    for path in (folders.database, folders.log):
        assert path.is_relative_to(tmp_path / "s")
    assert not list(tmp_path.iterdir()), "looking makes nothing"


@pytest.mark.parametrize(
    ("home", "found"),
    [("~", "{user}"), ("~/x", "{user}/x"), ("/a/../b", "/a/../b"), ("/with space/ü", "/with space/ü")],
)
def test_a_home_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, found: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_folders({"WHERRY_HOME": home}).config == Path(found.format(user=tmp_path))


@pytest.mark.parametrize(
    ("home", "words"),
    [("~nobody-of-this-name", "no home folder"), ("/a?b", "'?'"), ("/a/b?mode=ro", "'?'"), ("/a%20b", "'%20'")],
)
def test_a_home_that_cannot_be_used_is_named(home: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        find_folders({"WHERRY_HOME": home})
    assert words in caught.value.detail
    assert "WHERRY_HOME" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["with space", "ünï", "a#b", "100%", "a%zz", "a@b:c", "a&b=c", "-rf", "a'b\"c", "日本"]
)
def test_a_whole_backup_from_a_home_of_any_name(run: Run, tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    pim, copy = make_pim(tmp_path / "pim", events=1, cards=1), tmp_path / f"copy {name}"
    for _ in range(2):
        assert run("backup", str(pim), "--to", str(copy), env={"WHERRY_HOME": str(home)}).code == 0
    assert items_of(copy) == items_of(pim)
    assert (home / "wherry.db").is_file()
    assert run("doctor", env={"WHERRY_HOME": str(home)}).code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"home", name, "pim", f"copy {name}"}


def test_an_existing_folder_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    make_private(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_last_write_is_what_is_there(tmp_path: Path, bodies: list[bytes]) -> None:
    path = tmp_path / "file"
    for body in bodies:
        write_private(path, body)
    assert path.read_bytes() == bodies[-1]
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_reader_sees_one_whole_body_at_any_time(tmp_path: Path) -> None:
    path, over, odd = tmp_path / "file", threading.Event(), list[bytes]()
    bodies = {bytes([65 + number]) * 50_000 for number in range(4)}
    write_private(path, min(bodies))

    def read() -> None:
        while not over.is_set():
            body = path.read_bytes()
            if body not in bodies:
                odd.append(body[:10])

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(10):
        for body in sorted(bodies):
            write_private(path, body)
    over.set()
    reader.join()
    assert odd == []


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666])
def test_the_mode_is_cut_by_the_umask(tmp_path: Path, mode: int) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"x", mode=mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode & ~0o027


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_a_device_never_becomes_a_file(device: str) -> None:
    """Run by root, a replaced /dev/null would harm the whole machine."""
    before = os.stat(device)
    try:
        write_atomically(Path(device), b"x" * 10)
    except OSError as error:
        assert device == "/dev/full"
        assert error.strerror  # noqa: PT017 - likewise
    after = os.stat(device)
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    assert stat.S_ISCHR(after.st_mode)


def test_a_folder_is_not_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    with pytest.raises(OSError, match=r"target"):
        write_atomically(tmp_path / "target", b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


def test_a_folder_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "no" / "file", b"x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, MemoryError])
def test_whatever_ends_a_write_leaves_the_old_body(tmp_path: Path, fault: type[BaseException]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write() -> None:
        with replacing(path) as stream:
            stream.write(b"half")
            raise fault

    with pytest.raises(fault):
        write()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
