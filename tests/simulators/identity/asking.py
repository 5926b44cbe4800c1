"""The HTTP these tests speak to identity providers, with the standard library alone."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulators.identity import browser
from simulators.identity.authorizing import Authorizing
from simulators.identity.model import Client

REDIRECT = "http://127.0.0.1:49152/callback"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        """Return the status and OAuth's word for what is wrong."""
        return self.status, self.json["error"]


def send(
    method: str,
    url: str,
    form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout: float = 60,
) -> Answer:
    """Send one request on a connection of its own."""
    address = urllib.parse.urlsplit(url)
    sent = dict(headers or {})
    if form is not None:
        body = urllib.parse.urlencode(form).encode()
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    connection = http.client.HTTPConnection(address.netloc, timeout=timeout)
    try:
        path = f"{address.path}?{address.query}" if address.query else address.path
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii")}


def said(url: str) -> dict[str, str]:
    """Return what a redirect URL says in its query."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True))


@dataclass(slots=True)
class Program:
    """A program that is a client of *provider*: what it sends, step by step."""

    provider: Authorizing
    client: Client
    scope: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    redirect: str = REDIRECT
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def url(self, **changed: str | None) -> str:
        """Return the authorization URL; a parameter that is ``None`` is left out."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.redirect,
            "state": "a state",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **({"scope": self.scope} if self.scope else {}),
            **self.extra,
            **changed,
        }
        query = urllib.parse.urlencode({name: value for name, value in parameters.items() if value is not None})
        return f"{self.provider.authorize_url}?{query}"

    def code(self, *, user: str = browser.USER, scopes: Sequence[str] | None = None, **changed: str | None) -> str:
        """Let *user* allow, and return the code."""
        return said(self.provider.approve(self.url(**changed), user=user, scopes=scopes))["code"]

    def token(self, **form: str) -> Answer:
        """Ask the token endpoint as this client."""
        known = {"client_id": self.client.id, **({"client_secret": self.client.secret} if self.client.secret else {})}
        return send("POST", self.provider.token_url, {**known, **form})

    def exchange(self, code: str, **changed: str) -> Answer:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": self.verifier,
        }
        return self.token(**{**form, **changed})

    def connect(
        self, *, user: str = browser.USER, scopes: Sequence[str] | None = None, **changed: str | None
    ) -> dict[str, Any]:
        """Go the whole way; return the token answer."""
        answer = self.exchange(self.code(user=user, scopes=scopes, **changed))
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def refresh(self, token: str) -> Answer:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def reaches(self, token: str) -> int:
        """Return the status of a data call."""
        return send("GET", self.provider.resource_url, headers=bearer(token)).status
