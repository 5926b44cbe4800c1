"""Command line: `python -m benchmarks.startup [--repeat 20]`; one turn of each program, again and again."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dav.clients import PEER
from benchmarks.measure import ROOT, Usage, compile_all, environment, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PACKAGES = ("wherry", "sync_engine", "connectors", "mappings", "oauth")


def programs() -> dict[str, list[str]]:
    """Return what is timed: name -> command. vdirsyncer takes part where benchmarks.dav installed it."""
    commands = {
        "python": [sys.executable, "-c", "pass"],
        "wherry": [str(Path(sys.executable).with_name("wherry")), "--help"],
    }
    peer = PEER / "bin" / "vdirsyncer"
    return {**commands, "vdirsyncer": [str(peer), "--help"]} if peer.exists() else commands


def measure(commands: Mapping[str, Sequence[str]], *, repeat: int) -> dict[str, list[Usage]]:
    """Run every command `repeat` times, by turns; the first round fills caches and does not count."""
    usages: dict[str, list[Usage]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        env = environment(WHERRY_HOME=folder)
        for _ in range(repeat + 1):
            for name, command in commands.items():
                usages[name].append(run(command, log=Path(folder, "log"), env=env))
    return {name: counted[1:] for name, counted in usages.items()}


def figures(usages: Mapping[str, Sequence[Usage]]) -> dict[str, float]:
    """Return medians by name, and what `wherry --help` takes longer than an empty program."""
    found: dict[str, float] = {}
    for name, counted in usages.items():
        found[f"{name}.wall_s"] = round(statistics.median(usage.wall_s for usage in counted), 4)
        found[f"{name}.cpu_s"] = round(statistics.median(usage.cpu_s for usage in counted), 4)
        found[f"{name}.peak_mib"] = round(statistics.median(usage.peak_mib for usage in counted), 1)
    if {"wherry", "python"} <= usages.keys():
        found["wherry_over_python.wall_s"] = round(found["wherry.wall_s"] - found["python.wall_s"], 4)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table and one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--repeat", type=int, default=20)
    options = parser.parse_args(arguments)
    compile_all(*(ROOT / name for name in _PACKAGES), Path(sysconfig.get_path("purelib")))
    found = figures(measure(programs(), repeat=options.repeat))
    for name, value in found.items():
        sys.stdout.write(f"{name:<28}{value:>10}\n")
    load = round(os.getloadavg()[0], 2)
    sys.stdout.write(
        json.dumps({"benchmark": "startup", "repeat": options.repeat, **found, "load_average": load}) + "\n"
    )


if __name__ == "__main__":
    main()
