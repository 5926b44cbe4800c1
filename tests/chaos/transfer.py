"""Kill a running copy at every step; prove that nothing is lost, doubled or fetched again.

``python -m tests.chaos transfer --rounds 200`` ends with one line of JSON. A round is one
kill -9. Rounds come in campaigns: an empty destination, kills at steps spread over the
whole run while the source goes on changing, then runs to the end. Half of the campaigns
write a folder, half a second server.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from simulators.faulty_dav import FaultyDav
from simulators.pimdata import contacts, events
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger

KILLS_PER_CAMPAIGN = 10
MOST_STEPS = 500
"""About the number of steps of a whole first run. Later runs have fewer left, so kills move to earlier steps."""

HREF = re.compile(rb"<(?:[A-Za-z]+:)?href>[^<]*/([^/<]+)</")


@dataclass(slots=True)
class Figures:
    """What came of the rounds, in items unless named otherwise."""

    rounds: int = 0
    kills: int = 0
    campaigns: int = 0
    lost: int = 0
    doubled: int = 0
    junk: int = 0
    wrong_at_end: int = 0
    fetched_again: int = 0
    runs_that_failed: int = 0


class Campaign:
    """One destination, filled under fire."""

    def __init__(self, figures: Figures, luck: random.Random, folder: Path, *, items: int, to_server: bool) -> None:
        self.figures, self.luck, self.folder = figures, luck, folder
        self.left = FaultyDav()
        self.right = FaultyDav() if to_server else None
        self.ever: dict[str, set[bytes]] = {}
        self.arrived: set[str] = set()
        self._fill(items)

    def _fill(self, items: int) -> None:
        work, people = self.left.store.make("calendar", "work"), self.left.store.make("contacts", "people")
        for uid, body in events(items):
            work.put(f"{uid}.ics", body)
        for uid, body in contacts(items // 2):
            people.put(f"{uid}.vcf", body)
        self._remember()

    def _remember(self) -> None:
        for shelf in self.left.store.shelves.values():
            for item in shelf.items.values():
                self.ever.setdefault(item.uid, set()).add(meaning(item.body))

    def run(self, kills: int) -> None:
        """Kill *kills* runs, then let one run to its end and judge."""
        with ExitStack() as stack:
            stack.enter_context(self.left)
            if self.right is not None:
                stack.enter_context(self.right)
            for number in range(kills):
                self._kill_at(self.luck.randrange(1, MOST_STEPS // (1 + number // 2)))
                self._check()
                if number % 3 == 2:
                    self._change_source()
            self._finish()

    def _kill_at(self, step: int) -> None:
        self.figures.rounds += 1
        code = self._child(step)
        if code == -signal.SIGKILL:
            self.figures.kills += 1
        elif code != 0:
            self.figures.runs_that_failed += 1

    def _child(self, step: int) -> int:
        """Run the victim; return its exit code, negative for a signal."""
        destination = f"vdir:{self.folder}/copy" if self.right is None else f"dav:{self.right.url}"
        command = [sys.executable, "-m", "tests.chaos.transfer_child", str(self.folder / "state.db")]
        command += [f"dav:{self.left.url}", destination, str(step)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.run(command, check=False, env=environment, timeout=120).returncode

    def _change_source(self) -> None:
        shelf = self.left.store.shelves["/dav/calendars/work/"]
        names = sorted(shelf.items)
        changed, gone = self.luck.sample(names, 2)
        body = shelf.items[changed].body
        shelf.put(changed, body.replace(b"SUMMARY:", b"SUMMARY:again ", 1))
        self.arrived.discard(shelf.items[gone].uid)
        shelf.delete(gone)
        self._remember()

    def _copies(self) -> list[bytes]:
        if self.right is not None:
            return [i.body for shelf in self.right.store.shelves.values() for i in shelf.items.values()]
        files = (self.folder / "copy").glob("[!.]*/*")
        return [path.read_bytes() for path in files if path.suffix in {".ics", ".vcf"} and path.name[0] != "."]

    def _check(self) -> None:
        """Whatever happened: whole bodies only, each item once, nothing gone that was there."""
        there: set[str] = set()
        for body in self._copies():
            uid = uid_of(body)
            self.figures.junk += meaning(body) not in self.ever.get(uid, set())
            self.figures.doubled += uid in there
            there.add(uid)
        self.figures.lost += len(self.arrived - there)
        self.arrived |= there & self._originals().keys()

    def _originals(self) -> dict[str, bytes]:
        return {i.uid: i.body for shelf in self.left.store.shelves.values() for i in shelf.items.values()}

    def _finish(self) -> None:
        known, before = self._settled(), len(self.left.requests)
        if self._child(0) != 0:
            self.figures.runs_that_failed += 1
        missing = len(self._originals().keys()) - known
        self.figures.fetched_again += max(0, self._bodies_asked(before) - missing)
        self._check()
        copies = {uid_of(body): meaning(body) for body in self._copies()}
        originals = {uid: meaning(body) for uid, body in self._originals().items()}
        differing = {uid for uid in copies.keys() | originals.keys() if copies.get(uid) != originals.get(uid)}
        self.figures.wrong_at_end += len(differing)
        self.figures.campaigns += 1

    def _settled(self) -> int:
        """Count the items of the source, as it is now, that the ledger has settled."""
        database = Database.open(f"sqlite:///{self.folder}/state.db")
        try:
            etags = {
                name: item.etag for shelf in self.left.store.shelves.values() for name, item in shelf.items.items()
            }
            ledger, settled = Ledger(database), 0
            for job in Jobs(database).list():
                for row in ledger.collections(job.id):
                    items = ledger.all_items(row.id, limit=100_000)
                    settled += sum(item.revision is not None and item.revision == etags.get(item.id) for item in items)
            return settled
        finally:
            database.close()

    def _bodies_asked(self, before: int) -> int:
        """Count the bodies the source handed out since request number *before*."""
        asked = 0
        there = {name.encode() for shelf in self.left.store.shelves.values() for name in shelf.items}
        for request in self.left.requests[before:]:
            if request.method == "GET":
                asked += 1
            elif request.method == "REPORT" and b"multiget" in request.body:
                asked += sum(name in there for name in HREF.findall(request.body))
            elif request.method == "REPORT" and b"-data" in request.body:
                asked += sum(
                    len(shelf.items) for path, shelf in self.left.store.shelves.items() if path in request.path
                )
        return asked


def uid_of(body: bytes) -> str:
    """Return the UID in *body*."""
    found = re.search(rb"^UID[^:\r\n]*:([^\r\n]*)", body, re.MULTILINE)
    return found[1].decode() if found else "?"


def meaning(body: bytes) -> bytes:
    """Return *body* without what a migration adds on purpose: folds and SCHEDULE-AGENT."""
    return body.replace(b"\r\n ", b"").replace(b";SCHEDULE-AGENT=CLIENT", b"")


def main(argv: list[str]) -> int:
    """Run the harness; exit code 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos transfer", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--items", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    figures, luck = Figures(), random.Random(options.seed)
    number = 0
    while figures.rounds < options.rounds:
        kills = min(KILLS_PER_CAMPAIGN, options.rounds - figures.rounds)
        with tempfile.TemporaryDirectory() as folder:
            Campaign(figures, luck, Path(folder), items=options.items, to_server=number % 2 == 1).run(kills)
        number += 1
    broken = figures.lost or figures.doubled or figures.junk or figures.wrong_at_end or figures.fetched_again
    sys.stdout.write(json.dumps({"harness": "transfer", **asdict(figures)}) + "\n")
    return 1 if broken or figures.runs_that_failed else 0
