"""One file of many objects, and many files of one: both ways without losing any.

The unit is what a server stores under one name: a vCard, or all components of one UID
(a series and its moved instances) with the time zones they use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from mappings.contentlines import ContentLine
from mappings.documents import Component, boundary, parse
from mappings.errors import Malformed
from mappings.folding import BOM, unfold
from mappings.inspect import inspect
from mappings.limits import DEFAULT_LIMITS, Limits
from mappings.mediatypes import Family, family

_TZID = re.compile(rb';TZID=("[^"]*+"|[^;:,\r\n]*+)', re.IGNORECASE)
_HEADER = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Wherry//Wherry//EN\r\n"
_FOOTER = b"END:VCALENDAR\r\n"
_OF_THE_FILE = frozenset({"VERSION", "PRODID", "METHOD"})
"""Lines of a wrapper that the file has for itself."""


def split(media_type: str, body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[bytes]:
    """Yield one body per object of *body*, in the order they begin there; lines as they stand.

    A calendar's objects each get the wrapper's own lines and the VTIMEZONEs they refer to;
    a component without UID is an object of its own. VTIMEZONEs nothing refers to go.

    What is broken is yielded too, as a body that ``inspect`` calls incomplete, so that it
    can be reported: a component that was never closed, text outside every component, and,
    if the file is cut off, its open wrapper. The whole objects before it stay good.

    Raises:
        UnknownType, TooLarge, TooDeep: as for ``parse``.
    """
    calendar = family(media_type) is Family.CALENDAR
    for item in parse(body, limits=limits).items:
        if isinstance(item, bytes):
            if not item.isspace():
                yield item
        elif calendar and item.name == "VCALENDAR":
            yield from _split_calendar(item)
        else:
            yield item.to_bytes()


def _split_calendar(calendar: Component) -> Iterator[bytes]:
    lines = [item for item in calendar.items if isinstance(item, bytes) and not item.isspace()]
    own = [line for line in lines if not boundary(line)[0]]
    zones: dict[bytes, Component] = {}
    groups: dict[tuple[str, str], list[Component]] = {}
    broken = [] if len(own) == len(lines) else [b"".join([calendar.begin, *lines])]
    for number, component in enumerate(calendar.components()):
        if not component.end:
            broken.append(b"".join([calendar.begin, *own, component.to_bytes()]))
        elif component.name == "VTIMEZONE":
            zones.setdefault(_zone_name(component), component)
        else:
            groups.setdefault((component.name, component.text("UID") or f"\0{number}"), []).append(component)
    for components in groups.values():
        inside = b"".join(_with_line_end(component.to_bytes()) for component in components)
        used = [zones[name].to_bytes() for name in _zones_used(inside) if name in zones]
        yield b"".join([calendar.begin, *own, *used, inside, calendar.end or _FOOTER])
    if not (groups or broken):
        yield calendar.to_bytes()
    elif not (calendar.end or broken):
        broken.append(b"".join([calendar.begin, *own]))
    yield from broken


def _zone_name(zone: Component) -> bytes:
    return next((line.value.strip() for line in zone.lines("TZID")), b"")


def _zones_used(lines: bytes) -> Iterator[bytes]:
    """Yield each time zone named in *lines* once."""
    names = (found[1].strip(b' "') for found in _TZID.finditer(re.sub(rb"\r?\n[ \t]", b"", lines)))
    return iter(dict.fromkeys(names))


def join(media_type: str, bodies: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces of one file that holds all *bodies*, each of them a whole object.

    Cards stand one after the other. Calendars share one VCALENDAR, in which a time zone
    stands once. A body whose time zone differs in a single octet from one of the same
    TZID, or whose wrapper says something of its own, cannot share it and nothing is
    renamed: those come in further VCALENDARs of the same file (an iCalendar stream may
    hold several, RFC 5545 §3.4). They are held back until the first is closed.

    Raises:
        UnknownType: *media_type* is neither a calendar nor a card.
        Malformed: a body is not complete; nothing of it has been yielded.
    """
    if family(media_type) is Family.CARD:
        for body in bodies:
            _demand_whole(media_type, body)
            yield _with_line_end(body.removeprefix(BOM))
        return
    waiting = (stored for body in bodies for stored in _take_apart(media_type, body))
    while True:
        shared = _Shared()
        yield from shared.take(waiting)
        if not shared.refused:
            return
        waiting = (stored for stored in shared.refused)


@dataclass(slots=True)
class _Stored:
    """One VCALENDAR taken apart: its wrapper's own words, its time zones by TZID, the rest."""

    wrapper: bytes = b""
    zones: dict[bytes, bytes] = field(default_factory=dict)
    components: list[bytes] = field(default_factory=list)


def _take_apart(media_type: str, body: bytes) -> Iterator[_Stored]:
    _demand_whole(media_type, body)
    for calendar in parse(body, limits=Limits(octets=len(body), line_octets=len(body))).components():
        stored = _Stored()
        for item in calendar.items:
            if isinstance(item, bytes):
                stored.wrapper += _with_line_end(item) if _is_of_its_own(item) else b""
            elif item.name == "VTIMEZONE" and (name := _zone_name(item)) not in stored.zones:
                stored.zones[name] = item.to_bytes()
            else:
                stored.components.append(item.to_bytes())
        yield stored


class _Shared:
    """One VCALENDAR being written: takes the bodies that fit, refuses the others."""

    def __init__(self) -> None:
        self.refused: list[_Stored] = []
        self._wrapper: bytes | None = None
        self._marks: dict[bytes, bytes] = {}

    def take(self, bodies: Iterable[_Stored]) -> Iterator[bytes]:
        """Yield this VCALENDAR with every body that may share it."""
        for body in bodies:
            if self._wrapper is None:
                self._wrapper = body.wrapper
                yield _HEADER + body.wrapper
            marks = {name: sha256(zone).digest() for name, zone in body.zones.items()}
            if body.wrapper != self._wrapper or any(
                self._marks.get(name, mark) != mark for name, mark in marks.items()
            ):
                self.refused.append(body)
                continue
            new = [zone for name, zone in body.zones.items() if name not in self._marks]
            self._marks |= marks
            yield b"".join([*new, *body.components])
        if self._wrapper is None:
            yield _HEADER
        yield _FOOTER


def _is_of_its_own(raw: bytes) -> bool:
    """Say whether a wrapper's line says more than every calendar's."""
    line = ContentLine(raw)
    if line.blank or line.name in _OF_THE_FILE:
        return False
    return not (line.name == "CALSCALE" and unfold(raw).upper().endswith(b":GREGORIAN"))


def _demand_whole(media_type: str, body: bytes) -> None:
    problem = inspect(media_type, body, limits=Limits(octets=len(body))).problem
    if problem:
        raise Malformed(problem)


def _with_line_end(lines: bytes) -> bytes:
    return lines if lines.endswith((b"\n", b"\r")) else lines + b"\r\n"
