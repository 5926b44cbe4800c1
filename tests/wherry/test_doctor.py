from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from tests.wherry.conftest import Run, make_pim
from wherry.examination import check_clock, check_permissions, check_python, check_sqlite


def test_a_healthy_home(run: Run) -> None:
    run("jobs")
    answer = run("doctor")
    assert answer.code == 0
    assert "PROBLEM" not in answer.out
    for name in ("python", "sqlite", "clock", "database", "jobs"):
        assert f"ok       {name}: " in answer.out
    assert all(line["v"] == 1 and line["type"] == "check" for line in run("doctor", "--json").lines)


def test_checks_that_need_nothing() -> None:
    assert check_python().good
    assert check_sqlite().good
    assert check_clock().good


@pytest.mark.parametrize(
    ("mode", "good"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False), (0o666, False)]
)
def test_files_open_to_others_are_a_problem(tmp_path: Path, mode: int, good: bool) -> None:
    file = tmp_path / "secrets"
    file.write_text("x")
    file.chmod(mode)
    found = check_permissions(file)
    assert found is not None
    assert found.good is good or mode == 0o400
    assert (found.what_to_do == "") is found.good
    if mode & 0o077:
        assert "chmod 600" in found.what_to_do


@pytest.mark.parametrize(("mode", "good"), [(0o700, True), (0o755, True), (0o770, False), (0o777, False)])
def test_folders_others_can_write_are_a_problem(tmp_path: Path, mode: int, good: bool) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(mode)
    found = check_permissions(folder)
    assert found is not None
    assert found.good is good


def test_what_is_not_there_needs_no_permissions(tmp_path: Path) -> None:
    assert check_permissions(tmp_path / "nothing") is None


def test_a_damaged_database_is_found_with_advice(run: Run, home: Path) -> None:
    (home / "wherry.db").write_bytes(b"this is no database, but it is long enough to be looked at" * 40)
    answer = run("doctor")
    assert answer.code == 1
    assert "PROBLEM  database" in answer.out
    assert "Your copies are safe" in answer.out
    assert "Traceback" not in answer.out + answer.err
    assert run("jobs").code == 1


def test_an_account_without_its_secret_is_found(run: Run, home: Path) -> None:
    (home / "settings.toml").write_text(
        '[accounts.home]\nkind = "dav"\nurl = "https://dav.invalid/"\nusername = "ana"\n'
    )
    (home / "settings.toml").chmod(0o600)
    answer = run("doctor")
    assert answer.code == 1
    assert "PROBLEM  account dav:home: The access was not given, or has ended" in answer.out
    assert "wherry connect" in answer.out
    assert "python" not in run("doctor", "-q").out


def test_a_job_whose_process_died_is_found(run: Run, tmp_path: Path, home: Path) -> None:
    run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"))
    job = run("jobs", "--json").job
    with sqlite3.connect(home / "wherry.db") as database:
        database.execute("update job set state = 'leased', owner = 'gone:1:x', lease_until = ?", (time.time() - 100,))
    database.close()
    answer = run("doctor")
    assert answer.code == 1
    assert f"cut off: {job}" in answer.out
    assert f"wherry resume {job}" in answer.out
    assert run("resume", job).code == 0


def test_settings_that_cannot_be_read_are_told_by_every_command(run: Run, home: Path) -> None:
    (home / "settings.toml").write_text("acounts = 3")
    for command in (("doctor",), ("jobs",), ("accounts",)):
        answer = run(*command)
        assert answer.code == 2
        assert "Did you mean 'accounts'?" in answer.err


def test_a_newer_database_is_not_touched(run: Run, home: Path) -> None:
    run("jobs")
    with sqlite3.connect(home / "wherry.db") as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    answer = run("jobs")
    assert answer.code == 2
    assert "A newer wherry has changed the state database" in answer.err


def test_a_database_address_nobody_knows(run: Run) -> None:
    answer = run("jobs", env={"WHERRY_DATABASE": "mysql://ana:c4n4ry@host/x"})
    assert answer.code == 2
    assert "c4n4ry" not in answer.err
