"""A card being written: its lines, its carrier lines, its groups, and the fate of each leaf put on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mappings.carriers import CarrierLines
from mappings.errors import Unwritable
from mappings.loss import Fate, LeafFate, LossReport
from mappings.people.gathering import POINTER

if TYPE_CHECKING:
    from mappings.carriers import JSON

_MEMBER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SECRET = re.compile(r"etag|token|secret|credential", re.IGNORECASE)
"""A member Google may add one day under such a name is not carried away."""


class Sheet:
    """Collects the lines of one card of *version*; *taken* are groups (upper case) that are in use already."""

    def __init__(self, version: str, taken: Iterable[str] = ()) -> None:
        self.version = version
        self.lines: list[bytes] = []
        self.fates: list[LeafFate] = []
        self._carriers = CarrierLines()
        self._taken = frozenset(taken)
        self._groups = 0

    def group(self) -> str:
        """Return the name of a new group."""
        while True:
            self._groups += 1
            name = f"item{self._groups}"
            if name.upper() not in self._taken:
                return name

    def carry(self, path: str, value: JSON, *, group: str = "") -> str:
        """Write a carrier line for ``field/index/member``; return why it could not be, or an empty word."""
        member = path.rpartition("/")[2]
        if not all(map(_MEMBER.fullmatch, (path.partition("/")[0], member if not member.isdecimal() else "x"))):
            return "odd-member"
        if _SECRET.search(member):
            return "access-data"
        try:
            return self._carriers.add(POINTER + path, value, group=group)
        except Unwritable:
            return "no-json"

    def note(self, leaf: str, value: JSON, fate: Fate, reason: str = "") -> None:
        """Remember what became of a leaf, of each leaf inside if *value* is an object."""
        if isinstance(value, dict):
            self.fates.extend(LeafFate(name, fate, reason) for name in leaf_names(leaf, value))
        else:
            self.fates.append(LeafFate(leaf, fate, reason))

    def every_line(self) -> Iterator[bytes]:
        """Yield the lines written so far, carriers last."""
        yield from self.lines
        yield from (line.raw for line in self._carriers.lines)

    def to_bytes(self) -> bytes:
        """Return the whole card."""
        return b"".join((b"BEGIN:VCARD\r\n", *self.every_line(), b"END:VCARD\r\n"))

    def report(self) -> LossReport:
        """Return the fates of all leaves."""
        return LossReport.of(self.fates)


def leaf_names(leaf: str, value: JSON) -> Iterator[str]:
    """Yield the paths of all leaves in *value*, which stands at the path *leaf*."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaf_names(f"{leaf}.{key}", inner)
    else:
        yield leaf
