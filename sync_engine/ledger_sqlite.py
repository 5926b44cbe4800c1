"""The page commit on SQLite: one ``BEGIN IMMEDIATE`` transaction whose first statement is the fence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oauth.audit import chain_of, chained, filled
from sync_engine.rows import item_values

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_engine.page import Page

FENCE: Final = """
update job set lease_until = ((julianday('now') - 2440587.5) * 86400.0) + ?, audit_seq = audit_seq + 1
where id = ? and token = ? and state = 'leased'
returning want, audit_seq, audit_hash, cast(round((julianday('now') - 2440587.5) * 86400000000.0) as integer)"""

COLLECTION: Final = """
update collection set cursor = coalesce(?, cursor), generation = coalesce(?, generation), doubt = ?,
  present = present + ?, copied = copied + ?, skipped = skipped + ?, failed = failed + ?, gone = gone + ?
where id = ? and job = ? returning generation"""

UPSERT: Final = """
insert into item (collection, id, revision, digest, size, uid, day, target_id, target_revision, target_digest,
  outcome, reason, detail, presence, attempts, run, seen)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (collection, id) do update set revision = excluded.revision, digest = excluded.digest,
  size = excluded.size, uid = excluded.uid, day = excluded.day, target_id = excluded.target_id,
  target_revision = excluded.target_revision, target_digest = excluded.target_digest,
  outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail,
  presence = excluded.presence, attempts = excluded.attempts, run = excluded.run, seen = excluded.seen,
  fate = null, losses = null"""
"""Of an item carried byte for byte: what is always null is not bound, which costs it nothing."""

MAPPED: Final = (
    UPSERT.replace("run, seen)", "run, seen, fate, losses)")
    .replace("(?, ", "(?, ?, ?, ")
    .replace("fate = null, losses = null", "fate = excluded.fate, losses = excluded.losses")
)
"""Of an item with a fidelity receipt."""

SEEN: Final = "update item set seen = ? where collection = ? and id = ?"

FORGET: Final = "delete from item where collection = ? and id = ?"

AUDIT: Final = "insert into audit (chain, seq, record, hash) values (?, ?, ?, ?)"

HEAD: Final = "update job set audit_hash = ? where id = ?"


def commit_page(connection: Connection, page: Page) -> str | None:
    """Write *page* inside the caller's transaction; return what the user wants, ``None`` if fenced off."""
    run = connection.exec_driver_sql
    held = run(FENCE, (page.ttl, page.job, page.token)).first()
    if held is None:
        return None
    changes = (page.cursor, page.generation, page.doubt, *page.tally, page.collection, page.job)
    generation = run(COLLECTION, changes).scalar()
    if generation is None:
        return None
    if page.items:
        plain = [(page.collection, *item_values(row)) for row in page.items if row.fate is None]
        if plain:
            run(UPSERT, plain)
        if len(plain) < len(page.items):
            mapped = (row for row in page.items if row.fate is not None)
            run(MAPPED, [(page.collection, *item_values(row), row.fate, row.losses) for row in mapped])
    if page.seen:
        run(SEEN, [(generation, page.collection, item) for item in page.seen])
    if page.forgotten:
        run(FORGET, [(page.collection, item) for item in page.forgotten])
    # This transaction is the only writer, so the hash may be computed here as well as in SQL.
    want, seq, before, ts = held
    record = filled(page.record, seq=seq, ts=ts)
    after = chained(before, record)
    run(AUDIT, (chain_of(page.job), seq, record, after))
    run(HEAD, (after, page.job))
    return str(want)
