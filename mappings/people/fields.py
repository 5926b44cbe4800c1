"""The leaf table, compiled: one ``Field`` per list of Person, which writes an element to an entry and reads it back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from mappings.people.codecs import Day, DayText, Link, Markup, Messenger, Note, Service, Sex, Sip
from mappings.people.leaves import CARRIER, LEAVES, SINGLE, Kind, Leaf, is_standard
from mappings.people.properties import LABEL
from mappings.people.slots import Country, Formatted, NamedKind, Param, Part, Slot, Text, Words
from mappings.people.vocabulary import RELATED_4, VOCABULARIES, Vocabulary

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Element, Entry

VERSIONS = ("3.0", "4.0")
APART = frozenset({"memberships", "photos", "resourceName", "metadata", "ageRange", "*"})
"""Rows that are no lists of elements with an anchor each: groups, photos, and the card's own properties."""

_HOME = re.compile(r"(?:(\w+) )?([A-Z-]+)(?:/(\d)|;([A-Z-]+))?(?:\|([A-Z-]+):(\w+))?")
_ANCHORS = {
    "names": ("N", "FN", "X-PHONETIC-FIRST-NAME", "X-PHONETIC-MIDDLE-NAME", "X-PHONETIC-LAST-NAME"),
    "organizations": ("ORG", "TITLE", "ROLE"),
    "genders": ("GENDER", "X-GENDER", "PRONOUNS"),
}
"""Fields of which any of several properties makes an element; of all others it is that of the first row."""


@dataclass(frozen=True, slots=True)
class Field:
    """One list of Person on a card of one *version*.

    *anchors* are the properties that make an element, the preferred one first; *others* the
    anchor by type where the type has a property of its own. *homeless* members live in carriers
    only and say nothing of the rest; *follows* are those that repeat another.
    """

    name: str
    version: str
    anchors: tuple[str, ...]
    slots: Mapping[str, Slot]
    homeless: frozenset[str]
    follows: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def single(self) -> bool:
        """Whether a card has it once."""
        return self.name in SINGLE

    @property
    def satellites(self) -> frozenset[str]:
        """The properties that belong to an anchor, by group or because there is one of it."""
        return frozenset(slot.property(self.anchors[0]) for slot in self.slots.values()) - {*self.anchors}

    def write(self, element: Element, *, plain: bool = False) -> Entry:
        """Return what of *element* its properties can hold; empty if nothing can stand for it.

        *plain* keeps to the first anchor, where the other one may stand on a card but once.
        """
        if not self.anchors:
            return {}
        kind = element.get("type")
        anchor = self.anchors[0]
        if self.others and isinstance(kind, str) and not plain:
            anchor = self.others.get(kind, anchor)
        entry: Entry = {}
        for key, slot in self.slots.items():
            value = element.get(key)
            if value is not None:
                slot.put(entry, anchor, element, value)
        return entry if any(name in entry for name in (anchor, *self.anchors)) else {}

    def read(self, entry: Entry) -> Element:
        """Return the element that *entry* says."""
        anchor = self.anchor(entry)
        element: Element = {}
        for key, slot in self.slots.items():
            value = slot.get(entry, anchor)
            if value is not None:
                element[key] = value
        return element

    def anchor(self, entry: Entry) -> str:
        """Return the name of the property that makes *entry* an element."""
        for name in self.anchors:
            if name in entry:
                return name
        return next((name for name in self.others.values() if name in entry), self.anchors[0] if self.anchors else "")

    def is_exact(self, key: str, entry: Entry) -> bool:
        """Say whether what *entry* gives back of *key* stands in properties of the card's own version."""
        slot = self.slots[key]
        if isinstance(slot, Words) and LABEL in entry:
            return False
        return is_standard(slot.property(self.anchor(entry)), self.version)


@cache
def fields(version: str) -> Mapping[str, Field]:
    """Return all fields of a card of *version* (``3.0`` or ``4.0``) by name, in the order of the table."""
    rows: dict[str, list[Leaf]] = {}
    for leaf in LEAVES:
        if leaf.kind is Kind.MAPPED and leaf.field not in APART:
            rows.setdefault(leaf.field, []).append(leaf)
    return {name: _compile(name, leaves, version) for name, leaves in rows.items()}


def _compile(name: str, leaves: list[Leaf], version: str) -> Field:
    slots: dict[str, Slot] = {}
    others: dict[str, str] = {}
    anchor = ""
    for leaf in leaves:
        home = leaf.home(version)
        if home == CARRIER:
            continue
        parsed = _HOME.fullmatch(home)
        if parsed is None:
            raise ValueError(home)
        anchor = anchor or parsed[2]
        if parsed[5]:
            others[parsed[6]] = parsed[5]
        slots.setdefault(leaf.key, _slot(name, parsed, version))
    return Field(
        name,
        version,
        _ANCHORS.get(name, (anchor,) if anchor else ()),
        slots,
        frozenset(leaf.key for leaf in leaves if leaf.home(version) == CARRIER and not leaf.follows),
        {leaf.key: leaf.follows for leaf in leaves if leaf.follows},
        others,
    )


def _slot(name: str, home: re.Match[str], version: str) -> Slot:
    codec, prop, part, param = home[1], home[2], home[3], home[4]
    if codec:
        return _special(codec, home, version)
    if part is not None:
        return Part(prop, int(part))
    if param == "TYPE":
        return Words(prop, _vocabulary(name, version), ((home[5], home[6]),) if home[5] else ())
    if param:
        return Param(prop, param)
    return Text("" if home[5] else prop)


def _special(codec: str, home: re.Match[str], version: str) -> Slot:
    prop, part, param = home[2], home[3], home[4]
    table: Mapping[str, Slot] = {
        "date": Day(version),
        "datetext": DayText(),
        "im": Messenger(),
        "service": Service(version),
        "sip": Sip(),
        "link": Link(),
        "note": Note(),
        "markup": Markup(),
        "sex": Sex(prop),
        "named": Text(params=(("VALUE", "text"),)),
        "country": Country(prop),
        "kind": NamedKind(((home[5] or "", home[6] or ""),)),
        "rest": Part(prop, int(part or 0), rest=True),
        "label": Formatted(Param(prop, param) if param else Text(prop)),
    }
    return table[codec]


def _vocabulary(name: str, version: str) -> Vocabulary:
    return RELATED_4 if name == "relations" and version == "4.0" else VOCABULARIES[name]


def same(left: JSON, right: JSON) -> bool:
    """Compare two values as JSON does: true is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def unknown_field(name: str, version: str) -> Field:
    """Return a field the table does not know: all of its elements live in carriers."""
    return Field(name, version, (), {}, frozenset(), {})


def spelled(value: JSON) -> str:
    """Return *value* as a text that is equal for what ``same`` takes for equal."""
    return json.dumps(value, sort_keys=True)
