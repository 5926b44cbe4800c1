"""What is measured is the child and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import measure
from benchmarks.measure import CommandFailed, compile_all, cpu_seconds, environment, run

PYTHON = [sys.executable, "-c"]


def test_wall_time_counts_waiting_and_cpu_time_does_not(tmp_path: Path) -> None:
    usage = run([*PYTHON, "import select; select.select([], [], [], 0.3)"], log=tmp_path / "log")
    assert usage.wall_s >= 0.3
    assert usage.cpu_s < usage.wall_s


def test_cpu_time_counts_work(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    assert run([*PYTHON, burn], log=tmp_path / "log").cpu_s >= 0.3


def test_cpu_time_counts_grandchildren(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    spawn = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    assert run([*PYTHON, spawn], log=tmp_path / "log").cpu_s >= 0.3


def test_the_peak_is_the_childs_own_not_the_harnesses(tmp_path: Path) -> None:
    ballast = bytearray(os.urandom(1 << 20) * 150)
    empty = run([*PYTHON, "pass"], log=tmp_path / "log").peak_mib
    assert 4 < empty < 60 < len(ballast) >> 20


def test_the_peak_counts_what_the_child_held(tmp_path: Path) -> None:
    empty = run([*PYTHON, "pass"], log=tmp_path / "log").peak_mib
    large = run([*PYTHON, "x = b'x' * (64 << 20)"], log=tmp_path / "log").peak_mib
    assert 60 < large - empty < 70


@pytest.mark.parametrize("ending", ["import sys; sys.exit(3)", "import os; os.kill(os.getpid(), 9)", "1/0"])
def test_a_failing_command_is_no_measurement(tmp_path: Path, ending: str) -> None:
    with pytest.raises(CommandFailed, match="status"):
        run([*PYTHON, ending], log=tmp_path / "log")


def test_the_message_of_a_failure_ends_with_the_output(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="so it goes"):
        run([*PYTHON, "raise SystemExit('so it goes')"], log=tmp_path / "log")


def test_a_command_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run([str(tmp_path / "none")], log=tmp_path / "log")


def test_output_is_collected_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for word in ("one", "two"):
        run([*PYTHON, f"import sys; sys.stdout.write('{word}'); sys.stderr.write('!')"], log=log)
    assert sorted(log.read_text(encoding="utf-8")) == sorted("one!two!")


def test_the_environment_is_passed_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    run([*PYTHON, "import os; print(os.environ['FLAG'])"], log=log, env=environment(FLAG="up"))
    assert log.read_text(encoding="utf-8") == "up\n"


@pytest.mark.parametrize("name", measure._UNFAIR)
def test_nothing_that_slows_python_down_is_passed_on(name: str) -> None:
    command = [*PYTHON, f"from benchmarks.measure import environment as e; import sys; sys.exit({name!r} in e())"]
    env = {**os.environ, "PYTHONPATH": str(measure.ROOT), name: str(measure.ROOT)}
    assert subprocess.run(command, check=False, env=env).returncode == 0


def test_extra_variables_win(tmp_path: Path) -> None:
    assert environment(HOME=str(tmp_path))["HOME"] == str(tmp_path)


def test_everything_is_compiled_and_a_broken_file_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "bad.py").write_text("x = = 1\n", encoding="utf-8")
    compile_all(tmp_path)
    compiled = [path.name.split(".")[0] for path in tmp_path.rglob("*.pyc")]
    assert compiled == ["good"]


def test_cpu_seconds_of_a_process_grow_with_its_work() -> None:
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) < before + 0.05:
        sum(range(10_000))
    assert cpu_seconds(os.getpid()) >= before + 0.05


def test_cpu_seconds_reads_past_a_name_with_spaces_and_brackets(tmp_path: Path) -> None:
    program = tmp_path / "a) b (c"
    program.symlink_to(sys.executable)
    with subprocess.Popen([str(program), "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert 0 <= cpu_seconds(process.pid) < 30
        process.communicate(b"\n")
