"""A series as an item: a master with its exceptions, a single event, or instances whose master nobody shows us.

Google has an event for each of them; they share ``recurringEventId``, which is the id of the item.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from connectors.google.answers import compact, digest, part, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.google.answers import Json

MEDIA_TYPE: Final = "application/vnd.google.calendar.events+json"

_HEAD: Final = ("summary", "timeZone", "accessRole", "defaultReminders")
"""What of a calendar its events cannot be understood without; the rest of the envelope changes by itself."""


def series_of(event: Json) -> str:
    """Return the id of the item an event belongs to."""
    return text(event, "recurringEventId") or text(event, "id")


def is_member(event: Json) -> bool:
    """Say whether an event is an instance of a series."""
    return bool(text(event, "recurringEventId"))


def is_single(event: Json) -> bool:
    """Say whether an event is an item by itself."""
    return not is_member(event) and not event.get("recurrence")


def is_cancelled(event: Json) -> bool:
    """Say whether an event is deleted or, if it is an instance, does not take place."""
    return text(event, "status") == "cancelled"


def head_of(answer: Json) -> Json:
    """Return what of an answer's envelope goes into every item."""
    return {name: answer[name] for name in _HEAD if name in answer}


def about(head: Json) -> str:
    """Return a word for the state of a calendar's envelope."""
    return digest(head)


def revision(members: Iterable[tuple[str, str]], head: Json) -> str:
    """Return a word for the state of a series: of its *members*, by id and etag, and of its calendar's *head*."""
    return digest(sorted(members), head)


def body(members: Sequence[Json], head: Json) -> bytes:
    """Return the Events resource of one series: the master first, then its instances as they were planned."""
    return compact({"kind": "calendar#events", **head, "items": sorted(members, key=_order)})


def title(members: Sequence[Json]) -> str:
    """Return what the first of *members* with a title is called."""
    return next((text(each, "summary") for each in sorted(members, key=_order) if text(each, "summary")), "")


def _order(event: Json) -> tuple[bool, str, str]:
    return is_member(event), _instant(part(event, "originalStartTime")), text(event, "id")


def _instant(start: Json) -> str:
    """Return a planned start in a form that sorts; a day begins at midnight UTC."""
    said = text(start, "dateTime")
    try:
        return dt.datetime.fromisoformat(said).astimezone(dt.UTC).isoformat()
    except (ValueError, OverflowError):
        return said or text(start, "date")
