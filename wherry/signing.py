"""What signs the requests of an account, and to which origins only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from oauth.authorizers import Authorizer
    from oauth.grant_authorizer import AccessTokens
    from oauth.secret import Secret
    from wherry.settings import Account

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


def token_authorizer(account: Account, tokens: AccessTokens) -> Authorizer:
    """Return what signs requests of *account* with tokens that are refreshed. Raises ``UnsafeAddress``."""
    from connectors.addresses import target
    from oauth.grant_authorizer import GrantAuthorizer

    target(account.url)
    return GrantAuthorizer(tokens, to=bound_to(account.url))


def bound_to(url: str) -> tuple[str, ...]:
    """Return the origins a credential for *url* may be sent to."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    origins = (f"{parts.scheme}://{parts.netloc}",)
    host = parts.hostname or ""
    found = (family for family in FAMILIES if host == family or host.endswith("." + family))
    return (*origins, *(f"https://*.{family}" for family in found))
