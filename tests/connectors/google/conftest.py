"""A stand-in for Google, empty until a test fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.google import google
from tests.connectors.google.behind import OPENED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google import Service


@pytest.fixture(autouse=True)
def _closing() -> Iterator[None]:
    """Close every transport a test opened."""
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def server() -> Iterator[Service]:
    """Run the stand-in for one account without contacts and events."""
    with google(people=0, events=0, groups=4) as service:
        yield service
