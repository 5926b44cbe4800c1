"""A service with a small account, and google-api-python-client as a client that was not written for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.google import Service, google
from simulators.identity.google import Google
from tests.simulators.google.asking import Caller, official


@pytest.fixture
def identity() -> Iterator[Google]:
    with Google() as provider:
        yield provider


@pytest.fixture
def server(identity: Google) -> Iterator[Service]:
    with google(people=45, events=200, seed=7, identity=identity, others=12) as service:
        yield service


@pytest.fixture
def caller(server: Service) -> Caller:
    """Return plain calls with a token that may read everything."""
    return Caller(server)


@pytest.fixture
def people(server: Service) -> Iterator[object]:
    with official("people.v1", server, server.token("contacts.readonly", "contacts.other.readonly")) as client:
        yield client


@pytest.fixture
def calendar(server: Service) -> Iterator[object]:
    with official("calendar.v3", server, server.token("calendar.readonly")) as client:
        yield client
