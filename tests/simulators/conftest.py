"""Servers that several tests share; one per worker, each test in collections or accounts of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.davservers import SERVERS, DavServer
from simulators.oidc_servers import OidcMissing, OidcServer, oidc_provider


@pytest.fixture(scope="session", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    """Run one server of each kind."""
    name: str = request.param
    with SERVERS[name](tmp_path_factory.mktemp(name)) as running:
        yield running


@pytest.fixture(scope="session")
def oidc() -> Iterator[OidcServer]:
    """Run the OpenID provider, or count what needs it as not run."""
    try:
        running = oidc_provider()
        provider = running.__enter__()
    except OidcMissing as missing:
        pytest.skip(str(missing))
    try:
        yield provider
    finally:
        running.__exit__(None, None, None)
