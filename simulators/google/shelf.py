"""A list of items in flat memory: computed ones, and over them what was edited, added and deleted."""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulators.google.discovery import Json

Position = tuple[int, int, int]
"""(0, index, 0) among the computed items, (1, number of a change, 0) among the changed ones."""
BEGIN: Position = (0, 0, 0)


class Making(Protocol):
    """What computes the items there were from the beginning."""

    size: int

    def name(self, index: int) -> str:
        """Return the name of an item, by which it is asked for."""

    def index(self, name: str) -> int | None:
        """Return the index of a name, ``None`` when no computed item has it."""

    def make(self, index: int) -> Json:
        """Return an item."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list. *item* is ``None`` when it was deleted; the list came from *here* and goes on *after* it."""

    name: str
    item: Json | None
    here: Position
    after: Position
    earlier: Json | None = None
    """What a deleted item was."""


@dataclass(frozen=True, slots=True)
class _Change:
    number: int
    item: Json | None
    earlier: Json | None


class Shelf:
    """The items, and their changes in order, numbered from 1. Nothing is held but what was changed."""

    def __init__(self, making: Making, clock: Callable[[], float]) -> None:
        self.making, self._clock = making, clock
        self._changes: dict[str, _Change] = {}
        self._log: list[str] = []
        self._times: list[float] = []
        self._lock = threading.RLock()
        self.count = making.size
        """How many items there are now."""

    @property
    def number(self) -> int:
        """The number of the newest change."""
        return len(self._log)

    def settled(self, delay: float) -> int:
        """Return the number of the newest change that is older than *delay* seconds."""
        return bisect_right(self._times, self._clock() - delay)

    def get(self, name: str) -> Json | None:
        """Return an item, ``None`` when there is none of this name (any more)."""
        change = self._changes.get(name)
        if change is not None:
            return change.item
        index = self.making.index(name)
        return None if index is None or index >= self.making.size else self.making.make(index)

    def has(self, name: str) -> bool:
        """Say whether there is an item of this name."""
        change = self._changes.get(name)
        if change is not None:
            return change.item is not None
        index = self.making.index(name)
        return index is not None and index < self.making.size

    def deleted(self, name: str) -> Json | None:
        """Return what a deleted item was."""
        change = self._changes.get(name)
        return None if change is None or change.item is not None else change.earlier

    def put(self, name: str, item: Json) -> None:
        """Add an item, or replace it."""
        with self._lock:
            self.count += self.get(name) is None
            self._note(name, _Change(self.number + 1, item, None))

    def remove(self, name: str, **last: object) -> None:
        """Delete an item; *last* is what is to be remembered of it beside what it was. Raises ``KeyError``."""
        with self._lock:
            earlier = self.get(name)
            if earlier is None:
                raise KeyError(name)
            self.count -= 1
            self._note(name, _Change(self.number + 1, None, {**earlier, **last}))

    def _note(self, name: str, change: _Change) -> None:
        self._changes[name] = change
        self._times.append(max([self._clock(), *self._times[-1:]]))
        self._log.append(name)

    def untouched(self) -> Iterator[tuple[int, str]]:
        """Yield index and name of the computed items that were never changed."""
        for index in range(self.making.size):
            name = self.making.name(index)
            if name not in self._changes:
                yield index, name

    def walk(self, position: Position = BEGIN, *, deleted: bool = False) -> Iterator[Row]:
        """Yield the items from *position* on, oldest change last; with *deleted* those that are gone as well."""
        phase, at, _ = position
        assert phase < 2, "an ordered list is walked from its beginning"
        if phase == 0:
            for index in range(at, self.making.size):
                name = self.making.name(index)
                if name not in self._changes:
                    yield Row(name, self.making.make(index), (0, index, 0), (0, index + 1, 0))
            at = 0
        for row in self.changes(at):
            if deleted or row.item is not None:
                yield row

    def changes(self, since: int, until: int | None = None) -> Iterator[Row]:
        """Yield the items that changed after change *since*, up to *until*, each once, as they are now."""
        for number in range(since + 1, (self.number if until is None else until) + 1):
            name = self._log[number - 1]
            change = self._changes[name]
            if change.number == number or (
                until is not None and change.number > until and self._last(name, number, until)
            ):
                yield Row(name, change.item, (1, number - 1, 0), (1, number, 0), change.earlier)

    def _last(self, name: str, number: int, until: int) -> bool:
        """Say whether change *number* is the last one of *name* up to *until*."""
        return name not in self._log[number:until]
