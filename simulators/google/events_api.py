"""The Calendar API's methods for events.

Behaviour is the discovery document's unless said otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.google.calendar_api import gone, restricted, role_of
from simulators.google.calling import Asked, Call, listed
from simulators.google.event_filters import Filter
from simulators.google.event_views import View, role, tombstone
from simulators.google.parameters import moment, number, text
from simulators.google.refusals import Refusal, not_found

if TYPE_CHECKING:
    from simulators.google.discovery import Json
    from simulators.google.shelf import Row

NOT_WITH_SYNC = (
    *(
        "iCalUID",
        "orderBy",
        "privateExtendedProperty",
        "q",
        "sharedExtendedProperty",
        "timeMin",
        "timeMax",
        "updatedMin",
    ),
)
NO_SYNC_AFTER = frozenset(
    {"iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin"}
)
"""With these no sync token comes. With timeMin and timeMax it does: the sync guide's own example does so."""


def list_(call: Call) -> Json:
    """calendar.events.list."""
    calendar = role_of(call)
    view = _view(call, calendar)
    restricted(call, NOT_WITH_SYNC, not_false=("showDeleted",))
    _check_times(call)
    size = number(call.said, call.method, "maxResults")
    free = frozenset({*NOT_WITH_SYNC, "showDeleted", "maxResults"}) if call.said.get("syncToken") else frozenset()
    shelf = call.account.events[calendar["id"]]
    asked = Asked(f"events {calendar['id']}", size, call.settings.calendar_token_life, gone(), Filter(call), free)
    found = listed(call, shelf, asked)
    items = [_row(row, view) for row in found.rows]
    return {**_head(calendar), **found.tokens(sync=not NO_SYNC_AFTER & set(call.said)), "items": items}


def _row(row: Row, view: View) -> Json:
    return tombstone(row.name, row.earlier) if row.item is None else view.event(row.item)


def _view(call: Call, calendar: Json) -> View:
    guests = call.said.get("maxAttendees")
    most = guests if isinstance(guests, int) else None
    return View(role(call.scopes, calendar["accessRole"]), zone=text(call.said, "timeZone"), guests=most)


def _head(calendar: Json) -> Json:
    said = {"kind": "calendar#events", "etag": '"p1"', "summary": calendar["summary"]}
    if "description" in calendar:
        said["description"] = calendar["description"]
    said |= {"updated": "2026-01-01T00:00:00.000Z", "timeZone": calendar["timeZone"]}
    return {**said, "accessRole": calendar["accessRole"], "defaultReminders": calendar["defaultReminders"]}


def _check_times(call: Call) -> None:
    """Refuse an empty range (GUIDE/errors), and an ``updatedMin`` before what is remembered."""
    low, high, since = (text(call.said, name) for name in ("timeMin", "timeMax", "updatedMin"))
    if low and high and moment("timeMin", low) >= moment("timeMax", high):
        raise Refusal(
            400, "The specified time range is empty.", "timeRangeEmpty", location="timeMax", domain="calendar"
        )
    oldest = call.account.clock.now() - call.settings.deleted_kept
    if since and moment("updatedMin", since).timestamp() < oldest:
        raise gone("updatedMinTooLongAgo")
    if call.said.get("orderBy") == "startTime" and call.said.get("singleEvents") is not True:
        words = "The requested ordering is not available for the particular query."
        raise Refusal(400, words, "orderingNotAvailable", location="orderBy", domain="calendar")


def get(call: Call) -> Json:
    """calendar.events.get, which returns cancelled events as well."""
    calendar = role_of(call)
    view, shelf, name = _view(call, calendar), call.account.events[calendar["id"]], str(call.said["eventId"])
    found = shelf.get(name)
    if found is not None:
        return view.event(found)
    earlier = shelf.deleted(name)
    if earlier is None:
        raise not_found()
    return view.event({**earlier, "status": "cancelled"})
