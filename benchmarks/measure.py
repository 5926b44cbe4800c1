"""Measure child processes: wall time, CPU time, peak memory; and what a server spent meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LAUNCHER = Path(__file__).with_name("launch.py")
_UNFAIR = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH", "PYTHONDEVMODE", "COVERAGE_PROCESS_START")
ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "benchmarks" / ".work"


class CommandFailed(RuntimeError):
    """A measured command ended with a status other than 0; the message ends with its output."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process used: seconds, CPU seconds (user and system), MiB at its peak."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def run(command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Usage:
    """Run `command` (its first word an absolute path) to its end, its output appended to `log`.

    Raises CommandFailed when its status is not 0.
    """
    launch = [sys.executable, "-I", "-S", str(_LAUNCHER), str(log), *command]
    done = subprocess.run(launch, check=True, capture_output=True, text=True, env=env or environment(), cwd=cwd)
    wall, cpu, peak_kib, status = done.stdout.split()
    if status != "0":
        tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        msg = f"status {status} from {' '.join(command)}\n{tail}"
        raise CommandFailed(msg)
    return Usage(float(wall), float(cpu), int(peak_kib) / 1024)


def environment(**extra: str) -> dict[str, str]:
    """Return this process's environment without what slows Python down or shows it other modules."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNFAIR}
    return {**kept, **extra}


def compile_all(*folders: Path) -> None:
    """Write the bytecode of every module below the folders, so that no run pays for compiling."""
    command = [sys.executable, "-m", "compileall", "-q", "-j", "2", *map(str, folders)]
    # Its status is 1 when a dependency ships a file of another Python version; that file is never imported.
    subprocess.run(command, check=False, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a running process and all its threads so far (proc_pid_stat, fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
