"""Dates and times of iCalendar: what is written, and which instant it is (RFC 5545 §3.3.4, §3.3.5).

A ``Moment`` keeps the form it was written in: a date, a floating time, a time in UTC, or one
in a zone. Instants are aware datetimes in UTC. A local time that a zone skips has the offset
before the gap, one that comes twice is the first (RFC 5545 §3.3.5); ``fold=1`` on the local
time says the second, as PEP 495 has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.errors import BadTime

if TYPE_CHECKING:
    from mappings.timezones import Zone, Zones

_VALUE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)


class Form(StrEnum):
    """How a moment is written."""

    DATE = "date"
    FLOATING = "floating"
    UTC = "utc"
    ZONED = "zoned"


@dataclass(frozen=True, slots=True)
class Moment:
    """One date or time. *local* is what the clock shows (midnight for a date), *zone* where, if that is known.

    A time in an unknown zone is floating, and *zone* says so (``How.UNKNOWN``).
    """

    local: datetime
    form: Form
    zone: Zone | None = None

    @property
    def date(self) -> date:
        """The day."""
        return self.local.date()

    @property
    def rules(self) -> tzinfo | None:
        """The zone's rules; ``None`` for a date or a floating time."""
        if self.form is Form.UTC:
            return UTC
        return self.zone.tzinfo if self.zone and self.form is Form.ZONED else None

    def instant(self, default: tzinfo = UTC) -> datetime:
        """Return the instant in UTC; what has no zone of its own is taken for a time in *default*.

        Raises:
            BadTime: it is outside the years 1 to 9999 in UTC.
        """
        return to_utc(self.local, self.rules or default)

    @property
    def value(self) -> str:
        """The value as it is written on a content line."""
        day = f"{self.local.year:04}{self.local.month:02}{self.local.day:02}"
        if self.form is Form.DATE:
            return day
        return f"{day}T{self.local:%H%M%S}" + ("Z" if self.form is Form.UTC else "")


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of EXDATE or RDATE, each once, by time. *problems* are stable words.

    ``bad-date`` a value that is none was left out; ``period`` an RDATE's period counts as its start;
    ``date-for-time`` a date stood for the instance of that day; ``time-for-date`` a time for its whole day.
    """

    moments: tuple[Moment, ...]
    problems: tuple[str, ...] = ()


def to_utc(local: datetime, zone: tzinfo) -> datetime:
    """Return the instant of a naive *local* time in *zone*: gaps and overlaps as RFC 5545 says, or by its ``fold``.

    Raises:
        BadTime: it is outside the years 1 to 9999 in UTC.
    """
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise BadTime("range") from error


def from_utc(instant: datetime, zone: tzinfo) -> datetime:
    """Return the aware local time of an aware *instant* in *zone*; ``fold=1`` if it is the second of its name.

    Raises:
        BadTime: it is outside the years 1 to 9999 there.
    """
    try:
        return instant.astimezone(zone)
    except (OverflowError, ValueError) as error:
        raise BadTime("range") from error


def in_zone(instant: datetime, zone: Zone) -> Moment:
    """Return *instant* as a moment in *zone*, with ``fold`` kept.

    The second of two equal local times cannot be written with a TZID: ``is_second`` tells,
    and the value has to be written in UTC.

    Raises:
        BadTime: as for ``from_utc``; or the zone is unknown (*what* is ``zone``).
    """
    if zone.tzinfo is None:
        raise BadTime("zone")
    return Moment(from_utc(instant, zone.tzinfo).replace(tzinfo=None), Form.ZONED, zone)


def is_second(moment: Moment) -> bool:
    """Say whether a moment is the second of two with the same local time, which a content line cannot say."""
    if not moment.local.fold or moment.rules is None:
        return False
    return moment.instant() != replace(moment, local=moment.local.replace(fold=0)).instant()


def is_skipped(moment: Moment) -> bool:
    """Say whether a zone's clocks never show this local time."""
    zone = moment.rules
    return zone is not None and from_utc(moment.instant(), zone).replace(tzinfo=None) != moment.local


def read_moment(line: ContentLine, zones: Zones) -> Moment:
    """Read a line of one value: DTSTART, DTEND, RECURRENCE-ID, DUE. Its zone is the document's, by *zones*.

    Raises:
        BadTime: it holds no date.
    """
    return read_value(line.value.decode("latin-1"), _zone(line, zones))


def read_value(value: str, zone: Zone | None = None) -> Moment:
    """Read one value; a time without ``Z`` is in *zone*.

    Raises:
        BadTime: it is no date and no time.
    """
    found = _VALUE.fullmatch(value.strip())
    if not found:
        raise BadTime("date")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        # A leap second is read as the second before it (RFC 5545 §3.3.12).
        local = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - local time is what is written
    except ValueError as error:
        raise BadTime("date") from error
    if found[4] is None:
        return Moment(local, Form.DATE)
    if found[7]:
        return Moment(local, Form.UTC)
    return Moment(local, Form.ZONED if zone and zone.tzinfo else Form.FLOATING, zone)


def _zone(line: ContentLine, zones: Zones) -> Zone | None:
    tzid = next(iter(line.param("TZID")), "")
    return zones.resolve(tzid) if tzid else None


def read_moments(lines: Iterable[ContentLine], start: Moment, zones: Zones) -> Moments:
    """Read all EXDATE (or all RDATE) of a series that begins at *start*: one line or many say the same.

    A date in a series with times means that day's instance, whose time is the start's; a time
    in a series of days means its day. Each is noted.
    """
    found: dict[tuple[datetime, bool], Moment] = {}
    problems: dict[str, None] = {}
    for line in lines:
        zone = _zone(line, zones)
        for value in line.value.decode("latin-1").split(","):
            begin, slash, _ = value.partition("/")
            if slash:
                problems["period"] = None
            try:
                moment = _as_start(read_value(begin, zone), start, problems)
                found.setdefault((moment.instant(), moment.form is Form.DATE), moment)
            except BadTime:
                problems["bad-date"] = None
    return Moments(tuple(found[key] for key in sorted(found)), tuple(problems))


def _as_start(moment: Moment, start: Moment, problems: dict[str, None]) -> Moment:
    if (moment.form is Form.DATE) == (start.form is Form.DATE):
        return moment
    if moment.form is Form.DATE:
        problems["date-for-time"] = None
        return replace(start, local=datetime.combine(moment.date, start.local.time()))
    problems["time-for-date"] = None
    return Moment(datetime.combine(moment.date, time.min), Form.DATE)


def write_moment(name: str, moment: Moment) -> ContentLine:
    """Return the line that says *moment*: TZID is the IANA name where there is one, else the name as read.

    A date gets ``VALUE=DATE``; the second of two equal local times is written in UTC.
    """
    if is_second(moment):
        moment = Moment(moment.instant().replace(tzinfo=None), Form.UTC)
    params = []
    if moment.form is Form.DATE:
        params.append(Parameter("VALUE", ("DATE",)))
    elif moment.form is Form.ZONED and moment.zone:
        params.append(Parameter("TZID", (moment.zone.iana or moment.zone.tzid,)))
    return make_line(name, moment.value, params=params)


def add_days(moment: Moment, days: int) -> Moment:
    """Return the same local time *days* later: a day is not 24 hours where the clock changes.

    Raises:
        BadTime: it is outside the years 1 to 9999.
    """
    try:
        return replace(moment, local=moment.local.replace(fold=0) + timedelta(days=days))
    except OverflowError as error:
        raise BadTime("range") from error
