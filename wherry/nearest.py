"""Advice for a word that is not known: which known word did you mean."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest to *word*, or ``None`` when none is close."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?``, or the list of what is known, or nothing."""
    names = sorted(known)
    close = nearest(word, names)
    if close is not None:
        return f"Did you mean '{close}'?"
    return f"Known: {', '.join(names)}." if names else ""
