"""Whatever happens to a calendar, following it gives what a fresh listing gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Item
from connectors.errors import CursorExpired
from simulators.google import google
from tests.connectors.google.behind import OPENED, START, calendars, listed, only

if TYPE_CHECKING:
    from connectors.base import Cursor, ItemRef
    from connectors.google.calendar import Calendars
    from simulators.google import Service

ACTS = (
    *("add", "add series", "add orphan", "edit", "move", "cancel", "delete", "repeat", "once"),
    *("reminders", "expire", "sync"),
)

EDITS: dict[str, dict[str, Any]] = {
    "once": {"recurrence": None},
    "repeat": {"recurrence": ["RRULE:FREQ=WEEKLY"]},
    "edit": {"summary": "edited"},
}


class Copy:
    """What an engine would hold of a calendar. *same* keeps one process open, which has a mirror at hand."""

    def __init__(self, server: Service, *, same: bool) -> None:
        self._server = server
        self._place: Calendars | None = calendars(server) if same else None
        self.bodies: dict[str, bytes] = {}
        self.refs: dict[str, ItemRef] = {}
        self._cursor: Cursor | None = None

    def follow(self) -> None:
        """Bring the copy up to date."""
        place = self._place or calendars(self._server)
        home = only(place)
        try:
            found = listed(place, home, self._cursor)
        except CursorExpired:
            found = listed(place, home)
        if found.pages[0].listing:
            self.bodies, self.refs = {}, {}
        for change in found.changes:
            assert change.problem is None
            if change.gone:
                self.bodies.pop(change.ref.id, None)
                self.refs.pop(change.ref.id, None)
            else:
                assert change.item is not None
                self.bodies[change.ref.id] = change.item.body
                self.refs[change.ref.id] = change.ref
        self._cursor = found.cursor


def act(server: Service, what: str, at: int) -> None:
    """Let something happen to the calendar or to one of its events."""
    account = server.account
    if what == "add":
        account.add_event("primary", summary=f"new {at}", **START)
    elif what == "add series":
        account.add_event("primary", summary=f"series {at}", recurrence=["RRULE:FREQ=DAILY"], **START)
    elif what == "add orphan":
        _instance(server, f"foreign{at % 3}0000000000", at)
    elif what == "expire":
        server.expire_sync_tokens()
    elif what == "reminders":
        account.edit_calendar(account.user, defaultReminders=[{"method": "popup", "minutes": at}])
    else:
        _change_one(server, what, at)


def _change_one(server: Service, what: str, at: int) -> None:
    account = server.account
    there = [row.item for row in account.shelf("primary").walk() if row.item]
    masters = [each["id"] for each in there if each.get("recurrence")]
    single = [each["id"] for each in there if not each.get("recurrence") and "recurringEventId" not in each]
    fit = {"repeat": single, "edit": masters + single, "delete": masters + single}.get(what, masters)
    if not fit:
        return
    chosen = fit[at % len(fit)]
    if what == "move":
        _instance(server, chosen, at)
    elif what == "cancel":
        account.cancel_instance(chosen, _planned(at))
    elif what == "delete":
        account.delete_event(chosen)
    else:
        account.edit_event(chosen, **EDITS[what])


def _planned(at: int) -> dict[str, str]:
    return {"dateTime": f"2026-03-{8 + at:02}T09:00:00Z"}


def _instance(server: Service, master: str, at: int) -> None:
    original = _planned(at)
    name = f"{master}_{original['dateTime'].replace('-', '').replace(':', '')}"
    fields: dict[str, Any] = {"recurringEventId": master, "originalStartTime": original, **START}
    server.account.add_event("primary", id=name, iCalUID=f"{master}@google.com", summary=f"moved {at}", **fields)


def check(server: Service, copy: Copy) -> None:
    """Compare a copy with a fresh listing, an inventory and what is fetched by id."""
    place = calendars(server)
    home = only(place)
    fresh = listed(place, home)
    assert copy.bodies == {each.ref.id: each.item.body for each in fresh.changes if each.item}
    assert copy.refs == {each.ref.id: each.ref for each in fresh.changes}
    assert set(place.inventory(home)) == set(copy.refs.values())
    fetched = {each.ref.id: each for each in place.fetch(home, list(copy.refs.values()))}
    assert {id_: each.body for id_, each in fetched.items() if isinstance(each, Item)} == copy.bodies
    for ref in list(copy.refs.values())[:2]:
        (answer,) = calendars(server).fetch(home, [ref])
        assert isinstance(answer, Item)
        assert answer.body == copy.bodies[ref.id]


@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), min_size=3, max_size=25), st.booleans())
@settings(max_examples=60, deadline=None)
def test_following_is_as_good_as_listing(acts: list[tuple[str, int]], same: bool) -> None:
    with google(people=0, events=10) as server:
        copy = Copy(server, same=same)
        copy.follow()
        for what, at in acts:
            if what == "sync":
                copy.follow()
            else:
                act(server, what, at)
        copy.follow()
        check(server, copy)
        while OPENED:
            OPENED.pop().close()


def test_every_act_does_something() -> None:
    with google(people=0, events=10) as server:
        for number, what in enumerate(each for each in ACTS if each not in {"sync", "expire"}):
            before = server.account.shelf("primary").number, server.account.calendars.number
            act(server, "add series", number)
            between = server.account.shelf("primary").number
            act(server, what, number)
            assert (server.account.shelf("primary").number, server.account.calendars.number) != (between, before[1]), (
                what
            )
