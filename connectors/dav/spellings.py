"""How a server spells the names in its hrefs: learned once for a folder, not kept for each item.

Servers differ in what they percent-encode beyond need (RFC 3986 section 2), and each is
nearly always true to itself. So a folder remembers which of the known ways still explain
everything it saw, and by name only what none of them explains.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 1024
"""Odd spellings remembered: several pages' worth, so that those at hand are always among them."""

_SAFE: Final = "@:"
_SUB_DELIMS: Final = "!$&'()*+,;="
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~@:-]*\Z")
"""What we spell the same encoded and decoded. Nearly all names are; the others pay for urllib."""

_ALIKE: Final = re.compile(r"[A-Za-z0-9_.~-]*\Z")
"""What every way spells the same."""

_HEX: Final = re.compile(r"%[0-9A-F]{2}")
_RESERVED: Final = re.compile(r"[/?#]")


def unquote(encoded: str) -> bytes:
    """Return the bytes *encoded* stands for."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(encoded)


def quote(raw: str | bytes, safe: str = _SAFE) -> str:
    """Return *raw* percent-encoded, all but letters, digits, ``_.-~`` and *safe*."""
    from urllib.parse import quote as encode

    return encode(raw, safe=safe)


def plain(encoded: str) -> str:
    """Return the name *encoded* stands for if nothing but ``@`` and ``:`` is encoded in it, else nothing.

    Names made of an address and a number are spelled so by many servers; the others pay for urllib.
    """
    name = encoded.replace("%40", "@").replace("%3A", ":").replace("%3a", ":")
    return name if _PLAIN.match(name) else ""


def canonical_segment(encoded: str) -> str:
    """Return one part of a path in the canonical percent-encoding."""
    return encoded if _PLAIN.match(encoded) else quote(unquote(encoded))


def ours(id_: str) -> str:
    """Return the path part an item's *id_* stands for, in the canonical percent-encoding."""
    return id_ if _PLAIN.match(id_) else _spelled(id_, _SAFE)


def _strict(id_: str) -> str:
    if _PLAIN.match(id_):
        return id_.replace("@", "%40").replace(":", "%3A")
    return _spelled(id_, "")


def _strict_lower(id_: str) -> str:
    return _HEX.sub(lambda found: found[0].lower(), _strict(id_))


def _lenient(id_: str) -> str:
    return id_ if _PLAIN.match(id_) else _spelled(id_, _SAFE + _SUB_DELIMS)


def _bare(id_: str) -> str:
    """Leave even spaces and letters beyond ASCII, but never what would lead elsewhere."""
    return _lenient(id_) if "%" in id_ else _RESERVED.sub(lambda found: quote(found[0], ""), id_)


def _spelled(id_: str, safe: str) -> str:
    # A percent sign marks an id that is itself encoded.
    return quote(unquote(id_) if "%" in id_ else id_, safe)


_WAYS: Final[tuple[Callable[[str], str], ...]] = (ours, _strict, _strict_lower, _lenient, _bare)


_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")


def _decoded_once(encoded: str) -> str:
    """Undo one encoding too many: ``a%2540b`` is listed where ``a%40b`` is answered."""
    inner = unquote(encoded).decode("ascii", "replace")
    plain = inner.isascii() and inner.isprintable() and not _RESERVED.search(inner)
    return inner if plain and _ESCAPED.search(inner) else ""


def _without_semicolon(encoded: str) -> str:
    """Leave out the empty path parameter some put behind a name (RFC 2396 section 3.3)."""
    for ending in (";", "%3B", "%3b"):
        if encoded.endswith(ending):
            return encoded.removesuffix(ending)
    return ""


DETOURS: Final[tuple[Callable[[str], str], ...]] = (_decoded_once, _without_semicolon)
"""What a server may want to be asked where it lists a name; each returns nothing for names it does not concern."""


class Spellings:
    """What is known of one folder's spelling: the ways that explain it, and the names none explains."""

    __slots__ = ("_odd", "_ways")

    def __init__(self) -> None:
        self._ways = _WAYS
        self._odd: OrderedDict[str, str] = OrderedDict()

    def learn(self, id_: str, encoded: str) -> None:
        """Take note that the server spells *id_* as *encoded*."""
        if self._explains(id_, encoded):
            if self._odd:
                self._odd.pop(id_, None)
            return
        self._odd[id_] = encoded
        self._odd.move_to_end(id_)
        if len(self._odd) > MOST:
            self._odd.popitem(last=False)

    def _explains(self, id_: str, encoded: str) -> bool:
        """Say whether a way leads to *encoded*; those that do not are given up for those that do."""
        if _ALIKE.match(id_):
            return encoded == id_
        fitting = tuple(way for way in self._ways if way(id_) == encoded)
        if fitting:
            self._ways = fitting
        return bool(fitting)

    def of(self, id_: str) -> str:
        """Return how to spell *id_* to this server: as it did, or as it would."""
        return self._odd.get(id_) or self._ways[0](id_)
