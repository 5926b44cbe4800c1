"""One run of a job in one slice: the lease it works under, its desk and its counters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.retry import RetryPolicy
from sync_engine.events import CollectionNote, Event, ItemSettled, Listener, PhaseEntered, Progress, silent
from sync_engine.model import CollectionRow, ItemRow, Lease, Outcome, PageCommit, Phase, Presence, Verified, Want

if TYPE_CHECKING:
    from connectors.base import Collection, Destination, Source
    from connectors.errors import ConnectorError
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger

TTL = 30.0
"""Seconds a lease lives without being renewed: the time after which a dead worker's job is taken over."""


class Interrupted(Exception):
    """The run stops at this safe point; everything settled so far is in the ledger.

    *want* is what the user asked for, ``Want.RUN`` when only the slice is over.
    """

    def __init__(self, want: Want) -> None:
        super().__init__(want.value)
        self.want = want


@dataclass(slots=True)
class Counters:
    """What this run did so far, for progress and the closing line. *size* in bytes."""

    done: int = 0
    total: int = 0
    changed: int = 0
    removed: int = 0
    size: int = 0
    problems: int = 0


MOST_NAMED = 2_000
"""So many items a run remembers by name for each collection; of more it asks the ledger, which reads them all."""


class Written:
    """What this slice wrote, by collection: what is to be looked at again before the run ends."""

    def __init__(self) -> None:
        self._named: dict[int, set[str]] = {}

    def note(self, collection: int, items: Iterable[str]) -> None:
        """Remember *items*."""
        named = self._named.setdefault(collection, set())
        if len(named) <= MOST_NAMED:
            named.update(items)

    def names(self, collection: int) -> set[str] | None:
        """Return the items written, ``None`` if they are too many to be named."""
        named = self._named.get(collection, set())
        return named if len(named) <= MOST_NAMED else None

    def __bool__(self) -> bool:
        return any(self._named.values())


@dataclass(slots=True)
class Run:
    """What every room of the engine needs while a slice is under way."""

    lease: Lease
    ledger: Ledger
    leases: Leases
    source: Source
    destination: Destination
    listener: Listener = silent
    stop: Callable[[], bool] = lambda: False
    deadline: float = float("inf")
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    ttl: float = TTL
    counters: Counters = field(default_factory=Counters)
    progressed: bool = False
    """This slice settled something the last one had not: without that, ending it would never end the job."""
    written: Written = field(default_factory=Written)
    halted: bool = False
    """One lane met something that ends the run: the others stop at their next commit."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def job(self) -> str:
        """The id of the job."""
        return self.lease.job.id

    @property
    def number(self) -> int:
        """The number of the run, from 1."""
        return self.lease.job.run

    @property
    def mirror(self) -> bool:
        """Whether deletions at the source are followed at the destination."""
        return self.lease.job.spec.mirror

    def enter(self, phase: Phase, *, verified: Verified | None = None) -> None:
        """Record and tell that the run is in *phase*, and with it what was *verified*."""
        self.ledger.set_job(self.lease, phase=phase, verified=verified)
        self.tell(PhaseEntered(self.job, phase.value))

    def tell(self, event: Event) -> None:
        """Hand *event* to whoever listens."""
        with self.lock:
            self.listener(event)

    def count(self, **steps: int) -> None:
        """Add to the counters; lanes share them."""
        with self.lock:
            for name, step in steps.items():
                setattr(self.counters, name, getattr(self.counters, name) + step)

    def note(self, collection: str, reason: str, detail: str = "") -> None:
        """Say something about a whole collection and count it as a problem of the run."""
        self.count(problems=1)
        self.tell(CollectionNote(self.job, collection, reason, detail))

    def tell_progress(self, phase: str, collection: str) -> None:
        """Report how far the run is."""
        c = self.counters
        self.tell(Progress(self.job, phase, collection, c.done, max(c.total, c.done), c.size, c.problems))

    def tell_problem(self, collection: str, row: ItemRow) -> None:
        """Report an item that was not copied."""
        self.count(problems=1)
        retry = row.attempts > 0
        self.tell(
            ItemSettled(self.job, collection, row.id, row.outcome.value, row.reason or "", row.detail or "", retry)
        )

    def tell_loss(self, collection: str, row: ItemRow) -> None:
        """Report an item of whose copy a part is missing. It counts as a problem: nothing is lost silently."""
        from sync_engine.fidelity import losses_of

        self.count(problems=1)
        words = losses_of(row.losses).words()
        self.tell(ItemSettled(self.job, collection, row.id, row.outcome.value, row.fate or "", words, retry=False))

    def commit(self, page: PageCommit) -> None:
        """Write *page*, then obey what the user wants. Raises ``LeaseLost`` and ``Interrupted``."""
        want = self.ledger.commit(self.lease, page, ttl=self.ttl)
        self.progressed |= bool(page.items or page.forgotten)
        written = [row.id for row in page.items if row.run == self.number and row.outcome is Outcome.COPIED]
        if written:
            with self.lock:
                self.written.note(page.collection, written)
        self.obey(want)

    def check(self) -> None:
        """Renew the lease and obey. Called where much time passes without a commit."""
        self.obey(self.leases.renew(self.lease, ttl=self.ttl))

    def obey(self, want: Want) -> None:
        """Stop here if the user, the process or the deadline says so."""
        if want is not Want.RUN:
            raise Interrupted(want)
        if self.halted or self.stop():
            raise Interrupted(Want.PAUSE)
        if self.progressed and time.monotonic() > self.deadline:
            raise Interrupted(Want.RUN)


@dataclass(slots=True)
class Pair:
    """One collection at the source, its copy at the destination, and its row in the ledger.

    *right* is ``None`` when the destination cannot hold the collection; *refusal* says why.
    """

    left: Collection
    right: Collection | None
    row: CollectionRow
    refusal: str = ""

    @property
    def name(self) -> str:
        """The name a person knows the collection by."""
        return self.left.name or self.left.id


def weigh(row: ItemRow | None) -> Mapping[str, int]:
    """Say what *row* adds to its collection's counters."""
    if row is None:
        return {}
    if row.presence is Presence.GONE:
        return {"gone": 1}
    return {"present": 1, row.outcome.value: 1}


def tally(changes: Iterable[tuple[ItemRow | None, ItemRow | None]]) -> dict[str, int]:
    """Add up what (before, after) pairs of rows change in a collection's counters."""
    total: dict[str, int] = {}
    for before, after in changes:
        for name, count in weigh(after).items():
            total[name] = total.get(name, 0) + count
        for name, count in weigh(before).items():
            total[name] = total.get(name, 0) - count
    return {name: count for name, count in total.items() if count}


def code_of(error: ConnectorError) -> str:
    """Return the stable word for *error* in rows and reports."""
    return str(getattr(error, "code", "") or error.reason)
