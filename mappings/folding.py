"""Cut bytes into logical lines without losing one, and fold lines again (RFC 5545 §3.1, RFC 6350 §3.2).

A *raw line* is one content line as it stands in the file, with its folds and its line
end, whatever that is: CRLF, LF, CR, CR CR LF. All raw lines joined are the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"
FOLD_OCTETS = 75
"""RFC 5545 §3.1: lines are no longer than this, without the line end."""

_EOL = rb"(?:\r?\r?\n|\r)"
_RAW_LINE = re.compile(rb"[^\r\n]*+(?:" + _EOL + rb"[ \t][^\r\n]*+)*+(?:" + _EOL + rb"|\Z)")
_FOLD = re.compile(_EOL + rb"[ \t]")
_SOFT_BREAK = re.compile(rb"=(?:[ \t]*+" + _EOL + rb")++[ \t]?")  # empty folded lines may follow it
_ANY_SOFT_BREAK = re.compile(rb"=[ \t]*+[\r\n]")
_HEAD = re.compile(rb'(?:[^":]++|"[^"]*+")*+:')
_QUOTED_PRINTABLE = b"QUOTED-PRINTABLE"


def raw_lines(body: bytes) -> Iterator[bytes]:
    """Yield the raw lines of *body*, blank ones too; joined they are *body* again."""
    lines = filter(None, _RAW_LINE.findall(body))
    return _join_soft_breaks(lines) if _ANY_SOFT_BREAK.search(body) else lines


def _join_soft_breaks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Put the lines of a quoted-printable value together (vCard 2.1: ``=`` at the end goes on below)."""
    for line in lines:
        if not (_ends_softly(line) and is_quoted_printable(_FOLD.sub(b"", line))):
            yield line
            continue
        parts = [line]
        for part in lines:
            parts.append(part)
            if not _ends_softly(part):
                break
        yield b"".join(parts)


def _ends_softly(line: bytes) -> bool:
    return line.endswith((b"\n", b"\r")) and line.rstrip(b" \t\r\n").endswith(b"=")


def head_length(content: bytes) -> int:
    """Return where the colon before the value stands in an unfolded line, or -1.

    Colons within quotes belong to parameters (RFC 5545 §3.1); a quote that is never
    closed is no quote.
    """
    found = _HEAD.match(content)
    return found.end() - 1 if found else content.find(b":")


def is_quoted_printable(content: bytes) -> bool:
    """Say whether an unfolded line's parameters declare quoted-printable."""
    length = head_length(content)
    return length >= 0 and _QUOTED_PRINTABLE in content[:length].upper()


def line_end(raw: bytes) -> bytes:
    """Return the line end of a raw line, empty where the file just stops."""
    return raw[len(raw.rstrip(b"\r\n")) :]


def unfold(raw: bytes) -> bytes:
    """Return the content of a raw line: no folds, no quoted-printable soft breaks, no line end.

    Works on octets, so that a fold inside a UTF-8 sequence leaves the character whole.
    """
    content = raw.rstrip(b"\r\n")
    if b"\n" not in content and b"\r" not in content:
        return content
    if _ANY_SOFT_BREAK.search(raw) and is_quoted_printable(_FOLD.sub(b"", raw)):
        return _FOLD.sub(b"", _SOFT_BREAK.sub(b"", raw)).rstrip(b"\r\n")
    return without_folds(content)


def without_folds(text: bytes) -> bytes:
    """Return *text*, of one line or many, with its folds taken out."""
    # The usual fold goes several times as fast without a pattern; what is left may be another kind.
    usual = text.replace(b"\r\n ", b"")
    if b"\r\r\n" in text or _FOLD.search(usual):
        return _FOLD.sub(b"", text)
    return usual


def fold(content: bytes, end: bytes = b"\r\n") -> bytes:
    """Fold *content* at 75 octets, never inside a character, and close it with *end*."""
    if len(content) <= FOLD_OCTETS:
        return content + end
    pieces = []
    start, room = 0, FOLD_OCTETS
    while len(content) - start > room:
        stop = _character_border(content, start + room)
        pieces.append(content[start:stop])
        start, room = stop, FOLD_OCTETS - 1
    pieces.append(content[start:])
    return ((end or b"\r\n") + b" ").join(pieces) + end


def _character_border(content: bytes, stop: int) -> int:
    """Step back from *stop* to where a UTF-8 sequence begins; octets that are no UTF-8 may be cut anywhere."""
    for back in range(4):
        if content[stop - back] & 0xC0 != 0x80:
            return stop - back
    return stop
