"""Append to the audit log inside the caller's transaction: a job's chain, or the store's own.

Who appends holds the chain's head until the transaction ends, so the chain has one order and never
a gap. Take the store's chain last: one head for everybody is held as short as can be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final

from oauth.audit import FIELDS, STORE, Actor, Event, chain_of, chained, filled, pseudonym, template

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_engine.database import Database
    from sync_engine.model import JobSpec

TENANT: Final = "local"

STORE_ID: Final = "select store from audit_head where chain = 'store'"

STORE_HEAD: Final = "select seq, hash, {micros} as ts from audit_head where chain = 'store' {lock}"

MOVE_STORE: Final = "update audit_head set seq = :seq, hash = :hash where chain = 'store'"

JOB_HEAD: Final = "select audit_seq as seq, audit_hash as hash, {micros} as ts from job where id = :job {lock}"

MOVE_JOB: Final = "update job set audit_seq = :seq, audit_hash = :hash where id = :job"

APPEND: Final = "insert into audit (chain, seq, record, hash) values (:chain, :seq, :record, :hash)"

APPEND_CHECKPOINT: Final = """
insert into audit_checkpoint (chain, seq, signed, signature) values (:chain, :seq, :signed, :signature)
on conflict (chain, seq) do nothing"""

PEPPER: Final = "select pepper from audit_pepper where tenant = :tenant"

NEW_PEPPER: Final = (
    "insert into audit_pepper (tenant, pepper) values (:tenant, :pepper) on conflict (tenant) do nothing"
)

NO_PEPPER: Final = "delete from audit_pepper where tenant = :tenant"

RECORDS: Final = "select count(*) from audit"

NAMES: Final = {"account": "account", "subject": "subject", "source": "place", "destination": "place"}
"""Names that callers hand over as they are, and the kind of thing each names; only pseudonyms are stored."""

PURPOSES: Final = {"backup": "backup", "migrate": "migration"}
"""Kinds of job -> purposes in records."""

_CONNECTOR: Final = re.compile(FIELDS["connector"] or "")


@dataclass(frozen=True, slots=True)
class Masks:
    """Makes pseudonyms with a tenant's pepper."""

    pepper: bytes

    def fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Replace the ``NAMES`` among *fields* by pseudonyms."""
        made = dict(fields)
        for name, kind in NAMES.items():
            plain = made.pop(name, None)
            if plain is not None:
                made[f"{name}_id"] = pseudonym(self.pepper, kind, plain)
        return made

    def actor(self, who: str | None) -> str | None:
        """Return the pseudonym of a person or worker."""
        return None if who is None else pseudonym(self.pepper, "actor", who)


def store_id(connection: Connection, database: Database) -> str:
    """Return the id of this state database: what tells its chains from another's."""
    return str(connection.execute(database.prepare(STORE_ID)).scalar_one())


def masks(connection: Connection, database: Database, tenant: str = TENANT) -> Masks:
    """Read the tenant's pepper; a new one is made when there is none, also after the old one was destroyed."""
    stored = connection.execute(database.prepare(PEPPER), {"tenant": tenant}).scalar()
    if stored is None:
        new = {"tenant": tenant, "pepper": token_bytes(32).hex()}
        connection.execute(database.prepare(NEW_PEPPER), new)
        stored = connection.execute(database.prepare(PEPPER), {"tenant": tenant}).scalar_one()
    return Masks(bytes.fromhex(stored))


def destroy_pepper(connection: Connection, database: Database, tenant: str = TENANT) -> None:
    """Make the pseudonyms of every record so far unfindable; the chains stay as they are and verify."""
    connection.execute(database.prepare(NO_PEPPER), {"tenant": tenant})
    append_store(connection, database, Event.PEPPER_DESTROYED, actor=Actor.OPERATOR, purpose="erasure")


def count_records(connection: Connection, database: Database) -> int:
    """Return how many records the log has, of all chains."""
    return int(connection.execute(database.prepare(RECORDS)).scalar_one())


def append_store(
    connection: Connection,
    database: Database,
    event: Event,
    *,
    actor: Actor = Actor.WORKER,
    who: str | None = None,
    **fields: Any,  # noqa: ANN401 - checked against the schema, field by field
) -> int:
    """Append a record to the store's chain, inside the caller's transaction; return its number.

    *fields* are the schema's (``oauth.audit.FIELDS``), ``None`` left out; *who* and the names in
    ``NAMES`` come as they are and are stored as pseudonyms. Raises ``BadRecord``.
    """
    record = _template(masks(connection, database), event, actor, who, fields)
    head = connection.execute(database.prepare(STORE_HEAD)).one()
    return _append(connection, database, STORE, head, record, move=MOVE_STORE)


def append_job(
    connection: Connection,
    database: Database,
    job: str,
    event: Event,
    *,
    actor: Actor = Actor.WORKER,
    who: str | None = None,
    **fields: Any,  # noqa: ANN401 - checked against the schema, field by field
) -> int:
    """Append a record to the chain of *job*, which has to exist; as ``append_store`` otherwise."""
    record = _template(masks(connection, database), event, actor, who, {**fields, "job": job})
    head = connection.execute(database.prepare(JOB_HEAD), {"job": job}).one()
    return _append(connection, database, chain_of(job), head, record, move=MOVE_JOB, job=job)


def spec_fields(spec: JobSpec) -> dict[str, Any]:
    """Return what records say of a job's choices: purpose, connector, and its two places to be masked."""
    return {
        "purpose": PURPOSES[spec.kind.value],
        "connector": connector_of(spec.source),
        "source": spec.source,
        "destination": spec.destination,
    }


def connector_of(place: str) -> str | None:
    """Return the kind of a place as written (``dav:home``), if it is a word of the schema."""
    kind = place.partition(":")[0]
    return kind if _CONNECTOR.fullmatch(kind) else None


@cache
def software_version() -> str:
    """Return the version of this program."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("wherry")
    except PackageNotFoundError:
        return "0"


def _template(masks: Masks, event: Event, actor: Actor, who: str | None, fields: dict[str, Any]) -> str:
    made = {"tenant": TENANT, "software_version": software_version(), **masks.fields(fields)}
    return template(event, actor=actor, actor_id=masks.actor(who), **made)


def _append(
    connection: Connection,
    database: Database,
    chain: str,
    head: Any,  # noqa: ANN401 - a row of one of two statements
    record: str,
    *,
    move: str,
    job: str | None = None,
) -> int:
    """Write *record* behind *head* and move the head."""
    seq = head.seq + 1
    text = filled(record, seq=seq, ts=head.ts)
    values = {"seq": seq, "hash": chained(head.hash, text)}
    connection.execute(database.prepare(move), values | ({} if job is None else {"job": job}))
    connection.execute(database.prepare(APPEND), {"chain": chain, "record": text, **values})
    return int(seq)
