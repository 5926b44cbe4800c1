"""The page commit on PostgreSQL: ONE autocommitted statement.

A worker frozen inside a transaction would keep its row locks, and with them the job, until
the server notices. Between the sending of one statement and its end there is no inside.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sync_engine.rows import item_values

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_engine.page import Page

COMMIT: Final = """
with fence as (
  update job set lease_until = cast(extract(epoch from clock_timestamp()) as double precision) + %(ttl)s
  from collection as c
  where job.id = %(job)s and job.token = %(token)s and job.state = 'leased'
    and c.id = %(collection)s and c.job = job.id
  returning job.want, coalesce(%(generation)s, c.generation) as generation
), moved as (
  update collection set cursor = coalesce(%(cursor)s, cursor), generation = fence.generation, doubt = '{}',
    present = present + %(present)s, copied = copied + %(copied)s, skipped = skipped + %(skipped)s,
    failed = failed + %(failed)s, gone = gone + %(gone)s
  from fence where collection.id = %(collection)s
), written as (
  insert into item (collection, id, revision, digest, size, uid, day, target_id, target_revision, target_digest,
    outcome, reason, detail, presence, attempts, run, seen)
  select %(collection)s, r->>0, r->>1, r->>2, cast(r->>3 as bigint), r->>4, cast(r->>5 as integer),
    r->>6, r->>7, r->>8, r->>9, r->>10, r->>11, r->>12,
    cast(r->>13 as integer), cast(r->>14 as integer), cast(r->>15 as integer)
  from fence, json_array_elements(cast(%(items)s as json)) as r
  on conflict (collection, id) do update set revision = excluded.revision, digest = excluded.digest,
    size = excluded.size, uid = excluded.uid, day = excluded.day, target_id = excluded.target_id,
    target_revision = excluded.target_revision, target_digest = excluded.target_digest,
    outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail,
    presence = excluded.presence, attempts = excluded.attempts, run = excluded.run, seen = excluded.seen
), bumped as (
  update item set seen = fence.generation from fence
  where item.collection = %(collection)s and item.id = any(%(seen)s)
), dropped as (
  delete from item using fence where item.collection = %(collection)s and item.id = any(%(forgotten)s)
), noted as (
  insert into audit (at, job, run, collection, owner, token, event, count, size)
  select cast(extract(epoch from clock_timestamp()) as double precision), %(job)s, %(run)s, %(collection)s,
    %(owner)s, %(token)s, %(event)s, %(count)s, %(size)s from fence
)
select want from fence"""


def commit_page(connection: Connection, page: Page) -> str | None:
    """Write *page*; return what the user wants, ``None`` if fenced off and nothing was written."""
    present, copied, skipped, failed, gone = page.tally
    values = {
        "ttl": page.ttl,
        "job": page.job,
        "token": page.token,
        "run": page.run,
        "owner": page.owner,
        "collection": page.collection,
        "cursor": page.cursor,
        "generation": page.generation,
        "items": json.dumps([item_values(row) for row in page.items]),
        "seen": page.seen,
        "forgotten": page.forgotten,
        "event": page.event,
        "count": page.count,
        "size": page.size,
        "present": present,
        "copied": copied,
        "skipped": skipped,
        "failed": failed,
        "gone": gone,
    }
    want = connection.exec_driver_sql(COMMIT, values).scalar()
    return None if want is None else str(want)
