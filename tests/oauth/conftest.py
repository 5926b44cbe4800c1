"""A state database with grants for each test of consent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_engine.database import Database
from tests.oauth.consenting import World


@pytest.fixture(scope="session")
def state_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our schema, to be copied."""
    path = tmp_path_factory.mktemp("consent") / "state.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def world(tmp_path: Path, state_template: Path) -> Iterator[World]:
    """A store, a vault and somebody who asks for consent."""
    path = tmp_path / "state.db"
    shutil.copy(state_template, path)
    database = Database.open(f"sqlite:///{path}")
    yield World(path, database)
    database.close()
