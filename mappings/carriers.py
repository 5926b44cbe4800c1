"""Carrier lines: what a format has no property for stands in the object as JSON, and comes back from there.

``JSPROP;JSPTR="<pointer>":<JSON text, escaped as TEXT>`` (RFC 9555 §2.15). The pointer says where
in the far side's object the value belongs; what its parts are is agreed between the two who
write and read it. The line is made to live through servers that read an object and write
it anew: every delimiter is escaped, and what such readers take for a line end, cut off or
refuse (controls, U+0085, U+2028, halves of surrogates) stands in JSON's own escapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.errors import CarrierTooLarge, Unwritable
from mappings.escapes import escape_text

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""What JSON can say (RFC 8259)."""

NAME = "JSPROP"
POINTER = "JSPTR"

LEAF_OCTETS = 64 * 1024
"""The JSON text of one value is no longer than this, in UTF-8 and before it is escaped as TEXT."""
OBJECT_OCTETS = 256 * 1024
"""All JSON texts of one object together are no longer than this."""

LEAF_TOO_LARGE = "carrier-leaf-too-large"
OBJECT_FULL = "carrier-object-full"

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_UNSAFE_IN_POINTER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^[ \u00a0]|[ \u00a0]\\Z")


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carried *value*, where it belongs, and the vCard group of its line (``item1``), if it has one."""

    pointer: str
    value: JSON
    group: str = ""


def write_carrier(pointer: str, value: JSON, *, group: str = "", end: bytes = b"\r\n") -> ContentLine:
    """Return the line that carries *value*.

    What people named themselves (the keys of a map) belongs into the value, not into the
    pointer: a pointer may not be empty, begin or end with a blank, nor hold a control character.

    Raises:
        CarrierTooLarge: the value is over ``LEAF_OCTETS``.
        Unwritable: the pointer or the group cannot stand on a content line, or *value* is no JSON (``nan``).
    """
    return _line(pointer, _json_text(value), group=group, end=end)


def read_carrier(line: ContentLine) -> Carrier | None:
    """Return what *line* carries; ``None`` if it is another property, no JSON, or over ``LEAF_OCTETS``.

    A line that says JSPROP and is not read is to be kept like any unknown line.
    """
    if line.name != NAME or len(pointers := line.param(POINTER)) != 1:
        return None
    text = line.text()
    if len(text.encode("utf-8", "surrogatepass")) > LEAF_OCTETS:
        return None
    try:
        value: JSON = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return Carrier(pointers[0], value, line.group)


def read_carriers(lines: Iterable[ContentLine]) -> Iterator[Carrier]:
    """Yield what the carriers among *lines* hold, in their order, up to ``OBJECT_OCTETS`` of lines."""
    room = 4 * OBJECT_OCTETS  # escaping as TEXT and folding make a line longer, never by so much
    for line in lines:
        if line.name == NAME:
            room -= len(line.raw)
            if room < 0:
                return
            carrier = read_carrier(line)
            if carrier is not None:
                yield carrier


class CarrierLines:
    """The carrier lines of one object being written: takes values as long as there is room."""

    def __init__(self, *, end: bytes = b"\r\n") -> None:
        self.lines: list[ContentLine] = []
        self._end = end
        self._room = OBJECT_OCTETS

    def add(self, pointer: str, value: JSON, *, group: str = "") -> str:
        """Carry *value*; return an empty word, or why it is not carried, as a reason for the loss report.

        The reasons are ``LEAF_TOO_LARGE`` and ``OBJECT_FULL``; a smaller value may still fit afterwards.

        Raises:
            Unwritable: as for ``write_carrier``.
        """
        try:
            text = _json_text(value)
        except CarrierTooLarge:
            return LEAF_TOO_LARGE
        size = len(text.encode())
        if size > self._room:
            return OBJECT_FULL
        self.lines.append(_line(pointer, text, group=group, end=self._end))
        self._room -= size
        return ""


def _json_text(value: JSON) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):
        raise Unwritable("value") from None
    text = _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    size = len(text.encode())
    if size > LEAF_OCTETS:
        raise CarrierTooLarge(size, LEAF_OCTETS)
    return text


def _line(pointer: str, text: str, *, group: str, end: bytes) -> ContentLine:
    if not pointer or _UNSAFE_IN_POINTER.search(pointer):
        raise Unwritable("pointer")
    return make_line(NAME, escape_text(text), params=[Parameter(POINTER, (pointer,))], group=group, end=end)


def _refuse(_constant: str) -> NoReturn:
    raise ValueError
