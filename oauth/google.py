"""Google's consent, by Google's own flow, sent through our client.

What had to be known about google-auth-oauthlib 1.x and requests-oauthlib 2.x:

- other scopes than asked for raise a bare ``Warning`` that carries live tokens: they are
  taken from it and kept, then judged (``oauth/consent.py``). The switch that turns the
  warning off holds for the whole process, and is not used;
- the session would open sockets, follow redirects and read proxies from the environment:
  its adapter hands every request to our ``Exchange`` instead;
- oauthlib refuses plain http even to this machine: for a stand-in it is shown https.
"""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any, Protocol

from oauth.answers import origin_of, token_document, tokens_from
from oauth.client import as_https
from oauth.errors import BadAnswer, ClientMissing, LibraryMissing
from oauth.transport import Answer, Exchange, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google_auth_oauthlib.flow import Flow
    from requests import PreparedRequest, Response

    from oauth.profiles import ProviderProfile
    from oauth.secret import Secret
    from oauth.tokens import Client, Tokens


class _Adapter(Protocol):
    """The adapter's own part; its base is known only once requests is loaded."""

    found: dict[str, Any]


def authorization_url(
    profile: ProviderProfile,
    client: Client,
    *,
    scopes: Iterable[str],
    state: Secret,
    verifier: Secret,
    redirect_uri: str,
    extra: dict[str, str] | None = None,
) -> str:
    """Return the address a browser is sent to. Raises ``ClientMissing``, ``LibraryMissing``."""
    flow = _flow(profile, client, tuple(scopes), verifier=verifier, redirect_uri=redirect_uri)
    built, _ = flow.authorization_url(state=state.reveal(), **{**profile.extra, **(extra or {})})
    return str(built).replace(as_https(profile.authorize_url), profile.authorize_url, 1)


def exchange_code(
    profile: ProviderProfile,
    exchange: Exchange,
    client: Client,
    *,
    code: Secret,
    verifier: Secret,
    redirect_uri: str,
    requested: tuple[str, ...],
    now: float | None = None,
) -> Tokens:
    """Return the tokens for a *code*, whatever scopes were granted: ``granted`` is what Google says.

    Raises like ``oauth.client.exchange_code``.
    """
    flow = _flow(profile, client, requested, verifier=verifier, redirect_uri=redirect_uri)
    adapter = _adapter(profile, exchange)
    flow.oauth2session.mount("https://", adapter)
    flow.oauth2session.mount("http://", adapter)
    found: dict[str, Any] = {}
    try:
        found = flow.fetch_token(code=code.reveal(), include_client_id=True)
    except Warning as changed:
        found = getattr(changed, "token", {})
    except ValueError:
        # Something beside the token cannot be read (a lifetime in words): the token is there all the same.
        found = adapter.found
    if not found.get("access_token"):
        raise BadAnswer(origin_of(profile.token_url), "answers without an access token")
    return tokens_from(found, profile, requested, now=time.time() if now is None else now)


def _flow(
    profile: ProviderProfile, client: Client, scopes: tuple[str, ...], *, verifier: Secret, redirect_uri: str
) -> Flow:
    if not client.client_id:
        raise ClientMissing(profile.name)
    try:
        from google_auth_oauthlib.flow import Flow
    except ImportError:
        raise LibraryMissing("google") from None
    config = {
        "client_id": client.client_id,
        # An installed app's secret is no secret (RFC 8252 8.5), and Google wants it all the same.
        "client_secret": client.secret.reveal() if client.secret is not None else "",
        "auth_uri": as_https(profile.authorize_url),
        "token_uri": as_https(profile.token_url),
    }
    return Flow.from_client_config(
        {"installed": config}, list(scopes), redirect_uri=redirect_uri, code_verifier=verifier.reveal()
    )


def _adapter(profile: ProviderProfile, exchange: Exchange) -> _Adapter:
    """Return what requests sends through: our exchange, to the token endpoint and nowhere else."""
    from requests.adapters import BaseAdapter

    class Adapter(BaseAdapter):
        """Hands a prepared request to our exchange, and keeps what came back."""

        def __init__(self) -> None:
            super().__init__()
            self.found: dict[str, Any] = {}

        def send(self, request: PreparedRequest, *_: object, **__: object) -> Response:
            if request.method != "POST" or request.url != as_https(profile.token_url):
                raise BadAnswer(origin_of(profile.token_url), "the library asked for another address")
            body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
            answer = exchange(Request("POST", profile.token_url, _kept(request), body))
            # Judged here: the library would read a web page as a form, and quote the provider's words.
            self.found = token_document(answer, profile, profile.token_url)
            return _response(request, answer)

        def close(self) -> None:
            """Nothing is open."""

    return Adapter()


def _kept(request: PreparedRequest) -> dict[str, str]:
    wanted = {"content-type", "accept", "authorization"}
    return {name: str(value) for name, value in request.headers.items() if name.lower() in wanted}


def _response(request: PreparedRequest, answer: Answer) -> Response:
    from requests import Response

    made = Response()
    made.status_code, made.request, made.url = answer.status, request, request.url or ""
    made.headers.update({"Content-Type": "application/json"})
    made.raw, made.encoding = io.BytesIO(answer.body), "utf-8"
    return made
