"""Compare what two bodies say, not how they say it: servers rewrite what they are given.

Left out of the comparison, and why:

``PRODID``, ``VERSION``  who wrote the bytes and in which edition; every server that
    re-serialises sets or adds them
``METHOD``  makes an object a message (RFC 5546); stored objects must not have it
    (RFC 4791 §4.1), so it is taken off on the way
``CALSCALE:GREGORIAN``  the default (RFC 5545 §3.7.1), added by many
``DTSTAMP``, ``LAST-MODIFIED``, ``REV``  time stamps of the writing; servers set them
``X-WR-*``, ``X-RADICALE-NAME`` of the wrapper  names of the collection, not of the object
``VTIMEZONE`` of a zone the IANA database knows, or one that nothing refers to  servers add,
    strip (RFC 7809) and replace them; of a zone of the file's own, the offsets are compared

Everything else counts, known or not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from mappings.documents import CARRIERS, Component, Document, parse
from mappings.limits import DEFAULT_LIMITS, Limits
from mappings.meanings import Meaning, meanings
from mappings.mediatypes import family

if TYPE_CHECKING:
    from mappings.contentlines import ContentLine

T = TypeVar("T")

IGNORED = frozenset({"PRODID", "VERSION", "METHOD", "DTSTAMP", "LAST-MODIFIED", "REV"})

DOWN_TO_PROPERTIES = frozenset({"VCALENDAR", "VCARD"}) | CARRIERS
"""Components whose properties are named one by one; of others (an alarm) only their own name is."""

_IGNORED_OF_WRAPPER = ("X-WR-", "X-RADICALE-NAME")
_IANA = re.compile(
    r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)"
    r"/[A-Za-z0-9_+/-]+|UTC|GMT|[CEMW]ET|[CEM]ST6?[CEM]?DT",
    re.ASCII,
)
_OFFSETS = ("TZOFFSETFROM", "TZOFFSETTO")

Spelling = tuple[str, tuple[Meaning, ...], tuple[tuple[Meaning, ...], ...], tuple["Spelling", ...]]
"""A component: its name, what its lines say, what its groups of lines say, its inner components; all sorted."""


def canonical_digest(media_type: str, body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return a SHA-256 in hex that is equal for bodies that say the same.

    Raises:
        UnknownType: *media_type* is neither a calendar nor a card.
        TooLarge, TooDeep: the body is over its limits.
    """
    family(media_type)
    spelled = repr(_Speller().document(parse(body, limits=limits)))
    return sha256(spelled.encode("utf-8", "surrogatepass")).hexdigest()


def differences(media_type: str, ours: bytes, theirs: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """Return the names of the properties and components that really differ, sorted; empty means the same.

    Raises:
        UnknownType, TooLarge, TooDeep: as for ``canonical_digest``.
    """
    family(media_type)
    left, right = (_Speller().document(parse(body, limits=limits)) for body in (ours, theirs))
    if left == right:
        return ()
    return tuple(sorted(set(_compare(left, right))))


def _compare(left: Spelling, right: Spelling) -> Iterator[str]:
    """Yield what differs between two components that are taken for the same one."""
    yield from _names(_apart(left[1], right[1]))
    grouped = _apart(left[2], right[2])
    lines = [line for group in grouped for line in group]
    yield from _names(lines)
    for one, other in _pairs(left[3], right[3]):
        if not one or not other:
            yield (one or other or ("",))[0]
        elif one[0] in DOWN_TO_PROPERTIES:
            yield from _compare(one, other)
        else:
            yield one[0]


def _apart(left: tuple[T, ...], right: tuple[T, ...]) -> list[T]:
    """Return what only one of the two holds, or holds more often."""
    ours, theirs = Counter(left), Counter(right)
    return [*(ours - theirs).elements(), *(theirs - ours).elements()]


def _names(lines: list[Meaning]) -> Iterator[str]:
    yield from (name or "junk" for name, _, _ in lines)


def _pairs(
    left: tuple[Spelling, ...],
    right: tuple[Spelling, ...],
) -> Iterator[tuple[Spelling | None, Spelling | None]]:
    """Pair the components that differ: by name, UID and RECURRENCE-ID, then by name alone."""
    ours, theirs = list((Counter(left) - Counter(right)).elements()), list((Counter(right) - Counter(left)).elements())
    for same in (_identity, _name):
        waiting: dict[object, list[Spelling]] = {}
        for other in theirs:
            waiting.setdefault(same(other), []).append(other)
        unpaired = []
        for one in ours:
            found = waiting.get(same(one))
            if found:
                yield one, found.pop(0)
            else:
                unpaired.append(one)
        ours, theirs = unpaired, [other for others in waiting.values() for other in others]
    yield from ((one, None) for one in ours)
    yield from ((None, other) for other in theirs)


def _identity(spelling: Spelling) -> object:
    return spelling[0], tuple(line for line in spelling[1] if line[0] in {"UID", "RECURRENCE-ID"})


def _name(spelling: Spelling) -> object:
    return spelling[0]


class _Speller:
    """Spells one document; remembers which time zones it refers to."""

    def __init__(self) -> None:
        self._zones: set[str] = set()

    def document(self, document: Document) -> Spelling:
        """Spell the whole file."""
        whole = Component("", b"", document.items, b"-")
        return self._component(whole)

    def _component(self, component: Component) -> Spelling:
        lines: list[Meaning] = []
        groups: dict[str, list[Meaning]] = {}
        for line in component.lines():
            if not line.blank and not _is_ignored(line, component.name):
                said = list(meanings(line))
                group = "" if line.junk else line.group.upper()
                (groups.setdefault(group, []) if group else lines).extend(said)
                self._zones.update(line.param("TZID"))
        if not component.end:
            lines.append(("unclosed", (), ()))
        inner = [self._component(one) for one in component.components() if one.name != "VTIMEZONE"]
        inner += [_zone(one) for one in component.components("VTIMEZONE") if self._counts(one)]
        return (
            component.name,
            tuple(sorted(lines)),
            tuple(sorted(tuple(sorted(group)) for group in groups.values())),
            tuple(sorted(inner)),
        )

    def _counts(self, zone: Component) -> bool:
        """Say whether a time zone's definition matters: it is in use, and nobody else defines it."""
        name = (zone.text("TZID") or "").strip()
        return name in {used.strip() for used in self._zones} and not _IANA.fullmatch(name)


def _zone(zone: Component) -> Spelling:
    """Spell a time zone by its name and the offsets it ever has: servers write its rules anew."""
    offsets = {
        (one.name, (), tuple((one.text(name) or "").strip() for name in _OFFSETS))
        for one in zone.components("STANDARD", "DAYLIGHT")
    }
    return "VTIMEZONE", (("TZID", (), ((zone.text("TZID") or "").strip(),)), *sorted(offsets)), (), ()


def _is_ignored(line: ContentLine, component: str) -> bool:
    name = line.name
    if name in IGNORED:
        return True
    if component != "VCALENDAR":
        return False
    return name.startswith(_IGNORED_OF_WRAPPER) or (name == "CALSCALE" and line.text().strip().upper() == "GREGORIAN")
