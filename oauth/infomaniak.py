"""Infomaniak's way for calendars and contacts: a short OAuth token makes an app password, and is ended.

As its own program does (kSync): ``GET /1/profile`` names the user of the DAV server,
``POST /1/profile/password`` makes a password, ``DELETE`` at the token endpoint ends the token.
The password is ended by the person, in the Manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oauth.answers import document, origin_of
from oauth.errors import BadAnswer, ProviderRefused
from oauth.secret import Secret
from oauth.tokens import Tokens
from oauth.transport import Answer, Exchange, Request

if TYPE_CHECKING:
    from oauth.profiles import ProviderProfile


def login_of(profile: ProviderProfile, exchange: Exchange, access: Secret) -> str:
    """Return the user name for DAV. Raises ``ProviderRefused``, ``BadAnswer``, ``Unreachable``."""
    found = _data(exchange(Request("GET", profile.api_url, _bearer(access))), profile.api_url)
    login = found.get("login") or found.get("email")
    if not isinstance(login, str) or not login:
        raise BadAnswer(origin_of(profile.api_url), "names no user")
    return login


def make_password(profile: ProviderProfile, exchange: Exchange, access: Secret, *, label: str) -> Secret:
    """Return a new app password, named *label* in the Manager; it is shown this once. Raises as above."""
    from urllib.parse import urlencode

    url = f"{profile.api_url}/password"
    headers = {**_bearer(access), "Content-Type": "application/x-www-form-urlencoded"}
    found = _data(exchange(Request("POST", url, headers, urlencode({"name": label}).encode())), url)
    password = found.get("password")
    if not isinstance(password, str) or not password:
        raise BadAnswer(origin_of(url), "answers without a password")
    return Secret(password)


def credentials(profile: ProviderProfile, exchange: Exchange, access: Secret, *, label: str) -> Tokens:
    """Return user name and a new password. The name is asked for first: it leaves nothing behind."""
    username = login_of(profile, exchange, access)
    return Tokens(username=username, password=make_password(profile, exchange, access, label=label))


def _bearer(access: Secret) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.reveal()}", "Accept": "application/json"}


def _data(answer: Answer, url: str) -> dict[str, Any]:
    """Return ``data`` of an answer of the API, which wraps everything the same way."""
    where = origin_of(url)
    if answer.status in {401, 403}:
        raise ProviderRefused(where, "access_denied")
    if answer.status not in {200, 201}:
        raise BadAnswer(where, f"answers {answer.status}")
    found = document(answer, url)
    data = found.get("data")
    if found.get("result") != "success" or not isinstance(data, dict):
        raise BadAnswer(where, "answers without a result")
    return data
