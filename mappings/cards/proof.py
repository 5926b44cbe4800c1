"""Write a card's lines in the other version, and see on the spot whether each comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mappings.cards.keeping import Restored, keep, keys, restore, said
from mappings.cards.names import STANDARD
from mappings.cards.needed import derive
from mappings.cards.step import Step, Unit
from mappings.carriers import LEAF_TOO_LARGE, NAME, OBJECT_FULL, OBJECT_OCTETS
from mappings.errors import CarrierTooLarge
from mappings.loss import Fate, LeafFate

if TYPE_CHECKING:
    from mappings.contentlines import ContentLine

OUTDATED = "outdated-carrier"
"""What was kept of an earlier conversion does not fit the edited card any more; the edit counts."""
NOT_REVERSIBLE = "not-reversible"
"""The line is written, but would not come back as it was."""

_ROUNDS = 4
"""How often what did not return is looked for; two do for any card met so far."""


@dataclass(slots=True)
class Proof:
    """One card on one *step*: *found* are its *lines* apart, *end* is how lines end in it."""

    step: Step
    opposite: Step
    found: Restored
    lines: Sequence[ContentLine]
    end: bytes
    units: list[Unit] = field(init=False)
    carriers: dict[int, ContentLine] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)
    absent: list[ContentLine] = field(default_factory=list)
    room: int = OBJECT_OCTETS

    def settle(self) -> None:
        """Rewrite the lines, and keep beside them those that would not come back."""
        self.units = self.step.rewrite(self.found.rest)
        self._add_needed()
        for _ in range(_ROUNDS):
            failed = self._not_returning()
            if not failed:
                return
            for number in failed:
                self._keep(number)
        for number in self._not_returning():
            self.lost.setdefault(number, NOT_REVERSIBLE)

    def written(self) -> list[ContentLine]:
        """Return the card's lines in the other version, carriers last."""
        own = [line for unit in self.units for line in unit.written]
        return [*own, *self.found.back, *self.carriers.values(), *self.absent]

    def fates(self) -> list[LeafFate]:
        """Return what became of each line that came in."""
        found = [self._fate(number, line) for number, unit in enumerate(self.units) for line in unit.taken]
        back = [LeafFate(line.name or "junk", Fate.EXACT) for line in self.found.back]
        outdated = [LeafFate(NAME, Fate.LOST, OUTDATED)] * self.found.outdated
        return [*(one for one in found if one.leaf != NAME or one.fate is Fate.LOST), *back, *outdated]

    def _fate(self, number: int, line: ContentLine) -> LeafFate:
        unit, leaf = self.units[number], line.name if not line.junk else "junk"
        if number in self.lost:
            return LeafFate(leaf, Fate.LOST, self.lost[number])
        standard = all(one.name in STANDARD[self.step.target] for one in unit.written)
        exact = bool(unit.written) and standard and number not in self.carriers
        return LeafFate(leaf, Fate.EXACT if exact else Fate.EXTENSION)

    def _add_needed(self) -> None:
        """Write what the target version demands, and note what the opposite one would add."""
        names = {line.name for line in self.written()}
        for name in self.step.needed:
            if name not in names | self.found.without | self.found.dropped:
                self.units.append(Unit((), (derive(name, self.written(), end=self.end),)))
                self._keep(len(self.units) - 1, absent=name)
        names = {line.name for line in self.written()} | self.found.dropped
        self.absent = [keep(self.step, (), (), absent=name) for name in self.opposite.needed if name not in names]

    def _not_returning(self) -> list[int]:
        """Return the units whose lines do not come back, but for those nothing can be done about any more."""
        returned = restore(self.opposite, self.written())
        back = [*returned.back, *self._rewritten_back(returned.rest)]
        source = [line for line in self.lines if not self._is_carrier(line)]
        missing = said(source) - said(back)
        if not missing:
            return []
        failing = {id(line) for line, key in zip(source, keys(source), strict=True) if missing[key]}
        return [
            number
            for number, unit in enumerate(self.units)
            if number not in self.carriers
            and number not in self.lost
            and any(id(line) in failing for line in unit.taken)
        ]

    def _is_carrier(self, line: ContentLine) -> bool:
        return line.name == NAME and all(line is not one for one in self.found.rest)

    def _rewritten_back(self, lines: Sequence[ContentLine]) -> Iterator[ContentLine]:
        for unit in self.opposite.rewrite(lines):
            yield from unit.written

    def _keep(self, number: int, *, absent: str = "") -> None:
        """Put a unit's lines into a carrier; where they are too long for one, leave them as they stand."""
        unit = self.units[number]
        reason = OBJECT_FULL
        try:
            carrier = keep(self.step, unit.taken, unit.written, absent=absent)
        except CarrierTooLarge:
            reason = LEAF_TOO_LARGE
        else:
            if len(carrier.raw) <= self.room:
                self.room -= len(carrier.raw)
                self.carriers[number] = carrier
                return
        if unit.changed:
            self.units[number] = Unit(unit.taken, unit.taken)
        else:
            self.lost[number] = reason
