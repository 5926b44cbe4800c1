"""What a step cannot say in the other version stays beside it, in carrier lines, and comes back from there.

A carrier of a step holds the lines as they were and marks of those written in their place. On
the way back it counts only while the card still holds what the marks say: whoever edits the
card is right, and the old lines are then history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from mappings.cards.names import FIELDS
from mappings.carriers import JSON, read_carrier, write_carrier
from mappings.contentlines import ContentLine
from mappings.escapes import split_value, unescape_text
from mappings.folding import fold
from mappings.meanings import Meaning, meanings

if TYPE_CHECKING:
    from mappings.cards.step import Step

POINTER = "/wherry:vcard"
"""Where in the object the kept lines stand: a vendor's name, as RFC 9553 §1.8.1 has them."""

Key = tuple[tuple[Meaning, ...], tuple[tuple[str, ...], ...]]


@dataclass(slots=True)
class Restored:
    """A card's lines apart: what carriers brought back, what is left to rewrite, carriers that are out of date.

    *without* are properties the card did not have, so that they are not added now; *dropped* are
    those that had been added for the other version and are gone again.
    """

    back: list[ContentLine] = field(default_factory=list)
    rest: list[ContentLine] = field(default_factory=list)
    outdated: int = 0
    without: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()


def keep(step: Step, lines: Iterable[ContentLine], written: Iterable[ContentLine], *, absent: str = "") -> ContentLine:
    """Return the carrier for *lines*, in whose place *written* stands.

    *absent* names a property the card does not have: if it is written, then for the other version only.

    Raises:
        CarrierTooLarge: together they are too long.
    """
    value: dict[str, JSON] = {
        "from": step.source,
        "to": step.target,
        "lines": [line.content.decode("utf-8", "surrogateescape") for line in lines],
        "as": [mark(line) for line in written],
    }
    if absent:
        value["absent"] = [absent]
    return write_carrier(POINTER, value)


def restore(step: Step, lines: Sequence[ContentLine]) -> Restored:
    """Take out of *lines* what the opposite step kept there."""
    found = Restored()
    kept = []
    for line in lines:
        one = _kept_by_opposite(step, line)
        if one is None:
            found.rest.append(line)
        else:
            kept.append(one)
    if not kept:
        return found
    standing: dict[str, list[int]] = {}
    for number, line in enumerate(found.rest):
        standing.setdefault(mark(line), []).append(number)
    gone: set[int] = set()
    for was, marks, absent in kept:
        needed = Counter(marks)
        if any(len(standing.get(one, ())) < count for one, count in needed.items()):
            found.outdated += 1
            continue
        if marks:
            found.dropped |= absent
        else:
            found.without |= absent
        gone.update(standing[one].pop(0) for one in marks)
        found.back.extend(ContentLine(fold(text.encode("utf-8", "surrogateescape"))) for text in was)
    found.rest = [line for number, line in enumerate(found.rest) if number not in gone]
    return found


def _kept_by_opposite(step: Step, line: ContentLine) -> tuple[list[str], list[str], frozenset[str]] | None:
    carrier = read_carrier(line)
    if carrier is None or carrier.pointer != POINTER or not isinstance(value := carrier.value, dict):
        return None
    if (value.get("from"), value.get("to")) != (step.target, step.source):
        return None
    lines, marks, absent = (list(_texts(value.get(name))) for name in ("lines", "as", "absent"))
    if any("\n" in text or "\r" in text or not _encodable(text) for text in lines):
        return None
    return lines, marks, frozenset(absent)


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def mark(line: ContentLine) -> str:
    """Return a short mark of what *line* says, equal however it is written."""
    said = repr(sorted(meanings(line)))
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def said(lines: Sequence[ContentLine]) -> Counter[Key]:
    """Return what *lines* say, each with those of its group: what has to be the same after there and back."""
    return Counter(keys(lines))


def keys(lines: Sequence[ContentLine]) -> list[Key]:
    """Return for each of *lines* what it says, together with those of its group.

    Fields that hold several values are told from those that hold a comma: stricter than the
    comparison of bodies, so that nothing leans on what servers do to commas.
    """
    own = [(*sorted(meanings(line)), ("", (), _inner(line))) for line in lines]
    groups: dict[str, list[tuple[Meaning, ...]]] = {}
    for line, one in zip(lines, own, strict=True):
        if line.group and not line.junk:
            groups.setdefault(line.group.upper(), []).append(one)
    together = {name: tuple(sorted((repr(one),) for one in members)) for name, members in groups.items()}
    return [
        (one, together.get(line.group.upper(), ()) if line.group and not line.junk else ())
        for line, one in zip(lines, own, strict=True)
    ]


def _inner(line: ContentLine) -> tuple[str, ...]:
    """Return how many values each field of a structured value has."""
    if line.name not in FIELDS:
        return ()
    fields = split_value(line.decoded(), ";")
    counts = [len(split_value(one, ",")) if "," in unescape_text(one) else 1 for one in fields]
    return tuple(str(count) for count in counts if count > 1)
