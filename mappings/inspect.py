"""What a body is, found by looking at its structure only: the first question asked of every copied item.

Nothing is lexed: folds and long values nobody asks about are taken out of the octets, then the
few lines that matter are walked. A body that is not complete never becomes a write and never
implies a deletion, so every doubt about the structure counts against it, while odd
content (a line without a colon, a missing UID) does not.
"""

from __future__ import annotations

import re
from datetime import date

from mappings.errors import UnknownType
from mappings.escapes import unescape_text
from mappings.folding import head_length
from mappings.inspect_json import inspect_json
from mappings.inspection import Inspection
from mappings.limits import DEFAULT_LIMITS, Limits
from mappings.mediatypes import Family, family
from mappings.structure import Piece, flatten, flatten_by_line, walk

_DAY = re.compile(rb"[^\n]*?:\s*+(\d{4})-?(\d\d)-?(\d\d)")
_GROUPED_UID = re.compile(rb"\n[^\n:;.]*+\.UID[:;]")
_EPOCH = date(1970, 1, 1).toordinal()


def inspect(media_type: str, body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Inspection:
    """Say whether *body* is one whole object (or several) of *media_type*, and what it holds. Never raises.

    A body cut off anywhere but between two outermost components is recognised.
    """
    outer: Family | None
    try:
        outer = family(media_type)
    except UnknownType:
        outer = None
    if len(body) > limits.octets:
        return Inspection(complete=False, problem="too-large")
    if outer is None:
        return inspect_json(media_type, body) or Inspection(complete=False, problem="unknown-type")
    text = flatten(body)
    upper = text.upper()
    if b"QUOTED-PRINTABLE" in upper:
        text = flatten_by_line(body)
        upper = text.upper()
    found = walk(upper, outer.encode(), limits.depth)
    card = outer is Family.CARD
    items = found.wrapper if card else found.items
    problem = found.problem or ("" if items else "no-component")
    uids = [uid for piece, start in items if (uid := _uid(piece, start, text))]
    return Inspection(
        not problem,
        problem,
        items[0][0].partition(b"\n")[0].strip().decode("latin-1") if items else "",
        uids[0] if uids else None,
        len(set(uids)),
        None if card else _day(items),
        not card and any(_find(piece, b"\nORGANIZER") >= 0 or _find(piece, b"\nATTENDEE") >= 0 for piece, _ in items),
        not card and any(_find(piece, b"\nMETHOD") >= 0 for piece, _ in found.wrapper),
    )


def _find(piece: bytes, name: bytes) -> int:
    """Return where in *piece* the line *name* (with its LF) begins, or -1."""
    at = piece.find(name)
    while at >= 0 and piece[at + len(name) : at + len(name) + 1] not in (b":", b";"):
        at = piece.find(name, at + 1)
    return at


def _uid(piece: bytes, start: int, text: bytes) -> str:
    """Return the UID of an item's piece, read from *text*, where letters have their case."""
    at = _find(piece, b"\nUID")
    if at < 0 and b".UID" in piece and (found := _GROUPED_UID.search(piece)):
        at = found.start()
    if at < 0:
        return ""
    end = piece.find(b"\n", at + 1)
    line = text[start + at + 1 : start + (end if end >= 0 else len(piece))]
    value = line[head_length(line) + 1 :].decode("utf-8", "backslashreplace")
    return unescape_text(value).strip()


def _day(items: list[Piece]) -> int | None:
    """Return the day of the first DTSTART that is a date, else of the first such DUE."""
    for name in (b"\nDTSTART", b"\nDUE"):
        for piece, _ in items:
            at = _find(piece, name)
            day = _read_day(piece, at + len(name)) if at >= 0 else None
            if day is not None:
                return day
    return None


def _read_day(piece: bytes, at: int) -> int | None:
    """Read the first date after a colon on the line that goes on at *at*."""
    found = _DAY.match(piece, at)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).toordinal() - _EPOCH if found else None
    except ValueError:
        return None
