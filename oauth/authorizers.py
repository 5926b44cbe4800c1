"""How a request proves who asks: what is added to its headers, and to which origins only."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from oauth.digest import Digest, challenges
from oauth.errors import UnsafeOrigin
from oauth.origins import covers, origin, origins, private_line
from oauth.secret import Secret

__all__ = ["Authorizer", "Basic", "Bearer", "Digest", "Guess"]


@runtime_checkable
class Authorizer(Protocol):
    """Something that signs requests to the origins it is bound to, and to no other."""

    @property
    def origins(self) -> frozenset[str]:
        """Return the origins as ``oauth.origins.origin`` spells them; ``*.`` covers the names below."""

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the header fields to add; none for a URL it is not bound to."""

    def challenge(self, headers: Mapping[str, str], method: str, url: str) -> bool:
        """Learn from a 401's *headers*; say whether it is worth asking once more."""


class Basic:
    """A user name and a password (or app password), sent with every request (RFC 7617, UTF-8)."""

    def __init__(self, username: str, password: Secret, *, to: Iterable[str]) -> None:
        from base64 import b64encode

        self.origins = origins(to)
        # Kept as a secret, so that logs hide this form of it as well.
        self._pair = Secret(b64encode(f"{username}:{password.reveal()}".encode()).decode())

    def headers(self, _method: str, url: str) -> dict[str, str]:
        """Return the Authorization field."""
        return {"Authorization": f"Basic {self._pair.reveal()}"} if covers(self.origins, url) else {}

    def challenge(self, _headers: Mapping[str, str], _method: str, _url: str) -> bool:
        """Refuse: the same password would be sent again."""
        return False


class Bearer:
    """An access token (RFC 6750)."""

    def __init__(self, token: Secret, *, to: Iterable[str]) -> None:
        self.origins = origins(to)
        self._token = token

    def headers(self, _method: str, url: str) -> dict[str, str]:
        """Return the Authorization field."""
        return {"Authorization": f"Bearer {self._token.reveal()}"} if covers(self.origins, url) else {}

    def challenge(self, _headers: Mapping[str, str], _method: str, _url: str) -> bool:
        """Refuse: a fresh token comes from the grant, not from here."""
        return False


class Guess:
    """A user name and a password for a server whose scheme is not known yet.

    Starts with Basic where nobody on the way can read it, and answers Digest from the
    first challenge that offers it without Basic, or on a line that others can read.
    """

    def __init__(self, username: str, password: Secret, *, to: Iterable[str]) -> None:
        bound = frozenset(to)
        self.origins = origins(bound)
        self._basic = Basic(username, password, to=bound)
        self._digest = Digest(username, password, to=bound)
        self._by_digest: set[str] = set()
        self._lock = threading.Lock()

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return the Authorization field of the scheme found so far."""
        if origin(url) in self._by_digest:
            return self._digest.headers(method, url)
        return self._basic.headers(method, url) if private_line(url) else {}

    def challenge(self, headers: Mapping[str, str], method: str, url: str) -> bool:
        """Turn to Digest if it is offered. Raises ``UnsafeOrigin`` if only Basic is, on an open line."""
        if self._digest.challenge(headers, method, url):
            with self._lock:
                self._by_digest.add(origin(url))
            return True
        offered = {scheme for scheme, _ in challenges(headers.get("www-authenticate", ""))}
        if "basic" in offered and covers(self.origins, url) and not private_line(url):
            raise UnsafeOrigin(origin(url))
        return False
