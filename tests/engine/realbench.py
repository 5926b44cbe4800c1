"""The engine between two real servers, with a folder half way."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from connectors.base import Context, Endpoint, Kind, Source
from connectors.dav.place import Dav
from connectors.vdir.place import Vdir
from sync_engine.events import Event, ItemSettled, RunEnded
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import Job, JobKind, JobSpec
from sync_engine.worker import Worker
from tests.connectors.dav.behind import OPENED, DavBackstage, http
from tests.engine.bench import QUICK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from connectors.base import Place
    from simulators.davservers import DavServer
    from sync_engine.database import Database

ENDINGS = {Kind.EVENT: ".ics", Kind.CONTACT: ".vcf"}


def uid_in(body: bytes) -> str:
    """Return the first UID in *body*."""
    lines = body.replace(b"\r\n", b"\n").split(b"\n")
    return next((line.partition(b":")[2].decode() for line in lines if line.upper().startswith(b"UID")), "")


@dataclass
class RealBench:
    """Carry what stands at *left* to *folder* and on to *right*."""

    database: Database
    left: DavServer
    folder: Path
    right: DavServer
    events: list[Event] = field(default_factory=list)
    homes: dict[Kind, str] = field(default_factory=dict)

    def seed(self, bodies: Mapping[str, tuple[Kind, bytes]]) -> None:
        """Write *bodies* to the source, by name, in collections of their own."""
        for kind in Kind:
            wanted = {name: body for name, (its, body) in bodies.items() if its is kind}
            if not wanted:
                continue
            behind = DavBackstage(self.left, kind, f"{kind}-{uuid4().hex[:6]}")
            if kind not in self.homes:
                self.homes[kind] = behind.create(kind)
            for name, body in wanted.items():
                behind.change(self.homes[kind], f"{name}{ENDINGS[kind]}", body)

    def carry(self) -> tuple[Job, Job]:
        """Run both ways once: server to folder, folder to server."""
        self.events.clear()
        first = self._run(JobSpec(JobKind.BACKUP, "dav:left", f"vdir:{self.folder}", mirror=True))
        return first, self.carry_on()

    def carry_on(self) -> Job:
        """Run the second half: folder to server."""
        return self._run(JobSpec(JobKind.MIGRATE, f"vdir:{self.folder}", "dav:right", mirror=True))

    def _run(self, spec: JobSpec) -> Job:
        jobs = Jobs(self.database)
        job = jobs.submit(spec)
        jobs.start(job.id)
        worker = Worker(self.database, self._open, self.events.append, retry=QUICK, sleep=lambda _: None)
        return worker.run_job(job.id)

    def _open(self, place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool]) -> Place:
        del spec
        log = logging.getLogger("tests.engine")
        if place.startswith("vdir:"):
            ctx = Context(None, stop, time.time, log, learned)
            return Vdir(Endpoint("vdir", root=place.removeprefix("vdir:")), ctx)
        url = (self.left if place == "dav:left" else self.right).url
        return Dav(Endpoint("dav", account=place[4:], url=url), Context(http(url), stop, time.time, log, learned))

    def close(self) -> None:
        """Close every transport."""
        while OPENED:
            OPENED.pop().close()
        self.database.close()

    def half_way(self) -> dict[str, bytes]:
        """Return what lies in the folder, by UID."""
        paths = [path for path in self.folder.glob("[!.]*/*") if path.suffix in ENDINGS.values()]
        return {uid_in(body): body for body in (path.read_bytes() for path in paths)}

    def arrived(self) -> dict[str, bytes]:
        """Return what the destination serves, by UID; two of one are an error."""
        found: dict[str, bytes] = {}
        place = self._open("dav:right", JobSpec(JobKind.BACKUP, "", "", mirror=False), {}, lambda: False)
        assert isinstance(place, Source)
        for collection in place.collections():
            refs = [change.ref for page in place.changes(collection, None) for change in page.changes]
            for item in place.fetch(collection, refs):
                body: bytes = getattr(item, "body", b"")
                assert uid_in(body) not in found
                found[uid_in(body)] = body
        return found

    def changed(self) -> list[int]:
        """Return how many items each run of the last ``carry`` found changed."""
        return [event.changed for event in self.events if isinstance(event, RunEnded)]

    def details(self) -> dict[str, str]:
        """Return what the ledger keeps about items, by id, where it keeps something."""
        ledger, found = Ledger(self.database), dict[str, str]()
        spec = JobSpec(JobKind.MIGRATE, f"vdir:{self.folder}", "dav:right", mirror=True)
        for row in ledger.collections(Jobs(self.database).submit(spec).id):
            found |= {item.id: item.detail for item in ledger.all_items(row.id, limit=1000) if item.detail}
        return found

    def problems(self) -> list[str]:
        """Return what the last ``carry`` said of items that were not copied."""
        return [f"{one.item} {one.reason} {one.detail}" for one in self.events if isinstance(one, ItemSettled)]
