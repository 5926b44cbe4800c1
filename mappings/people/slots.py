"""The places on a card where a leaf can live: how a value is put there, and had from there.

``put`` leaves out what it cannot write; what ``get`` then does not give back is carried
beside it. So no slot has to be exact, only honest. *anchor* is the property of the element
(``EMAIL``), which may depend on its type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mappings.people.properties import LABEL, STRUCTURED, Property, clean

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Element, Entry
    from mappings.people.vocabulary import Vocabulary

_SIZES = {"N": 5, "ADR": 7, "ORG": 1}


class Slot(Protocol):
    """One place; *version* is that of the card."""

    def put(self, entry: Entry, anchor: str, element: Element, value: JSON) -> None:
        """Put *value*, a member of *element*, on the *entry*; leave it out if it has no form here."""
        ...

    def get(self, entry: Entry, anchor: str) -> JSON:
        """Return what stands on the *entry*, ``None`` if nothing does."""
        ...

    def property(self, anchor: str) -> str:
        """Return the name of the property it is in."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """The whole value of a property: the anchor's, or that of the satellite *name*."""

    name: str = ""
    params: tuple[tuple[str, str], ...] = ()

    def property(self, anchor: str) -> str:
        return self.name or anchor

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and (text := clean(value)):
            entry[self.name or anchor] = Property(self.name or anchor, text, params=dict(self.params))

    def get(self, entry: Entry, anchor: str) -> JSON:
        found = entry.get(self.name or anchor)
        return (found.text or None) if found else None


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a structured value; the last one may take the *rest* (units of an ORG)."""

    name: str
    index: int
    rest: bool = False

    def property(self, _anchor: str) -> str:
        return self.name

    def put(self, entry: Entry, _anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and (text := clean(value)):
            put_part(entry, self.name, self.index, text)

    def get(self, entry: Entry, _anchor: str) -> JSON:
        found = entry.get(self.name)
        parts = found.parts if found else None
        if not parts or len(parts) <= self.index:
            return None
        return (", ".join(filter(None, parts[self.index :])) if self.rest else parts[self.index]) or None


def put_part(entry: Entry, name: str, index: int, text: str) -> None:
    """Set one component, making the property if need be."""
    found = entry.get(name)
    if found is None:
        found = entry[name] = Property(name, parts=[""] * _SIZES[name])
    parts = found.parts if found.parts is not None else []
    parts.extend([""] * (index + 1 - len(parts)))
    parts[index] = text


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a property."""

    name: str
    param: str

    def property(self, _anchor: str) -> str:
        return self.name

    def put(self, entry: Entry, _anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and (text := clean(value)):
            make(entry, self.name).params[self.param] = text

    def get(self, entry: Entry, _anchor: str) -> JSON:
        found = entry.get(self.name)
        return (found.params.get(self.param) or None) if found else None


def make(entry: Entry, name: str) -> Property:
    """Return the property *name* of *entry*, new and empty if it has none."""
    found = entry.get(name)
    if found is None:
        parts = [""] * _SIZES[name] if name in STRUCTURED else None
        found = entry[name] = Property(name, parts=parts)
    return found


@dataclass(frozen=True, slots=True)
class Formatted:
    """An address as one text. If there is nothing else, it stands in place of the street as well."""

    slot: Slot

    def property(self, anchor: str) -> str:
        return self.slot.property(anchor)

    def put(self, entry: Entry, anchor: str, element: Element, value: JSON) -> None:
        if not isinstance(value, str):
            return
        if anchor not in entry and (text := clean(value)):
            put_part(entry, anchor, 2, text)
        if anchor in entry:
            self.slot.put(entry, anchor, element, value)

    def get(self, entry: Entry, anchor: str) -> JSON:
        return self.slot.get(entry, anchor)


@dataclass(frozen=True, slots=True)
class Words:
    """A type: TYPE words of the property, or a label beside it. *other* properties say their type by their name."""

    name: str
    vocabulary: Vocabulary
    other: tuple[tuple[str, str], ...] = ()

    def property(self, _anchor: str) -> str:
        return self.name

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        if not isinstance(value, str) or not value or anchor != self.name or anchor not in entry:
            return
        words, label = self.vocabulary.write(value)
        if words:
            entry[anchor].types = words
        elif text := clean(label):
            entry[LABEL] = Property(LABEL, text)

    def get(self, entry: Entry, anchor: str) -> JSON:
        for name, kind in self.other:
            if anchor == name:
                return kind
        found = entry.get(anchor)
        if not found or anchor != self.name:
            return None
        label = entry.get(LABEL)
        return self.vocabulary.read(tuple(word.lower() for word in found.types), label.text if label else "")


@dataclass(frozen=True, slots=True)
class NamedKind:
    """A type that only the property's name can say."""

    other: tuple[tuple[str, str], ...]

    def property(self, anchor: str) -> str:
        return anchor

    def put(self, _entry: Entry, _anchor: str, _element: Element, _value: JSON) -> None:
        """Write nothing: the name is chosen already."""

    def get(self, entry: Entry, anchor: str) -> JSON:
        return next((kind for name, kind in self.other if name == anchor and name in entry), None)


@dataclass(frozen=True, slots=True)
class Country:
    """A country code in Apple's X-ABADR, which is in lower case."""

    name: str

    def property(self, _anchor: str) -> str:
        return self.name

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and value and (text := clean(value)):
            make(entry, anchor)
            entry[self.name] = Property(self.name, text.lower())

    def get(self, entry: Entry, _anchor: str) -> JSON:
        found = entry.get(self.name)
        return (found.text.upper() or None) if found else None
