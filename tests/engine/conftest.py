"""The engine's tests stand on one bench per test."""

from __future__ import annotations

import shutil
import uuid
from typing import TYPE_CHECKING

import pytest

from sync_engine.database import Database
from tests.engine.bench import Bench, open_bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state database without jobs: made once, because migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("state") / "empty.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def bench(tmp_path: Path, empty_database: Path) -> Iterator[Bench]:
    """Return a fresh bench with an empty calendar ``work`` at the source."""
    shutil.copy(empty_database, tmp_path / "state.db")
    bench = open_bench(tmp_path / "state.db", uuid.uuid4().hex)
    bench.source.create("work")
    yield bench
    bench.close()
