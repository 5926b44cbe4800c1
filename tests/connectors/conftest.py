"""Real servers on loopback, and the transport that talks to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ssl import SSLContext
from typing import TYPE_CHECKING, Protocol, TypedDict, Unpack

import pytest

from connectors.guard import Guard
from connectors.http import Http
from connectors.retry import RetryPolicy
from tests.connectors.authority import Authority
from tests.connectors.servers import Script, Server

if TYPE_CHECKING:
    from connectors.answers import Limits
    from connectors.pace import Pace
    from oauth.authorizers import Authorizer

HOME = Guard(allow_private=True, allow_http=True)
"""What a test on loopback may reach."""

QUICK = RetryPolicy(attempts=3, first=0.01, most=0.05, total=20, patience=3)


class Options(TypedDict, total=False):
    """The other keywords of ``Http``."""

    authorizer: Authorizer | None
    limits: Limits
    pace: Pace | None
    stop: Callable[[], bool]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    connections: int
    ca: str | None
    waiting: Callable[[float], None]


class MakeHttp(Protocol):
    """Builds a transport that may talk to loopback and does not wait long, unless told otherwise."""

    def __call__(self, *, guard: Guard = HOME, retry: RetryPolicy = QUICK, **options: Unpack[Options]) -> Http: ...


class Serve(Protocol):
    """Starts a server that answers by a script."""

    def __call__(self, script: Script, *, tls: SSLContext | None = None) -> Server: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers, and stop them when the test is over."""
    running: list[Server] = []

    def start(script: Script, *, tls: SSLContext | None = None) -> Server:
        running.append(Server(script, tls=tls))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def make_http() -> Iterator[MakeHttp]:
    """Make transports, and close them when the test is over."""
    made: list[Http] = []

    def make(*, guard: Guard = HOME, retry: RetryPolicy = QUICK, **options: Unpack[Options]) -> Http:
        made.append(Http(guard=guard, retry=retry, **options))
        return made[-1]

    yield make
    for http in made:
        http.close()


@pytest.fixture
def http(make_http: MakeHttp) -> Http:
    """Return a transport that may talk to loopback and does not wait long."""
    return make_http()


class Time:
    """A clock that moves only when somebody sleeps, and remembers how long each slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    @property
    def slept(self) -> float:
        """Return the seconds slept in all."""
        return self.now - 1000.0


@pytest.fixture
def clock() -> Time:
    """Return a clock of its own for each test."""
    return Time()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return a certificate authority nobody else trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))
