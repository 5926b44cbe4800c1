"""Servers for the CalDAV/CardDAV tests: one that does everything wrong, two that are real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators.davservers import SERVERS
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import OPENED, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.davservers import DavServer


@pytest.fixture(autouse=True)
def _closing() -> Iterator[None]:
    """Close every transport a test opened."""
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def faulty() -> Iterator[FaultyDav]:
    """Run a stand-in server, well behaved until told otherwise."""
    with FaultyDav() as server:
        yield server


@pytest.fixture
def bench(faulty: FaultyDav) -> Bench:
    """Return hands on the stand-in server."""
    return Bench(faulty)


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    """Run Radicale once for all tests of this process."""
    with SERVERS["radicale"](tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="session")
def xandikos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    """Run Xandikos once for all tests of this process."""
    with SERVERS["xandikos"](tmp_path_factory.mktemp("xandikos")) as server:
        yield server


@pytest.fixture(params=sorted(SERVERS))
def real(request: pytest.FixtureRequest) -> DavServer:
    """Return each real server."""
    server: DavServer = request.getfixturevalue(request.param)
    return server
