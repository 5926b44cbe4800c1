"""The token endpoint every OAuth provider has in common (RFC 6749 §4.1.3, §5, §6; RFC 7636 §4.6)."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from hmac import compare_digest
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote_plus

from simulators.identity.authorizing import Authorizing, Denied
from simulators.identity.model import Code, Token, random_token
from simulators.identity.serving import Incoming, Repeated, Reply, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.identity.model import Client


class Issuing(Authorizing):
    """Tokens for codes and refresh tokens."""

    rotates = False
    """Every refresh gives a new refresh token; using an old one ends the grant (RFC 9700 §4.14.2)."""
    replay_revokes = True
    """A code used twice ends what was issued from it (RFC 6749 §4.1.2: SHOULD)."""
    access_prefix = "at-"
    refresh_prefix = "rt-"
    words: ClassVar[Mapping[str, str]] = {
        "code": "The code does not exist, was used or has expired.",
        "refresh": "The refresh token is invalid, expired or revoked.",
        "verifier": "The code verifier is wrong.",
        "redirect": "The redirect URI is another one.",
        "client": "Client authentication failed.",
    }

    def token(self, request: Incoming) -> Reply:
        """Answer the token endpoint."""
        try:
            with self.book.lock:
                client = self.authenticated(request)
                return as_json(self._granted(client, request))
        except Repeated as twice:
            return as_json({"error": "invalid_request", "error_description": f"{twice} came twice"}, 400)
        except Denied as denied:
            return self.token_error(denied)

    def _granted(self, client: Client, request: Incoming) -> dict[str, object]:
        kind = request.one("grant_type")
        if kind == "authorization_code":
            return self._exchange(client, request)
        if kind == "refresh_token":
            return self.refresh(client, request)
        raise Denied("unsupported_grant_type", kind)

    def token_error(self, denied: Denied) -> Reply:
        """Say an error as RFC 6749 §5.2 does."""
        said = {"error": denied.code, "error_description": denied.words}
        headers = {"WWW_Authenticate": 'Basic realm="token"'} if denied.status == 401 else {}
        return as_json({name: value for name, value in said.items() if value}, denied.status, **headers)

    def authenticated(self, request: Incoming) -> Client:
        """Return the client that asks (RFC 6749 §2.3.1: Basic, or in the body). Raises ``Denied``."""
        name, secret = request.one("client_id"), request.one("client_secret")
        header = request.headers.get("authorization", "")
        if header.lower().startswith("basic "):
            try:
                pair = b64decode(header[6:], validate=True).decode()
            except (NotBase64, UnicodeDecodeError):
                pair = ""
            name, _, secret = (unquote_plus(part) for part in pair.partition(":"))
        client = self.book.clients.get(name)
        if client is None or not compare_digest(client.secret.encode(), secret.encode()):
            raise Denied("invalid_client", self.words["client"], 401)
        return client

    def _exchange(self, client: Client, request: Incoming) -> dict[str, object]:
        code = self.book.codes.get(request.one("code"))
        if code is None or code.client != client.id:
            raise Denied("invalid_grant", self.words["code"])
        if code.spent:
            if self.replay_revokes:
                self._end_family(code)
            raise Denied("invalid_grant", self.words["code"])
        if code.expires <= self.clock.now() or code.grant.ended is not None:
            raise Denied("invalid_grant", self.words["code"])
        if code.redirect != request.one("redirect_uri"):
            raise Denied(*self.wrong_redirect())
        if not code.proves(request.one("code_verifier")):
            raise Denied("invalid_grant", self.words["verifier"])
        code.spent = True
        refresh = self.new_refresh(client, code) if code.offline else None
        access = self.new_access(client, code, refresh)
        return self.answer(access, refresh, code)

    def wrong_redirect(self) -> tuple[str, str]:
        """Return the error for a redirect URI that differs from the first one."""
        return "invalid_grant", self.words["redirect"]

    def _end_family(self, code: Code) -> None:
        for token in self.book.tokens.values():
            if token.code == code.value:
                self.book.end_token(token)

    def refresh(self, client: Client, request: Incoming) -> dict[str, object]:
        """Answer a refresh (RFC 6749 §6). Raises ``Denied``."""
        old = self.book.tokens.get(request.one("refresh_token"))
        if old is None or old.kind != "refresh":
            raise Denied("invalid_grant", self.words["refresh"])
        if old.client != client.id:
            raise Denied(*self.foreign_refresh())
        if old.spent:
            self.book.end(old.grant, "reuse")
        if not self.book.alive(old):
            raise Denied("invalid_grant", self.words["refresh"])
        code = self.book.codes[old.code]
        new = None
        if self.rotates:
            old.spent = True
            new = self.new_refresh(client, code)
        access = self.new_access(client, code, new or old)
        return self.answer(access, new, code)

    def foreign_refresh(self) -> tuple[str, str, int]:
        """Return the error for a refresh token of another client."""
        return "invalid_grant", self.words["refresh"], 400

    def new_refresh(self, client: Client, code: Code) -> Token:
        """Issue a refresh token."""
        value = random_token(self.refresh_prefix)
        now = self.clock.now()
        return self.book.add(Token(value, "refresh", client.id, code.grant, code.scopes, now, code=code.value))

    def new_access(self, client: Client, code: Code, refresh: Token | None) -> Token:
        """Issue an access token."""
        now = self.clock.now()
        token = Token(random_token(self.access_prefix), "access", client.id, code.grant, code.scopes, now)
        token.expires, token.code = now + self.access_lifetime, code.value
        token.parent = refresh.value if refresh else ""
        return self.book.add(token)

    def answer(self, access: Token, refresh: Token | None, code: Code) -> dict[str, object]:  # noqa: ARG002 - for subclasses
        """Return the answer of RFC 6749 §5.1."""
        said: dict[str, object] = {
            "access_token": access.value,
            "token_type": "Bearer",
            "expires_in": int(self.access_lifetime),
            "scope": " ".join(access.scopes),
        }
        return said if refresh is None else {**said, "refresh_token": refresh.value}

    def bearer(self, request: Incoming) -> Token | None:
        """Return the live access token of a call (RFC 6750 §2.1)."""
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        with self.book.lock:
            token = self.book.tokens.get(value.strip())
            usable = token is not None and token.kind == "access" and self.book.alive(token)
        return token if usable and kind.lower() == "bearer" else None

    def resource(self, request: Incoming) -> Reply:
        """Answer a data call of no particular API: 200, 401, or 403 without the scope named in the query."""
        token = self.bearer(request)
        if token is None:
            return as_json({"error": "invalid_token"}, 401, WWW_Authenticate='Bearer error="invalid_token"')
        scope = request.one("scope")
        if scope and scope not in token.scopes:
            said = f'Bearer error="insufficient_scope", scope="{scope}"'
            return as_json({"error": "insufficient_scope"}, 403, WWW_Authenticate=said)
        return as_json({"user": token.grant.user, "client": token.client, "scopes": list(token.scopes)})
