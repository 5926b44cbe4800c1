"""How Alembic reaches the database: through the connection that ``sync_engine.database`` holds."""

from __future__ import annotations

from alembic import context

from sync_engine.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
