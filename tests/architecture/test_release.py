"""What users would get: their environment stays whole, the lock is current, the scripts are sound."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from scripts import wheel
from tests.architecture.tree import PRODUCT, ROOT

SCRIPTS = [
    *(path for path in sorted((ROOT / "scripts").iterdir()) if path.is_file() and not path.suffix),
    ROOT / ".ci/run",
]


def test_urllib3_is_urllib3() -> None:
    """From 2.1 on caldav brings a package that overwrites urllib3 for the whole environment."""
    assert vars(urllib3)["__version__"] == importlib.metadata.version("urllib3")
    installed = {str(each.metadata["Name"]).lower() for each in importlib.metadata.distributions()}
    assert installed.isdisjoint({"urllib3-future", "niquests"})


def test_urllib3_files_belong_to_urllib3() -> None:
    owners = importlib.metadata.packages_distributions()["urllib3"]
    assert set(owners) == {"urllib3"}


def _uv() -> str | None:
    own = ROOT / ".tools" / "uv"
    return str(own) if own.exists() else shutil.which("uv")


@pytest.mark.skipif(_uv() is None, reason="uv is not on this machine")
def test_the_lock_is_current(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "uv.lock", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    command = [str(_uv()), "lock", "--check", "--offline", "--python", sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_wheel_is_to_hold_the_five_packages() -> None:
    assert set(wheel.packages()) == set(PRODUCT)


@pytest.mark.parametrize("name", ["sync_engine/migrations/env.py", "wherry/__main__.py", "connectors/py.typed"])
def test_the_wheel_is_to_hold(name: str) -> None:
    assert name in wheel.expected()


@pytest.mark.parametrize("folder", ["simulators", "tests", "benchmarks", "scripts"])
def test_the_wheel_is_not_to_hold(folder: str) -> None:
    assert [name for name in wheel.expected() if name.startswith(f"{folder}/")] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_stop_at_the_first_fault(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path.name != "debian"], ids=lambda path: path.name)
def test_scripts_work_from_any_folder(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert 'cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."' in text
