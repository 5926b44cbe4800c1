"""Hands behind the stand-in for Google, and short ways to ask the connectors."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from connectors.base import Change, ChangePage, Context, Endpoint, Kind
from connectors.google.calendar import Calendars
from connectors.google.contacts import Contacts
from connectors.guard import Guard
from connectors.http import Http
from connectors.retry import RetryPolicy
from oauth.authorizers import Bearer
from oauth.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping

    from connectors.base import Collection, Connector, Cursor, Source
    from simulators.google import Service

OPENED: list[Http] = []
"""Transports to be closed when the test at hand is over."""

HOME = Guard(allow_private=True, allow_http=True)
QUICK = RetryPolicy(attempts=3, first=0.01, most=0.02, total=20, patience=3)
HASTY = RetryPolicy(attempts=2, first=0.01, most=0.01, total=0.1, patience=0.1)
CONTACTS = ("contacts.readonly",)
CALENDAR = ("calendar.calendarlist.readonly", "calendar.events.readonly")
START = {"start": {"dateTime": "2026-03-01T09:00:00Z"}, "end": {"dateTime": "2026-03-01T10:00:00Z"}}


def transport(url: str, token: str, **options: Any) -> Http:
    """Return a transport that may talk to loopback and does not wait long; the token goes to *url* only."""
    given = {"guard": HOME, "retry": QUICK, "authorizer": Bearer(Secret(token), to=[url]), **options}
    OPENED.append(Http(**given))
    return OPENED[-1]


def context(
    http: Http,
    *,
    stop: Callable[[], bool] = lambda: False,
    learned: MutableMapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> Context:
    """Return what the engine would lend."""
    memory = {} if learned is None else learned
    return Context(http, stop=stop, clock=clock, log=logging.getLogger("connectors.google"), learned=memory)


def contacts(
    server: Service, *, scopes: tuple[str, ...] = CONTACTS, retry: RetryPolicy = QUICK, **options: str
) -> Contacts:
    """Open the contacts of the stand-in's first account."""
    http = transport(server.url, server.token(*scopes), retry=retry)
    return Contacts(_endpoint("google-contacts", server, options), context(http))


def calendars(
    server: Service, *, scopes: tuple[str, ...] = CALENDAR, retry: RetryPolicy = QUICK, **options: str
) -> Calendars:
    """Open the calendars of the stand-in's first account."""
    http = transport(server.url, server.token(*scopes), retry=retry)
    return Calendars(_endpoint("google-calendar", server, options), context(http))


def _endpoint(kind: str, server: Service, options: Mapping[str, str]) -> Endpoint:
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return Endpoint(kind, account="ana", url=server.url, options=named)


@dataclass(slots=True)
class Listed:
    """The pages of one ``changes`` call, summed up."""

    pages: list[ChangePage] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        return [change for page in self.pages for change in page.changes]

    @property
    def present(self) -> dict[str, Change]:
        return {each.ref.id: each for each in self.changes if not each.gone and each.problem is None}

    @property
    def gone(self) -> set[str]:
        return {each.ref.id for each in self.changes if each.gone}

    @property
    def cursor(self) -> Cursor:
        found = self.pages[-1].cursor
        assert found is not None
        return found

    def documents(self) -> dict[str, Any]:
        """Return the bodies, read, by id."""
        return {id_: json.loads(each.item.body) for id_, each in self.present.items() if each.item is not None}


def listed(place: Source, collection: Collection, cursor: Cursor | None = None) -> Listed:
    """Ask for changes, up to the last page."""
    found = Listed(list(place.changes(collection, cursor)))
    assert found.pages[-1].last
    return found


def only(place: Source, name: str = "") -> Collection:
    """Return the first collection, or the one called *name*."""
    return next(each for each in place.collections() if not name or name in {each.id, each.name})


@dataclass(slots=True)
class ContactsBackstage:
    """The contacts of the stand-in, which has one list of them."""

    server: Service
    connector: Connector = Contacts
    endpoint: Endpoint = field(init=False)

    def __post_init__(self) -> None:
        self.endpoint = _endpoint("google-contacts", self.server, {})

    def create(self, kind: Kind) -> str:
        assert kind is Kind.CONTACT
        return "contacts"

    def add(self, collection: str, name: str, body: bytes) -> str:
        del collection, name
        return self.server.account.add_person(**json.loads(body))

    def change(self, collection: str, item: str, body: bytes) -> None:
        del collection
        self.server.account.edit_person(item, **json.loads(body))

    def delete(self, collection: str, item: str) -> None:
        del collection
        self.server.account.delete_person(item)

    def bodies(self, collection: str) -> dict[str, bytes]:
        """Return people documents made without the connector: see ``mappings/mediatypes.py``."""
        del collection
        account = self.server.account
        return {row.name: person_document(account, row.item, {}) for row in account.people.walk() if row.item}


def person_document(account: Any, person: Any, pictures: Any) -> bytes:
    """Return what the item of *person* has to be, made of what the stand-in keeps."""
    person = {key: value for key, value in person.items() if key != "fileAses"}  # kept, and never shown
    named = [each["contactGroupMembership"]["contactGroupResourceName"] for each in person["memberships"]]
    kept = ("resourceName", "name", "formattedName", "groupType", "clientData")
    groups = [account.groups.get(name) for name in named]
    shown = [{key: group[key] for key in kept if key in group} for group in groups]
    return _compact({"connections": [person], "contactGroups": shown, "photos": pictures})


def _compact(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@dataclass(slots=True)
class CalendarBackstage:
    """Calendars of the stand-in's first account, made for one test."""

    server: Service
    connector: Connector = Calendars
    endpoint: Endpoint = field(init=False)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.endpoint = _endpoint("google-calendar", self.server, {})

    def create(self, kind: Kind) -> str:
        assert kind is Kind.EVENT
        name = f"c_{next(self.numbers)}@group.calendar.google.com"
        self.server.account.add_calendar(name)
        return name

    def add(self, collection: str, name: str, body: bytes) -> str:
        del name
        return self.server.account.add_event(collection, **json.loads(body))

    def change(self, collection: str, item: str, body: bytes) -> None:
        self.server.account.edit_event(item, collection, **json.loads(body))

    def delete(self, collection: str, item: str) -> None:
        self.server.account.delete_event(item, collection)

    def bodies(self, collection: str) -> dict[str, bytes]:
        """Return Events resources of single events, made without the connector."""
        account = self.server.account
        entry = account.calendars.get(collection)
        assert entry is not None
        head = {name: entry[name] for name in ("summary", "timeZone", "accessRole", "defaultReminders")}
        walk = account.shelf(collection).walk()
        return {
            row.name: _compact({"kind": "calendar#events", **head, "items": [row.item]}) for row in walk if row.item
        }
