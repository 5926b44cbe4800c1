"""One series: the items of an Events resource, and the VCALENDAR that holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mappings.calendars import carrying
from mappings.calendars.alarms import read_alarms
from mappings.calendars.events import read_event, write_event
from mappings.calendars.moments import Place, in_form_of, moment_of, stamp_of
from mappings.calendars.recurrences import cancelled_instance, read_cancelled, write_cancelled
from mappings.calendars.texts import clean
from mappings.carriers import CarrierLines, read_carriers
from mappings.contentlines import make_line
from mappings.documents import Component, parse
from mappings.errors import BadTime, Malformed
from mappings.escapes import escape_text
from mappings.times import Moment, read_moment
from mappings.timezones import Zones

if TYPE_CHECKING:
    from mappings.carriers import JSON

Event = dict[str, "JSON"]

PRODID = "-//Wherry//Wherry//EN"
_NAMES = (("summary", "X-WR-CALNAME"), ("description", "X-WR-CALDESC"))


def load(body: bytes) -> dict[str, JSON]:
    """Return the Events resource that *body* is.

    Raises:
        Malformed: it is no JSON (``not-json``), or no object with a list of objects as ``items`` (``no-items``).
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("not-json") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        raise Malformed("no-items")
    found: dict[str, JSON] = document
    return found


def events_of(document: Mapping[str, JSON]) -> list[Event]:
    """Return the items of an Events resource."""
    items = document.get("items")
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


def is_instance(event: Mapping[str, JSON]) -> bool:
    """Say whether an event is an instance of a series."""
    return bool(event.get("recurringEventId")) or isinstance(event.get("originalStartTime"), dict)


def is_deleted(document: Mapping[str, JSON]) -> bool:
    """Say whether the whole series is deleted: its master is cancelled, so its instances do not count any more."""
    masters = [one for one in events_of(document) if not is_instance(one)]
    return bool(masters) and all(one.get("status") == "cancelled" for one in masters)


def is_of_type(document: Mapping[str, JSON], types: frozenset[str]) -> bool:
    """Say whether a series is of one of the event *types* (``workingLocation``, ``birthday`` ...) a user leaves out."""
    return any(str(one.get("eventType") or "default") in types for one in events_of(document))


def place_of(document: Mapping[str, JSON]) -> Place:
    """Return where the events of a document happen."""
    zones = Zones()
    named, reminders = document.get("timeZone"), document.get("defaultReminders")
    zone = zones.resolve(named) if isinstance(named, str) and named else None
    known = [one for one in reminders if isinstance(one, dict)] if isinstance(reminders, list) else []
    return Place(zones, zone if zone and zone.iana else None, tuple(known), _owner(document))


def _owner(document: Mapping[str, JSON]) -> str:
    """Return the address of whose calendar it is, as far as the document tells; reminders are mailed there."""
    for event in events_of(document):
        attendees = event.get("attendees")
        people = [event.get("organizer"), event.get("creator"), *(attendees if isinstance(attendees, list) else ())]
        for one in people:
            if isinstance(one, dict) and one.get("self") is True and isinstance(one.get("email"), str):
                return str(one["email"])
    return ""


def write_series(document: Mapping[str, JSON]) -> Component:
    """Return the VCALENDAR that says the series in *document*, with the time zones it uses.

    The order of the items does not matter: a moved instance may stand before its master.

    Raises:
        Malformed: an event has no start (``no-start``), or its times are beyond the calendar (``bad-time``).
    """
    place = place_of(document)
    events = events_of(document)
    masters = [one for one in events if not is_instance(one)]
    instances = [one for one in events if is_instance(one)]
    try:
        written = [write_event(master, place) for master in masters]
        start = moment_of(masters[0].get("start"), place) if masters else None
        bare = [one for one in instances if start and one.get("status") == "cancelled"]
        if masters and start and bare:
            _cancel(written[0], masters[0], bare, place)
        moved = [one for one in instances if not (start and one.get("status") == "cancelled")]
        written += [write_event(one, place, series=start) for one in sorted(moved, key=_when)]
    except BadTime as error:
        raise Malformed("bad-time") from error
    return _wrap(document, place, written)


def _when(event: Mapping[str, JSON]) -> str:
    said = event.get("originalStartTime") or event.get("start")
    if not isinstance(said, dict):
        return ""
    return str(said.get("date") or carrying.instant(str(said.get("dateTime"))))


def _wrap(document: Mapping[str, JSON], place: Place, events: Iterable[Component]) -> Component:
    lines = [make_line("VERSION", "2.0"), make_line("PRODID", PRODID)]
    for name, written in _NAMES:
        said = document.get(name)
        if isinstance(said, str) and said:
            lines.append(make_line(written, escape_text(clean(said))))
    if place.zone and place.zone.iana:
        lines.append(make_line("X-WR-TIMEZONE", place.zone.iana))
    calendar = Component("VCALENDAR", b"BEGIN:VCALENDAR\r\n", [line.raw for line in lines], b"END:VCALENDAR\r\n")
    events = list(events)
    calendar.items += place.vtimezones()
    calendar.items += events
    return calendar


def _cancel(component: Component, master: Event, cancelled: list[Event], place: Place) -> None:
    """Write cancelled instances into their series: their times as EXDATE, what else they say as carriers."""
    start = moment_of(master.get("start"), place)
    carriers = CarrierLines()
    moments: list[Moment] = []
    for event in cancelled:
        at = moment_of(event.get("originalStartTime"), place)
        if at is None or start is None:
            carriers.add(carrying.CANCELLED, {"said": event})
            continue
        moments.append(at)
        fitted = in_form_of(at, start)
        stamp = stamp_of(fitted)
        told = cancelled_instance(master.get("id"), fitted, stamp, place)
        said = {
            name: value for name, value in event.items() if name != "etag" and not carrying.same(value, told.get(name))
        }
        gone: list[JSON] = [name for name in told if name not in event and name != "kind"]
        if said or gone:
            carriers.add(carrying.CANCELLED, {"at": stamp, "said": said, **({"not": gone} if gone else {})})
    lines = [*(write_cancelled(moments, start, place) if start else ()), *carriers.lines]
    alarms = next((n for n, item in enumerate(component.items) if isinstance(item, Component)), len(component.items))
    component.items[alarms:alarms] = [line.raw for line in lines]


def read_series(calendar: Component) -> dict[str, JSON]:
    """Return the Events resource that a VCALENDAR says: each VEVENT, and each cancelled instance, is an item.

    Raises:
        Malformed: it holds no VEVENT with a start that can be read (``no-event``).
    """
    place = place_of_calendar(calendar)
    items: list[JSON] = []
    defaults: list[JSON] = []
    for component in calendar.components("VEVENT"):
        try:
            event = read_event(component, place)
        except Malformed:
            continue  # without a start it is no event of Google's; it is kept beside the others
        items.append(event)
        if "originalStartTime" not in event:
            items.extend(_cancelled(component, event, place))
        if not defaults:
            defaults.extend(read_alarms(component).defaults)
    if not items:
        raise Malformed("no-event")
    document: dict[str, JSON] = {"kind": "calendar#events"}
    for name, written in _NAMES:
        said = calendar.text(written)
        if said:
            document[name] = said
    if place.zone:
        document["timeZone"] = place.zone.iana
    document["defaultReminders"] = defaults
    document["items"] = items
    return document


def _cancelled(component: Component, master: Event, place: Place) -> Iterable[Event]:
    lines = list(component.lines("EXDATE", "JSPROP", "DTSTART"))
    more: dict[str, JSON] = {}
    for carrier in read_carriers(line for line in lines if line.name == "JSPROP"):
        if carrier.pointer == carrying.CANCELLED and isinstance(carrier.value, dict):
            if isinstance(at := carrier.value.get("at"), str):
                more[at] = carrier.value
            elif isinstance(said := carrier.value.get("said"), dict):
                yield said
    dtstart = next((line for line in lines if line.name == "DTSTART"), None)
    if dtstart is None:
        return
    start = read_moment(dtstart, place.zones)
    for moment in read_cancelled((line for line in lines if line.name == "EXDATE"), start, place):
        stamp = stamp_of(moment)
        told = cancelled_instance(master.get("id"), moment, stamp, place)
        extra = more.get(stamp)
        if isinstance(extra, dict):
            said, gone = extra.get("said"), extra.get("not")
            told.update(said if isinstance(said, dict) else {})
            told = {name: each for name, each in told.items() if not (isinstance(gone, list) and name in gone)}
        yield told


def place_of_calendar(calendar: Component) -> Place:
    """Return where the events of a VCALENDAR happen."""
    place = Place(Zones.of(calendar))
    named = (calendar.text("X-WR-TIMEZONE") or "").strip()
    if named and (zone := place.zones.resolve(named)).iana:
        place.zone = zone
    return place


def calendar_of(body: bytes) -> Component:
    """Return the VCALENDAR that *body* is.

    Raises:
        Malformed: it is none (``no-calendar``), or not complete (``unclosed``).
        TooLarge, TooDeep: as for ``parse``.
    """
    calendar = next(parse(body).components("VCALENDAR"), None)
    if calendar is None:
        raise Malformed("no-calendar")
    if not calendar.end:
        raise Malformed("unclosed")
    return calendar
