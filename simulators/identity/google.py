"""An identity provider with Google's rules: one grant for a user and a *project*, whatever the client.

Sources, where nothing else is said: "Using OAuth 2.0 for ... Applications" (web server, installed,
limited-input devices) and "Using OAuth 2.0 to Access Google APIs" on developers.google.com/identity/
protocols/oauth2; [GRAN] is .../resources/granular-permissions.
"""

from __future__ import annotations

import contextlib
import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING, ClassVar

from simulators.identity import pages
from simulators.identity.google_scopes import SIGN_IN, known, reads_mail
from simulators.identity.model import Client, Code, Grant, Token, random_token
from simulators.identity.serving import Incoming, Repeated, Reply, Routes, as_json
from simulators.identity.tokens import Issuing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from simulators.identity.authorizing import Denied, Pending

WEEK = 7 * 86400.0
WEB = "http://127.0.0.1:8080/callback"
CLIENTS = (
    Client("111222333444-cli.apps.googleusercontent.com", "GOCSPX-cli-made-up", "111222333444"),
    Client("111222333444-web.apps.googleusercontent.com", "GOCSPX-web-made-up", "111222333444", (WEB,)),
    Client(
        "555666777888-other.apps.googleusercontent.com", "GOCSPX-other-made-up", "555666777888", title="Another program"
    ),
)
"""A client's id begins with the number of its project: the first two share one."""


class Google(Issuing):
    """The provider. Knobs: ``testing``, ``revocation_delay``, ``most_refresh_tokens``, ``replay_revokes``."""

    name = "Google"
    pkce_required = False
    access_prefix = "ya29."
    refresh_prefix = "1//"
    words: ClassVar[Mapping[str, str]] = {
        "code": "Malformed auth code.",
        "refresh": "Token has been expired or revoked.",
        "verifier": "Invalid code verifier.",
        "redirect": "Bad Request",
        "client": "The OAuth client was not found.",
    }
    testing = False
    """The project is in Testing: refresh tokens live for seven days, unless for name, mail and profile only."""
    revocation_delay = 0.0
    """Seconds until a revocation has its full effect, which "might take some time"."""
    unused_lifetime = 182 * 86400.0
    """A refresh token that was not used for six months dies."""
    most_refresh_tokens = 100
    """Live refresh tokens per account and client; one more silently ends the oldest."""

    def __init__(self, clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(clients, tls=tls)
        self.authorize_url = f"{self.url}/o/oauth2/v2/auth"
        self.token_url = f"{self.url}/token"
        self.revoke_url = f"{self.url}/revoke"
        self.userinfo_url = f"{self.url}/v1/userinfo"
        self.resource_url = f"{self.url}/resource"
        self._service_tokens: set[str] = set()
        self._last_use: dict[str, float] = {}

    def routes(self) -> Routes:
        return {
            **self.pages("/o/oauth2/v2/auth"),
            ("POST", "/token"): ("token", self.token),
            ("POST", "/revoke"): ("revoke", self.revoke),
            ("GET", "/v1/userinfo"): ("userinfo", self.userinfo),
            ("GET", "/resource"): ("resource", self.resource),
        }

    def unknown(self, scopes: Iterable[str]) -> list[str]:
        return [scope for scope in scopes if not known(scope)]

    def refused(self, pending: Pending, denied: Denied) -> Reply:
        """Show Google's own error page: invalid scopes never come back to the client."""
        if denied.code in {"invalid_scope", "invalid_request", "unsupported_response_type"}:
            return pages.refusal(f"Error 400: {denied.code}. {denied.words}")
        return super().refused(pending, denied)

    def boxes(self, scopes: Sequence[str]) -> list[str]:
        """Return the boxes of [GRAN]: none for a single scope that is not for sign-in, asked alone."""
        others = [scope for scope in scopes if scope not in SIGN_IN]
        return others if len(others) >= 2 or len(others) < len(scopes) else []

    def settled(self, pending: Pending) -> tuple[str, ...] | None:
        """Ask nothing that was allowed before, unless with prompt=consent."""
        grant = self.book.standing(pending.client.project, pending.user)
        if grant is None or "consent" in pending.parameters.get("prompt", "").split():
            return None
        return pending.scopes if set(pending.scopes) <= set(grant.scopes) else None

    def granting(self, pending: Pending, scopes: tuple[str, ...]) -> tuple[Grant, tuple[str, ...], bool]:
        """Join the grant of user and project. A refresh token comes the first time, or with prompt=consent."""
        asked, project = pending.parameters, pending.client.project
        grant = self.book.standing(project, pending.user) or self.book.begin(project, pending.user, ())
        earlier = any(
            code.grant is grant and code.client == pending.client.id and code.offline
            for code in self.book.codes.values()
        )
        grant.scopes = tuple(dict.fromkeys((*grant.scopes, *scopes)))
        if asked.get("include_granted_scopes") == "true":
            scopes = grant.scopes
        again = "consent" in asked.get("prompt", "").split()
        return grant, scopes, asked.get("access_type") == "offline" and (again or not earlier)

    def beside_the_code(self, code: Code) -> dict[str, str]:
        return {"scope": " ".join(code.scopes)}

    def wrong_redirect(self) -> tuple[str, str]:
        return "redirect_uri_mismatch", self.words["redirect"]

    def foreign_refresh(self) -> tuple[str, str, int]:
        return "unauthorized_client", "Unauthorized", 401

    def new_refresh(self, client: Client, code: Code) -> Token:
        token = super().new_refresh(client, code)
        if self.testing and not set(code.scopes) <= SIGN_IN:
            token.expires = token.issued + WEEK
        same = [
            each
            for each in self.book.tokens.values()
            if (each.kind, each.client, each.grant.user) == ("refresh", client.id, code.grant.user)
            and self.book.alive(each)
        ]
        for oldest in same[: -self.most_refresh_tokens]:
            self.book.end_token(oldest)
        return token

    def new_access(self, client: Client, code: Code, refresh: Token | None) -> Token:
        """Issue an access token; the refresh token it came with or from has another six months."""
        token = super().new_access(client, code, refresh)
        if refresh is not None:
            self._last_use[refresh.value] = token.issued
        return token

    def refresh(self, client: Client, request: Incoming) -> dict[str, object]:
        """Answer a refresh; a token nobody used for too long is dead."""
        old = self.book.tokens.get(request.one("refresh_token"))
        if old is not None and self.clock.now() - self._last_use.get(old.value, old.issued) > self.unused_lifetime:
            self.book.end_token(old)
        return super().refresh(client, request)

    def change_password(self, user: str) -> None:
        """Change the password of *user*: refresh tokens that hold Gmail scopes die, others live on."""
        with self.book.lock:
            for token in self.book.tokens.values():
                if token.grant.user == user and token.kind == "refresh" and any(map(reads_mail, token.scopes)):
                    self.book.end_token(token)

    def answer(self, access: Token, refresh: Token | None, code: Code) -> dict[str, object]:
        said = super().answer(access, refresh, code)
        if refresh is not None and refresh.expires is not None:
            said["refresh_token_expires_in"] = int(refresh.expires - self.clock.now())
        if "openid" in access.scopes:
            said["id_token"] = self._id_token(access, code)
        return said

    def _id_token(self, access: Token, code: Code) -> str:
        """Return an ID token. Google signs with RS256; here HS256 with the client's secret (OpenID Core §10.1)."""
        now = int(self.clock.now())
        claims = {"iss": self.url, "aud": access.client, "iat": now, "exp": now + 3600, **self._claims(access)}
        if code.nonce:
            claims["nonce"] = code.nonce
        parts = [_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        secret = self.book.clients[access.client].secret.encode()
        return ".".join([*parts, _base64(digest(secret, ".".join(parts).encode(), "sha256"))])

    @staticmethod
    def _claims(token: Token) -> dict[str, object]:
        said: dict[str, object] = {"sub": subject(token.grant.user)}
        if SIGN_IN & set(token.scopes) & {"email", "https://www.googleapis.com/auth/userinfo.email"}:
            said |= {"email": token.grant.user, "email_verified": True}
        return said

    def userinfo(self, request: Incoming) -> Reply:
        """Say who the token is for (OpenID Core §5.3)."""
        token = self.bearer(request)
        if token is None or "openid" not in token.scopes:
            said = {"error": "invalid_request", "error_description": "Invalid Credentials"}
            return as_json(said, 401, WWW_Authenticate='Bearer realm="https://accounts.google.com/"')
        return as_json(self._claims(token))

    def service_account_token(self, user: str = "robot@project.example") -> str:
        """Return an access token of a service account, which no one can revoke (google-github-actions/auth #165)."""
        with self.book.lock:
            value, now = random_token(self.access_prefix), self.clock.now()
            grant = self.book.begin("service-account", user, ())
            self.book.add(Token(value, "access", "", grant, (), now, now + self.access_lifetime))
            self._service_tokens.add(value)
        return value

    def revoke(self, request: Incoming) -> Reply:
        """End the whole grant, for every client of the project.

        "Revocation removes all OAuth 2.0 scopes previously granted to a project, invalidating any issued
        access or refresh tokens for all clients registered under that project."

        Takes an access or a refresh token, in the body or the query. 200; 400 ``invalid_token`` for one
        that is over, also the second time (RFC 7009 §2.2 would say 200).
        """
        try:
            value = request.one("token")
        except Repeated:
            value = ""
        if not value:
            return as_json({"error": "invalid_request", "error_description": "Missing token"}, 400)
        if value in self._service_tokens:
            return as_json({"error": "invalid_request", "error_description": "Token is not revocable."}, 400)
        with self.book.lock:
            token = self.book.tokens.get(value)
            if token is None or not self.book.alive(token) or token.grant.ended is not None:
                return as_json({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)
            self.book.end(token.grant, "revoke", delay=self.revocation_delay)
        return as_json({})


def subject(user: str) -> str:
    """Return the account number that stands for *user* for ever, whatever the address becomes."""
    return str(int(sha256(user.encode()).hexdigest(), 16))[:21]


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


@contextlib.contextmanager
def google(clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> Iterator[Google]:
    """Run the provider on a free port of 127.0.0.1. The first two clients share a project."""
    with Google(clients, tls=tls) as provider:
        yield provider
