"""The records of the audit log: a closed schema without content or names, and the chain that binds them.

A record is a flat map of integers and short words, plus *actor*. A field that does not apply is
absent: ``null`` would be a second way to say the same. It is written as canonical JSON (RFC 8785),
and ``hash = SHA-256(hash before, as 64 hex digits || record)``: ``printf %s%s | sha256sum`` checks one
by hand. The first record's predecessor names store and chain, so that no chain passes for another.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from oauth.errors import BadRecord

VERSION: Final = 1
"""Of the schema; every record says it as ``v``."""

STORE: Final = "store"
"""Name of the chain that belongs to no job: grants, keys, checkpoints."""

SEQ: Final = "$seq$"
TS: Final = "$ts$"
"""What stands in a record for the numbers only the database knows; no word of the schema holds a ``$``."""

LARGEST: Final = 2**53 - 1
"""The largest integer that means the same to every reader of JSON (RFC 8785, 3.2.2.3)."""


class Event(StrEnum):
    """Everything the log can say happened."""

    JOB_SUBMITTED = "job.submitted"
    JOB_STARTED = "job.started"
    JOB_RESUMED = "job.resumed"
    JOB_RUN_WANTED = "job.run-wanted"
    JOB_PAUSE_WANTED = "job.pause-wanted"
    JOB_CANCEL_WANTED = "job.cancel-wanted"
    JOB_DELETIONS_ALLOWED = "job.deletions-allowed"
    JOB_HALTED = "job.halted"
    """The run stopped and may go on: paused, or somebody is needed. *outcome* says which."""
    JOB_ENDED = "job.ended"
    PAGE_SETTLED = "page.settled"
    ITEMS_REMOVED = "items.removed"
    COLLECTION_MISSING = "collection.missing"
    DISCLOSURE_SHOWN = "disclosure.shown"
    CONSENT_GIVEN = "consent.given"
    CONSENT_REFUSED = "consent.refused"
    GRANT_INTENT = "grant.intent"
    GRANT_EXCHANGING = "grant.exchanging"
    GRANT_LIVE = "grant.live"
    GRANT_ATTACHED = "grant.attached"
    GRANT_RELEASED = "grant.released"
    GRANT_REFRESHED = "grant.refreshed"
    GRANT_DRAINING = "grant.draining"
    GRANT_REVOKING = "grant.revoking"
    GRANT_ANSWERED = "grant.answered"
    """The provider answered an attempt to revoke; *outcome* is its answer."""
    GRANT_REVOKED = "grant.revoked"
    GRANT_VERIFIED = "grant.verified"
    GRANT_ERASED = "grant.erased"
    GRANT_LOST = "grant.lost"
    GRANT_MANUAL = "grant.manual"
    GRANT_ESCALATED = "grant.escalated"
    GRANT_CLOSED = "grant.closed"
    SECRET_ERASED = "secret.erased"  # noqa: S105 - the name of an event
    KEY_ROTATED = "key.rotated"
    HUMAN_ACCESS = "human.access"
    EXPORTED = "audit.exported"
    CHECKPOINT = "audit.checkpoint"
    PEPPER_DESTROYED = "pepper.destroyed"


class Actor(StrEnum):
    """Who did it."""

    USER = "user"
    WORKER = "worker"
    OPERATOR = "operator"
    PROVIDER = "provider"


PSEUDONYM: Final = r"[0-9a-f]{32}"
WORD: Final = r"[a-z0-9][a-z0-9._-]{0,39}"
HASH: Final = r"[0-9a-f]{64}"

FIELDS: Final[Mapping[str, str | None]] = {
    "v": None,
    "seq": None,
    "ts": None,
    "tenant": r"[a-z0-9][a-z0-9-]{0,35}",
    "job": r"[0-9a-z][0-9a-z-]{0,35}",
    "run": None,
    "token": None,
    "collection": None,
    "event": "|".join(re.escape(event) for event in Event),
    "purpose": "backup|migration|verification|revocation|erasure|administration",
    "connector": r"[a-z0-9][a-z0-9_-]{0,31}",
    "scope": r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}( [A-Za-z0-9][A-Za-z0-9._:/-]{0,99}){0,19}",
    "resource_kind": "message|file|contact|event",
    "count": None,
    "bytes": None,
    "account_id": PSEUDONYM,
    "subject_id": PSEUDONYM,
    "source_id": PSEUDONYM,
    "destination_id": PSEUDONYM,
    "grant": r"[0-9a-zA-Z][0-9a-zA-Z-]{0,35}",
    "holder": "job|schedule|consent|kept",
    "legal_basis": "contract|consent",
    "disclosure_version": WORD,
    "retain_until": None,
    "outcome": WORD,
    "error_class": r"[A-Za-z_][A-Za-z0-9_]{0,63}",
    "software_version": r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}",
    "chain": r"store|job:[0-9a-z][0-9a-z-]{0,35}",
    "chain_seq": None,
    "chain_hash": HASH,
    "key_id": r"[0-9a-f]{16}",
    "signature": r"[0-9a-f]{128}",
}
"""Every field beside *actor*, with the words it may hold; ``None`` is a whole number from 0.

``ts`` and ``retain_until`` are microseconds since the epoch by the database's clock. ``chain`` to
``signature`` stand in checkpoints only.
"""

_FORMS: Final = {name: None if form is None else re.compile(form) for name, form in FIELDS.items()}
_PSEUDONYM: Final = re.compile(PSEUDONYM)

Value = str | int | Mapping[str, str]


def canonical(value: object) -> str:
    """Write *value* as RFC 8785 says: maps, lists, texts, integers, truth and null.

    Raises ``BadRecord`` for what has more than one spelling (fractions, large integers) or none
    (lone surrogates, keys that are no texts).
    """
    if isinstance(value, str):
        _check_text(value)
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise BadRecord("an integer", "too large for JSON")
        return str(int(value))
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise BadRecord("a map", "its keys have to be texts")
        for key in value:
            _check_text(key)
        # By UTF-16 code units (3.2.3), which differ from code points beyond the first plane.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(map(canonical, value)) + "]"
    raise BadRecord(type(value).__name__, "not written in a record")


def template(event: Event, *, actor: Actor, actor_id: str | None = None, **fields: str | int | None) -> str:
    """Write a record as canonical JSON with ``SEQ`` and ``TS`` in place of its two numbers.

    A field that is ``None`` is left out. Raises ``BadRecord`` for a field or a word outside the schema.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    record: dict[str, Value] = {"v": VERSION, "event": event.value, **given}
    for name, value in record.items():
        _check(name, value)
    who = {"kind": actor.value}
    if actor_id is not None:
        if not _PSEUDONYM.fullmatch(actor_id):
            raise BadRecord("actor", "its id is no pseudonym")
        who["id"] = actor_id
    record["actor"] = who
    # Every key and word is plain ASCII, checked above: sorting by code point is sorting by code unit.
    written = json.dumps({**record, "seq": SEQ, "ts": TS}, sort_keys=True, separators=(",", ":"))
    return written.replace(f'"{SEQ}"', SEQ).replace(f'"{TS}"', TS)


def filled(record: str, *, seq: int, ts: int) -> str:
    """Put the numbers into a template; *ts* in microseconds since the epoch."""
    return record.replace(SEQ, str(seq)).replace(TS, str(ts))


def genesis(store: str, chain: str) -> str:
    """Return what the first record of *chain* in *store* follows: 64 hex digits."""
    return hashlib.sha256(f"wherry audit chain v{VERSION}\n{store}\n{chain}\n".encode()).hexdigest()


def chained(before: str, record: str) -> str:
    """Return the hash of *record* after the hash *before*; both and the answer as text."""
    return hashlib.sha256((before + record).encode()).hexdigest()


def chain_of(job: str) -> str:
    """Return the name of a job's chain."""
    return f"job:{job}"


def pseudonym(pepper: bytes, kind: str, name: str) -> str:
    """Return what stands for *name* in records: an HMAC that nobody computes without the *pepper*.

    *kind* (``account``, ``place``, ``worker``) keeps equal names of different things apart.
    """
    mark = f"{kind}\0{name}".encode(errors="surrogatepass")
    return hmac.digest(pepper, mark, "sha256").hex()[:32]


def _check(name: str, value: object) -> None:
    """Raise ``BadRecord`` unless the schema knows the field and the value."""
    if name not in _FORMS or name in {"seq", "ts"}:
        raise BadRecord(name, "no field of a record")
    form = _FORMS[name]
    if form is None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
            raise BadRecord(name, "not a whole number from 0")
    elif not isinstance(value, str) or not form.fullmatch(value):
        raise BadRecord(name, "not a word of the schema")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRecord("a text", "holds half a character") from None
