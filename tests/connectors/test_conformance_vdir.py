"""The vdir connector keeps what the port promises, for calendars and for address books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Kind
from connectors.testing import TwoWaySuite
from tests.connectors.vdir.behind import VdirBackstage

if TYPE_CHECKING:
    from pathlib import Path


class TestCalendars(TwoWaySuite):
    @pytest.fixture
    def backstage(self, tmp_path: Path) -> VdirBackstage:
        return VdirBackstage(tmp_path / "calendars")


class TestAddressBooks(TwoWaySuite):
    kind = Kind.CONTACT

    @pytest.fixture
    def backstage(self, tmp_path: Path) -> VdirBackstage:
        return VdirBackstage(tmp_path / "contacts")
