"""What became of each leaf of an object on its way into another format: the loss report.

A *leaf* is named by its path in the source's own description, with ``[]`` for lists:
``emailAddresses[].displayName``, ``reminders.overrides[].minutes``. Content lines are
named by their property: ``X-APPLE-STRUCTURED-LOCATION``, ``VALARM.ACKNOWLEDGED``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of one leaf, best first."""

    EXACT = "exact"
    """Stands in a standard property, and comes back from there as it was."""
    EXTENSION = "extension"
    """Stands in an ``X-`` property or a carrier line, and comes back from there as it was."""
    LOST = "not-representable"
    """Has no place on the far side, or is larger than what may be carried."""
    REFUSED = "refused"
    """Was sent, and was not there any more, or changed, when the far side was read back."""


ORDER = tuple(Fate)


@dataclass(frozen=True, slots=True, order=True)
class LeafFate:
    """One leaf's *fate*, as often as *count* says; *reason* is a stable word where something was lost."""

    leaf: str
    fate: Fate
    reason: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class LossReport:
    """The fates of all leaves of one object that was mapped. Empty means: nothing was mapped, so nothing changed."""

    leaves: tuple[LeafFate, ...] = ()

    @classmethod
    def of(cls, fates: Iterable[LeafFate]) -> LossReport:
        """Add up *fates*, sorted by leaf."""
        total: Counter[tuple[str, Fate, str]] = Counter()
        for one in fates:
            total[one.leaf, one.fate, one.reason] += one.count
        return cls(tuple(LeafFate(*key, count) for key, count in sorted(total.items())))

    @property
    def worst(self) -> Fate:
        """The fate of the whole object: that of its worst leaf."""
        return max((one.fate for one in self.leaves), key=ORDER.index, default=Fate.EXACT)

    @property
    def lossless(self) -> bool:
        """Whether everything can be had back from the far side alone."""
        return self.worst in {Fate.EXACT, Fate.EXTENSION}

    def only(self, *fates: Fate) -> Iterator[LeafFate]:
        """Yield the leaves with one of *fates*."""
        return (one for one in self.leaves if one.fate in fates)

    def count(self, fate: Fate) -> int:
        """Return how many leaves had *fate*."""
        return sum(one.count for one in self.only(fate))
