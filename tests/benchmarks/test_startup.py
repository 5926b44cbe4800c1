"""Start-up is measured by turns, as a user meets it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.measure import CommandFailed, Usage
from benchmarks.startup.__main__ import figures, measure, programs


def test_programs_are_absolute_and_python_itself_is_the_yardstick() -> None:
    commands = programs()
    assert {"python", "wherry"} <= commands.keys() <= {"python", "wherry", "vdirsyncer"}
    assert all(Path(command[0]).is_absolute() for command in commands.values())


def test_each_program_runs_by_turns_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    note = "import sys; open({!r}, 'a').write({!r})"
    diary = tmp_path / "diary"
    commands = {name: [sys.executable, "-c", note.format(str(diary), name)] for name in "ab"}
    usages = measure(commands, repeat=2)
    assert diary.read_text(encoding="utf-8") == "ababab"
    assert {name: len(counted) for name, counted in usages.items()} == {"a": 2, "b": 2}


def test_a_program_that_fails_is_not_measured() -> None:
    with pytest.raises(CommandFailed):
        measure({"broken": [sys.executable, "-c", "raise SystemExit(2)"]}, repeat=1)


def test_figures_are_medians_and_the_difference_to_python() -> None:
    usages = {
        "python": [Usage(0.02, 0.01, 9), Usage(0.03, 0.02, 10), Usage(9, 9, 99)],
        "wherry": [Usage(0.13, 0.10, 30)],
    }
    found = figures(usages)
    assert found["python.wall_s"] == 0.03
    assert found["python.peak_mib"] == 10
    assert found["wherry.cpu_s"] == 0.10
    assert found["wherry_over_python.wall_s"] == pytest.approx(0.10)


def test_without_wherry_there_is_no_difference() -> None:
    assert "wherry_over_python.wall_s" not in figures({"python": [Usage(0.02, 0.01, 9)]})
