"""Workers as child processes, their journal, and the jobs they work on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import CollectionRow, JobKind, JobSpec, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_engine.database import Database

POLL = 0.005


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; *at* is the system-wide monotonic time."""

    at: float
    owner: str
    what: str
    job: str
    token: int
    page: int


@dataclass(slots=True)
class Crew:
    """Workers on one database; leaving the block ends them."""

    url: str
    journal: Path
    ttl: float
    pages: int = 40
    workers: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    hired: int = 0

    def __enter__(self) -> Self:
        self.journal.touch()
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.workers):
            self.kill(name)

    def hire(self, *, step: bool = False, latency: float = 0.01, length: int = 10) -> str:
        """Start a worker and return its name."""
        self.hired += 1
        name = f"worker-{self.hired}"
        command = [sys.executable, "-m", "tests.chaos.lease_worker", self.url, name, str(self.journal)]
        command += ["--ttl", str(self.ttl), "--pages", str(self.pages), "--slice", str(length)]
        command += ["--step"] if step else ["--latency", str(latency)]
        self.workers[name] = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
        return name

    def say(self, name: str) -> None:
        """Let a worker in steps work one page."""
        pipe = self.workers[name].stdin
        if pipe is not None:
            pipe.write("\n")
            pipe.flush()

    def kill(self, name: str) -> float:
        """Kill a worker with SIGKILL; return when."""
        worker = self.workers.pop(name)
        at = time.monotonic()
        worker.kill()
        worker.wait()
        if worker.stdin is not None:
            worker.stdin.close()
        return at

    def freeze(self, name: str) -> float:
        """Stop a worker in the middle of whatever it does; return when."""
        self.workers[name].send_signal(signal.SIGSTOP)
        return time.monotonic()

    def thaw(self, name: str) -> None:
        """Let a frozen worker go on as if nothing had happened."""
        self.workers[name].send_signal(signal.SIGCONT)

    def entries(self) -> list[Entry]:
        """Read the journal."""
        lines = self.journal.read_text(encoding="ascii").splitlines()
        split = (line.split() for line in lines)
        return [
            Entry(float(at), owner, what, job, int(token), int(page)) for at, owner, what, job, token, page in split
        ]

    def await_entry(self, wanted: Callable[[Entry], bool], *, within: float) -> Entry | None:
        """Wait for a line of the journal; ``None`` when it does not come *within* seconds."""
        deadline = time.monotonic() + within
        while True:
            late = time.monotonic() > deadline
            found = next(filter(wanted, self.entries()), None)
            if found is not None or late:
                return found
            time.sleep(POLL)

    def holding(self) -> list[Entry]:
        """Return the claims under which workers alive may be working right now."""
        last: dict[str, Entry] = {}
        for entry in self.entries():
            if entry.what in {"claim", "release", "done", "lost"}:
                last[entry.owner] = entry
        return [entry for owner, entry in last.items() if entry.what == "claim" and owner in self.workers]


def prepare(database: Database, count: int) -> list[str]:
    """Submit *count* jobs, each with a collection, ready to be worked on."""
    jobs, leases, ledger = Jobs(database), Leases(database), Ledger(database)
    found = []
    for number in range(count):
        job = jobs.submit(JobSpec(JobKind.BACKUP, f"dav:{number}", f"vdir:/{number}", mirror=True))
        lease = leases.claim("prepare", ttl=60, job=job.id)
        if lease is None:
            raise RuntimeError("a new job could not be claimed")
        ledger.save_collection(lease, _collection(job.id))
        leases.release(lease, state=JobState.READY)
        found.append(job.id)
    return found


def _collection(job: str) -> CollectionRow:
    return CollectionRow(
        id=0,
        job=job,
        source_id="/cal/",
        kind="calendar",
        name="Home",
        target_id=None,
        cursor=None,
        generation=1,
        listing_run=None,
        settled_run=0,
        missing_runs=0,
        properties={},
        doubt={},
        present=0,
        copied=0,
        skipped=0,
        failed=0,
        gone=0,
    )
