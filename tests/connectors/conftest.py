"""Real servers on loopback, and the transport that talks to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from connectors.guard import Guard
from connectors.http import Http
from connectors.retry import RetryPolicy
from tests.connectors.authority import Authority
from tests.connectors.servers import Script, Server

HOME = Guard(allow_private=True, allow_http=True)
"""What a test on loopback may reach."""

QUICK = RetryPolicy(attempts=3, first=0.01, most=0.05, total=20, patience=3)


class MakeHttp(Protocol):
    """Builds a transport for loopback; keywords are those of ``Http``."""

    def __call__(self, **options: Any) -> Http: ...


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers, and stop them when the test is over."""
    running: list[Server] = []

    def start(script: Script, **options: Any) -> Server:
        running.append(Server(script, **options))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def make_http() -> Iterator[MakeHttp]:
    """Make transports, and close them when the test is over."""
    made: list[Http] = []

    def make(**options: Any) -> Http:
        made.append(Http(**{"guard": HOME, "retry": QUICK, **options}))
        return made[-1]

    yield make
    for http in made:
        http.close()


@pytest.fixture
def http(make_http: MakeHttp) -> Http:
    """Return a transport that may talk to loopback and does not wait long."""
    return make_http()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return a certificate authority nobody else trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))
