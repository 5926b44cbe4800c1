"""Which IANA zone a written name means: IANA's own, paths of other programs, Windows' and Outlook's names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

from tzlocal.windows_tz import tz_win, win_tz

from mappings.zones.iana import history, names

LONGEST = 255
"""Characters of a name; no list has one near it."""

COMMON = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "America/Phoenix", "America/Anchorage", "America/Halifax", "America/St_Johns", "Pacific/Honolulu",
    "Europe/Helsinki", "Europe/Moscow", "Europe/Istanbul", "America/Sao_Paulo", "America/Mexico_City", "America/Bogota",
    "America/Argentina/Buenos_Aires", "America/Santiago", "America/Caracas", "Asia/Kolkata", "Asia/Shanghai",
    "Asia/Tokyo", "Asia/Singapore", "Asia/Bangkok", "Asia/Dubai", "Asia/Karachi", "Asia/Dhaka", "Asia/Jerusalem",
    "Asia/Tehran", "Asia/Kathmandu", "Africa/Lagos", "Africa/Cairo", "Africa/Johannesburg", "Africa/Nairobi",
    "Africa/Casablanca", "Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Darwin",
    "Australia/Perth", "Pacific/Auckland", "Atlantic/Azores", "Atlantic/Reykjavik",
)  # fmt: skip
"""Which of several zones with the same rules is meant, by how many people live by it; the others follow by name."""

_OUTLOOK: Mapping[str, str] = {
    "abu dhabi muscat": "Arabian Standard Time", "atlantic time canada": "Atlantic Standard Time",
    "brasilia": "E. South America Standard Time", "central america": "Central America Standard Time",
    "central time us canada": "Central Standard Time", "coordinated universal time": "UTC",
    "eastern time us canada": "Eastern Standard Time", "greenland": "Greenland Standard Time",
    "greenwich mean time": "GMT Standard Time", "hawaii": "Hawaiian Standard Time",
    "indiana east": "US Eastern Standard Time", "arizona": "US Mountain Standard Time",
    "alaska": "Alaskan Standard Time", "chennai kolkata mumbai new delhi": "India Standard Time",
    "mountain time us canada": "Mountain Standard Time", "newfoundland": "Newfoundland Standard Time",
    "pacific time us canada": "Pacific Standard Time", "saskatchewan": "Canada Central Standard Time",
    "kuwait riyadh": "Arab Standard Time", "west central africa": "W. Central Africa Standard Time",
    "harare pretoria": "South Africa Standard Time", "islamabad karachi": "Pakistan Standard Time",
    "fiji": "Fiji Standard Time", "auckland wellington": "New Zealand Standard Time",
    "eastern": "Eastern Standard Time", "central": "Central Standard Time",
    "mountain": "Mountain Standard Time", "pacific": "Pacific Standard Time", "utc": "UTC",
}  # fmt: skip
"""Names on Windows' list that hold no city of the IANA database (learn.microsoft.com, Default Time Zones)."""

_DISPLAY = re.compile(
    r"\(\s*(?:UTC|GMT)\s*(?:([+-])\s*(\d{1,2})(?:[:.]?(\d{2}))?)?\s*\)\s*(.*)", re.DOTALL | re.IGNORECASE
)
_FIXED = re.compile(r"\(?\s*(?:UTC|GMT)\s*(?:([+-])\s*(\d{1,2})(?:[:.]?(\d{2}))?)?\s*\)?", re.IGNORECASE)
_PREFIX = "tzone://microsoft/"
_SEPARATORS = re.compile(r"[^a-z0-9+]+")


class How(StrEnum):
    """By what a zone was found, the surest first."""

    IANA = "iana"
    """The TZID is a name of the IANA database, in whatever case."""
    LOCATION = "x-lic-location"
    """The document's own VTIMEZONE names it."""
    PATH = "path"
    """In a path of another program (``/mozilla.org/20070129_1/Europe/Berlin``), or with other marks between words."""
    WINDOWS = "windows"
    """Windows' name of it, or what Outlook shows for it."""
    RULES = "rules"
    """The document's own VTIMEZONE has the same offsets over the years in use."""
    OWN = "own"
    """No zone of the database: the document's own VTIMEZONE, used as it is."""
    UNKNOWN = "unknown"
    """Nothing is known: a local time is left floating."""


@lru_cache(1024)
def find_name(tzid: str) -> tuple[str, How] | None:
    """Return the IANA name that *tzid* means and how it was found, ``None`` if the name alone says nothing."""
    if len(tzid) > LONGEST:
        return None
    name = tzid.strip().strip("\"'").replace("\\", "").strip()
    if exact := names().get(name.lower()):
        return exact, How.IANA
    if path := _path(name):
        return path, How.PATH
    windows = _windows(name)
    return (windows, How.WINDOWS) if windows else None


@cache
def in_order() -> tuple[str, ...]:
    """Return every zone's name, the most common first, then those of a place, then links and abbreviations."""
    others = sorted(set(names().values()) - set(COMMON), key=lambda name: (name not in tz_win, "/" not in name, name))
    return (*COMMON, *others)


def _path(name: str) -> str:
    """Find a name at the end of a path, or written with other marks between its words."""
    parts = [part for part in name.split("/") if part.strip()]
    for count in (3, 2):
        if found := names().get("/".join(parts[-count:]).lower()):
            return found
    if name.startswith("/") and (found := names().get(parts[-1].lower() if parts else "")):
        return found
    return _spellings().get(_words(name), "")


@cache
def _spellings() -> Mapping[str, str]:
    """Return the names of two parts and more by their words alone; offsets have signs, which are no such marks."""
    written = {_words(name): name for name in reversed(in_order()) if "/" in name and not name.startswith("Etc/")}
    return MappingProxyType(written)


def _words(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return " ".join(_SEPARATORS.sub(" ", plain).split())


def _windows(name: str) -> str:
    if name.lower().startswith(_PREFIX):
        name = name[len(_PREFIX) :]
    if found := _windows_names().get(_words(name)):
        return found
    if fixed := _FIXED.fullmatch(name):
        return _fixed_zone(_seconds(fixed))
    shown = _DISPLAY.fullmatch(name)
    text = shown[4] if shown else name
    alias = _OUTLOOK.get(_words(text)) if shown or " " in text.strip() else None
    found = win_tz.get(alias, "Etc/UTC") if alias else _common(cities(text) if shown or "," in text else ())
    if shown and found and not _has_had(found, _seconds(shown)):
        return ""
    return found


@cache
def _windows_names() -> Mapping[str, str]:
    """Return CLDR's table by the words of the name: programs write it with and without dots and capitals."""
    known = {_words(name): zone for name, zone in win_tz.items()}
    known |= {_words(name.replace("Standard", "Daylight")): zone for name, zone in win_tz.items()}
    return MappingProxyType({words: zone if zone in names().values() else "" for words, zone in known.items()})


def _seconds(found: re.Match[str]) -> int:
    sign, hours, minutes = found[1], int(found[2] or 0), int(found[3] or 0)
    return (-1 if sign == "-" else 1) * (hours * 3600 + minutes * 60)


def _fixed_zone(seconds: int) -> str:
    """Return the zone of a fixed offset: ``Etc/GMT-1`` is an hour east, the signs are POSIX's."""
    hours, rest = divmod(abs(seconds), 3600)
    if rest:
        return ""
    return names().get(f"etc/gmt{'-' if seconds > 0 else '+'}{hours}", "") if hours else "Etc/UTC"


def cities(text: str) -> Iterator[str]:
    """Yield the zones named after the cities that *text* lists, as names for display do."""
    for part in re.split(r"[,/;()&]", text):
        if zone := _places().get(_words(part)):
            yield zone


@cache
def _places() -> Mapping[str, str]:
    """Return the zones that are named after a city by its words."""
    zones = (name for name in reversed(in_order()) if "/" in name and not name.startswith("Etc/"))
    return MappingProxyType({_words(name.rpartition("/")[2]): name for name in zones})


def _common(cities: Iterable[str]) -> str:
    """Return the zone of the Windows name that most of *cities* belong to; the first named decides a tie."""
    windows = Counter(tz_win[city] for city in cities if city in tz_win)
    return win_tz.get(windows.most_common(1)[0][0], "") if windows else ""


def _has_had(zone: str, seconds: int) -> bool:
    """Say whether standard time ever was *seconds* from UTC: a display name is believed with its offset only."""
    return (
        any(seconds in {step.before.seconds, step.after.seconds} for step in history(zone).steps)
        or history(zone).first.seconds == seconds
    )
