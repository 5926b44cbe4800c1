"""Google's start, end and originalStartTime, and the dates of iCalendar.

Google writes an instant with the offset of the calendar's zone and names the event's zone
beside it; the two need not be the same. iCalendar writes what clocks show in the event's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from mappings.documents import Component
from mappings.errors import BadTime
from mappings.times import Form, Moment, from_utc, in_zone, is_second, to_utc, write_moment
from mappings.timezones import Zone, Zones
from mappings.vtimezone import is_utc, vtimezone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mappings.carriers import JSON
    from mappings.contentlines import ContentLine


@dataclass(slots=True)
class Place:
    """Where the events of one document happen: its time zones, the calendar's zone and default reminders.

    *zone* is ``None`` if the calendar names none. *used* are the days that each zone is used on,
    written down on the way so that its VTIMEZONE covers them; an open end is ``None``.
    """

    zones: Zones = field(default_factory=Zones)
    zone: Zone | None = None
    reminders: tuple[Mapping[str, JSON], ...] = ()
    owner: str = ""
    used: dict[str, tuple[date, date | None]] = field(default_factory=dict)

    def use(self, moment: Moment, *, endless: bool = False) -> None:
        """Note that *moment* is written with its zone."""
        if moment.form is not Form.ZONED or moment.zone is None or moment.zone.iana is None:
            return
        day = moment.date
        first, last = self.used.get(moment.zone.iana, (day, day))
        until = None if endless or last is None else max(last, day)
        self.used[moment.zone.iana] = (min(first, day), until)

    def vtimezones(self) -> Iterator[Component]:
        """Yield a VTIMEZONE for each zone in use, by name."""
        for name, (first, last) in sorted(self.used.items()):
            lines = vtimezone(name, first, last)
            if lines:
                yield _component(lines)


def _component(lines: list[bytes]) -> Component:
    """Put the lines of a VTIMEZONE into components."""
    zone = Component("VTIMEZONE", lines[0], [], lines[-1])
    part = zone
    for line in lines[1:-1]:
        if line.startswith(b"BEGIN:"):
            part = Component(line[6:].decode("ascii").strip(), line)
            zone.items.append(part)
        elif line.startswith(b"END:"):
            part.end, part = line, zone
        else:
            part.items.append(line)
    return zone


def moment_of(said: JSON, place: Place) -> Moment | None:
    """Return the moment an object of ``date`` or ``dateTime`` and ``timeZone`` says; ``None`` if it says none."""
    if not isinstance(said, dict):
        return None
    day, at = said.get("date"), said.get("dateTime")
    try:
        if isinstance(day, str):
            return Moment(datetime.combine(date.fromisoformat(day), time.min), Form.DATE)
        if isinstance(at, str):
            return _timed(datetime.fromisoformat(at).replace(microsecond=0), said.get("timeZone"), place)
    except (ValueError, OverflowError, BadTime):
        return None
    return None


def _timed(at: datetime, named: JSON, place: Place) -> Moment:
    zone = place.zones.resolve(named) if isinstance(named, str) else place.zone
    if zone is None or zone.tzinfo is None:
        zone = place.zone
    if zone is None or (zone.iana and is_utc(zone.iana)):
        instant = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return Moment(instant.replace(tzinfo=None), Form.UTC)
    if at.tzinfo is None:
        return Moment(at, Form.ZONED, zone)
    return in_zone(at.astimezone(UTC), zone)


def said_of(moment: Moment, place: Place) -> dict[str, JSON]:
    """Return what Google says of *moment*: a floating time is one in the calendar's zone."""
    if moment.form is Form.DATE:
        return {"date": moment.date.isoformat()}
    zone = moment.zone if moment.form is Form.ZONED else place.zone
    rules = UTC if moment.form is Form.UTC or zone is None or zone.tzinfo is None else zone.tzinfo
    name = "UTC" if rules is UTC else zone.iana if zone else None
    instant = to_utc(moment.local, rules)
    shown = place.zone.tzinfo if place.zone and place.zone.tzinfo else rules
    try:
        written = from_utc(instant, shown).isoformat()
    except BadTime:
        written = instant.isoformat()
    return {"dateTime": written.replace("+00:00", "Z"), **({"timeZone": name} if name else {})}


def line_of(name: str, moment: Moment, place: Place, *, repeats: bool = False) -> ContentLine:
    """Return the line that says *moment*. A series keeps its zone: the second 02:30 of a night is the first there."""
    if repeats:
        moment = replace(moment, local=moment.local.replace(fold=0))
    if not is_second(moment):
        place.use(moment, endless=repeats)
    return write_moment(name, moment)


def in_form_of(moment: Moment, start: Moment) -> Moment:
    """Return *moment* in the form of a series that begins at *start*: RECURRENCE-ID and EXDATE need it so."""
    if start.form is Form.DATE:
        return Moment(datetime.combine(moment.date, time.min), Form.DATE)
    if moment.form is Form.DATE:
        return replace(start, local=datetime.combine(moment.date, start.local.time()))
    if start.form is Form.UTC:
        return Moment(moment.instant().replace(tzinfo=None), Form.UTC)
    if start.form is Form.ZONED and start.zone is not None and moment.form in {Form.ZONED, Form.UTC}:
        return in_zone(moment.instant(), start.zone)
    return replace(start, local=moment.local)


def stamp_of(moment: Moment) -> str:
    """Return how Google names the instance at *moment* in its id: the day, or the instant in UTC."""
    try:
        return moment.value if moment.form is Form.DATE else moment.instant().strftime("%Y%m%dT%H%M%SZ")
    except BadTime:
        return moment.value
