"""Every exit code scripts are promised, reached for real, against servers and folders in bad shape."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.faulty_dav import FaultyDav, sample
from tests.wherry.conftest import Run, make_pim
from wherry.exits import MEANINGS, Exit

JOB_FIELDS = {"v", "type", "job", "kind", "source", "destination", "state", "phase", "run", "present", "copied"} | {
    *("skipped", "failed", "started_at", "ended_at", "reason")
}


@pytest.fixture
def server() -> Iterator[FaultyDav]:
    """Return a connected server of 6 events; its account is ``dav:home``."""
    with FaultyDav() as running:
        work = running.store.make("calendar", "work")
        for number in range(6):
            work.put(f"{number}.ics", sample("calendar", number))
        yield running


@pytest.fixture
def connected(run: Run, server: FaultyDav) -> FaultyDav:
    answer = run(
        *("connect", "dav", "--name", "home", "--url", server.url, "--username", "ana", "--allow-private"),
        env={"WHERRY_PASSWORD": "pass"},
    )
    assert answer.code == 0, answer.err
    return server


def error_line(text: str) -> dict[str, object]:
    """Return the ``exit_error`` line, the last of standard error."""
    found: dict[str, object] = json.loads(text.splitlines()[-1])
    assert (found["v"], found["type"]) == (1, "exit_error")
    assert found["what_to_do"]
    return found


def test_0_and_4_and_10(run: Run, connected: FaultyDav, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert run("backup", "dav:home", "--to", str(copy), "-q").code == Exit.DONE
    job = run("status", "--json").lines[0]
    assert set(job) == JOB_FIELDS
    assert (job["state"], job["present"], job["copied"], job["reason"]) == ("done", 6, 6, None)
    assert run("jobs", "--json").lines == [job]
    assert run("verify", str(job["job"])).code == Exit.DONE
    next(copy.rglob("*.ics")).write_bytes(sample("calendar", 99))
    assert run("verify", str(job["job"])).code == Exit.DIFFERENCES
    assert run("status", "zzzz", "--json").code == Exit.UNKNOWN_NAME
    assert connected.count("PUT", "DELETE", "MKCALENDAR", "PROPPATCH") == 0


@pytest.mark.parametrize(
    ("fault", "value", "code", "reason"),
    [
        ("status", (401, {"WWW-Authenticate": "Basic"}, b""), Exit.ACCESS, "access-refused"),
        ("cut-xml", 40, Exit.TEMPORARY, "temporary"),
    ],
)
def test_5_and_12_at_the_source_and_the_same_command_goes_on(
    run: Run, connected: FaultyDav, tmp_path: Path, fault: str, value: object, code: Exit, reason: str
) -> None:
    command = ("backup", "dav:home", "--to", str(tmp_path / "copy"), "--json")
    connected.faults.switch(fault, value)
    answer = run(*command)
    assert answer.code == code
    assert (answer.lines[-1]["type"], answer.lines[-1]["exit_code"]) == ("summary", code)
    assert error_line(answer.err)["reason"] == reason
    assert error_line(answer.err)["code"] == code
    assert run("status").code == code
    connected.faults.mend()
    assert run(*command).code == Exit.DONE


def test_3_an_item_the_server_does_not_give(run: Run, connected: FaultyDav, tmp_path: Path) -> None:
    shelf = next(iter(connected.store.shelves.values()))
    shelf.put("broken.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:b\r\n")
    answer = run("backup", "dav:home", "--to", str(tmp_path / "copy"), "--json")
    assert answer.code == Exit.SOME_NOT_COPIED
    (item,) = (line for line in answer.lines if line["type"] == "item")
    assert set(item) == {"v", "type", "job", "collection", "ref", "outcome", "reason", "detail", "retry"}
    assert item["outcome"] == "failed"
    assert answer.lines[-1]["failed"] == 1


def test_13_the_destination_is_full(run: Run, connected: FaultyDav, tmp_path: Path) -> None:
    pim = make_pim(tmp_path / "pim", cards=0)
    connected.faults.switch("put-status", {"BEGIN": (507, "quota-not-exceeded")})
    answer = run("migrate", str(pim), "--to", "dav:home", "--json")
    assert answer.code == Exit.FULL
    assert error_line(answer.err)["reason"] == "destination-full"
    connected.faults.mend()
    assert run("migrate", str(pim), "--to", "dav:home").code == Exit.DONE


def test_11_another_run_holds_the_job(run: Run, home: Path, tmp_path: Path) -> None:
    args = ("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"))
    run(*args)
    with sqlite3.connect(home / "wherry.db") as database:
        held = "update job set state = 'leased', owner = 'elsewhere:1:x', lease_until = ?"
        database.execute(held, (4_000_000_000,))
    database.close()
    answer = run(*args, "--json")
    assert answer.code == Exit.BUSY
    assert error_line(answer.err)["reason"] == "busy"
    assert run("status").code == Exit.TEMPORARY
    assert run("doctor").code == Exit.DONE


def test_1_and_2_what_no_run_can_begin_with(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("backup").code == Exit.USAGE
    assert run("backup", "dav:nobody", "--to", str(tmp_path / "copy")).code in {Exit.USAGE, Exit.UNKNOWN_NAME}
    (home / "wherry.db").write_bytes(b"no database at all" * 500)
    answer = run("jobs", "--json")
    assert answer.code == Exit.UNEXPECTED
    assert answer.out == ""
    assert error_line(answer.err)["code"] == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_130_and_143_while_a_server_does_not_answer(
    environ: dict[str, str], connected: FaultyDav, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    connected.faults.switch("status", (503, {"Retry-After": "600"}, b""))
    backup = subprocess.Popen(
        [sys.executable, "-m", "wherry", "backup", "dav:home", "--to", str(tmp_path / "copy"), "--json"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert backup.stdout is not None
    lines = [json.loads(backup.stdout.readline())]
    assert lines[0]["type"] == "job"
    backup.send_signal(number)
    out, err = backup.communicate(timeout=30)
    assert backup.returncode == code, err
    assert "Traceback" not in err
    assert json.loads(out.splitlines()[-1])["type"] == "summary"
    connected.faults.mend()


def test_every_code_has_a_meaning_and_a_number_shells_can_return() -> None:
    assert set(MEANINGS) == set(Exit)
    assert all(0 <= code < 256 for code in Exit)
    assert os.EX_OK == Exit.DONE
