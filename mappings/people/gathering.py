"""The lines of a card, gathered to what belongs together: entries of fields, carriers, and all the rest.

Reads cards of any origin: what others write under another name (``X-JABBER``,
``X-ANNIVERSARY``, ``X-SPOUSE``) is adapted to the property of the table; its raw line stays with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from functools import cache
from typing import TYPE_CHECKING

from mappings.carriers import NAME, Carrier, read_carrier
from mappings.people.adapting import adapt
from mappings.people.fields import fields
from mappings.people.properties import LABEL, Element, Entry, Property, read_property

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.contentlines import ContentLine

POINTER = "google.com:people/"
_JOINED = frozenset({"names", "organizations", "biographies", "genders"})
"""Fields whose ungrouped lines belong together though each has a line of its own."""


@dataclass(slots=True)
class Found:
    """One element's *entry* and the raw *lines* it was read from, with the *group* they share (upper case)."""

    field: str
    entry: Entry
    lines: list[ContentLine]
    group: str = ""
    native: Element = made(default_factory=dict)
    """What the properties alone say of the element."""

    def add(self, one: Property, line: ContentLine) -> None:
        """Take one more property; of a second NOTE the text follows the first one's."""
        before = self.entry.get(one.name)
        if before is None:
            self.entry[one.name] = one
        else:
            before.text = f"{before.text}\n\n{one.text}"
        self.lines.append(line)


@dataclass(slots=True)
class Gathered:
    """A card taken apart. *carried* is keyed by field, then group (upper case) and index; *top* by Person's member."""

    found: dict[str, list[Found]] = made(default_factory=dict)
    carried: dict[str, dict[tuple[str, int], dict[str, JSON]]] = made(default_factory=dict)
    top: dict[str, JSON] = made(default_factory=dict)
    own: dict[str, list[ContentLine]] = made(default_factory=dict)
    """The lines of the card itself: UID, REV, CATEGORIES, PHOTO, by name."""
    rest: list[ContentLine] = made(default_factory=list)
    carriers: dict[str, list[ContentLine]] = made(default_factory=dict)
    """The lines of *carried*, by field."""


OWN = frozenset({"UID", "REV", "CATEGORIES", "PHOTO", "VERSION"})


@cache
def _fields_of(version: str) -> Mapping[str, str]:
    """Return property name -> field, for anchors and the satellites only one field has."""
    table: dict[str, str] = {}
    for one in fields(version).values():
        for name in (*one.satellites, *one.anchors, *one.others.values()):
            if name != LABEL:
                table[name] = one.name
    return table


@cache
def _anchors_of(version: str) -> Mapping[str, frozenset[str]]:
    return {name: frozenset((*one.anchors, *one.others.values())) for name, one in fields(version).items()}


def gather(lines: Iterable[ContentLine], version: str) -> Gathered:
    """Take the lines of one card apart; every line is in exactly one place, carriers of Person excepted."""
    gathered = Gathered()
    groups: dict[str, list[ContentLine]] = {}
    alone: list[ContentLine] = []
    places: dict[int, int] = {}
    depth = 0
    for place, line in enumerate(lines):
        places[id(line)] = place
        name = line.name
        depth += name == "BEGIN"
        if depth:  # a card within the card (AGENT of vCard 2.1)
            depth -= name == "END"
            gathered.rest.append(line)
            continue
        if name == NAME and _take_carrier(gathered, line):
            continue
        if name in OWN:
            gathered.own.setdefault(name, []).append(line)
        elif line.group:
            groups.setdefault(line.group.upper(), []).append(line)
        else:
            alone.append(line)
    if "NOTE" not in (names := {line.name for line in alone}) or "N" not in names:
        alone += _ungroup(groups, {"N", "FN", "NOTE"} - names)
    _alone(gathered, alone, version)
    for group, members in groups.items():
        _grouped(gathered, group, members, version)
    for founds in gathered.found.values():
        founds.sort(key=lambda found: places[id(found.lines[0])])
    _read_natives(gathered, version)
    gathered.rest.sort(key=lambda line: places[id(line)])
    return gathered


def _read_natives(gathered: Gathered, version: str) -> None:
    """Read all entries; one that says nothing but a type is no element, its lines are kept."""
    for name, founds in gathered.found.items():
        meant = []
        for found in founds:
            found.native = fields(version)[name].read(found.entry)
            if found.native.keys() - {"type", "contentType"} or "FN" in found.entry:
                meant.append(found)
            else:
                gathered.rest += found.lines
        gathered.found[name] = meant


def _ungroup(groups: dict[str, list[ContentLine]], names: set[str]) -> list[ContentLine]:
    """Take the lines a card has once out of their groups."""
    taken = []
    for members in groups.values():
        found = [line for line in members if line.name in names]
        taken += found
        for line in found:
            members.remove(line)
    return taken


def _take_carrier(gathered: Gathered, line: ContentLine) -> bool:
    carrier = read_carrier(line)
    if carrier is None or not carrier.pointer.startswith(POINTER):
        return False
    path = carrier.pointer[len(POINTER) :].split("/")
    if len(path) == 1 and path[0]:
        gathered.top[path[0]] = carrier.value
        return True
    if len(path) > 3 or not path[0] or not (path[1].isdecimal() and path[1].isascii() and len(path[1]) < 8):
        return False
    gathered.carriers.setdefault(path[0], []).append(line)
    return _take_member(gathered, carrier, path)


def _take_member(gathered: Gathered, carrier: Carrier, path: list[str]) -> bool:
    of_field = gathered.carried.setdefault(path[0], {})
    members = of_field.setdefault((carrier.group.upper(), int(path[1])), {})
    if len(path) == 3:
        members[path[2]] = carrier.value
    return True


def _alone(gathered: Gathered, lines: list[ContentLine], version: str) -> None:
    """Make entries of ungrouped lines: each its own, but for those that a card has once."""
    joined: dict[str, list[Found]] = {}
    preferred = _preferred(lines)
    for line in lines:
        name = line.name
        if name in preferred and preferred[name] is not line:
            gathered.rest.append(line)
            continue
        adapted = adapt(read_property(line), version)
        field_name = adapted[0] or _fields_of(version).get(adapted[1].name, "")
        if field_name in _JOINED:
            if not _join(joined.setdefault(field_name, []), field_name, adapted[1], line):
                gathered.rest.append(line)
        elif adapted[1].name in _anchors_of(version).get(field_name, ()):
            found = Found(field_name, {one.name: one for one in adapted[1:]}, [line])
            gathered.found.setdefault(field_name, []).append(found)
        else:
            gathered.rest.append(line)
    for field_name, founds in joined.items():
        anchors = _anchors_of(version)[field_name]
        for found in founds:
            if anchors & found.entry.keys():
                gathered.found.setdefault(field_name, []).append(found)
            else:
                gathered.rest += found.lines


def _join(founds: list[Found], name: str, one: Property, line: ContentLine) -> bool:
    """Put a line to the first entry of its field that lacks it; organizations may be several, a person is one."""
    for found in founds:
        if one.name not in found.entry or name == "biographies":
            found.add(one, line)
            return True
    if founds and name != "organizations":
        return False
    founds.append(Found(name, {one.name: one}, [line]))
    return True


def _preferred(lines: list[ContentLine]) -> dict[str, ContentLine]:
    """Choose among several N, FN and BDAY: by the card's language, else the one without, else the first (case 36)."""
    several: dict[str, list[ContentLine]] = {}
    for line in lines:
        if line.name in {"N", "FN", "BDAY"}:
            several.setdefault(line.name, []).append(line)
    if all(len(found) == 1 for found in several.values()):
        return {}
    spoken = [line.text().strip().lower() for line in lines if line.name in {"LANGUAGE", "LANG"}]
    wanted = [*spoken, ""]

    def rank(line: ContentLine) -> int:
        said = next(iter(line.param("LANGUAGE")), "").lower()
        return wanted.index(said) if said in wanted else len(wanted)

    return {name: min(found, key=rank) for name, found in several.items()}


def _grouped(gathered: Gathered, group: str, lines: list[ContentLine], version: str) -> None:
    """Make entries of the lines of one group: its anchors, each with those of the satellites that are its."""
    founds: dict[str, list[Found]] = {}
    waiting: list[tuple[str, Property, ContentLine]] = []
    for line in lines:
        field_name, one, *more = adapt(read_property(line), version)
        field_name = field_name or _fields_of(version).get(one.name, "")
        if one.name not in _anchors_of(version).get(field_name, ()):
            waiting.append((field_name, one, line))
            continue
        of_field = founds.setdefault(field_name, [])
        if field_name in _JOINED and _join(of_field, field_name, one, line):
            of_field[0].group = group
        elif field_name in _JOINED:
            gathered.rest.append(line)
        else:
            of_field.append(Found(field_name, {each.name: each for each in (one, *more)}, [line], group))
    for field_name, one, line in waiting:
        owners = [each for name, of in founds.items() for each in of if one.name == LABEL or name == field_name]
        if owners and one.name not in owners[0].entry:
            for owner in owners:
                owner.entry[one.name] = one
            owners[0].lines.append(line)
        else:
            gathered.rest.append(line)
    for field_name, of_field in founds.items():
        gathered.found.setdefault(field_name, []).extend(of_field)


def crowded(gathered: Gathered, version: str) -> frozenset[str]:
    """Return the fields of which a line is left over: only among all of their lines it is left over again."""
    table = _fields_of(version)
    found = {table.get(line.name, "") for line in gathered.rest}
    return frozenset(found | {"locales"} if "names" in found else found)
