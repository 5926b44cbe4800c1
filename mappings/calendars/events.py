"""One event: Google's JSON and a VEVENT, both ways. The table in ``leaves`` says where each leaf stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from mappings.calendars import alarms, carrying, guests, links
from mappings.calendars.colors import color_id, color_name
from mappings.calendars.leaves import LEAF
from mappings.calendars.moments import Place, in_form_of, line_of, moment_of, said_of
from mappings.calendars.recurrences import ORDER, read_recurrence, write_recurrence
from mappings.calendars.texts import clean, is_html, plain
from mappings.carriers import CarrierLines, read_carriers
from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.documents import Component
from mappings.errors import BadTime, Malformed
from mappings.escapes import escape_text
from mappings.spans import event_end, read_duration
from mappings.times import Moment, read_moment, read_value

if TYPE_CHECKING:
    from mappings.carriers import JSON

STYLED = "STYLED-DESCRIPTION"
_HTML = (Parameter("VALUE", ("TEXT",)), Parameter("FMTTYPE", ("text/html",)))

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "status": MappingProxyType(
            {"confirmed": "CONFIRMED", "tentative": "TENTATIVE", "cancelled": "CANCELLED"},
        ),
        "transparency": MappingProxyType({"opaque": "OPAQUE", "transparent": "TRANSPARENT"}),
        "visibility": MappingProxyType({"public": "PUBLIC", "private": "PRIVATE", "confidential": "CONFIDENTIAL"}),
    },
)
"""Leaves whose words iCalendar writes otherwise."""

NO_UID = "event@google.com"
"""The UID of an event that has neither ``iCalUID`` nor ``id``."""

_TEXTS = ("summary", "location")
_STAMPS = ("created", "updated")
_INTEGER = re.compile(r"\d{1,9}", re.ASCII)
DEFAULT_ALARMS = "google.com:calendar/reminders/useDefault"
NO_REMINDERS = "google.com:calendar/reminders"


def write_event(event: Mapping[str, JSON], place: Place, *, series: Moment | None = None) -> Component:
    """Return the VEVENT of one event; *series* is where its series begins, of an instance.

    Raises:
        Malformed: the event has no start that can be read.
    """
    start = moment_of(event.get("start"), place) or moment_of(event.get("originalStartTime"), place)
    if start is None:
        raise Malformed("no-start")
    carriers = CarrierLines()
    component = Component("VEVENT", b"BEGIN:VEVENT\r\n", [], b"END:VEVENT\r\n")
    lines = [*_identity(event, start, place, series), *_texts(event), *_words(event)]
    lines += write_recurrence(event.get("recurrence"), start, place)
    lines += guests.write_organizer(event)
    lines += guests.write_attendees(event)
    lines += links.write_links(event)
    component.items += [line.raw for line in lines]
    for where, value in carrying.carried(event, meeting=guests.is_meeting(event)):
        carriers.add(where, value)
    ring = list(alarms.write_alarms(event, place))
    _mark_reminders(event, place, carriers)
    component.items += [line.raw for line in carriers.lines]
    component.items += ring
    written = len(carriers.lines)
    for where, value in carrying.corrections(event, read_event(component, place)):
        carriers.add(where, value)
    at = len(component.items) - len(ring)
    component.items[at:at] = [line.raw for line in carriers.lines[written:]]
    return component


def _mark_reminders(event: Mapping[str, JSON], place: Place, carriers: CarrierLines) -> None:
    """Say what alarms cannot: that an empty list of default reminders applies, or that nothing is said of any."""
    reminders = event.get("reminders")
    if not isinstance(reminders, dict):
        carriers.add(NO_REMINDERS, None)
    elif reminders.get("useDefault") is True and not place.reminders:
        carriers.add(DEFAULT_ALARMS, value=True)


def _identity(event: Mapping[str, JSON], start: Moment, place: Place, series: Moment | None) -> Iterator[ContentLine]:
    uid = event.get("iCalUID") or (f"{event['id']}@google.com" if event.get("id") else NO_UID)
    yield make_line("UID", escape_text(clean(str(uid))))
    stamp = next((at for name in ("updated", "created") if (at := _stamp(event.get(name)))), None)
    yield make_line("DTSTAMP", stamp or f"{start.instant():%Y%m%dT%H%M%SZ}".rjust(16, "0"))
    repeats = bool(event.get("recurrence"))
    yield line_of("DTSTART", start, place, repeats=repeats)
    end = moment_of(event.get("end"), place)
    if end is not None and event.get("endTimeUnspecified") is not True:
        yield line_of("DTEND", end, place, repeats=repeats)
    original = moment_of(event.get("originalStartTime"), place)
    if original is not None:
        fitted = in_form_of(original, series) if series else original
        yield line_of("RECURRENCE-ID", fitted, place, repeats=series is not None)


def _stamp(said: JSON) -> str | None:
    try:
        at = datetime.fromisoformat(said).astimezone(UTC) if isinstance(said, str) else None
    except (ValueError, OverflowError):
        return None
    return f"{at:%Y%m%dT%H%M%SZ}".rjust(16, "0") if at else None


def _texts(event: Mapping[str, JSON]) -> Iterator[ContentLine]:
    for name in _TEXTS:
        said = event.get(name)
        if isinstance(said, str) and said:
            yield make_line(LEAF[name].place, escape_text(clean(said)))
    description = event.get("description")
    if isinstance(description, str) and description:
        yield make_line("DESCRIPTION", escape_text(clean(plain(description))))
        if is_html(description):
            yield make_line(STYLED, escape_text(clean(description)), params=_HTML)


def _words(event: Mapping[str, JSON]) -> Iterator[ContentLine]:
    for name, words in WORDS.items():
        said = event.get(name)
        if isinstance(said, str) and said in words:
            yield make_line(LEAF[name].place, words[said])
    color = event.get("colorId")
    named = color_name(color) if isinstance(color, str) else None
    if named:
        yield make_line("COLOR", named)
    sequence = event.get("sequence")
    if isinstance(sequence, int) and not isinstance(sequence, bool) and 0 <= sequence < 10**9:
        yield make_line("SEQUENCE", str(sequence))
    for name in _STAMPS:
        stamp = _stamp(event.get(name))
        if stamp:
            yield make_line(LEAF[name].place, stamp)
    if event.get("eventType") == "outOfOffice":
        yield make_line("X-MICROSOFT-CDO-BUSYSTATUS", "OOF")


Lines = Mapping[str, list[ContentLine]]


def read_event(component: Component, place: Place) -> dict[str, JSON]:
    """Return the event that a VEVENT says. What it says beyond Google's leaves is left out.

    Raises:
        Malformed: the VEVENT has no DTSTART that can be read.
    """
    lines: dict[str, list[ContentLine]] = {}
    for line in component.lines():
        lines.setdefault(line.name, []).append(line)
    event: dict[str, JSON] = {"kind": "calendar#event"}
    for name in _STAMPS:
        _put(event, name, _read_stamp(lines.get(LEAF[name].place)))
    _read_words(lines, event)
    _read_texts(lines, event)
    start, end = _read_times(lines, event, place)
    rules = [line for name in ORDER for line in lines.get(name, ())]
    _put(event, "recurrence", read_recurrence(rules, start, place))
    ring = alarms.read_alarms(component, start=start, end=end, repeats=bool(rules))
    event["reminders"] = ring.reminders
    _read_people(lines, event)
    carriers = list(read_carriers(lines.get("JSPROP", ())))
    if any(one.pointer == DEFAULT_ALARMS for one in carriers) and not ring.reminders.get("useDefault"):
        held = "overrides" in ring.reminders  # an alarm somebody added counts for more
        carriers = [one for one in carriers if one.pointer != DEFAULT_ALARMS or not held]
    if any(one.pointer == NO_REMINDERS for one in carriers):
        carriers = [one for one in carriers if one.pointer != NO_REMINDERS]
        if ring.reminders == {"useDefault": False}:
            del event["reminders"]
    if any(one.pointer == "google.com:calendar/id" for one in carriers):
        event["eventType"] = "default"
    carrying.apply(event, carriers)
    return event


def _put(event: dict[str, JSON], name: str, value: JSON) -> None:
    if value not in (None, [], {}, ""):
        event[name] = value


def _first(lines: Lines, name: str) -> ContentLine | None:
    found = lines.get(name)
    return found[0] if found else None


def _read_stamp(lines: list[ContentLine] | None) -> str | None:
    if not lines:
        return None
    try:
        at = read_value(lines[0].decoded()).instant()
    except BadTime:
        return None
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z").rjust(24, "0")


def _read_words(lines: Lines, event: dict[str, JSON]) -> None:
    uid = _first(lines, "UID")
    _put(event, "iCalUID", uid.text().strip() if uid else None)
    for name, words in WORDS.items():
        line = _first(lines, LEAF[name].place)
        if line is not None:
            written = line.decoded().strip().upper()
            known = next((meant for meant, word in words.items() if word == written), None)
            # A class nobody knows counts as private (RFC 5545 §3.8.1.3).
            _put(event, name, known or ("private" if name == "visibility" and written else None))
    color = _first(lines, "COLOR")
    _put(event, "colorId", color_id(color.decoded()) if color else None)
    sequence = _first(lines, "SEQUENCE")
    if sequence is not None and _INTEGER.fullmatch(sequence.decoded().strip()):
        event["sequence"] = int(sequence.decoded())


def _read_texts(lines: Lines, event: dict[str, JSON]) -> None:
    for name in _TEXTS:
        line = _first(lines, LEAF[name].place)
        _put(event, name, line.text() if line else None)
    said, styled = _first(lines, "DESCRIPTION"), _first(lines, STYLED)
    text = said.text() if said else ""
    if styled is not None and "text/html" in (word.lower() for word in styled.param("FMTTYPE")):
        html = styled.text()
        # The plain text is what people edit: the HTML stands for it only while both say the same.
        if said is None or plain(html).strip() == text.strip():
            text = html
    _put(event, "description", text)


def _read_times(lines: Lines, event: dict[str, JSON], place: Place) -> tuple[Moment, Moment | None]:
    line = _first(lines, "DTSTART") or _first(lines, "RECURRENCE-ID")
    try:
        if line is None:
            raise Malformed("no-start")
        start = read_moment(line, place.zones)
        event["start"] = {**said_of(start, place)}
        end_line, length = _first(lines, "DTEND"), _first(lines, "DURATION")
        until = read_moment(end_line, place.zones) if end_line else None
        lasts = read_duration(length.decoded()) if length and until is None else None
        end, _ = event_end(start, until, lasts)
        event["end"] = {**said_of(end, place)}
        original = _first(lines, "RECURRENCE-ID")
        if original is not None:
            event["originalStartTime"] = {**said_of(read_moment(original, place.zones), place)}
    except BadTime as error:
        raise Malformed("no-start") from error
    if until is None and lasts is None and "date" not in said_of(start, place):
        event["endTimeUnspecified"] = True
    return start, end


def _read_people(lines: Lines, event: dict[str, JSON]) -> None:
    organizer = _first(lines, "ORGANIZER")
    _put(event, "organizer", guests.read_organizer(organizer) if organizer else None)
    _put(event, "attendees", guests.read_attendees(lines.get("ATTENDEE", [])))
    _put(event, "attachments", links.read_attachments(lines.get("ATTACH", [])))
    entry_points = links.read_entry_points(lines.get("CONFERENCE", []))
    if entry_points:
        event["conferenceData"] = {"entryPoints": entry_points}
    source = _first(lines, "URL")
    _put(event, "source", links.read_source(source) if source else None)
    hangout = _first(lines, links.HANGOUT)
    _put(event, "hangoutLink", links.read_hangout(hangout) if hangout else None)
