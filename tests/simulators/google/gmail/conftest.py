"""A service with a mailbox of three cycles and a half, and clients that may read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.google import Service, google
from simulators.google.mail.mailbox import Mailbox
from simulators.identity.google import Google
from simulators.identity.model import Clock
from tests.simulators.google.asking import Caller, official

SIZE = 1750


@pytest.fixture
def server(identity: Google) -> Iterator[Service]:
    with google(people=0, events=0, messages=SIZE, seed=4, identity=identity) as service:
        yield service


@pytest.fixture
def box(server: Service) -> Mailbox:
    """Return the mailbox that is served."""
    return server.account.mail


@pytest.fixture
def caller(server: Service) -> Caller:
    return Caller(server, server.token("gmail.readonly"))


@pytest.fixture
def gmail(server: Service) -> Iterator[object]:
    """Return Google's own client."""
    with official("gmail.v1", server, server.token("gmail.readonly")) as client:
        yield client


@pytest.fixture(scope="session")
def letters() -> Mailbox:
    """Return a mailbox that is only looked at."""
    return Mailbox("ana@example.org", Clock(), size=SIZE, seed=4)
