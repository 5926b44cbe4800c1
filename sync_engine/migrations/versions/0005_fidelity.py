"""An item that was mapped into another format keeps its fidelity receipt: the worst fate, and the leaves behind it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns, empty for everything carried byte for byte, and an index of those that are not."""
    op.add_column("item", sa.Column("fate", sa.Text))
    op.add_column("item", sa.Column("losses", sa.Text))
    mapped = sa.text("fate is not null and outcome = 'copied' and presence = 'here'")
    op.create_index("item_fate", "item", ["collection", "fate", "id"], sqlite_where=mapped, postgresql_where=mapped)


def downgrade() -> None:
    """Drop the receipts."""
    op.drop_index("item_fate", "item")
    op.drop_column("item", "losses")
    op.drop_column("item", "fate")
