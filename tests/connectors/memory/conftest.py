from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.memory.behind import MemoryBackstage

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def backstage() -> Iterator[MemoryBackstage]:
    backstage = MemoryBackstage()
    yield backstage
    backstage.forget()
