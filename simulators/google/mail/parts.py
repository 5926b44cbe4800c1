"""Messages taken apart into the parts of MIME (RFC 2045, RFC 2046), however broken they are.

Not with the standard library's parser: that one changes what is broken, and needs a frame for each level.
"""

from __future__ import annotations

import binascii
import quopri
import re
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message

DEEPEST = 50
"""Levels below which a part is told as it is. Where Gmail stops is not known."""
MOST_HEADERS = 2000
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r(?!\n)|$)")
_FOLD = re.compile(r"\r?\n[ \t]")


@dataclass(slots=True)
class Part:
    """One part: its headers as they are, and where in the message its body lies."""

    headers: list[tuple[str, str]]
    start: int
    end: int
    parts: list[Part] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Return the first header of a name in small letters, ``""`` without one."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def type(self) -> str:
        """The type in small letters; text/plain where nothing is said (RFC 2045 §5.2)."""
        said = self.header("content-type").partition(";")[0].strip().lower()
        return said if said.count("/") == 1 else "text/plain"

    @property
    def filename(self) -> str:
        """The name of an attachment."""
        for header, name in (("content-disposition", "filename"), ("content-type", "name")):
            if found := parameter(self.header(header), name):
                return decoded_words(found)
        return "noname" if self.header("content-disposition").lower().startswith("attachment") else ""

    def content(self, raw: bytes) -> bytes:
        """Return the body, decoded; what cannot be decoded as it is."""
        said, encoding = raw[self.start : self.end], self.header("content-transfer-encoding").strip().lower()
        if encoding == "quoted-printable":
            return quopri.decodestring(said)
        if encoding == "base64":
            try:
                return binascii.a2b_base64(said)
            except binascii.Error:
                return said
        return said


def parsed(raw: bytes, start: int = 0, end: int | None = None, depth: int = 0) -> Part:
    """Return the parts of a message."""
    end = len(raw) if end is None else end
    headers, body = _headers(raw, start, end)
    part = Part(headers, body, end)
    mark = parameter(part.header("content-type"), "boundary")
    if part.type.startswith("multipart/") and mark and depth < DEEPEST:
        part.parts = [parsed(raw, first, last, depth + 1) for first, last in _between(raw, body, end, mark)]
    return part


def _headers(raw: bytes, start: int, end: int) -> tuple[list[tuple[str, str]], int]:
    """Return the headers and where the body begins. Lines that are no headers are left out."""
    lines: list[bytes] = []
    at = start
    while at < end:
        found = _LINE.match(raw, at, end)
        line = found[0] if found else b""
        at += len(line)
        if not line.strip(b"\r\n"):
            break
        if line[:1] in b" \t" and lines:
            lines[-1] += line
        elif len(lines) < MOST_HEADERS:
            lines.append(line)
    pairs = (line.partition(b":") for line in lines)
    named = [
        (name.strip(), value) for name, colon, value in pairs if colon and name.strip() and b" " not in name.strip()
    ]
    return [(_text(name), _FOLD.sub(" ", _text(value.strip()))) for name, value in named], at


def _between(raw: bytes, start: int, end: int, mark: str) -> list[tuple[int, int]]:
    """Return where the parts between boundary lines lie; one that is not closed goes to the end."""
    line = b"--" + mark.encode("latin-1", "replace")
    found: list[tuple[int, int]] = []
    begun, at = -1, raw.find(line, start, end)
    while at >= 0:
        last = at + len(line)
        closing = raw[last : last + 2] == b"--"
        rest = _LINE.match(raw, last + 2 * closing, end)
        at_edge = at == start or raw[at - 1 : at] == b"\n"
        if rest is None or rest[0].strip() or not at_edge:
            at = raw.find(line, last, end)
            continue
        if begun >= 0:
            found.append((begun, max(begun, at - (2 if raw[at - 2 : at] == b"\r\n" else 1))))
        begun = -1 if closing else rest.end()
        at = -1 if closing else raw.find(line, rest.end(), end)
    return [*found, (begun, end)] if begun >= 0 else found


def parameter(header: str, name: str) -> str:
    """Return a parameter of a header (RFC 2045 §5.1, RFC 2231)."""
    message = Message()
    message["Content-Type"] = header.replace("\r", " ").replace("\n", " ")
    found = message.get_param(name, "")
    return (found[2] if isinstance(found, tuple) else found or "").strip()


def decoded_words(said: str) -> str:
    """Return a header's text with its encoded words decoded; as it is where they are broken."""
    if "=?" not in said:
        return said
    try:
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "latin-1", "replace")
            for piece, charset in decode_header(said)
        )
    except (LookupError, ValueError, binascii.Error):
        return said


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
