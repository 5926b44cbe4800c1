"""A Nextcloud server as Login Flow v2 meets it.

Sources: Nextcloud developer manual, "Login Flow" (sections "Login flow v2" and "Deleting an app password");
nextcloud/server, ClientFlowLoginV2Controller and AppPasswordController (what is answered otherwise).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from simulators.identity import pages, passwords
from simulators.identity.model import random_token
from simulators.identity.provider import Provider
from simulators.identity.serving import Handler, Incoming, Reply, Routes, as_json

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

FLOW = "/index.php/login/v2/flow/"
LIFETIME = 1200.0
ACCOUNT_PASSWORD = "the account's own password"


@dataclass(slots=True)
class Login:
    """One flow: begun by a program, finished by a person."""

    agent: str
    begun: float
    poll: str
    user: str = ""
    done: bool = False
    password: str = ""


class Nextcloud(Provider):
    """The server. ``flow_lifetime`` is how long a login may take, 20 minutes."""

    name = "Nextcloud"
    flow_lifetime = LIFETIME

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.login_url = f"{self.url}/index.php/login/v2"
        self.poll_url = f"{self.url}/index.php/login/v2/poll"
        self.revoke_url = f"{self.url}/ocs/v2.php/core/apppassword"
        self.dav_url = f"{self.url}/remote.php/dav/"
        self.resource_url = self.dav_url
        self._flows: dict[str, Login] = {}

    def routes(self) -> Routes:
        return {
            ("POST", "/index.php/login/v2"): ("begin", self.begin),
            ("POST", "/index.php/login/v2/poll"): ("poll", self.poll),
            ("DELETE", "/ocs/v2.php/core/apppassword"): ("revoke", self.revoke),
            ("PROPFIND", "/remote.php/dav/"): ("dav", self.dav),
        }

    def find(self, request: Incoming) -> tuple[str, Handler]:
        if request.path.startswith(FLOW) and request.method in {"GET", "POST"}:
            return "flow", self.flow
        return super().find(request)

    def begin(self, request: Incoming) -> Reply:
        """Begin a login, for anybody; the password will be named after the User-Agent."""
        ticket, poll = random_token(), random_token()
        with self.book.lock:
            self._flows[ticket] = Login(request.headers.get("user-agent", ""), self.clock.now(), poll)
        return as_json({"poll": {"token": poll, "endpoint": self.poll_url}, "login": f"{self.url}{FLOW}{ticket}"})

    def poll(self, request: Incoming) -> Reply:
        """Give the password out, once: 404 before, 404 after, 404 when the login took too long."""
        with self.book.lock:
            flow = next((each for each in self._flows.values() if each.poll == request.one("token")), None)
            if flow is None or not flow.done or self._late(flow):
                return as_json([], 404)
            self._flows = {ticket: each for ticket, each in self._flows.items() if each is not flow}
        return as_json({"server": self.url, "loginName": flow.user, "appPassword": flow.password})

    def flow(self, request: Incoming) -> Reply:
        """Show the pages of a login: who somebody is, and whether the program may have a password."""
        with self.book.lock:
            flow = self._flows.get(request.path.removeprefix(FLOW))
            if flow is None or flow.done or self._late(flow):
                return pages.refusal("Your login token is invalid or has expired", status=403)
            if request.method == "GET":
                return pages.sign_in(self.name, request.path, "login")
            if request.one("ticket") == "login":
                flow.user = request.one("user")
                agent = flow.agent or "A program"
                return pages.consent(
                    self.name, request.path, "grant", user=flow.user, client=agent, boxes=(), fixed=("your account",)
                )
            if not flow.user or request.one("decision") != "allow":
                return pages.page("Access was not granted", "<p>You may close this window.</p>")
            flow.password = passwords.create(self.book, flow.user, flow.agent).value
            flow.done = True
        words = f"<p>{escape(flow.agent)} is connected. You may close this window.</p>"
        return pages.page("Account connected", words)

    def _late(self, flow: Login) -> bool:
        return self.clock.now() - flow.begun > self.flow_lifetime

    def revoke(self, request: Incoming) -> Reply:
        """Delete the application password the call is made with; the account's own password gets 403."""
        if request.headers.get("ocs-apirequest", "").lower() != "true":
            return ocs(request, 412, 997, "CSRF check failed")
        name, password = passwords.basic(request)
        if name and password == ACCOUNT_PASSWORD:
            return ocs(request, 403, 403, "no app password in use")
        token = passwords.admitted(self.book, name, password)
        if token is None:
            return ocs(request, 401, 997, "Current user is not logged in")
        with self.book.lock:
            self.book.end(token.grant, "revoke")
        return ocs(request, 200, 200, "OK")

    def dav(self, request: Incoming) -> Reply:
        """Answer a login at the DAV address: 207 or 401."""
        name, password = passwords.basic(request)
        if not name or (password != ACCOUNT_PASSWORD and passwords.admitted(self.book, name, password) is None):
            return Reply(401, b"", {"WWW-Authenticate": 'Basic realm="Nextcloud", charset="UTF-8"'})
        return Reply(207, b'<multistatus xmlns="DAV:"/>', {"Content-Type": "application/xml"})


def ocs(request: Incoming, status: int, code: int, message: str) -> Reply:
    """Return an OCS answer: XML, or JSON for ``format=json``."""
    word = "ok" if status == 200 else "failure"
    if request.one("format") == "json" or "json" in request.headers.get("accept", ""):
        meta = {"status": word, "statuscode": code, "message": message}
        return as_json({"ocs": {"meta": meta, "data": []}}, status)
    meta_xml = f"<status>{word}</status><statuscode>{code}</statuscode><message>{escape(message)}</message>"
    body = f'<?xml version="1.0"?>\n<ocs><meta>{meta_xml}</meta><data/></ocs>\n'
    return Reply(status, body.encode(), {"Content-Type": "application/xml; charset=utf-8"})


@contextlib.contextmanager
def nextcloud(*, tls: ssl.SSLContext | None = None) -> Iterator[Nextcloud]:
    """Run the server on a free port of 127.0.0.1."""
    with Nextcloud(tls=tls) as server:
        yield server
