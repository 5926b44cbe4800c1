"""What a test asks of every provider and does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.identity import browser
from simulators.identity.model import Book, Clock, Grant, Token
from simulators.identity.serving import Server

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence


class Provider(Server):
    """A server with a memory of grants."""

    name = "Example"

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.clock = Clock()
        self.book = Book(self.clock)

    def approve(
        self, url: str, *, user: str = browser.USER, scopes: Sequence[str] | None = None, follow: bool = False
    ) -> str:
        """Sign in and allow: see ``browser.approve``."""
        return browser.approve(url, user=user, scopes=scopes, follow=follow)

    def deny(self, url: str, *, user: str = browser.USER, follow: bool = False) -> str:
        """Sign in and refuse."""
        return browser.deny(url, user=user, follow=follow)

    @property
    def grants(self) -> list[Grant]:
        """Every grant there ever was, oldest first."""
        with self.book.lock:
            return list(self.book.grants)

    @property
    def tokens(self) -> list[Token]:
        """Every token there ever was, oldest first."""
        with self.book.lock:
            return list(self.book.tokens.values())

    def live_grants(self, user: str | None = None) -> list[Grant]:
        """Return the grants with at least one token that still opens something."""
        return self.book.live_grants(user)

    def live_tokens(self, kind: str | None = None) -> list[Token]:
        """Return the tokens that still open something."""
        with self.book.lock:
            return [each for each in self.tokens if kind in {None, each.kind} and self.book.alive(each)]

    def remove_access(self, user: str, project: str | None = None) -> None:
        """End, as the user on the provider's account page, what *user* allowed."""
        with self.book.lock:
            for grant in self.book.grants:
                if grant.user == user and project in {None, grant.project}:
                    self.book.end(grant, "user")
