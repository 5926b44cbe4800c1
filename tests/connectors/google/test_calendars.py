"""The calendars of an account: every one is shown, and what cannot be read is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Endpoint, Kind
from connectors.errors import CollectionGone, ConfigError, ItemRejected, ScopeMissing
from connectors.google import calendars as shelf
from connectors.google.calendar import Calendars
from simulators.google import google
from tests.connectors.google.behind import CALENDAR, START, calendars, context, listed, only, transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google import Service

OWN = ("calendar.calendarlist.readonly", "calendar.events.owned.readonly")


@pytest.fixture(scope="module")
def full() -> Iterator[Service]:
    """Run the stand-in with the five calendars of its first account. Nobody changes it."""
    with google(people=0, events=100) as service:
        yield service


def test_every_calendar_is_there_hidden_ones_as_well(full: Service) -> None:
    found = list(calendars(full).collections())
    assert {each.id for each in found} == set(full.account.events)
    assert len({each.id for each in found}) == 5
    assert "Hidden" in {each.name for each in found}
    assert all(each.kind is Kind.EVENT and not each.writable for each in found)
    assert {each.components for each in found} == {frozenset({"VEVENT"})}


def test_calendars_are_called_as_the_user_calls_them(full: Service) -> None:
    found = {each.name: each for each in calendars(full).collections()}
    override = found["עברית override"]
    assert (override.timezone, override.description, override.colour) == ("Asia/Kolkata", "Read, only", "#9fe1e7")
    assert "Shared/with me\\" not in found


def test_a_calendar_that_shows_busy_times_only_is_a_problem_and_is_not_missing(full: Service) -> None:
    (busy,) = [each for each in calendars(full).collections() if each.problem is not None]
    assert busy.name == "someone.else@example.org"
    assert isinstance(busy.problem, ItemRejected)
    assert busy.problem.code == "free-busy-only"


def test_access_to_own_calendars_reports_the_others(full: Service) -> None:
    place = calendars(full, scopes=OWN, owned_only="yes")
    found = list(place.collections())
    refused = {each.name: each.problem for each in found if isinstance(each.problem, ScopeMissing)}
    assert set(refused) == {"עברית override"}
    for each in found:
        if each.problem is None:
            assert listed(place, each).present


def test_a_scope_that_does_not_reach_a_calendar_is_named(full: Service) -> None:
    place = calendars(full, scopes=OWN)
    with pytest.raises(ScopeMissing) as missing:
        listed(place, only(place, "עברית override"))
    assert "calendar.events.readonly" in missing.value.scope


@pytest.mark.parametrize("path", ["ana@example.org", "primary"])
def test_a_calendar_is_chosen_by_id_or_as_the_first_one(full: Service, path: str) -> None:
    http = transport(full.url, full.token(*CALENDAR))
    place = Calendars(Endpoint("google-calendar", url=full.url, path=path), context(http))
    assert [each.id for each in place.collections()] == ["ana@example.org"]


def test_a_calendar_is_chosen_by_name_and_kinds_narrow(full: Service) -> None:
    http = transport(full.url, full.token(*CALENDAR))
    named = Calendars(Endpoint("google-calendar", url=full.url, path="Hidden"), context(http))
    assert [each.name for each in named.collections()] == ["Hidden"]
    none = Calendars(Endpoint("google-calendar", url=full.url, kinds=frozenset({Kind.CONTACT})), context(http))
    assert list(none.collections()) == []


def test_the_account_is_called_by_its_address(full: Service) -> None:
    account = calendars(full).check()
    assert (account.name, account.writable) == ("ana@example.org", False)


def test_many_calendars_come_in_pages(server: Service) -> None:
    for number in range(300):
        server.account.add_calendar(f"c_{number}@group.calendar.google.com", summary=f"Calendar {number}")
    found = list(calendars(server).collections())
    assert len({each.id for each in found}) == 305
    assert server.calls["calendar.calendarList.list"] == 2


@pytest.mark.parametrize("id_", ["", ".", "..", "a\nb", "a\0b", "x" * 1025])
def test_an_id_that_means_another_path_is_a_problem(id_: str) -> None:
    entry: dict[str, Any] = {"id": id_, "accessRole": "owner", "summary": "Odd"}
    assert isinstance(shelf.collection(entry, owned=False).problem, ItemRejected)


@pytest.mark.parametrize("id_", ["a/b", "a b", "ümlaut@x", "%2e%2e", "a@group.v.calendar.google.com"])
def test_other_ids_are_asked_for_as_they_are(server: Service, id_: str) -> None:
    server.account.add_calendar(id_)
    server.account.add_event(id_, summary="here", **START)
    place = calendars(server)
    (document,) = listed(place, only(place, id_)).documents().values()
    assert document["items"][0]["summary"] == "here"


def test_a_calendar_nobody_knows_is_gone(server: Service) -> None:
    server.account.add_calendar("c_1@x")
    place = calendars(server)
    collection = only(place, "c_1@x")
    server.account.remove_calendar("c_1@x")
    with pytest.raises(CollectionGone):
        listed(place, collection)
    with pytest.raises(CollectionGone):
        list(place.inventory(collection))


@pytest.mark.parametrize("name", ["owned-only", "hidden-invitations"])
def test_an_option_is_yes_or_no(server: Service, name: str) -> None:
    http = transport(server.url, "x")
    with pytest.raises(ConfigError, match=name):
        Calendars(Endpoint("google-calendar", url=server.url, options={name: "maybe"}), context(http))


def test_hidden_invitations_are_asked_for_on_request() -> None:
    http = transport("http://127.0.0.1:1", "x")
    for said, expected in (("yes", True), ("no", False)):
        place = Calendars(Endpoint("google-calendar", options={"hidden-invitations": said}), context(http))
        listing = place._listing(shelf.collection({"id": "a", "accessRole": "owner"}, owned=False))
        assert ("showHiddenInvitations" in listing._more) is expected


def test_the_manifest_promises_reading_only() -> None:
    said = Calendars.manifest
    assert said.id == "google-calendar"
    assert said.reads == {Kind.EVENT}
    assert not said.writes
