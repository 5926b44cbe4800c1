"""Command line: `python -m benchmarks.mapping [--items 2000] [--repeat 1]`; needs the development environment."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence

from benchmarks.mapping.run import KINDS, TASKS, bridges, check, figures, turns, weights

_CHECKED = 100


def main(arguments: Sequence[str] | None = None) -> None:
    """Check, measure, print a table and one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mapping", description=__doc__)
    parser.add_argument("--items", type=int, default=2_000, help="events, and as many cards (default 2000)")
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args(arguments)
    check(min(options.items, _CHECKED))
    found = figures(list(turns(options.items, repeat=options.repeat)))
    found |= weights(min(options.items, 200))
    found |= bridges(min(options.items, 500))
    sys.stdout.write("".join(f"{line}\n" for line in table(found)))
    head = {"benchmark": "mapping", "items": options.items, "repeat": options.repeat}
    load = round(os.getloadavg()[0], 2)
    sys.stdout.write(json.dumps({**head, **found, "load_average": load}) + "\n")


def table(found: Mapping[str, float]) -> list[str]:
    """Return a row for each library and what was measured of it, ours divided by theirs beside it."""
    rows = [f"{'kind':<8}{'task':<8}{'library':<12}{'items/s':>10}{'wherry is':>12}{'held kB':>10}"]
    for kind in KINDS:
        for task in TASKS:
            names = [
                name.split(".")[2] for name in found if name.startswith(f"{kind}.{task}.") and "wherry_to" not in name
            ]
            for name in names:
                times = found.get(f"{kind}.{task}.wherry_to_{name}.times")
                rate, held = found[f"{kind}.{task}.{name}.items_per_s"], found[f"{kind}.held.{name}.kb"]
                faster = f"{times:>11.1f}x" if times else f"{'':>12}"
                rows.append(f"{kind:<8}{task:<8}{name:<12}{rate:>10.0f}{faster}{held:>10.1f}")
        if f"{kind}.bridge.items_per_s" in found:
            rate, spent = found[f"{kind}.bridge.items_per_s"], found[f"{kind}.bridge.cpu_ms"]
            rows.append(f"{kind:<8}from Google's JSON  {rate:>10.0f}{spent:>9.2f} ms")
    return rows


if __name__ == "__main__":
    main()
