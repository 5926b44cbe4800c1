"""Asking for help costs next to nothing: no SDK, no database, no terminal library is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAVY = {
    *("sqlalchemy", "alembic", "psycopg", "rich", "jinja2", "tenacity", "caldav", "requests", "urllib3"),
    *("dns", "lxml", "icalendar", "vobject", "asyncio", "concurrent", "email", "http", "ssl", "sqlite3"),
    *("cryptography", "keyring", "google", "googleapiclient", "httplib2"),
}
ROUNDS = 9
FACTOR = 5

# Users' Python keeps its compiled modules; a setting of this machine must not hide that.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _loaded(*arguments: str) -> set[str]:
    """Return the top-level modules that a command line loads."""
    command = [sys.executable, "-X", "importtime", "-m", "wherry", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert done.stdout
    return {line.rpartition("|")[2].strip().split(".")[0] for line in lines[1:]}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("help", "places"),
        ("help", "exit-codes"),
        ("backup", "--help"),
        ("migrate", "--help"),
    ],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    # Reading our own version number takes the standard library's e-mail parser.
    allowed = {"email"} if arguments == ("--version",) else set()
    assert (HEAVY - allowed) & _loaded(*arguments) == set()


def test_the_measurement_sees_what_is_loaded() -> None:
    assert {"click", "wherry"} <= _loaded("backup", "--help")


def _processor_seconds(command: Sequence[str]) -> float:
    """Run *command* and return the processor time it took: other work on the machine does not count."""
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_help_costs_less_than_five_empty_pythons() -> None:
    """The best of interleaved rounds on both sides, so that one disturbed round decides nothing."""
    empty = [sys.executable, "-c", "pass"]
    help_page = [sys.executable, "-m", "wherry", "--help"]
    _processor_seconds(help_page)  # compiles what is not compiled yet
    rounds = [(_processor_seconds(empty), _processor_seconds(help_page)) for _ in range(ROUNDS)]
    nothing, page = (min(column) for column in zip(*rounds, strict=True))
    assert page < FACTOR * nothing, f"{page * 1000:.0f} ms against {nothing * 1000:.0f} ms"
