"""Persons and cards that the tests of this room share, and short ways to and fro."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mappings.people.bridges import to_card, to_person
from mappings.people.leaves import LEAVES, Kind
from mappings.people.persons import open_document
from tests.mappings.people.discovery import SchemaLeaf, writable
from tests.mappings.samples import lines as sample_lines

VERSIONS = ("3.0", "4.0")
Person = dict[str, Any]


def document(person: Person, **beside: Any) -> bytes:
    return json.dumps({"connections": [person], **beside}).encode()


def to_vcard(person: Person, version: str = "3.0", **beside: Any) -> bytes:
    return to_card(f"text/vcard;version={version}").convert(document(person, **beside)).body


def back(card: bytes) -> Person:
    """The person that a card says."""
    found: Person = json.loads(to_person("").convert(card).body)["connections"][0]
    return found


def back_document(card: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_person("").convert(card).body)
    return found


def again(card: bytes, version: str = "3.0") -> bytes:
    """A card that went through Person and back."""
    return to_card(f"text/vcard;version={version}").convert(to_person("").convert(card).body).body


def card_lines(card: bytes) -> list[str]:
    """The unfolded lines of a card."""
    return card.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def edited(card: bytes, before: str, after: str) -> bytes:
    """A card that a device changed in one place."""
    assert card.count(before.encode()) == 1
    return card.replace(before.encode(), after.encode())


def leaves_of(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every leaf of a person with its path, in order."""
    if isinstance(value, dict):
        return [
            one for key, inner in sorted(value.items()) for one in leaves_of(inner, f"{path}.{key}" if path else key)
        ]
    if isinstance(value, list):
        return [one for inner in value for one in leaves_of(inner, f"{path}[]")]
    return [(path, value)]


NOT_WRITTEN = frozenset(leaf.path for leaf in LEAVES if leaf.kind is not Kind.MAPPED)


def comparable(person: Person) -> Person:
    """The person without what Google derives."""
    opened = open_document(document(person))
    return {**opened.lists, **opened.rest}


_PARTS = {"year": 1999, "month": 2, "day": 28}
_VALUES: dict[str, Any] = {
    "calendarUrls[].url": "https://cal.example/{n}?a=b,c;d",
    "urls[].value": "https://example.org/{n}?q=a,b;c d",
    "genders[].value": "my own, {n}",
    "sipAddresses[].value": "sip:{n}@example.org",
    "memberships[].contactGroupMembership.contactGroupResourceName": "contactGroups/g{n}",
    "biographies[].value": "<p>One, <b>two</b>; three &amp; {n}</p><p>four</p>",
    "biographies[].contentType": "TEXT_HTML",
    "birthdays[].text": "28 February; {n}",
    "addresses[].countryCode": "CH",
}


def value_of(leaf: SchemaLeaf, n: int) -> Any:
    """A telling value for a leaf: of its type, with everything in it that cuts a careless reader."""
    if leaf.path in _VALUES:
        return _VALUES[leaf.path].format(n=n)
    last = leaf.path.rpartition(".")[2]
    if leaf.type == "integer":
        return _PARTS.get(last, 1000 + n)
    if leaf.type == "boolean":
        return n % 2 == 0
    if leaf.enum:
        return leaf.enum[1 + n % (len(leaf.enum) - 1)]
    return f'{last}, {n}; \\n "Ü" ^\' {leaf.field}\nsecond'


def full_person(count: int = 2) -> Person:
    """A person with every writable leaf of the discovery document, several elements in each list that may have them."""
    person: Person = {"resourceName": "people/c42"}
    for n in range(count):
        for leaf in writable():
            head, _, rest = leaf.path.partition("[].")
            elements = person.setdefault(head, [])
            if len(elements) <= n:
                elements.append({})
            place = elements[n]
            *inner, last = rest.split(".")
            for key in inner:
                place = place.setdefault(key, {})
            place[last] = value_of(leaf, n)
    return person


@dataclass(frozen=True)
class Sample:
    """A stranger's card, the document it is read as, and the cards that person alone would be."""

    version: str
    card: list[str]
    document: Person
    three: list[str]
    four: list[str]

    @property
    def body(self) -> bytes:
        return sample_lines("BEGIN:VCARD", f"VERSION:{self.version}", *self.card, "END:VCARD")


@dataclass(frozen=True)
class GoogleSample:
    """A document as Google's API answers, its cards, the fates of its leaves, and what its card gives back."""

    document: Person
    three: list[str]
    four: list[str]
    fates_three: list[str]
    fates_four: list[str]
    returned: Person
