"""When a run must stop and ask: too much would vanish at once.

A broken server, an unmounted folder and a real clean-up look alike from here. Only the
person knows which it is, so beyond these bounds nothing is removed until they say so.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_REMOVED = 10
"""Up to so many removals per collection and run need no question."""

MOST_SHARE = 0.25
"""Up to this share of a collection may go in one run without a question."""

CONFIRMING_RUNS = 2
"""A whole collection counts as deleted when this many runs in a row did not find it."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a run is about to remove from one collection's copy."""

    collection: str
    gone: int
    known: int

    @property
    def share(self) -> float:
        """The part of the collection that would go, from 0 to 1."""
        return self.gone / self.known if self.known else 0.0


def is_massive(removal: Removal) -> bool:
    """Say whether *removal* is so large that the user has to confirm it."""
    return removal.gone > MOST_REMOVED and removal.share > MOST_SHARE
