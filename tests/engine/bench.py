"""A small bench for the engine: a state database, two worlds in memory, and a worker between them."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.base import Context, Endpoint, Kind
from connectors.memory.place import Memory
from connectors.memory.world import Faults, World, forget, world
from connectors.retry import RetryPolicy
from sync_engine.database import Database
from sync_engine.events import CollectionNote, Event, ItemSettled, RunEnded
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import Job, JobKind, JobSpec, JobState, Outcome, Presence
from sync_engine.verify import Verdict, verify_job
from sync_engine.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from pathlib import Path

    from connectors.base import Place
    from sync_engine.model import CollectionRow, ItemRow

QUICK = RetryPolicy(attempts=3, first=0.001, most=0.002, total=5.0, patience=0.05)
"""Retries without noticeable waits, so that faults cost a test no time."""


def event(uid: str, summary: str = "Tea", day: str = "20260301") -> bytes:
    """Return one whole event."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//wherry//tests//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{day}T100000Z\r\nSUMMARY:{summary}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def card(uid: str, name: str = "Ana") -> bytes:
    """Return one whole contact."""
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nEND:VCARD\r\n".encode()


@dataclass
class Bench:
    """One job between two worlds, ready to run as often as a test likes."""

    database: Database
    name: str
    mirror: bool = True
    kind: JobKind = JobKind.BACKUP
    events: list[Event] = field(default_factory=list)
    stop: Callable[[], bool] = lambda: False
    options: dict[str, str] = field(default_factory=dict)
    source_place: Callable[[Endpoint, Context], Place] = Memory
    target_place: Callable[[Endpoint, Context], Place] = Memory

    @property
    def source(self) -> World:
        """The world that is read."""
        return world(f"{self.name}-source")

    @property
    def target(self) -> World:
        """The world that is written."""
        return world(f"{self.name}-target")

    def fill(self, count: int, collection: str = "work") -> None:
        """Put *count* events into a calendar at the source."""
        if collection not in self.source.shelves:
            self.source.create(collection)
        for number in range(count):
            self.source.add(collection, f"{number:05}.ics", event(f"{collection}-{number}"))

    def faults(self, **faults: Any) -> None:
        """Make the source misbehave from now on, by the fields of ``Faults``."""
        self.source.faults = Faults(**faults)

    def target_faults(self, **faults: Any) -> None:
        """Make the destination misbehave from now on, by the fields of ``Faults``."""
        self.target.faults = Faults(**faults)

    def open_place(
        self, place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool]
    ) -> Place:
        """Open a world as the application would open an account."""
        del spec
        ctx = Context(None, stop, time.time, logging.getLogger("tests.engine"), learned)
        make = self.source_place if place.endswith("-source") else self.target_place
        return make(Endpoint("memory", account=place.removeprefix("memory:")), ctx)

    def submit(self) -> Job:
        """Store the job."""
        places = f"memory:{self.name}-source", f"memory:{self.name}-target"
        spec = JobSpec(self.kind, *places, self.mirror, self.options)
        return Jobs(self.database).submit(spec)

    def run(self, *, allow_deletions: bool = False) -> Job:
        """Run the job once, as ``wherry backup`` does."""
        self.events.clear()
        jobs = Jobs(self.database)
        job = self.submit()
        if allow_deletions:
            jobs.allow_deletions(job.id)
        jobs.start(job.id)
        return self.worker().run_job(job.id)

    def worker(self) -> Worker:
        """Return a worker of this process."""
        return Worker(self.database, self.open_place, self.events.append, self.stop, QUICK, sleep=lambda _: None)

    def verify(self) -> Verdict:
        """Compare source and copy."""
        return verify_job(self.database, self.submit().id, open_place=self.open_place)

    def rows(self) -> dict[str, ItemRow]:
        """Return all item rows, by id."""
        ledger = Ledger(self.database)
        found: dict[str, ItemRow] = {}
        for row in ledger.collections(self.submit().id):
            found |= {item.id: item for item in ledger.all_items(row.id, limit=100_000)}
        return found

    def collection(self, name: str = "work") -> CollectionRow:
        """Return a collection's row."""
        return next(row for row in Ledger(self.database).collections(self.submit().id) if row.source_id == name)

    def copies(self, collection: str = "work") -> dict[str, bytes]:
        """Return what stands at the destination, by the UID in the body."""
        found: dict[str, bytes] = {}
        for body in self.target.bodies(self.collection(collection).target_id or "").values():
            uid = next(line for line in body.splitlines() if line.startswith(b"UID:"))[4:].decode()
            assert uid not in found, f"two copies of {uid}"
            found[uid] = body
        return found

    def originals(self, collection: str = "work") -> dict[str, bytes]:
        """Return what stands at the source, by the UID in the body."""
        found: dict[str, bytes] = {}
        for body in self.source.bodies(collection).values():
            uid = next(line for line in body.splitlines() if line.startswith(b"UID:"))[4:].decode()
            found[uid] = body
        return found

    def notes(self) -> list[str]:
        """Return the reasons of all notes about collections in the last run."""
        return [e.reason for e in self.events if isinstance(e, CollectionNote)]

    def problems(self) -> dict[str, str]:
        """Return the reason of every item that was not copied in the last run."""
        return {e.item: e.reason for e in self.events if isinstance(e, ItemSettled)}

    def ended(self) -> RunEnded:
        """Return the closing sums of the last run."""
        return next(e for e in self.events if isinstance(e, RunEnded))

    def check_books(self) -> None:
        """Check the promise: one outcome per item, counters equal to the rows, no copy twice."""
        ledger = Ledger(self.database)
        for row in ledger.collections(self.submit().id):
            items = ledger.all_items(row.id, limit=100_000)
            here = [item for item in items if item.presence is Presence.HERE]
            assert row.present == len(here) == row.copied + row.skipped + row.failed
            assert row.gone == len(items) - len(here)
            for outcome in Outcome:
                assert getattr(row, outcome.value) == sum(item.outcome is outcome for item in here)
            targets = [item.target_id for item in items if item.target_id is not None]
            assert len(targets) == len(set(targets))

    def close(self) -> None:
        """Forget the worlds and close the database."""
        forget(f"{self.name}-source")
        forget(f"{self.name}-target")
        self.database.close()


def open_bench(database: Path, name: str) -> Bench:
    """Return a bench on the state database in the file *database*."""
    return Bench(Database.open(f"sqlite:///{database}"), name)


__all__ = ["QUICK", "Bench", "JobState", "Kind", "card", "event", "open_bench"]
