"""An identity provider with Dropbox's rules: each authorization stands for itself.

Sources: developers.dropbox.com/oauth-guide, the HTTP documentation of /oauth2/* and /2/auth/token/revoke,
and the official SDK for Python (docstrings; how it reads 400, 401 and 409).
"""

from __future__ import annotations

import contextlib
import json
from hashlib import sha256
from typing import TYPE_CHECKING

from simulators.identity.authorizing import Denied, Pending
from simulators.identity.model import Client, Code, Grant, Token
from simulators.identity.serving import Incoming, Reply, Routes, as_json
from simulators.identity.tokens import Issuing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence

CLIENTS = (Client("dropbox-key-1"), Client("dropbox-key-2", "dropbox-secret-2"))
SCOPES = frozenset(
    """
account_info.read account_info.write contacts.read contacts.write email file_requests.read file_requests.write
files.content.read files.content.write files.metadata.read files.metadata.write files.permanent_delete openid
profile sharing.read sharing.write
""".split()  # noqa: SIM905 - quotes and commas would hide the names
)
REALM = 'Bearer realm="Dropbox-API"'


class Dropbox(Issuing):
    """The provider. Without ``scope`` a request asks for everything the app may use, ``app_scopes``."""

    name = "Dropbox"
    known_scopes = SCOPES
    scopes_may_be_missing = True
    access_lifetime = 14400.0
    access_prefix = "sl."
    refresh_prefix = "dbx-"
    app_scopes = ("account_info.read", "files.content.read", "files.metadata.read")

    def __init__(self, clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(clients, tls=tls)
        self.authorize_url = f"{self.url}/oauth2/authorize"
        self.token_url = f"{self.url}/oauth2/token"
        self.revoke_url = f"{self.url}/2/auth/token/revoke"
        self.account_url = f"{self.url}/2/users/get_current_account"
        self.metadata_url = f"{self.url}/2/files/get_metadata"
        self.resource_url = f"{self.url}/resource"

    def routes(self) -> Routes:
        return {
            **self.pages("/oauth2/authorize"),
            ("POST", "/oauth2/token"): ("token", self.token),
            ("POST", "/2/auth/token/revoke"): ("revoke", self.revoke),
            ("POST", "/2/users/get_current_account"): ("account_info", self.account),
            ("POST", "/2/files/get_metadata"): ("metadata", self.metadata),
            ("GET", "/resource"): ("resource", self.resource),
        }

    def granting(self, pending: Pending, scopes: tuple[str, ...]) -> tuple[Grant, tuple[str, ...], bool]:
        """Begin a grant of its own. A refresh token comes with ``token_access_type=offline`` only."""
        kind = pending.parameters.get("token_access_type", "online")
        scopes = scopes or self.app_scopes
        return self.book.begin(pending.client.id, pending.user, scopes), scopes, kind == "offline"

    def check(self, pending: Pending) -> None:
        super().check(pending)
        kind = pending.parameters.get("token_access_type", "online")
        if kind not in {"offline", "online"}:  # "legacy" tokens without an end are not given out any more
            raise Denied("invalid_request", f"token_access_type: {kind}")

    def answer(self, access: Token, refresh: Token | None, code: Code) -> dict[str, object]:
        """Return the token. The first answer names the account, a refresh does not repeat it."""
        said = super().answer(access, refresh, code)
        said["token_type"] = "bearer"
        first = not any(each.code == code.value and each is not access for each in self.live_tokens("access"))
        if refresh is not None or first:
            said |= {"account_id": account_id(access.grant.user), "uid": str(len(access.grant.user))}
        return said

    def opened(self, request: Incoming, scope: str = "") -> Token | Reply:
        """Return the live token of an API call, or what is answered instead.

        401 with a JSON body that names ``expired_access_token``, ``invalid_access_token`` or
        ``missing_scope`` with the scope.
        """
        value = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        with self.book.lock:
            token = self.book.tokens.get(value)
            if token is None or token.kind != "access" or token.ended is not None or token.grant.ended is not None:
                return failure(401, "invalid_access_token")
            if not self.book.alive(token):
                return failure(401, "expired_access_token")
        if scope and scope not in token.scopes:
            return failure(401, "missing_scope", required_scope=scope)
        return token

    def revoke(self, request: Incoming) -> Reply:
        """End the authorization the access token belongs to; other authorizations of the user live on.

        SDK, ``auth_token_revoke``: "Disables the access token used to authenticate the call. If there is a
        corresponding refresh token for the access token, this disables that refresh token, as well as any
        other access tokens for that refresh token." An expired access token cannot do it.
        """
        token = self.opened(request)
        if isinstance(token, Reply):
            return token
        if request.body not in {b"", b"null"}:
            words = 'Error in call to API function "auth/token/revoke": request body: expected null'
            return Reply(400, words.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        with self.book.lock:
            self.book.end(token.grant, "revoke")
        return as_json(None)

    def account(self, request: Incoming) -> Reply:
        """Answer /2/users/get_current_account."""
        token = self.opened(request, "account_info.read")
        if isinstance(token, Reply):
            return token
        user = token.grant.user
        return as_json({"account_id": account_id(user), "email": user, "email_verified": True})

    def metadata(self, request: Incoming) -> Reply:
        """Answer /2/files/get_metadata: a folder for every path, but 409 for ``/missing``."""
        token = self.opened(request, "files.metadata.read")
        if isinstance(token, Reply):
            return token
        try:
            path = json.loads(request.body)["path"]
        except (ValueError, KeyError, TypeError):
            words = b'Error in call to API function "files/get_metadata": request body: missing required field path'
            return Reply(400, words, {"Content-Type": "text/plain; charset=utf-8"})
        if path == "/missing":
            return failure(409, "path", path={".tag": "not_found"})
        return as_json({".tag": "folder", "name": str(path).rpartition("/")[2], "path_display": path})


def failure(status: int, tag: str, **more: object) -> Reply:
    """Return an error as the API says it: a summary ending in random dots, and a tagged union."""
    inner = more.get(tag)
    summary = f"{tag}/{inner['.tag']}/.." if isinstance(inner, dict) else f"{tag}/.."
    headers = {"Content-Type": "application/json", **({"WWW-Authenticate": REALM} if status == 401 else {})}
    body = json.dumps({"error_summary": summary, "error": {".tag": tag, **more}}).encode()
    return Reply(status, body, headers)


def account_id(user: str) -> str:
    """Return the account's id: ``dbid:`` and 35 letters."""
    return "dbid:" + sha256(user.encode()).hexdigest()[:35]


@contextlib.contextmanager
def dropbox(clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> Iterator[Dropbox]:
    """Run the provider on a free port of 127.0.0.1."""
    with Dropbox(clients, tls=tls) as provider:
        yield provider
