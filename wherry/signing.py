"""What signs the requests of an account, and to which origins only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from oauth.authorizers import Authorizer
    from oauth.grant_authorizer import AccessTokens
    from oauth.secret import Secret
    from wherry.settings import Account

T = TypeVar("T")

FAMILIES = ("icloud.com", "fastmail.com")
"""Providers that send an account on to another host of the same domain (p12-caldav.icloud.com, caldav.fastmail.com)."""


def make_authorizer(account: Account, secret: Secret, *, username: str = "") -> Authorizer:
    """Return what signs requests of *account* with a password or a fixed token. Raises ``UnsafeAddress``."""
    from connectors.addresses import target
    from oauth.authorizers import Basic, Bearer, Digest, Guess

    target(account.url)
    bound = bound_to(account.url)
    if account.auth == "bearer":
        return Bearer(secret, to=bound)
    forms = {"basic": Basic, "digest": Digest, "guess": Guess}
    return cast("Authorizer", forms[account.auth](username or account.username, secret, to=bound))


class PortTokens:
    """Access tokens whose troubles are the port's errors, so that the engine knows who has to act.

    *again* says how the access is given anew.
    """

    def __init__(self, tokens: AccessTokens, account: str, *, again: str) -> None:
        self._tokens, self._account, self._again = tokens, account, again

    def current(self) -> Secret:
        """Return the token. Raises ``AccessGone``, ``ReauthRequired``, ``Transient``."""
        return self._said(self._tokens.current)

    def renewed(self, stale: Secret) -> Secret | None:
        """Return another token than *stale*, if there is one. Raises like ``current``."""
        return self._said(lambda: self._tokens.renewed(stale))

    def _said(self, ask: Callable[[], T]) -> T:
        from connectors.errors import AccessGone, NotTheService, ReauthRequired, Transient
        from oauth.errors import BadAnswer, GrantBusy, GrantDead, GrantError, OAuthError, Unreachable

        try:
            return ask()
        except (Unreachable, GrantBusy) as silent:
            raise Transient(str(silent)) from silent
        except BadAnswer as odd:
            raise NotTheService(str(odd)) from odd
        except (GrantError, GrantDead) as over:
            raise AccessGone(f"The access to '{self._account}' has ended. {self._again}") from over
        except OAuthError as refused:
            raise ReauthRequired(f"{refused}. {self._again}") from refused


def token_authorizer(account: Account, tokens: AccessTokens, *, again: str) -> Authorizer:
    """Return what signs requests of *account* with tokens that are refreshed. Raises ``UnsafeAddress``."""
    from connectors.addresses import target
    from oauth.grant_authorizer import GrantAuthorizer

    target(account.url)
    return GrantAuthorizer(PortTokens(tokens, account.name, again=again), to=bound_to(account.url))


def bound_to(url: str) -> tuple[str, ...]:
    """Return the origins a credential for *url* may be sent to: its own, and its family's on the same port."""
    from connectors.google.hosts import API_ORIGINS, is_google

    if is_google(url):
        # Contacts and calendars stand at two hosts; pictures come from a third, which gets no token.
        return API_ORIGINS
    parts = urlsplit(url if "://" in url else f"https://{url}")
    origins = (f"{parts.scheme}://{parts.netloc}",)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    found = (family for family in FAMILIES if host == family or host.endswith("." + family))
    return (*origins, *(f"https://*.{family}{port}" for family in found))
