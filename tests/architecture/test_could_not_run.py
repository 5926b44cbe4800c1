"""The test run is honest about what it left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

LEFT_OUT = """
import pytest

@pytest.mark.skip(reason="no server")
def test_skipped(): ...

def test_skips_itself():
    pytest.skip("no network")

@pytest.mark.xfail(reason="known fault")
def test_expected(): assert False
"""
RUNS = "def test_runs(): ...\n"
PARALLEL = ("-n", "2")
UNSET = {"CI", "PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE"}


def _run(folder: Path, *arguments: str, ci: bool) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_XDIST")}
    environment |= {"CI": "true"} if ci else {}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments]
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [(), PARALLEL], ids=["alone", "parallel"])
def test_what_could_not_run_is_named_and_counted(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "test_a.py").write_text(LEFT_OUT + RUNS, encoding="utf-8")
    (tmp_path / "test_b.py").write_text("import pytest\npytest.importorskip('no_such_module')\n", encoding="utf-8")
    done = _run(tmp_path, *arguments, ci=False)
    assert done.returncode == 0
    assert "could not run here: 4" in done.stdout
    assert "test_a.py::test_skipped: no server" in done.stdout
    assert "test_a.py::test_skips_itself: no network" in done.stdout
    assert "test_a.py::test_expected: expected to fail: known fault" in done.stdout
    assert "no_such_module" in done.stdout


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [(LEFT_OUT + RUNS, (), 1), (LEFT_OUT + RUNS, PARALLEL, 1), (RUNS, (), 0)],
    ids=["left out", "left out, parallel", "complete"],
)
def test_in_ci_a_test_that_does_not_run_is_a_failure(
    tmp_path: Path, text: str, arguments: tuple[str, ...], code: int
) -> None:
    (tmp_path / "test_a.py").write_text(text, encoding="utf-8")
    done = _run(tmp_path, *arguments, ci=True)
    assert done.returncode == code
    assert ("a test that does not run is a failure: 3" in done.stdout) is bool(code)


def test_a_failure_stays_a_failure(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_fails(): assert False\n", encoding="utf-8")
    assert _run(tmp_path, ci=False).returncode == 1
