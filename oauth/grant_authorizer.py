"""Signing requests with the access token of a grant, renewed when it has to be."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from oauth.digest import challenges
from oauth.origins import covers, origins

if TYPE_CHECKING:
    from oauth.secret import Secret


class AccessTokens(Protocol):
    """Where a grant's access token comes from. Both methods may refresh it, and raise what that raises."""

    def current(self) -> Secret:
        """Return the token, refreshed if it is about to end."""

    def renewed(self, stale: Secret) -> Secret | None:
        """Return another token than *stale*, which was refused; ``None`` when there is none to be had."""


class GrantAuthorizer:
    """A bearer token (RFC 6750) that comes from a grant, for the origins *to*."""

    def __init__(self, tokens: AccessTokens, *, to: Iterable[str]) -> None:
        self.origins = origins(to)
        self._tokens = tokens
        # Each thread remembers what it sent: another may have renewed the token meanwhile.
        self._sent = threading.local()

    def headers(self, _method: str, url: str) -> dict[str, str]:
        """Return the Authorization field, none for a URL it is not bound to. Raises like ``AccessTokens``."""
        if not covers(self.origins, url):
            return {}
        token = self._tokens.current()
        self._sent.token = token
        return {"Authorization": f"Bearer {token.reveal()}"}

    def challenge(self, headers: Mapping[str, str], _method: str, url: str) -> bool:
        """Say whether another token can be had for what was refused. Raises like ``AccessTokens``."""
        sent: Secret | None = getattr(self._sent, "token", None)
        if sent is None or not covers(self.origins, url):
            return False
        for scheme, said in challenges(headers.get("www-authenticate", "")):
            if scheme == "bearer" and said.get("error") == "insufficient_scope":
                # A new token of the same grant may do no more (RFC 6750 3.1).
                return False
        return self._tokens.renewed(sent) is not None
