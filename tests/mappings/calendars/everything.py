"""Events in which every leaf of the schema stands, made from the discovery document itself."""

from __future__ import annotations

from typing import Any

from tests.mappings.calendars.making import Json, timed
from tests.mappings.calendars.test_leaves import discovered

ENUMS: dict[str, list[str]] = {
    "attendees[].responseStatus": ["accepted", "declined", "tentative", "needsAction"],
    "conferenceData.entryPoints[].entryPointType": ["video", "phone", "sip", "more"],
    "reminders.overrides[].method": ["popup", "email", "popup", "email"],
    "status": ["tentative"],
    "transparency": ["transparent"],
    "visibility": ["confidential"],
    "colorId": ["7"],
    "eventType": ["outOfOffice"],
    "created": ["2026-01-02T03:04:05.000Z"],
    "updated": ["2026-01-03T03:04:05.678Z"],
    "start.dateTime": ["2026-03-03T09:00:00+01:00"],
    "end.dateTime": ["2026-03-03T10:00:00+01:00"],
    "originalStartTime.dateTime": ["2026-03-03T08:00:00+01:00"],
    "start.timeZone": ["America/New_York"],
    "end.timeZone": ["Asia/Kathmandu"],
    "originalStartTime.timeZone": ["Europe/Zurich"],
    "recurrence[]": ["RRULE:FREQ=WEEKLY;COUNT=5;WKST=SU", "EXDATE:20260317T080000Z", "RDATE:20270101T080000Z"],
    "conferenceData.entryPoints[].uri": ["https://x.example/1,2;3", "tel:+41-44,,,1#", "sip:a@b.example", "https://m/"],
    "attachments[].fileUrl": ["https://x.example/open?id=1,2", "https://x.example/a b", "https://x.example/%2C", "https://y"],
    "source.url": ["https://source.example/a,b;c"],
    "hangoutLink": ["https://meet.google.com/abc-defg-hij"],
    "reminders.useDefault": [],
}  # fmt: skip
"""Leaves that are not any text: what stands there, one for each element."""

DAYS = frozenset({"start.date", "end.date", "originalStartTime.date"})
"""A time has a date or a dateTime: these come in an event of their own."""

HOSTILE = (
    'a, b; c: "d" \\ ^ \\n \\, %2C {"x":1}',
    "two\nlines <b>&amp;</b> | ~0 ~1 /",
    "Zoë 🌈 \u05e2\u05d1\u05e8 a\u0301 \u200d",
    "BEGIN:VEVENT",
)
NUMBERS = (0, 7, 40320, 15)


def value_of(path: str, number: int) -> Any:
    """Make the value of the leaf at *path* in element *number*."""
    if path in ENUMS:
        return ENUMS[path][number % len(ENUMS[path])]
    kind = discovered()[path]["type"]
    if kind == "boolean":
        return number % 2 == 0
    if kind == "integer":
        return NUMBERS[number % len(NUMBERS)]
    return {} if kind == "any" else HOSTILE[number % len(HOSTILE)]


def build(*, elements: int = 4) -> Json:
    """Make an event with a value in every leaf of the discovery document but ``DAYS``."""
    event: Json = {}
    for path in discovered():
        if path not in DAYS and ENUMS.get(path) != []:
            _put(event, path, path.split("."), elements)
    event["reminders"]["useDefault"] = False
    event["recurringEventId"] = "master"
    event["id"] = "master_20260303T070000Z"
    event["iCalUID"] = "uid-1, with; odd \\ signs@google.com"
    event["organizer"]["email"] = "boss@example.org"
    event["attendees"] = [{**one, "email": f"guest,{n}+tag%@exämple.org"} for n, one in enumerate(event["attendees"])]
    return event


def _put(place: Json, path: str, parts: list[str], elements: int, number: int = 0) -> None:
    name, rest = parts[0], parts[1:]
    if name.endswith("{}"):
        place[name[:-2]] = {"key": value_of(path, 0), "another key, odd/~": value_of(path, 1)}
    elif name.endswith("[]") and not rest:
        place[name[:-2]] = [value_of(path, n) for n in range(min(elements, len(ENUMS.get(path, "1234"))))]
    elif name.endswith("[]"):
        inner = place.setdefault(name[:-2], [{} for _ in range(elements)])
        for n, one in enumerate(inner):
            _put(one, path, rest, elements, n)
    elif rest:
        _put(place.setdefault(name, {}), path, rest, elements, number)
    else:
        place[name] = value_of(path, number)


def all_days() -> Json:
    """Make an event with a value in every leaf of ``DAYS``."""
    said = {name: {"date": at} for name, at in (("start", "2026-03-03"), ("end", "2026-03-05"))}
    return {"id": "m_20260304", "recurringEventId": "m", "originalStartTime": {"date": "2026-03-04"}, **said}


def plain_master() -> Json:
    """Make the series that the instances belong to."""
    return {
        "id": "master",
        "iCalUID": "uid-1, with; odd \\ signs@google.com",
        "start": timed("2026-02-24T08:00:00+01:00"),
        "end": timed("2026-02-24T09:00:00+01:00"),
        "recurrence": ["RRULE:FREQ=WEEKLY"],
        "reminders": {"useDefault": True},
        "eventType": "default",
    }
