"""One step from a version of vCard to the next: which lines are written in place of which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.errors import Unwritable

if TYPE_CHECKING:
    from mappings.contentlines import ContentLine


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that belong together, and what is *written* in their place."""

    taken: tuple[ContentLine, ...]
    written: tuple[ContentLine, ...]

    @property
    def changed(self) -> bool:
        """Whether the lines are others than before."""
        return self.taken != self.written


@dataclass(frozen=True, slots=True)
class Step:
    """The way from version *source* to *target*.

    *rewrite* takes every line of a card but VERSION and puts each into exactly one unit;
    *needed* are the properties a card of the target has to have.
    """

    source: str
    target: str
    rewrite: Callable[[Sequence[ContentLine]], list[Unit]]
    needed: tuple[str, ...] = ()


def one_by_one(lines: Iterable[ContentLine], change: Callable[[ContentLine], ContentLine]) -> list[Unit]:
    """Rewrite each line by itself; one that cannot be written anew stays as it is."""
    return [Unit((line,), (attempt(line, change),)) for line in lines]


def attempt(line: ContentLine, change: Callable[[ContentLine], ContentLine]) -> ContentLine:
    """Return what *change* makes of *line*, or *line* itself if it is junk or cannot be written anew."""
    if line.blank or line.junk:
        return line
    try:
        return change(line)
    except Unwritable:
        return line
