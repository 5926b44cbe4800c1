"""What one content line means, apart from how it is written: the letters ``canonical`` is spelled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mappings.escapes import decode_base64, split_value, unescape_text
from mappings.spellings import DATES, LINKS, basic_date, basic_offset

if TYPE_CHECKING:
    from mappings.contentlines import ContentLine

Meaning = tuple[str, tuple[tuple[str, ...], ...], tuple[str, ...]]
"""A property's name, its parameters sorted, the parts of its value."""

STRUCTURED = frozenset({"N", "ADR", "ORG", "GENDER", "CLIENTPIDMAP", "REQUEST-STATUS", "GEO", "X-ABADR"})
"""Values of fields with ``;`` between them: an escaped semicolon is another thing than a bare one."""

LISTS = frozenset({"CATEGORIES", "NICKNAME", "RESOURCES", "EXDATE", "RDATE", "FREEBUSY"})
"""Values that are sets: one line of three says the same as three lines, in any order."""

RULES = frozenset({"RRULE", "EXRULE"})
DURATIONS = frozenset({"DURATION", "TRIGGER", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"})
ADDRESSES = frozenset({"ATTENDEE", "ORGANIZER"})
WORDS = frozenset({"STATUS", "CLASS", "TRANSP", "ACTION", "CALSCALE", "KIND", "BUSYTYPE"})
"""Values whose case has no meaning (RFC 5545 §2, RFC 6350 §6)."""

_BINARY = frozenset({"B", "BASE64"})
_FREE_CASE = frozenset(
    {"TYPE", "VALUE", "PARTSTAT", "ROLE", "CUTYPE", "RSVP", "RELATED", "FBTYPE", "RELTYPE", "RANGE", "PREF"},
)
_DEFAULTS = frozenset(
    {
        ("ROLE", "REQ-PARTICIPANT"),
        ("CUTYPE", "INDIVIDUAL"),
        ("RSVP", "FALSE"),
        ("PARTSTAT", "NEEDS-ACTION"),
        ("RELATED", "START"),
        ("RELTYPE", "PARENT"),
        ("FBTYPE", "BUSY"),
        ("CHARSET", "UTF-8"),
        ("VALUE", "TEXT"),
        ("VALUE", "RECUR"),
        ("VALUE", "CAL-ADDRESS"),
        ("VALUE", "UTC-OFFSET"),
        ("VALUE", "INTEGER"),
        ("VALUE", "BOOLEAN"),
    },
)
"""A parameter with its default value says nothing (RFC 5545 §3.2)."""

_DATES = frozenset({"DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "EXDATE", "RDATE", "COMPLETED", "CREATED"})
_DAYS = DATES | {"X-ANNIVERSARY"}
_LINKS = frozenset({"URL", "TZURL", "ATTACH", "SOURCE", "IMPP", "FBURL", "CALURI", "CALADRURI", "RELATED", "MEMBER"})
_DEFAULT_VALUES = {
    "DATE-TIME": _DATES,
    # Not a default, but eight digits can be nothing else; left out by some writers.
    "DATE": _DATES | _DAYS,
    "DATE-AND-OR-TIME": _DAYS,
    "DURATION": DURATIONS,
    "URI": _LINKS | LINKS,
    "BINARY": LINKS,
    "PERIOD": frozenset({"FREEBUSY"}),
}
_DROPPED = frozenset(
    {
        "ENCODING",  # a way to write the value, which is compared decoded
        "CHARSET",
        "SCHEDULE-AGENT",  # set by us so that no mail goes out; servers take it away (RFC 6638 §7.1)
        "SCHEDULE-STATUS",  # set by scheduling servers (RFC 6638 §7.3)
        "SCHEDULE-FORCE-SEND",
        "X-VOBJ-ORIGINAL-TZID",  # left behind by a widespread server library
        "X-VOBJ-FLOATINGTIME-ALLOWED",
    },
)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,18})W)?(?:(\d{1,18})D)?(?:T(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})S)?)?", re.ASCII
)
_RULE_DEFAULTS = frozenset({"INTERVAL=1", "WKST=MO"})


def meanings(line: ContentLine) -> Iterator[Meaning]:
    """Yield what *line* says; a list property says one thing per element, an empty one nothing."""
    if line.junk:
        yield "", (), (line.content.decode("latin-1").strip(),)
        return
    name = line.name
    params = tuple(sorted(_parameters(line, name)))
    if name in LISTS:
        for part in split_value(line.decoded(), ","):
            yield name, params, (unescape_text(part).strip(),)
    else:
        yield name, params, _value(line, name)


def _value(line: ContentLine, name: str) -> tuple[str, ...]:
    if line.encoding in _BINARY:
        return ("base64", decode_base64(line.value).hex())
    value = line.decoded()
    if name in STRUCTURED:
        fields = [_text(part) for part in split_value(value, ";")]
        while len(fields) > 1 and not fields[-1]:
            fields.pop()
        return tuple(fields)
    if name in RULES:
        return tuple(sorted(_rule(value)))
    if name in DURATIONS:
        return _duration(value.strip().upper())
    if name in ADDRESSES:
        scheme, colon, rest = value.partition(":")
        return (scheme.lower() + colon + rest,)
    if name in _DAYS:
        return (basic_date(value.strip()),)
    if name == "TZ" and (offset := basic_offset(value.strip())):
        return (offset,)
    return (value.strip().upper() if name in WORDS else _text(value),)


def _text(escaped: str) -> str:
    """Return a text with one kind of line end: vCard 2.1 writes two octets where 3.0 writes an escape."""
    text = unescape_text(escaped)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _rule(value: str) -> Iterator[str]:
    """Yield a rule's parts in upper case, the members of each list in order, the defaults left out."""
    for part in value.upper().replace(" ", "").split(";"):
        name, equals, members = part.partition("=")
        written = name + equals + ",".join(sorted(members.split(",")))
        if written and written not in _RULE_DEFAULTS:
            yield written


def _duration(value: str) -> tuple[str, ...]:
    """Return days and seconds apart: a day is not 24 hours where the clock changes (RFC 5545 §3.3.6)."""
    found = _DURATION.fullmatch(value)
    if not found:
        return (value,)
    weeks, days, hours, minutes, seconds = (int(digits or 0) for digits in found.groups()[1:])
    days, seconds = weeks * 7 + days, (hours * 60 + minutes) * 60 + seconds
    sign = "-" if found[1] == "-" and (days or seconds) else ""
    return (f"{sign}P{days}D{seconds}S",)


def _parameters(line: ContentLine, name: str) -> Iterator[tuple[str, ...]]:
    for param in line.params:
        if param.name == "TYPE":
            continue
        values = [value.strip().upper() if param.name in _FREE_CASE else value.strip() for value in param.values]
        if param.name == "VALUE" and values == ["URL"]:  # as vCard 2.1 calls it
            values = ["URI"]
        pair = (param.name, ",".join(values))
        default = param.name == "VALUE" and name in _DEFAULT_VALUES.get(pair[1], ())
        if not default and param.name not in _DROPPED and pair not in _DEFAULTS:
            yield from ((param.name, value) for value in values)
    yield from (("TYPE", word) for word in sorted(set(line.types())))
