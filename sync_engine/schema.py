"""The tables of the state database, as SQLAlchemy Core says them.

Migrations are compared with this file. The engine's rooms speak SQL and do not import
it: naming PostgreSQL's options here loads that dialect, which a run on SQLite need not pay.

Times are seconds since the epoch, maps are JSON in text. Item ids sort by code point on
both databases (collation ``C``), so that pages of ids come in one order everywhere.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

ORDERED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def only(condition: str) -> dict[str, Any]:
    """Say "index only rows with *condition*" to both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


connection = Table(
    "connection",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Double, nullable=False),
    comment="A place that jobs read or write: at most one live lease each.",
)

job = Table(
    "job",
    metadata,
    Column("id", ORDERED_TEXT, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("mirror", Boolean, nullable=False),
    Column("options", Text, nullable=False),
    Column("source_connection", Text, ForeignKey("connection.id"), nullable=False),
    Column("target_connection", Text, ForeignKey("connection.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("want", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("not_before", Double, nullable=False),
    Column("served_at", Double, nullable=False),
    Column("allow_deletions", Boolean, nullable=False),
    Column("problem", Text),
    Column("learned", Text, nullable=False),
    Column("verified", Text, nullable=False, server_default=text("'{}'")),
    Column("owner", Text),
    Column("token", Integer, nullable=False),
    Column("lease_until", Double),
    Column("audit_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("audit_hash", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("kind", "source", "destination", name="job_spec"),
    CheckConstraint("(state = 'leased') = (lease_until is not null)", name="job_leased_until"),
    CheckConstraint("(state = 'leased') = (owner is not null)", name="job_leased_owner"),
    Index("job_source_leased", "source_connection", unique=True, **only("state = 'leased'")),
    Index("job_target_leased", "target_connection", unique=True, **only("state = 'leased'")),
    Index("job_ready", "served_at", "token", "id", **only("state = 'ready'")),
    comment="What a user asked for, who works on it and until when.",
)

collection = Table(
    "collection",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", ORDERED_TEXT, ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("target_id", Text),
    Column("cursor", Text),
    Column("generation", Integer, nullable=False),
    Column("listing_run", Integer),
    Column("settled_run", Integer, nullable=False),
    Column("missing_runs", Integer, nullable=False),
    Column("properties", Text, nullable=False),
    Column("doubt", Text, nullable=False),
    Column("present", Integer, nullable=False),
    Column("copied", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    UniqueConstraint("job", "source_id", name="collection_source"),
    comment="A collection's checkpoint and counters.",
)

item = Table(
    "item",
    metadata,
    Column("collection", Integer, ForeignKey("collection.id", ondelete="CASCADE"), primary_key=True),
    Column("id", ORDERED_TEXT, primary_key=True),
    Column("revision", Text),
    Column("digest", Text),
    Column("size", BigInteger),
    Column("uid", Text),
    Column("day", Integer),
    Column("target_id", Text),
    Column("target_revision", Text),
    Column("target_digest", Text),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("presence", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("run", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("fate", Text),
    Column("losses", Text),
    Index("item_uid", "collection", "uid", **only("uid is not null")),
    Index("item_gone", "collection", "id", **only("presence = 'gone'")),
    Index("item_problem", "collection", "id", **only("outcome <> 'copied'")),
    Index(
        "item_fate", "collection", "fate", "id", **only("fate is not null and outcome = 'copied' and presence = 'here'")
    ),
    sqlite_with_rowid=False,
    comment="The ledger: exactly one outcome for each item of the source.",
)

audit = Table(
    "audit",
    metadata,
    Column("chain", ORDERED_TEXT, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_with_rowid=False,
    comment="Append-only: what was done, as canonical JSON, each record bound to the one before it.",
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("store", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    comment="The end of the store's own chain, and the store's id; jobs keep the ends of theirs.",
)

audit_pepper = Table(
    "audit_pepper",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("pepper", Text, nullable=False),
    comment="The key of the pseudonyms in records. Deleting it anonymises them.",
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("chain", ORDERED_TEXT, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("signed", Text, nullable=False),
    Column("signature", Text, nullable=False),
    comment="Signed ends of chains.",
)

audit_before_chain = Table(
    "audit_before_chain",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Double, nullable=False),
    Column("job", ORDERED_TEXT),
    Column("run", Integer),
    Column("collection", Integer),
    Column("owner", Text),
    Column("token", Integer),
    Column("event", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("detail", Text),
    Index("audit_job", "job", "id"),
    comment="Lines written before there were chains: readable, and proof of nothing.",
)

grants = Table(
    "grants",
    metadata,
    Column("id", ORDERED_TEXT, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("radius", Text, nullable=False),
    Column("subject", Text),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested", Text, nullable=False),
    Column("granted", Text, nullable=False),
    Column("state_hash", Text),
    Column("data_key", Text),
    Column("turn", Integer, nullable=False),
    Column("over_turn", Integer),
    Column("holders", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("timed_at", Double, nullable=False),
    Column("owed_at", Double),
    Column("struck_at", Double),
    Column("revoked_at", Double),
    Column("expires_at", Double),
    Column("until", Double),
    Column("deadline", Double),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("last_error", Text),
    Column("answer", Text),
    Column("verified", Boolean, nullable=False),
    Column("owner", Text),
    Column("token", Integer, nullable=False),
    Column("lease_until", Double),
    CheckConstraint("holders >= 0", name="grants_holders"),
    CheckConstraint("(owner is null) = (lease_until is null)", name="grants_leased"),
    CheckConstraint("data_key is null or state not in ('erased', 'closed')", name="grants_erased"),
    Index("grants_hash", "state_hash", unique=True, **only("state_hash is not null")),
    Index("grants_due", "next_at", **only("state not in ('erased', 'closed')")),
    Index("grants_turn", "turn"),
    Index("grants_radius", "tenant", "provider", "project", "subject"),
    comment="What a person let us do, from the intent to the proof that it is over.",
)

holder = Table(
    "holder",
    metadata,
    Column("grant_id", ORDERED_TEXT, ForeignKey("grants.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ref", ORDERED_TEXT, primary_key=True),
    Column("since", Double, nullable=False),
    Column("until", Double),
    Index("holder_ref", "kind", "ref"),
    comment="Who needs a grant: without holders its end is owed.",
)

sealed = Table(
    "sealed",
    metadata,
    Column("grant_id", ORDERED_TEXT, ForeignKey("grants.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
    comment="Secrets of a grant, sealed with its data key: never in plain text.",
)
