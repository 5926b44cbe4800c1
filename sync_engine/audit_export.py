"""Hand the audit log out, line by line: as ``audit_verify.py`` reads it, or as a table."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from oauth.audit import FIELDS, STORE, VERSION, canonical, chain_of
from sync_engine.audit import store_id

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from oauth.checkpoints import Signer
    from sync_engine.database import Database

CHUNK: Final = 500
"""Records read at once: the memory an export takes does not grow with the log."""

CHAINS: Final = "select chain from audit union select chain from audit_checkpoint order by chain"

LATER: Final = """
select signed, signature from audit_checkpoint as c where chain = :chain
  and not exists (select 1 from audit as a where a.chain = c.chain and a.seq = c.seq) order by seq"""
"""Checkpoints of records that are not there any more: they say so in the export."""

HEAD: Final = """
select audit_seq as seq, audit_hash as hash from job where 'job:' || id = :chain
union all select seq, hash from audit_head where chain = :chain"""

RECORDS: Final = """
select a.seq as seq, a.record as record, a.hash as hash, c.signed as signed, c.signature as signature
from audit as a left join audit_checkpoint as c on c.chain = a.chain and c.seq = a.seq
where a.chain = :chain and a.seq > :after order by a.seq limit :limit"""

ALL: Final = "all"

COLUMNS: Final = ("chain", "hash", "actor_kind", "actor_id", *FIELDS)
"""Of the table. In ``FIELDS`` stands a ``chain`` too, that of a checkpoint: it is called ``of_chain``."""


def jsonl(database: Database, signer: Signer, *, job: str | None = None) -> Iterator[str]:
    """Yield the lines of an export of everything, or of one *job*'s chain, signed at the end.

    All of it is one moment: the transaction ends with the last line.
    """
    scope = ALL if job is None else chain_of(job)
    records, checkpoints, heads = 0, 0, hashlib.sha256()
    with database.snapshot() as connection:
        store = store_id(connection, database)
        yield canonical({"format": "wherry-audit", "scope": scope, "store": store, "v": VERSION}) + "\n"
        for chain in _chains(connection, database, job):
            seq, last = 0, ""
            for row in _records(connection, database, chain):
                seq, last = row.seq, row.hash
                records += 1
                yield f'{{"chain":"{chain}","hash":"{row.hash}","record":{row.record}}}\n'
                if row.signed is not None:
                    checkpoints += 1
                    yield f'{{"checkpoint":{row.signed},"signature":"{row.signature}"}}\n'
            for row in connection.execute(database.prepare(LATER), {"chain": chain}):
                checkpoints += 1
                yield f'{{"checkpoint":{row.signed},"signature":"{row.signature}"}}\n'
            # What the store says of its chain's end, so that records taken off the end are missed.
            head = connection.execute(database.prepare(HEAD), {"chain": chain}).first()
            seq, last = (seq, last) if head is None else (head.seq, head.hash)
            if seq:
                heads.update(f"{chain} {seq} {last}\n".encode())
    text, signature = signer.export(
        store=store, scope=scope, records=records, checkpoints=checkpoints, heads=heads.hexdigest()
    )
    yield f'{{"end":{text},"signature":"{signature}"}}\n'


def table(database: Database, *, job: str | None = None) -> Iterator[str]:
    """Yield the lines of a CSV table, for looking at: it cannot be verified."""
    yield _line(["of_chain" if place > 0 and name == "chain" else name for place, name in enumerate(COLUMNS)])
    with database.snapshot() as connection:
        for chain in _chains(connection, database, job):
            for row in _records(connection, database, chain):
                record = json.loads(row.record)
                actor = record["actor"]
                facts = [record.get(name, "") for name in FIELDS]
                yield _line([chain, row.hash, actor["kind"], actor.get("id", ""), *facts])


def _chains(connection: Connection, database: Database, job: str | None) -> list[str]:
    """Name the chains to hand out: the store's first, for it says what the others have to hold."""
    if job is not None:
        return [chain_of(job)]
    found = connection.execute(database.prepare(CHAINS)).scalars().all()
    return [STORE, *(chain for chain in found if chain != STORE)]


def _records(connection: Connection, database: Database, chain: str) -> Iterator[Any]:
    after, statement = 0, database.prepare(RECORDS)
    while rows := connection.execute(statement, {"chain": chain, "after": after, "limit": CHUNK}).fetchall():
        yield from rows
        after = rows[-1].seq


def _line(cells: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
