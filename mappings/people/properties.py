"""Properties between the line and the leaf: unescaped values, parameters, and the entry they make together.

An *entry* is what belongs to one element of a list: a property that anchors it, and its
satellites (a label, a country code, title and role of an organization) by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from mappings.escapes import encode_parameter, escape_text
from mappings.folding import fold

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.contentlines import ContentLine

LABEL = "X-ABLABEL"
STRUCTURED = frozenset({"N", "ADR", "ORG"})
_WRITTEN = {LABEL: "X-ABLabel"}
"""Names that Apple's address book looks for in this very case."""

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff\u2028\u2029]")

Element: TypeAlias = "dict[str, JSON]"


@dataclass(slots=True)
class Property:
    """One property: *text* or, of a structured one, *parts*; *types* in upper case; *params* without TYPE.

    *bare* values are no TEXT and are written unescaped: dates, ``data:`` URIs, base64.
    """

    name: str
    text: str = ""
    parts: list[str] | None = None
    types: tuple[str, ...] = ()
    params: dict[str, str] = field(default_factory=dict)
    bare: bool = False

    def to_line(self, group: str = "", *, end: bytes = b"\r\n") -> bytes:
        """Return the raw line."""
        name = _WRITTEN.get(self.name, self.name)
        head = f"{group}.{name}" if group else name
        if self.types:
            head += ";TYPE=" + ",".join(self.types)
        for param, value in self.params.items():
            head += f";{param}={encode_parameter(value)}"
        if self.parts is not None:
            value = ";".join([escape_text(part) if part else "" for part in self.parts])
        else:
            value = self.text if self.bare else escape_text(self.text)
        return fold(f"{head}:{value}".encode(), end)


Entry: TypeAlias = "dict[str, Property]"


def clean(text: str) -> str:
    """Return *text* as it may stand in a line that servers rewrite: line ends are LF, what they choke on is gone.

    What this changes comes back from a carrier line.
    """
    if not _UNSAFE.search(text):
        return text
    return _UNSAFE.sub("", _LINE_ENDS.sub("\n", text))


def read_property(line: ContentLine) -> Property:
    """Read *line* with its value unescaped; a structured one into its parts."""
    name = line.name
    params: dict[str, str] = {}
    for param in line.params:
        if param.name != "TYPE" and param.values:
            params.setdefault(param.name, param.values[0])
    found = Property(name, types=tuple(word.upper() for word in line.types()), params=params)
    if name in STRUCTURED:
        found.parts = list(line.fields())
    else:
        found.text = line.text()
        if found.params.get("ENCODING") and "\r" in found.text:  # line ends of quoted-printable are CRLF
            found.text = found.text.replace("\r\n", "\n")
    return found


def lines_of(entry: Entry, group: str) -> Iterator[bytes]:
    """Yield the raw lines of *entry*, the anchor first."""
    return (one.to_line(group) for one in entry.values())
