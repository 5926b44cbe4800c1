"""Where a source stands in one collection, as flat JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.base import CURSOR_BYTES
from connectors.errors import CursorExpired

if TYPE_CHECKING:
    from connectors.base import Cursor

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint: *sync* is the list's token, *groups* the one of the contact groups.

    *asked* stands for how the list was asked for: a token is good for the same question only, and a
    newer discovery document may ask for more fields. *about* stands for what every item holds of its
    calendar.
    """

    sync: str
    asked: str = ""
    groups: str = ""
    about: str = ""

    @classmethod
    def read(cls, cursor: Cursor, *, asked: str) -> Mark:
        """Read a cursor. Raises ``CursorExpired`` if it is of another version or another question."""
        said = {name: str(cursor.get(name, "")) for name in ("sync", "asked", "groups", "about")}
        if cursor.get("v") != VERSION or said["asked"] != asked or not said["sync"]:
            raise CursorExpired("a cursor of another version, or for another question")
        return cls(**said)

    def cursor(self) -> Cursor | None:
        """Return it as a cursor; ``None`` when there is no token, or it is longer than a cursor may be."""
        if not self.sync:
            return None
        words = {"sync": self.sync, "asked": self.asked, "groups": self.groups, "about": self.about}
        said: Cursor = {"v": VERSION} | {name: word for name, word in words.items() if word}
        return said if len(json.dumps(said).encode()) <= CURSOR_BYTES else None
