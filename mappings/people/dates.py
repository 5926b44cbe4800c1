"""Google's partial dates on cards: ``{"month": 4, "day": 15}`` and ``--0415``.

vCard 4.0 writes what is known (RFC 6350 §4.3.1); for 3.0 a date without a year is Apple's
``X-APPLE-OMIT-YEAR=1604:1604-04-15``, and one without a day has no form.
"""

from __future__ import annotations

import re
from calendar import monthrange
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Element

OMIT_YEAR = "X-APPLE-OMIT-YEAR"
NO_YEAR = 1604
"""A leap year, so that 29 February can stand in it."""

_FULL = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?", re.ASCII | re.DOTALL)
_NO_YEAR = re.compile(r"--(\d\d)-?(\d\d)(?:[T ].*)?", re.ASCII | re.DOTALL)
_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def write_date(date: JSON, version: str) -> tuple[str, dict[str, str]] | None:
    """Return value and parameters of a date, ``None`` if *version* has no form for it or it is none."""
    if not isinstance(date, dict) or not date or date.keys() - {"year", "month", "day"}:
        return None
    year, month, day = (_part(date.get(name, 0)) for name in ("year", "month", "day"))
    if not _is_date(year, month, day):
        return None
    four = version == "4.0"
    if year and month and day:
        return (f"{year:04}{month:02}{day:02}" if four else f"{year:04}-{month:02}-{day:02}"), {}
    if month and day:
        if four:
            return f"--{month:02}{day:02}", {}
        return f"{NO_YEAR}-{month:02}-{day:02}", {OMIT_YEAR: str(NO_YEAR)}
    if not four:
        return None
    return (f"{year:04}-{month:02}" if month else f"{year:04}"), {}


def read_date(text: str, params: dict[str, str]) -> Element | None:
    """Return what *text* says of a date, ``None`` if it is none; times of the day are left out."""
    text = text.strip()
    found = _FULL.fullmatch(text)
    if found:
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        omitted = params.get(OMIT_YEAR, "")
        if year == NO_YEAR and OMIT_YEAR not in params:
            omitted = found[1]  # Apple's address book also writes it without the parameter
        if omitted == found[1]:
            year = 0
    elif found := _NO_YEAR.fullmatch(text):
        year, month, day = 0, int(found[1]), int(found[2])
    elif found := _MONTH.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), 0
    elif _YEAR.fullmatch(text):
        year, month, day = int(text), 0, 0
    else:
        return None
    if not _is_date(year, month, day):
        return None
    return {name: part for name, part in (("year", year), ("month", month), ("day", day)) if part}


def _part(value: JSON) -> int:
    """Return a part of a date; what is no number is no part of any date."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _is_date(year: int, month: int, day: int) -> bool:
    """Say whether this is a date of Google's kinds: full, without year, a year, or a year with a month."""
    if not (0 <= year <= 9999 and 0 <= month <= 12 and day >= 0):
        return False
    if day:
        return month > 0 and day <= monthrange(year or NO_YEAR, month)[1]
    return year > 0
