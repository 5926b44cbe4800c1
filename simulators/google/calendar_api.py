"""The Calendar API's methods for calendars, colours and settings.

Behaviour is the discovery document's unless said otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.google.calling import Asked, Call, listed
from simulators.google.parameters import number, text
from simulators.google.refusals import Refusal, not_found, wrong_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulators.google.discovery import Json
    from simulators.google.shelf import Row
    from simulators.google.tokens import Place

ROLES = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
GUIDE = "https://developers.google.com/workspace/calendar/api/guides"
SETTINGS = {
    "timezone": "Europe/Zurich",
    "locale": "de",
    "weekStart": "1",
    "format24HourTime": "true",
    "defaultEventLength": "60",
    "hideInvitations": "false",
}
COLOURS = ("#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878", "#46d6db", "#e1e1e1", "#5484ed", "#51b749")


def gone(reason: str = "fullSyncRequired") -> Refusal:
    """Return the 410: words and shape from KeepSoftwareSimple/compass-calendar#1239 and GUIDE/errors."""
    if reason == "updatedMinTooLongAgo":
        words = "The requested minimum modification time lies too far in the past."
        return Refusal(410, words, reason, location="updatedMin", domain="calendar")
    words = "Sync token is no longer valid, a full sync is required."
    return Refusal(410, words, reason, location="syncToken", domain="calendar")


def restricted(call: Call, names: Sequence[str], *, not_false: Sequence[str]) -> None:
    """Refuse what "cannot be specified together with" a sync token (reason: qiita.com/shiraily/items/6762046f)."""
    if not call.said.get("syncToken"):
        return
    wrong = [name for name in names if name in call.said] + [n for n in not_false if call.said.get(n) is False]
    if wrong:
        words = "Sync token cannot be used with other request restrictions."
        raise Refusal(400, words, "syncTokenWithRequestRestrictions", location="syncToken", domain="calendar")


def calendar_list(call: Call) -> Json:
    """calendar.calendarList.list."""
    hiding = ("showDeleted", "showHidden")
    restricted(call, ("minAccessRole", "showOwnOrganizationOnly"), not_false=hiding)
    size = number(call.said, call.method, "maxResults")
    free = frozenset({*hiding, "maxResults"})
    asked = Asked("calendarList", size, call.settings.calendar_token_life, gone(), _Chosen(call), free)
    found = listed(call, call.account.calendars, asked)
    items = [_entry(row) for row in found.rows]
    sync = not {"minAccessRole", "showOwnOrganizationOnly"} & set(call.said)
    head = {"kind": "calendar#calendarList", "etag": f'"p{call.account.calendars.number}"'}
    return {**head, **found.tokens(sync=sync), "items": items}


class _Chosen:
    """Rows of the calendar list that are wanted."""

    def __init__(self, call: Call) -> None:
        self._hidden, self._deleted = call.said.get("showHidden") is True, call.said.get("showDeleted") is True
        self._lowest = ROLES.index(text(call.said, "minAccessRole") or ROLES[0])

    def __call__(self, rows: Iterator[Row], place: Place) -> Iterator[Row]:
        return (row for row in rows if place.since >= 0 or self._wanted(row))

    def _wanted(self, row: Row) -> bool:
        if row.item is None:
            return self._deleted
        return (self._hidden or not row.item.get("hidden")) and ROLES.index(row.item["accessRole"]) >= self._lowest


def _entry(row: Row) -> Json:
    if row.item is None:
        return {"kind": "calendar#calendarListEntry", "etag": '"0"', "id": row.name, "deleted": True}
    return {key: value for key, value in row.item.items() if key != "hidden" or value}


def entry(call: Call) -> Json:
    """calendar.calendarList.get."""
    return {key: value for key, value in role_of(call).items() if key != "hidden" or value}


def role_of(call: Call) -> Json:
    """Return the entry of the calendar that is asked for. Raises ``Refusal`` (404)."""
    name = str(call.said["calendarId"])
    found = call.account.calendars.get(call.account.user if name == "primary" else name)
    if found is None:
        raise not_found()
    return found


def calendar(call: Call) -> Json:
    """calendar.calendars.get."""
    return call.account.about[role_of(call)["id"]]


def colors(call: Call) -> Json:
    """calendar.colors.get."""
    del call
    palette = {str(at + 1): {"background": each, "foreground": "#1d1d1d"} for at, each in enumerate(COLOURS)}
    return {"kind": "calendar#colors", "updated": "2012-02-14T00:00:00.000Z", "calendar": palette, "event": palette}


def settings_list(call: Call) -> Json:
    """calendar.settings.list, which changes never: its sync token tells nothing new."""
    if call.said.get("pageToken") or call.said.get("syncToken") not in {None, "", "settings-1"}:
        raise wrong_argument("pageToken", "Invalid Value")
    items = [] if call.said.get("syncToken") else [_setting(name) for name in SETTINGS]
    return {"kind": "calendar#settings", "etag": '"s1"', "items": items, "nextSyncToken": "settings-1"}


def setting(call: Call) -> Json:
    """calendar.settings.get."""
    if call.said["setting"] not in SETTINGS:
        raise not_found()
    return _setting(str(call.said["setting"]))


def _setting(name: str) -> Json:
    return {"kind": "calendar#setting", "etag": '"s1"', "id": name, "value": SETTINGS[name]}
