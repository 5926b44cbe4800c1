"""Read the STANDARD and DAYLIGHT parts of one VTIMEZONE (RFC 5545 §3.6.5), within bounds.

What a rule says is kept as a rule and asked year by year, so that neither an endless
nor a secondly one is ever counted out.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.contentlines import ContentLine
    from mappings.documents import Component

MOST_OBSERVANCES = 400
"""More than any real zone has had changes of rules; fat files list each year's change by itself."""
MOST_ONSETS = 5000
"""Single dates (DTSTART, RDATE) of all observances together."""
MOST_COUNTED = 400
"""COUNT is counted out up to here; beyond, the rule is taken for endless."""
MOST_YEARLY = 24
"""Onsets of one rule within a year; real ones have one."""

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII | re.IGNORECASE)
_OFFSET = re.compile(r"([+-]?)(\d\d):?(\d\d):?(\d\d)?", re.ASCII)
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = frozenset(
    {
        "FREQ",
        "UNTIL",
        "COUNT",
        "INTERVAL",
        "BYMONTH",
        "BYDAY",
        "BYMONTHDAY",
        "BYSETPOS",
        "WKST",
        "BYHOUR",
        "BYMINUTE",
        "BYSECOND",
    }
)


class Unusable(ValueError):
    """A part of a VTIMEZONE that cannot be followed; never leaves this package. Its text is a stable word."""


@dataclass(frozen=True, slots=True)
class Yearly:
    """A rule that says its days year by year: *first* and *last* are local times, both included."""

    first: datetime
    last: datetime
    interval: int
    months: tuple[int, ...]
    weekdays: tuple[tuple[int, int], ...]
    month_days: tuple[int, ...]
    positions: tuple[int, ...]

    def onsets(self, year: int) -> Iterator[datetime]:
        """Yield the local times within *year*, in order."""
        if not self.first.year <= year <= self.last.year or (year - self.first.year) % self.interval:
            return
        days = [date(year, month, day) for month in self.months for day in sorted(self._days(year, month))]
        if self.positions:
            days = sorted({days[n - 1 if n > 0 else n] for n in self.positions if n and -len(days) <= n <= len(days)})
        for day in days[:MOST_YEARLY]:
            onset = datetime.combine(day, self.first.time())
            if self.first <= onset <= self.last:
                yield onset

    def latest(self, year: int) -> datetime | None:
        """Return the last local time in *year* or before it."""
        year = min(year, self.last.year)
        year -= (year - self.first.year) % self.interval
        for _ in range(10):  # a 29 February can be eight years away, and the first year may lack the day
            onsets = tuple(self.onsets(year)) if year >= MINYEAR else ()
            if onsets:
                return onsets[-1]
            year -= self.interval
        return None

    def _days(self, year: int, month: int) -> set[int]:
        first, length = monthrange(year, month)
        days = set(range(1, length + 1))
        if self.month_days:
            days &= {day if day > 0 else length + 1 + day for day in self.month_days}
        if self.weekdays:
            days &= {
                day
                for number, weekday in self.weekdays
                for day in _nth(range(1 + (weekday - first) % 7, length + 1, 7), number)
            }
        return days


def _nth(days: range, number: int) -> Sequence[int]:
    """Return the *number*-th of *days*, counted from the end if it is negative; all if it is 0."""
    if number == 0:
        return days
    return days[number - 1 : number] if number > 0 else days[number : number + 1 or None]


@dataclass(frozen=True, slots=True)
class Observance:
    """One STANDARD or DAYLIGHT: offsets in seconds, single onsets in local time before the change, maybe a rule."""

    dst: bool
    name: str
    before: int
    after: int
    onsets: tuple[datetime, ...]
    rule: Yearly | None


@dataclass(frozen=True, slots=True)
class Observances:
    """What one VTIMEZONE says. *problems* are stable words.

    ``zone-offset`` no offset, or one that no clock shows; ``zone-start`` no usable DTSTART;
    ``zone-rule`` an RRULE that is not yearly; ``zone-count`` a COUNT too large to be counted out;
    ``zone-bounds`` more observances or dates than are read.
    """

    parts: tuple[Observance, ...]
    problems: tuple[str, ...] = ()


def read_observances(zone: Component) -> Observances:
    """Read a VTIMEZONE. What cannot be followed is left out and named; the rest stays usable."""
    parts: list[Observance] = []
    problems: dict[str, None] = {}
    dates = 0
    for number, component in enumerate(zone.components("STANDARD", "DAYLIGHT")):
        if number >= MOST_OBSERVANCES or dates >= MOST_ONSETS:
            problems["zone-bounds"] = None
            break
        try:
            part = _read(component, problems, MOST_ONSETS - dates)
        except Unusable as error:
            problems[str(error)] = None
            continue
        parts.append(part)
        dates += len(part.onsets)
    return Observances(tuple(parts), tuple(problems))


def _read(component: Component, problems: dict[str, None], room: int) -> Observance:
    texts: dict[str, str] = {}
    dates: list[ContentLine] = []
    rules: list[str] = []
    for line in component.lines():
        if line.name == "RDATE":
            dates.append(line)
        elif line.name == "RRULE":
            rules.append(line.text())
        else:
            texts.setdefault(line.name, line.text())
    before, after = read_offset(texts.get("TZOFFSETFROM", "")), read_offset(texts.get("TZOFFSETTO", ""))
    start = read_time(texts.get("DTSTART", ""), before)
    onsets = {start, *_dates(dates, before, room, problems)}
    rule = None
    try:
        rule = _read_rule(rules[0], start, before, problems) if rules else None
    except Unusable as error:
        problems[str(error)] = None
    if len(rules) > 1:
        problems["zone-rule"] = None
    if rule and start not in rule.onsets(start.year):
        # Outlook and others begin at a round date that is none of the rule's days.
        onsets.discard(start)
    name = texts.get("TZNAME", "")[:32]
    return Observance(component.name == "DAYLIGHT", name, before, after, tuple(sorted(onsets)), rule)


def _dates(lines: list[ContentLine], offset: int, room: int, problems: dict[str, None]) -> Iterator[datetime]:
    for line in lines:
        for value in line.value.decode("latin-1").split(",", room):
            room -= 1
            if room < 0:
                problems["zone-bounds"] = None
                return
            yield read_time(value.partition("/")[0], offset)


def read_offset(written: str) -> int:
    """Return a UTC-OFFSET (RFC 5545 §3.3.14) in seconds.

    Raises:
        Unusable: it is none, or a day or more.
    """
    found = _OFFSET.fullmatch(written.strip())
    if not found:
        raise Unusable("zone-offset")
    hours, minutes, seconds = int(found[2]), int(found[3]), int(found[4] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise Unusable("zone-offset")
    return (-1 if found[1] == "-" else 1) * (hours * 3600 + minutes * 60 + seconds)


def read_time(written: str, offset: int) -> datetime:
    """Return the local time of a DATE or DATE-TIME; one in UTC is moved by *offset* seconds.

    Raises:
        Unusable: it is none, or its year is none that can be counted from.
    """
    found = _TIME.fullmatch(written.strip())
    try:
        if not found:
            raise Unusable("zone-start")
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        local = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - local time is what is written
        return local + timedelta(seconds=offset) if found[7] else local
    except (ValueError, OverflowError) as error:
        raise Unusable("zone-start") from error


def _read_rule(written: str, start: datetime, offset: int, problems: dict[str, None]) -> Yearly:
    """Read an RRULE that says its days year by year; others do not occur in time zones that anyone lives by."""
    parts = dict(part.partition("=")[::2] for part in written.upper().replace(" ", "").strip(";").split(";")[:32])
    months = _numbers(parts, "BYMONTH", 1, 12) or ((start.month,) if parts.get("FREQ") == "YEARLY" else ())
    if not parts.keys() <= _PARTS or parts.get("FREQ") not in {"YEARLY", "MONTHLY"} or not months:
        raise Unusable("zone-rule")
    start = _at_clock(parts, start)
    weekdays = tuple(_weekdays(parts.get("BYDAY", "")))
    if any(number for number, _ in weekdays) and "BYMONTH" not in parts and "BYDAY" in parts:
        raise Unusable("zone-rule")  # the nth such day of the whole year
    month_days = tuple(day for day in _numbers(parts, "BYMONTHDAY", -31, 31) if day)
    if not (weekdays or month_days):
        month_days = (start.day,)
    (interval,) = _numbers(parts, "INTERVAL", 1, MAXYEAR) or (1,)
    rule = Yearly(
        start, _until(parts, offset), interval, months, weekdays, month_days, _numbers(parts, "BYSETPOS", -366, 366)
    )
    if parts.get("FREQ") == "MONTHLY" and interval > 1:
        raise Unusable("zone-rule")
    return _counted(rule, parts["COUNT"], problems) if "COUNT" in parts else rule


def _at_clock(parts: Mapping[str, str], start: datetime) -> datetime:
    """Return *start* at the time of day that a rule may name once more, as Lotus Notes does."""
    hours, minutes, seconds = (
        _numbers(parts, name, 0, most) or (now,)
        for name, most, now in (
            ("BYHOUR", 23, start.hour),
            ("BYMINUTE", 59, start.minute),
            ("BYSECOND", 59, start.second),
        )
    )
    if len(hours) + len(minutes) + len(seconds) > 3:
        raise Unusable("zone-rule")
    return start.replace(hour=hours[0], minute=minutes[0], second=seconds[0])


def _until(parts: Mapping[str, str], offset: int) -> datetime:
    """Return the last local time, both ways UNTIL is written: UTC as the standard says, or local."""
    written = parts.get("UNTIL", "")
    if not written:
        return datetime(MAXYEAR, 12, 31, 23, 59, 59)  # noqa: DTZ001 - local time
    until = read_time(written, offset)
    return datetime.combine(until, time.max) if "T" not in written else until


def _counted(rule: Yearly, count: str, problems: dict[str, None]) -> Yearly:
    if not count.isascii() or not count.isdigit() or len(count) > 9 or int(count) > MOST_COUNTED:
        problems["zone-count"] = None
        return rule
    left, last = int(count), rule.first
    for year in range(rule.first.year, min(rule.first.year + rule.interval * MOST_COUNTED, MAXYEAR) + 1, rule.interval):
        for onset in rule.onsets(year):
            last, left = onset, left - 1
            if left <= 0:
                return replace(rule, last=last)
    return rule


def _weekdays(written: str) -> Iterator[tuple[int, int]]:
    for part in written.split(",")[:64] if written else ():
        found = _BYDAY.fullmatch(part)
        if not found:
            raise Unusable("zone-rule")
        yield int(found[1] or 0), _DAYS.index(found[2])


def _numbers(parts: Mapping[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    written = parts.get(name, "")
    if not written:
        return ()
    try:
        numbers = {int(part) for part in written.split(",")[:400] if len(part) < 6}
    except ValueError as error:
        raise Unusable("zone-rule") from error
    if not numbers or min(numbers) < least or max(numbers) > most:
        raise Unusable("zone-rule")
    return tuple(sorted(numbers))
