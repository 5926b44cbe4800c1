"""One interleaved run: every participant meets the same server in the same states, by turns."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import os
import shutil
import statistics
import sys
import tempfile
import urllib.parse
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dav import verify
from benchmarks.dav.clients import Place
from benchmarks.dav.corpus import Delta, apply_delta, serving
from benchmarks.dav.proxy import Traffic, counting
from benchmarks.measure import WORK, Usage, cpu_seconds, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.dav.clients import Client
    from simulators.davservers import DavServer

PHASES = ("first", "nochange", "delta")
_SETTLED_FROM = 500  # fewer items are a test of the harness, not a measurement
# A run without changes is short: measured twice as often as the others.
_TIMES = {"first": 1, "nochange": 2, "delta": 1}


class CopyDiffers(RuntimeError):
    """A participant's copy is not what the server holds."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One measured run of one participant in one phase."""

    usage: Usage
    server_cpu_s: float


@dataclasses.dataclass(slots=True)
class Cell:
    """All samples of one participant in one phase on one server, and its traffic."""

    samples: list[Sample] = dataclasses.field(default_factory=list)
    requests: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    items: int = 0

    def figures(self) -> dict[str, float]:
        """Return the medians, and the traffic where it was counted."""
        usages = [sample.usage for sample in self.samples]
        return {
            "wall_s": round(statistics.median(usage.wall_s for usage in usages), 3),
            "cpu_s": round(statistics.median(usage.cpu_s for usage in usages), 3),
            "peak_mib": round(statistics.median(usage.peak_mib for usage in usages), 1),
            "server_cpu_s": round(statistics.median(sample.server_cpu_s for sample in self.samples), 3),
            "requests": self.requests,
            "up_bytes": self.up_bytes,
            "down_bytes": self.down_bytes,
            "items": self.items,
        }


# Results of one server: (phase, participant's name) -> cell.
Results = dict[tuple[str, str], Cell]


def measure_server(name: str, items: int, clients: Sequence[Client], *, repeat: int, traffic: bool = True) -> Results:
    """Run all phases `repeat` times against the server, and once more through the counting proxy.

    Raises CopyDiffers when a copy is not right after any phase, CommandFailed when a client fails.
    """
    results: Results = defaultdict(Cell)
    for turn in range(repeat):
        shift = turn % len(clients)
        for phase, entry in _phases(name, items, [*clients[shift:], *clients[:shift]]):
            cell = results[phase, entry.client.name]
            for _ in range(_TIMES[phase]):
                cell.samples.append(_measured(entry))
                _note(name, f"{turn + 1}/{repeat}", phase, entry, cell.samples[-1])
    if traffic:
        for phase, entry in _phases(name, items, clients, counted=True):
            cell = results[phase, entry.client.name]
            _count(entry, cell)
            traffic_text = f"{cell.requests} requests, {cell.up_bytes} bytes up, {cell.down_bytes} down"
            sys.stderr.write(f"{name:<9} {phase:<9}{entry.client.name:<11}{traffic_text}\n")
    for (phase, _), cell in results.items():
        cell.items = _items(phase, items)
    return results


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    """A participant at its place; `traffic` is what its proxy counts, if it has one."""

    client: Client
    place: Place
    traffic: Traffic | None = None


def _phases(name: str, items: int, order: Sequence[Client], *, counted: bool = False) -> Iterator[tuple[str, _Entry]]:
    """Yield each participant's turn of each phase; check its copy when the caller comes back."""
    WORK.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=WORK))  # two runs at once do not meet
    # Not before the very end: for a minute after many files were deleted, ext4 looks long for each new one's
    # inode, which would be counted as CPU time of whoever comes next.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with serving(name, items, folder / "server") as server, contextlib.ExitStack() as stack:
        entries = [_entered(client, server, folder, stack if counted else None) for client in order]
        truth = verify.on_server(server)
        for phase in PHASES:
            if phase == "delta":
                apply_delta(server, items, Delta.of(items))
                truth = verify.on_server(server)
            for entry in entries:
                if items >= _SETTLED_FROM:
                    os.sync()  # what the last one left unwritten is not this one's burden
                yield phase, entry
                _check(entry.client, entry.place, truth)


def _entered(client: Client, server: DavServer, folder: Path, stack: contextlib.ExitStack | None) -> _Entry:
    """Give a participant its place, behind its own counting proxy when there is a stack for it."""
    traffic = None
    if stack is not None:
        address = urllib.parse.urlsplit(server.url)
        port, traffic = stack.enter_context(counting(str(address.hostname), address.port or 80))
        server = _moved(server, port)
    place = Place(server, folder / client.name)
    place.folder.mkdir()
    client.set_up(place)
    return _Entry(client, place, traffic)


def _measured(entry: _Entry) -> Sample:
    client, place = entry.client, entry.place
    before = cpu_seconds(place.server.pid)
    usage = run(client.command(place), log=place.log, env=client.environment(place))
    return Sample(usage, cpu_seconds(place.server.pid) - before)


def _count(entry: _Entry, cell: Cell) -> None:
    """Run once through the proxy and note what passed since before."""
    traffic = entry.traffic or Traffic()
    up, down, requests = traffic.up, traffic.down, traffic.requests
    run(entry.client.command(entry.place), log=entry.place.log, env=entry.client.environment(entry.place))
    cell.up_bytes, cell.down_bytes = traffic.up - up, traffic.down - down
    cell.requests = traffic.requests - requests


def _moved(server: DavServer, port: int) -> DavServer:
    """Return the server as it is reached through the proxy on `port`."""
    old, new = urllib.parse.urlsplit(server.url).netloc, f"127.0.0.1:{port}"
    return dataclasses.replace(
        server,
        url=server.url.replace(old, new),
        calendars_home=server.calendars_home.replace(old, new),
        contacts_home=server.contacts_home.replace(old, new),
    )


def _check(client: Client, place: Place, truth: dict[bytes, bytes]) -> None:
    difference = verify.compare(truth, verify.in_folder(place.copy))
    if difference.missing or difference.different or difference.extra:
        msg = f"{client.name} on {place.server.name}: {difference.text} of {len(truth)}"
        raise CopyDiffers(msg)


def _items(phase: str, items: int) -> int:
    """Return how many items a phase has to bring over (or take away)."""
    delta = Delta.of(items)
    return {"first": 2 * items, "nochange": 0, "delta": 2 * (delta.changed + delta.new + delta.deleted)}[phase]


def _note(server: str, turn: str, phase: str, entry: _Entry, sample: Sample) -> None:
    """Say on stderr how far the run has come."""
    usage = sample.usage
    figures = f"{usage.wall_s:6.2f} s  cpu {usage.cpu_s:5.2f} s  {usage.peak_mib:6.1f} MiB"
    sys.stderr.write(
        f"{server:<9}{turn:>5}  {phase:<9}{entry.client.name:<11}{figures}  server {sample.server_cpu_s:.2f} s\n"
    )
