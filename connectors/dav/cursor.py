"""Where a source stands in one collection, as flat JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.errors import CursorExpired

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Cursor

VERSION: Final = 1
LONGEST: Final = 1500
"""Longest token kept: two of them and the rest stay below the cursor's 4 KiB."""

_SECONDS: Final = re.compile(r"(?<![0-9A-Za-z])(\d{10})(?:\d{3})?(?![0-9A-Za-z])")
_NEAR: Final = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint.

    *token* is the sync-token to go on from. *word*, where set, is the collection's state
    that says "nothing new" instead of the token: as it was **before** this checkpoint's
    answer was asked for, so that a change made in between is seen next time. *full* is
    when everything was last listed (seconds since the epoch); *begun* says that a first
    listing was begun and not yet ended; *fresh* that token or word is a time that had not
    passed yet when it was read.
    """

    token: str = ""
    word: str = ""
    full: int = 0
    begun: bool = False
    fresh: bool = False

    @classmethod
    def read(cls, cursor: Cursor) -> Mark:
        """Read a cursor. Raises ``CursorExpired`` if it is of another version."""
        if cursor.get("v") != VERSION:
            raise CursorExpired("a cursor of another version")
        full = cursor.get("full", 0)
        return cls(
            token=_text(cursor, "token"),
            word=_text(cursor, "word"),
            full=full if isinstance(full, int) else 0,
            begun=cursor.get("begun") is True,
            fresh=cursor.get("fresh") is True,
        )

    def cursor(self) -> Cursor:
        """Return it as a cursor."""
        words = {"token": self.token, "word": self.word}
        values: dict[str, str | int | bool] = {"v": VERSION}
        values |= {name: word for name, word in words.items() if word and len(word.encode()) <= LONGEST}
        if self.full:
            values["full"] = self.full
        flags = {"begun": self.begun, "fresh": self.fresh}
        return values | {name: True for name, on in flags.items() if on}

    def stands(self, state: str | None) -> bool:
        """Say whether a collection in *state* is as it was here. A zero says nothing: see ``is_reset``."""
        return state is not None and state == (self.word or self.token) and _tail(state) != "0"


def is_fresh(words: tuple[str, ...], now: float) -> bool:
    """Say whether a word holds the present second: more may still happen under the same word."""
    return any(abs(int(found) - now) <= _NEAR for word in words for found in _SECONDS.findall(word))


def is_reset(token: str, before: str) -> bool:
    """Say whether a server hands out its zero token although it knew a later one.

    Some do when nothing changed (github.com/lennart-k/rustical issue 251); going on from
    it would list everything again each time.
    """
    return _tail(token) == "0" and _tail(before) != "0"


def _tail(token: str) -> str:
    return re.split(r"[/:#,]", token)[-1]


def _text(cursor: Mapping[str, str | int | bool], name: str) -> str:
    value = cursor.get(name, "")
    return value if isinstance(value, str) else ""
