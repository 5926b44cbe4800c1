"""The ledger: collections with their checkpoints, items with their outcomes, the audit trail.

Whatever a worker writes here is fenced: with a lost lease nothing is written and ``LeaseLost``
is raised. Lists come in pages ordered by id, so memory does not grow with a collection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from oauth.audit import Event, chain_of
from sync_engine import ledger_postgres, ledger_sqlite
from sync_engine import ledger_statements as sql
from sync_engine.audit import append_job
from sync_engine.audit_pages import Trail
from sync_engine.errors import LeaseLost
from sync_engine.fidelity import Fidelity
from sync_engine.model import AuditRow, CollectionRow, ItemRow, Lease, PageCommit, Phase, Verified, Want
from sync_engine.page import page_of
from sync_engine.rows import COUNTERS, audit_of, collection_of, item_of, packed, storable
from sync_engine.safety import CONFIRMING_RUNS

if TYPE_CHECKING:
    from sqlalchemy import Row, TextClause

    from sync_engine.database import Database

CHUNK = 1_000
"""Ids asked for in one query, rows fetched at once while iterating."""


class Ledger:
    """Reads and writes the state of jobs' collections and items."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements: dict[str, TextClause] = {}
        self._trail = Trail(database)

    def collections(self, job: str) -> list[CollectionRow]:
        """Return the collections of *job*, oldest first."""
        return [collection_of(row) for row in self._fetch(sql.COLLECTIONS, job=job)]

    def save_collection(self, lease: Lease, row: CollectionRow) -> CollectionRow:
        """Insert *row* (its id is 0) or update it; return it as it now stands.

        An update leaves counters and doubt alone: those move with ``commit`` and ``doubt``.
        Raises ``LeaseLost``.
        """
        values = {name: getattr(row, name) for name in sql.CHECKPOINT}
        values |= {"name": storable(row.name), "cursor": packed(row.cursor), "properties": packed(row.properties)}
        if row.id:
            return collection_of(self._fenced(lease, sql.UPDATE_COLLECTION, id=row.id, **values))
        values |= {name: getattr(row, name) for name in COUNTERS} | {"doubt": packed(row.doubt)}
        return collection_of(self._fenced(lease, sql.INSERT_COLLECTION, **values))

    def items(self, collection: int, ids: Sequence[str]) -> dict[str, ItemRow]:
        """Return the rows that exist among *ids*."""
        rows = self._among(sql.ITEMS, collection, ids)
        return {row[0]: item_of(row) for row in rows}

    def by_uid(self, collection: int, uids: Sequence[str]) -> dict[str, list[ItemRow]]:
        """Return the rows whose UID is among *uids*, by UID."""
        found: dict[str, list[ItemRow]] = {}
        asked = {storable(uid) or "": uid for uid in uids}
        for row in self._among(sql.BY_UID, collection, list(asked)):
            item = item_of(row)
            if item.uid is not None:
                found.setdefault(asked[item.uid], []).append(item)
        return found

    def all_items(self, collection: int, *, after: str = "", limit: int = 500) -> list[ItemRow]:
        """Return the next rows by id."""
        return self._page(sql.ALL, collection, after=after, limit=limit)

    def absent(self, collection: int, generation: int, *, after: str = "", limit: int = 500) -> list[ItemRow]:
        """Return the next rows believed here that the listing *generation* did not name."""
        return self._page(sql.ABSENT, collection, after=after, limit=limit, generation=generation)

    def gone(self, collection: int, *, after: str = "", limit: int = 500) -> list[ItemRow]:
        """Return the next rows whose item is gone at the source while its copy is kept or still to follow."""
        return self._page(sql.GONE, collection, after=after, limit=limit)

    def retryable(self, collection: int, *, before_run: int, after: str = "", limit: int = 500) -> list[ItemRow]:
        """Return the next rows to try again: not copied in an earlier run, for a reason that may pass.

        A failed item always; a skipped one when it counts attempts, for a decision has none.
        """
        return self._page(sql.RETRYABLE, collection, after=after, limit=limit, before_run=before_run)

    def written(self, collection: int, *, since: int, after: str = "", limit: int = 500) -> list[ItemRow]:
        """Return the next rows of items that runs after the run *since* copied."""
        return self._page(sql.WRITTEN, collection, after=after, limit=limit, since=since)

    def told(
        self, collection: int, *, since: int, after: str = "", limit: int = 500
    ) -> Sequence[tuple[str, str, str | None, int | None, str | None]]:
        """Return of the same rows only id, target's id, revision, size, and digest where it is another one."""
        found = self._fetch(sql.TOLD, collection=collection, since=since, after=after, limit=limit)
        return [(row.id, row.target_id, row.target_revision, row.size, row.target_digest) for row in found]

    def fidelity(self, job: str) -> Fidelity:
        """Count the copies of *job* that were mapped, by the fate of their worst leaf."""
        rows = self._fetch(sql.FATES, job=job, confirming=CONFIRMING_RUNS)
        return Fidelity.of((row.fate, row.items) for row in rows)

    def lossy(self, collection: int, *, after: tuple[str, str] = ("", ""), limit: int = 500) -> list[ItemRow]:
        """Return the next copies of which a part is missing; *after* is the last (fate, id) seen."""
        return self._page(sql.LOSSES, collection, fate=after[0], after=after[1], limit=limit)

    def count_absent(self, collection: int, generation: int) -> int:
        """Count what ``absent`` would list."""
        return int(self._fetch(sql.COUNT_ABSENT, collection=collection, generation=generation)[0][0])

    def count_gone(self, collection: int) -> int:
        """Count what ``gone`` would list."""
        return int(self._fetch(sql.COUNT_GONE, collection=collection)[0][0])

    def doubt(self, lease: Lease, collection: int, writing: Mapping[str, str]) -> None:
        """Record what is about to be written (id -> digest), in place of what was recorded before.

        The next ``commit`` says what is left of it. Raises ``LeaseLost``.
        """
        self._fenced(lease, sql.DOUBT, collection=collection, doubt=packed(writing))

    def commit(self, lease: Lease, page: PageCommit, *, ttl: float) -> Want:
        """Write *page* as a whole or not at all, prolong the lease to *ttl* seconds, say what the user wants.

        Raises ``LeaseLost``; then nothing was written.
        """
        ready = page_of(lease, page, ttl=ttl, record=self._trail.page(lease, page))
        if self._database.sqlite:
            with self._database.write() as connection:
                want = ledger_sqlite.commit_page(connection, ready)
                if want is None:
                    raise LeaseLost(lease.job.id, lease.token)
        else:
            with self._database.read() as connection:
                want = ledger_postgres.commit_page(connection, ready)
        if want is None:
            raise LeaseLost(lease.job.id, lease.token)
        return Want(want)

    def set_job(
        self,
        lease: Lease,
        *,
        phase: Phase | None = None,
        run: int | None = None,
        problem: Mapping[str, str] | None = None,
        learned: Mapping[str, Mapping[str, str]] | None = None,
        started_at: float | EllipsisType | None = ...,
        ended_at: float | EllipsisType | None = ...,
        allow_deletions: bool | None = None,
        verified: Verified | None = None,
    ) -> None:
        """Change what is named; an empty *problem* clears it. Raises ``LeaseLost``."""
        changes: dict[str, Any] = {"phase": None if phase is None else phase.value, "run": run}
        changes |= {"learned": packed(learned), "allow_deletions": allow_deletions}
        changes = {name: value for name, value in changes.items() if value is not None}
        if verified is not None:
            changes["verified"] = packed(asdict(verified))
        if problem is not None:
            changes["problem"] = packed(problem) if problem else None
        times = {"started_at": started_at, "ended_at": ended_at}
        changes |= {name: time for name, time in times.items() if time is not ...}
        assignments = ", ".join(f"{name} = :{name}" for name in changes) or "token = token"
        self._fenced(lease, sql.SET_JOB.replace("{assignments}", assignments), **changes)

    def audit(self, lease: Lease, event: Event, *, collection: int | None = None, count: int | None = None) -> None:
        """Append to the audit trail of the leased job. Raises ``LeaseLost``."""
        with self._database.write() as connection:
            values = {"lease_job": lease.job.id, "lease_token": lease.token}
            if connection.execute(self._database.prepare(sql.FENCE), values).first() is None:
                raise LeaseLost(lease.job.id, lease.token)
            append_job(
                connection,
                self._database,
                lease.job.id,
                event,
                who=lease.owner,
                run=lease.job.run,
                token=lease.token,
                collection=collection,
                count=count,
            )

    def audit_rows(self, job: str) -> Iterator[AuditRow]:
        """Yield the audit trail of *job* in the order it was written, with what is older than the chains."""
        after = 0
        while rows := self._fetch(sql.AUDIT_BEFORE_CHAIN, job=job, after=after, limit=CHUNK):
            yield from (AuditRow(None, *tuple(row)[1:]) for row in rows)
            after = rows[-1].id
        after = 0
        while rows := self._fetch(sql.AUDIT_ROWS, chain=chain_of(job), after=after, limit=CHUNK):
            yield from (audit_of(row.record) for row in rows)
            after = rows[-1].seq

    def _page(self, statement: str, collection: int, **values: object) -> list[ItemRow]:
        return [item_of(row) for row in self._fetch(statement, collection=collection, **values)]

    def _among(self, statement: str, collection: int, values: Sequence[str]) -> Iterator[Row[Any]]:
        """Ask for *values* in chunks, each bound as one parameter: neither database limits its length."""
        for start in range(0, len(values), CHUNK):
            chunk = list(values[start : start + CHUNK])
            bound = json.dumps(chunk) if self._database.sqlite else chunk
            yield from self._fetch(statement, collection=collection, values=bound)

    def _fenced(self, lease: Lease, statement: str, **values: object) -> Row[Any]:
        """Run a statement that writes one row if the lease still holds."""
        rows = self._fetch(statement, lease_job=lease.job.id, lease_token=lease.token, **values)
        if not rows:
            raise LeaseLost(lease.job.id, lease.token)
        return rows[0]

    def _fetch(self, statement: str, **values: object) -> Sequence[Row[Any]]:
        prepared = self._statements.get(statement)
        if prepared is None:
            prepared = self._statements[statement] = self._database.prepare(statement)
        return self._database.fetch(prepared, values)
