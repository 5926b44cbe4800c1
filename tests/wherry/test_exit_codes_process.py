"""Each promised exit code out of a real process, with its reason, its words and nothing else on either stream."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wherry.conftest import Run, make_pim
from wherry.exits import Exit


class Stage:
    """A home with a finished backup, to be spoilt in one way."""

    def __init__(self, home: Path, pim: Path, copy: Path, job: str) -> None:
        self.home, self.pim, self.copy, self.job = home, pim, copy, job

    @property
    def again(self) -> list[str]:
        """The command that made the backup."""
        return ["backup", str(self.pim), "--to", str(self.copy)]

    def sql(self, statement: str) -> None:
        with sqlite3.connect(self.home / "wherry.db") as database:
            database.execute(statement)
        database.close()


@pytest.fixture
def stage(run: Run, home: Path, tmp_path: Path) -> Stage:
    pim, copy = make_pim(tmp_path / "pim", events=20), tmp_path / "copy"
    job = run("backup", str(pim), "--to", str(copy), "--json").job
    return Stage(home, pim, copy, job)


def break_item(stage: Stage) -> list[str]:
    (stage.pim / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    return stage.again


def lose_copy(stage: Stage) -> list[str]:
    next(stage.copy.glob("Work/*.ics")).unlink()
    return ["verify", stage.job]


def damage_database(stage: Stage) -> list[str]:
    for file in stage.home.glob("wherry.db*"):
        file.unlink()
    (stage.home / "wherry.db").write_bytes(b"no database" * 999)
    return ["jobs"]


def newer_database(stage: Stage) -> list[str]:
    stage.sql("update alembic_version set version_num = '9999'")
    return ["jobs"]


def held_elsewhere(stage: Stage) -> list[str]:
    stage.sql("update job set state = 'leased', owner = 'elsewhere:1:x', lease_until = 4000000000")
    return stage.again


def mass_deletion(stage: Stage) -> list[str]:
    for path in sorted((stage.pim / "Work").glob("*.ics"))[:15]:
        path.unlink()
    return stage.again


def lost_source(stage: Stage) -> list[str]:
    stage.pim.rename(stage.pim.with_name("elsewhere"))
    return stage.again


def odd_state(stage: Stage) -> list[str]:
    stage.sql("update job set state = 'nonsense'")
    return ["jobs"]


def broken_settings(stage: Stage) -> list[str]:
    (stage.home / "settings.toml").write_text("databse = 'x'")
    return ["jobs"]


CASES: list[tuple[str, Callable[[Stage], list[str]], Exit, str]] = [
    ("nothing wrong", lambda stage: stage.again, Exit.DONE, ""),
    ("a broken item", break_item, Exit.SOME_NOT_COPIED, ""),
    ("a lost copy", lose_copy, Exit.DIFFERENCES, ""),
    ("no such job", lambda _: ["status", "ffff"], Exit.UNKNOWN_NAME, "no-such-job"),
    ("no such account", lambda _: ["backup", "dav:x", "--to", "/x"], Exit.UNKNOWN_NAME, "no-such-account"),
    ("no such topic", lambda _: ["help", "zzz"], Exit.UNKNOWN_NAME, "no-such-name"),
    ("no such version", lambda stage: ["restore", str(stage.copy), "2020"], Exit.UNKNOWN_NAME, "no-such-name"),
    ("no such command", lambda _: ["bakup"], Exit.USAGE, "usage"),
    ("no such kind", lambda _: ["backup", "dva:x", "--to", "/x"], Exit.USAGE, "place"),
    ("a wrong ending", lambda stage: ["export", str(stage.copy), "--to", "x.txt"], Exit.USAGE, "place"),
    ("broken settings", broken_settings, Exit.USAGE, "settings"),
    ("a newer database", newer_database, Exit.USAGE, "database-too-new"),
    ("a lost source", lost_source, Exit.USAGE, "configuration"),
    ("a held job", held_elsewhere, Exit.BUSY, "busy"),
    ("many deletions", mass_deletion, Exit.SAFETY_STOP, "mass-deletion"),
    ("a damaged database", damage_database, Exit.UNEXPECTED, "database-damaged"),
    ("a folder that is none", lambda _: ["history", "/no/such/folder"], Exit.UNEXPECTED, "local-file"),
    ("a bug", odd_state, Exit.UNEXPECTED, "unexpected"),
]


@pytest.mark.parametrize(("spoil", "code", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_code_its_reason_and_its_words(
    process: Run, run: Run, stage: Stage, spoil: Callable[[Stage], list[str]], code: Exit, reason: str
) -> None:
    args = spoil(stage)
    told = process(*args, "--json")
    assert told.code == code
    assert "Traceback" not in told.err
    for line in told.out.splitlines():
        assert json.loads(line)["v"] == 1
    if not reason:
        assert told.err == ""
        return
    error = json.loads(told.err.splitlines()[-1])
    assert (error["type"], error["code"], error["reason"]) == ("exit_error", code, reason)
    said = run(*args)
    assert said.code == code
    assert error["title"] in said.err
    assert error["what_to_do"] in said.err
    assert "Traceback" not in said.err


def test_every_way_to_fail_that_needs_no_server_is_here() -> None:
    """The others need one: access (12), a full place (13), a passing fault (5), a signal (130, 143)."""
    covered = {code for _, _, code, _ in CASES}
    of_servers = {Exit.TEMPORARY, Exit.ACCESS, Exit.FULL, Exit.INTERRUPTED, Exit.TERMINATED}
    known_before = {code for code in Exit if int(code) <= 14 or int(code) in {130, 143}}
    assert known_before <= covered | of_servers


@pytest.mark.parametrize("home", ["~nobody-of-this-name/x", "/tmp/what?is/this"])
def test_a_home_that_cannot_be_meant_is_named(process: Run, home: str) -> None:
    answer = process("jobs", env={"WHERRY_HOME": home})
    assert (answer.code, answer.out) == (2, "")
    assert "WHERRY_HOME" in answer.err
    assert "Traceback" not in answer.err


def test_without_any_home_there_is_no_trace(process: Run) -> None:
    answer = process(
        "jobs", env={"WHERRY_HOME": "", "HOME": "/proc/nowhere", "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""}
    )
    assert answer.code != 0
    assert "Traceback" not in answer.err
    assert answer.err.startswith("wherry: ")


@pytest.mark.parametrize(
    "args",
    [("bakup", "--json"), ("jobs", "--frobnicate", "--json"), ("backup", "--json"), ("status", "a", "b", "--json")],
)
def test_a_line_that_cannot_be_read_is_refused_in_the_form_it_asks_for(process: Run, args: tuple[str, ...]) -> None:
    answer = process(*args)
    assert (answer.code, answer.out) == (2, "")
    error = json.loads(answer.err)
    assert (error["type"], error["reason"], error["code"]) == ("exit_error", "usage", 2)
