"""Fidelity receipts: what became of each leaf of an item that was mapped, as the copy itself tells.

The receipt is made of what stands at the destination, after it was written: an item is never
called exact because we meant it to be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mappings.errors import MappingError
from mappings.loss import ORDER, Fate, LeafFate, LossReport

if TYPE_CHECKING:
    from mappings.registry import Bridge

LOSSY: Final = frozenset({Fate.LOST.value, Fate.REFUSED.value})
"""Fates of which a part of the item is not in the copy."""

MOST_TEXT: Final = 2_000
"""Longest list of leaves kept with an item, in characters: a stranger's object decides how many there are."""

WHOLE: Final = "*"
"""The leaf named when a copy cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Mapped items by the fate of their worst leaf. What was carried byte for byte is in none of them."""

    exact: int = 0
    extension: int = 0
    lost: int = 0
    refused: int = 0

    @classmethod
    def of(cls, counts: Iterable[tuple[str, int]]) -> Fidelity:
        """Sort (fate, number of items) into their places."""
        found = dict(counts)
        return cls(*(found.get(fate.value, 0) for fate in ORDER))

    @property
    def mapped(self) -> int:
        """All items that were mapped."""
        return self.exact + self.extension + self.lossy

    @property
    def lossy(self) -> int:
        """Items of which a part is not in the copy."""
        return self.lost + self.refused

    def by_fate(self) -> dict[str, int]:
        """Return the numbers by the stable words of ``mappings.loss.Fate``."""
        return dict(
            zip((fate.value for fate in ORDER), (self.exact, self.extension, self.lost, self.refused), strict=True)
        )


NOTHING_MAPPED: Final = Fidelity()


@dataclass(frozen=True, slots=True)
class Losses:
    """The leaves of one item that are not exact, worst first; *more* were too many to be kept by name."""

    leaves: tuple[LeafFate, ...] = ()
    more: int = 0

    @property
    def bad(self) -> tuple[LeafFate, ...]:
        """The leaves that are not in the copy."""
        return tuple(leaf for leaf in self.leaves if leaf.fate.value in LOSSY)

    def words(self) -> str:
        """Name what is not in the copy, as a person reads it."""
        named = [
            f"{leaf.leaf} {leaf.fate.value.replace('-', ' ')}"
            + (f" ({leaf.reason})" if leaf.reason else "")
            + (f" x{leaf.count}" if leaf.count > 1 else "")
            for leaf in self.bad
        ]
        return ", ".join([*named, *([f"and {self.more} more"] if self.more else [])])


def prove(bridge: Bridge | None, original: bytes, stored: bytes) -> tuple[str | None, str | None]:
    """Return fate and losses, as an item's row keeps them, of *original* as *stored* alone gives it back.

    Both are ``None`` for what was not mapped.
    """
    if bridge is None:
        return None, None
    try:
        report = bridge.prove(original, stored)
    except MappingError as error:
        report = LossReport((LeafFate(WHOLE, Fate.REFUSED, type(error).__name__.lower()),))
    return report.worst.value, packed(report)


def packed(report: LossReport) -> str | None:
    """Write the leaves of *report* that are not exact as JSON of at most ``MOST_TEXT`` characters."""
    leaves = sorted(
        (leaf for leaf in report.leaves if leaf.fate is not Fate.EXACT),
        key=lambda leaf: (-ORDER.index(leaf.fate), leaf.leaf),
    )
    kept: list[str] = []
    room = MOST_TEXT - len("[,1000000]")
    for leaf in leaves:
        text = json.dumps([leaf.leaf, leaf.fate.value, leaf.reason, leaf.count], separators=(",", ":"))
        room -= len(text) + 1
        if room < 0:
            kept.append(str(len(leaves) - len(kept)))
            break
        kept.append(text)
    return f"[{','.join(kept)}]" if kept else None


def losses_of(text: str | None) -> Losses:
    """Read what ``packed`` wrote."""
    rows = json.loads(text) if text else []
    more = rows.pop() if rows and isinstance(rows[-1], int) else 0
    return Losses(tuple(LeafFate(leaf, Fate(fate), reason, count) for leaf, fate, reason, count in rows), more)
