"""Between the grants' rows and ``oauth.grants``, and what the audit log says of a change."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from oauth.audit import FIELDS, Actor, Event
from oauth.grants import Grant, GrantState, Holder, HolderKind, Radius
from sync_engine.audit import append_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row
    from sqlalchemy.engine import Connection

    from sync_engine.database import Database

EVENTS: Final = {
    GrantState.INTENT: Event.GRANT_INTENT,
    GrantState.EXCHANGING: Event.GRANT_EXCHANGING,
    GrantState.LIVE: Event.GRANT_LIVE,
    GrantState.DRAINING: Event.GRANT_DRAINING,
    GrantState.REVOKING: Event.GRANT_REVOKING,
    GrantState.REVOKED: Event.GRANT_REVOKED,
    GrantState.ERASED: Event.GRANT_ERASED,
    GrantState.LOST: Event.GRANT_LOST,
    GrantState.MANUAL: Event.GRANT_MANUAL,
    GrantState.ESCALATED: Event.GRANT_ESCALATED,
    GrantState.CLOSED: Event.GRANT_CLOSED,
}
"""What the log calls the entry into a state."""

BY_PROVIDER: Final = frozenset({Event.GRANT_LOST, Event.GRANT_ANSWERED, Event.GRANT_REVOKED})

_WORDS: Final = {name: re.compile(form) for name, form in FIELDS.items() if form is not None}


def grant_of(row: Row[Any]) -> Grant:
    """Read a row of ``grants`` with its holders as JSON in ``held``."""
    return Grant(
        id=row.id,
        tenant=row.tenant,
        provider=row.provider,
        project=row.project,
        radius=Radius(row.radius),
        subject=row.subject,
        account=row.account,
        state=GrantState(row.state),
        requested=tuple(json.loads(row.requested)),
        granted=tuple(json.loads(row.granted)),
        created_at=row.created_at,
        changed_at=row.changed_at,
        owed_at=row.owed_at,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
        until=row.until,
        deadline=row.deadline,
        attempts=row.attempts,
        next_at=row.next_at,
        last_error=row.last_error,
        answer=row.answer,
        verified=bool(row.verified),
        holders=tuple(Holder(HolderKind(kind), ref, until) for kind, ref, until in json.loads(row.held)),
        data_key=row.data_key,
    )


def note(
    connection: Connection,
    database: Database,
    event: Event,
    row: Row[Any],
    **fields: str | int | None,
) -> None:
    """Append what happened to a grant to the store's chain, as the last thing of the caller's transaction.

    A word the schema does not hold is left out: no transaction that keeps a token may fail for its note.
    """
    said: dict[str, str | int | None] = {"connector": row.provider, "scope": _scopes(row), "grant": row.id, **fields}
    known: Mapping[str, Any] = {name: value for name, value in said.items() if _speakable(name, value)}
    actor = Actor.PROVIDER if event in BY_PROVIDER else Actor.WORKER
    append_store(connection, database, event, actor=actor, account=row.account, subject=row.subject, **known)


def word(text: str | None) -> str | None:
    """Return *text* as a word of the audit log: lower case, blanks and signs as hyphens."""
    if not text:
        return None
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:40] or None


def _scopes(row: Row[Any]) -> str | None:
    return " ".join(json.loads(row.granted) or json.loads(row.requested)) or None


def _speakable(name: str, value: str | int | None) -> bool:
    form = _WORDS.get(name)
    return value is not None and (form is None or (isinstance(value, str) and form.fullmatch(value) is not None))
