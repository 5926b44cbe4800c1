"""Nextcloud's Login Flow v2: the person signs in in a browser, we are handed an app password.

Nextcloud developer manual, "Login Flow". Nothing comes back to this machine: we ask the
server until it answers, so no port is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth.answers import document, origin_of
from oauth.errors import BadAnswer
from oauth.origins import origin
from oauth.profiles import check_endpoint
from oauth.secret import Secret
from oauth.tokens import Tokens
from oauth.transport import Exchange, Request

if TYPE_CHECKING:
    from oauth.profiles import ProviderProfile

AGENT = "Wherry"
"""What the app password is called in the person's settings."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login that has begun: *url* for the browser, *endpoint* and *token* to ask with."""

    url: str
    endpoint: str
    token: Secret


def start(profile: ProviderProfile, exchange: Exchange) -> Login:
    """Begin a login. Raises ``BadAnswer``, ``UnsafeEndpoint``, ``Unreachable``."""
    answer = exchange(Request("POST", profile.authorize_url, {"User-Agent": AGENT, "Accept": "application/json"}))
    where = origin_of(profile.authorize_url)
    if answer.status != 200:
        raise BadAnswer(where, f"answers {answer.status}")
    found = document(answer, profile.authorize_url)
    poll = found.get("poll")
    poll = poll if isinstance(poll, dict) else {}
    url, endpoint, token = found.get("login"), poll.get("endpoint"), poll.get("token")
    if not (isinstance(url, str) and isinstance(endpoint, str) and isinstance(token, str) and token):
        raise BadAnswer(where, "does not begin a login")
    for name, address in (("login page", url), ("poll address", endpoint)):
        check_endpoint(f"the {name}", address, allow_loopback=profile.allow_loopback)
        if origin(address) != origin(profile.authorize_url):
            # The password would be asked for, or handed out, somewhere else.
            raise BadAnswer(where, f"names a {name} on another server")
    return Login(url, endpoint, Secret(token))


def poll(exchange: Exchange, login: Login) -> tuple[Tokens, str] | None:
    """Return user, app password and the server's own address once the person has agreed, ``None`` before.

    The answer comes once: whoever gets it has to keep it. Raises ``BadAnswer``, ``Unreachable``.
    """
    from urllib.parse import urlencode

    headers = {"User-Agent": AGENT, "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    answer = exchange(Request("POST", login.endpoint, headers, urlencode({"token": login.token.reveal()}).encode()))
    if answer.status == 404:
        return None
    where = origin_of(login.endpoint)
    if answer.status != 200:
        raise BadAnswer(where, f"answers {answer.status}")
    found = document(answer, login.endpoint)
    server, name, password = (found.get(key) for key in ("server", "loginName", "appPassword"))
    if not (isinstance(server, str) and isinstance(name, str) and isinstance(password, str) and name and password):
        raise BadAnswer(where, "answers without an app password")
    return Tokens(username=name, password=Secret(password), subject=name), server
