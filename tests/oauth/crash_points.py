"""Kill a step at each of its lines, for real (SIGKILL), and look at what is left.

Run as a program of its own, so that forking is safe whatever the test runner does with
threads: ``python -m tests.oauth.crash_points SCENARIO FOLDER``. A scenario prepares a
folder, takes a step in a forked child that kills itself before the n-th line executed in
the files concerned, and then checks the rest; n grows until the step gets through alive.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any, Never

from oauth.key_choice import choose, existing
from oauth.key_file import KeyFile
from oauth.key_list import document, read_list
from oauth.keys import KeyProvider
from oauth.vault import Vault, key_ids
from tests.oauth.rows import FIELDS, SqliteRows, filled

ROOT = Path(__file__).parents[2]
FILES = frozenset({"oauth/private_files.py", "oauth/key_list.py", "oauth/key_file.py", "oauth/key_choice.py"})
ROTATION = frozenset({"oauth/vault.py", "oauth/key_file.py", "tests/oauth/rows.py"})
"""Where a rotation is killed: around each change of a row and of the list; within the latter, see ``FILES``."""


def main(scenario: str, folder: Path) -> None:
    """Run *scenario* in *folder*; print how many crash points there were."""
    points = 0
    while SCENARIOS[scenario](folder / str(points), points + 1):
        points += 1
    print(points)  # noqa: T201 - what the test reads


def survived(step: Callable[[], object], line: int, files: frozenset[str] = FILES) -> bool:
    """Take *step* in a child that is killed before its *line*-th line in *files*; say whether it ended by itself."""
    child = os.fork()
    if child == 0:
        _run_and_exit(step, line, {str(ROOT / file) for file in files})
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, -signal.SIGKILL}, f"the step failed at line {line}: {code}"
    return code == 0


def _run_and_exit(step: Callable[[], object], line: int, files: set[str]) -> Never:
    left = line

    def watch(frame: FrameType, event: str, _argument: Any) -> Callable[..., Any] | None:
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return watch

    try:
        sys.settrace(watch)
        step()
        sys.settrace(None)
    except BaseException:  # noqa: BLE001 - whatever it is, this child must not run on as its parent
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def making_a_key_file(folder: Path, line: int) -> bool:
    path = folder / "keys" / "keys.json"
    killed = not survived(KeyFile(path).create, line)
    before = read_list(document(path, 1.0))
    key_id = KeyFile(path, patience=1.0).create()
    assert before is None or before.newest == key_id, "a key that was there is not replaced"
    assert KeyFile(path).create() == key_id == KeyFile(path).current()
    assert len(KeyFile(path).key(key_id)) == 32
    check_clean(path)
    return killed


def adding_a_key(folder: Path, line: int) -> bool:
    path = folder / "keys" / "keys.json"
    first = KeyFile(path).create()
    content = KeyFile(path).key(first)
    killed = not survived(KeyFile(path).rotate, line)
    assert KeyFile(path).key(first) == content, "the old key is never lost"
    newest = KeyFile(path).current()
    assert len(KeyFile(path).key(newest)) == 32
    assert KeyFile(path).retired() == ([] if newest == first else [first])
    KeyFile(path).rotate()
    check_clean(path)
    return killed


def dropping_a_key(folder: Path, line: int) -> bool:
    path = folder / "keys" / "keys.json"
    first = KeyFile(path).create()
    newest = KeyFile(path).rotate()
    killed = not survived(lambda: KeyFile(path).drop(first), line)
    assert KeyFile(path).current() == newest
    assert len(KeyFile(path).key(newest)) == 32
    KeyFile(path).drop(first)
    assert KeyFile(path).retired() == []
    assert "keyring" not in path.read_text()
    check_clean(path)
    return killed


def choosing_a_place(folder: Path, line: int) -> bool:
    """A new vault, killed anywhere: the next run finds the same place, or makes one."""
    path = folder / "keys" / "keys.json"
    killed = not survived(lambda: choose(path, environ={}, needed=tuple), line)
    was = existing(path)
    chosen = choose(path, environ={}, needed=tuple).keys
    assert was is None or was.current() == chosen.current()
    check_clean(path)
    return killed


def rotating_a_vault(folder: Path, line: int) -> bool:
    path, database = folder / "keys" / "keys.json", folder / "rows.db"
    keys = KeyFile(path)
    keys.create()
    with closing(SqliteRows(database)) as store:
        filled(Vault(keys, store), store, grants=2)

    def step() -> None:
        Vault(keys, SqliteRows(database)).rotate(grace=0)

    killed = not survived(step, line, ROTATION)
    with closing(SqliteRows(database)) as store:
        check_opens(keys, store)
        done = Vault(keys, store).rotate(grace=0)
        assert done.unreadable == done.waiting == ()
        assert key_ids(store) == {done.newest} == {keys.current()}
        check_opens(keys, store)
    check_clean(path)
    return killed


def check_opens(keys: KeyProvider, store: SqliteRows) -> None:
    """Whatever happened, every secret opens, and no key that a row needs is gone."""
    for grant in store.list(all=True):
        opened = Vault(keys, store).secrets(grant.id)
        assert {name: secret.reveal() for name, secret in opened.items()} == {
            name: f"{grant.id}/{name}" for name in FIELDS
        }


def check_clean(path: Path) -> None:
    """Nothing but the list and its lock stays, private both."""
    assert {file.name for file in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def a_step_that_loses_keys(folder: Path, line: int) -> bool:
    """The control: writing the file in place is caught by the same harness."""
    path = folder / "keys" / "keys.json"
    first = KeyFile(path).create()
    content = path.read_bytes()

    def careless() -> None:
        path.write_bytes(b"")
        KeyFile(path.parent / "other.json").create()
        path.write_bytes(content)

    killed = not survived(careless, line)
    assert len(KeyFile(path).key(first)) == 32
    return killed


SCENARIOS: dict[str, Callable[[Path, int], bool]] = {
    "making": making_a_key_file,
    "adding": adding_a_key,
    "dropping": dropping_a_key,
    "choosing": choosing_a_place,
    "rotating": rotating_a_vault,
    "careless": a_step_that_loses_keys,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
