"""The file of secrets: private, whole, and never shared by accident."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauth.errors import BadStore, NoSuchSecret, OAuthError, StoreBusy, UnsafeFile
from oauth.private_files import LARGEST
from oauth.secret import Secret
from oauth.store import FileStore, SecretStore

CANARY = "canary-store-5f21"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a store will be made, in a folder that is not there yet."""
    return tmp_path / "private" / "secrets.json"


@pytest.fixture
def store(path: Path) -> FileStore:
    """Return a store with one secret in it."""
    made = FileStore(path)
    made.put("home", Secret(CANARY))
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_store_is_a_secret_store(store: FileStore) -> None:
    assert isinstance(store, SecretStore)


def test_what_is_put_can_be_got_replaced_and_deleted(store: FileStore) -> None:
    store.put("work", Secret("one"))
    store.put("work", Secret("two"))
    assert store.get("work").reveal() == "two"
    assert store.names() == ["home", "work"]
    store.delete("work")
    assert store.names() == ["home"]
    assert store.get("home").reveal() == CANARY


def test_what_is_not_there_has_a_name(store: FileStore, tmp_path: Path) -> None:
    for attempt in (store.get, store.delete, FileStore(tmp_path / "never" / "made.json").get):
        with pytest.raises(NoSuchSecret) as fault:
            attempt("nobody")
        assert fault.value.name == "nobody"


def test_reading_makes_nothing(tmp_path: Path) -> None:
    assert FileStore(tmp_path / "never" / "made.json").names() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folder_and_files_are_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    script = (
        f"import os; os.umask({umask}); from pathlib import Path; from oauth.store import FileStore;"
        f"from oauth.secret import Secret; FileStore(Path({str(tmp_path / 'p' / 's.json')!r})).put('a', Secret('b'))"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert mode(tmp_path / "p") == 0o700
    assert {mode(file) for file in (tmp_path / "p").iterdir()} == {0o600}


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o644, 0o666, 0o610, 0o777])
def test_a_file_open_to_others_is_refused(store: FileStore, path: Path, bits: int) -> None:
    path.chmod(bits)
    for attempt in (lambda: store.get("home"), store.names, lambda: store.put("x", Secret("y"))):
        with pytest.raises(UnsafeFile) as fault:
            attempt()
        assert fault.value.path == path
        assert CANARY not in str(fault.value)


@pytest.mark.parametrize("bits", [0o750, 0o701, 0o755, 0o777])
def test_a_folder_open_to_others_is_refused(store: FileStore, path: Path, bits: int) -> None:
    path.parent.chmod(bits)
    for attempt in (lambda: store.get("home"), lambda: store.put("x", Secret("y"))):
        with pytest.raises(UnsafeFile) as fault:
            attempt()
        assert fault.value.path == path.parent


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_belongs_to_somebody_else_is_refused(store: FileStore, path: Path, which: str) -> None:
    os.chown(path if which == "file" else path.parent, 12345, 12345)
    with pytest.raises(UnsafeFile, match="somebody else"):
        store.get("home")


def test_a_link_in_place_of_the_file_is_refused(store: FileStore, path: Path) -> None:
    elsewhere = path.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    for attempt in (store.names, lambda: store.put("x", Secret("y"))):
        with pytest.raises(UnsafeFile):
            attempt()
    assert "x" not in elsewhere.read_text()


def test_a_link_in_place_of_the_folder_is_refused(store: FileStore, path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))
    path.parent.symlink_to(path.parent.with_name("moved"))
    for attempt in (store.names, lambda: store.put("x", Secret("y"))):
        with pytest.raises(UnsafeFile):
            attempt()


def test_a_link_in_place_of_the_lock_is_refused(store: FileStore, path: Path, tmp_path: Path) -> None:
    lock = path.with_name(path.name + ".lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "victim")
    with pytest.raises(UnsafeFile):
        store.put("x", Secret("y"))
    assert not (tmp_path / "victim").exists()


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_what_is_no_file_is_refused_without_hanging(store: FileStore, path: Path, kind: str) -> None:
    path.unlink()
    path.mkdir(mode=0o700) if kind == "folder" else os.mkfifo(path, 0o600)
    with pytest.raises(UnsafeFile):
        store.names()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"version": 1}',
        b'{"version": 2, "secrets": {}}',
        b'{"version": 1, "secrets": []}',
        b'{"version": 1, "secrets": {"a": 1}}',
        b'{"secrets": {"a": "b"}}',
        b'{"version": 1, "secrets": {"a": "' + CANARY.encode(),
        b" " * (LARGEST + 1),
    ],
    ids=range(12),
)
def test_a_damaged_file_is_named_kept_and_not_quoted(store: FileStore, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for attempt in (store.names, lambda: store.put("x", Secret("y"))):
        with pytest.raises(BadStore) as fault:
            attempt()
        assert fault.value.path == path
        assert fault.value.__cause__ is None
        assert fault.value.__suppress_context__ or fault.value.__context__ is None
        assert CANARY not in str(fault.value)
    assert path.read_bytes() == content, "a file that cannot be read is not overwritten"


def test_errors_carry_no_secret_and_one_root() -> None:
    for error in (UnsafeFile(Path("p"), "w"), BadStore(Path("p"), "w"), StoreBusy(Path("p"), 1.5), NoSuchSecret("n")):
        assert isinstance(error, OAuthError)
        assert str(error)


def test_leftovers_of_a_killed_process_are_swept(store: FileStore, path: Path) -> None:
    left = path.with_name(f".{path.name}.0011223344556677.tmp")
    left.write_text(CANARY)
    other = path.with_name(".other.json.0011.tmp")
    other.write_text("not ours")
    store.put("x", Secret("y"))
    assert not left.exists()
    assert other.exists()


def test_nothing_but_store_and_lock_stays(store: FileStore, path: Path) -> None:
    for number in range(5):
        store.put(str(number), Secret("x"))
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}.lock"]


def test_a_lock_held_by_another_process_is_waited_for_and_then_named(store: FileStore, path: Path) -> None:
    script = (
        "import fcntl, sys; lock = open(sys.argv[1], 'r+'); fcntl.flock(lock, fcntl.LOCK_EX);"
        "print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, f"{path}.lock"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy) as fault:
            FileStore(path, patience=0.1).put("x", Secret("y"))
        assert fault.value.seconds == 0.1
        assert store.names() == ["home"], "reading needs no lock"
        holder.stdin.close()
        store.put("x", Secret("y"))
    assert store.names() == ["home", "x"]


def test_processes_writing_at_the_same_time_lose_nothing(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from oauth.store import FileStore; from oauth.secret import Secret\n"
        "for n in range(10): FileStore(Path(sys.argv[1])).put(f'{sys.argv[2]}-{n}', Secret('x'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(path), str(number)]) for number in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(FileStore(path).names()) == 30


def test_threads_writing_at_the_same_time_lose_nothing(path: Path) -> None:
    store = FileStore(path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: store.put(str(number), Secret("x")), range(40)))
    assert len(store.names()) == 40


def test_a_reader_never_sees_half_a_file(path: Path) -> None:
    store = FileStore(path)
    store.put("a", Secret("x" * 100_000))
    with ThreadPoolExecutor(2) as pool:

        def write() -> None:
            for n in range(30):
                store.put("a", Secret(str(n % 10) * 100_000))

        writing = pool.submit(write)
        while not writing.done():
            assert len(set(store.get("a").reveal())) == 1
        writing.result()


@settings(max_examples=20)
@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=6))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, secrets: dict[str, str]) -> None:
    path = tmp_path_factory.mktemp("any") / "p" / "secrets.json"
    store = FileStore(path)
    for name, value in secrets.items():
        store.put(name, Secret(value))
    assert {name: store.get(name).reveal() for name in store.names()} == secrets
    if secrets:
        assert json.loads(path.read_text())["version"] == 1
