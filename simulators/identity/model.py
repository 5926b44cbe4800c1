"""What an identity provider remembers: clients, grants, codes and tokens; and its clock."""

from __future__ import annotations

import re
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest

LOOPBACK = re.compile(r"http://127\.0\.0\.1(:\d+)?(/[^?#]*)?")


class Clock:
    """The provider's time, in seconds since 1970: the machine's, and an offset a test may move."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Return the time."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move on, or back."""
        self.offset += seconds


@dataclass(frozen=True, slots=True)
class Client:
    """A registered application. No *redirects* means an installed one: any port and path of 127.0.0.1.

    RFC 8252 §7.3: the port of a loopback redirect is free; everything else must match exactly.
    A client without a *secret* is public.
    """

    id: str
    secret: str = ""
    project: str = "project-1"
    redirects: tuple[str, ...] = ()
    title: str = "Wherry"
    """What the consent page calls it."""

    def sends_to(self, redirect: str) -> bool:
        """Say whether an answer may go to *redirect*."""
        return redirect in self.redirects if self.redirects else bool(LOOPBACK.fullmatch(redirect))


@dataclass(slots=True)
class Grant:
    """What one user allows one project (Google) or one authorization (elsewhere)."""

    id: str
    project: str
    user: str
    scopes: tuple[str, ...]
    begun: float
    ended: float | None = None
    """When it stops to work: a revocation may take its time."""
    ended_by: str = ""


@dataclass(slots=True)
class Token:
    """An access token, a refresh token or an application password."""

    value: str
    kind: str
    client: str
    grant: Grant
    scopes: tuple[str, ...]
    issued: float
    expires: float | None = None
    code: str = ""
    """The code it goes back to, over any number of refreshes."""
    parent: str = ""
    """The refresh token an access token was issued from, or with."""
    ended: float | None = None
    spent: bool = False
    """A rotated refresh token that was used."""


@dataclass(slots=True)
class Code:
    """An authorization code."""

    value: str
    client: str
    redirect: str
    challenge: str
    grant: Grant
    scopes: tuple[str, ...]
    expires: float
    offline: bool
    nonce: str = ""
    spent: bool = False

    def proves(self, verifier: str) -> bool:
        """Say whether *verifier* is the one the challenge was made of (RFC 7636 §4.6, S256)."""
        if not self.challenge:
            return not verifier
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
        return compare_digest(digest, self.challenge.encode())


@dataclass(slots=True)
class Book:
    """Everything one provider remembers. Whoever reads or writes it holds *lock*."""

    clock: Clock
    lock: threading.RLock = field(default_factory=threading.RLock)
    clients: dict[str, Client] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def begin(self, project: str, user: str, scopes: tuple[str, ...]) -> Grant:
        """Open a grant."""
        grant = Grant(f"grant-{len(self.grants) + 1}", project, user, scopes, self.clock.now())
        self.grants.append(grant)
        return grant

    def standing(self, project: str, user: str) -> Grant | None:
        """Return the grant that was not ended, if there is one."""
        same = (grant for grant in self.grants if (grant.project, grant.user) == (project, user))
        return next((grant for grant in same if grant.ended is None), None)

    def add(self, token: Token) -> Token:
        """Remember a token."""
        self.tokens[token.value] = token
        return token

    def end(self, grant: Grant, by: str, *, delay: float = 0.0) -> None:
        """End a grant and with it every token and code of it, after *delay* seconds."""
        if grant.ended is None:
            grant.ended, grant.ended_by = self.clock.now() + delay, by

    def end_token(self, token: Token) -> None:
        """End one token."""
        if token.ended is None:
            token.ended = self.clock.now()

    def alive(self, token: Token) -> bool:
        """Say whether a token still opens something: neither ended, spent nor expired, nor its grant over."""
        now = self.clock.now()
        if token.spent or (token.ended is not None and token.ended <= now):
            return False
        if token.grant.ended is not None and token.grant.ended <= now:
            return False
        return token.expires is None or token.expires > now

    def live_grants(self, user: str | None = None) -> list[Grant]:
        """Return the grants with at least one token that still opens something."""
        with self.lock:
            live = {token.grant.id for token in self.tokens.values() if self.alive(token)}
            return [grant for grant in self.grants if grant.id in live and user in {None, grant.user}]


def random_token(prefix: str = "") -> str:
    """Return a value nobody guesses."""
    return prefix + secrets.token_urlsafe(32)
