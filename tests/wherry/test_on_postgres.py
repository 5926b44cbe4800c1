"""One whole backup session with PostgreSQL as the state database, as a person would have it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.postgres import PostgresMissing, PostgresServer, postgres
from tests.wherry.conftest import Run, items_of, make_pim, write_event

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Lend a server; without one CI fails."""
    try:
        with postgres() as running:
            yield running
    except PostgresMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL is needed here: {missing}")
        pytest.skip(f"PostgreSQL is missing: {missing}")


@pytest.fixture
def database(server: PostgresServer) -> Iterator[str]:
    """Return the address of an empty database: the tests share the server, never their jobs."""
    with server.database() as name:
        yield server.url(name)


def test_a_whole_session(process: Run, run: Run, home: Path, database: str, tmp_path: Path) -> None:
    env = {"WHERRY_DATABASE": database}
    pim, copy = make_pim(tmp_path / "pim", events=30), tmp_path / "copy"
    command = ("backup", str(pim), "--to", str(copy))
    plan = run(*command, "--dry-run", "--json", env=env)
    assert [line["new"] for line in plan.lines] == [3, 30]
    first = process(*command, env=env)
    assert first.code == 0
    assert first.out.startswith("Backup finished.")
    assert items_of(copy) == items_of(pim)
    assert process(*command, env=env).out.startswith("Nothing changed: all 33 items")
    write_event(pim / "Work", "e000", summary="Moved")
    (pim / "Friends" / "c000.vcf").unlink()
    (pim / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    plan = run(*command, "--dry-run", "--json", env=env)
    assert [(line["changed"], line["gone"]) for line in plan.lines] == [(0, 1), (1, 0)]
    last = run(*command, "--json", env=env)
    assert last.code == 3
    assert [last.lines[-1][name] for name in ("present", "copied", "failed")] == [33, 32, 1]
    (status,) = run("jobs", "--json", env=env).lines
    assert (status["job"], status["state"], status["run"]) == (last.job, "done_with_problems", 3)
    assert run("status", env=env).code == 3
    kinds = [line["type"] for line in run("report", "--json", env=env).lines]
    assert kinds[:3] == ["report", "collection", "collection"]
    assert (kinds.count("problem"), kinds.count("day")) == (1, 13)  # one moved away from the others
    assert run("verify", last.job, "--json", env=env).code in {0, 4}
    assert run("watch", "--json", env=env).lines[-1]["state"] == "done_with_problems"
    checks = {line["check"]: line for line in run("doctor", "--json", env=env).lines}
    assert checks["database"]["ok"]
    assert checks["database"]["words"].endswith("answers")
    assert not list(home.glob("*.db*"))


def test_many_deletions_stop_here_too(run: Run, database: str, tmp_path: Path) -> None:
    env = {"WHERRY_DATABASE": database}
    pim, copy = make_pim(tmp_path / "pim", events=40), tmp_path / "copy"
    assert run("backup", str(pim), "--to", str(copy), env=env).code == 0
    for number in range(30):
        (pim / "Work" / f"e{number:03}.ics").unlink()
    assert run("backup", str(pim), "--to", str(copy), env=env).code == 14
    assert len(items_of(copy)) == 43
    job = run("status", "--json", env=env).lines[0]["job"]
    assert run("resume", job, "--allow-deletions", env=env).code == 0
    assert items_of(copy) == items_of(pim)


def test_a_server_that_is_not_there_is_told_without_its_password(run: Run, tmp_path: Path) -> None:
    address = f"postgresql+psycopg://ana:c4n4ry@/x?host={tmp_path}"
    answer = run("jobs", "--json", env={"WHERRY_DATABASE": address})
    assert answer.code in {1, 2, 5}
    assert "exit_error" in answer.err
    assert "c4n4ry" not in answer.err
    doctor = run("doctor", env={"WHERRY_DATABASE": address})
    assert doctor.code == 1
    assert "PROBLEM  database" in doctor.out
    assert "c4n4ry" not in doctor.out + doctor.err
