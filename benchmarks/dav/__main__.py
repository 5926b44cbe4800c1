"""Command line: `python -m benchmarks.dav [--items 5000] [--servers radicale,xandikos] [--repeat 3] [--growth]`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dav.clients import CLIENTS, PEER, install_peer
from benchmarks.dav.run import Results, measure_server
from benchmarks.dav.table import flat, lines
from benchmarks.measure import ROOT, compile_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.dav.clients import Client

# Events and contacts together 5,000 and 50,000.
GROWTH = (2_500, 25_000)
_PACKAGES = ("wherry", "sync_engine", "connectors", "mappings", "oauth", "benchmarks")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table and one JSON line."""
    options = _options(arguments)
    clients = _ready(options.clients.split(","))
    _say(*(f"{client.name}: {client.durability}" for client in clients))
    servers = options.servers.split(",")
    figures: dict[str, float | str | int] = {"benchmark": "dav", "items": options.items, "repeat": options.repeat}
    if options.growth:
        for items in GROWTH:
            results = _measured(servers, items, clients, repeat=1, traffic=False)
            figures |= {f"growth.{2 * items}.{name}": value for name, value in flat(results).items()}
    else:
        figures |= flat(_measured(servers, options.items, clients, repeat=options.repeat, traffic=True))
    figures["load_average"] = round(os.getloadavg()[0], 2)
    _say(json.dumps(figures))


def _measured(
    servers: Sequence[str], items: int, clients: Sequence[Client], *, repeat: int, traffic: bool
) -> dict[str, Results]:
    results = {name: measure_server(name, items, clients, repeat=repeat, traffic=traffic) for name in servers}
    _say(f"{items} events and {items} contacts, medians of {repeat}", *lines(results))
    return results


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dav", description=__doc__)
    parser.add_argument("--items", type=int, default=5_000, help="events, and as many contacts (default 5000)")
    parser.add_argument("--servers", default="radicale,xandikos")
    parser.add_argument("--clients", default=",".join(client.name for client in CLIENTS))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--growth", action="store_true", help="peak memory and no-change cost at 5,000 and 50,000")
    return parser.parse_args(arguments)


def _ready(names: Sequence[str]) -> list[Client]:
    """Return the participants of these names that can run, everything they import compiled."""
    if "vdirsyncer" in names and not (PEER / "bin" / "vdirsyncer").exists():
        install_peer()
    compile_all(*(ROOT / name for name in _PACKAGES), Path(sysconfig.get_path("purelib")))
    wanted = [client for client in CLIENTS if client.name in names]
    for client in wanted:
        if not client.installed():
            sys.stderr.write(f"{client.name} is left out: it cannot run here yet\n")
    return [client for client in wanted if client.installed()]


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
