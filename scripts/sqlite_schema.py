"""Write ``sync_engine/schema_sqlite.sql`` from the tables' definition: ``python -m scripts.sqlite_schema``."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from sync_engine.schema import metadata

FILE = Path(__file__).resolve().parent.parent / "sync_engine" / "schema_sqlite.sql"


def schema() -> str:
    """Return the statements that make the newest schema, each ended by a semicolon and a line end."""
    dialect = sqlite.dialect()
    statements = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in indexes]
    lines = ("\n".join(line.rstrip() for line in statement.splitlines() if line.strip()) for statement in statements)
    return ";\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
