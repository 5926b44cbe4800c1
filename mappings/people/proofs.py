"""The fidelity receipt: what the stored object alone gives back of the original, leaf by leaf."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mappings.canonical import differences
from mappings.documents import parse
from mappings.loss import Fate, LeafFate, LossReport
from mappings.mediatypes import CARD
from mappings.people.fields import spelled
from mappings.people.sheets import leaf_names

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.persons import Document
    from mappings.people.properties import Element
    from mappings.people.sheets import Sheet

CHANGED = "changed"
"""The reason of a leaf that was written and is not there any more, or is another."""


def prove_card(original: Document, written: Sheet, stored: Document) -> LossReport:
    """Compare the person that *stored* gives back with *original*; *written* tells what each leaf's fate should be."""
    missing = Counter(lost_leaves(original, stored))
    fates = []
    for one in sorted(written.report().leaves, key=lambda one: one.fate is not Fate.LOST):
        gone = min(missing[one.leaf], one.count)
        missing[one.leaf] -= gone
        if one.fate is Fate.LOST:
            gone = 0  # it was known beforehand
        if gone:
            fates.append(LeafFate(one.leaf, Fate.REFUSED, CHANGED, gone))
        if one.count > gone:
            fates.append(LeafFate(one.leaf, one.fate, one.reason, one.count - gone))
    return LossReport.of(fates)


def lost_leaves(original: Document, stored: Document) -> Iterator[str]:
    """Yield the path of each leaf of *original* that *stored* does not hold as it was, once per occurrence."""
    for name, elements in original.lists.items():
        for one, other in _pairs(elements, stored.lists.get(name, [])):
            for key, value in one.items():
                yield from _lost(f"{name}[].{key}", value, other.get(key))
    for name, value in original.rest.items():
        if name != "metadata":
            yield from _lost(name, value, stored.rest.get(name))
    for name, picture in original.pictures.items():
        if picture != stored.pictures.get(name) and any(
            photo.get("url") == name for photo in original.lists.get("photos", [])
        ):
            yield "photos[].url"
    if original.lines:
        yield from differences(CARD, _as_card(original.lines), _as_card(stored.lines))
    if original.is_group and original.groups[0].get("name") != (stored.groups or [{}])[0].get("name"):
        yield "contactGroups[].name"


def _as_card(lines: list[str]) -> bytes:
    """Return kept lines as a card, to be compared."""
    inner = "".join(line + "\r\n" for line in lines if not line.startswith("VERSION:"))
    return b"BEGIN:VCARD\r\n" + inner.encode("utf-8", "surrogateescape") + b"END:VCARD\r\n"


def _pairs(ours: list[Element], theirs: list[Element]) -> Iterator[tuple[Element, Element]]:
    """Pair the elements of two lists: one by one if none is missing, else the equal ones, then in order."""
    if len(ours) == len(theirs):
        yield from zip(ours, theirs, strict=True)
        return
    waiting: dict[str, list[Element]] = {}
    for other in theirs:
        waiting.setdefault(spelled(other), []).append(other)
    left = []
    for one in ours:
        found = waiting.get(spelled(one))
        if found:
            yield one, found.pop()
        else:
            left.append(one)
    others = iter([other for found in waiting.values() for other in found])
    for one in left:
        yield one, next(others, {})


def _lost(leaf: str, value: JSON, other: JSON) -> Iterator[str]:
    if isinstance(value, dict) and value:
        there = other if isinstance(other, dict) else {}
        for key, inner in value.items():
            yield from _lost(f"{leaf}.{key}", inner, there.get(key))
    elif spelled(value) != spelled(other):
        yield from leaf_names(leaf, value)


def prove_person(original: bytes, again: bytes) -> LossReport:
    """Compare a card with the card that its stored person gives *again*, property by property."""
    changed = set(differences(CARD, original, again))
    if "UID" in changed and b"UID" not in original.upper():
        changed.discard("UID")  # a card without one is given one, or it could not be stored anywhere
    counted = Counter(
        line.name or "junk" for card in parse(original).components("VCARD") for line in card.lines() if not line.blank
    )
    for name in changed:
        counted.setdefault(name, 1)
    return LossReport.of(
        LeafFate(name, Fate.REFUSED, CHANGED, count) if name in changed else LeafFate(name, Fate.EXACT, "", count)
        for name, count in counted.items()
    )
