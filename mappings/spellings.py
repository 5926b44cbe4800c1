"""Values that mean one thing and are spelled in two ways: dates and offsets with and without dashes and colons."""

from __future__ import annotations

import re

DATES = frozenset({"BDAY", "ANNIVERSARY", "DEATHDATE", "REV"})
"""Properties of a card that are a day or a time."""

LINKS = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
"""Properties that are a picture, a sound or a key, inside the card or at an address."""

EXTENDED = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)([.,]\d{1,9})?(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII | re.IGNORECASE
)
OFFSET = re.compile(r"([+-]\d\d):?(\d\d)", re.ASCII)


def basic_date(value: str) -> str:
    """Write a whole date or time without dashes and colons (RFC 6350 §4.3); anything else stays."""
    found = EXTENDED.fullmatch(value)
    if not found:
        return value
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    time = f"T{hour}{minute}{second}{fraction or ''}{(offset or '').replace(':', '')}" if hour else ""
    return f"{year}{month}{day}{time}"


def basic_offset(value: str) -> str:
    """Write an offset without its colon, or return an empty text if it is none."""
    found = OFFSET.fullmatch(value)
    return found[1] + found[2] if found else ""
