"""The BEGIN and END lines of a body, walked over its octets without lexing it.

It knows the same rules as ``documents``, and a test holds them equal; here an object is
whole or it is not, there the whole ones are saved from between the broken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mappings.contentlines import ContentLine
from mappings.documents import CARRIERS, OUTERMOST, SECOND
from mappings.folding import BOM, raw_lines, unfold

_EOL = re.compile(rb"\r?\r?\n|\r")
_FOLD = re.compile(rb"\n[ \t]")
_LONG = 2048
"""Octets without a line end from which on a line is long."""
_UNREAD = re.compile(
    rb"(?:[^.:;\r\n]*+\.)?(?:PHOTO|LOGO|SOUND|KEY|ATTACH|NOTE|DESCRIPTION|X-[^.:;\r\n]*+)(?:;[^\":\r\n]*+)?:",
    re.IGNORECASE,
)
"""Heads of lines of whose value nothing here is ever read. A quote in one may hide its colon: such a line is kept."""
_ITEMS = frozenset(name.encode() for name in CARRIERS)
_SECOND = frozenset(name.encode() for name in SECOND)
_PLACED = _SECOND | frozenset(name.encode() for name in OUTERMOST)

Piece = tuple[bytes, int]
"""Some lines of the text and the offset where they start. The first line is a component's name."""


@dataclass(slots=True)
class Structure:
    """What the walk found, up to the end or to the first *problem*.

    *items* are the pieces of text directly inside an item (*component* is the first one's
    name), without its alarms and the like; *wrapper* those directly inside the outermost.
    """

    problem: str = ""
    component: bytes = b""
    items: list[Piece] = field(default_factory=list)
    wrapper: list[Piece] = field(default_factory=list)


def flatten(body: bytes) -> bytes:
    """Return *body* unfolded and shortened, without byte order mark, with a LF before every line.

    CPython finds one octet many times faster than two: what may be long is shortened
    before anything else is looked for, and splitting is faster than replace().
    """
    body = body.removeprefix(BOM)
    if b"\r\n " in body:  # the usual form; whatever is unusual about it takes the way below
        text = shorten(b"".join(body.split(b"\r\n "))).replace(b"\r\n", b"\n")
        if b"\r" not in text and b"\n " not in text and b"\n\t" not in text:
            return b"\n" + text
    text = body.replace(b"\r", b"")
    returns = len(body) - len(text)
    if returns and body.count(b"\r\n") != returns:
        text = _EOL.sub(b"\n", body)
    text = _FOLD.sub(b"", text) if b"\t" in text and b"\n\t" in text else b"".join(text.split(b"\n "))
    return b"\n" + shorten(text)


def shorten(text: bytes) -> bytes:
    """Return unfolded *text* with the long values cut that say nothing about structure: photos, above all.

    Heads stay, with some of the value, so that each line is still there and still not
    blank. No octet that ends a line is cut, whatever the line ends are.
    """
    pieces: list[bytes] = []
    done, at = 0, _LONG
    while at + _LONG <= len(text):
        if _line_end(text, at, at + _LONG) < at + _LONG:
            at += _LONG
            continue
        end = _line_end(text, at + _LONG, len(text))
        start = max(text.rfind(b"\n", 0, at), text.rfind(b"\r", 0, at)) + 1
        if head := _UNREAD.match(text, start, at):
            pieces.append(text[done : head.end() + _LONG // 2])
            done = end
        at = end
    return b"".join([*pieces, text[done:]]) if pieces else text


def _line_end(text: bytes, start: int, stop: int) -> int:
    """Return where the line that goes on at *start* ends, or *stop*."""
    feed = text.find(b"\n", start, stop)
    stop = feed if feed >= 0 else stop
    back = text.find(b"\r", start, stop)
    return back if back >= 0 else stop


def flatten_by_line(body: bytes) -> bytes:
    """Do the same where quoted-printable values run over lines that are not folded."""
    return b"\n" + b"\n".join(map(unfold, raw_lines(body.removeprefix(BOM))))


def walk(upper: bytes, outer: bytes, depth: int) -> Structure:  # noqa: C901 - one hot loop, kept in one place
    """Walk flat text in upper case that should hold components *outer*, at most *depth* deep.

    Splitting at the lines is several times as fast as looking for them one by one, and
    where nothing is wrong the loop calls nothing of ours.
    """
    found = Structure()
    segments = upper.split(b"\nBEGIN:")
    piece = segments[0]
    opened: list[bytes] = []
    if len(segments) == 1 or piece.strip():
        return _broken(found, outer, opened, upper, _beginless(upper))
    items, wrapper = found.items, found.wrapper
    offset = len(piece) + 7
    for segment in segments[1:]:
        pieces = segment.split(b"\nEND:")
        begin = pieces[0]
        name = begin.partition(b"\n")[0].strip(b" \t")
        if (name in _PLACED or not opened) and (problem := _misplaced(name, outer, opened, piece)):
            return _broken(found, outer, opened, upper, problem)
        opened.append(name)
        if len(opened) > depth:
            return _broken(found, outer, opened, upper, "too-deep")
        for piece in pieces:
            if piece is not begin:
                if not opened or opened[-1] != piece.partition(b"\n")[0].strip(b" \t"):
                    return _broken(found, outer, opened, upper, "unbalanced")
                del opened[-1]
            level = len(opened)
            if level == 2 and opened[1] in _ITEMS:
                items.append((piece, offset))
            elif level == 1:
                wrapper.append((piece, offset))
            elif level == 0 and piece.partition(b"\n")[2].strip():
                return _broken(found, outer, opened, upper, "trailing")
            offset += len(piece) + 5
        offset += 2
    if opened:
        found.problem = "truncated"
    return found


def _misplaced(name: bytes, outer: bytes, opened: list[bytes], before: bytes) -> str:
    """Say why a component *name* cannot begin inside the *opened* ones, after the text *before*."""
    if not opened:
        return "" if name == outer else "wrong-type"
    if name in _SECOND:
        return "unbalanced" if len(opened) > 1 and opened[0] == b"VCALENDAR" else ""
    _, newline, line = before.rstrip().rpartition(b"\n")
    agent = ContentLine(line)  # a vCard 2.1 AGENT is followed by a whole card
    inside = name == b"VCARD" and newline and agent.name == "AGENT" and not agent.value.strip()
    return "" if inside else "unbalanced"


def _beginless(upper: bytes) -> str:
    """Name what a text is that does not start with a component."""
    if upper.isspace():
        return "empty"
    return "not-text" if b"\0" in upper[:1024] else "wrong-type"


def _broken(found: Structure, outer: bytes, opened: list[bytes], upper: bytes, problem: str) -> Structure:
    """Note the problem; if the very last line is the beginning of what was due, the text was cut off there."""
    due = b"END:" + opened[-1] if opened else b"BEGIN:" + outer
    last = upper.rstrip().rpartition(b"\n")[2]
    found.problem = "truncated" if last and due != last and due.startswith(last) else problem
    return found
