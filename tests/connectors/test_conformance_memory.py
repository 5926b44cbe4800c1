"""The in-memory connector keeps what the port promises as long as no fault is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Kind
from connectors.testing import TwoWaySuite
from tests.connectors.memory.behind import MemoryBackstage

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestEvents(TwoWaySuite):
    @pytest.fixture
    def backstage(self) -> Iterator[MemoryBackstage]:
        backstage = MemoryBackstage()
        yield backstage
        backstage.forget()


class TestContacts(TestEvents):
    kind = Kind.CONTACT
