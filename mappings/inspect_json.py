"""What an API's JSON object is, found without mapping it: the same questions ``inspect`` answers for content lines."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from mappings.inspection import Inspection
from mappings.mediatypes import EVENTS, PERSON, base_type

if TYPE_CHECKING:
    from collections.abc import Callable

_EPOCH: Final = date(1970, 1, 1).toordinal()


def inspect_json(media_type: str, body: bytes) -> Inspection | None:
    """Say what *body* of a JSON *media_type* holds; ``None`` for a type that is not one of ours. Never raises.

    *problem* is ``empty``, ``not-text`` (no UTF-8), ``truncated`` (no JSON: what is cut off never is),
    ``too-deep``, ``wrong-type`` (JSON, but no such object), ``no-component`` or ``several`` (not
    exactly one contact or one series: another item would get lost behind the first).
    """
    look = _LOOKS.get(media_type) or _LOOKS.get(base_type(media_type))
    if look is None:
        return None
    if not body.strip():
        return _not("empty")
    try:
        found = json.loads(body)
    except UnicodeDecodeError:
        return _not("not-text")
    except ValueError:
        return _not("truncated")
    except RecursionError:
        return _not("too-deep")
    return look(found) if isinstance(found, dict) else _not("wrong-type")


def _person(document: dict[str, Any]) -> Inspection:
    """Look at a people document of one Person, or of one group and nobody."""
    people = [one for key in ("connections", "otherContacts") for one in _listed(document, key)]
    if not people and len(groups := _listed(document, "contactGroups")) == 1:
        people = groups
    if not people:
        return _not("no-component")
    names = {name for one in people if isinstance(name := one.get("resourceName"), str)}
    uid = next((one["resourceName"] for one in people if isinstance(one.get("resourceName"), str)), None)
    problem = "" if len(people) == 1 else "several"
    return Inspection(not problem, problem, "VCARD", uid, len(names))


def _events(document: dict[str, Any]) -> Inspection:
    """Look at an Events resource of one series."""
    items = _listed(document, "items")
    if not items:
        return _not("no-component")
    named = [uid for one in items if isinstance(uid := one.get("iCalUID"), str) and uid]
    problem = "several" if len(set(named)) > 1 else ""
    days = (day for one in items if (day := _day(one)) is not None)
    return Inspection(
        not problem,
        problem,
        "VEVENT",
        named[0] if named else None,
        len(set(named)),
        next(days, None),
        meeting=any(one.get("attendees") or one.get("organizer") for one in items),
    )


def _listed(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = document.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _day(event: dict[str, Any]) -> int | None:
    """Return the day an event begins on, as its start says it."""
    start = event.get("start")
    said = (start.get("date") or start.get("dateTime")) if isinstance(start, dict) else None
    if not isinstance(said, str):
        return None
    try:
        return date.fromisoformat(said[:10]).toordinal() - _EPOCH
    except ValueError:
        return None


def _not(problem: str) -> Inspection:
    return Inspection(complete=False, problem=problem)


_LOOKS: Final[dict[str, Callable[[dict[str, Any]], Inspection]]] = {PERSON: _person, EVENTS: _events}
