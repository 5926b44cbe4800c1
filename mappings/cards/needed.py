"""Properties that a version demands and a card may lack: written so that strict readers take the card."""

from __future__ import annotations

from collections.abc import Sequence

from mappings.contentlines import ContentLine, make_line
from mappings.escapes import escape_text

_NAMES = ("NICKNAME", "ORG", "EMAIL", "TEL", "URL")


def derive(name: str, lines: Sequence[ContentLine], *, end: bytes) -> ContentLine:
    """Return the line *name* (``N`` or ``FN``) for a card of *lines* that has none.

    N says that nothing is known of the parts of a name. FN is the best name there is:
    the parts of N, a nickname, an organization, an address; it may be empty.
    """
    if name == "N":
        return make_line("N", ";;;;", end=end)
    return make_line("FN", escape_text(_best_name(lines)), end=end)


def _best_name(lines: Sequence[ContentLine]) -> str:
    parts = next((line.fields() for line in lines if line.name == "N"), ())
    family, given, more, before, after = (*parts, *[""] * 5)[:5]
    joined = " ".join(part for part in (before, given, more, family, after) if part.strip())
    if joined:
        return joined
    for name in _NAMES:
        for line in lines:
            if line.name == name and (text := " ".join(part for part in line.fields() if part.strip())):
                return text
    return ""
