"""Kill and freeze workers at random moments; then prove that no page was lost, repeated or forged.

``python -m tests.chaos leases --rounds 20 --database both`` ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from simulators.postgres import postgres
from sync_engine.database import Database
from tests.chaos.crew import Crew, Entry, prepare
from tests.chaos.evidence import judge, shared_connections

GRACE = 30.0
"""Seconds to wait for what must happen; much longer than any takeover should take."""


@dataclass(slots=True)
class Figures:
    """What happened in the rounds. Times in seconds."""

    rounds: int = 0
    kills: int = 0
    freezes: int = 0
    frozen_in_transaction: int = 0
    refused: int = 0
    takeover_seconds_max: float = 0.0
    missed_takeovers: int = 0
    double_holders: int = 0


class Chaos:
    """One database, some jobs, some workers, and bad luck."""

    def __init__(self, database: Database, crew: Crew, *, seed: int, workers: int) -> None:
        self.database = database
        self.crew = crew
        self.figures = Figures()
        self._luck = random.Random(seed)
        self._workers = workers

    def run(self, rounds: int) -> None:
        """Strike *rounds* times, then let the workers finish."""
        self._fill()
        for number in range(rounds):
            victim = self._victim()
            if victim is None:
                break
            self.figures.rounds += 1
            time.sleep(self._luck.uniform(0, 0.05))  # the moment of the strike is what varies
            if number % 2:
                self._freeze(victim)
            else:
                self._kill(victim)
            self._fill()
            self.figures.double_holders += shared_connections(self.database)

    def _fill(self) -> None:
        """Replace the workers that died, and wait until they are up."""
        while len(self.crew.workers) < self._workers:
            name = self.crew.hire()
            if self.crew.await_entry(lambda e, n=name: e.owner == n, within=GRACE) is None:  # type: ignore[misc]  # a default binds
                raise RuntimeError(f"{name} did not start")

    def _victim(self) -> Entry | None:
        """Pick a worker that holds a lease; ``None`` when the work is done."""
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline:
            holding = self.crew.holding()
            if holding:
                return self._luck.choice(holding)
        return None

    def _kill(self, victim: Entry) -> None:
        self.figures.kills += 1
        at = self.crew.kill(victim.owner)
        self._takeover(self._held(victim.owner), at, within=GRACE)

    def _freeze(self, victim: Entry) -> None:
        """Freeze until somebody else took the job over, then wake the worker: its next commit is refused."""
        self.figures.freezes += 1
        at = self.crew.freeze(victim.owner)
        held = self._held(victim.owner)
        if not self._takeover(held, at, within=self.crew.ttl + 3, frozen=True):
            self.figures.frozen_in_transaction += 1
        self.crew.thaw(victim.owner)
        if held is not None:
            lost = self.crew.await_entry(
                lambda e: e.what == "lost" and (e.job, e.token) == (held.job, held.token), within=2.0
            )
            self.figures.refused += lost is not None

    def _held(self, owner: str) -> Entry | None:
        """Return the claim that *owner* was working under when it was struck; ``None`` if it had just given back."""
        last = None
        for entry in self.crew.entries():
            if entry.owner == owner and entry.what in {"claim", "release", "done", "lost"}:
                last = entry
        return last if last is not None and last.what == "claim" else None

    def _takeover(self, held: Entry | None, at: float, *, within: float, frozen: bool = False) -> bool:
        """Wait until another worker claims the job, and time it."""
        if held is None:
            return True
        taken = self.crew.await_entry(
            lambda e: e.what == "claim" and e.job == held.job and e.token > held.token, within=within
        )
        if taken is None:
            # The strike may have fallen between the job's release and the note of it.
            gone = self._released(held)
            self.figures.missed_takeovers += not (frozen or gone)
            return gone
        self.figures.takeover_seconds_max = max(self.figures.takeover_seconds_max, taken.at - at)
        return True

    def _released(self, held: Entry) -> bool:
        with self.database.read() as connection:
            rows = connection.exec_driver_sql("select id, state, token from job").fetchall()
        return any(row.id == held.job and (row.state != "leased" or row.token != held.token) for row in rows)


def strike(url: str, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Run the chaos on one database and return its figures."""
    database = Database.open(url)
    try:
        prepare(database, options.jobs)
        with Crew(url, folder / "journal", ttl=options.ttl, pages=options.pages) as crew:
            chaos = Chaos(database, crew, seed=options.seed, workers=options.workers)
            chaos.run(options.rounds)
            entries = crew.entries()
        verdict = judge(database, entries, pages=options.pages)
    finally:
        database.close()
    figures = asdict(chaos.figures) | asdict(verdict)
    figures["double_holders"] = chaos.figures.double_holders + verdict.double_holders
    figures["ttl"] = options.ttl
    figures["takeover_seconds_max"] = round(chaos.figures.takeover_seconds_max, 3)
    figures["clean"] = verdict.clean and not figures["double_holders"] and not chaos.figures.missed_takeovers
    return figures


def main(argv: list[str]) -> int:
    """Run the harness; 0 when nothing happened that must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos leases")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--ttl", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    results = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wherry-chaos-")))
        for kind in ("sqlite", "postgres"):
            if options.database not in {kind, "both"}:
                continue
            (folder / kind).mkdir()
            url = f"sqlite:///{folder / 'sqlite' / 'state.db'}"
            if kind == "postgres":
                url = stack.enter_context(postgres()).url()
            results[kind] = strike(url, folder / kind, options)
    sys.stdout.write(json.dumps({"harness": "leases", "seed": options.seed, **results}) + "\n")
    return 0 if all(result["clean"] for result in results.values()) else 1
