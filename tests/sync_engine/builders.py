"""Short ways to make the engine's values in tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy

from sync_engine.database import Database, Migrating
from sync_engine.model import CollectionRow, ItemRow, JobKind, JobSpec, Lease, Outcome

if TYPE_CHECKING:
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger


def spec(source: str = "dav:home", destination: str = "vdir:/copy", **changes: Any) -> JobSpec:
    return JobSpec(
        kind=changes.get("kind", JobKind.BACKUP),
        source=source,
        destination=destination,
        mirror=changes.get("mirror", True),
        options=changes.get("options", {}),
    )


def collection_row(job: str, source_id: str = "/cal/", **changes: Any) -> CollectionRow:
    values: dict[str, Any] = {
        "id": 0,
        "job": job,
        "source_id": source_id,
        "kind": "calendar",
        "name": "Home",
        "target_id": None,
        "cursor": None,
        "generation": 0,
        "listing_run": None,
        "settled_run": 0,
        "missing_runs": 0,
        "properties": {},
        "doubt": {},
        "present": 0,
        "copied": 0,
        "skipped": 0,
        "failed": 0,
        "gone": 0,
    }
    return CollectionRow(**(values | changes))


def item(name: str, **changes: Any) -> ItemRow:
    values: dict[str, Any] = {"revision": '"1"', "digest": "d1", "size": 10, "run": 1, "seen": 1}
    return ItemRow(id=name, **(values | changes))


def skipped(name: str, reason: str = "too-large", **changes: Any) -> ItemRow:
    return item(name, outcome=Outcome.SKIPPED, reason=reason, **changes)


def failed(name: str, reason: str = "rejected", **changes: Any) -> ItemRow:
    return item(name, outcome=Outcome.FAILED, reason=reason, **changes)


def leased(jobs: Jobs, leases: Leases, *, owner: str = "ada", ttl: float = 60.0, source: str = "dav:home") -> Lease:
    """Submit a job and claim it."""
    job = jobs.submit(spec(source, f"vdir:/copy/{source}"))
    lease = leases.claim(owner, ttl=ttl, job=job.id)
    assert lease is not None
    return lease


def with_collection(ledger: Ledger, lease: Lease, source_id: str = "/cal/", **changes: Any) -> CollectionRow:
    return ledger.save_collection(lease, collection_row(lease.job.id, source_id, **changes))


def execute(database: Database, sql: str, **values: object) -> list[tuple[Any, ...]]:
    """Run raw SQL behind the engine's back; return its rows, if it has any."""
    with database.read() as connection:
        result = connection.execute(database.prepare(sql), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def expire(database: Database, jobs: Iterable[str]) -> None:
    """Let the leases on *jobs* have run out a moment ago."""
    for job in jobs:
        execute(database, "update job set lease_until = 1 where id = :job and state = 'leased'", job=job)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Read everything that a worker can change."""
    order = {"job": "id", "collection": "id", "item": "collection, id", "audit": "chain, seq", "audit_head": "chain"}
    return {table: execute(database, f"select * from {table} order by {by}") for table, by in order.items()}


def events(database: Database, chain: str | None = None) -> list[str]:
    """Return what the audit log says happened, chain by chain and in order."""
    rows = execute(database, "select chain, record from audit order by chain, seq")
    return [json.loads(record)["event"] for name, record in rows if chain in {None, name}]


@contextmanager
def by_sqlalchemy(database: Database) -> Iterator[Database]:
    """Lend the database as Alembic and SQLAlchemy's inspection want it: with an engine."""
    lent = Migrating(database.url) if database.sqlite else database
    yield lent
    if lent is not database:
        lent.close()


def tables(database: Database) -> set[str]:
    """Return the names of all tables."""
    with by_sqlalchemy(database) as lent:
        return set(sqlalchemy.inspect(lent.engine).get_table_names())
