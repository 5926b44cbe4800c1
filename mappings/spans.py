"""Durations, ends of events, and ends of recurrences: what follows from a start (RFC 5545 §3.3.6, §3.3.10, §3.6.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from mappings.errors import BadTime
from mappings.times import Form, Moment, add_days, from_utc, read_value

_DURATION = re.compile(
    r"([+-]?)P(?=.)(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)
_UNTIL = re.compile(r"(?<![^;])UNTIL=([^;]*)", re.IGNORECASE)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duration:
    """Days by the calendar, and seconds by the clock; both of one sign. ``PT24H`` is not ``P1D``."""

    days: int = 0
    seconds: int = 0

    @property
    def value(self) -> str:
        """The value as it is written on a content line."""
        sign = "-" if self.days < 0 or self.seconds < 0 else ""
        hours, rest = divmod(abs(self.seconds), 3600)
        clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (rest // 60, "M"), (rest % 60, "S")) if n)
        days = f"{abs(self.days)}D" if self.days else ""
        return f"{sign}P{days}T{clock or '0S'}" if clock or not days else f"{sign}P{days}"

    def after(self, start: Moment) -> Moment:
        """Return the moment this long after *start*: first the days on the calendar, then the seconds in real time.

        Raises:
            BadTime: it is outside the years 1 to 9999.
        """
        moved = add_days(start, self.days) if self.days else start
        if not self.seconds:
            return moved
        try:
            zone = moved.rules
            if zone is None:
                return replace(moved, local=moved.local + timedelta(seconds=self.seconds))
            instant = moved.instant() + timedelta(seconds=self.seconds)
            return replace(moved, local=from_utc(instant, zone).replace(tzinfo=None))
        except OverflowError as error:
            raise BadTime("range") from error


def read_duration(value: str) -> Duration:
    """Read a DURATION.

    Raises:
        BadTime: it is none.
    """
    found = _DURATION.fullmatch(value.strip())
    if not found or len(value.strip().lstrip("+-")) < 3:
        raise BadTime("duration")
    weeks, days, hours, minutes, seconds = (int(digits or 0) for digits in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    return Duration(sign * (weeks * 7 + days), sign * ((hours * 60 + minutes) * 60 + seconds))


def event_end(start: Moment, end: Moment | None, duration: Duration | None = None) -> tuple[Moment, str]:
    """Return when an event ends (not included), and a stable word if that is not what it says.

    ``empty-day`` an all-day event that ends where it starts lasts that day; ``end-before-start``
    the end was left out; ``time-for-date`` an all-day event's end is a time, or ``date-for-time``
    the other way round; ``bad-end`` its end lies outside the calendar. An all-day event that
    says no end lasts one day, any other no time at all (RFC 5545 §3.6.1).

    Raises:
        BadTime: the day after an all-day *start* is outside the calendar.
    """
    problem = ""
    try:
        if end is None and duration is not None:
            end = duration.after(start)
            if start.form is Form.DATE and duration.seconds:
                problem = "time-for-date"
    except BadTime:
        end, problem = None, "bad-end"
    if end is None:
        return (add_days(start, 1) if start.form is Form.DATE else start), problem
    if start.form is Form.DATE:
        return _last_day(start, end, problem)
    if end.form is Form.DATE:
        problem, end = "date-for-time", replace(start, local=datetime.combine(end.date, time.min))
    if end.instant() < start.instant():
        return start, "end-before-start"
    return end, problem


def _last_day(start: Moment, end: Moment, problem: str) -> tuple[Moment, str]:
    if end.form is not Form.DATE:
        problem = "time-for-date"
    last = end.date + _DAY if end.local.time() != time.min else end.date
    if last == start.date:
        return add_days(start, 1), "empty-day"
    if last < start.date:
        return add_days(start, 1), "end-before-start"
    return Moment(datetime.combine(last, time.min), Form.DATE), problem


def with_utc_until(rule: str, start: Moment) -> tuple[str, str]:
    """Return an RRULE value whose UNTIL has the form *start* asks for, and a stable word if it was changed.

    With a start in a zone or in UTC, UNTIL is in UTC: a local time is that instant (``until-local``), a
    date the end of that day there, so that the last instance stays (``until-date``). With a date it
    is a date (``until-time``), with a floating time a local one (``until-utc``). ``bad-until``: it
    is no date, and the rule was left as it is.
    """
    found = _UNTIL.search(rule)
    if not found:
        return rule, ""
    try:
        until, word = _until(read_value(found[1]), start)
    except BadTime:
        return rule, "bad-until"
    return (rule[: found.start(1)] + until.value + rule[found.end(1) :] if word else rule), word


def _until(until: Moment, start: Moment) -> tuple[Moment, str]:
    if start.form is Form.DATE:
        return replace(until, form=Form.DATE), "" if until.form is Form.DATE else "until-time"
    if start.form is Form.FLOATING:
        if until.form is Form.DATE:
            return Moment(datetime.combine(until.date, time(23, 59, 59)), Form.FLOATING), "until-date"
        return replace(until, form=Form.FLOATING), "until-utc" if until.form is Form.UTC else ""
    if until.form is Form.UTC:
        return until, ""
    word = "until-local"
    local = until.local
    if until.form is Form.DATE:
        local, word = datetime.combine(until.date, time(23, 59, 59)), "until-date"
    instant = replace(start, local=local).instant()
    return Moment(instant.astimezone(UTC).replace(tzinfo=None), Form.UTC), word
