"""Application passwords: credentials of their own that open DAV and end one by one."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING

from simulators.identity.model import Token, random_token

if TYPE_CHECKING:
    from simulators.identity.model import Book
    from simulators.identity.serving import Incoming

KIND = "app-password"


def create(book: Book, user: str, project: str) -> Token:
    """Make a password for *user*: a grant of its own, whatever it was asked with."""
    with book.lock:
        grant = book.begin(project, user, ())
        return book.add(Token(random_token(), KIND, project, grant, (), book.clock.now()))


def basic(request: Incoming) -> tuple[str, str]:
    """Return the name and password of a request (RFC 7617), empty when there are none."""
    kind, _, pair = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, password = b64decode(pair, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        return "", ""
    return name, password


def admitted(book: Book, login: str, password: str, *, user: str | None = None) -> Token | None:
    """Return the live application password, if *password* is one of *user* (who signs in as *login*)."""
    with book.lock:
        token = book.tokens.get(password)
        if token is None or token.kind != KIND or not book.alive(token):
            return None
        return token if token.grant.user == (login if user is None else user) else None
