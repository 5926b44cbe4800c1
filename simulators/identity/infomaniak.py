"""An identity provider the way Infomaniak's own programs use it, kSync above all.

OAuth with PKCE, then an application password made through the profile API, then the OAuth token is
deleted: the password lives on, and only the user ends it, in the Manager. Sources: Infomaniak/android-kSync
(GlobalConstants.kt, InfomaniakDetectConfigurationFragment.kt), Infomaniak/android-login (InfomaniakLogin.kt,
ApiToken.kt), FAQ 2855. The app sends its forms as multipart/form-data; both kinds are read here.
"""

from __future__ import annotations

import contextlib
from hashlib import sha256
from typing import TYPE_CHECKING

from simulators.identity import passwords
from simulators.identity.model import Client, Code, Grant, Token
from simulators.identity.serving import Incoming, Reply, Routes, as_json
from simulators.identity.tokens import Issuing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence

    from simulators.identity.authorizing import Pending

CLIENTS = (Client("infomaniak-client-1"),)
PROJECT = "application-password"


class Infomaniak(Issuing):
    """The provider. Application passwords are tokens of the kind ``app-password``."""

    name = "Infomaniak"
    scopes_may_be_missing = True
    access_lifetime = 7200.0

    def __init__(self, clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(clients, tls=tls)
        self.authorize_url = f"{self.url}/authorize"
        self.token_url = f"{self.url}/token"
        self.revoke_url = self.token_url
        self.profile_url = f"{self.url}/1/profile"
        self.password_url = f"{self.url}/1/profile/password"
        self.resource_url = self.profile_url
        self.dav_url = f"{self.url}/dav/"

    def routes(self) -> Routes:
        return {
            **self.pages("/authorize"),
            ("POST", "/token"): ("token", self.token),
            ("DELETE", "/token"): ("revoke", self.revoke),
            ("GET", "/1/profile"): ("profile", self.profile),
            ("POST", "/1/profile/password"): ("password", self.password),
            ("PROPFIND", "/dav/"): ("dav", self.dav),
        }

    def granting(self, pending: Pending, scopes: tuple[str, ...]) -> tuple[Grant, tuple[str, ...], bool]:
        """Begin a grant; a refresh token comes with ``access_type=offline``."""
        grant = self.book.begin(pending.client.id, pending.user, scopes)
        return grant, scopes, pending.parameters.get("access_type") == "offline"

    def answer(self, access: Token, refresh: Token | None, code: Code) -> dict[str, object]:
        return {**super().answer(access, refresh, code), "user_id": user_id(access.grant.user)}

    def revoke(self, request: Incoming) -> Reply:
        """Delete the token that is sent as bearer: the authorization is over, its passwords are not."""
        token = self.bearer(request)
        if token is None:
            return unknown_token()
        with self.book.lock:
            self.book.end(token.grant, "revoke")
        return as_json({"result": "success", "data": True})

    def profile(self, request: Incoming) -> Reply:
        """Say who the token is for; ``login`` is the user name for DAV."""
        token = self.bearer(request)
        if token is None:
            return unknown_token()
        user = token.grant.user
        said = {"id": user_id(user), "user_id": user_id(user), "login": login(user), "email": user}
        return as_json({"result": "success", "data": {**said, "display_name": user.partition("@")[0]}})

    def password(self, request: Incoming) -> Reply:
        """Make an application password; the answer is the only place where it is ever shown."""
        token = self.bearer(request)
        if token is None:
            return unknown_token()
        if not request.one("name"):
            said = {"code": "validation_failed", "description": "Validation failed", "errors": ["name"]}
            return as_json({"result": "error", "error": said}, 422)
        made = passwords.create(self.book, token.grant.user, PROJECT)
        number = int(made.grant.id.rpartition("-")[2])
        data = {"id": number, "name": request.one("name"), "password": made.value}
        return as_json({"result": "success", "data": data}, 201)

    def dav(self, request: Incoming) -> Reply:
        """Answer as the DAV host does to a login: 207 with a live application password, else 401."""
        name, password = passwords.basic(request)
        with self.book.lock:
            token = self.book.tokens.get(password)
        user = token.grant.user if token is not None else ""
        if not user or login(user) != name or passwords.admitted(self.book, name, password, user=user) is None:
            return Reply(401, b"", {"WWW-Authenticate": 'Basic realm="sync"'})
        return Reply(207, b'<multistatus xmlns="DAV:"/>', {"Content-Type": "application/xml"})


def unknown_token() -> Reply:
    """Return the API's 401."""
    error = {"code": "not_authorized", "description": "Authorization required"}
    return as_json({"result": "error", "error": error}, 401)


def user_id(user: str) -> int:
    """Return the account's number."""
    return int(sha256(user.encode()).hexdigest()[:6], 16)


def login(user: str) -> str:
    """Return the user name for DAV: two letters and digits, not the address."""
    return f"AB{user_id(user):08d}"


@contextlib.contextmanager
def infomaniak(clients: Sequence[Client] = CLIENTS, *, tls: ssl.SSLContext | None = None) -> Iterator[Infomaniak]:
    """Run the provider on a free port of 127.0.0.1: login, API and DAV in one place."""
    with Infomaniak(clients, tls=tls) as provider:
        yield provider
