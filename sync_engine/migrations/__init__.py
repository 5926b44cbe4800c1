"""The database's schema, step by step. Read by Alembic, never imported by the engine."""
