"""Who gives access to an account, by the words of the command line and the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wherry import google_accounts
from wherry.errors import PlaceError, SettingsError
from wherry.nearest import did_you_mean

if TYPE_CHECKING:
    from oauth.profiles import ProviderProfile
    from oauth.transport import Exchange
    from wherry.settings import Account, Settings

PROVIDERS: Mapping[str, str] = {
    "fastmail": "https://fastmail.com/",
    "google": "",
    "icloud": "https://icloud.com/",
    "infomaniak": "https://sync.infomaniak.com/",
    "nextcloud": "",
    "oauth": "",
}
"""Providers ``--provider`` knows, with the address of their calendars and address books where that is fixed.

``oauth`` is any server that describes itself (RFC 8414); it and Nextcloud need an address.
Google's follows from the kind of account.
"""

SCOPES: Mapping[str, tuple[str, ...]] = {
    # fastmail.com/dev: one scope for each protocol.
    "fastmail": (
        "https://www.fastmail.com/dev/protocol-caldav",
        "https://www.fastmail.com/dev/protocol-carddav",
        "offline_access",
    ),
}
"""What is asked for when the user names no scope."""


def profile_of(account: Account, settings: Settings, exchange: Exchange) -> ProviderProfile:
    """Return the profile of who gives access to *account*.

    Raises ``PlaceError``, ``SettingsError``, ``BadMetadata``, ``UnsafeEndpoint``, ``Unreachable``.
    """
    from dataclasses import replace

    from oauth import metadata, profiles
    from oauth.errors import UnsafeEndpoint

    private = account.allow_private
    match account.provider:
        case "":
            return replace(profiles.profile("password"), manual_url="")
        case "nextcloud":
            return profiles.nextcloud(account.url, allow_loopback=private)
        case "oauth":
            if not account.issuer:
                raise PlaceError("Who gives access is missing", hint="Add --issuer URL: the provider's own address.")
            return metadata.discover(account.issuer, exchange, allow_loopback=private)
        case name if name in PROVIDERS:
            given = settings.providers.get(name, {})
            endpoints = {key: url for key, url in given.items() if key not in {"client_id", "client_secret_file"}}
            try:
                return profiles.profile(name, endpoints, allow_loopback=private)
            except UnsafeEndpoint as unsafe:
                raise SettingsError(f"'providers.{name}': {unsafe}") from None
        case name:
            raise PlaceError(f"Unknown provider '{name}'", hint=did_you_mean(name, PROVIDERS))


def asking_for(profile: ProviderProfile, scopes: Sequence[str]) -> ProviderProfile:
    """Return *profile* with what a request for *scopes* needs beside them.

    Access for longer than an hour is left out, silently, where the person is not asked again
    (OpenID Connect Core 11); a server without ``prompt`` does not mind it (RFC 6749 3.1).
    """
    from dataclasses import replace

    if "offline_access" not in scopes:
        return profile
    return replace(profile, extra={**profile.extra, "prompt": "consent"})


def scopes_of(account: Account, before: Sequence[str]) -> tuple[str, ...]:
    """Return what is asked for when the user names no scope; *before* is what was asked for last time.

    At Google it follows from what is to be read, so that a narrower choice asks for less.
    """
    if account.kind in google_accounts.KINDS:
        return google_accounts.scopes_for(account)
    return tuple(before) or SCOPES.get(account.provider, ())


def secret_file_of(account: Account, settings: Settings) -> str | None:
    """Return the file with the secret this program has at the account's provider, if the settings name one."""
    return settings.providers.get(account.provider, {}).get("client_secret_file")


def client_id_of(account: Account, settings: Settings) -> str:
    """Return the id this program has at the account's provider; empty if nobody registered it."""
    return account.client_id or settings.providers.get(account.provider, {}).get("client_id", "")
