"""Between the database's rows and the engine's values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from sync_engine.model import (
    AuditRow,
    CollectionRow,
    Compared,
    ItemRow,
    Job,
    JobKind,
    JobSpec,
    JobState,
    Outcome,
    Phase,
    Presence,
    Verified,
    Want,
)

if TYPE_CHECKING:
    from sqlalchemy import Row

ITEM_COLUMNS: Final = (
    "id, revision, digest, size, uid, day, target_id, target_revision, target_digest, "
    "outcome, reason, detail, presence, attempts, run, seen, fate, losses"
)
"""In the order of ``ItemRow``'s fields."""

COUNTERS: Final = ("present", "copied", "skipped", "failed", "gone")

item_values = attrgetter(
    *("id", "revision", "digest", "size", "uid", "day", "target_id", "target_revision", "target_digest"),
    *("outcome._value_", "reason", "detail", "presence._value_", "attempts", "run", "seen"),
)
"""Reads an ``ItemRow`` as a tuple, in the order of ``ITEM_COLUMNS``, without its fidelity receipt.

The enumerations' bare values bind four times faster than the members, which the drivers would have to adapt."""

_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}
_PRESENCES: Final = {presence.value: presence for presence in Presence}
_OUTCOME: Final = ITEM_COLUMNS.split(", ").index("outcome")
_PRESENCE: Final = ITEM_COLUMNS.split(", ").index("presence")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def packed(value: Mapping[str, Any] | None) -> str | None:
    """Write a map as JSON text; ``None`` stays ``None``."""
    return None if value is None else json.dumps(value, separators=(",", ":"), sort_keys=True)


UNSTORABLE: Final = "id-unusable"
"""The reason told for what has an id that no database stores."""


def printable(text: str) -> str:
    """Return a text that can be stored and told in place of *text*, and of no other."""
    shown = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    return f"{shown} #{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def is_storable(text: str | None) -> bool:
    """Say whether both databases store *text* as it is."""
    return storable(text) == text


def storable(text: str | None) -> str | None:
    """Replace what no database stores: NUL (PostgreSQL) and lone surrogates (both)."""
    if text is None or (text.isascii() and "\x00" not in text):
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def job_of(row: Row[Any]) -> Job:
    """Read a row of ``job``."""
    spec = JobSpec(JobKind(row.kind), row.source, row.destination, bool(row.mirror), json.loads(row.options))
    return Job(
        id=row.id,
        spec=spec,
        state=JobState(row.state),
        want=Want(row.want),
        phase=Phase(row.phase),
        run=row.run,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        not_before=float(row.not_before),
        allow_deletions=bool(row.allow_deletions),
        problem=None if row.problem is None else json.loads(row.problem),
        learned=json.loads(row.learned),
        verified=verified_of(row.verified),
    )


def verified_of(text: str) -> Verified:
    """Read what runs verified, as ``asdict`` wrote it."""
    values = json.loads(text)
    how = values.pop("how", None)
    return Verified(**values, how=None if how is None else Compared(how))


def collection_of(row: Row[Any]) -> CollectionRow:
    """Read a row of ``collection``."""
    return CollectionRow(
        id=row.id,
        job=row.job,
        source_id=row.source_id,
        kind=row.kind,
        name=row.name,
        target_id=row.target_id,
        cursor=None if row.cursor is None else json.loads(row.cursor),
        generation=row.generation,
        listing_run=row.listing_run,
        settled_run=row.settled_run,
        missing_runs=row.missing_runs,
        properties=json.loads(row.properties),
        doubt=json.loads(row.doubt),
        present=row.present,
        copied=row.copied,
        skipped=row.skipped,
        failed=row.failed,
        gone=row.gone,
    )


def item_of(row: Row[Any]) -> ItemRow:
    """Read the columns ``ITEM_COLUMNS``."""
    values = list(row)
    values[_OUTCOME] = _OUTCOMES[values[_OUTCOME]]
    values[_PRESENCE] = _PRESENCES[values[_PRESENCE]]
    return ItemRow(*values)


def audit_of(text: str) -> AuditRow:
    """Read a record of a job's chain."""
    record = json.loads(text)
    return AuditRow(
        seq=record["seq"],
        at=record["ts"] / 1e6,
        job=record["job"],
        run=record.get("run"),
        collection=record.get("collection"),
        token=record.get("token"),
        event=record["event"],
        count=record.get("count", 0),
        size=record.get("bytes", 0),
    )
