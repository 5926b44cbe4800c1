"""A worker to be killed and frozen: claims jobs and commits made-up pages until its input ends.

``python -m tests.chaos.lease_worker URL OWNER JOURNAL --ttl 1 --pages 40``. What it does goes to
the journal, one line each: the system-wide monotonic time, the owner, what, job, token, page.
With ``--step`` it works one page for each line on its standard input.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time

from sync_engine.database import Database
from sync_engine.errors import DatabaseBusy, LeaseLost
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import ItemRow, JobState, Lease, PageCommit, Want

ITEMS = 20
"""Items of one page."""


class Journal:
    """Appends lines that survive a SIGKILL: each is one write."""

    def __init__(self, path: str, owner: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._owner = owner

    def note(self, what: str, job: str = "-", token: int = 0, page: int = -1) -> None:
        line = f"{time.monotonic():.6f} {self._owner} {what} {job} {token} {page}\n"
        os.write(self._file, line.encode())


def page_of(collection: int, page: int, run: int) -> PageCommit:
    """Make page number *page*: its items, its cursor, and what it adds to the counters."""
    rows = [ItemRow(f"{page:05}-{n:03}", revision="1", digest=f"{page}", run=run, seen=1) for n in range(ITEMS)]
    tally = {"present": ITEMS, "copied": ITEMS}
    return PageCommit(collection, items=rows, cursor={"page": page + 1}, tally=tally, count=page)


class Worker:
    """Claims, works a slice of pages, gives back."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.database = Database.open(options.url)
        self.leases, self.ledger = Leases(self.database), Ledger(self.database)
        self.journal = Journal(options.journal, options.owner)
        self.stopped = threading.Event()

    def run(self) -> None:
        """Work until the standard input ends; a claim that fails is tried again."""
        if not self.options.step:
            threading.Thread(target=self._await_end, daemon=True).start()
        self.journal.note("up")
        while not self.stopped.is_set():
            try:
                lease = self.leases.claim(self.options.owner, ttl=self.options.ttl)
                if lease is None:
                    self.stopped.wait(0.02)
                else:
                    self.journal.note("claim", lease.job.id, lease.token)
                    self.slice(lease)
            except DatabaseBusy:
                self.journal.note("busy")
            except LeaseLost as lost:
                self.journal.note("lost", lost.job, lost.token)

    def slice(self, lease: Lease) -> None:
        """Commit some pages from the checkpoint on, then give the job back."""
        collection = self.ledger.collections(lease.job.id)[0]
        page = int((collection.cursor or {}).get("page", 0))
        for _ in range(self.options.slice):
            if page >= self.options.pages or self.stopped.is_set():
                break
            self.journal.note("fetch", lease.job.id, lease.token, page)
            self._fetch()
            want = self.ledger.commit(lease, page_of(collection.id, page, lease.job.run), ttl=self.options.ttl)
            self.journal.note("commit", lease.job.id, lease.token, page)
            page += 1
            if want is not Want.RUN:
                break
        done = page >= self.options.pages
        self.leases.release(lease, state=JobState.DONE if done else JobState.READY)
        self.journal.note("done" if done else "release", lease.job.id, lease.token)

    def _fetch(self) -> None:
        """Take the time a provider takes; in steps, wait for the word."""
        if not self.options.step:
            time.sleep(self.options.latency)
        elif not sys.stdin.readline():
            self.stopped.set()

    def _await_end(self) -> None:
        sys.stdin.read()
        self.stopped.set()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("owner")
    parser.add_argument("journal")
    parser.add_argument("--ttl", type=float, default=1.0)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--slice", type=int, default=10)
    parser.add_argument("--latency", type=float, default=0.01)
    parser.add_argument("--step", action="store_true")
    Worker(parser.parse_args()).run()


if __name__ == "__main__":
    main()
