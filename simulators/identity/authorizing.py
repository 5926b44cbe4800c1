"""What every provider with an authorization page has in common (RFC 6749 §4.1, RFC 7636, RFC 9207)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from simulators.identity import pages
from simulators.identity.model import Client, Code, Grant, random_token
from simulators.identity.provider import Provider
from simulators.identity.serving import Incoming, Repeated, Reply, Routes, redirect

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Sequence

CODE_LIFETIME = 600.0


class Denied(Exception):
    """An error of RFC 6749 §4.1.2.1 or §5.2: *code*, words for a developer, and the status."""

    def __init__(self, code: str, words: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {words}")
        self.code, self.words, self.status = code, words, status


@dataclass(slots=True)
class Pending:
    """A request that a person has not answered yet."""

    client: Client
    redirect: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    parameters: dict[str, str]
    user: str = ""


class Authorizing(Provider):
    """The authorization page. Subclasses say what is granted."""

    authorize_url: str
    token_url: str
    revoke_url: str
    resource_url: str
    """Answers 200 to a live access token and 401 to others."""
    pkce_required = True
    sends_issuer = False
    """Name the issuer beside the code (RFC 9207)."""
    code_lifetime = CODE_LIFETIME
    known_scopes: frozenset[str] = frozenset()
    scopes_may_be_missing = False
    access_lifetime = 3600.0

    def __init__(self, clients: Sequence[Client], *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.client = clients[0]
        self.issuer = self.url
        for client in clients:
            self.register(client)
        self._pending: dict[str, Pending] = {}

    def register(self, client: Client) -> Client:
        """Add a client."""
        with self.book.lock:
            self.book.clients[client.id] = client
        return client

    def pages(self, authorize: str) -> Routes:
        """Return the routes of the authorization page at path *authorize*."""
        return {
            ("GET", authorize): ("authorize", self._authorize),
            ("POST", f"{authorize}/account"): ("account", self._account),
            ("POST", f"{authorize}/consent"): ("consent", self._consent),
        }

    def unknown(self, scopes: Iterable[str]) -> list[str]:
        """Return the scopes of *scopes* there are not: those outside ``known_scopes``, where that is not empty."""
        return [scope for scope in scopes if self.known_scopes and scope not in self.known_scopes]

    def boxes(self, scopes: Sequence[str]) -> list[str]:  # noqa: ARG002 - for subclasses; most providers have none
        """Return the scopes that can be ticked one by one."""
        return []

    def settled(self, pending: Pending) -> tuple[str, ...] | None:  # noqa: ARG002 - likewise; most always ask
        """Return the scopes that need no question any more, ``None`` when the user is to be asked."""
        return None

    def granting(self, pending: Pending, scopes: tuple[str, ...]) -> tuple[Grant, tuple[str, ...], bool]:
        """Return the grant, the scopes of the tokens to come, and whether a refresh token comes with them."""
        return self.book.begin(pending.client.project, pending.user, scopes), scopes, True

    def _authorize(self, request: Incoming) -> Reply:
        try:
            client = self.book.clients.get(request.one("client_id"))
            redirect_to = request.one("redirect_uri")
        except Repeated as twice:
            return pages.refusal(f"Error 400: invalid_request. {twice} came twice.")
        if client is None:
            return pages.refusal("Error 401: invalid_client. The OAuth client was not found.", status=401)
        if not client.sends_to(redirect_to):
            words = "Error 400: redirect_uri_mismatch. The redirect URI is not registered for this client."
            return pages.refusal(words, details={"redirect_uri": redirect_to})
        pending = Pending(client, redirect_to, "", (), "", {})
        try:
            pending.state = request.one("state")
            pending.parameters = {name: request.one(name) for name in request.query}
            self.check(pending)
        except Repeated as twice:
            return self._sent_back(pending, {"error": "invalid_request", "error_description": f"{twice} came twice"})
        except Denied as denied:
            return self.refused(pending, denied)
        ticket = random_token()
        with self.book.lock:
            self._pending[ticket] = pending
        hint = pending.parameters.get("login_hint", "")
        return pages.sign_in(self.name, f"{request.path}/account", ticket, hint)

    def check(self, pending: Pending) -> None:
        """Fill in what was asked. Raises ``Denied``."""
        said = pending.parameters
        if said.get("response_type") != "code":
            raise Denied("unsupported_response_type", "only code is supported")
        pending.challenge = said.get("code_challenge", "")
        if pending.challenge and said.get("code_challenge_method") != "S256":
            raise Denied("invalid_request", "code_challenge_method must be S256")
        if not pending.challenge and self.pkce_required:
            raise Denied("invalid_request", "code_challenge is required")
        pending.scopes = tuple(dict.fromkeys(said.get("scope", "").split()))
        if unknown := self.unknown(pending.scopes):
            raise Denied("invalid_scope", f"Some requested scopes were invalid: {', '.join(unknown)}")
        if not pending.scopes and not self.scopes_may_be_missing:
            raise Denied("invalid_request", "Missing required parameter: scope")

    def refused(self, pending: Pending, denied: Denied) -> Reply:
        """Answer a request that cannot be granted: at most providers the client is told."""
        return self._sent_back(pending, {"error": denied.code, "error_description": denied.words})

    def _account(self, request: Incoming) -> Reply:
        ticket = request.one("ticket")
        with self.book.lock:
            pending = self._pending.get(ticket)
            if pending is None or not request.one("user"):
                return pages.refusal("This page is too old. Start again in the program.")
            pending.user = request.one("user")
            settled = self.settled(pending)
            if settled is not None:
                del self._pending[ticket]
                return self._allowed(pending, settled)
        boxes = self.boxes(pending.scopes)
        fixed = [scope for scope in pending.scopes if scope not in boxes]
        action = request.path.removesuffix("/account") + "/consent"
        return pages.consent(
            self.name, action, ticket, user=pending.user, client=pending.client.title, boxes=boxes, fixed=fixed
        )

    def _consent(self, request: Incoming) -> Reply:
        with self.book.lock:
            pending = self._pending.pop(request.one("ticket"), None)
            if pending is None or not pending.user:
                return pages.refusal("This page was answered already. Start again in the program.")
            boxes = self.boxes(pending.scopes)
            ticked = set(request.form.get("scope", ()))
            granted = tuple(scope for scope in pending.scopes if scope not in boxes or scope in ticked)
            if request.one("decision") != "allow" or not (granted or self.scopes_may_be_missing):
                return self._sent_back(pending, {"error": "access_denied"})
            return self._allowed(pending, granted)

    def _allowed(self, pending: Pending, granted: tuple[str, ...]) -> Reply:
        """Issue a code."""
        grant, scopes, offline = self.granting(pending, granted)
        code = Code(
            random_token("code-"),
            pending.client.id,
            pending.redirect,
            pending.challenge,
            grant,
            scopes,
            self.clock.now() + self.code_lifetime,
            offline,
            pending.parameters.get("nonce", ""),
        )
        self.book.codes[code.value] = code
        return self._sent_back(pending, {"code": code.value, **self.beside_the_code(code)})

    def beside_the_code(self, code: Code) -> dict[str, str]:  # noqa: ARG002 - what a subclass may say depends on it
        """Return what else the redirect says."""
        return {}

    def _sent_back(self, pending: Pending, answer: dict[str, str]) -> Reply:
        said = {name: value for name, value in answer.items() if value}
        if pending.state:
            said["state"] = pending.state
        if self.sends_issuer:
            said["iss"] = self.issuer
        joint = "&" if urlsplit(pending.redirect).query else "?"
        return redirect(f"{pending.redirect}{joint}{urlencode(said)}")
