"""Signals, on real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wherry.conftest import Run, items_of, make_pim

LOOP = """
import sys, time
from wherry.stopping import Stopper
with Stopper() as stop:
    print("ready", flush=True)
    while not stop():
        time.sleep(0.01)
    print("asked", stop.code, flush=True)
    {then}
    sys.exit(stop.code)
"""


def start(environ: dict[str, str], then: str = "pass") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOOP.format(then=then)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_asks(environ: dict[str, str], number: signal.Signals, code: int) -> None:
    process = start(environ)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert out == f"asked {code}\n"
    assert "stopping at the next safe point ..." in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_signal_ends_at_once(environ: dict[str, str], number: signal.Signals, code: int) -> None:
    process = start(environ, then="time.sleep(600)")
    process.send_signal(number)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("asked")
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert "nothing is lost" in err


def until(ready: Callable[[], bool], *, limit: float = 40.0) -> bool:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.005)
    return False


def begin(environ: dict[str, str], pim: Path, copy: Path, *flags: str) -> subprocess.Popen[str]:
    """Start a backup and return when it has copied something."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wherry", "backup", str(pim), "--to", str(copy), *flags],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    work = copy / "Work"
    assert until(lambda: process.poll() is not None or (work.is_dir() and len(os.listdir(work)) > 20))
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_backup_stops_at_a_safe_point_and_goes_on_later(
    environ: dict[str, str], process: Run, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    pim, copy = make_pim(tmp_path / "pim", events=1200), tmp_path / "copy"
    backup = begin(environ, pim, copy, "--plain")
    backup.send_signal(number)
    out, err = backup.communicate(timeout=60)
    if backup.returncode == 0:  # it was faster than the signal
        assert out.startswith("Backup finished.")
    else:
        assert backup.returncode == code
        assert "stopping at the next safe point ..." in err
        found = re.search(r"stopped\. ([\d,]+) items are safe in .*\nContinue with: wherry resume (\w+)\n", err)
        assert found
        safe, job = int(found[1].replace(",", "")), found[2]
        assert safe <= len(items_of(copy)) < 1203
        assert process("status", job).code == 130
        resumed = process("resume", job)
        assert resumed.code == 0
        assert "goes on" in resumed.err
    assert items_of(copy) == items_of(pim)


def test_a_killed_backup_is_taken_over(environ: dict[str, str], process: Run, tmp_path: Path) -> None:
    pim, copy = make_pim(tmp_path / "pim", events=1200), tmp_path / "copy"
    backup = begin(environ, pim, copy)
    backup.kill()
    backup.communicate(timeout=60)
    answer = process("backup", str(pim), "--to", str(copy))
    assert answer.code == 0
    assert "goes on" in answer.err
    assert items_of(copy) == items_of(pim)


def test_a_job_is_run_by_one_process_at_a_time_and_can_be_watched_and_paused(
    environ: dict[str, str], process: Run, tmp_path: Path
) -> None:
    pim, copy = make_pim(tmp_path / "pim", events=1200), tmp_path / "copy"
    backup = begin(environ, pim, copy)
    second = process("backup", str(pim), "--to", str(copy))
    if backup.poll() is None:
        assert second.code == 11
        assert "wherry watch" in second.err
        job = process("status", "--json").lines[0]["job"]
        watch = subprocess.Popen(
            [sys.executable, "-m", "wherry", "watch", job, "--json"], env=environ, stdout=subprocess.PIPE, text=True
        )
        process("pause", job)
        out, err = backup.communicate(timeout=60)
        lines = [json.loads(line) for line in watch.communicate(timeout=60)[0].splitlines()]
        assert lines[0]["type"] == "job"
        assert lines[-1]["type"] == "status"
        assert lines[-1]["state"] in {"paused", "done"}
        assert all(line["v"] == 1 for line in lines)
        assert backup.returncode in {0, 130}
        assert "Continue with: wherry resume" in err or out.startswith("Backup finished")
        assert process("-q", "resume", job).code == 0
    else:
        backup.communicate(timeout=60)
    assert items_of(copy) == items_of(pim)


def test_a_reader_that_leaves_is_no_error_with_a_trace(environ: dict[str, str], tmp_path: Path) -> None:
    command = f"{sys.executable} -m wherry help exit-codes | true; {sys.executable} -m wherry accounts --json | head -0"
    done = subprocess.run(["/bin/sh", "-c", command], env=environ, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert tmp_path.is_dir()
