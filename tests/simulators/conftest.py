"""Servers that several tests share; one per worker, each test in collections of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.davservers import SERVERS, DavServer


@pytest.fixture(scope="session", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    """Run one server of each kind."""
    name: str = request.param
    with SERVERS[name](tmp_path_factory.mktemp(name)) as running:
        yield running
