"""One list of Person on its way to the card and back: properties first, carriers for the rest.

Writing reads its own properties again and carries what they do not give back. Reading
believes a carrier as long as the properties beside it are those its value would be written
as: whoever edited them meant it, and the carrier yields. Members without a home say nothing
of the rest and are kept with their element.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mappings.loss import Fate
from mappings.people.fields import Field, same, spelled
from mappings.people.naming import complete
from mappings.people.properties import lines_of

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.gathering import Found
    from mappings.people.properties import Element, Entry
    from mappings.people.sheets import Sheet

ONCE = frozenset({"ANNIVERSARY"})
"""Properties of a type that stand on a card but once (RFC 6350 §6.2.6)."""


class Kept:
    """Elements whose lines are kept as a stranger wrote them, to be written again as long as they say the same."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._waiting: dict[str, list[Found]] = {}
        for one in found:
            self._waiting.setdefault(spelled(one.native), []).append(one)

    def take(self, given: Element) -> Found | None:
        """Return the lines that say *given* and nothing else, once."""
        waiting = self._waiting.get(spelled(given)) if self._waiting else None
        return waiting.pop(0) if waiting else None


def write_elements(
    sheet: Sheet, field: Field, elements: list[Element], kept: Kept | None, person: Mapping[str, JSON]
) -> None:
    """Write all elements of one field."""
    entries = []
    once: set[str] = set()
    for index, element in enumerate(elements):
        entry = {} if field.single and index else field.write(element, plain=bool(once))
        if entry:
            once |= ONCE & {field.anchor(entry)}
        entries.append(entry)
    ordered = in_order(field, entries)
    many = field.name == "organizations" and sum(map(bool, entries)) > 1
    for index, (element, entry) in enumerate(zip(elements, entries, strict=True)):
        original = kept.take(element) if kept else None
        given = element if original else field.read(entry) if entry else {}
        carried = unsaid(field, element, given)
        group = ""
        if entry:
            original = original or (kept.take(given) if kept else None)
            grouped = needs_group(field, entry, carried, many=many) or not (ordered or field.single)
            if original:
                grouped = bool(carried) and not field.single
            group = _write_entry(sheet, field, entry, original, person, grouped=grouped)
        reasons = {
            key: sheet.carry(f"{field.name}/{index}/{key}", value, group=group) for key, value in carried.items()
        }
        if group and not (ordered or carried or original or field.single):
            sheet.carry(f"{field.name}/{index}", {}, group=group)
        for key, value in element.items():
            said = key in given and same(value, given[key])
            exact = said and field.is_exact(key, entry)
            lost = "" if said else reasons[key]
            fate = Fate.LOST if lost else Fate.EXACT if exact else Fate.EXTENSION
            sheet.note(f"{field.name}[].{key}", value, fate, lost)


def _write_entry(
    sheet: Sheet, field: Field, entry: Entry, original: Found | None, person: Mapping[str, JSON], *, grouped: bool
) -> str:
    """Write the lines of one element, those it came with if they still say it; return the group of its carriers."""
    if field.name == "names":
        complete(entry, dict(person))
    if original is None:
        group = sheet.group() if grouped else ""
        sheet.lines.extend(lines_of(entry, group))
        return group
    group = original.lines[0].group
    if group or not grouped:
        sheet.lines.extend(line.raw for line in original.lines)
        return "" if field.single else group
    group = sheet.group()
    sheet.lines.extend(group.encode() + b"." + line.raw for line in original.lines)
    return group


def needs_group(field: Field, entry: Entry, carried: Mapping[str, JSON], *, many: bool) -> bool:
    """Say whether the lines of an element have to be tied together."""
    if field.single:
        return False
    return many or bool(carried) or (len(entry) > 1 and field.name != "organizations")


def unsaid(field: Field, element: Element, given: Element) -> dict[str, JSON]:
    """Return the members that the properties do not give back; ``None`` for what they say and is not so."""
    carried: dict[str, JSON] = {
        key: value for key, value in element.items() if key not in given or not same(value, given[key])
    }
    carried.update({key: None for key in given if key not in element})
    for key, leader in field.follows.items():
        if key in carried and given and leader in element:
            carried[leader] = element[leader]
    return carried


def in_order(field: Field, entries: list[Entry]) -> bool:
    """Say whether the elements come back in order even from a server that sorts lines by name."""
    if not field.others and len(field.anchors) < 2:
        return True
    names = [min(entry) for entry in entries if entry]
    return names == sorted(names)


def restore(field: Field, native: Element, carried: Mapping[str, JSON]) -> Element:
    """Put an element together from what its properties say and what was carried beside them."""
    if not carried:
        return native
    whole = _joined(native, carried)
    if all(_is_apart(field, key) for key in carried) or same(field.read(field.write(whole)), native):
        return whole
    return _joined(native, {key: value for key, value in carried.items() if _is_apart(field, key)})


def _is_apart(field: Field, key: str) -> bool:
    return key not in field.slots and key not in field.follows


def _joined(native: Element, carried: Mapping[str, JSON]) -> Element:
    whole = {key: value for key, value in native.items() if key not in carried}
    whole.update({key: value for key, value in carried.items() if value is not None})
    return whole
