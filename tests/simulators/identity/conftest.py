"""A provider of each kind, fresh for each test: they start in a millisecond and remember everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.identity.dropbox import Dropbox, dropbox
from simulators.identity.generic import Generic, generic
from simulators.identity.google import Google, google
from simulators.identity.google_scopes import PREFIX
from simulators.identity.infomaniak import Infomaniak, infomaniak
from simulators.identity.nextcloud import Nextcloud, nextcloud
from tests.simulators.identity.asking import Program

CONTACTS = f"{PREFIX}contacts.readonly"
CALENDAR = f"{PREFIX}calendar.readonly"
GMAIL = f"{PREFIX}gmail.readonly"


@pytest.fixture
def at_google() -> Iterator[Google]:
    with google() as provider:
        yield provider


@pytest.fixture
def at_dropbox() -> Iterator[Dropbox]:
    with dropbox() as provider:
        yield provider


@pytest.fixture
def at_generic() -> Iterator[Generic]:
    with generic() as provider:
        yield provider


@pytest.fixture
def at_infomaniak() -> Iterator[Infomaniak]:
    with infomaniak() as provider:
        yield provider


@pytest.fixture
def at_nextcloud() -> Iterator[Nextcloud]:
    with nextcloud() as provider:
        yield provider


def google_program(provider: Google, *, client: int = 0, scope: str = CONTACTS, **extra: str) -> Program:
    """Return the program of the client with this number, asking as Wherry does: offline, always with consent."""
    known = list(provider.book.clients.values())[client]
    said = {"access_type": "offline", "prompt": "consent", **extra}
    redirect = known.redirects[0] if known.redirects else "http://127.0.0.1:49152/callback"
    return Program(provider, known, scope, said, redirect)


@pytest.fixture(params=["dropbox", "generic", "google", "infomaniak"])
def program(request: pytest.FixtureRequest) -> Program:
    """Return a program at each provider with an authorization page; it asks for a refresh token."""
    provider = request.getfixturevalue(f"at_{request.param}")
    extra = {
        "dropbox": {"token_access_type": "offline"},
        "google": {"access_type": "offline", "prompt": "consent"},
        "infomaniak": {"access_type": "offline"},
    }
    scope = {"dropbox": "files.metadata.read", "generic": "calendars", "google": CONTACTS}
    return Program(provider, provider.client, scope.get(request.param, ""), dict(extra.get(request.param, {})))
