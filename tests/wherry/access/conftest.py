"""One provider and one server behind it for all tests of access; each test has a person of its own."""

from __future__ import annotations

import secrets
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.davservers import DavServer, radicale_with_bearer
from simulators.identity.generic import Generic, generic
from tests.wherry.access.household import Ana, Person, move_in
from tests.wherry.conftest import Run


@pytest.fixture(scope="session")
def provider() -> Iterator[Generic]:
    with generic() as running:
        yield running


@pytest.fixture(scope="session")
def bearer_dav(provider: Generic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    folder = tmp_path_factory.mktemp("bearer-dav")
    asked = provider.introspect_url
    with radicale_with_bearer(
        folder, introspect_url=asked, client="secret-client", secret="made-up-secret", username="nobody"
    ) as running:
        yield running


@pytest.fixture
def idp(provider: Generic) -> Iterator[Generic]:
    """Return the provider as it is on a good day, and leave it so."""
    yield provider
    provider.faults.mend()
    provider.clock.offset = 0.0
    provider.access_lifetime, provider.rotates, provider.sends_issuer = 3600.0, True, True
    provider.issuer = provider.url


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    """Return somebody at the browser that commands of this process open."""
    somebody = Person(f"ana-{secrets.token_hex(6)}@example.org")
    webbrowser.register("person", None, somebody, preferred=True)
    monkeypatch.setenv("BROWSER", "person")
    return somebody


@pytest.fixture
def ana(run: Run, idp: Generic, bearer_dav: DavServer, person: Person, home: Path, tmp_path: Path) -> Ana:
    """Return a person with 5 events and 3 contacts, whose provider is *idp*."""
    return Ana(run, person.user, idp, move_in(bearer_dav, person.user), person, home, tmp_path)
