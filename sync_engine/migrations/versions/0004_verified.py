"""Runs verify what they wrote; a job says up to which run. What is there already counts as looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the note, and do not read back what earlier versions copied."""
    op.add_column("job", sa.Column("verified", sa.Text, nullable=False, server_default=sa.text("'{}'")))
    begin = """update job set verified = '{"upto":' || cast(run as text) || '}'"""
    op.get_bind().exec_driver_sql(begin)


def downgrade() -> None:
    """Drop the note."""
    op.drop_column("job", "verified")
