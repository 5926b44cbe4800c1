"""Jobs, their collections, the ledger of items and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    create_jobs()
    create_collections()
    create_items()
    create_audit()


def downgrade() -> None:
    """Drop every table, and with them every job."""
    for table in ("audit", "item", "collection", "job", "connection"):
        op.drop_table(table)


def ordered_text() -> sa.types.TypeEngine[str]:
    """Text that sorts by code point."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def create_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    """Create a partial index on both databases."""
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def create_jobs() -> None:
    """Create the connections and the jobs that use them."""
    op.create_table(
        "connection",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.Double, nullable=False),
        comment="A place that jobs read or write: at most one live lease each.",
    )
    op.create_table(
        "job",
        sa.Column("id", ordered_text(), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("mirror", sa.Boolean, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("source_connection", sa.Text, sa.ForeignKey("connection.id"), nullable=False),
        sa.Column("target_connection", sa.Text, sa.ForeignKey("connection.id"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("want", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("ended_at", sa.Double),
        sa.Column("not_before", sa.Double, nullable=False),
        sa.Column("served_at", sa.Double, nullable=False),
        sa.Column("allow_deletions", sa.Boolean, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("learned", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.Double),
        sa.UniqueConstraint("kind", "source", "destination", name="job_spec"),
        sa.CheckConstraint("(state = 'leased') = (lease_until is not null)", name="job_leased_until"),
        sa.CheckConstraint("(state = 'leased') = (owner is not null)", name="job_leased_owner"),
        comment="What a user asked for, who works on it and until when.",
    )
    create_index("job_source_leased", "job", ["source_connection"], "state = 'leased'", unique=True)
    create_index("job_target_leased", "job", ["target_connection"], "state = 'leased'", unique=True)
    create_index("job_ready", "job", ["served_at", "token", "id"], "state = 'ready'")


def create_collections() -> None:
    """Create the checkpoints and counters."""
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job", ordered_text(), sa.ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text),
        sa.Column("cursor", sa.Text),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("listing_run", sa.Integer),
        sa.Column("settled_run", sa.Integer, nullable=False),
        sa.Column("missing_runs", sa.Integer, nullable=False),
        sa.Column("properties", sa.Text, nullable=False),
        sa.Column("doubt", sa.Text, nullable=False),
        sa.Column("present", sa.Integer, nullable=False),
        sa.Column("copied", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("gone", sa.Integer, nullable=False),
        sa.UniqueConstraint("job", "source_id", name="collection_source"),
        comment="A collection's checkpoint and counters.",
    )


def create_items() -> None:
    """Create the ledger. Partial indexes keep the insert of an ordinary item cheap."""
    op.create_table(
        "item",
        sa.Column("collection", sa.Integer, sa.ForeignKey("collection.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("id", ordered_text(), primary_key=True),
        sa.Column("revision", sa.Text),
        sa.Column("digest", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("uid", sa.Text),
        sa.Column("day", sa.Integer),
        sa.Column("target_id", sa.Text),
        sa.Column("target_revision", sa.Text),
        sa.Column("target_digest", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("presence", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
        comment="The ledger: exactly one outcome for each item of the source.",
    )
    create_index("item_uid", "item", ["collection", "uid"], "uid is not null")
    create_index("item_gone", "item", ["collection", "id"], "presence = 'gone'")
    create_index("item_problem", "item", ["collection", "id"], "outcome <> 'copied'")


def create_audit() -> None:
    """Create the audit trail, which outlives the jobs it speaks of."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("job", ordered_text()),
        sa.Column("run", sa.Integer),
        sa.Column("collection", sa.Integer),
        sa.Column("owner", sa.Text),
        sa.Column("token", sa.Integer),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text),
        comment="Append-only: what was done, when and under which lease.",
    )
    op.create_index("audit_job", "audit", ["job", "id"])
