"""Between vCard 2.1 and 3.0: bare types, quoted-printable, character sets, base64; line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mappings.cards.names import FIELDS, MIDDLE, OLD, TEXTS
from mappings.cards.step import Step, one_by_one
from mappings.contentlines import ContentLine, Parameter
from mappings.errors import Unwritable
from mappings.escapes import escape_text, split_value, unescape_text
from mappings.folding import FOLD_OCTETS, fold, line_end

_BASE64 = frozenset({"B", "BASE64"})
_CODINGS = frozenset({"ENCODING", "CHARSET"})
_BARE = re.compile(r"[A-Za-z0-9-]+", re.ASCII)
_TAKEN = frozenset({"BASE64", "B", "QUOTED-PRINTABLE", "7BIT", "8BIT", "URL", "URI", "INLINE", "CID", "CONTENT-ID"})
"""Bare words that are no TYPE."""
_AMBIGUOUS = re.compile(r'\\(?=[nN,;:"\\]|\Z)')
_NEWLINE = re.compile(r"\r\n|\r|\n")
_PLAIN = frozenset(range(33, 127)) - {ord("=")}
_QUOTED_LINE = 73
"""Octets of a quoted-printable line without its soft break, as RFC 2045 §6.7 allows with room to spare."""


def to_middle(line: ContentLine) -> ContentLine:
    """Write a line of vCard 2.1 as one of 3.0; one that is the same in both stays octet for octet."""
    encoding = line.encoding
    params = [*_merged_types(line), *(param for param in line.params if param.name not in {"TYPE", *_CODINGS})]
    params = [Parameter("VALUE", ("uri",)) if _is(param, "VALUE", "URL") else param for param in params]
    if encoding in _BASE64:
        return _rewritten(line, [*params, Parameter("ENCODING", ("b",))], _digits(line))
    return _rewritten(line, params, _modern_value(line.name, _NEWLINE.sub(r"\\n", line.decoded())))


def _merged_types(line: ContentLine) -> Iterator[Parameter]:
    words = tuple(dict.fromkeys(word for value in line.param("TYPE") for word in value.split(",") if word))
    if words:
        yield Parameter("TYPE", words)


def _modern_value(name: str, escaped: str) -> str:
    if name in TEXTS:
        return escape_text(unescape_text(escaped))
    if name in FIELDS:
        return ";".join(escape_text(unescape_text(field)) for field in split_value(escaped, ";"))
    return escaped


def to_old(line: ContentLine) -> ContentLine:
    """Write a line of vCard 3.0 as one of 2.1."""
    params = [each for param in line.params if param.name not in _CODINGS for each in _old_param(param)]
    if line.encoding in _BASE64:
        head = [*params, Parameter("ENCODING", ("BASE64",))]
        return _old_line(line, head, _digits(line))
    value = line.decoded()
    if line.name in TEXTS:
        value = _AMBIGUOUS.sub(r"\\\\", unescape_text(value))
    elif line.name in FIELDS:
        value = ";".join(_old_field(field) for field in split_value(value, ";"))
    texts = line.name in TEXTS or line.name in FIELDS
    plain = value.isascii() and value.isprintable()
    if plain and not (texts and len(line.head) + len(value) >= FOLD_OCTETS):
        return _old_line(line, params, value)
    return _quoted(line, [*params, Parameter("CHARSET", ("UTF-8",))], value)


def _old_param(param: Parameter) -> Iterator[Parameter]:
    if param.name == "TYPE":
        for value in param.values:
            yield from (Parameter("TYPE", (word,)) for word in value.split(",") if word)
    elif _is(param, "VALUE", "URI"):
        yield Parameter("VALUE", ("URL",))
    else:
        yield param


def _old_field(field: str) -> str:
    return _AMBIGUOUS.sub(r"\\\\", unescape_text(field)).replace(";", "\\;")


def _old_line(line: ContentLine, params: Sequence[Parameter], value: str) -> ContentLine:
    content = f"{_old_head(line, params)}:{value}".encode("utf-8", "surrogatepass")
    return line if content == line.content else ContentLine(fold(content, line_end(line.raw) or b"\r\n"))


def _old_head(line: ContentLine, params: Sequence[Parameter]) -> str:
    """Write name and parameters; the words of TYPE stand bare where that says the same."""
    words = [param for param in params if param.name == "TYPE" and _stands_bare(param.values[0])]
    others = [param for param in params if param not in words]
    head = line.written_name + "".join(f";{param.values[0]}" for param in words)
    return head + ContentLine(b"X:").with_params(others).head[1:]


def _stands_bare(word: str) -> bool:
    return bool(_BARE.fullmatch(word)) and word.upper() not in _TAKEN


def _quoted(line: ContentLine, params: Sequence[Parameter], value: str) -> ContentLine:
    """Write *value* as quoted-printable UTF-8 with soft line breaks."""
    end = line_end(line.raw) or b"\r\n"
    head = (_old_head(line, [*params, Parameter("ENCODING", ("QUOTED-PRINTABLE",))]) + ":").encode()
    octets = _NEWLINE.sub("\r\n", value).encode("utf-8", "surrogatepass")
    written, room = [head], _QUOTED_LINE - len(head)
    for place, octet in enumerate(octets):
        at_start = room == _QUOTED_LINE
        last = place + 1 == len(octets)
        blank = octet == ord(" ") and not (at_start or last or room < 2)
        piece = bytes([octet]) if octet in _PLAIN or blank else b"=%02X" % octet
        if len(piece) > room:
            written.append(b"=" + end)
            room = _QUOTED_LINE
            piece = b"=20" if octet == ord(" ") else piece
        written.append(piece)
        room -= len(piece)
    return ContentLine(b"".join(written) + end)


def _digits(line: ContentLine) -> str:
    """Return an inline value's base64 without blanks."""
    digits = line.value.translate(None, b" \t")
    if not digits.isascii():
        raise Unwritable("value")
    return digits.decode()


def _rewritten(line: ContentLine, params: Sequence[Parameter], value: str) -> ContentLine:
    """Return *line* with other parameters and another value, or itself if that changes nothing."""
    written = line.with_params(params).with_value(value)
    return line if written.content == line.content else written


def _is(param: Parameter, name: str, value: str) -> bool:
    return param.name == name and [each.upper() for each in param.values] == [value]


UP = Step(OLD, MIDDLE, lambda lines: one_by_one(lines, to_middle), needed=("FN",))
DOWN = Step(MIDDLE, OLD, lambda lines: one_by_one(lines, to_old), needed=("N",))
