"""What a run verified of its own writing, in words that claim no more than was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wherry.showing import count

if TYPE_CHECKING:
    from sync_engine.model import Verified

HOW = {
    "size-and-revision": "size and revision are those told when they were written",
    "bytes": "read back, byte for byte as they were written",
}
"""How copies were compared, by the word that events and JSON lines have for it."""


def verified_words(number: int, how: str, *, copied: int) -> str:
    """Return the line about *number* copies compared by *how*; *copied* counts all there are. Empty for none."""
    if not how:
        return ""
    which = (
        f"all {count(number, 'copied item')}" if number == copied else f"{count(number, 'item')} written in this run"
    )
    return f"{which}: {HOW.get(how, how)}"


def verified_in(verified: Verified, *, copied: int) -> str:
    """Return the same for a report: what the last run that wrote anything verified. Empty while none has."""
    words = verified_words(verified.count, verified.how.value if verified.how else "", copied=copied)
    return words.replace("in this run", f"in run {verified.run}")
