"""What the manifests say is what is done: computed from the discovery documents, and from what was asked."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from connectors.google import hosts, quota
from connectors.google.calendar import Calendars
from connectors.google.client import discovery
from connectors.google.contacts import Contacts
from connectors.registry import EXTRAS, load, manifest
from oauth.scopes import job_minimum, scope
from simulators.google import google
from tests.connectors.google.behind import CONTACTS, calendars, contacts, listed, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Manifest, Source
    from simulators.google import Service

PREFIX = "https://www.googleapis.com/auth/"
MANIFESTS = {"people.v1": Contacts.manifest, "calendar.v3": Calendars.manifest}


def methods(document: str) -> dict[str, dict[str, Any]]:
    """Return all methods of a discovery document by their ids."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [discovery(document)]
    while waiting:
        part = waiting.pop()
        found |= {each["id"]: each for each in part.get("methods", {}).values()}
        waiting += part.get("resources", {}).values()
    return found


@pytest.fixture(params=sorted(MANIFESTS))
def said(request: pytest.FixtureRequest) -> tuple[Manifest, dict[str, dict[str, Any]]]:
    """Return each manifest with the methods of its API."""
    return MANIFESTS[request.param], methods(request.param)


def test_every_method_named_is_one_and_reads(said: tuple[Manifest, dict[str, dict[str, Any]]]) -> None:
    mine, there = said
    assert set(mine.methods) <= set(there)
    assert {there[each]["httpMethod"] for each in mine.methods} == {"GET"}


def test_every_method_is_opened_by_a_scope_named(said: tuple[Manifest, dict[str, dict[str, Any]]]) -> None:
    mine, there = said
    for each in mine.methods:
        assert set(there[each]["scopes"]) & set(mine.scopes), each


def test_no_scope_is_idle(said: tuple[Manifest, dict[str, dict[str, Any]]]) -> None:
    mine, there = said
    for each in mine.scopes:
        assert any(each in there[method]["scopes"] for method in mine.methods), each


def test_every_scope_only_reads_and_has_a_reason(said: tuple[Manifest, dict[str, dict[str, Any]]]) -> None:
    mine, _ = said
    for id_, reason in mine.scopes.items():
        assert reason
        assert id_.endswith("readonly")
        assert scope(id_, provider=hosts.PROVIDER).access == "read"


@pytest.mark.parametrize(
    ("job", "mine"),
    [
        ("google.contacts.import", Contacts.manifest),
        ("google.calendar.import.all", Calendars.manifest),
        ("google.calendar.import.own", Calendars.manifest),
    ],
)
def test_the_least_a_job_asks_for_opens_what_it_calls(job: str, mine: Manifest) -> None:
    minimum = job_minimum(job)
    assert set(minimum.scopes) - {"openid"} <= set(mine.scopes)
    there = methods("people.v1") | methods("calendar.v3")
    assert set(minimum.methods) <= set(mine.methods)
    assert set(mine.methods) - set(minimum.methods) <= {"people.otherContacts.list"}
    for each in minimum.methods:
        assert set(there[each]["scopes"]) & set(minimum.scopes), each


def test_hosts_are_those_of_the_documents() -> None:
    assert Contacts.manifest.hosts == ("people.googleapis.com", "*.googleusercontent.com")
    assert Calendars.manifest.hosts == ("www.googleapis.com",)
    for document, mine in MANIFESTS.items():
        assert discovery(document)["rootUrl"] == f"https://{mine.hosts[0]}/"


@pytest.mark.parametrize("api", sorted(quota.QUOTAS))
def test_quotas_have_figures_and_sources(api: str) -> None:
    mine = {"people": Contacts.manifest, "calendar": Calendars.manifest}[api]
    assert mine.quotas == quota.words(api)
    ((figure, source),) = mine.quotas.items()
    assert str(quota.QUOTAS[api].per_user) in figure
    assert source == quota.QUOTAS[api].source


@pytest.mark.parametrize("kind", ["google-contacts", "google-calendar"])
def test_the_registry_knows_them(kind: str) -> None:
    assert manifest(kind).id == kind
    assert EXTRAS[kind] == "google"
    assert callable(load(kind))


@pytest.fixture
def full() -> Iterator[Service]:
    """Run the stand-in with a bit of everything."""
    with google(people=60, events=120, groups=3, others=5) as service:
        yield service


def work(place: Source) -> None:
    """Do everything a source can do, twice."""
    place.check()
    for collection in place.collections():
        if collection.problem is not None:
            continue
        found = listed(place, collection)
        listed(place, collection, found.cursor)
        refs = [each.ref for each in found.changes]
        assert len(list(place.inventory(collection))) == len(refs)
        list(place.fetch(collection, refs))
        list(place.fetch(collection, refs[:2]))


def test_nothing_is_called_but_what_the_manifests_name(full: Service) -> None:
    work(contacts(full, scopes=(*CONTACTS, "contacts.other.readonly"), other_contacts="yes"))
    work(calendars(full))
    group = next(
        row.name for row in full.account.groups.walk() if row.item and row.item["groupType"].startswith("USER")
    )
    place = contacts(full)
    mark = listed(place, only(place)).cursor
    full.account.rename_group(group, "Another")
    listed(place, only(place), mark)
    named = {*Contacts.manifest.methods, *Calendars.manifest.methods}
    assert set(full.calls) == named | {"photos"}
    assert {status for _, status in full.answers} == {200}


@pytest.mark.parametrize("kind", ["contacts", "calendar"])
def test_air_gap_nobody_is_connected_to_but_the_configured_host(
    full: Service, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    asked: set[object] = set()
    looked_up: set[object] = set()
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        asked.add(address)
        connect(self, address)

    def looking_up(host: Any, *more: Any, **named: Any) -> Any:
        looked_up.add(host)
        return lookup(host, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    work(contacts(full) if kind == "contacts" else calendars(full))
    port = int(full.url.rpartition(":")[2].strip("/"))
    assert asked == {("127.0.0.1", port)}
    assert looked_up <= {"127.0.0.1"}
