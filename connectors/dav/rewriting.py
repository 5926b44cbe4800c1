"""Whether what a server stored is what it was given, written in another way.

Servers re-fold lines, order properties and parameters anew, quote, escape, change the
case of names. Only a comparison that sees nothing but such things may say "the same":
every line has to be there, value by value, nothing more and nothing less.
"""

from __future__ import annotations

import re
from typing import Final

_FOLD: Final = re.compile(rb"\r?\n[ \t]")
_SET_BY_SERVERS: Final = frozenset({b"PRODID", b"REV", b"DTSTAMP", b"LAST-MODIFIED", b"CREATED"})
"""Stamps a server may set anew when it stores an item (RFC 5545 section 3.8.7)."""
_PARTS: Final = frozenset({b"RRULE", b"EXRULE", b"CATEGORIES"})


def same_content(one: bytes, other: bytes) -> bool:
    """Say whether two bodies hold the same lines, however they are ordered, folded, quoted and escaped."""
    return one == other or _lines(one) == _lines(other)


def _lines(body: bytes) -> list[tuple[bytes, tuple[bytes, ...], bytes]]:
    logical = _FOLD.sub(b"", body).splitlines()
    found = [_line(line) for line in logical if line.strip()]
    return sorted(line for line in found if line[0] not in _SET_BY_SERVERS)


def _line(line: bytes) -> tuple[bytes, tuple[bytes, ...], bytes]:
    """Split a line into name, parameters and value, each in one spelling."""
    head, value = _split(line)
    name, *parameters = re.split(rb';(?=(?:[^"]*"[^"]*")*[^"]*$)', head)
    name = name.strip().upper()
    spelled = sorted(parameter.replace(b'"', b"").upper() for parameter in parameters)
    value = value.rstrip().replace(b"\\,", b",").replace(b"\\;", b";").replace(b"\\:", b":").replace(b"\\N", b"\\n")
    if name in _PARTS:
        value = b";".join(sorted(re.split(rb"[;,]" if name == b"CATEGORIES" else b";", value)))
    return name, tuple(spelled), value


def _split(line: bytes) -> tuple[bytes, bytes]:
    """Split at the first colon outside quotes (RFC 5545 section 3.1)."""
    quoted = False
    for at, char in enumerate(line):
        if char == ord('"'):
            quoted = not quoted
        elif char == ord(":") and not quoted:
            return line[:at], line[at + 1 :]
    return line, b""
