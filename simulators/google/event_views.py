"""What of an event a reader may see, and in which form."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulators.google.refusals import Refusal, wrong_argument

if TYPE_CHECKING:
    from collections.abc import Collection

    from simulators.google.discovery import Json

AUTH = "https://www.googleapis.com/auth/calendar"
WHOLE = {AUTH, f"{AUTH}.readonly", f"{AUTH}.events", f"{AUTH}.events.readonly"}
OWNED = {f"{AUTH}.events.owned", f"{AUTH}.events.owned.readonly"}
BUSY = f"{AUTH}.events.freebusy"
HIDDEN = ("private", "confidential")
SEEN = (
    "kind",
    "etag",
    "id",
    "status",
    "iCalUID",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
)
"""What is left of an event whose details are hidden."""


def role(scopes: Collection[str], granted: str) -> str:
    """Return the role a token has on a calendar where its user has the role *granted*. Raises ``Refusal`` (403).

    From the scopes' own descriptions in the document: "See the events on Google calendars you own", "See the
    availability on Google calendars you have access to", "... on public calendars", "... it creates".
    How Google refuses the calendars outside is not documented; here it is the refusal of a scope that is missing.
    """
    if WHOLE & set(scopes) or (granted == "owner" and OWNED & set(scopes)):
        return granted
    if BUSY in scopes:
        return "freeBusyReader"
    words = "Request had insufficient authentication scopes."
    code = "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    raise Refusal(403, words, "insufficientPermissions", code, old_words="Insufficient Permission")


class View:
    """How events are shown to a *role*, with times in *zone* if it is not the calendar's, and so many guests."""

    def __init__(self, role: str, *, zone: str = "", guests: int | None = None) -> None:
        self._role, self._guests = role, guests
        try:
            self._zone = ZoneInfo(zone) if zone else None
        except (LookupError, ValueError, OSError) as error:
            raise wrong_argument("timeZone", "Invalid time zone definition.") from error

    def event(self, item: Json) -> Json:
        """Return an event as this role sees it."""
        if self._role == "freeBusyReader":
            item = {key: item[key] for key in SEEN if key in item} | {"visibility": "private"}
        elif self._role in {"reader", "writerWithoutPrivateAccess"} and item.get("visibility") in HIDDEN:
            item = {key: item[key] for key in SEEN if key in item} | {"visibility": item["visibility"]}
        if self._guests is not None and len(item.get("attendees", ())) > self._guests:
            # The document: if there are more, only the participant is returned.
            mine = [each for each in item["attendees"] if each.get("self")]
            item = {**item, "attendees": mine, "attendeesOmitted": True}
        return item if self._zone is None else {**item, **self._shifted(item)}

    def _shifted(self, item: Json) -> Json:
        moved = {}
        for name in ("start", "end", "originalStartTime"):
            if "dateTime" in item.get(name, ()):
                at = dt.datetime.fromisoformat(item[name]["dateTime"]).astimezone(self._zone)
                moved[name] = {**item[name], "dateTime": at.isoformat().replace("+00:00", "Z")}
        return moved


def tombstone(name: str, earlier: Json | None) -> Json:
    """Return a deleted event: "only guaranteed to have the id field populated", an exception also where it belongs."""
    said = {"kind": "calendar#event", "etag": '"0"', "id": name, "status": "cancelled"}
    kept = ("recurringEventId", "originalStartTime")
    return {**said, **{key: earlier[key] for key in kept if earlier and key in earlier}}
