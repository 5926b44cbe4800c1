"""A small bridge, complete and honest, between people documents of a few leaves and cards.

``name`` has a standard property, ``nick`` becomes an extension, ``aura`` has no place on a card.
The real bridges are tested for what they say; this one for what the engine makes of it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import Item
from mappings.errors import Malformed
from mappings.loss import Fate, LeafFate, LossReport
from mappings.mediatypes import PERSON
from mappings.registry import Bridge, Mapped
from tests.engine.oddplaces import Odd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.base import ChangePage, Collection, Cursor, Failed, ItemRef

LINES = {"name": ("FN", Fate.EXACT), "nick": ("X-NICK", Fate.EXTENSION)}


def person(number: int, **leaves: str) -> bytes:
    """Return a people document of one person, with a *name* unless *leaves* say another."""
    return json.dumps(
        {"connections": [{"resourceName": f"people/c{number}", **({"name": f"Ana {number}"} | leaves)}]}
    ).encode()


def leaves_of(body: bytes) -> dict[str, str]:
    """Return the leaves of the person in *body*. Raises ``Malformed`` for one without a name."""
    found: dict[str, str] = json.loads(body)["connections"][0]
    if not found.get("name"):
        raise Malformed("nameless")
    return found


def to_card(target: str) -> Bridge:
    """Make the bridge to *target*."""

    def convert(body: bytes) -> Mapped:
        found = leaves_of(body)
        lines = [f"{LINES[leaf][0]}:{found[leaf]}" for leaf in LINES if leaf in found]
        version = target.partition("version=")[2] or "3.0"
        text = ["BEGIN:VCARD", f"VERSION:{version}", f"UID:{found['resourceName']}", *lines, "END:VCARD", ""]
        return Mapped("\r\n".join(text).encode(), target, report(found, ["X-NICK", "FN"]))

    def prove(original: bytes, stored: bytes) -> LossReport:
        found = leaves_of(original)
        there = dict(line.split(":", 1) for line in stored.decode().splitlines() if ":" in line)
        same = [line for leaf, (line, _) in LINES.items() if leaf in found and there.get(line) == found[leaf]]
        return report(found, same)

    return Bridge(PERSON, target, convert, prove)


def report(found: dict[str, str], there: Sequence[str]) -> LossReport:
    """Say what became of each leaf in *found*, when the lines *there* are in the copy."""
    fates = []
    for leaf in found.keys() - {"resourceName"}:
        line, fate = LINES.get(leaf, ("", Fate.LOST))
        if fate is Fate.LOST:
            fates.append(LeafFate(leaf, fate, "no-place"))
        else:
            fates.append(LeafFate(leaf, fate) if line in there else LeafFate(leaf, Fate.REFUSED, "not-there"))
    return LossReport.of(fates)


class People(Odd):
    """A place in memory that holds people documents."""

    offers = PERSON

    def collections(self) -> Iterator[Collection]:
        """Yield the collections, with the type of what is in them."""
        return (replace(one, media_types=(self.offers,)) for one in super().collections())

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield the pages; bodies never come along."""
        return super().changes(collection, cursor)

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield what is asked for, as people documents."""
        for answer in super().fetch(collection, refs):
            yield replace(answer, media_type=self.offers) if isinstance(answer, Item) else answer


class Strangers(People):
    """The same, in a format that leads nowhere."""

    offers = "application/vnd.example.nobody+json"
