"""What a person reads about an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wherry.exits import Exit


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened, what to do about it, how the process ends; *reason* is the word jobs and JSON lines use."""

    title: str
    what_to_do: str
    exit_code: Exit
    reason: str


def row(reason: str, exit_code: Exit, title: str, what_to_do: str) -> Explanation:
    """Return one row, in the order in which a table is read."""
    return Explanation(title, what_to_do, exit_code, reason)
