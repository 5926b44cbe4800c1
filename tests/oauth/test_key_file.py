"""The key file: private, whole, one for all processes, and never replaced by a new one."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oauth.errors import BadVault, KeyMissing, StoreBusy, UnsafeFile
from oauth.key_file import KeyFile
from oauth.key_list import KeyList, Listed, document, read_list
from oauth.sealing import id_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a key file will be made, in a folder that is not there yet."""
    return tmp_path / "private" / "keys.json"


@pytest.fixture
def keys(path: Path) -> KeyFile:
    """Return a key file with one key."""
    made = KeyFile(path, patience=1.0)
    made.create()
    return made


def test_making_one_makes_it_private(keys: KeyFile, path: Path) -> None:
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert len(keys.key(keys.current())) == 32


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_umask_opens_nothing(path: Path, umask: int) -> None:
    script = "import os, sys; os.umask(int(sys.argv[2])); from pathlib import Path; from oauth.key_file import KeyFile;"
    command = [sys.executable, "-c", script + "KeyFile(Path(sys.argv[1])).create()", str(path), str(umask)]
    subprocess.run(command, check=True, cwd=ROOT)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_making_it_twice_changes_nothing(keys: KeyFile, path: Path) -> None:
    content = path.read_bytes()
    assert KeyFile(path).create() == keys.current()
    assert path.read_bytes() == content


def test_the_id_is_the_keys_own(keys: KeyFile) -> None:
    assert keys.current() == id_of(keys.key(keys.current()))


def test_two_files_have_two_keys(keys: KeyFile, tmp_path: Path) -> None:
    assert KeyFile(tmp_path / "other" / "keys.json").create() != keys.current()


def test_without_a_file_nothing_works_and_nothing_is_made(path: Path) -> None:
    """The heart of it: only ``create`` makes a key, and nobody else calls it by the way."""
    keys = KeyFile(path)
    attempts: list[Callable[[], object]] = [keys.current, lambda: keys.key("0" * 16), keys.retired, keys.rotate]
    attempts += [lambda: keys.wrap(bytes(32), place=("x",)), lambda: keys.unwrap("v1|a|b|c", place=("x",))]
    attempts += [lambda: keys.drop("0" * 16)]
    for attempt in attempts:
        with pytest.raises(KeyMissing) as fault:
            attempt()
        assert str(path) in str(fault.value)
    assert not path.exists()


def test_a_removed_file_is_missed_and_not_made_again(keys: KeyFile, path: Path) -> None:
    wrapped = keys.wrap(bytes(32), place=("x",))
    path.unlink()
    for attempt in (lambda: keys.unwrap(wrapped, place=("x",)), lambda: keys.wrap(bytes(32), place=("x",))):
        with pytest.raises(KeyMissing):
            attempt()
    assert not path.exists()


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o644, 0o666, 0o610, 0o777])
def test_a_file_open_to_others_is_refused_each_time(keys: KeyFile, path: Path, bits: int) -> None:
    path.chmod(bits)
    for attempt in (keys.current, keys.rotate, keys.create, lambda: keys.wrap(bytes(32), place=())):
        with pytest.raises(UnsafeFile):
            attempt()
    path.chmod(0o600)
    assert keys.current()


def test_a_folder_open_to_others_is_refused(keys: KeyFile, path: Path) -> None:
    path.parent.chmod(0o755)
    for attempt in (keys.current, keys.rotate, keys.create):
        with pytest.raises(UnsafeFile):
            attempt()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_somebody_else_is_refused(keys: KeyFile, path: Path) -> None:
    os.chown(path, 12345, 12345)
    for attempt in (keys.current, keys.rotate, keys.create):
        with pytest.raises(UnsafeFile, match="somebody else"):
            attempt()


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_what_is_no_file_is_refused(keys: KeyFile, path: Path, tmp_path: Path, kind: str) -> None:
    moved = path.rename(tmp_path / "moved")
    if kind == "link":
        path.symlink_to(moved)
    elif kind == "fifo":
        os.mkfifo(path, 0o600)
    else:
        path.mkdir(mode=0o700)
    for attempt in (keys.current, keys.rotate, keys.create):
        with pytest.raises(UnsafeFile):
            attempt()
    assert moved.stat().st_size > 0


def edited(path: Path, **changes: object) -> bytes:
    return json.dumps({**json.loads(path.read_bytes()), **changes}).encode()


KEY = b64encode(bytes(32)).decode()
ID = id_of(bytes(32))

DAMAGE: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda _: b"",
    "half": lambda path: path.read_bytes()[:-20],
    "not utf-8": lambda _: b"\xff\xfe",
    "deep": lambda _: b"[" * 100_000,
    "a list": lambda _: b"[]",
    "null": lambda _: b"null",
    "newer": lambda path: edited(path, version=2),
    "no version": lambda path: edited(path, version=None),
    "kept nowhere": lambda path: edited(path, kept="cloud"),
    "kept in a list": lambda path: edited(path, kept=["file"]),
    "no newest": lambda path: edited(path, newest="0123456789abcdef"),
    "newest a list": lambda path: edited(path, newest=["a"]),
    "newest null": lambda path: edited(path, newest=None),
    "no keys": lambda path: edited(path, keys={}),
    "keys a list": lambda path: edited(path, keys=[]),
    "key a text": lambda path: edited(path, newest=ID, keys={ID: KEY}),
    "key missing": lambda path: edited(path, newest=ID, keys={ID: {}}),
    "key a number": lambda path: edited(path, newest=ID, keys={ID: {"key": 5}}),
    "key too short": lambda path: edited(path, newest=ID, keys={ID: {"key": "AAAA"}}),
    "key not base64": lambda path: edited(path, newest=ID, keys={ID: {"key": "!" * 44}}),
    "key of another id": lambda path: edited(path, newest="0" * 16, keys={"0" * 16: {"key": KEY}}),
    "retired a text": lambda path: edited(path, newest=ID, keys={ID: {"key": KEY, "retired": "today"}}),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_kept_and_not_quoted(keys: KeyFile, path: Path, damage: str) -> None:
    secret = re.escape(b64encode(keys.key(keys.current())).decode())
    content = DAMAGE[damage](path)
    path.write_bytes(content)
    for attempt in (keys.current, keys.create, keys.rotate, lambda: keys.drop("x"), keys.retired):
        with pytest.raises(BadVault) as fault:
            attempt()
        assert str(path) in str(fault.value)
        assert not re.search(secret, str(fault.value))
        assert fault.value.__cause__ is None
        assert fault.value.__suppress_context__ or fault.value.__context__ is None
    assert path.read_bytes() == content, "a file that cannot be read is not overwritten"


def test_every_single_changed_letter_of_a_key_is_noticed(keys: KeyFile, path: Path) -> None:
    key_id = keys.current()
    content = path.read_text()
    at = content.index('"key": "') + len('"key": "')
    for offset in range(42):  # the last letter has two spare bits: there a change may mean the same key
        other = "A" if content[at + offset] != "A" else "B"
        path.write_text(content[: at + offset] + other + content[at + offset + 1 :])
        with pytest.raises(BadVault):
            keys.key(key_id)


def test_a_rotation_keeps_the_older_keys_and_says_since_when(path: Path) -> None:
    now = [1000.0]
    keys = KeyFile(path, clock=lambda: now[0])
    first = keys.create()
    now[0] = 2000.0
    second = keys.rotate()
    now[0] = 2500.0
    third = keys.rotate()
    assert keys.current() == third
    assert keys.retired() == [first, second]
    assert keys.retired(since=0.0) == [first, second]
    now[0] = 3000.0
    assert keys.retired(since=1000.0) == [first]
    assert keys.retired(since=1001.0) == []
    now[0] = 0.0
    assert keys.retired() == [], "a clock that went back drops nothing"
    listed = read_list(document(path, 1.0))
    assert listed is not None
    assert [each.retired for each in listed.keys.values()] == [2000.0, 2500.0, None]


def test_a_dropped_key_is_gone_from_the_disk(keys: KeyFile, path: Path) -> None:
    first = keys.current()
    text = b64encode(keys.key(first)).decode()
    keys.rotate()
    assert text in path.read_text()
    keys.drop(first)
    assert all(text not in file.read_text() for file in path.parent.iterdir())


def test_a_lock_held_elsewhere_is_named_and_reading_needs_none(keys: KeyFile, path: Path) -> None:
    with document(path, 1.0).locked():
        assert keys.key(keys.current())
        with pytest.raises(StoreBusy):
            KeyFile(path, patience=0.05).rotate()
        with pytest.raises(StoreBusy):
            KeyFile(path, patience=0.05).create()


RACE = """
import sys
from pathlib import Path
from oauth.key_file import KeyFile
print("ready", flush=True)
sys.stdin.readline()
keys = KeyFile(Path(sys.argv[1]))
made = keys.create()
print(made, keys.key(made).hex(), flush=True)
"""


def test_processes_that_make_it_at_the_same_time_agree(path: Path) -> None:
    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", RACE, str(path)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    running = [start() for _ in range(4)]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=60)[0] for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert len(set(said)) == 1
    assert said[0].split()[0] == KeyFile(path).current()


def test_threads_that_make_and_rotate_lose_no_key(path: Path) -> None:
    KeyFile(path).create()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: KeyFile(path).rotate(), range(20)))
    keys = KeyFile(path)
    assert len(set(made)) == 20
    assert {keys.current(), *keys.retired()} > set(made)
    assert {len(keys.key(key_id)) for key_id in made} == {32}


def test_a_reader_never_sees_half_a_file(keys: KeyFile, path: Path) -> None:
    first = keys.current()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: [KeyFile(path).rotate() for _ in range(30)])
        while not writing.done():
            assert len(keys.key(first)) == 32
            assert len(keys.key(keys.current())) == 32
        writing.result()


@pytest.mark.parametrize("scenario", ["making", "adding", "dropping", "choosing", "rotating"])
def test_killed_at_any_line_it_can_go_on(scenario: str, tmp_path: Path) -> None:
    """Each line of the step is a point at which a process died (see tests/oauth/crash_points.py)."""
    done = crashes(scenario, tmp_path)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40


def test_the_harness_notices_a_careless_writer(tmp_path: Path) -> None:
    done = crashes("careless", tmp_path)
    assert done.returncode != 0
    assert "BadVault" in done.stderr


def crashes(scenario: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.oauth.crash_points", scenario, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=280)


def test_killed_while_it_waits_for_the_lock_it_leaves_nothing(keys: KeyFile, path: Path) -> None:
    script = "import sys; from pathlib import Path; from oauth.key_file import KeyFile; print('up', flush=True);"
    command = [sys.executable, "-c", script + "KeyFile(Path(sys.argv[1]), patience=60).rotate()", str(path)]
    before = keys.current()
    holding = document(path, 1.0).locked()
    with holding, subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "up\n"
        waiting.send_signal(signal.SIGKILL)
    assert keys.current() == before
    assert keys.rotate() != before


def test_values_show_no_key() -> None:
    listed = KeyList("file", ID, {ID: Listed(bytes(range(32)))})
    assert "\\x01" not in repr(listed)
    assert bytes(range(32)).hex() not in repr(listed)
