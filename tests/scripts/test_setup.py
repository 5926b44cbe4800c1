"""Setting up: finds uv wherever it is, is done in a moment when nothing changed, leaves nothing half."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripts.conftest import Tree

SYNC = "sync --quiet --locked --all-extras --compile-bytecode"


def _uv(version: str, name: str = "uv") -> str:
    """Return a stand-in that writes its calls down and makes a .venv."""
    return f"""
if [ "$1" = --version ]; then echo "uv {version} (x86_64)"; exit; fi
echo "{name} $*" >>log
echo "bytecode ${{PYTHONDONTWRITEBYTECODE-unset}}, downloads ${{UV_PYTHON_DOWNLOADS-unset}}" >>log
mkdir -p .venv/bin
printf '#!/bin/bash\\necho Python 3.11.2\\n' >.venv/bin/python
/bin/chmod +x .venv/bin/python
"""


def test_the_environment_is_made_from_the_lock(tree: Tree) -> None:
    tree.program("uv", _uv("0.9.1"))
    done = tree.run("scripts/setup")
    assert (done.returncode, done.stderr) == (0, "")
    assert tree.log() == [f"uv {SYNC}", "bytecode unset, downloads never"]
    assert "ready, Python 3.11.2" in done.stdout
    assert (tree.root / ".tools" / "uv").resolve() == tree.programs / "uv"


def test_the_second_time_there_is_nothing_to_do(tree: Tree) -> None:
    tree.program("uv", _uv("0.9.1"))
    tree.run("scripts/setup")
    done = tree.run("scripts/setup")
    assert (done.returncode, done.stdout) == (0, "")
    assert tree.log().count(f"uv {SYNC}") == 1


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_a_change_is_noticed(tree: Tree, name: str) -> None:
    tree.program("uv", _uv("0.9.1"))
    tree.run("scripts/setup")
    (tree.root / name).write_text("changed\n", encoding="utf-8")
    tree.run("scripts/setup")
    assert tree.log().count(f"uv {SYNC}") == 2


def test_a_moved_tree_is_set_up_again(tree: Tree) -> None:
    """The environment names its tree by its full path."""
    tree.program("uv", _uv("0.9.1"))
    tree.run("scripts/setup")
    moved = Tree(tree.root.rename(tree.root.with_name("moved")), tree.programs)
    moved.run("scripts/setup")
    assert moved.log().count(f"uv {SYNC}") == 2


def test_a_lost_environment_is_made_again(tree: Tree) -> None:
    tree.program("uv", _uv("0.9.1"))
    tree.run("scripts/setup")
    (tree.root / ".venv" / "bin" / "python").unlink()
    tree.run("scripts/setup")
    assert tree.log().count(f"uv {SYNC}") == 2


def test_what_failed_is_tried_again(tree: Tree) -> None:
    tree.program("uv", 'if [ "$1" = --version ]; then echo "uv 0.9.1"; else echo "no network" >&2; exit 2; fi')
    done = tree.run("scripts/setup")
    assert done.returncode == 2
    assert "no network" in done.stderr
    tree.program("uv", _uv("0.9.1"))
    assert tree.run("scripts/setup").returncode == 0
    assert tree.log().count(f"uv {SYNC}") == 1


@pytest.mark.parametrize("place", [".tools/venv/bin/uv", ".tools/packages/bin/uv", "home/.local/bin/uv"])
@pytest.mark.parametrize("old", ["0.7.22", "0.5.0", ""], ids=["0.7.22", "0.5.0", "broken"])
def test_an_old_or_broken_uv_is_passed_over(tree: Tree, place: str, old: str) -> None:
    tree.program("uv", _uv(old) if old else "exit 127")
    tree.write(tree.root / place, _uv("0.10.0", "newer"))
    assert tree.run("scripts/setup").returncode == 0
    assert tree.log()[0] == f"newer {SYNC}"


PIP = """
if [ "$2" = venv ] && [ "{venv}" = works ]; then
    mkdir -p .tools/venv/bin
    printf '#!/bin/bash\\necho "venv pip $*" >>log\\n/bin/cp {uv} .tools/venv/bin/uv\\n' >.tools/venv/bin/python
    /bin/chmod +x .tools/venv/bin/python
elif [ "$2" = pip ] && [ "{pip}" = works ]; then
    echo "pip $*" >>log
    mkdir -p .tools/packages/bin
    /bin/cp {uv} .tools/packages/bin/uv
else
    echo "No module named $2" >&2
    exit 1
fi
"""


def _python(tree: Tree, tmp_path: Path, *, venv: bool, pip: bool) -> None:
    """Put a Python on the PATH with or without venv and pip; both can bring uv."""
    tree.write(tmp_path / "new-uv", _uv("0.10.0", "new"))
    works = {True: "works", False: "missing"}
    tree.program("python3", PIP.format(venv=works[venv], pip=works[pip], uv=tmp_path / "new-uv"))


@pytest.mark.parametrize(
    ("venv", "pip", "way"),
    [(True, True, "with_venv"), (True, False, "with_venv"), (False, True, "with_pip")],
    ids=["venv and pip", "venv", "pip"],
)
def test_uv_is_installed_the_first_way_that_works(
    tree: Tree,
    tmp_path: Path,
    venv: bool,
    pip: bool,
    way: str,
) -> None:
    _python(tree, tmp_path, venv=venv, pip=pip)
    done = tree.run("scripts/setup")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3].endswith(f"({way})")
    assert tree.log()[-2] == f"new {SYNC}"


def test_without_any_way_it_says_what_to_install(tree: Tree, tmp_path: Path) -> None:
    _python(tree, tmp_path, venv=False, pip=False)
    done = tree.run("scripts/setup")
    assert done.returncode == 1
    assert "python3-venv" in done.stderr
    assert not (tree.root / ".venv").exists()


def test_debian_packages_are_asked_for_without_questions(tree: Tree) -> None:
    tree.program("id", "echo 0")
    tree.program("apt-get", f'echo "$DEBIAN_FRONTEND $*" >>"{tree.root}/log"')
    assert tree.run("scripts/debian", "postgresql").returncode == 0
    assert [line.split()[0] for line in tree.log()] == ["noninteractive"]
    assert tree.log()[0].endswith("install -y --no-install-recommends postgresql")


def test_debian_lists_are_refreshed_when_a_package_is_not_found(tree: Tree) -> None:
    tree.program("id", "echo 0")
    tree.program(
        "apt-get",
        f'echo "${{@: -1}}" >>"{tree.root}/log"; [ "${{@: -1}}" = update ] || grep -q update "{tree.root}/log"',
    )
    assert tree.run("scripts/debian", "postgresql").returncode == 0
    assert tree.log() == ["postgresql", "update", "postgresql"]


@pytest.mark.parametrize("sudo", [None, "exit 1"], ids=["no sudo", "sudo asks"])
def test_nothing_is_installed_without_the_right_to(tree: Tree, sudo: str | None) -> None:
    tree.program("id", "echo 1000")
    tree.program("apt-get", f'echo called >>"{tree.root}/log"')
    if sudo:
        tree.program("sudo", sudo)
    assert tree.run("scripts/debian", "postgresql").returncode == 1
    assert tree.log() == []
