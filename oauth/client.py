"""Asking a provider for access, renewing it and giving it back: one client for all of them.

oauthlib builds the requests, ``Exchange`` sends them, ``oauth/answers.py`` reads what
comes back. Secrets travel in bodies and headers, never in an address.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from oauth.answers import document, error_code, is_page, origin_of, token_document, tokens_from
from oauth.errors import BadAnswer, ClientMissing, GrantDead, OAuthError, ProviderRefused, Unreachable
from oauth.profiles import ProviderProfile, RevokeStyle
from oauth.transport import Answer, Exchange, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oauth.secret import Secret
    from oauth.tokens import Client, Tokens

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class RevokeKind(StrEnum):
    """What a provider's answer to a revocation means (the three outcomes are never blurred)."""

    DONE = "done"
    ALREADY = "already"
    RETRY = "retry"
    MANUAL = "manual"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RevokeAnswer:
    """How a revocation went; *words* is the provider's answer in short, such as ``200`` or ``invalid_token``."""

    kind: RevokeKind
    words: str
    retry_after: float | None = None

    @property
    def ended(self) -> bool:
        """Say whether the provider said that access has ended."""
        return self.kind in {RevokeKind.DONE, RevokeKind.ALREADY}


class Life(StrEnum):
    """Whether a grant still lives at its provider."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe found. *tokens* are new ones it was given: they must be kept or be given back as well."""

    life: Life
    words: str
    tokens: Tokens | None = None


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
    """Return the address a browser is sent to (RFC 6749 4.1.1, RFC 7636 with S256). Raises ``ClientMissing``."""
    from oauthlib.oauth2 import WebApplicationClient

    if not client.client_id:
        raise ClientMissing(profile.name)
    builder = WebApplicationClient(client.client_id)
    challenge = builder.create_code_challenge(verifier.reveal(), "S256")
    built: str = builder.prepare_request_uri(
        as_https(profile.authorize_url),
        redirect_uri=redirect_uri,
        scope=profile.scope_separator.join(scopes),
        state=state.reveal(),
        code_challenge=challenge,
        code_challenge_method="S256",
        **{**profile.extra, **(extra or {})},
    )
    return built.replace(as_https(profile.authorize_url), profile.authorize_url, 1)


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
    """Return the tokens for a *code* (RFC 6749 4.1.3). The code is used up, whatever comes back.

    Raises ``GrantDead`` (the code is spent or too old), ``ProviderRefused``, ``BadAnswer``,
    ``Unreachable``.
    """
    from oauthlib.oauth2 import WebApplicationClient

    builder = WebApplicationClient(client.client_id)
    body = builder.prepare_request_body(
        code=code.reveal(),
        redirect_uri=redirect_uri,
        code_verifier=verifier.reveal(),
        include_client_id=True,
        **_in_body(profile, client),
    )
    return _ask_tokens(profile, exchange, client, body, requested=requested, now=now)


def refresh(
    profile: ProviderProfile,
    exchange: Exchange,
    refresh_token: Secret,
    client: Client,
    *,
    granted: tuple[str, ...] = (),
    now: float | None = None,
) -> Tokens:
    """Return fresh tokens (RFC 6749 6). A rotated refresh token has to be kept before anything is done with it.

    ``refresh`` of the answer is the old token where the server gives no new one. *granted*
    is what the grant has so far. Raises ``GrantDead`` on ``invalid_grant``,
    ``ProviderRefused``, ``BadAnswer``, ``Unreachable``.
    """
    from oauthlib.oauth2 import WebApplicationClient

    builder = WebApplicationClient(client.client_id)
    body = builder.prepare_refresh_body(
        refresh_token=refresh_token.reveal(), client_id=client.client_id, **_in_body(profile, client)
    )
    fresh = _ask_tokens(profile, exchange, client, body, requested=granted, now=now)
    return fresh if fresh.refresh is not None else replace(fresh, refresh=refresh_token)


def revoke(profile: ProviderProfile, exchange: Exchange, tokens: Tokens, client: Client) -> RevokeAnswer:
    """End a grant at its provider and return what came of it. Raises nothing a provider can cause.

    Safe to repeat: an answer that says "no such token" is ``ALREADY``.
    """
    try:
        return _STYLES[profile.revoke_style](profile, exchange, tokens, client)
    except Unreachable:
        return RevokeAnswer(RevokeKind.RETRY, "no answer")
    except BadAnswer as wrong:
        return RevokeAnswer(RevokeKind.RETRY, wrong.why)
    except ProviderRefused as refused:
        return RevokeAnswer(RevokeKind.REFUSED, refused.code)


def probe(profile: ProviderProfile, exchange: Exchange, tokens: Tokens, client: Client) -> Probe:
    """Ask whether a grant still lives: by a refresh, else by what its server offers. Raises nothing."""
    try:
        if tokens.refresh is not None and profile.token_url:
            return Probe(Life.ALIVE, "refreshed", refresh(profile, exchange, tokens.refresh, client))
        if tokens.access is not None and profile.introspect_url:
            return _introspected(profile, exchange, tokens.access, client)
        if tokens.password is not None and profile.revoke_style is RevokeStyle.DELETE_APP_PASSWORD:
            return _app_password_alive(profile, exchange, tokens)
    except GrantDead as dead:
        return Probe(Life.DEAD, dead.code)
    except OAuthError as fault:
        return Probe(Life.UNKNOWN, type(fault).__name__)
    return Probe(Life.UNKNOWN, "nothing to ask with")


def as_https(url: str) -> str:
    """Return *url* as oauthlib wants it: it refuses http even to this machine, which ``profiles`` admits."""
    return "https://" + url.partition("://")[2]


def basic(username: str, password: str) -> str:
    """Return the value of an Authorization field (RFC 7617)."""
    from base64 import b64encode

    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


def _ask_tokens(
    profile: ProviderProfile,
    exchange: Exchange,
    client: Client,
    body: str,
    *,
    requested: tuple[str, ...],
    now: float | None,
) -> Tokens:
    headers = {**FORM, **_in_header(profile, client)}
    answer = exchange(Request("POST", profile.token_url, headers, body.encode()))
    found = token_document(answer, profile, profile.token_url)
    return tokens_from(found, profile, requested, now=time.time() if now is None else now)


def _in_body(profile: ProviderProfile, client: Client) -> dict[str, str]:
    if client.secret is None or profile.client_auth == "basic":
        return {}
    return {"client_secret": client.secret.reveal()}


def _in_header(profile: ProviderProfile, client: Client) -> dict[str, str]:
    from urllib.parse import quote_plus

    if client.secret is None or profile.client_auth != "basic":
        return {}
    # RFC 6749 2.3.1: both parts are form-encoded before they are joined.
    return {"Authorization": basic(quote_plus(client.client_id), quote_plus(client.secret.reveal()))}


Hint = Literal["access_token", "refresh_token"]


def _form(
    profile: ProviderProfile, exchange: Exchange, client: Client, url: str, *, token: Secret, hint: Hint
) -> Answer:
    """Send *token* in a form to *url*, with the client's own credentials (RFC 7009 2.1, RFC 7662 2.1)."""
    from oauthlib.oauth2 import WebApplicationClient

    builder = WebApplicationClient(client.client_id)
    _, _, body = builder.prepare_token_revocation_request(
        as_https(url), token.reveal(), token_type_hint=hint, client_id=client.client_id, **_in_body(profile, client)
    )
    return exchange(Request("POST", url, {**FORM, **_in_header(profile, client)}, body.encode()))


def _by_rfc7009(profile: ProviderProfile, exchange: Exchange, tokens: Tokens, client: Client) -> RevokeAnswer:
    """RFC 7009: the refresh token ends its access tokens as well; both are ended where a server keeps them apart."""
    given: list[tuple[Hint, Secret | None]] = [("refresh_token", tokens.refresh), ("access_token", tokens.access)]
    held = [(hint, token) for hint, token in given if token is not None]
    if not profile.revoke_url or not held:
        return RevokeAnswer(RevokeKind.MANUAL, "no endpoint" if held else "no token")
    answers = [
        judged(_form(profile, exchange, client, profile.revoke_url, token=token, hint=hint)) for hint, token in held
    ]
    # The refresh token decides: a server need not know about an access token (2, last paragraph).
    first, *others = answers
    waiting = [answer for answer in others if answer.kind is RevokeKind.RETRY]
    return waiting[0] if first.ended and waiting else first


def _by_google(profile: ProviderProfile, exchange: Exchange, tokens: Tokens, _client: Client) -> RevokeAnswer:
    """Google: one token, in a form, ends the whole grant. Never in the query, which proxies write down."""
    from urllib.parse import urlencode

    token = tokens.refresh or tokens.access
    if token is None:
        return RevokeAnswer(RevokeKind.MANUAL, "no token")
    body = urlencode({"token": token.reveal()}).encode()
    return judged(exchange(Request("POST", profile.revoke_url, FORM, body)))


def _by_dropbox(profile: ProviderProfile, exchange: Exchange, tokens: Tokens, client: Client) -> RevokeAnswer:
    """Dropbox: an access token ends itself and its refresh token, so there must be one that lives."""
    access = tokens.access if _lasts(tokens) else None
    for _ in range(2):
        if access is None:
            if tokens.refresh is None:
                return RevokeAnswer(RevokeKind.ALREADY, "expired")
            try:
                access = refresh(profile, exchange, tokens.refresh, client).access
            except GrantDead as dead:
                return RevokeAnswer(RevokeKind.ALREADY, dead.code)
        if access is None:
            break
        # "null" is the endpoint's argument: it takes none.
        headers = {"Authorization": f"Bearer {access.reveal()}", "Content-Type": "application/json"}
        answer = exchange(Request("POST", profile.revoke_url, headers, b"null"))
        if answer.status != 401 or is_page(answer) or error_code(answer) != "expired_access_token":
            return judged(answer)
        access = None
    return RevokeAnswer(RevokeKind.RETRY, "expired_access_token")


def _by_app_password(profile: ProviderProfile, exchange: Exchange, tokens: Tokens, _client: Client) -> RevokeAnswer:
    """Nextcloud: an app password deletes itself; a refused one is not there any more."""
    if tokens.password is None:
        return RevokeAnswer(RevokeKind.MANUAL, "no password")
    answer = exchange(Request("DELETE", profile.revoke_url, _ocs(tokens)))
    if answer.status == 401 and not is_page(answer):
        return RevokeAnswer(RevokeKind.ALREADY, "401")
    if answer.status == 403 and not is_page(answer):
        # What was typed in by hand is the account's own password, which cannot delete itself.
        return RevokeAnswer(RevokeKind.MANUAL, "403")
    return judged(answer)


def _by_hand(profile: ProviderProfile, exchange: Exchange, tokens: Tokens, _client: Client) -> RevokeAnswer:
    """Nothing to ask but the person; a token that served to make a password is ended first."""
    if tokens.access is not None and profile.revoke_url:
        answer = end_token(profile, exchange, tokens.access)
        if not answer.ended:
            return answer
        if tokens.password is None:
            return answer
    return RevokeAnswer(RevokeKind.MANUAL, "no endpoint")


def end_token(profile: ProviderProfile, exchange: Exchange, access: Secret) -> RevokeAnswer:
    """End one access token by DELETE, as Infomaniak does. Raises ``Unreachable``."""
    headers = {"Authorization": f"Bearer {access.reveal()}", "Accept": "application/json"}
    answer = exchange(Request("DELETE", profile.revoke_url, headers))
    if answer.status == 401 and not is_page(answer):
        return RevokeAnswer(RevokeKind.ALREADY, "401")
    return judged(answer)


_STYLES: Final = {
    RevokeStyle.RFC7009: _by_rfc7009,
    RevokeStyle.GOOGLE: _by_google,
    RevokeStyle.DROPBOX: _by_dropbox,
    RevokeStyle.DELETE_APP_PASSWORD: _by_app_password,
    RevokeStyle.MANUAL: _by_hand,
}


def judged(answer: Answer) -> RevokeAnswer:
    """Say what an answer to a revocation means. Only a clear yes is one: no page, no redirect, no 5xx."""
    status, code = answer.status, error_code(answer)
    if is_page(answer):
        return RevokeAnswer(RevokeKind.RETRY, f"{status} with a web page")
    if status in {200, 204}:
        return RevokeAnswer(RevokeKind.DONE, str(status))
    if (status, code) in {(400, "invalid_token"), (400, "invalid_grant"), (401, "invalid_access_token")}:
        return RevokeAnswer(RevokeKind.ALREADY, code)
    if status == 400 and (code == "unsupported_token_type" or b"not revocable" in answer.body.lower()):
        return RevokeAnswer(RevokeKind.MANUAL, f"{code}: not revocable")
    if status == 429 or status >= 500 or status == 403 or status < 400:
        return RevokeAnswer(RevokeKind.RETRY, str(status), _retry_after(answer))
    return RevokeAnswer(RevokeKind.REFUSED, code if code != "another error" else str(status))


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds asked for. A date is left out: the journal has waits of its own."""
    text = answer.headers.get("retry-after", "").strip()
    return min(float(text), 86400.0) if text.isascii() and text.isdigit() else None


def _lasts(tokens: Tokens, seconds: float = 60.0) -> bool:
    return tokens.access is not None and (tokens.expires_at is None or tokens.expires_at > time.time() + seconds)


def _ocs(tokens: Tokens) -> dict[str, str]:
    password = tokens.password.reveal() if tokens.password is not None else ""
    return {
        "Authorization": basic(tokens.username, password),
        "OCS-APIRequest": "true",
        "Accept": "application/json",
    }


def _introspected(profile: ProviderProfile, exchange: Exchange, token: Secret, client: Client) -> Probe:
    """RFC 7662: ``active`` says it."""
    answer = _form(profile, exchange, client, profile.introspect_url, token=token, hint="access_token")
    if answer.status != 200:
        return Probe(Life.UNKNOWN, str(answer.status))
    active = document(answer, profile.introspect_url).get("active")
    if not isinstance(active, bool):
        raise BadAnswer(origin_of(profile.introspect_url), "does not say whether the token is active")
    return Probe(Life.ALIVE if active else Life.DEAD, "active" if active else "inactive")


def _app_password_alive(profile: ProviderProfile, exchange: Exchange, tokens: Tokens) -> Probe:
    """Ask the DAV address whether the password still opens it."""
    headers = {**_ocs(tokens), "Depth": "0"}
    answer = exchange(Request("PROPFIND", f"{profile.api_url}/remote.php/dav/", headers))
    if is_page(answer) and answer.status != 207:
        return Probe(Life.UNKNOWN, f"{answer.status} with a web page")
    return Probe({207: Life.ALIVE, 401: Life.DEAD}.get(answer.status, Life.UNKNOWN), str(answer.status))
