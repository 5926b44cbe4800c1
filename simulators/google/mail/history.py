"""The records of what happened to a mailbox, numbered upwards with gaps."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from simulators.google.dice import Dice

ADDED, DELETED, LABELS_ADDED, LABELS_REMOVED = "messageAdded", "messageDeleted", "labelAdded", "labelRemoved"
GAP = 40
"""Ids are "not contiguous with random gaps in between valid IDs" (users.history.list)."""


@dataclass(frozen=True, slots=True)
class Record:
    """One change. *labels* are those of the message after it; of a deleted one, those it had."""

    id: int
    at: float
    kind: str
    number: int
    labels: frozenset[str]
    changed: frozenset[str] = frozenset()


class Log:
    """The records, oldest first. *begin* is the id of the mailbox before the first of them."""

    def __init__(self, begin: int, at: float) -> None:
        self.newest = self._floor = begin
        self._records: list[Record] = []
        self._at = at

    def add(self, kind: str, number: int, at: float, labels: frozenset[str], changed: frozenset[str]) -> int:
        """Note a change and return its id."""
        self.newest += 1 + Dice("gap", self.newest).below(GAP)
        self._records.append(Record(self.newest, at, kind, number, labels, changed))
        self._at = max(self._at, at)
        return self.newest

    def forget(self) -> None:
        """Let no id be good but the newest."""
        self._floor, self._records = self.newest, []

    def forget_all(self) -> None:
        """Let no id be good that was ever given out; the next change brings the first that is."""
        self._floor, self._records = self.newest + 1, []

    def good(self, start: int, oldest: float, *, stale_when_quiet: bool) -> bool:
        """Say whether history can be told since *start*, when records before *oldest* are forgotten."""
        if not self._floor <= start <= self.newest:
            return False
        first = self._index(start)
        if first == len(self._records):
            return not stale_when_quiet or self._at >= oldest
        return self._records[first].at >= oldest

    def since(self, start: int, most: int) -> list[Record]:
        """Return the first *most* records after *start*."""
        first = self._index(start)
        return self._records[first : first + most]

    def _index(self, start: int) -> int:
        return bisect_right(self._records, start, key=lambda record: record.id)
