"""Command line: `python -m benchmarks.google [--items 5000] [--server radicale]`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.google.stage import ACCOUNTS, staged
from benchmarks.measure import ROOT, compile_all, cpu_seconds, run
from simulators.davservers import SERVERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.google.stage import Stage

Figures = dict[str, float | int | str | None]

DESTINATIONS = {"google-contacts": "carddav:new", "google-calendar": "caldav:new"}
_PACKAGES = ("wherry", "sync_engine", "connectors", "mappings", "oauth", "benchmarks", "simulators")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print one JSON line; the exit code is 1 when a promise was broken."""
    options = _options(arguments)
    compile_all(*(ROOT / package for package in _PACKAGES))
    figures: Figures = {"benchmark": "google", "items": options.items, "server": options.server}
    good = True
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-google-") as name,
        staged(Path(name), items=options.items, server=options.server) as stage,
    ):
        for kind, account in ACCOUNTS.items():
            first = migrated(stage, kind)
            again = migrated(stage, kind, before=first)
            good &= kept(first, again)
            figures |= {f"{account}.{key}": value for key, value in first.items()}
            figures |= {f"{account}.again.{key}": value for key, value in again.items()}
    figures["load_average"] = round(os.getloadavg()[0], 2)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if good else 1


def migrated(stage: Stage, kind: str, *, before: Figures | None = None) -> Figures:
    """Run the migration of *kind* once; return what it used, asked for, and said."""
    log = stage.folder / f"{kind}-{'again' if before else 'first'}.jsonl"
    asked = sum(stage.google.calls.values())
    photos, server = stage.google.calls["photos"], cpu_seconds(stage.server.pid)
    words = ("migrate", kind, "--to", DESTINATIONS[kind], "--keep-access", "--json")
    usage = run(stage.wherry(*words), log=log, env=stage.environ)
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line[:1] == "{"]
    summary = next(line for line in lines if line["type"] == "summary")
    items, fidelity = summary["present"], summary["fidelity"] or {}
    figures: Figures = {
        "items": items,
        "wall_s": round(usage.wall_s, 2),
        "cpu_s": round(usage.cpu_s, 2),
        "cpu_ms_per_item": round(1000 * usage.cpu_s / max(items, 1), 3),
        "items_per_s": round(items / usage.wall_s, 1),
        "peak_mib": round(usage.peak_mib, 1),
        "server_cpu_s": round(cpu_seconds(stage.server.pid) - server, 2),
        "requests_to_google": sum(stage.google.calls.values()) - asked,
        "photos": stage.google.calls["photos"] - photos,
        "changed": summary["changed"],
        "verified": summary["verified"],
        "exit_code": summary["exit_code"],
    }
    return figures | {f"fidelity.{fate}": number for fate, number in fidelity.items()}


def kept(first: Figures, again: Figures) -> bool:
    """Say whether all arrived whole, and the second run wrote nothing and asked little."""
    whole = first["exit_code"] == 0 and first["changed"] == first["items"] == first["verified"]
    return whole and again["changed"] == 0 and int(again["requests_to_google"] or 0) < 50


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.google", description=__doc__)
    parser.add_argument("--items", type=int, default=5_000, help="contacts, and rows of events (default 5000)")
    parser.add_argument("--server", choices=sorted(SERVERS), default="radicale")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
