"""The page commit on PostgreSQL: ONE autocommitted statement.

A worker frozen inside a transaction would keep its row locks, and with them the job, until
the server notices. Between the sending of one statement and its end there is no inside.
The audit record is therefore finished, hashed and chained by the server.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from oauth.audit import SEQ, TS
from sync_engine.rows import ITEM_COLUMNS, item_values

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_engine.model import ItemRow
    from sync_engine.page import Page

COMMIT: Final = """
with moment as materialized (
  select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint) as ts
), fence as (
  update job set lease_until = cast(extract(epoch from clock_timestamp()) as double precision) + %(ttl)s,
    audit_seq = job.audit_seq + 1,
    audit_hash = encode(sha256(convert_to(job.audit_hash || {record}, 'UTF8')), 'hex')
  from collection as c, moment
  where job.id = %(job)s and job.token = %(token)s and job.state = 'leased'
    and c.id = %(collection)s and c.job = job.id
  returning job.want, coalesce(%(generation)s, c.generation) as generation, job.audit_seq, job.audit_hash, moment.ts
), moved as (
  update collection set cursor = coalesce(%(cursor)s, cursor), generation = fence.generation, doubt = %(doubt)s,
    present = present + %(present)s, copied = copied + %(copied)s, skipped = skipped + %(skipped)s,
    failed = failed + %(failed)s, gone = gone + %(gone)s
  from fence where collection.id = %(collection)s
), written as (
  insert into item (collection, id, revision, digest, size, uid, day, target_id, target_revision, target_digest,
    outcome, reason, detail, presence, attempts, run, seen, fate, losses)
  select %(collection)s, row.* from fence, json_to_recordset(cast(%(items)s as json)) as row (
    id text, revision text, digest text, size bigint, uid text, day integer, target_id text, target_revision text,
    target_digest text, outcome text, reason text, detail text, presence text, attempts integer, run integer,
    seen integer, fate text, losses text)
  on conflict (collection, id) do update set revision = excluded.revision, digest = excluded.digest,
    size = excluded.size, uid = excluded.uid, day = excluded.day, target_id = excluded.target_id,
    target_revision = excluded.target_revision, target_digest = excluded.target_digest,
    outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail,
    presence = excluded.presence, attempts = excluded.attempts, run = excluded.run, seen = excluded.seen,
    fate = excluded.fate, losses = excluded.losses
), bumped as (
  update item set seen = fence.generation
  from fence, unnest(%(seen)s::text[]) as named(id), lateral (
    select ctid from item where collection = %(collection)s and item.id = named.id offset 0) as found
  where item.ctid = found.ctid
), dropped as (
  delete from item using fence, unnest(%(forgotten)s::text[]) as named(id), lateral (
    select ctid from item where collection = %(collection)s and item.id = named.id offset 0) as found
  where item.ctid = found.ctid
), noted as (
  insert into audit (chain, seq, record, hash)
  select 'job:' || %(job)s, audit_seq, {noted}, audit_hash from fence
)
select want from fence"""

RECORD: Final = f"replace(replace(%(record)s, '{TS}', cast({{ts}} as text)), '{SEQ}', cast({{seq}} as text))"
"""Fills in the two numbers, as ``oauth.audit.filled`` does."""

STATEMENT: Final = COMMIT.replace("{record}", RECORD.format(ts="moment.ts", seq="job.audit_seq + 1")).replace(
    "{noted}", RECORD.format(ts="ts", seq="audit_seq")
)


COLUMNS: Final = tuple(ITEM_COLUMNS.split(", "))


def _as_json(row: ItemRow) -> dict[str, object]:
    """Return *row* as the statement unpacks it; what is not named there is null."""
    values: dict[str, object] = dict(zip(COLUMNS, item_values(row), strict=False))
    return values if row.fate is None else {**values, "fate": row.fate, "losses": row.losses}


def commit_page(connection: Connection, page: Page) -> str | None:
    """Write *page*; return what the user wants, ``None`` if fenced off and nothing was written."""
    present, copied, skipped, failed, gone = page.tally
    values = {
        "ttl": page.ttl,
        "job": page.job,
        "token": page.token,
        "collection": page.collection,
        "cursor": page.cursor,
        "items": json.dumps([_as_json(row) for row in page.items]),
        "generation": page.generation,
        "seen": page.seen,
        "forgotten": page.forgotten,
        "doubt": page.doubt,
        "record": page.record,
        "present": present,
        "copied": copied,
        "skipped": skipped,
        "failed": failed,
        "gone": gone,
    }
    want = connection.exec_driver_sql(STATEMENT, values).scalar()
    return None if want is None else str(want)
