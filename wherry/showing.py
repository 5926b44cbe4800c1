"""Texts from strangers, made fit for a terminal; numbers and times as people write them.

Names of calendars, file names and answers of servers are somebody else's words: a
control character in them could move the cursor, colour a lie or turn the line around.
"""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Needed inside words and emoji; they neither hide nor reorder anything."""


def show(text: str, *, limit: int = 200) -> str:
    """Return *text* on one line with everything unprintable spelled out, cut at *limit*."""
    safe = text if text.isprintable() else "".join(map(_visible, text))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def _visible(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    return char.encode("unicode_escape").decode("ascii")


def columns(text: str) -> int:
    """Return how many columns of a terminal *text* takes: two for wide letters, none for marks on others."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    narrow = sum(category(char) not in {"Mn", "Me", "Cf"} for char in text)
    return narrow + sum(east_asian_width(char) in {"W", "F"} for char in text)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Return *text* with blanks up to *width* columns; *right* puts them before it."""
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks


def count(number: int, noun: str = "", plural: str = "") -> str:
    """Return ``1,204 items``: thousands separated, the noun in the right number."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(octets: float) -> str:
    """Return a size as people say it: ``312 B``, ``1.2 MB`` (decimal units)."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000:
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000
    return f"{octets:.1f} TB"


def duration(seconds: float) -> str:
    """Return a span as a clock shows it: ``0:07``, ``15:20``, ``2:03:00``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def moment(seconds: float | None) -> str:
    """Return a point in time as local date and minute, or a dash."""
    if seconds is None:
        return "-"
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def folder(path: str, *, home: str) -> str:
    """Return *path* with the home folder as ``~``, fit for a terminal."""
    home = home.rstrip("/")
    if home and (path == home or path.startswith(home + "/")):
        path = "~" + path[len(home) :]
    return show(path)
