"""One element of a list on one line: its leaves are the parameters, so they stay together whatever is edited.

The parameter of a leaf is read from the table. What cannot stand in a parameter as it is (an empty
text, a control character, a leaf the table does not know) stands in ``X-GOOGLE-JSON`` of the same line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mappings.calendars.leaves import Leaf, fields_of
from mappings.carriers import LEAF_OCTETS
from mappings.contentlines import ContentLine, Parameter

if TYPE_CHECKING:
    from mappings.carriers import JSON

MORE = "X-GOOGLE-JSON"
"""A JSON object of leaves without a parameter of their own."""

_PLAIN = re.compile("[^\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]+")
_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)

Words = Mapping[str, Mapping["str | bool", str]]
"""Leaf name -> what its values are called in the parameter, where that is another word."""


@dataclass(frozen=True, slots=True)
class Element:
    """How elements below a path of the table stand on a line. *value* is the leaf that is the line's value."""

    fields: Mapping[str, Leaf]
    words: Words
    value: str

    def params(self, element: Mapping[str, JSON], *, whole: bool = False) -> Iterator[Parameter]:
        """Yield the parameters that say *element*, without its value unless *whole*."""
        more: dict[str, JSON] = {}
        for name, said in element.items():
            if name == self.value and not whole:
                continue
            leaf = self.fields.get(name)
            written = None if leaf is None else self._write(leaf, name, said)
            if leaf is None or written is None:
                more[name] = said
            else:
                yield Parameter(leaf.place.partition(";")[2], (written,))
        if more:
            written = _write_json(more)
            if len(written) <= LEAF_OCTETS:
                yield Parameter(MORE, (written,))

    def read(self, line: ContentLine) -> dict[str, JSON]:
        """Return the leaves that the parameters of *line* say."""
        said = {param.name: param.values for param in line.params if param.values}
        found: dict[str, JSON] = {}
        for name, leaf in self.fields.items():
            values = said.get(leaf.place.partition(";")[2])
            if values is not None:
                read = self._read(leaf, name, ",".join(values))
                if read is not None:
                    found[name] = read
        more = said.get(MORE)
        return found if more is None else found | _object(",".join(more))

    def _write(self, leaf: Leaf, name: str, said: JSON) -> str | None:
        words = self.words.get(name)
        if words is not None:
            return words.get(said) if isinstance(said, str | bool) else None
        if leaf.shape == "flag":
            return str(said).upper() if isinstance(said, bool) else None
        if leaf.shape == "number":
            whole = isinstance(said, int) and not isinstance(said, bool) and abs(said) < 10**18
            return str(said) if whole else None
        if not isinstance(said, str) or not is_plain(said):
            return None
        return said

    def _read(self, leaf: Leaf, name: str, written: str) -> JSON:
        words = self.words.get(name)
        if words is not None:
            upper = written.strip().upper()
            return next((meant for meant, word in words.items() if word == upper), None)
        if leaf.shape == "flag":
            return {"TRUE": True, "FALSE": False}.get(written.strip().upper())
        if leaf.shape == "number":
            return int(written) if _NUMBER.fullmatch(written.strip()) else None
        return written or None


def element(prefix: str, *, value: str, words: Words = MappingProxyType({})) -> Element:
    """Return how elements below *prefix* (``attendees[].``) stand on a line."""
    return Element(fields_of(prefix), words, value)


def is_plain(text: str) -> bool:
    """Say whether *text* comes back from a parameter of any server.

    Not empty, no controls, no backslash, no blank at an end or beside an equals sign.
    """
    return bool(_PLAIN.fullmatch(text)) and text == text.strip() and "= " not in text and " =" not in text


def _object(written: str) -> dict[str, JSON]:
    try:
        read = json.loads(unquote(written))
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _write_json(value: JSON) -> str:
    """Write *value* as a parameter that servers hand on: some resolve backslashes, and eat blanks beside ``=``."""
    written = json.dumps(value, separators=(",", ":"))
    return written.replace("%", "%25").replace("\\", "%5C").replace("=", "%3D")


_UNSAFE_IN_URI = re.compile(r"[^!#$&-+\--;=?-Z_a-z~\[\]@%]")
_ESCAPED = re.compile(r"\\([,;\\])")
EXACT = "X-GOOGLE-URI"


def uri_value(uri: str) -> str:
    """Write *uri* as a value that servers do not cut: commas, blanks and what no URI may hold are percent-encoded."""
    return _UNSAFE_IN_URI.sub(lambda found: _percent(found[0]), uri)


def uri_params(uri: str) -> Iterator[Parameter]:
    """Yield the parameter that keeps *uri* exactly, where its value is written differently."""
    if uri_value(uri) != uri:
        yield Parameter(EXACT, (_write_json(uri),))


def read_uri(line: ContentLine) -> str:
    """Return the URI of *line*: the exact one if it still says what the value says."""
    value = _ESCAPED.sub(r"\1", line.decoded().strip())
    exact = ",".join(line.param(EXACT))
    if exact:
        try:
            meant = json.loads(unquote(exact))
        except (ValueError, RecursionError):
            return value
        if isinstance(meant, str) and uri_value(meant) == uri_value(value):
            return meant
    return value


def _percent(character: str) -> str:
    return "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))
