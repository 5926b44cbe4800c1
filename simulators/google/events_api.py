"""The Calendar API's methods for events.

Behaviour is the discovery document's unless said otherwise.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulators.google.calendar_api import gone, restricted, role_of
from simulators.google.calling import Asked, Call, listed
from simulators.google.event_filters import Filter
from simulators.google.event_views import View, role, tombstone
from simulators.google.parameters import moment, number, text
from simulators.google.recurring import YEARS, Expansion, instances
from simulators.google.refusals import Refusal, not_found
from simulators.google.shelf import Row, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google.discovery import Json
    from simulators.google.tokens import Place

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
    free = frozenset({*NOT_WITH_SYNC, "showDeleted", "maxResults"})
    shelf = call.account.events[calendar["id"]]
    asked = Asked(
        f"events {calendar['id']}", size, call.settings.calendar_token_life, gone(), _filter(call, calendar), free
    )
    found = listed(call, shelf, asked)
    items = [_row(row, view) for row in found.rows]
    return {**_head(calendar, shelf), **found.tokens(sync=not NO_SYNC_AFTER & set(call.said)), "items": items}


def _filter(call: Call, calendar: Json) -> Filter:
    if call.said.get("singleEvents") is not True:
        return Filter(call)
    until = _horizon(call)
    return Filter(call, Expansion(call.account.events[calendar["id"]], ZoneInfo(calendar["timeZone"]), until))


def _horizon(call: Call) -> dt.datetime:
    """Return until when series are taken apart."""
    last = text(call.said, "timeMax")
    later = dt.datetime.fromtimestamp(call.account.clock.now(), dt.UTC) + dt.timedelta(days=366 * YEARS)
    return moment("timeMax", last) if last else later


def _row(row: Row, view: View) -> Json:
    return tombstone(row.name, row.earlier) if row.item is None else view.event(row.item)


def _view(call: Call, calendar: Json) -> View:
    guests = call.said.get("maxAttendees")
    most = guests if isinstance(guests, int) else None
    return View(role(call.scopes, calendar["accessRole"]), zone=text(call.said, "timeZone"), guests=most)


def _head(calendar: Json, shelf: Shelf) -> Json:
    said = {"kind": "calendar#events", "etag": f'"p{shelf.number}"', "summary": calendar["summary"]}
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
    """calendar.events.get, which returns cancelled events and single instances of a series as well."""
    calendar = role_of(call)
    view, shelf, name = _view(call, calendar), call.account.events[calendar["id"]], str(call.said["eventId"])
    found = shelf.get(name)
    if found is not None:
        return view.event(found)
    earlier = shelf.deleted(name)
    if earlier is not None:
        return view.event({**earlier, "status": "cancelled"})
    master = shelf.get(name.rpartition("_")[0])
    for each in _instances(call, calendar, master):
        if each["id"] == name:
            return view.event(each)
    raise not_found()


def _instances(call: Call, calendar: Json, master: Json | None) -> Iterator[Json]:
    if master is None or "recurrence" not in master:
        return iter(())
    return instances(master, ZoneInfo(calendar["timeZone"]), _horizon(call))


def instances_(call: Call) -> Json:
    """calendar.events.instances."""
    calendar = role_of(call)
    view, shelf, name = _view(call, calendar), call.account.events[calendar["id"]], str(call.said["eventId"])
    master = shelf.get(name)
    if master is None:
        raise not_found()
    wanted, original = Filter(call), text(call.said, "originalStart")

    def rows(_: Iterator[Row], place: Place) -> Iterator[Row]:
        start = place.position[1]
        for at, each in enumerate(_instances(call, calendar, master)):
            item = shelf.get(each["id"]) or each
            if at < start or (original and each["originalStartTime"] != _original(original, each)):
                continue
            if item["status"] != "cancelled" or call.said.get("showDeleted") is True:
                row = Row(each["id"], item, (2, at, 0), (2, at + 1, 0))
                yield from wanted(iter([row]), place)

    size = number(call.said, call.method, "maxResults")
    asked = Asked(f"instances {calendar['id']} {name}", size, None, gone(), rows)
    found = listed(call, shelf, asked)
    return {**_head(calendar, shelf), **found.tokens(sync=False), "items": [_row(row, view) for row in found.rows]}


def _original(said: str, each: Json) -> Json:
    """Return the original start of an instance if it is the one that was said."""
    told: Json = each["originalStartTime"]
    if "date" in told:
        return told if told["date"] == said else {}
    return told if moment("originalStart", said) == dt.datetime.fromisoformat(told["dateTime"]) else {}
