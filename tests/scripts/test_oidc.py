"""Installing the OpenID provider for tests: from its lock file, once, and never half."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.scripts.conftest import PROJECT, Tree

CI = "ci --prefix .tools/oidc --ignore-scripts --no-audit --no-fund --loglevel=error"


@pytest.fixture
def oidc(tree: Tree) -> Tree:
    """Return the tree with the script, what it installs from, and Node.js."""
    shutil.copy(PROJECT / "scripts/oidc", tree.root / "scripts/oidc")
    source = tree.root / "simulators/oidc"
    source.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (source / name).write_text(f"{name}\n", encoding="utf-8")
    (tree.programs / "cp").symlink_to(shutil.which("cp") or "/bin/cp")
    tree.program("node", "exit 0")
    tree.program("npm", 'echo "$*" >>log; mkdir -p .tools/oidc/node_modules')
    return tree


def test_it_is_installed_from_the_lock_file(oidc: Tree) -> None:
    done = oidc.run("scripts/oidc")
    assert (done.returncode, done.stderr) == (0, "")
    assert oidc.log() == [CI]
    for name in ("package.json", "package-lock.json"):
        assert (oidc.root / ".tools/oidc" / name).read_text(encoding="utf-8") == f"{name}\n"


def test_the_second_time_there_is_nothing_to_do(oidc: Tree) -> None:
    oidc.run("scripts/oidc")
    done = oidc.run("scripts/oidc")
    assert (done.returncode, done.stdout) == (0, "")
    assert oidc.log() == [CI]


@pytest.mark.parametrize("name", ["package.json", "package-lock.json"])
def test_another_lock_file_is_installed_again(oidc: Tree, name: str) -> None:
    oidc.run("scripts/oidc")
    (oidc.root / "simulators/oidc" / name).write_text("newer\n", encoding="utf-8")
    assert oidc.run("scripts/oidc").returncode == 0
    assert oidc.log() == [CI, CI]


def test_a_failure_is_told_and_tried_again(oidc: Tree) -> None:
    oidc.program("npm", 'echo "$*" >>log; echo "no network" >&2; exit 7')
    done = oidc.run("scripts/oidc")
    assert done.returncode == 1
    assert "no network" in done.stderr
    assert not (oidc.root / ".tools/oidc/.complete").exists()
    oidc.program("npm", 'echo "$*" >>log')
    assert oidc.run("scripts/oidc").returncode == 0


def test_a_failure_of_an_update_does_not_pass_for_the_old_state(oidc: Tree) -> None:
    oidc.run("scripts/oidc")
    lock = oidc.root / "simulators/oidc/package-lock.json"
    lock.write_text("newer\n", encoding="utf-8")
    oidc.program("npm", "exit 7")
    assert oidc.run("scripts/oidc").returncode == 1
    lock.write_text("package-lock.json\n", encoding="utf-8")
    assert oidc.run("scripts/oidc").returncode == 1


def _without(tree: Tree, name: str) -> None:
    (tree.programs / name).unlink()


@pytest.mark.parametrize("missing", ["node", "npm"])
def test_what_is_missing_is_asked_of_debian(oidc: Tree, missing: str) -> None:
    _without(oidc, missing)
    oidc.program("id", "echo 0")
    body = f"""echo "apt $*" >>"{oidc.root}/log"
cd "{oidc.programs}"
for name in node npm; do printf '#!/bin/bash\\n' >$name; /bin/chmod +x $name; done"""
    oidc.program("apt-get", body)
    done = oidc.run("scripts/oidc")
    assert done.returncode == 0, done.stderr
    assert oidc.log()[0].endswith("install -y --no-install-recommends nodejs npm")


@pytest.mark.parametrize("missing", ["node", "npm"])
def test_without_the_right_to_install_nothing_is_left_half(oidc: Tree, missing: str) -> None:
    _without(oidc, missing)
    oidc.program("id", "echo 1000")
    assert oidc.run("scripts/oidc").returncode == 1
    assert not (oidc.root / ".tools/oidc").exists()


def test_a_machine_that_lost_node_is_not_taken_for_ready(oidc: Tree) -> None:
    oidc.run("scripts/oidc")
    _without(oidc, "node")
    oidc.program("id", "echo 1000")
    assert oidc.run("scripts/oidc").returncode == 1


class TestBeforeTheTests:
    """scripts/test goes on without what it cannot install, and says so; the tests count it."""

    @pytest.fixture
    def runner(self, oidc: Tree, tmp_path: Path) -> Tree:
        shutil.copy(PROJECT / "scripts/test", oidc.root / "scripts/test")
        oidc.write(oidc.root / "scripts/setup", "exit 0")
        oidc.write(oidc.root / ".venv/bin/python", 'echo "python $*" >>log')
        oidc.program("nproc", "echo 1")
        oidc.program("initdb", "exit 0")
        oidc.program("chromium", "exit 0")
        oidc.program("id", "echo 1000")
        assert tmp_path in oidc.root.parents
        return oidc

    def test_with_everything_there_it_says_nothing(self, runner: Tree) -> None:
        done = runner.run("scripts/test", "-q")
        assert (done.returncode, done.stderr) == (0, "")
        assert runner.log() == [CI, "python -m pytest -n 2 -q"]

    @pytest.mark.parametrize(
        ("missing", "words"),
        [("npm", "OpenID provider"), ("node", "OpenID provider"), ("chromium", "Chromium is not installed")],
    )
    def test_what_is_missing_is_said_and_the_tests_run(self, runner: Tree, missing: str, words: str) -> None:
        _without(runner, missing)
        done = runner.run("scripts/test")
        assert done.returncode == 0
        assert words in done.stderr
        assert "counted below" in done.stderr
        assert runner.log()[-1] == "python -m pytest -n 2"
