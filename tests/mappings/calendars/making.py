"""Events and calendars that the tests of this package make and take apart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mappings.calendars.bridges import to_calendar, to_events
from mappings.documents import Component, parse
from mappings.loss import Fate, LossReport
from mappings.mediatypes import CALENDAR, EVENTS
from tests.mappings.samples import lines

OWNER = "ana@example.org"
ZURICH = "Europe/Zurich"
TO_CALENDAR = to_calendar(CALENDAR)
TO_EVENTS = to_events(EVENTS)

Json = dict[str, Any]


def timed(at: str, zone: str | None = ZURICH) -> Json:
    """Make a time as Google says it."""
    return {"dateTime": at, **({"timeZone": zone} if zone else {})}


def day(at: str) -> Json:
    """Make a day as Google says it."""
    return {"date": at}


def event(**said: object) -> Json:
    """Make an event of an hour with all that Google always says; ``None`` takes a field away."""
    whole: Json = {
        "kind": "calendar#event",
        "etag": '"3181161784712000"',
        "id": "4n5q0hk9v2",
        "status": "confirmed",
        "htmlLink": "https://www.google.com/calendar/event?eid=NG41cTBoazl2Mg",
        "created": "2026-01-02T03:04:05.000Z",
        "updated": "2026-01-03T03:04:05.000Z",
        "summary": "Besprechung",
        "creator": {"email": OWNER, "self": True},
        "organizer": {"email": OWNER, "self": True},
        "start": timed("2026-03-03T09:00:00+01:00"),
        "end": timed("2026-03-03T10:00:00+01:00"),
        "iCalUID": "4n5q0hk9v2@google.com",
        "sequence": 0,
        "reminders": {"useDefault": False},
        "eventType": "default",
    }
    whole |= said
    return {name: value for name, value in whole.items() if value is not None}


def all_day(first: str, last: str, **said: object) -> Json:
    """Make an event of whole days, *last* not included."""
    return event(start=day(first), end=day(last), **said)


def instance(original: Mapping[str, Any], stamp: str, **said: object) -> Json:
    """Make an instance of the series that ``event`` makes."""
    return event(
        **{
            "id": f"4n5q0hk9v2_{stamp}",
            "recurringEventId": "4n5q0hk9v2",
            "originalStartTime": dict(original),
            "start": dict(original),
            **said,
        },
    )


def cancelled(original: Mapping[str, Any], stamp: str, **said: object) -> Json:
    """Make a cancelled instance, with what is guaranteed of it and no more."""
    return {
        "kind": "calendar#event",
        "etag": '"1"',
        "id": f"4n5q0hk9v2_{stamp}",
        "status": "cancelled",
        "recurringEventId": "4n5q0hk9v2",
        "originalStartTime": dict(original),
        **said,
    }


def document(*items: Json, **said: object) -> Json:
    """Make an Events resource of one series."""
    whole: Json = {
        "kind": "calendar#events",
        "summary": OWNER,
        "timeZone": ZURICH,
        "defaultReminders": [],
        "items": list(items),
    }
    whole |= said
    return {name: value for name, value in whole.items() if value is not None}


def octets(said: Json) -> bytes:
    """Write an Events resource as an API answers it."""
    return json.dumps(said).encode()


def to_ics(said: Json) -> bytes:
    """Map an Events resource to iCalendar."""
    return TO_CALENDAR.convert(octets(said)).body


def to_json(body: bytes) -> Json:
    """Map a calendar to an Events resource."""
    found: Json = json.loads(TO_EVENTS.convert(body).body)
    return found


def calendar_of(body: bytes) -> Component:
    """Return the VCALENDAR."""
    return next(parse(body).components("VCALENDAR"))


def vevents(body: bytes) -> list[Component]:
    """Return the VEVENTs in their order."""
    return list(calendar_of(body).components("VEVENT"))


def vevent(body: bytes) -> Component:
    """Return the only VEVENT."""
    found = vevents(body)
    assert len(found) == 1, body.decode()
    return found[0]


def written(component: Component, *names: str) -> list[str]:
    """Return a component's own lines of the *names*, unfolded."""
    return [line.content.decode() for line in component.lines(*names)]


def line(said: Json, name: str) -> str:
    """Return the only line called *name* of the only event that *said* becomes."""
    found = written(vevent(to_ics(said)), name)
    assert len(found) == 1, (name, found)
    return found[0]


def alarms(component: Component) -> list[Component]:
    """Return the VALARMs."""
    return list(component.components("VALARM"))


def bare(said: Mapping[str, Any]) -> Json:
    """Return an event without what never travels."""
    return {name: value for name, value in said.items() if name not in {"etag", "kind"}}


def key(said: Mapping[str, Any]) -> str:
    """Sort events by their id."""
    return str(said.get("id", ""))


def returns(said: Json, *, through: Sequence[bytes] = ()) -> list[Json]:
    """Return the items that come back of *said*, by id; of the stored body in *through*, if there is one."""
    stored = through[0] if through else to_ics(said)
    return sorted((bare(item) for item in to_json(stored)["items"]), key=key)


def assert_returns(said: Json) -> bytes:
    """Demand that every item comes back exactly, and that the receipt says so; return the calendar."""
    body = to_ics(said)
    assert returns(said, through=[body]) == sorted((bare(item) for item in said["items"]), key=key)
    receipt = TO_CALENDAR.prove(octets(said), body)
    assert receipt.lossless, list(receipt.only(Fate.LOST, Fate.REFUSED))
    return body


def ics(*content: str, start: str = "DTSTART:20260303T080000Z", uid: str = "u1", wrapper: Iterable[str] = ()) -> bytes:
    """Make a calendar of one event, as another program writes it."""
    return lines(
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//other//EN",
        *wrapper,
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        *([start] if start else []),
        *content,
        "END:VEVENT",
        "END:VCALENDAR",
    )


def item(body: bytes) -> Json:
    """Return the only item that a calendar becomes."""
    found = to_json(body)["items"]
    assert len(found) == 1, found
    only: Json = found[0]
    return only


def fate_of(report: LossReport, leaf: str) -> list[tuple[str, str]]:
    """Return fate and reason of *leaf*, as often as there are different ones."""
    return [(one.fate.value, one.reason) for one in report.leaves if one.leaf == leaf]


def assert_kept(body: bytes) -> bytes:
    """Demand that a calendar of another program comes back with the same meaning; return what came back."""
    from mappings.canonical import differences

    converted = TO_EVENTS.convert(body)
    restored = TO_CALENDAR.convert(converted.body).body
    assert differences(CALENDAR, body, restored) == ()
    assert TO_EVENTS.prove(body, converted.body).lossless
    return restored
