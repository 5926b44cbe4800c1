"""The steps of a program at the real OpenID provider, by plain HTTP."""

from __future__ import annotations

import base64
import hashlib
import secrets
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simulators.identity import browser
from simulators.oidc_servers import OidcClient, OidcServer
from tests.simulators.identity.asking import Answer, basic, said, send

REDIRECT = "http://127.0.0.1:49152/callback"


@dataclass(slots=True)
class Visit:
    """One consent of one person; each test has a person of its own, for the provider is shared."""

    provider: OidcServer
    client: OidcClient
    scope: str = "openid offline_access calendars"
    redirect: str = REDIRECT
    user: str = field(default_factory=lambda: f"{secrets.token_hex(6)}@example.org")
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def url(self, **changed: str | None) -> str:
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.redirect,
            "scope": self.scope,
            "state": "a state",
            "prompt": "consent",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"),
            "code_challenge_method": "S256",
            **changed,
        }
        query = urllib.parse.urlencode({name: value for name, value in parameters.items() if value is not None})
        return f"{self.provider.authorize_url}?{query}"

    def back(self, *, scopes: Sequence[str] | None = None, **changed: str | None) -> dict[str, str]:
        """Let the person allow; return what the redirect says."""
        return said(browser.approve(self.url(**changed), user=self.user, scopes=scopes))

    def ask(self, url: str, **form: str) -> Answer:
        """Ask an endpoint as this client: a public one names itself, another one authenticates."""
        if self.client.secret:
            return send("POST", url, form, headers=basic(self.client.id, self.client.secret))
        return send("POST", url, {"client_id": self.client.id, **form})

    def exchange(self, code: str, **changed: str) -> Answer:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect}
        return self.ask(self.provider.token_url, **{**form, "code_verifier": self.verifier, **changed})

    def connect(self, *, scopes: Sequence[str] | None = None) -> dict[str, Any]:
        answer = self.exchange(self.back(scopes=scopes)["code"])
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def refresh(self, token: str) -> Answer:
        return self.ask(self.provider.token_url, grant_type="refresh_token", refresh_token=token)

    def revoke(self, token: str) -> Answer:
        return self.ask(self.provider.revoke_url, token=token)

    def introspect(self, token: str) -> dict[str, Any]:
        """Ask as the calendar server does."""
        keeper = self.provider.resource_server
        return dict(
            send("POST", self.provider.introspect_url, {"token": token}, headers=basic(keeper.id, keeper.secret)).json
        )
