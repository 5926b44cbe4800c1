"""How the grants' rows are read, locked and changed; ``sync_engine/grants.py`` says in which order and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Never

from oauth.errors import GrantLeaseLost, GrantStateWrong, GrantUnknown
from oauth.grants import Grant, GrantLease, GrantState, Radius, may_follow
from sync_engine import grants_statements as sql
from sync_engine.grants_ending import take_off, unheld
from sync_engine.grants_rows import grant_of, note
from sync_engine.model import CLOSED

if TYPE_CHECKING:
    from sqlalchemy import Row, TextClause
    from sqlalchemy.engine import Connection

    from oauth.audit import Event
    from sync_engine.database import Database

_ENDED: Final = ", ".join(f"'{state.value}'" for state in sorted(CLOSED))


class GrantTable:
    """The rows of grants, holders and sealed secrets. *skew* moves the clock by seconds, for tests of what that does.

    Whoever changes a grant locks its row first; a job's row before its grants, a grant before
    its holders, the audit log's head last.
    """

    def __init__(self, database: Database, *, skew: Callable[[], float] = lambda: 0.0) -> None:
        self.database = database
        self._skew = skew
        self._prepared: dict[str, TextClause] = {}

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """Lend a transaction that survives a power cut: a token we forget is a grant nobody ends."""
        with self.database.write(durable=True) as connection:
            yield connection

    def _run(self, connection: Connection, statement: str, **values: object) -> Sequence[Row[Any]]:
        prepared = self._prepared.get(statement)
        if prepared is None:
            held = sql.HOLDERS_SQLITE if self.database.sqlite else sql.HOLDERS_POSTGRES
            spelled = statement.replace("{held}", held).replace("{ended}", _ENDED).replace("{time}", sql.TIME)
            prepared = self._prepared[statement] = self.database.prepare(spelled)
        if ":skew" in prepared.text:
            values["skew"] = float(self._skew())
        found = connection.execute(prepared, values)
        return found.fetchall() if found.returns_rows else []

    def _fetch(self, statement: str, **values: object) -> Sequence[Row[Any]]:
        with self.database.read() as connection:
            return self._run(connection, statement, **values)

    def _time(self, connection: Connection) -> float:
        return float(self._run(connection, f"select {sql.TIME} as time")[0].time)

    def _held(self, connection: Connection, grant_id: str) -> Row[Any]:
        """Read the grant's row and lock it."""
        rows = self._run(connection, sql.HOLD, grant_id=grant_id)
        if not rows:
            raise GrantUnknown(grant_id)
        return rows[0]

    def _fenced(self, connection: Connection, lease: GrantLease) -> Row[Any]:
        """Read the grant's row and lock it, if the lease still stands."""
        rows = self._run(connection, sql.FENCE, **fence_of(lease))
        if not rows:
            raise GrantLeaseLost(lease.grant_id, lease.token)
        return rows[0]

    def _refuse(self, connection: Connection, grant_id: str, wanted: GrantState) -> Never:
        """Say why the step to *wanted* was not possible."""
        state = GrantState(self._held(connection, grant_id).state)
        raise GrantStateWrong(grant_id, "too old" if may_follow(state, wanted) else state, wanted)

    def _seal(self, connection: Connection, grant_id: str, fields: Mapping[str, bytes]) -> None:
        for field, ciphertext in sorted(fields.items()):
            self._run(connection, sql.SEAL, grant_id=grant_id, field=field, ciphertext=ciphertext)

    def _noted(
        self,
        connection: Connection,
        grant_id: str,
        *events: Event,
        **fields: str | int | None,
    ) -> Grant:
        """Append *events* to the audit log and return the grant as it now stands."""
        row = self._run(connection, sql.GET, grant_id=grant_id)[0]
        for event in events:
            note(connection, self.database, event, row, **fields)
        return grant_of(row)

    def _drop_expired(self, connection: Connection, grant_id: str) -> bool:
        """Take the expired holders off a locked grant; say whether nobody is left because of it."""
        over = [row for row in self._run(connection, sql.EXPIRED_HOLDERS) if row.grant_id == grant_id]
        left = [take_off(self.database, connection, grant_id, row.kind, row.ref) for row in over]
        return any(row is not None and unheld(row) for row in left)

    # What the provider ends together.

    def _lock_radius(self, connection: Connection, row: Row[Any], subject: str | None, project: str | None) -> None:
        """Let persisting and ending grants of one radius take turns; SQLite has one writer anyway."""
        if self.database.sqlite or row.radius != Radius.PROJECT:
            return
        words = (row.tenant, row.provider, row.project if project is None else project, subject or "")
        key = int.from_bytes(blake2b("\0".join(words).encode(), digest_size=8).digest(), signed=True)
        connection.exec_driver_sql("select pg_advisory_xact_lock(%s)", (key,))

    def _struck(self, connection: Connection, row: Row[Any]) -> bool:
        """Say whether the revocation of another grant may have taken this new one along."""
        if row.radius != Radius.PROJECT:
            return False
        names = {name: getattr(row, name) for name in ("tenant", "provider", "project", "subject", "turn")}
        return bool(self._run(connection, sql.STRUCK, grant_id=row.id, **names))

    def _doomed(self, connection: Connection, grant_id: str) -> list[str] | None:
        """Lock the grant's radius and return what of it has to enter REVOKING; ``None`` while somebody holds any."""
        rows = self._run(connection, sql.GET, grant_id=grant_id)
        if not rows:
            raise GrantUnknown(grant_id)
        me = rows[0]
        shared = me.radius == Radius.PROJECT and me.subject is not None
        self._lock_radius(connection, me, me.subject, None)
        names = {name: getattr(me, name) for name in ("tenant", "provider", "project")}
        subject = me.subject if shared else ""
        rows = self._run(connection, sql.RADIUS, grant_id=grant_id, shared=shared, subject=subject, **names)
        state = GrantState(next(row.state for row in rows if row.id == grant_id))
        if state is GrantState.REVOKING:
            return []
        in_use = any(row.holders or row.state == GrantState.LIVE for row in rows)
        if in_use or not may_follow(state, GrantState.REVOKING):
            return None
        return [row.id for row in rows if row.id == grant_id or row.state == GrantState.DRAINING]


def listed(scopes: Sequence[str]) -> str:
    """Write scopes as the table keeps them."""
    return json.dumps(list(scopes))


def fence_of(lease: GrantLease) -> dict[str, Any]:
    """Return what tells the lease's holder from an earlier one."""
    return {"grant_id": lease.grant_id, "token": lease.token, "owner": lease.owner}


def recording(values: Mapping[str, Any], waits: Mapping[str, float], state: GrantState | None) -> str:
    """Write the update of a journal: *values* as they are, *waits* in seconds from now."""
    said = [f"{name} = :{name}" for name in values] + [f"{name} = {{time}} + :{name}" for name in waits]
    said += [] if state is None else ["changed_at = {time}"]
    said += ["revoked_at = {time}"] if state is GrantState.REVOKED else []
    said += ["over_turn = (select max(turn) from grants)"] if state is GrantState.ESCALATED else []
    return sql.RECORD.replace("{assignments}", ", ".join([*said, "timed_at = {time}"]))
