"""The values the engine's rooms hand each other: jobs, leases, ledger rows, page commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from oauth.audit import Event


class JobKind(StrEnum):
    """What the user asked for."""

    BACKUP = "backup"
    MIGRATE = "migrate"


class JobState(StrEnum):
    """Where a job stands. Only ``LEASED`` jobs are being worked on."""

    READY = "ready"
    LEASED = "leased"
    PAUSED = "paused"
    NEEDS_USER = "needs_user"
    STOPPED = "stopped"
    DONE = "done"
    DONE_WITH_PROBLEMS = "done_with_problems"
    CANCELLED = "cancelled"
    FAILED = "failed"


ENDED = frozenset({JobState.STOPPED, JobState.DONE, JobState.DONE_WITH_PROBLEMS, JobState.CANCELLED, JobState.FAILED})
"""States from which nothing happens until the user starts another run."""

CLOSED = ENDED - {JobState.STOPPED}
"""States in which a job needs no access any more. A safety stop waits for an answer, and the answer needs it."""


class Phase(StrEnum):
    """How far the current run has come. Each phase may be entered again after a crash."""

    COLLECTIONS = "collections"
    COPY = "copy"
    VERIFY = "verify"
    FINISHING = "finishing"


class Want(StrEnum):
    """What the user wants of a job; the engine obeys at the next safe point."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"


class Outcome(StrEnum):
    """What became of one item of the source. Exactly one per item."""

    COPIED = "copied"
    SKIPPED = "skipped"
    FAILED = "failed"


class Presence(StrEnum):
    """Whether the source still has the item, as far as it is known."""

    HERE = "here"
    GONE = "gone"
    """Gone at the source; the copy still has to follow (or is kept, by the job's choice)."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a job is to do, as the user said it. Two equal specs are the same job.

    *source* and *destination* are places as written (``dav:home``, ``vdir:/path``).
    *mirror* says whether deletions at the source are followed at the destination.
    *options* holds further choices (``allow-private``, ``only`` …) as strings.
    """

    kind: JobKind
    source: str
    destination: str
    mirror: bool
    options: Mapping[str, str] = field(default_factory=dict)


class Compared(StrEnum):
    """How copies were compared with what was written."""

    SIZE_AND_REVISION = "size-and-revision"
    """In a folder, whose bytes were hashed while they were written and made durable before the receipt."""
    BYTES = "bytes"
    """Read back, byte for byte."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What runs verified of their own writing: all that was written up to the run *upto*.

    *run* is the last run that had written anything; it found *count* copies as they should be, *how* says by what.
    """

    upto: int = 0
    run: int = 0
    count: int = 0
    how: Compared | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands in the database. Times are seconds since the epoch."""

    id: str
    spec: JobSpec
    state: JobState
    want: Want
    phase: Phase
    run: int
    """Number of the current or last run, from 1."""
    created_at: float
    started_at: float | None
    ended_at: float | None
    not_before: float
    allow_deletions: bool
    problem: Mapping[str, str] | None
    """Why the job stopped, needs the user or failed: ``reason`` and ``detail``."""
    learned: Mapping[str, Mapping[str, str]]
    """What the connectors learned, by role (``source``, ``destination``)."""
    verified: Verified = Verified()


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one job until *until* (database clock), fenced by *token*."""

    job: Job
    owner: str
    token: int
    until: float


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """One collection of a job, with its checkpoint and its counters.

    *generation* numbers full listings: an item whose ``seen`` is lower than the
    generation of a listing that ended complete is absent from it. *missing_runs* counts
    runs in a row in which the whole collection was not there. *doubt* names the items
    whose write was begun and not yet recorded: id -> marks of what was to be written, one
    for each time it was tried, by blanks.
    """

    id: int
    job: str
    source_id: str
    kind: str
    name: str
    target_id: str | None
    cursor: Mapping[str, str | int | bool] | None
    generation: int
    listing_run: int | None
    settled_run: int
    missing_runs: int
    properties: Mapping[str, str]
    doubt: Mapping[str, str]
    present: int
    copied: int
    skipped: int
    failed: int
    gone: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of the source and where its copy stands.

    *revision* is the source's, once settled; *digest* the SHA-256 of the source's bytes,
    in hex. *target_id*, *target_revision* name the copy; *target_digest* is the digest of
    the bytes there when they differ from the source's. *day* counts days since 1970-01-01
    of the item's first date, for the heat map. *run* is the run that last touched the row. Of an item that was mapped
    into another format, *fate* is that of its worst leaf (``mappings.loss.Fate``), as read back
    from the copy, and *losses* the leaves that are not exact (``sync_engine.fidelity``).
    """

    id: str
    revision: str | None = None
    digest: str | None = None
    size: int | None = None
    uid: str | None = None
    day: int | None = None
    target_id: str | None = None
    target_revision: str | None = None
    target_digest: str | None = None
    outcome: Outcome = Outcome.COPIED
    reason: str | None = None
    detail: str | None = None
    presence: Presence = Presence.HERE
    attempts: int = 0
    run: int = 0
    seen: int = 0
    fate: str | None = None
    losses: str | None = None


@dataclass(frozen=True, slots=True)
class PageCommit:
    """Everything one page changes, written in one fenced statement or not at all.

    *items* replace their rows; *seen* are ids that are present and unchanged in a listing
    (only their ``seen`` moves); *forgotten* rows are deleted. *cursor* ``None`` keeps the
    stored one. *tally* are differences for the collection's counters. *doubt* is what is
    still in doubt after this page, from a write an earlier worker began and never recorded.
    *event*, *kind*, *count* and *size* go into the audit record.
    """

    collection: int
    items: Sequence[ItemRow] = ()
    seen: Sequence[str] = ()
    forgotten: Sequence[str] = ()
    cursor: Mapping[str, str | int | bool] | None = None
    generation: int | None = None
    tally: Mapping[str, int] = field(default_factory=dict)
    doubt: Mapping[str, str] = field(default_factory=dict)
    event: Event = Event.PAGE_SETTLED
    kind: str | None = None
    """What the port calls the items: ``event``, ``contact`` …"""
    count: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit trail of a job, *at* by the database's clock, in seconds.

    *seq* is its number in the job's chain; ``None`` for a line from before there were chains.
    """

    seq: int | None
    at: float
    job: str
    run: int | None
    collection: int | None
    token: int | None
    event: str
    count: int
    size: int
