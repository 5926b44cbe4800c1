"""Lines of vCard 2.1 in the words of 3.0: bare types named, quoted-printable and character sets undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.errors import Unwritable
from mappings.escapes import escape_text, split_value, unescape_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRUCTURED = frozenset({"N", "ADR", "ORG"})
_BINARY = frozenset({"B", "BASE64"})


def restate(line: ContentLine) -> ContentLine:
    """Return *line* as vCard 3.0 writes it; a line that cannot be said there stays as it is."""
    if line.blank or line.junk:
        return line
    params = list(_params(line))
    if line.encoding in _BINARY:
        value = line.value.decode("latin-1").replace(" ", "")
    elif line.name in _STRUCTURED:
        value = ";".join(escape_text(unescape_text(part)) for part in split_value(line.decoded(), ";"))
    else:
        value = escape_text(line.text())
    try:
        return make_line(line.name, value, params=params, group=line.group)
    except Unwritable:
        return line


def _params(line: ContentLine) -> Iterator[Parameter]:
    types = tuple(word.upper() for word in line.types())
    if types:
        yield Parameter("TYPE", types)
    for param in line.params:
        if param.name == "ENCODING":
            if line.encoding in _BINARY:
                yield Parameter("ENCODING", ("b",))
        elif param.name not in {"TYPE", "CHARSET"}:
            yield param
