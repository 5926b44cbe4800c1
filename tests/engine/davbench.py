"""The engine between a DAV server that does everything wrong and a folder, or a second such server."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Context, Endpoint
from connectors.dav.place import Dav
from connectors.guard import Guard
from connectors.http import Http
from connectors.pace import Pace
from connectors.retry import RetryPolicy
from connectors.vdir.place import Vdir
from sync_engine.events import CollectionNote, Event, ItemSettled, RunEnded
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import Job, JobKind, JobSpec, Presence
from sync_engine.worker import Worker
from tests.engine.bench import QUICK, event

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from connectors.base import Place
    from simulators.dav_store import Shelf
    from simulators.faulty_dav import FaultyDav
    from sync_engine.database import Database

HASTY = RetryPolicy(attempts=2, first=0.001, most=0.002, total=3.0, patience=1.5)
"""Few and quick tries, so that a fault that stays costs a test no time."""


@dataclass
class DavBench:
    """One job that reads ``left`` and writes ``folder``, or ``right`` if there is one."""

    database: Database
    left: FaultyDav
    folder: Path
    right: FaultyDav | None = None
    mirror: bool = True
    events: list[Event] = field(default_factory=list)
    transports: list[Http] = field(default_factory=list)
    hasty: RetryPolicy = HASTY
    """How patient the transport is; pacing between requests costs no time here."""
    quick: RetryPolicy = QUICK
    """How patient the engine is."""
    later: float = 0.0
    """Seconds the connectors' clock is ahead."""

    def clock(self) -> float:
        """Tell the connectors the time."""
        return time.time() + self.later

    def fill(self, count: int, name: str = "work") -> Shelf:
        """Make a calendar with *count* events at the source."""
        shelf = self.left.store.make("calendar", name)
        for number in range(count):
            shelf.put(f"{number:04}.ics", event(f"{name}-{number}"))
        return shelf

    def open_place(
        self, place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool]
    ) -> Place:
        """Open a side as the application would."""
        del spec
        log = logging.getLogger("tests.engine")
        if place.startswith("vdir:"):
            ctx = Context(None, stop, time.time, log, learned)
            return Vdir(Endpoint("vdir", root=place.removeprefix("vdir:")), ctx)
        server = self.left if place == "dav:left" else self.right
        assert server is not None
        http = self.open_http(stop)
        return Dav(Endpoint("dav", account=place[4:], url=server.url), Context(http, stop, self.clock, log, learned))

    def open_http(self, stop: Callable[[], bool]) -> Http:
        """Return a transport that is closed when the run is over."""
        guard = Guard(allow_private=True, allow_http=True)
        http = Http(guard=guard, retry=self.hasty, stop=stop, pace=Pace(most=0.01, stop=stop))
        self.transports.append(http)
        return http

    def submit(self) -> Job:
        """Store the job."""
        if self.right is None:
            spec = JobSpec(JobKind.BACKUP, "dav:left", f"vdir:{self.folder}", self.mirror)
        else:
            spec = JobSpec(JobKind.MIGRATE, "dav:left", "dav:right", self.mirror)
        return Jobs(self.database).submit(spec)

    def run(self, *, allow_deletions: bool = False) -> Job:
        """Run the job once."""
        self.events.clear()
        jobs, job = Jobs(self.database), self.submit()
        if allow_deletions:
            jobs.allow_deletions(job.id)
        jobs.start(job.id)
        worker = Worker(self.database, self.open_place, self.events.append, retry=self.quick, sleep=lambda _: None)
        try:
            return worker.run_job(job.id)
        finally:
            while self.transports:
                self.transports.pop().close()

    def originals(self) -> dict[str, bytes]:
        """Return what the source really holds, by UID."""
        shelves = self.left.store.shelves.values()
        return {item.uid: item.body for shelf in shelves for item in shelf.items.values()}

    def copies(self) -> dict[str, bytes]:
        """Return what the destination really holds, by UID; two copies of one item are an error."""
        found: dict[str, bytes] = {}
        for body in self._bodies():
            uid = next((line for line in body.splitlines() if line.startswith(b"UID:")), b"UID:?")[4:].decode()
            assert uid not in found, f"two copies of {uid}"
            found[uid] = body
        return found

    def _bodies(self) -> list[bytes]:
        if self.right is not None:
            shelves = self.right.store.shelves.values()
            return [item.body for shelf in shelves for item in shelf.items.values()]
        return [path.read_bytes() for path in self.folder.glob("[!.]*/*") if path.suffix in {".ics", ".vcf"}]

    def explained(self) -> str:
        """Return everything the last run said about trouble, as one text."""
        words = [f"{e.reason} {e.detail}" for e in self.events if isinstance(e, CollectionNote | ItemSettled)]
        with suppress(TypeError):
            words += list((Jobs(self.database).get(self.submit().id) or self.submit()).problem or {})
        return "; ".join(words)

    def ended(self) -> RunEnded:
        """Return the closing sums of the last run."""
        return next(e for e in self.events if isinstance(e, RunEnded))

    def check_books(self) -> None:
        """Check that counters and rows agree and that the source was never written."""
        ledger = Ledger(self.database)
        for row in ledger.collections(self.submit().id):
            items = ledger.all_items(row.id, limit=100_000)
            here = [item for item in items if item.presence is Presence.HERE]
            assert row.present == len(here) == row.copied + row.skipped + row.failed
        assert self.left.count("PUT", "DELETE", "MKCOL", "MKCALENDAR", "PROPPATCH") == 0
