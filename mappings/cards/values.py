"""Values that the versions of vCard write in different ways: dates, offsets, places, pictures."""

from __future__ import annotations

import re

from mappings.cards.names import MEDIA, MEDIA_FAMILY
from mappings.spellings import EXTENDED, OFFSET

_BASIC = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)([.,]\d{1,9})?(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII | re.IGNORECASE
)
_POINT = re.compile(r"([+-]?\d{1,3}(?:\.\d{1,20})?);([+-]?\d{1,3}(?:\.\d{1,20})?)", re.ASCII)
_GEO = re.compile(r"geo:([+-]?\d{1,3}(?:\.\d{1,20})?),([+-]?\d{1,3}(?:\.\d{1,20})?)", re.ASCII)
_YEARLESS = re.compile(r"--(\d\d)-?(\d\d)", re.ASCII)
_DATA = re.compile(r"data:([a-z0-9.+/-]+);base64,([A-Za-z0-9+/]*={0,2})", re.ASCII)
_MEDIA_TOKEN = re.compile(r"[A-Za-z0-9.+-]{1,40}", re.ASCII)
OMITTED_YEAR = "1604"
"""The year that Apple writes where there is none: a leap year, so that 29 February exists."""


def extended_date(value: str) -> str:
    """Write a whole date or time with dashes and colons (RFC 2426 §4); anything else stays."""
    found = _BASIC.fullmatch(value)
    if not found:
        return value
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    time = f"T{hour}:{minute}:{second}{fraction or ''}{extended_offset(offset or '')}" if hour else ""
    return f"{year}-{month}-{day}{time}"


def is_whole_date(value: str) -> bool:
    """Say whether *value* is a date with its year, month and day: all that vCard 3.0 can say."""
    return bool(EXTENDED.fullmatch(value) or _BASIC.fullmatch(value))


def yearless(value: str) -> str:
    """Return month and day (``0415``) of a date without a year (``--0415``), or an empty text."""
    found = _YEARLESS.fullmatch(value)
    return found[1] + found[2] if found else ""


def extended_offset(value: str) -> str:
    """Write an offset of four digits with a colon; anything else stays."""
    found = OFFSET.fullmatch(value)
    return f"{found[1]}:{found[2]}" if found else value


def geo_uri(value: str) -> str:
    """Return ``geo:1,2`` for ``1;2`` (RFC 5870), or an empty text."""
    found = _POINT.fullmatch(value)
    return f"geo:{found[1]},{found[2]}" if found else ""


def geo_fields(value: str) -> str:
    """Return ``1;2`` for ``geo:1,2``, or an empty text."""
    found = _GEO.fullmatch(value)
    return f"{found[1]};{found[2]}" if found else ""


def media_type(name: str, word: str) -> str:
    """Return the media type that TYPE=*word* means for a property *name*; empty if it cannot be one."""
    if not word:
        return "application/octet-stream"
    known = MEDIA.get(name, {}).get(word.upper())
    return known or (MEDIA_FAMILY[name] + word.lower() if _MEDIA_TOKEN.fullmatch(word) else "")


def media_word(name: str, media: str) -> str | None:
    """Return the TYPE that means *media* for a property *name*, ``None`` if there is none."""
    if media == "application/octet-stream":
        return ""
    known = next((word for word, one in MEDIA.get(name, {}).items() if one == media), None)
    if known is not None:
        return known
    family = MEDIA_FAMILY[name]
    word = media.removeprefix(family).upper()
    return word if media.startswith(family) and media_type(name, word) == media else None


def inline_data(value: str) -> tuple[str, str] | None:
    """Return media type and base64 of a ``data:`` URI in its plainest form (RFC 2397), else ``None``."""
    found = _DATA.fullmatch(value)
    return (found[1], found[2]) if found else None
