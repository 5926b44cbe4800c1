"""Lines that Google's events have no leaf for: kept beside ``items``, in a member of our own.

What is kept is found by writing the events again: a line that does not come back stands in
``KEPT``, together with the line that came in its place. On the way back both are exchanged,
unless the line was changed by an edit of the event: then the edit is right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mappings.calendars.events import NO_UID
from mappings.calendars.moments import Place, in_form_of, moment_of, said_of, stamp_of
from mappings.calendars.series import place_of_calendar
from mappings.contentlines import ContentLine
from mappings.documents import Component, parse
from mappings.errors import BadTime
from mappings.folding import fold
from mappings.meanings import Meaning, meanings
from mappings.times import Moment, read_moment

if TYPE_CHECKING:
    from mappings.carriers import JSON

KEPT = "iCalendar"
"""The member beside ``items``. Google does not know it; an API call has to leave it out."""

_WRITER = frozenset({"VERSION", "PRODID", "METHOD"})
"""Lines of whoever writes the file; METHOD must not be stored (RFC 4791 §4.1)."""

_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that stand for no octet."""

Item = bytes | Component
Said = tuple[str, tuple[Meaning, ...]]


def keep(original: Component, written: Component) -> dict[str, JSON] | None:
    """Return what *original* says and *written*, made of its events, does not; ``None`` if that is nothing."""
    kept: dict[str, JSON] = {}
    calendar = _swaps(_own(original), _own(written))
    if calendar:
        kept["calendar"] = [*calendar]
    events: dict[str, JSON] = {}
    theirs = _by_key(written)
    for key, component in _by_key(original).items():
        other = theirs.get(key)
        swaps = _swaps(_items(component), _items(other)) if other else [{"was": [], "lines": [_written(component)]}]
        if swaps:
            events[key] = [*swaps]
    if events:
        kept["events"] = events
    return kept or None


def restore(written: Component, kept: JSON) -> Component:
    """Return *written* with the lines of *kept* in their places again. Anything else in *kept* is passed over."""
    if not isinstance(kept, dict):
        return written
    _exchange(written, kept.get("calendar"))
    events = kept.get("events")
    there = _by_key(written)
    for key, swaps in events.items() if isinstance(events, dict) else ():
        _exchange(there.get(key, written), swaps)
    return written


def spelled(calendar: Component) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Yield what each line of a calendar says: its name, the event it stands in, its meaning."""
    for item in _own(calendar):
        if not (isinstance(item, Component) and item.name == "VTIMEZONE"):
            yield from _spell("", item)
    for key, event in _by_key(calendar).items():
        for item in _items(event):
            yield from _spell(key, item)


def _spell(key: str, item: Item) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    name, said = _said(item)
    if isinstance(item, Component):
        yield name, key, said
    else:
        yield from ((name, key, (each,)) for each in said)


def _own(calendar: Component) -> list[Item]:
    """Return what stands in a calendar beside its events; of lines, only those that say something of it."""
    found: list[Item] = []
    for item in calendar.items:
        if isinstance(item, Component):
            if item.name != "VEVENT":
                found.append(item)
        elif not (line := ContentLine(item)).blank and line.name not in _WRITER:
            found.append(item)
    return found


def _items(event: Component) -> list[Item]:
    return [item for item in event.items if isinstance(item, Component) or not ContentLine(item).blank]


def _by_key(calendar: Component) -> dict[str, Component]:
    """Name each event of a calendar by its UID and when it would have started in its series."""
    place = place_of_calendar(calendar)
    found: dict[str, Component] = {}
    named = [(event, *_names(event)) for event in calendar.components("VEVENT")]
    masters = {
        uid: _moment(next(event.lines("DTSTART"), None), place) for event, uid, said in reversed(named) if not said
    }
    for event, uid, said in named:
        key = f"{uid} {_start_of(said, masters.get(uid), place) if said else ''}"
        while key in found:
            key += "+"
        found[key] = event
    return found


def _names(event: Component) -> tuple[str, ContentLine | None]:
    uid = (event.text("UID") or "").strip()
    return "" if uid == NO_UID else uid, next(event.lines("RECURRENCE-ID"), None)


def _start_of(said: ContentLine, master: Moment | None, place: Place) -> str:
    moment = _moment(said, place)
    try:
        fitted = in_form_of(moment, master) if moment and master else moment
    except BadTime:
        fitted = moment
    return stamp_of(fitted) if fitted else said.decoded().strip()


def _moment(line: ContentLine | None, place: Place) -> Moment | None:
    """Return when a line says it is, as the event made of it will say it: a floating time has the calendar's zone."""
    try:
        return moment_of({**said_of(read_moment(line, place.zones), place)}, place) if line else None
    except BadTime:
        return None


def _swaps(ours: Sequence[Item], theirs: Sequence[Item]) -> list[dict[str, JSON]]:
    """Return, by name, the lines only *ours* has and those only *theirs* has in their place."""
    said, other = [_said(item) for item in ours], [_said(item) for item in theirs]
    more, instead = Counter(said) - Counter(other), Counter(other) - Counter(said)
    swaps: dict[str, tuple[list[JSON], list[JSON]]] = {}
    for item, spelling in zip(theirs, other, strict=True):
        if instead[spelling] > 0 and spelling[0] != "VTIMEZONE":
            instead[spelling] -= 1
            swaps.setdefault(spelling[0], ([], []))[0].append(_written(item))
    for item, spelling in zip(ours, said, strict=True):
        if more[spelling] > 0:
            more[spelling] -= 1
            swaps.setdefault(spelling[0], ([], []))[1].append(_written(item))
    return [{"was": was, "lines": lines} for was, lines in swaps.values()]


def _exchange(component: Component, swaps: JSON) -> None:
    for swap in swaps if isinstance(swaps, list) else ():
        if not isinstance(swap, dict):
            continue
        was, lines = _read(swap.get("was")), _read(swap.get("lines"))
        names = {_name(item) for item in lines if isinstance(item, Component) and item.name == "VTIMEZONE"}
        places = _places(component.items, was)
        if len(places) < len(was):
            continue  # the event was edited there
        for place in sorted(places, reverse=True):
            del component.items[place]
        if names:
            component.items[:] = [item for item in component.items if not _is_zone(item, names)]
        _insert(component, lines)


def _insert(component: Component, lines: list[Item]) -> None:
    at = next((n for n, item in enumerate(component.items) if isinstance(item, Component)), len(component.items))
    flat = [item for item in lines if not isinstance(item, Component)]
    inner = [item for item in lines if isinstance(item, Component)]
    zones = [item for item in inner if item.name == "VTIMEZONE"]
    component.items[at:at] = [*flat, *zones]
    component.items += [item for item in inner if item.name != "VTIMEZONE"]


def _is_zone(item: Item, names: set[str]) -> bool:
    return isinstance(item, Component) and item.name == "VTIMEZONE" and _name(item) in names


def _name(zone: Item) -> str:
    return (zone.text("TZID") or "").strip() if isinstance(zone, Component) else ""


def _places(items: Sequence[Item], wanted: Sequence[Item]) -> set[int]:
    """Return where each of *wanted* stands among *items*, as far as it does."""
    said = Counter(_said(item) for item in wanted)
    names = {name for name, _ in said}
    found = set()
    for place, item in enumerate(items):
        if (item.name if isinstance(item, Component) else ContentLine(item).name) in names:
            spelling = _said(item)
            if said[spelling] > 0:
                said[spelling] -= 1
                found.add(place)
    return found


def _said(item: Item) -> Said:
    """Return what a line or a component says, whatever it is written like."""
    if isinstance(item, Component):
        inside = [meaning for line in item.lines() if not line.blank for meaning in meanings(line)]
        inside += [("BEGIN", (), (repr(_said(inner)),)) for inner in item.components()]
        return item.name, tuple(sorted(inside))
    line = ContentLine(item)
    return line.name, tuple(sorted(meanings(line)))


def _written(item: Item) -> str:
    raw = item.to_bytes() if isinstance(item, Component) else ContentLine(item).content
    return raw.decode("utf-8", "surrogateescape")


def _read(written: JSON) -> list[Item]:
    """Return the lines and components that were kept. Whatever else somebody wrote there starts no line of its own."""
    found: list[Item] = []
    for each in written if isinstance(written, list) else ():
        if not isinstance(each, str):
            continue
        raw = each.encode("utf-8", "surrogateescape" if _is_octets(each) else "replace")
        if raw[:6].upper() == b"BEGIN:":
            found += [one for one in parse(raw).components() if one.end]
        elif b"\n" not in raw and b"\r" not in raw:
            found.append(fold(raw))
    return found


def _is_octets(text: str) -> bool:
    return _HALVES.search(text) is None
