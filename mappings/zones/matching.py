"""Find the IANA zone that has the same offsets as a document's own rules over the years in use."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from mappings.zones.iana import HORIZON, history
from mappings.zones.names import cities, in_order

if TYPE_CHECKING:
    from mappings.zones.rulezone import RuleZone

FIRST_YEAR = 1900
LAST_YEAR = HORIZON - 1

Shape = tuple[tuple[int, int], ...]
"""The offset at the beginning of a span, then each instant in it from which on clocks showed another."""


def same_offsets(zone: RuleZone, name: str, years: range) -> bool:
    """Say whether *zone* shows the same time as the IANA zone *name* in all of *years*."""
    return _shape_of_rules(zone, years) == _shape_of_name(name, _clip(years))


def match(zone: RuleZone, tzid: str, years: range) -> str:
    """Return the IANA zone with the offsets of *zone* in all of *years*, empty if there is none.

    Of several with the same offsets it is the one whose city *tzid* names, else the most common.
    """
    # What begins later than it is used has to match where it begins, or any zone without a change would do.
    years = range(years[0], max(years[-1], min(zone.first_year + 1, LAST_YEAR)) + 1)
    equals = _index(_clip(years)).get(_shape_of_rules(zone, years), ())
    named = set(cities(tzid))
    return next((name for name in equals if name in named), equals[0] if equals else "")


def _clip(years: range) -> range:
    """Keep to the years of which the database says something; the same for any span before or after them."""
    first = min(max(years[0], FIRST_YEAR), LAST_YEAR)
    return range(first, max(min(years[-1], LAST_YEAR), first) + 1)


@lru_cache(32)
def _index(years: range) -> Mapping[Shape, tuple[str, ...]]:
    found: dict[Shape, list[str]] = {}
    for name in in_order():
        found.setdefault(_shape_of_name(name, years), []).append(name)
    return MappingProxyType({shape: tuple(equals) for shape, equals in found.items()})


def _shape_of_name(name: str, years: range) -> Shape:
    start, end = _span(years)
    past = history(name)
    place = bisect_left(past.steps, start, key=lambda step: step.at)
    steps = ((step.at, step.after.seconds) for step in past.steps[place:])
    return _shape(past.at(start - 1).seconds, steps, (start, end))


@lru_cache(64)
def _shape_of_rules(zone: RuleZone, years: range) -> Shape:
    years = _clip(years)
    changes = {change for year in range(years[0], years[-1] + 2, 2) for change in zone.changes(year)[1:]}
    before = zone.changes(years[0])
    start, end = _span(years)
    first = next((change.offset for change in reversed(before) if change.at < start), before[0].offset)
    ordered = sorted((change.at, change.offset) for change in changes)
    return _shape(first, ordered, (start, end))


def _shape(offset: int, steps: Iterable[tuple[int, int]], span: tuple[int, int]) -> Shape:
    shape = [(0, offset)]
    for at, after in steps:
        if at >= span[1]:
            break
        if at >= span[0] and after != shape[-1][1]:
            shape.append((at, after))
    return tuple(shape)


def _span(years: range) -> tuple[int, int]:
    start, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (years[0], years[-1] + 1))
    return int(start.timestamp()), int(end.timestamp())
