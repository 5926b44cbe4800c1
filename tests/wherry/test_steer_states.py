"""Pause, cancel, resume, watch and status in every state a job can be in, by whole processes and by the database."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from sync_engine.model import JobState
from tests.wherry.conftest import Run, items_of, make_pim
from wherry.cli.command import WherryCommand
from wherry.cli.jobs import STATES
from wherry.cli.main import cli
from wherry.exits import Exit
from wherry.explain import TABLE
from wherry.report_page import STATE_WORDS


class Made:
    """A finished backup whose row can be put into any state."""

    def __init__(self, run: Run, home: Path, tmp_path: Path, events: int = 4) -> None:
        self.pim, self.copy, self.file = (
            make_pim(tmp_path / "pim", events=events),
            tmp_path / "copy",
            home / "wherry.db",
        )
        self.job = run("backup", str(self.pim), "--to", str(self.copy), "--json").job

    def set(self, **values: object) -> None:
        words = ", ".join(f"{name} = ?" for name in values)
        with sqlite3.connect(self.file) as database:
            database.execute(f"update job set {words}", tuple(values.values()))
        database.close()


@pytest.fixture
def made(run: Run, home: Path, tmp_path: Path) -> Made:
    return Made(run, home, tmp_path)


def problem(reason: str, error: str) -> str:
    return json.dumps({"reason": reason, "error": error, "detail": "why"})


IN_STATES = [
    ("ready", None, 5),
    ("ready", problem("temporary", "Transient"), 5),
    ("paused", None, 130),
    ("needs_user", problem("access-refused", "ReauthRequired"), 12),
    ("needs_user", problem("destination-full", "DestinationFull"), 13),
    ("needs_user", problem("configuration", "ConfigError"), 2),
    ("stopped", problem("mass-deletion", ""), 14),
    ("done", None, 0),
    ("done_with_problems", None, 3),
    ("cancelled", None, 130),
    ("failed", problem("unexpected", "RuntimeError"), 1),
    ("failed", None, 1),
]


@pytest.mark.parametrize(("state", "why", "code"), IN_STATES)
@pytest.mark.parametrize("command", ["status", "watch"])
def test_every_state_has_its_line_and_its_code(
    run: Run, made: Made, state: str, why: str | None, code: int, command: str
) -> None:
    made.set(state=state, problem=why)
    answer = run(command, made.job)
    assert answer.code == code
    last = answer.out.splitlines()[-1]
    assert last == f"{made.job}  {STATES[state]}  7/7 items  {made.pim} -> {made.copy}"
    line = run(command, made.job, "--json").lines[-1]
    assert (line["state"], line["copied"], line["present"]) == (state, 7, 7)
    assert line["reason"] == (json.loads(why)["reason"] if why else None)
    assert STATES[state] in run("jobs").out


@pytest.mark.parametrize("name", ["status", "watch"])
def test_the_page_of_a_look_names_every_code_it_can_give(name: str) -> None:
    with click.Context(cli) as ctx:
        command = cli.get_command(ctx, name)
    assert isinstance(command, WherryCommand)
    assert {code for _, _, code in IN_STATES} <= {int(code) for code in command.exits}


def test_every_state_has_words_everywhere() -> None:
    states = {state.value for state in JobState}
    assert set(STATES) == set(STATE_WORDS) == states
    assert len(set(STATES.values())) == len(states)


@pytest.mark.parametrize("state", ["done", "done_with_problems", "cancelled"])
@pytest.mark.parametrize("command", ["pause", "cancel"])
def test_an_ended_job_stays_ended(run: Run, made: Made, state: str, command: str) -> None:
    made.set(state=state)
    answer = run(command, made.job)
    assert answer.code == 0
    said = "is cancelled" if state == "cancelled" else f"had ended already ({state.replace('_', ' ')})"
    assert said in answer.out
    assert run("status", made.job, "--json").lines[0]["state"] == state


@pytest.mark.parametrize(
    ("state", "command", "after"),
    [
        ("ready", "pause", "paused"),
        ("ready", "cancel", "cancelled"),
        ("paused", "pause", "paused"),
        ("paused", "cancel", "cancelled"),
        ("needs_user", "cancel", "cancelled"),
        ("needs_user", "pause", "needs_user"),
    ],
)
def test_a_job_nobody_works_on_obeys_at_once(run: Run, made: Made, state: str, command: str, after: str) -> None:
    made.set(state=state)
    assert run(command, made.job, "--json").lines[0]["state"] == after
    assert run("status", made.job, "--json").lines[0]["state"] == after


@pytest.mark.parametrize("command", ["pause", "cancel"])
def test_a_job_somebody_works_on_is_told_when_it_will_obey(run: Run, made: Made, command: str) -> None:
    made.set(state="leased", owner="elsewhere:1:x", lease_until=4_000_000_000.0)
    answer = run(command, made.job)
    assert answer.out == f"{made.job} will {command} at its next safe point.\n"
    assert run("status", made.job).code == Exit.TEMPORARY


@pytest.mark.parametrize("state", ["ready", "paused", "needs_user", "done", "cancelled", "failed", "stopped"])
def test_resume_goes_on_from_wherever_a_job_stands(run: Run, made: Made, state: str) -> None:
    (made.pim / "Work" / "e000.ics").unlink()
    made.set(state=state, problem=problem("temporary", "Transient") if state == "needs_user" else None)
    answer = run("resume", made.job, "--json")
    assert answer.code == 0
    assert answer.lines[-1]["state"] == "done"
    assert items_of(made.copy) == items_of(made.pim)


def test_a_job_held_elsewhere_cannot_be_resumed_or_run_again(run: Run, made: Made) -> None:
    made.set(state="leased", owner="elsewhere:1:x", lease_until=4_000_000_000.0)
    for args in (("resume", made.job), ("backup", str(made.pim), "--to", str(made.copy))):
        answer = run(*args)
        assert answer.code == Exit.BUSY
        assert answer.out == ""
        assert "wherry watch" in answer.err


@pytest.mark.parametrize("name", sorted(name for name in TABLE if name.startswith("connectors.errors.")))
def test_what_stopped_a_job_is_told_by_status_with_its_code(run: Run, made: Made, name: str) -> None:
    row = TABLE[name]
    made.set(state="needs_user", problem=problem(row.reason, name.rpartition(".")[2]))
    assert run("status", made.job).code == row.exit_code
    assert run("status", made.job, "--json").lines[0]["reason"] == row.reason


def until(ready: Callable[[], bool], *, limit: float = 30.0) -> bool:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.01)
    return False


def watching(environ: dict[str, str], job: str, *flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "wherry", "watch", job, *flags],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_watching_follows_a_job_of_another_process_to_its_end(environ: dict[str, str], run: Run, made: Made) -> None:
    made.set(state="leased", phase="copy", owner="elsewhere:1:x", lease_until=4_000_000_000.0, ended_at=None)
    watch = watching(environ, made.job, "--json")
    assert watch.stdout is not None
    first = [json.loads(watch.stdout.readline()) for _ in range(3)]
    assert [line["type"] for line in first] == ["job", "phase", "progress"]
    assert first[1]["phase"] == "copy"
    made.set(phase="finishing")
    assert json.loads(watch.stdout.readline())["type"] in {"phase", "progress"}
    made.set(state="done", owner=None, lease_until=None)
    lines = [json.loads(line) for line in watch.communicate(timeout=30)[0].splitlines()]
    assert watch.returncode == 0
    assert lines[-1]["type"] == "status"
    assert lines[-1]["state"] == "done"
    assert run("status", made.job).code == 0


def test_watching_ends_when_the_worker_died(environ: dict[str, str], made: Made) -> None:
    made.set(state="leased", owner="elsewhere:1:x", lease_until=4_000_000_000.0)
    watch = watching(environ, made.job, "--json")
    assert watch.stdout is not None
    assert json.loads(watch.stdout.readline())["type"] == "job"
    made.set(lease_until=1.0)
    assert watch.wait(30) == Exit.TEMPORARY
    watch.communicate()


def test_a_signal_ends_the_watching_and_not_the_job(environ: dict[str, str], run: Run, made: Made) -> None:
    made.set(state="leased", owner="elsewhere:1:x", lease_until=4_000_000_000.0)
    watch = watching(environ, made.job, "--json")
    assert watch.stdout is not None
    assert json.loads(watch.stdout.readline())["type"] == "job"
    watch.terminate()
    out, err = watch.communicate(timeout=30)
    assert watch.returncode == Exit.TERMINATED
    assert json.loads(out.splitlines()[-1])["state"] == "leased"
    assert err == ""
    assert run("status", made.job, "--json").lines[0]["state"] == "leased"


def test_a_watcher_draws_nothing_and_says_one_line_when_asked_to_be_quiet(run: Run, made: Made) -> None:
    answer = run("watch", made.job, "-q")
    assert answer.err == ""
    assert len(answer.out.splitlines()) == 1


def test_cancelling_while_it_runs_keeps_what_is_copied(environ: dict[str, str], run: Run, tmp_path: Path) -> None:
    pim, copy = make_pim(tmp_path / "pim", events=900, cards=0), tmp_path / "copy"
    backup = subprocess.Popen(
        [sys.executable, "-m", "wherry", "backup", str(pim), "--to", str(copy), "--plain"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    work = copy / "Work"
    assert until(lambda: backup.poll() is not None or (work.is_dir() and len(os.listdir(work)) > 20))
    job = run("status", "--json").job
    run("cancel", job)
    out, err = backup.communicate(timeout=60)
    state = run("status", job, "--json").lines[0]
    if state["state"] == "cancelled":
        assert backup.returncode == 130
        assert f"{state['copied']:,} items stay in" in err or "1 item stay" in err
        assert state["copied"] <= len(items_of(copy)) < 900
        assert run("resume", job).code == 0
    else:
        assert out.startswith("Backup finished.")
    assert items_of(copy) == items_of(pim)


def test_many_looks_at_once_do_not_disturb_each_other(process: Run, made: Made) -> None:
    answers: list[int] = []
    looks = [("status",), ("jobs", "--json"), ("report",), ("verify", made.job)]
    threads = [threading.Thread(target=lambda args=args: answers.append(process(*args).code)) for args in looks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [0] * len(looks)
