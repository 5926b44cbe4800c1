"""The embedded driver: claim a job, advance it slice by slice, give it back.

Works in this process and needs no server. Driving many machines means calling
``advance`` from a queue instead; nothing in the engine would change.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from connectors.errors import ConnectorError
from connectors.retry import RetryPolicy
from sync_engine.advance import Done, Next, Yield, advance, after_error
from sync_engine.errors import JobBusy, JobUnknown, LeaseLost
from sync_engine.events import Listener, Waiting, silent
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import Job, JobState, Lease, Want
from sync_engine.opening import Opener, Places, opened
from sync_engine.owners import is_dead, own_name
from sync_engine.run import TTL, Run

if TYPE_CHECKING:
    from sync_engine.database import Database

SLICE = 25.0
"""Seconds a slice lasts while other jobs may be waiting."""

POLL = 1.0
"""Seconds between two looks for work, or at a lease another process holds."""

TICK = 0.01
"""Seconds a wait lasts longer than it says: the database counts in milliseconds, and too early is not due yet."""

MOST_PATIENCE = 300.0
"""Longest wait in seconds, asked for by a provider, that a run on the terminal sits out."""

MOST_WAITS = 3
"""So many waits in a row are sat out while nothing gets settled; who asks for one more may mean for ever."""


@dataclass(slots=True)
class Worker:
    """One worker of this process."""

    database: Database
    open_place: Opener
    listener: Listener = silent
    stop: Callable[[], bool] = lambda: False
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], None] = time.sleep
    ttl: float = TTL
    owner: str = field(default_factory=own_name)

    def run_job(self, job: str) -> Job:
        """Drive *job* until its run ends, pauses, needs somebody, or has to wait too long.

        Raises ``JobBusy`` when another process holds it.
        """
        jobs, waits = Jobs(self.database), 0
        while True:
            lease = self._claim(job)
            if lease is None:
                return load(jobs, job)
            before = self._settled(lease.job.id)
            step = self._serve(lease, deadline=float("inf"))
            waits = waits + 1 if isinstance(step, Yield) and step.asked and self._settled(lease.job.id) == before else 0
            if not self._sits_out(step) or waits > MOST_WAITS:
                return load(jobs, job)
            self._wait(lease.job.id, step.seconds)

    def serve(self, *, idle: Callable[[], bool] = lambda: False) -> None:
        """Work on whatever is due, a slice at a time, until *stop* or *idle* says so."""
        leases = Leases(self.database)
        while not self.stop():
            lease = leases.claim(self.owner, ttl=self.ttl)
            if lease is not None:
                self._serve(lease, deadline=time.monotonic() + SLICE)
            elif idle():
                return
            else:
                self.sleep(POLL)

    def _claim(self, job: str) -> Lease | None:
        """Claim *job*; ``None`` when there is nothing to do for it now."""
        leases = Leases(self.database)
        lease = leases.claim(self.owner, ttl=self.ttl, job=job)
        if lease is None and leases.expire(is_dead):
            lease = leases.claim(self.owner, ttl=self.ttl, job=job)
        if lease is not None:
            return lease
        jobs = Jobs(self.database)
        holder = jobs.leased_by(job)
        if holder is not None:
            raise JobBusy(job, holder[0])
        now = load(jobs, job)
        if now.state is JobState.READY and now.want is Want.RUN and now.problem is None:
            raise JobBusy(job, "another job of the same account")
        return None

    def _sits_out(self, step: Next) -> TypeGuard[Yield]:
        """Say whether to stay and wait: the other side named a time, and it is not too long."""
        if not isinstance(step, Yield) or self.stop():
            return False
        return step.problem is None or (step.asked and step.seconds <= MOST_PATIENCE)

    def _settled(self, job: str) -> list[tuple[int | None, ...]]:
        """Return how far each collection of *job* is, to tell a wait that helped from one that did not."""
        rows = Ledger(self.database).collections(job)
        return [(row.id, row.settled_run, row.present, row.copied, row.skipped, row.failed, row.gone) for row in rows]

    def _serve(self, lease: Lease, *, deadline: float) -> Next:
        """Advance *lease* once and release it."""
        job, learned = lease.job, dict(lease.job.learned)
        try:
            with self._beating(lease) as lost:
                try:
                    with opened(job, self.open_place, lambda: self.stop() or lost.is_set()) as places:
                        step = advance(self._run(lease, places, deadline, lost))
                        learned = dict(places.learned)
                except ConnectorError as error:
                    step = after_error(error, stopped=self.stop())
                except LeaseLost:
                    raise
                except Exception as error:
                    broken = {"reason": "unexpected", "error": type(error).__name__, "detail": str(error)}
                    self._release(lease, Done(JobState.FAILED, broken), learned)
                    raise
                self._release(lease, step, learned)
        except LeaseLost:
            return Yield(POLL)
        return step

    def _run(self, lease: Lease, places: Places, deadline: float, lost: threading.Event) -> Run:
        return Run(
            lease=lease,
            ledger=Ledger(self.database),
            leases=Leases(self.database),
            source=places.source,
            destination=places.destination,
            listener=self.listener,
            stop=lambda: self.stop() or lost.is_set(),
            deadline=deadline,
            retry=self.retry,
            sleep=self.sleep,
            ttl=self.ttl,
        )

    def _release(self, lease: Lease, step: Next, learned: Mapping[str, Mapping[str, str]]) -> None:
        """Give the job back in the state *step* says."""
        if learned != lease.job.learned:
            Ledger(self.database).set_job(lease, learned=learned)
        leases = Leases(self.database)
        if isinstance(step, Yield):
            not_before = time.time() + step.seconds if step.seconds else 0.0
            leases.release(lease, state=JobState.READY, not_before=not_before, problem=step.problem)
        else:
            leases.release(lease, state=step.state, problem=step.problem)

    def _wait(self, job: str, seconds: float) -> None:
        self.listener(Waiting(job, seconds, "the other side asked to wait"))
        until = time.monotonic() + seconds + TICK
        while (left := until - time.monotonic()) > 0 and not self.stop():
            self.sleep(min(left, POLL))

    @contextmanager
    def _beating(self, lease: Lease) -> Iterator[threading.Event]:
        """Keep *lease* alive while one step takes long; the event says it was lost."""
        over, lost = threading.Event(), threading.Event()
        leases = Leases(self.database)

        def beat() -> None:
            while not over.wait(self.ttl / 3):
                try:
                    leases.renew(lease, ttl=self.ttl)
                except LeaseLost:
                    lost.set()
                    return
                except Exception:  # noqa: BLE001, S112 - a hiccup of the database; the next beat, or the commit, decides
                    continue

        thread = threading.Thread(target=beat, name=f"lease-{lease.job.id}", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            over.set()
            thread.join()


def load(jobs: Jobs, job: str) -> Job:
    """Return *job*. Raises ``JobUnknown``."""
    found = jobs.get(job)
    if found is None:
        raise JobUnknown(job)
    return found
