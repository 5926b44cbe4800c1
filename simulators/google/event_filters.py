"""Which events a list is about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from simulators.google.calling import ordered
from simulators.google.parameters import moment, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google.calling import Call
    from simulators.google.discovery import Json
    from simulators.google.recurring import Expansion
    from simulators.google.shelf import Row
    from simulators.google.tokens import Place


class Filter:
    """The rows a call of events.list wants. *expansion* takes series apart when single events are asked for."""

    def __init__(self, call: Call, expansion: Expansion | None = None) -> None:
        said = call.said
        self._expansion, self._order = expansion, text(said, "orderBy")
        self._deleted = said.get("showDeleted") is True or "updatedMin" in said
        self._types, self._uid, self._words = texts(said, "eventTypes"), text(said, "iCalUID"), text(said, "q").lower()
        low, high, since = (text(said, name) for name in ("timeMin", "timeMax", "updatedMin"))
        self._low = moment("timeMin", low) if low else None
        self._high = moment("timeMax", high) if high else None
        self._since = moment("updatedMin", since) if since else None
        self._private = [each.partition("=")[::2] for each in texts(said, "privateExtendedProperty")]
        self._shared = [each.partition("=")[::2] for each in texts(said, "sharedExtendedProperty")]

    def __call__(self, rows: Iterator[Row], place: Place) -> Iterator[Row]:
        if self._expansion is not None:
            rows = self._expansion.rows(rows, place.position)
        changes = place.since >= 0
        wanted = (row for row in rows if self._wanted(row, changes=changes))
        if self._order == "updated":
            return ordered(wanted, place, lambda item: item.get("updated", ""))
        if self._order == "startTime":
            return ordered(wanted, place, lambda item: instant(item.get("start", item.get("originalStartTime"))))
        return wanted

    def _wanted(self, row: Row, *, changes: bool) -> bool:
        item = row.item if row.item is not None else row.earlier
        if item is None or (row.item is None and not (changes or self._deleted)):
            return False
        exception = self._expansion is None and "recurringEventId" in item
        if item["status"] == "cancelled" and not (exception or changes or self._deleted):
            return False
        kind = item.get("eventType", "default")
        if self._types and kind not in self._types:
            return False
        if not changes and self._since is not None and "updated" not in item and row.here[0] == 0:
            return False  # a cancelled occurrence that was always so
        return changes or (self._matches(item) and self._within(item))

    def _matches(self, item: Json) -> bool:
        if self._uid and item.get("iCalUID") != self._uid:
            return False
        if self._words and self._words not in searched(item):
            return False
        own = item.get("extendedProperties", {})
        private, shared = own.get("private", {}), own.get("shared", {})
        wanted = all(private.get(key) == value for key, value in self._private)
        return wanted and all(shared.get(key) == value for key, value in self._shared)

    def _within(self, item: Json) -> bool:
        """Say whether an event lies in the times asked for; a series counts by its first instance."""
        if self._since and "updated" in item and dt.datetime.fromisoformat(item["updated"]) < self._since:
            return False
        start, end = item.get("start", item.get("originalStartTime")), item.get("end", item.get("originalStartTime"))
        if self._low and not item.get("recurrence") and instant(end) <= self._low:
            return False
        return self._high is None or instant(start) < self._high


def instant(said: Json | None) -> dt.datetime:
    """Return the instant of a start or an end; a day begins at midnight UTC here."""
    assert said is not None
    if "dateTime" in said:
        return dt.datetime.fromisoformat(said["dateTime"])
    return dt.datetime.fromisoformat(said["date"]).replace(tzinfo=dt.UTC)


def searched(item: Json) -> str:
    """Return the text that ``q`` looks in, in small letters."""
    people = [*item.get("attendees", ()), item.get("organizer", {})]
    said = [item.get(name, "") for name in ("summary", "description", "location")]
    return "\n".join([*said, *(each.get(key, "") for each in people for key in ("displayName", "email"))]).lower()
