"""One key for each item, whatever way a server spells its href.

The same resource is named ``/c/a%40b.ics``, ``/c/a@b.ics``, ``/c/a%40b.ics`` with hex in
lower case or ``https://host/c/a@b.ics``, sometimes in two answers of one server. An
item's id is the last part of its path, decoded; where decoding would lose something
(bytes that are no UTF-8, control characters, a literal percent sign) it is the canonical
percent-encoding instead. Every id leads back to exactly one request path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.dav.spellings import DETOURS, Spellings, canonical_segment, ours, plain, quote, unquote
from connectors.errors import ConfigError, Vanished

if TYPE_CHECKING:
    from collections.abc import Callable

_PORTS: Final = {"http": "80", "https": "443"}
_DOTS: Final = frozenset({"", ".", ".."})


def origin_and_path(url: str) -> tuple[str, str]:
    """Split an absolute http(s) URL into its origin, in one spelling, and its path.

    Raises ``ConfigError`` for anything else. A query or fragment stays with the path:
    servers that forget to encode ``?`` and ``#`` mean a name.
    """
    scheme, found, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not found or scheme not in _PORTS:
        raise ConfigError(f"not a web address: {url[:200]}")
    authority, slash, path = rest.partition("/")
    host, colon, port = authority.rpartition("@")[2].lower().rpartition(":")
    if not colon or not port.isdecimal():
        host, port = f"{host}{colon}{port}", ""
    if port == _PORTS[scheme]:
        port = ""
    return f"{scheme}://{host.rstrip(':')}{':' if port else ''}{port}", f"{slash or '/'}{path}"


def canonical(path: str) -> str:
    """Return *path* in one spelling: each part decoded and encoded again, no ``.`` or empty parts.

    A trailing slash stays.
    """
    parts = [canonical_segment(part) for part in path.split("/") if part not in {"", "."}]
    kept: list[str] = []
    for part in parts:
        if part == "..":
            del kept[-1:]
        else:
            kept.append(part)
    tail = "/" if kept and path.endswith("/") else ""
    return f"/{'/'.join(kept)}{tail}"


def item_id(encoded: str) -> str:
    """Return the id of the item whose last path part is *encoded*."""
    if encoded.isascii() and "%" not in encoded and encoded.isprintable():
        return encoded
    raw = unquote(encoded)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return quote(raw)
    if "%" in text or not text.isprintable():
        return quote(raw)
    return text


def item_segment(id_: str) -> str:
    """Return the path part that *id_* (from ``item_id``) stands for."""
    return ours(id_)


def last_part(path: str) -> str:
    """Return the last part of a path or URL, decoded."""
    return item_id(path.rstrip("/").rpartition("/")[2])


def stem(id_: str) -> str:
    """Return *id_* without its ending, as a wish for a file name; empty if it is not readable."""
    name = id_.rpartition(".")[0] or id_
    return "" if "%" in id_ or "/" in name else name


class Folder:
    """A collection as seen in answers: which href is an item in it, which is the collection.

    *url* is absolute. How the server spells names is learned while this object lives, so
    that a request says what the server said.
    """

    __slots__ = ("_detour", "_here", "_path", "_prefix", "_spellings", "origin", "url")

    def __init__(self, url: str) -> None:
        self.url = url if url.endswith("/") else f"{url}/"
        self.origin, self._path = origin_and_path(self.url)
        self._prefix = self._path
        self._here = canonical(self._path).rstrip("/")
        self._spellings = Spellings()
        self._detour: Callable[[str], str] | None = None

    @property
    def path(self) -> str:
        """The collection's path, ending with a slash."""
        return self._path

    def member(self, href: str) -> str | None:
        """Return the id of the item *href* names: ``""`` for the collection, ``None`` for anything else.

        Sub-collections (a trailing slash) and what lies deeper, elsewhere or on another
        origin are nothing of ours.
        """
        if href.startswith(self._prefix):
            name = href[len(self._prefix) :]
            if name.isascii() and name.isprintable() and not ("/" in name or "%" in name or name in _DOTS):
                self._spellings.learn(name, name)
                return name
            if (id_ := plain(name)) and id_ not in _DOTS:
                self._spellings.learn(id_, name)
                return id_
        return self._any_spelling(href)

    def _any_spelling(self, href: str) -> str | None:
        path = self.resolve(href)
        if path is None:
            return None
        head, _, encoded = path.rstrip("/").rpartition("/") if path.endswith("/") else path.rpartition("/")
        whole = canonical(path).rstrip("/")
        if whole == self._here:
            return ""
        if path.endswith("/") or canonical(head).rstrip("/") != self._here:
            return None
        id_ = item_id(encoded)
        if unquote(encoded) in {b".", b".."}:
            return None
        self._spellings.learn(id_, encoded)
        return id_

    def holds(self, href: str) -> bool:
        """Say whether *href* lies in the collection, at any depth."""
        path = self.resolve(href)
        return path is not None and f"{canonical(path).rstrip('/')}/".startswith(f"{self._here}/")

    def resolve(self, href: str) -> str | None:
        """Return the path *href* means when found in this collection's answers; ``None`` on another origin."""
        if href.startswith("/") and not href.startswith("//"):
            return href
        if "://" not in href and not href.startswith("//"):
            return self._path + href.removeprefix("./")
        absolute = href if "://" in href else f"{self.origin.partition('://')[0]}:{href}"
        try:
            origin, path = origin_and_path(absolute)
        except ConfigError:
            return None
        # Only the path is used, so a proxy that spells https as http misleads nobody.
        return path if origin.partition("://")[2] == self.origin.partition("://")[2] else None

    def href(self, id_: str) -> str:
        """Return the absolute path to ask for the item *id_* with. Raises ``Vanished`` if none can be there."""
        encoded = self._spellings.of(id_)
        if self._detour is not None:
            encoded = self._detour(encoded) or encoded
        if encoded in _DOTS:
            raise Vanished("no item has such a name")
        return self._path + encoded

    def detours(self, id_: str) -> dict[str, Callable[[str], str]]:
        """Return other paths under which the server may have what it lists as *id_*, none once it is known."""
        if self._detour is not None:
            return {}
        encoded = self._spellings.of(id_)
        return {self._path + other: way for way in DETOURS if (other := way(encoded)) and other not in _DOTS}

    def take_detour(self, way: Callable[[str], str]) -> None:
        """Ask by *way* from now on: the server was seen to answer so and to list otherwise."""
        self._detour = way

    def address(self, id_: str) -> str:
        """Return the absolute URL of the item *id_*."""
        return self.origin + self.href(id_)


def absolute(base: str, href: str) -> str:
    """Return the absolute URL *href* means in an answer from *base*.

    A proxy that forgets to tell its server of TLS makes it write http for the same host: that is put right.
    """
    from urllib.parse import urljoin

    url = urljoin(base, href)
    return f"https{url[4:]}" if base.startswith("https:") and _plain_twin(base, url) else url


def _plain_twin(base: str, url: str) -> bool:
    if not url.startswith("http:"):
        return False
    return origin_and_path(url)[0].partition("://")[2] == origin_and_path(base)[0].partition("://")[2]
