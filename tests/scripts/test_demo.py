"""The demo is told to its end, with every command ending as it says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from scripts import demo
from simulators.davservers import DavServer, radicale
from simulators.pimdata import events
from tests.scripts.conftest import PROJECT

STORY = [
    *("connect", "backup", "accounts", "connect", "backup", "connect", "migrate", "migrate", "verify", "report"),
    *("disconnect", "connect", "connect", "backup", "migrate", "backup", "migrate", "migrate", "verify"),
    *("disconnect", "disconnect", "accounts", "audit", "audit"),
]


@pytest.mark.server
@pytest.mark.slow
def test_the_demo_tells_its_story(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.demo", str(tmp_path / "kept")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^\$ wherry (\w+)", done.stdout, re.MULTILINE) == STORY
    assert re.findall(r"^  exit code (\d+)$", done.stdout, re.MULTILINE) == ["0"] * len(STORY)
    assert "looks good" in done.stdout
    assert "4 items new or changed" in done.stdout
    assert f"{demo.GOOGLE_PEOPLE} items in another format, as read back" in done.stdout
    assert done.stdout.count("# The provider says: 0 of the accesses it ever gave still stand.") == 3
    page = (tmp_path / "kept" / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert f"{demo.EVENTS + demo.TODOS - 1 + demo.PEOPLE + 1}" in page


@pytest.fixture
def terminal(tmp_path: Path) -> demo.Terminal:
    return demo.Terminal(tmp_path)


def test_a_surprise_ends_the_story(terminal: demo.Terminal, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(demo.Surprise, match="exit code 2 in place of 0"):
        terminal.type("wherry no-such-verb")
    assert "$ wherry no-such-verb" in capfd.readouterr().out


def test_an_expected_code_is_no_surprise(terminal: demo.Terminal, capfd: pytest.CaptureFixture[str]) -> None:
    terminal.type("wherry no-such-verb", expect=2)
    assert capfd.readouterr().out.endswith("  exit code 2\n")


def test_the_demo_leaves_the_user_alone(
    terminal: demo.Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the user's settings nor their variables reach the story."""
    monkeypatch.setenv("WHERRY_HOME", str(tmp_path / "theirs"))
    monkeypatch.setenv("WHERRY_DATABASE", "postgresql://theirs")
    terminal.type("wherry jobs")
    capfd.readouterr()
    assert not (tmp_path / "theirs").exists()
    assert terminal.jobs() == {}


@pytest.mark.server
def test_servers_are_furnished_and_lived_in(tmp_path: Path) -> None:
    with radicale(tmp_path) as server:
        collections = demo.furnish(server)
        before = _stored(server)
        demo.live_on(server)
        after = _stored(server)
    assert len(before) == demo.EVENTS + demo.TODOS + demo.PEOPLE
    assert len(after - before) == 1
    assert len(before - after) == 1
    assert set(collections) == {"family", "tasks", "friends"}


def _stored(server: DavServer) -> set[str]:
    return {
        path.name
        for path in server.store.rglob("*")
        if path.suffix in {".ics", ".vcf"} and ".Radicale" not in str(path)
    }


def _first(count: int) -> Iterator[str]:
    return (uid for uid, _ in islice(events(demo.EVENTS), count))


def test_the_edited_events_are_different_ones() -> None:
    assert len(set(_first(demo.EDITED))) == demo.EDITED
