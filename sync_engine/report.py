"""What a job did, told from the ledger alone: counts, a verdict in one sentence, problems, days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_engine.errors import JobUnknown
from sync_engine.fidelity import NOTHING_MAPPED, Fidelity, Losses, losses_of
from sync_engine.model import JobState
from sync_engine.safety import CONFIRMING_RUNS

if TYPE_CHECKING:
    from sync_engine.jobs import Jobs
    from sync_engine.ledger import Ledger
    from sync_engine.model import CollectionRow, Job

PAGE = 500
"""Problems asked of the database at once."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Items by fate. ``present == copied + skipped + failed``; *gone* ones are at the copy only."""

    present: int = 0
    copied: int = 0
    skipped: int = 0
    failed: int = 0
    gone: int = 0

    @property
    def not_copied(self) -> int:
        """Items of the source that have no copy."""
        return self.skipped + self.failed

    @property
    def adds_up(self) -> bool:
        """Whether every item has exactly one outcome: the promise."""
        return self.present == self.copied + self.skipped + self.failed

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.present + other.present,
            self.copied + other.copied,
            self.skipped + other.skipped,
            self.failed + other.failed,
            self.gone + other.gone,
        )


@dataclass(frozen=True, slots=True)
class CollectionReport:
    """One collection: *kind* as the port says it; *missing* when the last run did not find it."""

    name: str
    kind: str
    counts: Counts
    missing: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A job and its sums."""

    job: Job
    collections: Sequence[CollectionReport]
    totals: Counts
    verdict: str
    fidelity: Fidelity = NOTHING_MAPPED

    def by_kind(self) -> dict[str, Counts]:
        """Return the sums by kind of item, in order of first appearance."""
        sums: dict[str, Counts] = {}
        for collection in self.collections:
            sums[collection.kind] = sums.get(collection.kind, Counts()) + collection.counts
        return sums


@dataclass(frozen=True, slots=True)
class Problem:
    """One item of the source without a copy, and why."""

    collection: str
    kind: str
    item: str
    outcome: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Loss:
    """One item whose copy is not all of it: the fate of its worst leaf, and the leaves that are not exact."""

    collection: str
    kind: str
    item: str
    fate: str
    losses: Losses


def build_report(jobs: Jobs, ledger: Ledger, job: str) -> Report:
    """Return the report on *job* (an id or its beginning). Raises ``JobUnknown``, ``JobAmbiguous``."""
    found = jobs.get(job)
    if found is None:
        raise JobUnknown(job)
    collections = [_collection(row) for row in ledger.collections(found.id) if row.missing_runs < CONFIRMING_RUNS]
    totals = sum((collection.counts for collection in collections), Counts())
    fidelity = ledger.fidelity(found.id)
    return Report(found, collections, totals, verdict_on(found, totals, fidelity), fidelity)


def problems(jobs: Jobs, job: str) -> Iterator[Problem]:
    """Yield every item of *job* without a copy, a page at a time."""
    after = (0, "")
    while True:
        count = 0
        for collection, item in jobs.problems(job, after=after, limit=PAGE):
            count += 1
            after = (collection.id, item.id)
            if collection.missing_runs >= CONFIRMING_RUNS:
                continue  # not at the source any more, and not in the sums either
            yield Problem(
                collection.name,
                collection.kind,
                item.id,
                item.outcome.value,
                item.reason or "",
                item.detail or "",
            )
        if count < PAGE:
            return


def losses(ledger: Ledger, job: str) -> Iterator[Loss]:
    """Yield every copy of *job* of which a part is missing, a page at a time."""
    for row in ledger.collections(job):
        after = ("", "")
        while row.missing_runs < CONFIRMING_RUNS and (items := ledger.lossy(row.id, after=after, limit=PAGE)):
            for item in items:
                yield Loss(row.name, row.kind, item.id, item.fate or "", losses_of(item.losses))
            after = (items[-1].fate or "", items[-1].id)


def verdict_on(job: Job, totals: Counts, fidelity: Fidelity = NOTHING_MAPPED) -> str:
    """Return the state of the copy in one sentence."""
    if not totals.adds_up:
        return (
            f"The books do not balance: {totals.present:,} items at the source, but other outcomes. Please report this."
        )
    if totals.present == 0:
        looked = job.state in (JobState.DONE, JobState.DONE_WITH_PROBLEMS)
        return "There is nothing at the source." if looked else "Nothing has been copied yet."
    copied = f"{totals.copied:,} of {totals.present:,} items"
    if job.state not in (JobState.DONE, JobState.DONE_WITH_PROBLEMS):
        return f"The job is not finished: {copied} are in the copy so far."
    parts = f"of {fidelity.lossy:,} a part is not in the copy" if fidelity.lossy else ""
    if totals.not_copied:
        also = f", and {parts}" if parts else ""
        return f"{copied} found at the source are in the copy; {totals.not_copied:,} could not be copied{also}."
    if parts:
        return f"All {totals.present:,} items found at the source are in the copy, but {parts}."
    return f"Everything is there: all {totals.present:,} items found at the source are in the copy."


def _collection(row: CollectionRow) -> CollectionReport:
    counts = Counts(row.present, row.copied, row.skipped, row.failed, row.gone)
    return CollectionReport(row.name or row.source_id, row.kind, counts, row.missing_runs > 0)
