"""Grants, who holds them, and their sealed secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the three tables of a grant's life."""
    create_grants()
    create_holders()
    op.create_table(
        "sealed",
        grant_id(),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
        comment="Secrets of a grant, sealed with its data key: never in plain text.",
    )


def downgrade() -> None:
    """Drop the tables, and with them every access that is not ended yet."""
    for table in ("sealed", "holder", "grants"):
        op.drop_table(table)


def ordered_text() -> sa.types.TypeEngine[str]:
    """Text that sorts by code point."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def grant_id() -> sa.Column[str]:
    """Return the column by which holders and secrets belong to their grant."""
    return sa.Column("grant_id", ordered_text(), sa.ForeignKey("grants.id", ondelete="CASCADE"), primary_key=True)


def create_grants() -> None:
    """Create the grants with their journal and their lease."""
    op.create_table(
        "grants",
        sa.Column("id", ordered_text(), primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("radius", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested", sa.Text, nullable=False),
        sa.Column("granted", sa.Text, nullable=False),
        sa.Column("state_hash", sa.Text),
        sa.Column("data_key", sa.Text),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("over_turn", sa.Integer),
        sa.Column("holders", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.Column("timed_at", sa.Double, nullable=False),
        sa.Column("owed_at", sa.Double),
        sa.Column("struck_at", sa.Double),
        sa.Column("revoked_at", sa.Double),
        sa.Column("expires_at", sa.Double),
        sa.Column("until", sa.Double),
        sa.Column("deadline", sa.Double),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Double, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.Double),
        sa.CheckConstraint("holders >= 0", name="grants_holders"),
        sa.CheckConstraint("(owner is null) = (lease_until is null)", name="grants_leased"),
        sa.CheckConstraint("data_key is null or state not in ('erased', 'closed')", name="grants_erased"),
        comment="What a person let us do, from the intent to the proof that it is over.",
    )
    hashed, open_ones = sa.text("state_hash is not null"), sa.text("state not in ('erased', 'closed')")
    op.create_index("grants_hash", "grants", ["state_hash"], unique=True, sqlite_where=hashed, postgresql_where=hashed)
    op.create_index("grants_due", "grants", ["next_at"], sqlite_where=open_ones, postgresql_where=open_ones)
    op.create_index("grants_turn", "grants", ["turn"])
    op.create_index("grants_radius", "grants", ["tenant", "provider", "project", "subject"])


def create_holders() -> None:
    """Create the holders; the grant's row counts them."""
    op.create_table(
        "holder",
        grant_id(),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("ref", ordered_text(), primary_key=True),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("until", sa.Double),
        comment="Who needs a grant: without holders its end is owed.",
    )
    op.create_index("holder_ref", "holder", ["kind", "ref"])
