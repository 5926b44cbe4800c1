"""Folders to copy, a home of its own for each test, and three ways to run the command."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Wherry//Tests//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
    "DTSTAMP:20240101T000000Z\r\nDTSTART:{start}\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nEND:VCARD\r\n"


def write_event(folder: Path, name: str, *, summary: str = "Lunch", start: str = "20240507T120000Z") -> Path:
    """Write one event as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ics"
    path.write_bytes(EVENT.format(uid=f"{name}@example.org", start=start, summary=summary).encode())
    return path


def write_card(folder: Path, name: str, *, full: str = "Ana Silva") -> Path:
    """Write one contact as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.vcf"
    path.write_bytes(CARD.format(uid=name, name=full).encode())
    return path


def make_pim(root: Path, *, events: int = 4, cards: int = 3) -> Path:
    """Make a folder with one calendar and one address book."""
    for number in range(events):
        write_event(
            root / "Work", f"e{number:03}", summary=f"Event {number}", start=f"2024{number % 12 + 1:02}05T100000Z"
        )
    for number in range(cards):
        write_card(root / "Friends", f"c{number:03}", full=f"Person {number}")
    return root


def items_of(root: Path) -> dict[str, bytes]:
    """Return every item of a folder of collections: relative path -> bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.glob("*/*"))
        if path.suffix in {".ics", ".vcf"} and not path.parent.name.startswith(".")
    }


@dataclass(frozen=True)
class Answer:
    """What a command line answered."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def job(self) -> str:
        """The id of the job in JSON lines."""
        return str(next(line["job"] for line in self.lines if "job" in line))


Run = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder for settings, secrets and state."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """Return an environment that leads to that home and to nothing else of this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHERRY_")}
    return {**kept, "WHERRY_HOME": str(home), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


@pytest.fixture
def run(home: Path) -> Iterator[Run]:
    """Run a command line in this process: ``run("jobs", "--json")``."""
    runner = CliRunner()

    def go(*args: str, input: str | None = None, env: Mapping[str, str] | None = None) -> Answer:  # noqa: A002 - as click calls it
        from wherry.cli.main import cli

        clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("WHERRY_")}
        settings = {**clean, "WHERRY_HOME": str(home), **(env or {})}
        result = runner.invoke(cli, list(args), input=input, env=settings)
        return Answer(result.exit_code, result.stdout, result.stderr)

    yield go
    close_log()


def close_log() -> None:
    """Close the handlers a command left on the root logger."""
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if getattr(handler, "of_wherry", False):
            root.removeHandler(handler)
            handler.close()
    root.setLevel(logging.WARNING)


@pytest.fixture
def process(environ: dict[str, str]) -> Run:
    """Run a command line in a process of its own."""

    def go(*args: str, input: str | None = None, env: Mapping[str, str] | None = None) -> Answer:  # noqa: A002 - as click calls it
        done = subprocess.run(
            [sys.executable, "-m", "wherry", *args],
            input=input,
            stdin=None if input is not None else subprocess.DEVNULL,
            env={**environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return go
