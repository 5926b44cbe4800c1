"""Which leaves of an event stand in carrier lines, and corrections of leaves whose property says less.

A carrier's pointer is ``google.com:calendar/`` and the leaf's path. What a standard line
cannot say exactly (milliseconds, a control character, an offset of another zone) stands in a
*correction*: ``google.com:calendar:instead/`` and the path, with a digest of what the standard line
says and, if there is one, the value that belongs there. It counts only as long as the
line still says that: whoever edits the line is right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from mappings.calendars.leaves import BRANCHES, HOMELESS, LEAF, MAPS, Home

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mappings.carriers import JSON, Carrier

ROOT = "google.com:calendar"
INSTEAD = "google.com:calendar:instead"
CANCELLED = "google.com:calendar/cancelled"
"""What a cancelled instance says beyond its time."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MOMENTS = frozenset({"start", "end", "originalStartTime"})
_LISTS = frozenset(path.partition("[]")[0] for path in LEAF if "[]" in path)
_OWN = frozenset({"reminders.useDefault"})
"""Leaves whose carrier is written where the rest of them is."""


def carried(said: Mapping[str, JSON], *, meeting: bool) -> Iterator[tuple[str, JSON]]:
    """Yield pointer and value of every leaf of an event that stands in a carrier line, unknown ones too."""
    for path, value in _walk(said, ""):
        leaf = LEAF.get(path)
        if path in _OWN or path in HOMELESS or path in _LISTS or path in _MOMENTS:
            continue
        if path == "eventType" and value == "default" and said.get("id"):
            continue  # what every event of Google's says, and ``read_event`` adds
        homeless = leaf is None or leaf.home is Home.CARRIER or (path.startswith("organizer.") and not meeting)
        if homeless and (leaf is not None or value not in ([], {})):
            yield from _carrier(path, value)


def _walk(said: Mapping[str, JSON], before: str) -> Iterator[tuple[str, JSON]]:
    for name, value in said.items():
        path = before + name
        if path in BRANCHES and isinstance(value, dict):
            yield from _walk(value, path + ".")
        else:
            yield path, value


def _carrier(path: str, value: JSON) -> Iterator[tuple[str, JSON]]:
    if path in MAPS and isinstance(value, dict):
        for key, said in value.items():
            yield pointer(path), {key: said}
        return
    parent, _, name = path.rpartition(".") if path in LEAF else ("", "", path)
    if path in LEAF or path in MAPS or all(_NAME.fullmatch(part) for part in path.split(".")):
        yield pointer(path), value
    else:
        yield pointer(parent), {name: value}


def pointer(path: str) -> str:
    """Return the pointer of the leaf at *path*."""
    return f"{ROOT}/{path.replace('.', '/')}" if path else ROOT


def apply(event: dict[str, JSON], carriers: Iterable[Carrier]) -> None:
    """Put what carriers hold where it belongs, then the corrections that still hold."""
    corrections = []
    for carrier in carriers:
        if carrier.pointer == ROOT and isinstance(carrier.value, dict):
            event.update(carrier.value)
        elif carrier.pointer.startswith(ROOT + "/") and carrier.pointer != CANCELLED:
            _set(event, carrier.pointer[len(ROOT) + 1 :], carrier.value)
        elif carrier.pointer.startswith(INSTEAD + "/"):
            corrections.append(carrier)
    for carrier in corrections:
        _correct(event, carrier.pointer[len(INSTEAD) + 1 :], carrier.value)


def _set(event: dict[str, JSON], path: str, value: JSON) -> None:
    parts = path.split("/")
    place = event
    for part in parts[:-1]:
        below = place.setdefault(part, {})
        if not isinstance(below, dict):
            return
        place = below
    name = parts[-1]
    before = place.get(name)
    if path.replace("/", ".") in MAPS and isinstance(value, dict) and isinstance(before, dict):
        before.update(value)
    else:
        place[name] = value


def _correct(event: dict[str, JSON], path: str, value: JSON) -> None:
    if not isinstance(value, list) or not 1 <= len(value) <= 2:
        return
    parts = path.split("/")
    place: JSON = event
    for part in parts[:-1]:
        place = place.get(part) if isinstance(place, dict) else None
    read = place.get(parts[-1]) if isinstance(place, dict) else None
    if digest(read) != value[0]:
        return
    if len(value) == 2:
        _set(event, path, value[1])
    elif isinstance(place, dict):
        place.pop(parts[-1], None)


def corrections(said: Mapping[str, JSON], read: Mapping[str, JSON], before: str = "") -> Iterator[tuple[str, JSON]]:
    """Yield the carriers that make *said* of what is *read* from the lines without them."""
    for name in {**said, **read}:
        path = before + name
        ours, theirs = said.get(name), read.get(name)
        if same(ours, theirs) or path in HOMELESS:
            continue
        if path in BRANCHES and isinstance(ours, dict) and isinstance(theirs, dict | None):
            yield from corrections(ours, theirs or {}, path + ".")
        elif path.isascii() and all(_NAME.fullmatch(part) for part in path.split(".")):
            kept: list[JSON] = [digest(theirs)] if ours is None else [digest(theirs), ours]
            yield f"{INSTEAD}/{path.replace('.', '/')}", kept


def same(one: JSON, other: JSON) -> bool:
    """Say whether two values are the same; an empty list or object says no more than none."""
    if one == other:
        return (
            type(one) is type(other)
            or isinstance(one, dict | list)
            or one == ""
            or json.dumps(one) == json.dumps(other)
        )
    return not one and not other and isinstance(one, _EMPTY) and isinstance(other, _EMPTY)


_EMPTY = (dict, list, type(None))


def digest(value: JSON) -> str:
    """Return a short digest of what a line says, the same after a server wrote it anew."""
    written = json.dumps(_settled(value), sort_keys=True)
    return sha256(written.encode()).hexdigest()[:12]


def _settled(value: JSON) -> JSON:
    """Return a value without what servers change: blanks at the ends, the offset an instant is written with."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [_settled(each) for each in value]
    if isinstance(value, dict):
        at = value.get("dateTime")
        if isinstance(at, str) and set(value) <= {"dateTime", "timeZone"}:
            return {**value, "dateTime": instant(at)}
        return {name: _settled(each) for name, each in value.items()}
    return value


def instant(written: str) -> str:
    """Return an RFC 3339 time in UTC; as it is written if it is none."""
    try:
        return datetime.fromisoformat(written).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return written
