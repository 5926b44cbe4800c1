"""The engine's tests stand on one bench per test; on either database, because the engine must not care."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from sync_engine.database import Database
from tests.engine.bench import Bench
from tests.sync_engine.conftest import kind, postgres_database, postgres_server, sqlite_template, url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["bench", "empty_database", "kind", "postgres_database", "postgres_server", "sqlite_template", "url"]


@pytest.fixture
def empty_database(sqlite_template: Path) -> Path:
    """Return the file of a state database without jobs, to be copied."""
    return sqlite_template


@pytest.fixture
def bench(url: str) -> Iterator[Bench]:
    """Return a fresh bench with an empty calendar ``work`` at the source."""
    bench = Bench(Database.open(url), uuid.uuid4().hex)
    bench.source.create("work")
    yield bench
    bench.close()
