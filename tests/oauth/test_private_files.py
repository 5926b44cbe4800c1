"""A private file: checked at each look, swapped under nobody's feet, replaced whole. See also test_store.py."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from oauth.errors import BadVault, NotKept, StoreBusy, UnsafeFile
from oauth.private_files import LARGEST, PrivateFile

CANARY = b"canary-private-27d0"
ROOT = os.geteuid() == 0


@pytest.fixture
def file(tmp_path: Path) -> PrivateFile:
    """Return a private file with something in it."""
    made = PrivateFile(tmp_path / "private" / "thing", BadVault, 0.2)
    put(made, CANARY)
    return made


def put(file: PrivateFile, content: bytes) -> None:
    with file.locked() as held:
        held.replace(content)


def both(file: PrivateFile) -> list[Callable[[], object]]:
    """Return the two ways to come near it."""
    return [file.read, lambda: put(file, b"other")]


def test_what_is_put_is_read_with_and_without_the_lock(file: PrivateFile) -> None:
    assert file.read() == CANARY
    with file.locked() as held:
        assert held.read() == CANARY
        held.replace(b"")
        assert held.read() == b""
    assert file.read() == b""


def test_reading_makes_nothing(tmp_path: Path) -> None:
    assert PrivateFile(tmp_path / "a" / "b" / "c", BadVault).read() is None
    (tmp_path / "private").mkdir(mode=0o700)
    assert PrivateFile(tmp_path / "private" / "c", BadVault).read() is None
    assert [path.name for path in tmp_path.rglob("*")] == ["private"]


def test_the_lock_alone_makes_no_content(tmp_path: Path) -> None:
    file = PrivateFile(tmp_path / "p" / "thing", BadVault)
    with file.locked() as held:
        assert held.read() is None
    assert file.read() is None
    assert [path.name for path in (tmp_path / "p").iterdir()] == ["thing.lock"]


@pytest.mark.parametrize("bits", [0o601, 0o602, 0o604, 0o610, 0o620, 0o640, 0o660, 0o666, 0o777])
def test_each_right_of_others_is_one_too_many(file: PrivateFile, bits: int) -> None:
    file.path.chmod(bits)
    with pytest.raises(UnsafeFile, match=f"{bits:04o}") as fault:
        file.read()
    assert CANARY.decode() not in str(fault.value)


@pytest.mark.parametrize("bits", [0o701, 0o702, 0o704, 0o710, 0o720, 0o740, 0o755, 0o777, 0o1777])
def test_each_right_of_others_to_the_folder_is_one_too_many(file: PrivateFile, bits: int) -> None:
    file.path.parent.chmod(bits)
    for attempt in both(file):
        with pytest.raises(UnsafeFile):
            attempt()
    file.path.parent.chmod(0o700)
    assert file.read() == CANARY


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
@pytest.mark.parametrize("which", ["thing", ""])
def test_what_belongs_to_somebody_else_is_refused(file: PrivateFile, which: str) -> None:
    os.chown(file.path.parent / which, 12345, 12345)
    with pytest.raises(UnsafeFile, match="somebody else"):
        file.read()


@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "fifo", "socket"])
def test_what_is_no_plain_file_is_refused_without_hanging(file: PrivateFile, kind: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    file.path.rename(elsewhere)
    if kind == "link":
        file.path.symlink_to(elsewhere)
    elif kind == "dangling link":
        file.path.symlink_to(tmp_path / "nowhere")
    elif kind == "folder":
        file.path.mkdir(mode=0o700)
    elif kind == "fifo":
        os.mkfifo(file.path, 0o600)
    else:
        os.mknod(file.path, stat.S_IFSOCK | 0o600)
    with pytest.raises(UnsafeFile):
        file.read()
    assert elsewhere.read_bytes() == CANARY
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", ["fifo", "folder", "link"])
def test_a_lock_that_is_no_plain_file_does_not_hang(file: PrivateFile, kind: str, tmp_path: Path) -> None:
    lock = file.path.with_name("thing.lock")
    lock.unlink()
    if kind == "fifo":
        os.mkfifo(lock, 0o600)
    elif kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to(tmp_path / "victim")
    if kind == "fifo":
        put(file, b"a lock is only locked, never read")
    else:
        with pytest.raises(UnsafeFile):
            put(file, b"other")
        assert file.read() == CANARY
    assert not (tmp_path / "victim").exists()


def test_a_link_in_place_of_the_folder_is_refused(file: PrivateFile, tmp_path: Path) -> None:
    file.path.parent.rename(tmp_path / "moved")
    file.path.parent.symlink_to(tmp_path / "moved")
    for attempt in both(file):
        with pytest.raises(UnsafeFile):
            attempt()
    assert (tmp_path / "moved" / "thing").read_bytes() == CANARY


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "private").write_text("")
    for attempt in both(PrivateFile(tmp_path / "private" / "thing", BadVault)):
        with pytest.raises(UnsafeFile, match="not a folder"):
            attempt()


def test_a_folder_swapped_in_the_middle_gets_nothing(file: PrivateFile, tmp_path: Path) -> None:
    """What was checked is what is written to, whatever its name leads to by now."""
    with file.locked() as held:
        file.path.parent.rename(tmp_path / "moved")
        file.path.parent.mkdir(mode=0o777)
        (file.path.parent / "thing").write_text("bait")
        assert held.read() == CANARY
        held.replace(b"new")
    assert (tmp_path / "moved" / "thing").read_bytes() == b"new"
    assert [path.name for path in file.path.parent.iterdir()] == ["thing"]
    assert (file.path.parent / "thing").read_text() == "bait"


def test_a_file_swapped_in_the_middle_is_replaced_and_never_written_through(file: PrivateFile, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    with file.locked() as held:
        file.path.unlink()
        file.path.symlink_to(victim)
        held.replace(b"new")
    assert victim.read_text() == "untouched"
    assert not file.path.is_symlink()
    assert file.read() == b"new"


def test_a_name_that_is_taken_for_the_temporary_file_is_swept(file: PrivateFile) -> None:
    bait = file.path.with_name(".thing.0000.tmp")
    bait.symlink_to(file.path)
    put(file, b"new")
    assert not bait.is_symlink()
    assert file.read() == b"new"


def test_too_large_a_file_raises_what_its_owner_says(file: PrivateFile) -> None:
    os.truncate(file.path, LARGEST + 1)
    with pytest.raises(BadVault, match="too large"):
        file.read()
    os.truncate(file.path, LARGEST)
    content = file.read()
    assert content is not None
    assert len(content) == LARGEST


def test_a_held_lock_is_named_after_the_patience(file: PrivateFile) -> None:
    with file.locked(), pytest.raises(StoreBusy) as fault:
        put(file, b"other")
    assert fault.value.seconds == 0.2
    put(file, b"other")
    assert file.read() == b"other"


def test_an_error_in_the_middle_lets_go_and_leaves_the_old_content(file: PrivateFile) -> None:
    with pytest.raises(ZeroDivisionError), file.locked():
        raise ZeroDivisionError
    put(file, b"new")
    assert file.read() == b"new"


LIMITED = """
import resource, signal, sys
from pathlib import Path
from oauth.errors import BadVault, NotKept
from oauth.private_files import PrivateFile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with PrivateFile(Path(sys.argv[1]), BadVault).locked() as held:
    try:
        held.replace(b"x" * 5000)
    except NotKept as error:
        print(error.why)
"""


def test_no_room_is_named_and_the_old_content_stays(file: PrivateFile) -> None:
    """A limit on file sizes stands for a full disk: writing fails in the middle in the same way."""
    command = [sys.executable, "-c", LIMITED, str(file.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "File too large\n"
    assert file.read() == CANARY
    assert sorted(path.name for path in file.path.parent.iterdir()) == ["thing", "thing.lock"]


UNPRIVILEGED = """
import fcntl, os, sys
from pathlib import Path
from oauth.errors import BadVault, OAuthError
from oauth.private_files import PrivateFile
os.setgid(12345)
os.setuid(12345)
file = PrivateFile(Path(sys.argv[1]), BadVault)
for attempt in (file.read, lambda: file.locked().__enter__()):
    try:
        print(attempt())
    except OAuthError as error:
        print(type(error).__name__, error.why)
"""


def as_somebody_else(path: Path) -> list[str]:
    command = [sys.executable, "-c", UNPRIVILEGED, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_somebody_else_meets_named_errors() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        open_to_all, path = Path(name), Path(name) / "private" / "thing"
        open_to_all.chmod(0o755)
        assert as_somebody_else(path) == ["None", "NotKept cannot be made (Permission denied)"]
        put(PrivateFile(path, BadVault), CANARY)
        assert as_somebody_else(path) == ["UnsafeFile cannot be opened (Permission denied)"] * 2
        path.parent.chmod(0o755)
        assert as_somebody_else(path) == ["UnsafeFile belongs to somebody else"] * 2
        os.chown(path.parent, 12345, 12345)
        path.parent.chmod(0o500)
        said = as_somebody_else(path)
        assert said[0] == "UnsafeFile cannot be opened, or is a link (Permission denied)"
        assert said[1] == "NotKept its folder cannot be written (Permission denied)"


def test_a_name_no_system_can_have_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir(mode=0o700)
    for attempt in both(PrivateFile(tmp_path / "p" / ("x" * 300), BadVault)):
        with pytest.raises(UnsafeFile, match="too long"):
            attempt()


def test_errors_name_path_and_reason() -> None:
    error = NotKept(Path("/somewhere"), "no space")
    assert (error.path, error.why) == (Path("/somewhere"), "no space")
    assert str(error) == "/somewhere: no space"
