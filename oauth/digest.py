"""Digest access authentication (RFC 7616), with MD5 and SHA-256 and the quality ``auth``.

Written here although ``requests.auth`` has it: that one keeps its challenge in private
thread-local state which only requests' own response objects can set, knows no
``userhash`` and costs 300 ms of import.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth.origins import covers, origin, origins

if TYPE_CHECKING:
    from oauth.secret import Secret

_ALGORITHMS = {"SHA-256": "sha256", "SHA-256-SESS": "sha256", "MD5": "md5", "MD5-SESS": "md5"}
"""Best first (RFC 7616 3.7)."""

_PART = re.compile(
    r"""\s*(?:,\s*)*(?:
        (?P<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s,"]+))
      | (?P<scheme>[\w!#$%&'*+.^`|~-]+)(?=\s|,|$)
    )""",
    re.VERBOSE,
)


def challenges(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield scheme and parameters of each challenge in a ``WWW-Authenticate`` value (RFC 9110 11.6.1)."""
    scheme, parameters, at = "", dict[str, str](), 0
    while found := _PART.match(header, at):
        at = found.end()
        if found["scheme"]:
            if scheme:
                yield scheme, parameters
            scheme, parameters = found["scheme"].lower(), {}
        elif found["name"]:
            quoted = found["quoted"]
            value = found["token"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters.setdefault(found["name"].lower(), value)
    if scheme:
        yield scheme, parameters


def _cnonce() -> str:
    from secrets import token_hex

    return token_hex(16)


@dataclass(slots=True)
class _Nonce:
    """A server's challenge and how often it was answered."""

    parameters: dict[str, str]
    algorithm: str
    count: int = 0


class Digest:
    """A user name and a password that never goes over the wire."""

    def __init__(
        self, username: str, password: Secret, *, to: Iterable[str], cnonce: Callable[[], str] = _cnonce
    ) -> None:
        self.origins = origins(to)
        self._cnonce = cnonce
        self._username, self._password = username, password
        self._nonces: dict[str, _Nonce] = {}
        self._lock = threading.Lock()

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the Authorization field once a challenge of this origin is known."""
        if not covers(self.origins, url):
            return {}
        with self._lock:
            nonce = self._nonces.get(origin(url))
            if nonce is None:
                return {}
            nonce.count += 1
            count = nonce.count
        return {"Authorization": "Digest " + self._answer(nonce, count, method, url)}

    def challenge(self, headers: Mapping[str, str], _method: str, url: str) -> bool:
        """Keep the best challenge that can be answered."""
        if not covers(self.origins, url):
            return False
        offered = {
            parameters.get("algorithm", "MD5").upper(): parameters
            for scheme, parameters in challenges(headers.get("www-authenticate", ""))
            if scheme == "digest" and parameters.get("nonce") and _auth_possible(parameters)
        }
        best = next((name for name in _ALGORITHMS if name in offered), None)
        if best is None:
            return False
        with self._lock:
            self._nonces[origin(url)] = _Nonce(offered[best], best)
        return True

    def _answer(self, nonce: _Nonce, count: int, method: str, url: str) -> str:
        from hashlib import new
        from urllib.parse import urlsplit

        def digest(text: str) -> str:
            return new(_ALGORITHMS[nonce.algorithm], text.encode(), usedforsecurity=False).hexdigest()

        given, parts = nonce.parameters, urlsplit(url)
        uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        realm, number, client = given.get("realm", ""), f"{count:08x}", self._cnonce()
        first = digest(f"{self._username}:{realm}:{self._password.reveal()}")
        if nonce.algorithm.endswith("-SESS"):
            first = digest(f"{first}:{given['nonce']}:{client}")
        second = digest(f"{method}:{uri}")
        middle = f"{given['nonce']}:{number}:{client}:auth" if "qop" in given else given["nonce"]
        hashed = given.get("userhash", "").lower() == "true"
        name = digest(f"{self._username}:{realm}") if hashed else self._username
        fields = {
            "username": _quote(name),
            "realm": _quote(realm),
            "nonce": _quote(given["nonce"]),
            "uri": _quote(uri),
            "response": _quote(digest(f"{first}:{middle}:{second}")),
        }
        fields |= {"algorithm": nonce.algorithm} if "algorithm" in given else {}
        fields |= {"opaque": _quote(given["opaque"])} if "opaque" in given else {}
        fields |= {"qop": "auth", "nc": number} if "qop" in given else {}
        # A server cannot compute a session's digest without it (RFC 2617 leaves that case open).
        fields |= {"cnonce": _quote(client)} if "qop" in given or nonce.algorithm.endswith("-SESS") else {}
        fields |= {"userhash": "true"} if hashed else {}
        return ", ".join(f"{key}={value}" for key, value in fields.items())


def _auth_possible(parameters: Mapping[str, str]) -> bool:
    """Say whether the body may stay out of the digest (``auth-int`` alone is not answered)."""
    return "qop" not in parameters or "auth" in {word.strip() for word in parameters["qop"].lower().split(",")}


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
