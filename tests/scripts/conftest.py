"""A small tree with stand-in programs, in which the project's scripts are run for real."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = [
    *("bash", "env", "cat", "cut", "dirname", "grep", "head", "id", "ln", "mkdir"),
    *("mktemp", "realpath", "rm", "sha256sum", "sort", "tail", "tee"),
]


@dataclass(frozen=True, slots=True)
class Tree:
    """A project in *root*, whose PATH is *programs* and nothing else."""

    root: Path
    programs: Path

    def program(self, name: str, body: str) -> None:
        """Put a stand-in on the PATH."""
        self.write(self.programs / name, body)

    def write(self, path: Path, body: str) -> None:
        """Write a program in bash."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of the tree's own scripts from elsewhere."""
        environment = {"PATH": str(self.programs), "HOME": str(self.root / "home")}
        words = [str(self.root / command[0]), *command[1:]]
        return subprocess.run(words, cwd="/", env=environment, capture_output=True, text=True, check=False)

    def log(self) -> list[str]:
        """Return what the stand-ins wrote down."""
        file = self.root / "log"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a tree whose path holds a space, with the scripts as they are."""
    made = Tree(tmp_path / "a tree", tmp_path / "programs")
    for name in ("scripts/setup", "scripts/debian", ".ci/run"):
        target = made.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, target)
    for name in ("pyproject.toml", "uv.lock"):
        (made.root / name).write_text(f"{name}\n", encoding="utf-8")
    made.programs.mkdir()
    for name in PROGRAMS:
        (made.programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return made
