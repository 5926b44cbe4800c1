"""Series as items: whatever order their events come in."""

from __future__ import annotations

import json
from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Failed, Item, ItemRef
from connectors.errors import Vanished
from connectors.google import series
from connectors.google.answers import text
from connectors.google.store import Store
from simulators.google import google
from tests.connectors.google.behind import START, calendars, listed, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google import Service

WEEKLY = {"recurrence": ["RRULE:FREQ=WEEKLY"], **START}
SECOND = {"dateTime": "2026-03-08T09:00:00Z"}
THIRD = {"dateTime": "2026-03-15T09:00:00Z"}


def moved(server: Service, master: str, original: dict[str, str] = SECOND, **fields: object) -> str:
    """Move one occurrence of a series, and return its id."""
    name = f"{master}_{original['dateTime'].replace('-', '').replace(':', '')}"
    said = {"summary": "moved", **START, "recurringEventId": master, "originalStartTime": original, **fields}
    return server.account.add_event("primary", id=name, iCalUID=f"{master}@google.com", **said)


@pytest.fixture(scope="module")
def full() -> Iterator[Service]:
    """Run the stand-in with all kinds of events, many times over. Nobody changes it."""
    with google(people=0, events=1000, seed=5) as service:
        yield service


def test_every_event_of_every_kind_is_in_one_item(full: Service) -> None:
    place = calendars(full)
    for collection in place.collections():
        if collection.problem is not None:
            continue
        documents = listed(place, collection).documents()
        shown = Counter(event["id"] for document in documents.values() for event in document["items"])
        kept = [row.item for row in full.account.shelf(collection.id).walk() if row.item]
        assert shown == Counter(event["id"] for event in kept)
        assert set(documents) == {event.get("recurringEventId", event["id"]) for event in kept}


def test_the_envelope_is_the_calendars_without_what_changes_by_itself(full: Service) -> None:
    place = calendars(full)
    documents = listed(place, only(place)).documents()
    keys = {frozenset(document) for document in documents.values()}
    assert keys == {frozenset({"kind", "summary", "timeZone", "accessRole", "defaultReminders", "items"})}
    assert {document["kind"] for document in documents.values()} == {"calendar#events"}
    assert {document["timeZone"] for document in documents.values()} == {"Europe/Zurich"}


def test_case_80_a_moved_instance_comes_with_its_original_start(server: Service) -> None:
    master = server.account.add_event("primary", summary="weekly", **WEEKLY)
    instance = moved(server, master)
    place = calendars(server)
    documents = listed(place, only(place)).documents()
    assert set(documents) == {master}
    first, second = documents[master]["items"]
    assert (first["id"], second["id"]) == (master, instance)
    assert second["originalStartTime"] == SECOND


def test_case_81_an_instance_before_its_master_is_held_and_joined(full: Service) -> None:
    """Rows 2 and 3 of the stand-in's twenty stand before their masters, some a page apart."""
    rows = [row.item for row in full.account.shelf("primary").walk() if row.item]
    place = {event["id"]: at for at, event in enumerate(rows)}
    early = [
        event
        for event in rows
        if event.get("recurringEventId") in place and place[event["id"]] < place[event["recurringEventId"]]
    ]
    assert len(early) > 10
    source = calendars(full)
    documents = listed(source, only(source)).documents()
    for event in early:
        ids = [each["id"] for each in documents[event["recurringEventId"]]["items"]]
        assert ids[0] == event["recurringEventId"]
        assert event["id"] in ids


def test_case_81_pages_of_one_event_make_the_same_items(full: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    place = calendars(full)
    whole = listed(place, only(place))
    monkeypatch.setattr("connectors.google.listing.PAGE", 7)
    small = listed(calendars(full), only(place))
    assert {each.ref: each.item for each in small.changes} == {each.ref: each.item for each in whole.changes}


def test_case_82_a_cancelled_instance_stays_in_its_series(server: Service) -> None:
    master = server.account.add_event("primary", summary="weekly", **WEEKLY)
    cancelled = server.account.cancel_instance(master, SECOND)
    place = calendars(server)
    (document,) = listed(place, only(place)).documents().values()
    assert [each["id"] for each in document["items"]] == [master, cancelled]
    assert document["items"][1]["status"] == "cancelled"
    assert document["items"][1]["originalStartTime"] == SECOND


def test_case_84_instances_without_a_master_are_an_item(server: Service) -> None:
    """Invited to one instance only: the master answers 404, the item is there and can be fetched by its id."""
    instance = moved(server, "elsewhere0000000000")
    place = calendars(server)
    home = only(place)
    documents = listed(place, home).documents()
    assert [each["id"] for each in documents["elsewhere0000000000"]["items"]] == [instance]
    again = list(calendars(server).fetch(home, [ItemRef("elsewhere0000000000")]))
    (answer,) = again
    assert isinstance(answer, Item)
    assert json.loads(answer.body) == documents["elsewhere0000000000"]


def test_case_84_two_instances_of_one_series_are_one_item(server: Service) -> None:
    first, second = moved(server, "elsewhere0000000000"), moved(server, "elsewhere0000000000", THIRD)
    place = calendars(server)
    (document,) = listed(place, only(place)).documents().values()
    assert [each["id"] for each in document["items"]] == [first, second]


def test_case_84_cancelled_instances_alone_are_nothing(server: Service) -> None:
    server.account.cancel_instance("elsewhere0000000000", SECOND)
    place = calendars(server)
    home = only(place)
    assert listed(place, home).changes == []
    assert list(place.inventory(home)) == []
    (answer,) = place.fetch(home, [ItemRef("elsewhere0000000000")])
    assert isinstance(answer, Failed)
    assert isinstance(answer.error, Vanished)


def test_case_85_a_split_series_is_two_items(full: Service) -> None:
    place = calendars(full)
    documents = listed(place, only(place)).documents()
    second = [id_ for id_ in documents if "_R" in id_]
    assert second
    for id_ in second:
        first = documents[id_.partition("_")[0]]
        uids = {first["items"][0]["iCalUID"], documents[id_]["items"][0]["iCalUID"]}
        assert len(uids) == 2


def test_case_117_a_calendar_holds_events_and_nothing_else(full: Service) -> None:
    """Google keeps no VTODO and no VJOURNAL here: what a calendar may hold says so."""
    assert {each.components for each in calendars(full).collections()} == {frozenset({"VEVENT"})}


def test_case_119_one_uid_in_two_calendars_is_two_items(server: Service) -> None:
    homes = ("ana@example.org", "second@group.calendar.google.com")
    server.account.add_calendar(homes[1])
    for home in homes:
        server.account.add_event(home, id="same0000", iCalUID="one@example.org", summary=f"in {home}", **START)
    place = calendars(server)
    found = [listed(place, only(place, home)).documents() for home in homes]
    assert [set(each) for each in found] == [{"same0000"}, {"same0000"}]
    assert [each["same0000"]["items"][0]["summary"] for each in found] == [f"in {home}" for home in homes]


def test_an_item_is_called_as_its_master_is(server: Service) -> None:
    master = server.account.add_event("primary", summary="weekly / review", **WEEKLY)
    moved(server, master)
    place = calendars(server)
    change = listed(place, only(place)).present[master]
    assert change.item is not None
    assert change.item.name == "weekly / review"


MEMBERS: list[dict[str, Any]] = [
    {"id": "m", "etag": '"1"', "recurrence": ["RRULE:FREQ=DAILY"], "summary": "m"},
    {"id": "m_3", "etag": '"2"', "recurringEventId": "m", "originalStartTime": {"date": "2026-03-03"}},
    {"id": "m_1", "etag": '"3"', "recurringEventId": "m", "originalStartTime": {"dateTime": "2026-03-03T01:00+05:00"}},
    {"id": "m_2", "etag": '"4"', "recurringEventId": "m", "originalStartTime": {"dateTime": "2026-03-02T21:00:00Z"}},
    {"id": "m_x", "etag": '"5"', "recurringEventId": "m", "originalStartTime": {"dateTime": "nonsense"}},
]  # fmt: skip


def test_members_stand_in_one_order_however_they_came() -> None:
    bodies = {series.body(each, {"summary": "c"}) for each in permutations(MEMBERS)}
    assert len(bodies) == 1
    items = json.loads(bodies.pop())["items"]
    assert [each["id"] for each in items] == ["m", "m_1", "m_2", "m_3", "m_x"]


@given(at=st.integers(0, 4), head=st.booleans())
def test_a_revision_changes_with_any_member_and_with_the_calendar(at: int, head: bool) -> None:
    pairs = [(each["id"], each["etag"]) for each in MEMBERS]
    before = series.revision(pairs, {"timeZone": "UTC"})
    assert before == series.revision(reversed(pairs), {"timeZone": "UTC"})
    if head:
        assert series.revision(pairs, {"timeZone": "Europe/Zurich"}) != before
    else:
        other = [(id_, etag + ("x" if at == number else "")) for number, (id_, etag) in enumerate(pairs)]
        assert series.revision(other, {"timeZone": "UTC"}) != before


def _modelled(model: dict[str, dict[str, Any]]) -> tuple[dict[str, list[str]], set[str]]:
    """Return what counts of each series that takes place, and which of them are more than a single event."""
    families: dict[str, list[dict[str, Any]]] = {}
    for event in model.values():
        families.setdefault(event.get("recurringEventId", event["id"]), []).append(event)
    shown, several = dict[str, list[str]](), set[str]()
    for id_, members in families.items():
        living = [each for each in members if each["status"] == "confirmed"]
        alone = [each for each in members if series.is_single(each)]
        if living:
            shown[id_] = sorted(each["id"] for each in (living if alone else members))
        if living and (not alone or [each for each in living if each not in alone]):
            several.add(id_)
    return shown, several


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(["", "", "a", "b"]), st.integers(0, 3), st.booleans(), st.booleans()
        ),
        max_size=30,
    )
)
def test_the_store_is_a_table_of_the_newest(rows: list[tuple[str, str, int, bool, bool]]) -> None:
    store, model = Store(), dict[str, dict[str, Any]]()
    for id_, master, etag, live, repeats in rows:
        event: dict[str, Any] = {"id": id_, "etag": f'"{etag}"', "status": "confirmed" if live else "cancelled"}
        if master:
            event["recurringEventId"] = master
        elif repeats:
            event["recurrence"] = ["RRULE:FREQ=DAILY"]
        new = id_ not in model or model[id_]["etag"] != event["etag"]
        assert store.put(event) is new
        if new:
            model[id_] = event
    shown, several = _modelled(model)
    assert {id_: sorted(each for each, _ in pairs) for id_, pairs in store.refs()} == shown
    assert set(store.kept_series()) == several
    every = {event.get("recurringEventId", event["id"]) for event in model.values()}
    assert {
        id_: sorted(text(each, "id") for each in store.members(id_)) for id_ in every if store.members(id_)
    } == shown
    store.close()
    store.close()


def test_what_does_not_repeat_any_more_has_no_cancelled_instances(server: Service) -> None:
    """Google tells of them once more as cancelled; a fresh listing does not show them at all."""
    name = server.account.add_event("primary", summary="weekly", **WEEKLY)
    place = calendars(server)
    home = only(place)
    server.account.cancel_instance(name, {"dateTime": "2026-03-09T09:00:00Z"})
    before = listed(place, home)
    server.account.edit_event(name, recurrence=None)
    after = listed(place, home, before.cursor)
    fresh = {each.ref.id: each for each in listed(calendars(server), home).changes}
    (last,) = [each for each in after.changes if each.ref.id == name][-1:]
    assert last.item is not None
    assert fresh[name].item == last.item
    assert b"cancelled" not in last.item.body
    assert [ref for ref in place.inventory(home) if ref.id == name] == [last.ref]


def test_half_a_surrogate_pair_does_no_harm(server: Service) -> None:
    """JSON can say what UTF-8 cannot (RFC 8259 section 8.2)."""
    name = server.account.add_event("primary", summary="weekly", **WEEKLY)
    store = Store()
    store.put({"id": "odd\ud800", "etag": '"1"', "recurringEventId": name, "summary": "\udfff"})
    assert store.members(name)[0]["summary"] == "\udfff"
    store.close()
    body = series.body([{"id": "a", "summary": "half \ud800"}], {})
    assert json.loads(body)["items"][0]["summary"] == "half \ud800"
    assert body.isascii()
