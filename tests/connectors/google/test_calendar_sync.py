"""Following a calendar: what is asked, and what is said of each series."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectors.base import Failed, Item, ItemRef
from connectors.errors import CursorExpired, Vanished
from simulators.google import google
from tests.connectors.google.behind import START, calendars, listed, only
from tests.connectors.google.test_series import SECOND, THIRD, WEEKLY, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.base import Collection, Cursor
    from simulators.google import Service
    from tests.connectors.google.behind import Listed


@pytest.fixture
def followed(server: Service) -> Callable[[], tuple[Collection, Cursor]]:
    """Return a calendar and a cursor at its present state."""

    def now() -> tuple[Collection, Cursor]:
        place = calendars(server)
        home = only(place)
        return home, listed(place, home).cursor

    return now


def since(server: Service, at: tuple[Collection, Cursor]) -> Listed:
    """List what changed, as a new process would, and forget what was counted before."""
    server.calls.clear()
    return listed(calendars(server), at[0], at[1])


def test_a_run_without_news_asks_one_question(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    server.account.add_event("primary", summary="x", **START)
    again = since(server, followed())
    assert again.changes == []
    assert dict(server.calls) == {"calendar.events.list": 1}


def test_single_events_come_with_the_answer(server: Service, followed: Callable[[], tuple[Collection, Cursor]]) -> None:
    kept, edited, deleted = (server.account.add_event("primary", summary=f"{n}", **START) for n in range(3))
    at = followed()
    server.account.edit_event(edited, summary="edited")
    server.account.delete_event(deleted)
    added = server.account.add_event("primary", summary="added", **START)
    again = since(server, at)
    assert set(again.present) == {edited, added}
    assert again.gone == {deleted}
    assert again.documents()[edited]["items"][0]["summary"] == "edited"
    assert kept not in again.present
    assert dict(server.calls) == {"calendar.events.list": 1}
    assert not again.pages[0].listing


def test_case_82_a_cancelled_instance_changes_its_series(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    master = server.account.add_event("primary", summary="weekly", **WEEKLY)
    earlier = server.account.cancel_instance(master, THIRD)
    at = followed()
    cancelled = server.account.cancel_instance(master, SECOND)
    again = since(server, at)
    assert not again.gone
    items = again.documents()[master]["items"]
    assert [each["id"] for each in items] == [master, cancelled, earlier], "those cancelled before are kept"


def test_case_81_82_a_series_is_read_again_once(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    masters = [server.account.add_event("primary", summary=f"{n}", **WEEKLY) for n in range(5)]
    at = followed()
    for master in masters[:3]:
        moved(server, master)
        moved(server, master, THIRD)
        server.account.edit_event(master, summary="new")
    again = since(server, at)
    assert set(again.present) == set(masters[:3])
    assert len(again.changes) == 3
    assert all(len(document["items"]) == 3 for document in again.documents().values())
    assert dict(server.calls) == {"calendar.events.list": 2}


def test_case_83_a_deleted_master_takes_its_exceptions_along(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    master = server.account.add_event("primary", summary="weekly", **WEEKLY)
    moved(server, master)
    server.account.cancel_instance(master, THIRD)
    at = followed()
    server.account.delete_event(master)
    again = since(server, at)
    assert again.gone == {master}
    assert not again.present
    assert dict(server.calls) == {"calendar.events.list": 1}


def test_case_83_its_second_witness_agrees(server: Service, followed: Callable[[], tuple[Collection, Cursor]]) -> None:
    master = server.account.add_event("primary", summary="weekly", **WEEKLY)
    single = server.account.add_event("primary", summary="single", **START)
    moved(server, master)
    home, _ = followed()
    for each in (master, single):
        server.account.delete_event(each)
    answers = list(calendars(server).fetch(home, [ItemRef(master), ItemRef(single), ItemRef("neverthere")]))
    assert {each.ref.id for each in answers if isinstance(each, Failed) and isinstance(each.error, Vanished)} == {
        master,
        single,
        "neverthere",
    }


def test_the_witness_of_one_deleted_event_is_one_request(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    single = server.account.add_event("primary", summary="single", **START)
    home, _ = followed()
    server.account.delete_event(single)
    server.calls.clear()
    (answer,) = calendars(server).fetch(home, [ItemRef(single)])
    assert isinstance(answer, Failed)
    assert dict(server.calls) == {"calendar.events.get": 1}


def test_case_83_an_instance_told_to_live_outlives_its_master(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    """The user leaves the series and stays invited to one instance of it."""
    master = server.account.add_event("primary", summary="weekly", **WEEKLY)
    at = followed()
    server.account.delete_event(master)
    instance = moved(server, master)
    again = since(server, at)
    assert not again.gone
    assert [each["id"] for each in again.documents()[master]["items"]] == [instance]


def test_case_84_an_orphan_that_is_cancelled_is_gone(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    moved(server, "elsewhere0000000000")
    at = followed()
    server.account.cancel_instance("elsewhere0000000000", SECOND)
    again = since(server, at)
    assert again.gone == {"elsewhere0000000000"}


def test_case_84_an_orphan_whose_master_appears_keeps_its_id(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    instance = moved(server, "elsewhere0000000000")
    at = followed()
    server.account.add_event("primary", id="elsewhere0000000000", summary="now all of it", **WEEKLY)
    again = since(server, at)
    assert not again.gone
    items = again.documents()["elsewhere0000000000"]["items"]
    assert [each["id"] for each in items] == ["elsewhere0000000000", instance]


def test_a_single_event_that_becomes_a_series_keeps_its_id(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    event = server.account.add_event("primary", summary="once", **START)
    at = followed()
    server.account.edit_event(event, recurrence=["RRULE:FREQ=DAILY"])
    again = since(server, at)
    assert set(again.present) == {event}
    server.account.edit_event(event, recurrence=None)
    last = since(server, (at[0], again.cursor))
    assert "recurrence" not in last.documents()[event]["items"][0]


def test_an_expired_token_is_said_and_deletes_nothing(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]]
) -> None:
    server.account.add_event("primary", summary="x", **START)
    home, cursor = followed()
    server.expire_sync_tokens()
    with pytest.raises(CursorExpired):
        listed(calendars(server), home, cursor)
    fresh = listed(calendars(server), home)
    assert fresh.pages[0].listing
    assert len(fresh.present) == 1
    assert not fresh.gone


@pytest.mark.parametrize(
    "fields",
    [
        {"summary": "Another name"},
        {"timeZone": "Asia/Tokyo"},
        {"defaultReminders": [{"method": "popup", "minutes": 3}]},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_every_event_holds_of_its_calendar_makes_all_of_them_new(
    server: Service, followed: Callable[[], tuple[Collection, Cursor]], fields: dict[str, object]
) -> None:
    """Default reminders are in no event, and no event changes with them."""
    event = server.account.add_event("primary", summary="x", **START)
    home, cursor = followed()
    before = listed(calendars(server), home).present[event].ref
    server.account.edit_calendar(server.account.user, **fields)
    with pytest.raises(CursorExpired):
        listed(calendars(server), home, cursor)
    after = listed(calendars(server), home).present[event].ref
    assert after != before


@pytest.fixture
def full() -> Iterator[Service]:
    """Run the stand-in with all kinds of events."""
    with google(people=0, events=400, seed=9) as service:
        yield service


def test_fetching_everything_lists_once_and_then_follows(full: Service) -> None:
    place = calendars(full)
    home = only(place)
    found = listed(place, home)
    refs = [each.ref for each in found.changes]
    full.calls.clear()
    got: dict[str, Item | Failed] = {}
    for at in range(0, len(refs), 20):
        got |= {each.ref.id: each for each in place.fetch(home, refs[at : at + 20])}
    assert got == {each.ref.id: each.item for each in found.changes}
    assert full.calls["calendar.events.list"] == len(range(0, len(refs), 20))
    assert full.calls["calendar.events.get"] == 0


def test_what_is_at_hand_is_never_old(full: Service) -> None:
    place = calendars(full)
    home = only(place)
    refs = [each.ref for each in listed(place, home).changes]
    list(place.fetch(home, refs))
    single = full.account.add_event("primary", summary="new", **START)
    full.account.edit_event(single, summary="newer")
    gone = next(ref.id for ref in refs if full.account.shelf("primary").get(ref.id))
    full.account.delete_event(gone)
    got = {each.ref.id: each for each in place.fetch(home, [*refs, ItemRef(single)])}
    assert isinstance(got[gone], Failed)
    new = got[single]
    assert isinstance(new, Item)
    assert json.loads(new.body)["items"][0]["summary"] == "newer"
    full.expire_sync_tokens()
    again = {each.ref.id: each for each in place.fetch(home, [*refs, ItemRef(single)])}
    assert again[single] == new


def test_the_inventory_is_light_and_the_same(full: Service) -> None:
    place = calendars(full)
    for home in place.collections():
        if home.problem is not None:
            continue
        full.bytes.clear()
        found = listed(place, home)
        heavy = full.bytes["calendar.events.list"]
        full.bytes.clear()
        assert sorted(place.inventory(home), key=str) == sorted((each.ref for each in found.changes), key=str)
        assert full.bytes["calendar.events.list"] < heavy / 4


def test_after_a_crash_items_are_had_by_their_ids(full: Service) -> None:
    """Ids the ledger kept, of every kind of item, in a process that listed nothing."""
    place = calendars(full)
    home = only(place)
    found = listed(place, home)
    for ref in (each.ref for each in found.changes[:12]):
        (answer,) = calendars(full).fetch(home, [ref])
        assert answer == found.present[ref.id].item
    orphans = [id_ for id_, each in found.documents().items() if all(e.get("recurringEventId") for e in each["items"])]
    assert orphans
    (answer,) = calendars(full).fetch(home, [ItemRef(orphans[0])])
    assert answer == found.present[orphans[0]].item
