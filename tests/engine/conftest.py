"""The engine's tests stand on one bench per test."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.engine.bench import Bench, open_bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Return a fresh bench with an empty calendar ``work`` at the source."""
    bench = open_bench(tmp_path, uuid.uuid4().hex)
    bench.source.create("work")
    yield bench
    bench.close()
