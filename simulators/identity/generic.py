"""An identity provider as the standards describe it, Fastmail being one of the kind.

RFC 8414 metadata, RFC 7636 (S256, required), RFC 9207 ``iss``, RFC 7009 revocation, RFC 7662
introspection, and refresh tokens that rotate (RFC 9700 §4.14.2).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from simulators.identity.authorizing import Denied
from simulators.identity.model import Client
from simulators.identity.serving import Incoming, Repeated, Reply, Routes, as_json
from simulators.identity.tokens import Issuing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence

CLIENTS = (Client("public-client"), Client("secret-client", "made-up-secret"))
SCOPES = frozenset({"openid", "email", "offline_access", "calendars", "contacts", "mail"})


class Generic(Issuing):
    """The provider. Knobs: ``rotates``, ``sends_issuer``, ``issuer`` (what it says it is), ``pkce_required``."""

    name = "Example Mail"
    rotates = True
    sends_issuer = True
    known_scopes = SCOPES

    def __init__(self, clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(clients, tls=tls)
        self.authorize_url = f"{self.url}/authorize"
        self.token_url = f"{self.url}/token"
        self.revoke_url = f"{self.url}/revoke"
        self.introspect_url = f"{self.url}/introspect"
        self.metadata_url = f"{self.url}/.well-known/oauth-authorization-server"
        self.resource_url = f"{self.url}/resource"

    def routes(self) -> Routes:
        return {
            **self.pages("/authorize"),
            ("GET", "/.well-known/oauth-authorization-server"): ("metadata", self.metadata),
            ("POST", "/token"): ("token", self.token),
            ("POST", "/revoke"): ("revoke", self.revoke),
            ("POST", "/introspect"): ("introspect", self.introspect),
            ("GET", "/resource"): ("resource", self.resource),
        }

    def metadata(self, _: Incoming) -> Reply:
        """Answer RFC 8414 §3.2."""
        return as_json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": self.authorize_url,
                "token_endpoint": self.token_url,
                "revocation_endpoint": self.revoke_url,
                "introspection_endpoint": self.introspect_url,
                "scopes_supported": sorted(self.known_scopes),
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
                "authorization_response_iss_parameter_supported": self.sends_issuer,
            }
        )

    def revoke(self, request: Incoming) -> Reply:
        """Answer RFC 7009: 200 also for a token nobody knows; a refresh token takes everything with it (§2.1)."""
        try:
            with self.book.lock:
                client = self.authenticated(request)
                token = self.book.tokens.get(request.one("token"))
                if token is not None and token.client == client.id:
                    if token.kind == "refresh":
                        self.book.end(token.grant, "revoke")
                    self.book.end_token(token)
        except Repeated as twice:
            return as_json({"error": "invalid_request", "error_description": f"{twice} came twice"}, 400)
        except Denied as denied:
            return self.token_error(denied)
        return Reply(200)

    def introspect(self, request: Incoming) -> Reply:
        """Answer RFC 7662 §2.2: only ``active: false`` for a token that opens nothing."""
        try:
            with self.book.lock:
                self.authenticated(request)
                token = self.book.tokens.get(request.one("token"))
                if token is None or not self.book.alive(token):
                    return as_json({"active": False})
        except Denied as denied:
            return self.token_error(denied)
        said = {"active": True, "scope": " ".join(token.scopes), "client_id": token.client, "sub": token.grant.user}
        if token.kind == "access":
            said |= {"token_type": "Bearer"}
        return as_json(said if token.expires is None else {**said, "exp": int(token.expires)})


@contextlib.contextmanager
def generic(clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> Iterator[Generic]:
    """Run the provider on a free port of 127.0.0.1. Its first client is public."""
    with Generic(clients, tls=tls) as provider:
        yield provider
