"""One content line of iCalendar or vCard: the raw octets, and what they say.

The octets are the model. Every view is computed from them; a line nobody edits is
written back as it was read. An edited line keeps its group, its name as written and
its line end, and is folded anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mappings.errors import Unwritable
from mappings.escapes import (
    decode_base64,
    decode_charset,
    decode_parameter,
    decode_quoted_printable,
    encode_parameter,
    escape_text,
    split_value,
    unescape_text,
)
from mappings.folding import fold, head_length, line_end, unfold

_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_NAME = re.compile(rb"(?:[A-Za-z0-9_-]++\.)?([A-Za-z0-9_-]++)[:;]")
_COLON = ord(":")
_PARAMETER = re.compile(r';((?:[^";]++|"[^"]*+"|")*+)')
_ITEM = re.compile(r'(?:[^",]++|"[^"]*+"|")++|,')
_BARE_ENCODINGS = frozenset({"BASE64", "B", "QUOTED-PRINTABLE", "7BIT", "8BIT"})
_BARE_VALUES = frozenset({"URL", "URI", "INLINE", "CID", "CONTENT-ID"})
_BASE64 = frozenset({"B", "BASE64"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: *name* in upper case, *values* without quotes and carets.

    A bare word of vCard 2.1 (``TEL;HOME:``) is a TYPE, an ENCODING or a VALUE.
    """

    name: str
    values: tuple[str, ...]


class ContentLine:
    """One logical line. Compares by its octets; a blank or broken line has an empty ``name``."""

    __slots__ = ("_content", "_head", "_params", "_written", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._content: bytes | None = None
        self._head: int = -1
        self._params: tuple[Parameter, ...] | None = None
        self._written: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ContentLine) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"ContentLine({self.raw!r})"

    @property
    def content(self) -> bytes:
        """The line unfolded, without its line end."""
        if self._content is None:
            self._content = unfold(self.raw)
            self._head = head_length(self._content)
        return self._content

    @property
    def head(self) -> str:
        """What stands before the value's colon; empty if there is no colon."""
        if self._written is None:
            content = self.content
            self._written = decode_charset(content[: self._head]) if self._head > 0 else ""
        return self._written

    @property
    def written_name(self) -> str:
        """Group and name as written, without parameters."""
        return self.head.partition(";")[0]

    @property
    def name(self) -> str:
        """The property's name in upper case, without its group."""
        return property_name(self.raw)

    @property
    def group(self) -> str:
        """The vCard group as written (``item1``), empty if there is none."""
        return self.written_name.rpartition(".")[0]

    @property
    def blank(self) -> bool:
        """Whether nothing stands on the line."""
        return not self.content.strip()

    @property
    def junk(self) -> bool:
        """Whether something stands on the line that is no property."""
        return not self.blank and not _TOKEN.fullmatch(self.name)

    @property
    def value(self) -> bytes:
        """The value's octets as they stand, unfolded but still escaped and encoded."""
        content = self.content
        return content[self._head + 1 :] if self._head >= 0 else b""

    @property
    def params(self) -> tuple[Parameter, ...]:
        """The parameters in the order written; a repeated one appears as often as it stands there."""
        if self._params is None and b";" not in self.content[: max(self._head, 0)]:
            self._params = ()
        if self._params is None:
            found = _PARAMETER.finditer(self.head, len(self.written_name))
            self._params = tuple(_read_parameter(each[1]) for each in found)
        return self._params

    def param(self, name: str) -> tuple[str, ...]:
        """Return all values of the parameter *name* (upper case), of all its occurrences."""
        return tuple(value for param in self.params if param.name == name for value in param.values)

    def types(self) -> tuple[str, ...]:
        """Return the TYPE words in lower case, in whichever of the four ways they are written."""
        words = (word.strip().lower() for value in self.param("TYPE") for word in value.split(","))
        return tuple(word for word in words if word)

    @property
    def encoding(self) -> str:
        """The declared ENCODING in upper case, empty if there is none."""
        return next((value.upper() for value in self.param("ENCODING")), "")

    def decoded(self) -> str:
        """Return the value as characters, still escaped: quoted-printable, base64 and charset undone."""
        value = self.value
        if not self.params:
            return decode_charset(value)
        encoding = self.encoding
        if encoding == "QUOTED-PRINTABLE":
            value = decode_quoted_printable(value)
        return decode_charset(value, next(iter(self.param("CHARSET")), ""))

    def text(self) -> str:
        """Return the whole value as one text, even where a comma should have been escaped."""
        return unescape_text(self.decoded())

    def fields(self, separator: str = ";") -> tuple[str, ...]:
        """Return the parts of a structured value (N, ADR, ORG) or, with ``,``, of a list (CATEGORIES)."""
        return tuple(unescape_text(part) for part in split_value(self.decoded(), separator))

    def data(self) -> bytes:
        """Return the octets of an inline binary value: base64 by ENCODING or in a ``data:`` URI, else the value."""
        value = self.value
        if self.encoding in _BASE64:
            return decode_base64(value)
        if value[:5].lower() == b"data:":
            head, _, rest = value.partition(b",")
            return decode_base64(rest) if head.lower().endswith(b";base64") else rest
        return value

    def with_value(self, value: str) -> ContentLine:
        """Return this line with another, already escaped value; name and parameters stay as written.

        Raises:
            Unwritable: the value holds a line end or the line has no name.
        """
        return _write(self.content[: max(self._head, 0)], value, end=line_end(self.raw))

    def with_text(self, text: str) -> ContentLine:
        """Return this line with *text* as its TEXT value, in UTF-8; a declared encoding or charset goes."""
        kept = (param for param in self.params if param.name not in {"ENCODING", "CHARSET"})
        line = self.with_params(kept) if self.param("ENCODING") or self.param("CHARSET") else self
        return line.with_value(escape_text(text))

    def with_params(self, params: Iterable[Parameter]) -> ContentLine:
        """Return this line with *params* in place of its own.

        Raises:
            Unwritable: a name is no token, or the line is junk.
        """
        head = (self.written_name + "".join(map(_write_parameter, params))).encode()
        return _write(head, self.value, end=line_end(self.raw))

    def with_param(self, name: str, value: str) -> ContentLine:
        """Return this line with the parameter *name* set to one *value*; the others stay octet for octet.

        Raises:
            Unwritable: the name is no token, or the line is junk.
        """
        content = self.content
        head = content[: max(self._head, 0)].decode("utf-8", "surrogateescape")
        written_name = head.partition(";")[0]
        kept = (found for found in _PARAMETER.finditer(head, len(written_name)) if not _is_named(found[1], name))
        params = _write_parameter(Parameter(name, (value,))) + "".join(found[0] for found in kept)
        return _write((written_name + params).encode("utf-8", "surrogateescape"), self.value, end=line_end(self.raw))


def property_name(raw: bytes) -> str:
    """Return the name of a raw line's property in upper case, without its group; empty if it has none."""
    found = _NAME.match(raw)
    if found and (raw[found.end() - 1] == _COLON or b":" in raw):
        return found[1].decode("ascii").upper()
    # Folded within its name, or no name that the standards know.
    return ContentLine(raw).written_name.rpartition(".")[2].upper()


def make_line(
    name: str,
    value: str,
    *,
    params: Iterable[Parameter] = (),
    group: str = "",
    end: bytes = b"\r\n",
) -> ContentLine:
    """Make a line of an already escaped *value*; for TEXT pass it through ``escape_text`` first.

    Raises:
        Unwritable: a name is no token, or the value holds a line end (RFC 5545 §3.1: nothing may start a new line).
    """
    full = f"{group}.{name}" if group else name
    if not all(_TOKEN.fullmatch(part) for part in (name, group or name)):
        raise Unwritable("name")
    return _write((full + "".join(map(_write_parameter, params))).encode(), value, end=end)


def _write(head: bytes, value: str | bytes, *, end: bytes) -> ContentLine:
    octets = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    if head[:1] in b";":  # nothing, or parameters of nothing
        raise Unwritable("name")
    if b"\n" in octets or b"\r" in octets:
        raise Unwritable("value")
    return ContentLine(fold(head + b":" + octets, end))


def _read_parameter(written: str) -> Parameter:
    name, equals, rest = written.partition("=")
    if not equals:
        return _read_bare(written.strip())
    return Parameter(name.strip().upper(), tuple(_read_values(rest)))


def _is_named(written: str, name: str) -> bool:
    return _read_parameter(written).name == name.upper()


def _read_bare(word: str) -> Parameter:
    upper = word.upper()
    if upper in _BARE_ENCODINGS:
        return Parameter("ENCODING", (upper,))
    if upper in _BARE_VALUES:
        return Parameter("VALUE", (upper,))
    return Parameter("TYPE", (decode_parameter(word),))


def _read_values(written: str) -> Iterable[str]:
    if '"' not in written:
        return [decode_parameter(value) for value in written.split(",")]
    values = [""]
    for found in _ITEM.finditer(written):
        if found[0] == ",":
            values.append("")
        else:
            values[-1] = found[0]
    return [decode_parameter(_without_quotes(value)) for value in values]


def _without_quotes(value: str) -> str:
    stripped = value.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] == '"':
        return stripped[1:-1]
    return value


def _write_parameter(param: Parameter) -> str:
    if not _TOKEN.fullmatch(param.name):
        raise Unwritable("parameter name")
    return f";{param.name}=" + ",".join(map(encode_parameter, param.values))
