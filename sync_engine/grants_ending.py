"""The end of a holder: what it held and nobody else needs is DRAINING, in the same transaction.

Each grant's row counts its holders. Two jobs that end at the same moment both take one
off the same row, one after the other, so that exactly one of them sees that nobody is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oauth.audit import Event
from sync_engine.grants_rows import note

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.engine import Connection

    from sync_engine.database import Database

HELD: Final = """
select id from grants where id in (select grant_id from holder where kind = :kind and ref = :ref) order by id {lock}"""
"""Grants are locked before their holders, and in one order: whoever else comes does the same."""

DROP: Final = "delete from holder where grant_id = :grant_id and kind = :kind and ref = :ref returning grant_id"

LET_GO: Final = """
update grants set holders = holders - 1,
  state = case when {last} then 'draining' else state end,
  changed_at = case when {last} then {now} else changed_at end,
  owed_at = case when {last} then {now} else owed_at end,
  next_at = case when {last} then 0 else next_at end,
  attempts = case when {last} then 0 else attempts end
where id = :grant_id returning *""".replace("{last}", "state = 'live' and holders = 1")
"""Whoever takes the last holder off owes the end: due at once, whatever the clock says."""


def let_go(database: Database, connection: Connection, kind: str, ref: str) -> list[str]:
    """Remove the holder *kind*, *ref* inside the caller's transaction; return the grants nobody holds now."""
    found = connection.execute(database.prepare(HELD), {"kind": kind, "ref": ref}).fetchall()
    rows = [take_off(database, connection, row.id, kind, ref) for row in found]
    left = [row for row in rows if row is not None]
    for row in left:
        note(connection, database, Event.GRANT_RELEASED, row, holder=kind, job=ref if kind == "job" else None)
        if unheld(row):
            note(connection, database, Event.GRANT_DRAINING, row)
    return [row.id for row in left if unheld(row)]


def take_off(database: Database, connection: Connection, grant_id: str, kind: str, ref: str) -> Row[Any] | None:
    """Remove one holder of a grant whose row is locked; return that row as it now stands."""
    values = {"grant_id": grant_id, "kind": kind, "ref": ref}
    if connection.execute(database.prepare(DROP), values).first() is None:
        return None
    return connection.execute(database.prepare(LET_GO), {"grant_id": grant_id}).one()


def unheld(row: Row[Any]) -> bool:
    """Say whether the last holder of this grant just went."""
    return bool(row.state == "draining" and row.holders == 0)
