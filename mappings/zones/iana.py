"""The IANA zones, read from the ``tzdata`` package and never from the machine: the same everywhere.

Everything here is a pure function of that package; what is remembered cannot be changed by a document.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped] # it holds data, and no code to have types

_ZONES = 1024
"""More than there are zones: each is read once."""
_HEADER = struct.Struct(">4sc15x6l")
HORIZON = 2120
"""The last year whose steps are listed: files go on singly to 2086 (Gaza); then a rule has shown all its weekdays."""
_NAME = "[A-Za-z]+|<[^>]+>"
_FOOTER = re.compile(
    rf"(?P<std>{_NAME})(?P<offset>[-+:0-9]+)(?P<dst>{_NAME})(?P<saving>[-+:0-9]*),(?P<start>M[^,]+),(?P<end>M[^,]+)"
)


@dataclass(frozen=True, slots=True)
class Offset:
    """What clocks show: *seconds* east of UTC, the abbreviation, and whether it is daylight saving time."""

    seconds: int
    name: str
    dst: bool


@dataclass(frozen=True, slots=True)
class Step:
    """From *at* on (seconds since 1970, UTC) clocks show *after* instead of *before*."""

    at: int
    before: Offset
    after: Offset


@dataclass(frozen=True, slots=True)
class History:
    """A zone's steps up to the end of the year ``HORIZON``, and what clocks showed before the first of them."""

    first: Offset
    steps: tuple[Step, ...]

    def at(self, instant: int) -> Offset:
        """Return what clocks show at *instant* (seconds since 1970, UTC)."""
        place = bisect_right(self.steps, instant, key=lambda step: step.at)
        return self.steps[place - 1].after if place else self.first


@cache
def names() -> Mapping[str, str]:
    """Return all names, links too, by their lower-case form."""
    listed = (files(tzdata) / "zones").read_text(encoding="ascii").split()
    return MappingProxyType({name.lower(): name for name in listed if name != "Factory"})


@cache
def places() -> Mapping[str, str]:
    """Return the zones that people live in (``zone.tab``: no links of old) and their country codes (ISO 3166)."""
    table = (files(tzdata) / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return MappingProxyType({row[2]: row[0] for row in rows})


def _read(name: str) -> bytes:
    # The name is one of the package's own list, never a stranger's text.
    return files(tzdata).joinpath("zoneinfo", *names()[name.lower()].split("/")).read_bytes()


@lru_cache(_ZONES)
def zone_info(name: str) -> ZoneInfo:
    """Return the zone of an IANA *name* as listed in ``names()``.

    Raises:
        KeyError: there is no such zone.
    """
    return ZoneInfo.from_file(BytesIO(_read(name)), key=name)


@lru_cache(_ZONES)
def history(name: str) -> History:
    """Return all steps of the zone of an IANA *name*.

    Raises:
        KeyError: there is no such zone.
    """
    first, listed, footer = _read_tzif(_read(name))
    listed += _continue(footer, listed[-1][0] if listed else 0)
    shown = [first, *(offset for _, offset in listed)]
    steps = (Step(at, before, after) for (at, _), (before, after) in zip(listed, pairwise(shown), strict=True))
    return History(first, tuple(step for step in steps if step.before != step.after))


def _read_tzif(data: bytes) -> tuple[Offset, list[tuple[int, Offset]], str]:
    """Read the 64-bit block of a TZif file (RFC 8536 §3) and its footer."""
    _, _, isut, isstd, leap, times, types, chars = _HEADER.unpack_from(data)
    start = _HEADER.size + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    _, _, isut, isstd, leap, times, types, chars = _HEADER.unpack_from(data, start)
    start += _HEADER.size
    instants = struct.unpack_from(f">{times}q", data, start)
    kinds = data[start + times * 8 : start + times * 9]
    start += times * 9
    texts = data[start + types * 6 : start + types * 6 + chars]
    offsets = []
    for seconds, dst, place in struct.iter_unpack(">l?B", data[start : start + types * 6]):
        offsets.append(Offset(seconds, texts[place : texts.index(b"\0", place)].decode("ascii"), dst))
    listed = [(at, offsets[kind]) for at, kind in zip(instants, kinds, strict=True)]
    return offsets[0], listed, data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii")


def _continue(footer: str, after: int) -> Iterator[tuple[int, Offset]]:
    """Yield the steps after *after* that a footer says (RFC 8536 §3.3), as ``CET-1CEST,M3.5.0,M10.5.0/3`` does.

    Of POSIX's three ways to name a day only ``Mm.w.d`` occurs in the database; a test goes through all zones.
    """
    found = _FOOTER.fullmatch(footer)
    if not found:
        return
    standard = Offset(-_seconds(found["offset"]), found["std"].strip("<>"), dst=False)
    ahead = -_seconds(found["saving"]) if found["saving"] else standard.seconds + 3600
    summer = Offset(ahead, found["dst"].strip("<>"), dst=True)
    for year in range(datetime.fromtimestamp(after, UTC).year, HORIZON + 1):
        pair = [
            (_day(found["start"], year) - standard.seconds, summer),
            (_day(found["end"], year) - summer.seconds, standard),
        ]
        yield from (step for step in sorted(pair, key=lambda step: step[0]) if step[0] > after)


def _day(rule: str, year: int) -> int:
    """Return the local time a rule names in *year*, in seconds since 1970."""
    date, _, time = rule.partition("/")
    month, week, weekday = (int(part) for part in date[1:].split("."))
    first = datetime(year, month, 1, tzinfo=UTC)
    day = 1 + (weekday - first.isoweekday()) % 7 + (week - 1) * 7
    while day > monthrange(year, month)[1]:
        day -= 7
    return int(first.timestamp()) + (day - 1) * 86400 + (_seconds(time) if time else 7200)


def _seconds(written: str) -> int:
    """Return POSIX's ``[+-]hh[:mm[:ss]]`` in seconds."""
    sign = -1 if written.startswith("-") else 1
    parts = [int(part) for part in written.lstrip("+-").split(":")]
    return sign * sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
