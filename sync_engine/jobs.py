"""What a user asks of jobs: submit, start, pause, cancel, look.

None of it needs a lease: workers learn what is wanted at their next commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from oauth.audit import Actor, Event, chain_of, genesis
from sync_engine import jobs_statements as sql
from sync_engine.audit import append_job, spec_fields, store_id
from sync_engine.errors import JobAmbiguous, JobUnknown
from sync_engine.grants_ending import let_go
from sync_engine.model import CLOSED, ENDED, CollectionRow, ItemRow, Job, JobSpec, JobState, Phase, Want
from sync_engine.owners import is_dead
from sync_engine.rows import collection_of, item_of, job_of, packed
from sync_engine.safety import CONFIRMING_RUNS

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.engine import Connection

    from sync_engine.database import Database

WANTED: Final = {
    Want.RUN: Event.JOB_RUN_WANTED,
    Want.PAUSE: Event.JOB_PAUSE_WANTED,
    Want.CANCEL: Event.JOB_CANCEL_WANTED,
}

ID_BYTES: Final = (2, 2, 2, 2, 3, 3, 4, 8)
"""Lengths tried for a new id, in bytes: short to type, longer once the short ones are taken."""


def obeyed(state: JobState, want: Want, *, live: bool) -> JobState:
    """Say what becomes of a job at once when the user wants *want*; *live* while a worker holds it.

    A job held by a worker changes when the worker obeys. One whose worker died counts as not held.
    The only wish an ended job hears is the end of a safety stop, which waits for an answer.
    """
    if state is JobState.STOPPED and want is Want.CANCEL:
        return JobState.CANCELLED
    if live or state in ENDED:
        return state
    if want is Want.CANCEL:
        return JobState.CANCELLED
    if want is Want.PAUSE:
        return JobState.PAUSED if state in {JobState.READY, JobState.LEASED} else state
    return JobState.READY if state is JobState.PAUSED else state


def is_live(row: Row[Any]) -> bool:
    """Say whether somebody works on this job. A worker that was killed just now does not, whatever its lease says."""
    return bool(row.state == JobState.LEASED.value and not row.expired and not is_dead(row.owner))


class Jobs:
    """The jobs in the database, as the command line and the web page see them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = {text: database.prepare(text) for text in sql.ALL}

    def submit(self, spec: JobSpec) -> Job:
        """Store *spec* and return its job: the existing one, with the choices changed, or a new one, ready to run."""
        values = {
            "kind": spec.kind.value,
            "source": spec.source,
            "destination": spec.destination,
            "mirror": spec.mirror,
            "options": packed(spec.options),
        }
        with self._database.write() as connection:
            for place in sorted({spec.source, spec.destination}):
                self._run(connection, sql.CONNECT, id=place)
            new = self._free_id(connection)
            first = genesis(store_id(connection, self._database), chain_of(new))
            row = self._run(connection, sql.SUBMIT, id=new, first=first, **values)[0]
            self._audit(connection, row, Event.JOB_SUBMITTED, **spec_fields(spec))
            return job_of(row)

    def start(self, job: str) -> Job:
        """Make *job* ready for a new run; one that a worker holds goes on as it is. The dead hold nothing.

        A run that was cut off is not prolonged: the ledger makes a new one just as short, and
        collections settled before the cut are looked at again.

        Raises ``JobUnknown`` and ``JobAmbiguous``, as every method that takes a job or the beginning of its id.
        """
        with self._database.write() as connection:
            row = self._held(connection, job)
            state, live = JobState(row.state), is_live(row)
            ended = state in ENDED
            again = ended or (not live and row.started_at is not None)
            values = {
                "id": row.id,
                "state": (JobState.LEASED if live else JobState.READY).value,
                "run": row.run + again,
                "phase": Phase.COLLECTIONS.value if ended else row.phase,
                "started_at": None if again else row.started_at,
                "problem": row.problem if live else None,
            }
            row = self._run(connection, sql.START, **values)[0]
            self._audit(connection, row, Event.JOB_STARTED if again else Event.JOB_RESUMED)
            return job_of(row)

    def get(self, job: str) -> Job | None:
        """Return the job with this id, or the only one whose id begins so. Raises ``JobAmbiguous``."""
        with self._database.read() as connection:
            row = self._find(connection, job)
        return None if row is None else job_of(row)

    def list(self) -> list[Job]:
        """Return every job, oldest first."""
        with self._database.read() as connection:
            return [job_of(row) for row in self._run(connection, sql.LIST)]

    def want(self, job: str, want: Want) -> Job:
        """Pause, cancel or let go on. What no worker holds changes at once; an ended job stays as it is.

        But a safety stop can be cancelled: its question is closed, and the access it kept for it let go of.
        """
        with self._database.write() as connection:
            row = self._held(connection, job)
            before = JobState(row.state)
            after = obeyed(before, want, live=is_live(row))
            if before in ENDED and after is before:
                return job_of(row)
            row = self._run(connection, sql.WANT, id=row.id, want=want.value, state=after.value)[0]
            if after in CLOSED:
                let_go(self._database, connection, "job", row.id)
            self._audit(connection, row, WANTED[want])
            if after is JobState.CANCELLED:
                self._audit(connection, row, Event.JOB_ENDED, outcome=after.value)
            return job_of(row)

    def allow_deletions(self, job: str) -> None:
        """Let the current run, or else the next one, delete more than the bounds for mass deletion allow."""
        with self._database.write() as connection:
            row = self._run(connection, sql.ALLOW, id=self._held(connection, job).id)[0]
            self._audit(connection, row, Event.JOB_DELETIONS_ALLOWED)

    def problems(
        self, job: str, *, run: int | None = None, after: tuple[int, str] = (0, ""), limit: int = 500
    ) -> Iterator[tuple[CollectionRow, ItemRow]]:
        """Yield up to *limit* items at the source that were not copied, with their collections.

        *run* keeps those last touched in that run; *after* is the last (collection id, item id) seen.
        """
        with self._database.read() as connection:
            found = self._found(connection, job)
            rows = self._run(connection, sql.COLLECTIONS, job=found.id, after=after[0])
        for collection in map(collection_of, rows):
            start = after[1] if collection.id == after[0] else ""
            values = {"collection": collection.id, "run": run, "after": start, "limit": limit}
            with self._database.read() as connection:
                items = self._run(connection, sql.PROBLEMS, **values)
            yield from ((collection, item_of(row)) for row in items)
            limit -= len(items)
            if limit <= 0:
                return

    def days(self, job: str) -> Iterator[tuple[int, int, int]]:
        """Yield (day since 1970-01-01, items at the source, of these copied), in order.

        As in the sums, a collection that is gone does not count.
        """
        with self._database.read() as connection:
            found = self._found(connection, job)
            rows = self._run(connection, sql.DAYS, job=found.id, confirming=CONFIRMING_RUNS)
        yield from ((row.day, row.present, row.copied) for row in rows)

    def leased_by(self, job: str) -> tuple[str, float] | None:
        """Return who works on *job* and until when (database clock); ``None`` if nobody alive does."""
        with self._database.read() as connection:
            row = self._found(connection, job)
        return None if row.owner is None or row.expired else (row.owner, row.lease_until)

    def _find(self, connection: Connection, job: str) -> Row[Any] | None:
        """Read the job with this id or beginning of an id."""
        rows = self._run(connection, sql.FIND, id=job) if job else []
        if not rows:
            return None
        if len(rows) > 1 and rows[0].id != job:  # the shortest comes first
            raise JobAmbiguous(job, [row.id for row in rows])
        return rows[0]

    def _found(self, connection: Connection, job: str) -> Row[Any]:
        row = self._find(connection, job)
        if row is None:
            raise JobUnknown(job)
        return row

    def _held(self, connection: Connection, job: str) -> Row[Any]:
        """Read the job and keep workers and other commands from changing it."""
        rows = self._run(connection, sql.HOLD, id=self._found(connection, job).id)
        if not rows:
            raise JobUnknown(job)
        return rows[0]

    def _free_id(self, connection: Connection) -> str:
        ids = map(token_hex, ID_BYTES)
        return next(new for new in ids if not self._run(connection, sql.TAKEN, id=new))

    def _audit(self, connection: Connection, row: Row[Any], event: Event, **fields: Any) -> None:  # noqa: ANN401 - passed on
        append_job(connection, self._database, row.id, event, actor=Actor.USER, run=row.run, **fields)

    def _run(self, connection: Connection, statement: str, **values: object) -> Sequence[Row[Any]]:
        return connection.execute(self._statements[statement], values).fetchall()
