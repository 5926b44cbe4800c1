"""Both connectors keep what the port promises, against the stand-in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

import pytest

from connectors.base import Kind, Place
from connectors.google.calendar import Calendars
from connectors.google.contacts import Contacts
from connectors.testing import SourceSuite
from tests.connectors.google.behind import (
    CALENDAR,
    CONTACTS,
    START,
    CalendarBackstage,
    ContactsBackstage,
    context,
    transport,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.testing.bench import Backstage
    from simulators.google import Service


class TestContacts(SourceSuite):
    """Google Contacts."""

    kind: ClassVar[Kind] = Kind.CONTACT

    @pytest.fixture
    def backstage(self, server: Service) -> ContactsBackstage:
        return ContactsBackstage(server)

    def connect(self, backstage: Backstage, stop: Callable[[], bool] = lambda: False) -> Place:
        assert isinstance(backstage, ContactsBackstage)
        http = transport(backstage.server.url, backstage.server.token(*CONTACTS))
        return Contacts(backstage.endpoint, context(http, stop=stop))

    def make_named(self, uid: str, *, version: int = 0, size: int = 0) -> bytes:
        fields = {
            "names": [{"givenName": f"Version {version}"}],
            "externalIds": [{"value": uid, "type": "account"}],
            "biographies": [{"value": "wherry " * (size // 7 + 1)}],
        }
        return json.dumps(fields).encode()


class TestCalendars(SourceSuite):
    """Google Calendar."""

    kind: ClassVar[Kind] = Kind.EVENT

    @pytest.fixture
    def backstage(self, server: Service) -> CalendarBackstage:
        return CalendarBackstage(server)

    def connect(self, backstage: Backstage, stop: Callable[[], bool] = lambda: False) -> Place:
        assert isinstance(backstage, CalendarBackstage)
        http = transport(backstage.server.url, backstage.server.token(*CALENDAR))
        return Calendars(backstage.endpoint, context(http, stop=stop))

    def make_named(self, uid: str, *, version: int = 0, size: int = 0) -> bytes:
        said = {"summary": f"Version {version}", "iCalUID": uid, "description": "wherry " * (size // 7 + 1), **START}
        return json.dumps(said).encode()
