"""Reminders and VALARMs (RFC 5545 §3.6.6, RFC 9074).

Each override is an alarm. Default reminders are alarms too, so that they ring; each is marked
with the default it stands for. They count as default again as long as all are there and unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.calendars.guests import mail_uri
from mappings.calendars.texts import clean
from mappings.carriers import CarrierLines, read_carriers
from mappings.contentlines import ContentLine, make_line
from mappings.documents import Component
from mappings.errors import BadTime
from mappings.escapes import escape_text
from mappings.spans import read_duration
from mappings.times import Form, Moment, read_value

if TYPE_CHECKING:
    from mappings.calendars.moments import Place
    from mappings.carriers import JSON

MOST = 5
"""Overrides of one event (Calendar v3, ``reminders.overrides``)."""
EARLIEST = 40320
"""Minutes before the start: four weeks."""

DEFAULT = "google.com:calendar/defaultReminders"
OVERRIDE = "google.com:calendar/reminders/overrides"
_ACTIONS = {"DISPLAY": "popup", "AUDIO": "popup", "EMAIL": "email"}


@dataclass(frozen=True, slots=True)
class Alarms:
    """What the alarms of an event say: its *reminders*, the calendar's *defaults*, and how many could not be said."""

    reminders: dict[str, JSON]
    defaults: tuple[dict[str, JSON], ...] = ()
    lost: int = 0


def write_alarms(event: Mapping[str, JSON], place: Place) -> Iterator[Component]:
    """Yield the VALARMs of an event: of its overrides, or of the calendar's default reminders."""
    reminders = event.get("reminders")
    if not isinstance(reminders, dict):
        return
    if reminders.get("useDefault") is True:
        for default in place.reminders:
            marked: dict[str, JSON] = {**default, "of": len(place.reminders)}
            yield _write(default, event, place, (DEFAULT, marked))
    overrides = reminders.get("overrides")
    for override in overrides if isinstance(overrides, list) else ():
        if isinstance(override, dict):
            simple = set(override) == {"method", "minutes"} and _is_simple(override, place)
            yield _write(override, event, place, None if simple else (OVERRIDE, override))


def _is_simple(override: Mapping[str, JSON], place: Place) -> bool:
    minutes, method = override.get("minutes"), override.get("method")
    whole = isinstance(minutes, int) and not isinstance(minutes, bool) and 0 <= minutes <= EARLIEST
    return whole and (method == "popup" or (method == "email" and bool(place.owner)))


def _write(
    reminder: Mapping[str, JSON],
    event: Mapping[str, JSON],
    place: Place,
    carried: tuple[str, JSON] | None,
) -> Component:
    minutes = _minutes(reminder)
    title = event.get("summary")
    text = escape_text(clean(title)) if isinstance(title, str) and title.strip() else "Reminder"
    mail = reminder.get("method") == "email" and bool(place.owner)
    lines = [make_line("ACTION", "EMAIL" if mail else "DISPLAY"), make_line("DESCRIPTION", text)]
    if mail:
        lines += [make_line("SUMMARY", text), make_line("ATTENDEE", mail_uri(place.owner))]
    lines.append(make_line("TRIGGER", f"-PT{minutes}M" if minutes else "PT0S"))
    if carried:
        carriers = CarrierLines()
        carriers.add(*carried)
        lines += carriers.lines
    return Component("VALARM", b"BEGIN:VALARM\r\n", [line.raw for line in lines], b"END:VALARM\r\n")


def _minutes(reminder: Mapping[str, JSON]) -> int:
    minutes = reminder.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        return 0
    return min(max(minutes, 0), EARLIEST)


def read_alarms(
    component: Component,
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    repeats: bool = False,
) -> Alarms:
    """Return the reminders that the VALARMs of *component* say.

    Left out and counted: alarms after the start or more than four weeks before it, between
    minutes, at a fixed time of a series, snoozed or (of a single event) acknowledged ones, all
    beyond the first ``MOST`` by time. *end* is for alarms that ring relative to it.
    """
    defaults: list[tuple[dict[str, JSON], JSON]] = []
    overrides: list[dict[str, JSON]] = []
    lost = 0
    for alarm in component.components("VALARM"):
        read = None if _is_done(alarm, repeats=repeats) else _read(alarm, start, end, repeats=repeats)
        if read is None:
            lost += 1
            continue
        carried = {one.pointer: one.value for one in read_carriers(alarm.lines("JSPROP"))}
        default, override = carried.get(DEFAULT), carried.get(OVERRIDE)
        if isinstance(default, dict) and _says(default, read):
            meant = {name: said for name, said in default.items() if name != "of"}
            defaults.append((meant, default.get("of")))
        overrides.append(override if isinstance(override, dict) and _says(override, read) else read)
    if defaults and len(defaults) == len(overrides) and all(of == len(defaults) for _, of in defaults):
        return Alarms({"useDefault": True}, tuple(default for default, _ in defaults), lost)
    kept = _first(overrides)
    reminders: dict[str, JSON] = {"useDefault": False}
    if kept:
        reminders["overrides"] = [*kept]
    return Alarms(reminders, (), lost + len(overrides) - len(kept))


def _first(overrides: Sequence[dict[str, JSON]]) -> list[dict[str, JSON]]:
    """Return at most ``MOST``, those that ring first; in the order they stand in."""
    order = sorted(range(len(overrides)), key=lambda at: -_minutes(overrides[at]))[:MOST]
    return [overrides[at] for at in sorted(order)]


def _says(carried: Mapping[str, JSON], read: Mapping[str, JSON]) -> bool:
    """Say whether the alarm that *carried* came with was not changed since."""
    if _minutes(carried) != read["minutes"]:
        return False
    return read["method"] == "popup" or carried.get("method") == read["method"]


def _is_done(alarm: Component, *, repeats: bool) -> bool:
    """Say whether an alarm is a snooze, or rang already (RFC 9074 §6, §7)."""
    if any("SNOOZE" in (word.upper() for word in line.param("RELTYPE")) for line in alarm.lines("RELATED-TO")):
        return True
    return not repeats and any(True for _ in alarm.lines("ACKNOWLEDGED"))


def _read(alarm: Component, start: Moment | None, end: Moment | None, *, repeats: bool) -> dict[str, JSON] | None:
    method = _ACTIONS.get((alarm.text("ACTION") or "").strip().upper())
    trigger = next(alarm.lines("TRIGGER"), None)
    if method is None or trigger is None:
        return None
    try:
        seconds = _before(trigger, start, end, repeats=repeats)
    except (BadTime, OverflowError):
        return None
    if seconds is None or seconds % 60 or not 0 <= seconds <= EARLIEST * 60:
        return None
    return {"method": method, "minutes": seconds // 60}


def _before(trigger: ContentLine, start: Moment | None, end: Moment | None, *, repeats: bool) -> int | None:
    """Return how many seconds before the start an alarm rings."""
    value = trigger.decoded().strip()
    if "DATE-TIME" in (word.upper() for word in trigger.param("VALUE")):
        at = read_value(value)
        if repeats or start is None or at.form is not Form.UTC or start.form is Form.DATE:
            return None
        return round((start.instant() - at.instant()).total_seconds())
    duration = read_duration(value)
    if "END" in (word.upper() for word in trigger.param("RELATED")):
        if start is None or end is None:
            return None
        return round((start.instant() - duration.after(end).instant()).total_seconds())
    return -duration.days * 86400 - duration.seconds
