"""A people document, opened: the person without what Google derives, its groups, its pictures, kept lines."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from mappings.errors import Malformed
from mappings.people.fields import fields
from mappings.people.leaves import derived_keys

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Element

LINES = "vcardLines"
"""The member of a people document that holds content lines Person has no leaf for, as they stood on the card."""

_NOT_CARRIED_TOP = frozenset({"etag", "metadata"})
_CONTACT, _OTHER = "CONTACT", "OTHER_CONTACT"


@dataclass(slots=True)
class Document:
    """One object of a people document. *lists* hold elements by field, *rest* all other members of the person."""

    lists: dict[str, list[Element]] = field(default_factory=dict)
    rest: dict[str, JSON] = field(default_factory=dict)
    groups: list[Element] = field(default_factory=list)
    pictures: dict[str, JSON] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    updated: str = ""
    other: bool = False
    """Whether the person is one of ``otherContacts``."""
    is_group: bool = False
    """Whether it is a group and no person."""
    odd: list[str] = field(default_factory=list)
    """Leaves that are not of the kind the schema says."""

    @property
    def resource_name(self) -> str:
        """The person's name at Google, empty if it has none yet."""
        name = self.rest.get("resourceName")
        return name if isinstance(name, str) else ""


def open_document(body: bytes) -> Document:
    """Read a people document of one person or of one group.

    Raises:
        Malformed: it is no JSON object, or holds no person, several, or what is none.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("no-json") from None
    if not isinstance(said, dict):
        raise Malformed("no-person")
    connections, others = _objects(said.get("connections")), _objects(said.get("otherContacts"))
    persons = [*connections, *others]
    document = Document(groups=_objects(said.get("contactGroups")), other=bool(others))
    pictures, lines = said.get("photos"), said.get(LINES)
    document.pictures = pictures if isinstance(pictures, dict) else {}
    document.lines = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
    if len(persons) > 1:
        raise Malformed("several-persons")
    if persons:
        _take_person(document, persons[0])
    elif len(document.groups) == 1:
        document.is_group = True
    else:
        raise Malformed("no-person")
    return document


def _objects(value: JSON) -> list[Element]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


@cache
def _lists() -> frozenset[str]:
    return frozenset({*fields("3.0"), "memberships", "photos"})


@cache
def _left_out(field_name: str) -> frozenset[str]:
    return derived_keys(field_name) | {"metadata"}


def _take_person(document: Document, person: Element) -> None:
    for name, value in person.items():
        if value is None:
            continue
        if name == "metadata":
            document.updated = _updated(value)
        elif name in _lists() or (isinstance(value, list) and value and all(isinstance(one, dict) for one in value)):
            elements = _elements(name, value, other=document.other)
            if elements:
                document.lists[name] = elements
            if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
                document.odd.append(name)
        elif name not in _NOT_CARRIED_TOP:
            document.rest[name] = value


def _elements(name: str, value: JSON, *, other: bool) -> list[Element]:
    """Return a list's elements without what Google derives, without empty ones and drawn photos."""
    left_out = _left_out(name)
    elements = []
    for one in _objects(value):
        if name == "photos" and one.get("default") is True:
            continue
        element: Element = {key: inner for key, inner in one.items() if key not in left_out and inner is not None}
        source = _source(one.get("metadata"), other=other)
        if name == "memberships":
            element = _without_ids(element)
        if not element:
            continue
        if source:
            element["metadata"] = {"source": {"type": source}}
        elements.append(element)
    return elements


def _without_ids(element: Element) -> Element:
    of_group = element.get("contactGroupMembership")
    if isinstance(of_group, dict):
        kept = {key: value for key, value in of_group.items() if key != "contactGroupId"}
        return (
            {**element, "contactGroupMembership": kept}
            if kept
            else {key: value for key, value in element.items() if key != "contactGroupMembership"}
        )
    return element


def _source(metadata: JSON, *, other: bool) -> str:
    """Return where an element comes from if that is not the person's own kind of record."""
    source = metadata.get("source") if isinstance(metadata, dict) else None
    kind = source.get("type") if isinstance(source, dict) else None
    return kind if isinstance(kind, str) and kind != (_OTHER if other else _CONTACT) else ""


def _updated(metadata: JSON) -> str:
    """Return when the contact was last changed (``metadata.sources[].updateTime``)."""
    sources = metadata.get("sources") if isinstance(metadata, dict) else None
    times = [
        time
        for source in _objects(sources)
        if source.get("type") in {_CONTACT, _OTHER} and isinstance(time := source.get("updateTime"), str)
    ]
    return max(times, default="")


def close_document(document: Document) -> bytes:
    """Write a people document; the same document is always the same octets."""
    person: Element = {**document.rest, **document.lists}  # type: ignore[dict-item]  # lists of objects are JSON
    if document.updated:
        kind = _OTHER if document.other else _CONTACT
        person["metadata"] = {"sources": [{"type": kind, "updateTime": document.updated}]}
    said: dict[str, object] = {}
    if not document.is_group:
        said["otherContacts" if document.other else "connections"] = [person]
    beside = {"contactGroups": document.groups, "photos": document.pictures, LINES: document.lines}
    said.update({name: value for name, value in beside.items() if value})
    return json.dumps(said).encode() + b"\n"
