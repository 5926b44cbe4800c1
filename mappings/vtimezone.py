"""Write a VTIMEZONE (RFC 5545 §3.6.5) for an IANA zone, from the database of the ``tzdata`` package.

The lines depend on the zone and on which of its eras are in use, not on the exact days:
two events of the same years get the same octets, so that they can share one file.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from mappings.errors import UnknownZone
from mappings.folding import fold
from mappings.zones.iana import HORIZON, Offset, Step, history, names

FORMAT = "%Y%m%dT%H%M%S"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a point to count from
_NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - sorts before all others
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_RULE_FROM = 3
"""Changes in a row from which on a rule says them; fewer are written by date."""
_BEFORE_ALL = "16010101T000000"
_UTC = frozenset(
    {"utc", "etc/utc", "uct", "etc/uct", "zulu", "etc/zulu", "universal", "etc/universal"},
)


@dataclass(frozen=True, slots=True)
class _Run:
    """Changes of one kind: local times before the change, and the rule they follow if there are enough of them."""

    before: Offset
    after: Offset
    onsets: tuple[datetime, ...]
    rule: str = ""

    @property
    def endless(self) -> bool:
        return self.onsets[-1].year >= HORIZON


def vtimezone(iana: str, first: date, last: date | None = None) -> list[bytes]:
    """Return the raw lines (with CRLF) of a VTIMEZONE that is right from *first* to *last*, both included.

    ``last=None`` is for what never ends. A rule still in force at *last* stays open, so a
    later event finds it right as well. UTC needs none: the list is empty, and times in it
    are written with ``Z``.

    Raises:
        UnknownZone: *iana* is no name of the database.
    """
    name = names().get(iana.lower())
    if name is None:
        raise UnknownZone
    if iana.lower() in _UTC:
        return []
    # A day of room on each side: the dates are local, the changes are instants.
    start = _midnight(first, -1)
    end = _midnight(last, 2) if last and last.year < HORIZON else None
    return list(_write(name, _in_effect(name, start), end))


def is_utc(iana: str) -> bool:
    """Say whether a zone is UTC under any of its names."""
    return iana.lower() in _UTC


def _midnight(day: date, days: int) -> int:
    """Return the midnight *days* from *day* in seconds since 1970; at the ends of the calendar, its end."""
    ordinal = min(max(day.toordinal() + days, 1), date.max.toordinal())
    return (ordinal - _EPOCH.toordinal()) * 86400


def _in_effect(name: str, start: int) -> int | None:
    """Return the instant of the change in force at *start*, ``None`` if none has been."""
    return max((step.at for step in history(name).steps if step.at <= start), default=None)


@lru_cache(512)
def _write(name: str, start: int | None, end: int | None) -> tuple[bytes, ...]:
    observances: list[tuple[datetime, list[str]]] = []
    if start is None:
        observances.append((_NEVER, _observance(_initial(name))))
    for run in _runs(name):
        instants = [_instant(onset, run.before) for onset in run.onsets]
        if run.rule:
            used = run.onsets if _meets(instants[0], instants[-1], (start, end)) else ()
        else:
            used = tuple(o for o, at in zip(run.onsets, instants, strict=True) if _meets(at, at, (start, end)))
        if used:
            observances.append((used[0], _observance(replace(run, onsets=used))))
    observances.sort(key=lambda each: each[0])
    lines = [line for _, lines in observances for line in lines]
    return tuple(fold(line.encode()) for line in ("BEGIN:VTIMEZONE", f"TZID:{name}", *lines, "END:VTIMEZONE"))


def _meets(first: int, last: int, span: tuple[int | None, int | None]) -> bool:
    """Say whether changes from *first* to *last* reach into a span that may be open on both sides."""
    start, end = span
    return (start is None or last >= start) and (end is None or first < end)


def _initial(name: str) -> _Run:
    first = history(name).first
    return _Run(first, first, ())


def _observance(run: _Run) -> list[str]:
    kind = _kind(run.before, run.after)
    # The year before which no calendar is Gregorian stands for "always", as in Windows' own.
    lines = [f"BEGIN:{kind}", f"DTSTART:{run.onsets[0].strftime(FORMAT) if run.onsets else _BEFORE_ALL}"]
    if run.rule:
        # UTC, as the standard asks, and a day late: some readers (dateutil) take it for local time.
        until = _EPOCH + timedelta(days=1, seconds=_instant(run.onsets[-1], run.before))
        lines.append(f"RRULE:FREQ=YEARLY;{run.rule}" + ("" if run.endless else f";UNTIL={until.strftime(FORMAT)}Z"))
    elif run.onsets[1:]:
        lines.append("RDATE:" + ",".join(onset.strftime(FORMAT) for onset in run.onsets[1:]))
    lines += [f"TZOFFSETFROM:{write_offset(run.before.seconds)}", f"TZOFFSETTO:{write_offset(run.after.seconds)}"]
    return [*lines, f"TZNAME:{run.after.name}", f"END:{kind}"]


def write_offset(seconds: int) -> str:
    """Write an offset as a UTC-OFFSET (RFC 5545 §3.3.14): seconds only if there are some."""
    hours, rest = divmod(abs(seconds), 3600)
    written = f"{'-' if seconds < 0 else '+'}{hours:02}{rest // 60:02}"
    return f"{written}{rest % 60:02}" if rest % 60 else written


def _kind(before: Offset, after: Offset) -> str:
    """Say which of the two a change leads to.

    Where the database counts winter as the saving of -1 h (Dublin), the summer is called
    DAYLIGHT all the same: readers expect that to be the larger offset.
    """
    if before.dst != after.dst:
        return "DAYLIGHT" if after.seconds > before.seconds else "STANDARD"
    return "DAYLIGHT" if after.dst else "STANDARD"


def _instant(onset: datetime, before: Offset) -> int:
    return (onset - _EPOCH) // timedelta(seconds=1) - before.seconds


@lru_cache(256)
def _runs(name: str) -> tuple[_Run, ...]:
    """Put a zone's changes into runs that one rule says, and the rest by kind."""
    kinds: dict[tuple[Offset, Offset], list[datetime]] = {}
    for step in history(name).steps:
        kinds.setdefault((step.before, step.after), []).append(_local(step))
    runs = []
    for (before, after), onsets in kinds.items():
        single: list[datetime] = []
        for run, rule in _split(onsets):
            if len(run) >= _RULE_FROM:
                runs.append(_Run(before, after, tuple(run), rule))
            else:
                single += run
        if single:
            runs.append(_Run(before, after, tuple(single)))
    return tuple(runs)


def _local(step: Step) -> datetime:
    return _EPOCH + timedelta(seconds=step.at + step.before.seconds)


def _split(onsets: list[datetime]) -> Iterator[tuple[list[datetime], str]]:
    """Yield the longest stretches of years that one rule says, in order."""
    run: list[datetime] = []
    rules: dict[str, None] = {}
    for onset in onsets:
        follows = bool(run) and onset.year == run[-1].year + 1 and onset.time() == run[-1].time()
        common = {rule: None for rule in _rules(onset) if rule in rules} if follows else {}
        if common:
            run, rules = [*run, onset], common
            continue
        if run:
            yield run, next(iter(rules))
        run, rules = [onset], dict.fromkeys(_rules(onset))
    if run:
        yield run, next(iter(rules))


def _rules(onset: datetime) -> Iterator[str]:
    """Yield every rule that says the day of *onset*, the usual ones first."""
    weekday, day = _DAYS[onset.weekday()], onset.day
    length = monthrange(2001, onset.month)[1]
    if day > monthrange(onset.year, onset.month)[1] - 7:
        yield f"BYMONTH={onset.month};BYDAY=-1{weekday}"
    if day <= 28:
        yield f"BYMONTH={onset.month};BYDAY={(day - 1) // 7 + 1}{weekday}"
    for first in range(max(day - 6, 1), min(day, length - 6) + 1):
        days = ",".join(map(str, range(first, first + 7)))
        yield f"BYMONTH={onset.month};BYMONTHDAY={days};BYDAY={weekday}"
    yield f"BYMONTH={onset.month};BYMONTHDAY={day}"
