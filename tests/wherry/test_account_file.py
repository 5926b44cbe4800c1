"""The settings file as it is written: by several processes at once, beside odd content, where nobody can write."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wherry.conftest import ROOT
from wherry.account_file import remove_account, save_account
from wherry.errors import AccountUnknown, FileTrouble
from wherry.settings import Account, read_settings

WRITER = """
import sys
from pathlib import Path
from wherry.account_file import save_account
from wherry.settings import Account
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    save_account(Path(sys.argv[1]), Account(f"{sys.argv[2]}{number}", "dav", "https://x.example.org/"))
"""


def account(name: str = "home", **more: Any) -> Account:
    return Account(name, "dav", "https://dav.example.org/", **more)


def table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def test_accounts_of_several_processes_are_all_kept(tmp_path: Path) -> None:
    """Each reads, adds its own and writes: without a lock the last one would undo the others."""
    file = tmp_path / "config" / "settings.toml"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file), name, "8"],
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )
        for name in "abcd"
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.close()
    assert [writer.wait(30) for writer in writers] == [0] * 4
    assert set(table(file)["accounts"]) == {f"{name}{number}" for name in "abcd" for number in range(8)}


def test_accounts_of_several_threads_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    threads = [threading.Thread(target=save_account, args=(file, account(f"a{n}"))) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(table(file)["accounts"]) == {f"a{n}" for n in range(12)}
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


def test_adding_and_removing_at_once_leaves_what_both_meant(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    for number in range(10):
        save_account(file, account(f"old{number}"))
    threads = [threading.Thread(target=save_account, args=(file, account(f"new{n}"))) for n in range(10)]
    threads += [threading.Thread(target=remove_account, args=(file, f"old{n}")) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(table(file)["accounts"]) == {f"new{n}" for n in range(10)}


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    save_account(file, account("a0"))
    seen: list[int] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            seen.append(len(read_settings({"WHERRY_HOME": str(tmp_path)}).accounts))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        save_account(file, account(f"a{number}", username="u" * 200))
    over.set()
    reader.join()
    assert seen == sorted(seen)
    assert min(seen) >= 1


scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12),
    st.dates(),
    st.times(),
)
keys = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(keys.filter(lambda key: key != "accounts"), values, max_size=5))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_other_value_is_kept_whatever_it_is(tmp_path: Path, others: dict[str, Any]) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(tomli_w.dumps(others), "utf-8")
    save_account(file, account())
    assert {key: value for key, value in table(file).items() if key != "accounts"} == others
    remove_account(file, "home")
    assert table(file) == others


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[",
        b"a = = 1",
        b"a = 1\na = 2",
        b"\0",
    ],
)
def test_what_cannot_be_read_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    with pytest.raises(FileTrouble, match="not readable as TOML"):
        save_account(file, account())
    with pytest.raises(FileTrouble, match="not readable as TOML"):
        remove_account(file, "home")
    assert file.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.mkdir()
    with pytest.raises(FileTrouble, match=r"settings\.toml"):
        save_account(file, account())


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"")
    with pytest.raises(FileTrouble, match=r"settings\.toml"):
        save_account(tmp_path / "config" / "settings.toml", account())


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a file system nobody can write to")
def test_a_place_nobody_can_write_to_is_told() -> None:
    with pytest.raises(FileTrouble):
        save_account(Path("/proc/wherry/settings.toml"), account())


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        (account(), {"kind": "dav", "url": "https://dav.example.org/"}),
        (account(username="ana"), {"kind": "dav", "url": "https://dav.example.org/", "username": "ana"}),
        (account(auth="guess", ca="", allow_private=False), {"kind": "dav", "url": "https://dav.example.org/"}),
        (
            account(auth="bearer", ca="/x", allow_private=True),
            {"kind": "dav", "url": "https://dav.example.org/", "auth": "bearer", "ca": "/x", "allow_private": True},
        ),
    ],
)
def test_only_what_says_something_is_written(tmp_path: Path, made: Account, kept: dict[str, Any]) -> None:
    file = tmp_path / "settings.toml"
    save_account(file, made)
    found = table(file)["accounts"]["home"]
    assert {key: value for key, value in found.items() if value} == kept
    assert read_settings({"WHERRY_HOME": str(tmp_path)}).accounts["home"] == made


def test_an_account_of_the_same_name_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    save_account(file, account(username="ana", auth="digest", ca="/x"))
    save_account(file, account())
    assert read_settings({"WHERRY_HOME": str(tmp_path)}).accounts["home"] == account()


def test_rights_stay_narrow_and_widen_never(tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.toml"
    save_account(file, account())
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    save_account(file, account("other"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = os.umask(0o000)
    try:
        save_account(file, account("third"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "hint"), [("hoem", "Did you mean 'home'?"), ("zzz", "Known: home, work."), ("", "Known: home, work.")]
)
def test_an_account_that_is_not_there_cannot_be_removed(tmp_path: Path, name: str, hint: str) -> None:
    file = tmp_path / "settings.toml"
    for known in ("home", "work"):
        save_account(file, account(known))
    before = file.read_bytes()
    with pytest.raises(AccountUnknown) as caught:
        remove_account(file, name)
    assert caught.value.hint == hint
    assert file.read_bytes() == before


def test_without_a_file_nothing_can_be_removed_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(AccountUnknown):
        remove_account(tmp_path / "settings.toml", "home")
    assert not list(tmp_path.iterdir())
