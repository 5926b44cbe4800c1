"""What repeats every 500 messages: which labels they have and which thread they are in.

So a million messages need no more memory than five hundred, and those with a label are found without a look at the
others.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import TYPE_CHECKING

from simulators.google.dice import Dice
from simulators.google.mail import labels as names
from simulators.google.mail.awkward import kind_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LENGTH = 500
NEAR = 12
"""How far back the message may lie that another one answers."""
_PLACES = ((40, names.INBOX), (14, names.SENT), (2, names.DRAFT), (5, names.SPAM), (5, names.TRASH), (3, names.CHAT))
"""Percentages; the rest is archived."""
NONE: frozenset[str] = frozenset()
_APART = frozenset({names.DRAFT, names.CHAT})
"""Awkward messages are none of these."""


class Cycle:
    """The labels and threads of five hundred messages in a row. *own* are the ids of the user's labels."""

    def __init__(self, own: Sequence[str], *, seed: int) -> None:
        self.roots: list[int] = []
        self.labels: list[frozenset[str]] = []
        for position in range(LENGTH):
            dice = Dice("cycle", seed, position)
            labels = _labels(dice, own)
            plain = kind_at(position) and not _APART.isdisjoint(labels)
            self.labels.append(NONE if plain else labels)
            self.roots.append(self._root(position, dice))
        self.members: dict[int, list[int]] = {}
        for position, root in enumerate(self.roots):
            self.members.setdefault(root, []).append(position)
        self._known: dict[tuple[frozenset[str], frozenset[str]], list[int]] = {}
        self._lock = threading.Lock()

    def _root(self, position: int, dice: Dice) -> int:
        """Return the position of the first message of a thread. A chat is a thread of its own."""
        back = 1 + dice.below(NEAR)
        alone = names.CHAT in self.labels[position] or back > position or not dice.chance(40)
        if alone or names.CHAT in self.labels[position - back]:
            return position
        return self.roots[position - back]

    def positions(self, every: frozenset[str], none: frozenset[str] = NONE) -> list[int]:
        """Return the positions that have *every* label and *none* of the others, in order."""
        with self._lock:
            found = self._known.get((every, none))
            if found is None:
                found = [at for at, has in enumerate(self.labels) if every <= has and not none & has]
                self._known[every, none] = found
            return found

    def backwards(self, below: int, every: frozenset[str], none: frozenset[str]) -> Iterator[int]:
        """Yield the numbers below *below* that have *every* label and *none* of the others, the highest first."""
        wanted = self.positions(every, none)
        if not wanted:
            return
        block, rest = divmod(below, LENGTH)
        for position in reversed(wanted[: bisect_left(wanted, rest)]):
            yield block * LENGTH + position
        for start in range((block - 1) * LENGTH, -1, -LENGTH):
            for position in reversed(wanted):
                yield start + position

    def count(self, size: int, every: frozenset[str], none: frozenset[str] = NONE) -> int:
        """Return how many of the first *size* messages have *every* label and *none* of the others."""
        wanted = self.positions(every, none)
        blocks, rest = divmod(size, LENGTH)
        return blocks * len(wanted) + bisect_left(wanted, rest)

    def threads(self, size: int, every: frozenset[str]) -> int:
        """Return how many threads have a message with *every* label among the first *size* ones."""
        wanted = self.positions(every)
        blocks, rest = divmod(size, LENGTH)
        whole = len({self.roots[at] for at in wanted}) if blocks else 0
        return blocks * whole + len({self.roots[at] for at in wanted[: bisect_left(wanted, rest)]})

    def thread(self, number: int) -> int:
        """Return the number of the first message of a thread."""
        block, position = divmod(number, LENGTH)
        return block * LENGTH + self.roots[position]

    def thread_members(self, root: int, size: int) -> list[int]:
        """Return the numbers of the messages of a thread that lie among the first *size* ones."""
        block, position = divmod(root, LENGTH)
        return [n for at in self.members.get(position, ()) if (n := block * LENGTH + at) < size]


def _labels(dice: Dice, own: Sequence[str]) -> frozenset[str]:
    place, drawn = "", dice.below(100)
    for percent, name in _PLACES:
        if drawn < percent:
            place = name
            break
        drawn -= percent
    if place in {names.DRAFT, names.CHAT}:
        return frozenset({place})
    found = {place} if place else set()
    if place != names.SENT:
        found |= {names.UNREAD} if dice.chance(25) else set()
        found |= {dice.pick(names.CATEGORIES)} if place != names.SPAM and dice.chance(60) else set()
    found |= {names.STARRED} if dice.chance(4) else set()
    found |= {names.IMPORTANT} if place != names.SPAM and dice.chance(15) else set()
    if own and dice.chance(35):
        found |= {dice.pick(own) for _ in range(1 + dice.below(3))}
    return frozenset(found)
