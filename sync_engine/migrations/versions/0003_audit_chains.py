"""The audit log as chains of hashes. Lines written before are kept, in a table that says so."""

from __future__ import annotations

import hashlib
from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the old lines aside, make the chains, and begin one for the store and one for each job."""
    op.rename_table("audit", "audit_before_chain")
    create_tables()
    op.add_column("job", sa.Column("audit_seq", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("job", sa.Column("audit_hash", sa.Text, nullable=False, server_default=sa.text("''")))
    begin_chains()


def downgrade() -> None:
    """Drop the chains, and with them every record since; the older lines come back to their place."""
    for table in ("audit_checkpoint", "audit_pepper", "audit_head", "audit"):
        op.drop_table(table)
    op.drop_column("job", "audit_hash")
    op.drop_column("job", "audit_seq")
    op.rename_table("audit_before_chain", "audit")


def ordered_text() -> sa.types.TypeEngine[str]:
    """Text that sorts by code point."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def create_tables() -> None:
    """Create the chains, the store's head, the key of the pseudonyms, and the signed checkpoints."""
    op.create_table(
        "audit",
        sa.Column("chain", ordered_text(), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sqlite_with_rowid=False,
        comment="Append-only: what was done, as canonical JSON, each record bound to the one before it.",
    )
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        comment="The end of the store's own chain, and the store's id; jobs keep the ends of theirs.",
    )
    op.create_table(
        "audit_pepper",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("pepper", sa.Text, nullable=False),
        comment="The key of the pseudonyms in records. Deleting it anonymises them.",
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("chain", ordered_text(), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        comment="Signed ends of chains.",
    )


def begin_chains() -> None:
    """Give the store an id, and every chain what its first record follows."""
    connection, store = op.get_bind(), token_hex(16)
    head = sa.text("insert into audit_head (chain, store, seq, hash) values ('store', :store, 0, :hash)")
    connection.execute(head, {"store": store, "hash": first(store, "store")})
    move = sa.text("update job set audit_hash = :hash where id = :job")
    for job in connection.execute(sa.text("select id from job")).scalars().all():
        connection.execute(move, {"job": job, "hash": first(store, f"job:{job}")})


def first(store: str, chain: str) -> str:
    """Return what the first record of *chain* follows, as the first version of the log defined it."""
    return hashlib.sha256(f"wherry audit chain v1\n{store}\n{chain}\n".encode()).hexdigest()
