"""What a card is called: every card must have an FN (RFC 2426 §3.1.1, RFC 6350 §6.2.1), not every person has a name.

A name made up from other leaves is marked ``DERIVED`` (RFC 9554 §4.2) and never becomes a
name at Google. One that a device edited afterwards is a name, whatever the mark says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mappings.people.properties import Property, clean

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Entry

DERIVED = "DERIVED"
NAMELESS = "(no name)"
_ORDER = (3, 1, 2, 0, 4)
"""Prefix, given, additional, family, suffix: the components of N in the order of speech."""

_STANDINS = (
    ("organizations", "name"),
    ("nicknames", "value"),
    ("organizations", "title"),
    ("emailAddresses", "value"),
    ("phoneNumbers", "value"),
    ("urls", "value"),
    ("addresses", "formattedValue"),
)


def complete(entry: Entry, person: dict[str, JSON]) -> None:
    """Add to the *entry* of a person's name what a card has to have and the name has not."""
    number = entry.setdefault("N", Property("N", parts=[""] * 5))
    if "FN" not in entry:
        text = spoken(number) or stand_in(person)
        entry["FN"] = Property("FN", text, params={DERIVED: "TRUE"})


def spoken(number: Property) -> str:
    """Return the components of an N as one name."""
    parts = number.parts or []
    return " ".join(parts[n] for n in _ORDER if n < len(parts) and parts[n])


def stand_in(person: dict[str, JSON]) -> str:
    """Return what a person without a name is listed under: the organization, else an address."""
    return next(_standins(person), NAMELESS)


def is_derived(entry: Entry, person: dict[str, JSON]) -> bool:
    """Say whether the FN says no more than the rest of the card does."""
    formatted, number = entry.get("FN"), entry.get("N")
    if formatted is None:
        return False
    parts = spoken(number) if number else ""
    if is_marked(entry):
        return formatted.text == (parts or stand_in(person))
    return not parts and formatted.text == stand_in(person)


def is_marked(entry: Entry) -> bool:
    """Say whether the FN is marked as made up from the rest of the card."""
    return "FN" in entry and entry["FN"].params.get(DERIVED, "").upper() == "TRUE"


def _standins(person: dict[str, JSON]) -> Iterator[str]:
    for field, key in _STANDINS:
        elements = person.get(field)
        for element in elements if isinstance(elements, list) else ():
            value = element.get(key) if isinstance(element, dict) else None
            if isinstance(value, str) and (text := clean(value).strip()):
                yield text
