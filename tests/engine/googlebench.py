"""The engine between the stand-in for Google and a folder or a real server."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Context, Endpoint, Source
from connectors.dav.place import Dav
from connectors.google.calendar import Calendars
from connectors.google.contacts import Contacts
from connectors.guard import Guard
from connectors.http import Http
from connectors.pace import Pace
from connectors.vdir.place import Vdir
from mappings.mediatypes import CALENDAR, CARD
from oauth.authorizers import Basic, Bearer
from oauth.secret import Secret
from sync_engine.events import CollectionNote, Event, ItemSettled, RunEnded
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import Job, JobKind, JobSpec, Outcome, Presence
from sync_engine.report import build_report
from sync_engine.verify import Verdict, verify_job
from sync_engine.worker import Worker
from tests.connectors.google.behind import CALENDAR as CALENDAR_SCOPES
from tests.connectors.google.behind import CONTACTS as CONTACTS_SCOPES
from tests.connectors.google.behind import QUICK as HASTY
from tests.engine.bench import QUICK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from connectors.base import Place
    from oauth.authorizers import Authorizer
    from simulators.davservers import DavServer
    from simulators.google import Service
    from sync_engine.database import Database
    from sync_engine.fidelity import Fidelity
    from sync_engine.model import ItemRow

ENDINGS = (".ics", ".vcf")


@dataclass
class GoogleBench:
    """One job that reads *kind* (``google-contacts``, ``google-calendar``) and writes *folder*, or *right* if given."""

    database: Database
    google: Service
    kind: str
    folder: Path
    right: DavServer | None = None
    events: list[Event] = field(default_factory=list)
    transports: list[Http] = field(default_factory=list)
    learned: dict[str, MutableMapping[str, str]] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """What the copies are."""
        return CARD if self.kind == "google-contacts" else CALENDAR

    def spec(self) -> JobSpec:
        """Return what is to be done; deletions are followed, also at a server."""
        if self.right is None:
            return JobSpec(JobKind.BACKUP, f"{self.kind}:ana", f"vdir:{self.folder}", mirror=True)
        return JobSpec(JobKind.MIGRATE, f"{self.kind}:ana", "dav:right", mirror=True)

    def submit(self) -> Job:
        """Store the job."""
        return Jobs(self.database).submit(self.spec())

    def run(self, *, allow_deletions: bool = False) -> Job:
        """Run the job once."""
        self.events.clear()
        self.google.calls.clear()
        jobs, job = Jobs(self.database), self.submit()
        if allow_deletions:
            jobs.allow_deletions(job.id)
        jobs.start(job.id)
        worker = Worker(self.database, self.open_place, self.events.append, retry=QUICK, sleep=lambda _: None)
        try:
            return worker.run_job(job.id)
        finally:
            self.close_transports()

    def verify(self) -> Verdict:
        """Compare source and copy."""
        try:
            return verify_job(self.database, self.submit().id, open_place=self.open_place)
        finally:
            self.close_transports()

    def open_place(
        self, place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool]
    ) -> Place:
        """Open a side as the application would."""
        del spec
        log = logging.getLogger("tests.engine")
        if place.startswith("vdir:"):
            ctx = Context(None, stop, time.time, log, learned)
            return Vdir(Endpoint("vdir", root=place.removeprefix("vdir:")), ctx)
        if place == "dav:right":
            server = self.right
            assert server is not None
            signer = Basic(server.username, Secret(server.password), to=[server.url])
            ctx = Context(self.open_http(signer, stop), stop, time.time, log, learned)
            kind = "carddav" if self.kind == "google-contacts" else "caldav"
            return Dav(Endpoint(kind, account="right", url=server.url), ctx)
        contacts = self.kind == "google-contacts"
        token = self.google.token(*(CONTACTS_SCOPES if contacts else CALENDAR_SCOPES))
        http = self.open_http(Bearer(Secret(token), to=[self.google.url]), stop)
        endpoint = Endpoint(self.kind, account="ana", url=self.google.url)
        return (Contacts if contacts else Calendars)(endpoint, Context(http, stop, time.time, log, learned))

    def open_http(self, authorizer: Authorizer, stop: Callable[[], bool]) -> Http:
        """Return a transport that is closed when the run is over."""
        guard, pace = Guard(allow_private=True, allow_http=True), Pace(most=0.01, stop=stop)
        self.transports.append(Http(guard=guard, retry=HASTY, authorizer=authorizer, stop=stop, pace=pace))
        return self.transports[-1]

    def close_transports(self) -> None:
        """Close every transport."""
        while self.transports:
            self.transports.pop().close()

    def rows(self) -> dict[tuple[str, str], ItemRow]:
        """Return the rows of all items, by collection and id."""
        ledger, found = Ledger(self.database), dict[tuple[str, str], "ItemRow"]()
        for row in ledger.collections(self.submit().id):
            found |= {(row.source_id, item.id): item for item in ledger.all_items(row.id, limit=100_000)}
        return found

    def copies(self) -> dict[str, bytes]:
        """Return what stands at the destination, by collection and name there."""
        found: dict[str, bytes] = {}
        place = self.open_place(self.spec().destination, self.spec(), {}, lambda: False)
        assert isinstance(place, Source)
        try:
            for collection in place.collections():
                refs = list(place.inventory(collection))
                for item in place.fetch(collection, refs):
                    found[f"{collection.id} {item.ref.id}"] = getattr(item, "body", b"")
        finally:
            place.close()
            self.close_transports()
        return found

    def fidelity(self) -> Fidelity:
        """Return how many copies are exact, with extensions, and not whole."""
        return build_report(Jobs(self.database), Ledger(self.database), self.submit().id).fidelity

    def lossy(self) -> Mapping[str, str]:
        """Return what is missing in copies, by item."""
        return {
            item: f"{row.fate} {row.losses}"
            for (_, item), row in self.rows().items()
            if row.fate not in {"exact", "extension"} and row.outcome is Outcome.COPIED
        }

    def ended(self) -> RunEnded:
        """Return the closing sums of the last run."""
        return next(e for e in self.events if isinstance(e, RunEnded))

    def explained(self) -> str:
        """Return everything the last run said about trouble, as one text."""
        told = [e for e in self.events if isinstance(e, CollectionNote | ItemSettled)]
        return "; ".join(f"{e.collection} {getattr(e, 'item', '')} {e.reason} {e.detail}" for e in told)

    def check_books(self) -> None:
        """Check the promise: one outcome per item, counters equal to the rows, each copy of one item."""
        ledger = Ledger(self.database)
        for row in ledger.collections(self.submit().id):
            items = ledger.all_items(row.id, limit=100_000)
            here = [item for item in items if item.presence is Presence.HERE]
            assert row.present == len(here) == row.copied + row.skipped + row.failed
            targets = [item.target_id for item in items if item.target_id is not None]
            assert len(targets) == len(set(targets))
