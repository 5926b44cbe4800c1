"""CI runs both parts, fails when either does, and repeats what pytest said last."""

from __future__ import annotations

import pytest

from tests.scripts.conftest import Tree

CLOSING = "==== 12 passed, 1 skipped in 3.45s ===="


@pytest.mark.parametrize(
    ("tests", "checks", "code"),
    [(0, 0, 0), (1, 0, 1), (0, 1, 1), (2, 1, 1)],
    ids=["both good", "tests fail", "checks fail", "both fail"],
)
def test_both_parts_run_and_count(tree: Tree, tests: int, checks: int, code: int) -> None:
    tree.write(tree.root / "scripts/test", f'echo "tests CI=$CI" >>log; echo "{CLOSING}"; exit {tests}')
    tree.write(tree.root / "scripts/check", f'echo "checks CI=$CI" >>log; exit {checks}')
    done = tree.run(".ci/run")
    assert done.returncode == code
    assert tree.log() == ["tests CI=true", "checks CI=true"]
    assert f"tests   exit {tests}: {CLOSING}" in done.stdout
    assert f"checks  exit {checks}" in done.stdout


def test_a_run_that_never_came_to_tests_fails(tree: Tree) -> None:
    tree.write(tree.root / "scripts/test", "echo 'no network' >&2; exit 1")
    tree.write(tree.root / "scripts/check", "exit 0")
    done = tree.run(".ci/run")
    assert done.returncode == 1
    assert "no network" in done.stdout
