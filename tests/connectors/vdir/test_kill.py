"""Kill -9 at every call of the operating system: nothing half, nothing lost, nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.vdir.versions import history
from tests.connectors.vdir import dying

REPOSITORY = Path(__file__).parents[3]
FEWEST = {"ensure": 15, "create": 20, "update": 20, "remove": 10}
"""Steps each action has at least: a guard against a harness that wraps nothing."""


def visible(root: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in (root / "home").glob("*.ics")}


def kept(root: Path, name: str) -> list[bytes]:
    return [version.path.read_bytes() for version in history(root, "home", f"{name}.ics")]


def check_after_the_kill(root: Path, action: str) -> None:
    if action == "ensure":
        return
    there = visible(root)
    if action == "create":
        assert there.items() >= dying.OLD.items()
        assert there.items() <= {**dying.OLD, **dying.NEW}.items()
    if action == "update":
        assert there.keys() == dying.OLD.keys(), "an item being replaced is always there"
    for name, old in dying.OLD.items():
        if action == "update" and there[name] != old:
            assert there[name] == dying.EDITED[name]
            assert old in kept(root, name), "the replaced bytes are kept"
        if action == "remove" and name in there:
            assert there[name] == old
        if action == "remove" and name not in there:
            assert kept(root, name) == [old] * len(kept(root, name)) != []


def check_after_the_next_run(root: Path, action: str) -> None:
    expected = {
        "ensure": {},
        "create": {**dying.OLD, **dying.NEW},
        "update": dying.EDITED,
        "remove": {},
    }[action]
    assert visible(root) == expected
    assert [path.name for path in root.rglob("*.tmp")] == []
    assert [path.name for path in root.iterdir() if path.name != ".wherry"] == ["home"]
    assert (root / "home" / "displayname").read_text() == "Home"
    assert (root / "home" / "color").read_text() == "#00FF00"


@pytest.mark.parametrize("action", ["ensure", "create", "update", "remove"])
def test_case_36_killed_at_every_step(top: Path, action: str) -> None:
    command = [sys.executable, "-m", "tests.connectors.vdir.dying", str(top), action]
    subprocess.run(command, cwd=REPOSITORY, check=True, timeout=240)
    roots = sorted(top.iterdir(), key=lambda path: int(path.name))
    assert len(roots) > FEWEST[action]
    for root in roots:
        check_after_the_kill(root, action)
        dying.act(str(root), action)
        check_after_the_next_run(root, action)
