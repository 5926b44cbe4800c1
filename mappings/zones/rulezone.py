"""A time zone made of one document's own VTIMEZONE, and of nothing else."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.zones.observances import Observance, Observances

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a point to count from
_SECOND = timedelta(seconds=1)
_REMEMBERED = 512
"""Years whose steps a zone keeps."""


@dataclass(frozen=True, slots=True)
class Change:
    """From *at* on (seconds since 1970, UTC) clocks stand at *offset*, named *name*; before, at *before*."""

    at: int
    before: int
    offset: int
    name: str
    dst: bool


class RuleZone(tzinfo):
    """The rules of one VTIMEZONE as a ``tzinfo``: gap and overlap by ``fold``, as PEP 495 has it.

    With ``fold=0`` that is RFC 5545 §3.3.5: a local time that is skipped has the offset before
    the gap, one that comes twice is the first. It holds for the years 1 to 9999.
    """

    def __init__(self, tzid: str, observances: Observances) -> None:
        self._tzid = tzid
        self._parts = observances.parts
        self._hash = hash((tzid, self._parts))
        self._years: dict[int, tuple[Change, ...]] = {}

    def __repr__(self) -> str:
        return f"RuleZone({self._tzid!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleZone) and (self._tzid, self._parts) == (other._tzid, other._parts)

    def __hash__(self) -> int:
        return self._hash

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        return None if dt is None else timedelta(seconds=self._local(dt).offset)

    def dst(self, dt: datetime | None) -> timedelta | None:
        if dt is None:
            return None
        change = self._local(dt)
        return timedelta(seconds=change.offset - change.before) if change.dst else timedelta()

    def tzname(self, dt: datetime | None) -> str | None:
        return None if dt is None else self._local(dt).name or self._tzid

    def fromutc(self, dt: datetime) -> datetime:
        naive = dt.replace(tzinfo=None)
        instant = (naive - _EPOCH) // _SECOND
        changes = self.changes(naive.year)
        place = max(bisect_right(changes, instant, key=lambda change: change.at) - 1, 0)
        now = changes[place]
        local = (naive + timedelta(seconds=now.offset)).replace(tzinfo=self)
        again = now.at <= instant < now.at + now.before - now.offset
        return local.replace(fold=1) if again else local

    @property
    def first_year(self) -> int:
        """The year of the first change that is written down; before it the rules say nothing of their own."""
        return min((onset.year for part in self._parts for onset in _beginnings(part)), default=MAXYEAR)

    def changes(self, year: int) -> tuple[Change, ...]:
        """Return the changes of the years around *year*; the first one says what held before the others."""
        found = self._years.get(year)
        if found is None:
            found = tuple(self._compute(year))
            if len(self._years) >= _REMEMBERED:
                self._years.clear()
            self._years[year] = found
        return found

    def _local(self, dt: datetime) -> Change:
        """Return what holds at a local time."""
        wall = (dt.replace(tzinfo=None) - _EPOCH) // _SECOND
        changes = self.changes(dt.year)
        pick = min if dt.fold else max
        place = bisect_right(changes, wall, 1, key=lambda change: change.at + pick(change.before, change.offset))
        return changes[place - 1]

    def _compute(self, year: int) -> Iterator[Change]:
        first, last = max(year - 1, MINYEAR), min(year + 1, MAXYEAR)
        start = datetime(first, 1, 1)  # noqa: DTZ001 - local time of the rules
        earlier = [(_utc(onset, part), part) for part in self._parts if (onset := _latest(part, start))]
        within = [(_utc(onset, part), part) for part in self._parts for onset in _within(part, first, last)]
        within.sort(key=lambda each: each[0])
        if earlier:
            at, part = max(earlier, key=lambda each: each[0])
            now = Change(at, part.before, part.after, part.name, part.dst)
        else:
            at, part = min(within or map(_first, self._parts), key=lambda each: each[0])
            now = Change(at - 1, part.before, part.before, _name_of(self._parts, part.before), dst=False)
        yield now
        for at, part in within:
            now = Change(at, now.offset, part.after, part.name, part.dst)
            yield now


def _utc(onset: datetime, part: Observance) -> int:
    return (onset - _EPOCH) // _SECOND - part.before


def _first(part: Observance) -> tuple[int, Observance]:
    return _utc(min(_beginnings(part)), part), part


def _beginnings(part: Observance) -> list[datetime]:
    return [*part.onsets[:1], *([part.rule.first] if part.rule else [])]


def _latest(part: Observance, before: datetime) -> datetime | None:
    """Return the last onset before *before*, the first instant of a year."""
    place = bisect_left(part.onsets, before)
    single = part.onsets[place - 1] if place else None
    ruled = part.rule.latest(before.year - 1) if part.rule and before.year > MINYEAR else None
    return max(single, ruled) if single and ruled else single or ruled


def _within(part: Observance, first: int, last: int) -> Iterator[datetime]:
    start, end = datetime(first, 1, 1), datetime(last, 12, 31, 23, 59, 59)  # noqa: DTZ001 - local time of the rules
    singles = set(part.onsets[bisect_left(part.onsets, start) : bisect_right(part.onsets, end)])
    if part.rule:
        for year in range(first, last + 1):
            singles.update(part.rule.onsets(year))
    yield from singles


def _name_of(parts: tuple[Observance, ...], offset: int) -> str:
    return next((part.name for part in parts if part.after == offset), "")
