"""What has to be known about a provider: its endpoints, how access ends there, and how much ends with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from oauth.errors import UnknownProvider, UnsafeEndpoint
from oauth.grants import Radius


class RevokeStyle(StrEnum):
    """How a grant is ended."""

    RFC7009 = "rfc7009"
    GOOGLE = "google"
    DROPBOX = "dropbox"
    DELETE_APP_PASSWORD = "delete-app-password"  # noqa: S105 - a way of ending, no password
    MANUAL = "manual"


class FlowKind(StrEnum):
    """How consent is asked for."""

    CODE = "code"
    CODE_FOR_PASSWORD = "code-for-password"  # noqa: S105 - a kind of flow
    LOGIN_FLOW = "login-flow"
    PASSWORD = "password"  # noqa: S105 - a kind of flow


_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")

ENDPOINTS = ("authorize_url", "token_url", "revoke_url", "introspect_url", "api_url", "issuer", "manual_url")


@dataclass(frozen=True, slots=True)
class ProviderProfile:
    """One provider. Addresses are https; *allow_loopback* admits plain http to this machine.

    *extra* are parameters of the authorization request, *project* separates grants of one
    person that end separately, *manual_url* is where a person removes access by hand.
    *client_auth* is ``body`` or ``basic`` (RFC 6749 2.3.1). Raises ``UnsafeEndpoint``.
    """

    name: str
    flow: FlowKind = FlowKind.CODE
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    introspect_url: str = ""
    api_url: str = ""
    issuer: str = ""
    iss_required: bool = False
    revoke_style: RevokeStyle = RevokeStyle.MANUAL
    radius: Radius = Radius.CREDENTIAL
    scope_separator: str = " "
    extra: Mapping[str, str] = field(default_factory=dict)
    client_auth: str = "body"
    manual_url: str = ""
    allow_loopback: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UnsafeEndpoint("the provider's name", "is not made of letters, digits and hyphens")
        for name in ENDPOINTS:
            if url := getattr(self, name):
                check_endpoint(f"{self.name} {name}", url, allow_loopback=self.allow_loopback)
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))

    @property
    def callback(self) -> str:
        """Return the path answers come back to: one for each provider, against mix-up (RFC 9700 4.4.2)."""
        return f"/callback/{self.name}"

    @property
    def hosts(self) -> frozenset[str]:
        """Return the names of the hosts asked while a grant is got, refreshed and given back."""
        from urllib.parse import urlsplit

        asked = (self.token_url, self.revoke_url, self.introspect_url, self.api_url)
        return frozenset(urlsplit(url).hostname or "" for url in asked if url)

    def to_text(self) -> str:
        """Return the profile as JSON, to be kept beside a grant: it must end as it began."""
        import json

        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps({**given, "extra": dict(self.extra)}, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the profile that ``to_text`` wrote. Names of a later version are left out."""
        import json

        kept: dict[str, Any] = json.loads(text)
        known = {each.name for each in fields(cls)}
        given = {key: value for key, value in kept.items() if key in known}
        for key, words in (("flow", FlowKind), ("revoke_style", RevokeStyle), ("radius", Radius)):
            given[key] = words(given[key])
        return cls(**given)


def check_endpoint(what: str, url: str, *, allow_loopback: bool) -> str:
    """Return *url* if a secret may be sent there. Raises ``UnsafeEndpoint``, which never shows the URL."""
    from urllib.parse import urlsplit

    from oauth.origins import origin, private_line

    try:
        parts = urlsplit(url)
    except ValueError:
        raise UnsafeEndpoint(what, "cannot be read as an address") from None
    if not origin(url) or any(ord(sign) <= 32 or sign in "\\\x7f" for sign in url):
        raise UnsafeEndpoint(what, "is no https address, or holds a user name")
    if parts.fragment:
        raise UnsafeEndpoint(what, "holds a fragment (RFC 6749 3.1)")
    if parts.scheme != "https" and not (allow_loopback and private_line(url)):
        raise UnsafeEndpoint(what, "is not encrypted")
    return url


def nextcloud(server: str, *, allow_loopback: bool = False) -> ProviderProfile:
    """Return the profile of a Nextcloud *server*, by the address its user sees."""
    base = server.rstrip("/")
    return ProviderProfile(
        name="nextcloud",
        flow=FlowKind.LOGIN_FLOW,
        authorize_url=f"{base}/index.php/login/v2",
        revoke_url=f"{base}/ocs/v2.php/core/apppassword",
        api_url=base,
        revoke_style=RevokeStyle.DELETE_APP_PASSWORD,
        manual_url=f"{base}/index.php/settings/user/security",
        allow_loopback=allow_loopback,
    )


BUILT_IN: Mapping[str, ProviderProfile] = MappingProxyType(
    {
        each.name: each
        for each in (
            ProviderProfile(
                # developers.google.com/identity/protocols/oauth2/native-app
                name="google",
                authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
                token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
                revoke_url="https://oauth2.googleapis.com/revoke",
                issuer="https://accounts.google.com",
                revoke_style=RevokeStyle.GOOGLE,
                radius=Radius.PROJECT,
                extra={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "false"},
                manual_url="https://myaccount.google.com/connections",
            ),
            ProviderProfile(
                # developers.dropbox.com/oauth-guide
                name="dropbox",
                authorize_url="https://www.dropbox.com/oauth2/authorize",
                token_url="https://api.dropboxapi.com/oauth2/token",  # noqa: S106 - an address
                revoke_url="https://api.dropboxapi.com/2/auth/token/revoke",
                revoke_style=RevokeStyle.DROPBOX,
                radius=Radius.AUTHORIZATION,
                manual_url="https://www.dropbox.com/account/connected_apps",
            ),
            ProviderProfile(
                # The way of its own program for calendars and contacts (kSync).
                name="infomaniak",
                flow=FlowKind.CODE_FOR_PASSWORD,
                authorize_url="https://login.infomaniak.com/authorize",
                token_url="https://login.infomaniak.com/token",  # noqa: S106 - an address
                revoke_url="https://login.infomaniak.com/token",
                api_url="https://api.infomaniak.com/1/profile",
                manual_url="https://manager.infomaniak.com/v3/profile/application-password",
            ),
            ProviderProfile(
                # fastmail.com/for-developers/oauth; its metadata says the same (RFC 8414).
                name="fastmail",
                authorize_url="https://api.fastmail.com/oauth/authorize",
                token_url="https://api.fastmail.com/oauth/refresh",  # noqa: S106 - an address
                revoke_url="https://api.fastmail.com/oauth/revoke",
                revoke_style=RevokeStyle.RFC7009,
                radius=Radius.AUTHORIZATION,
                manual_url="https://app.fastmail.com/settings/security/integrations",
            ),
            ProviderProfile(
                name="icloud", flow=FlowKind.PASSWORD, manual_url="https://account.apple.com/account/manage"
            ),
            ProviderProfile(name="password", flow=FlowKind.PASSWORD),
        )
    }
)
"""Providers known by name. ``nextcloud`` has an address of its own, and so has every generic one."""


def profile(name: str, endpoints: Mapping[str, str] | None = None, *, allow_loopback: bool = False) -> ProviderProfile:
    """Return the built-in profile *name*, with other addresses where *endpoints* name them.

    *endpoints* are by the names of ``ENDPOINTS``: an own server or a stand-in needs them.
    Raises ``UnknownProvider``, ``UnsafeEndpoint``.
    """
    if name not in BUILT_IN:
        raise UnknownProvider(name, (*BUILT_IN, "nextcloud", "oauth"))
    other = dict(endpoints or {})
    if unknown := sorted(other.keys() - set(ENDPOINTS)):
        raise UnsafeEndpoint(f"{name} {unknown[0]}", "is no address this provider has")
    changes: dict[str, Any] = {**other, "allow_loopback": allow_loopback}
    return replace(BUILT_IN[name], **changes)


def project_of(provider: ProviderProfile, client_id: str) -> str:
    """Return what separates grants of one person at *provider* that end separately.

    At Google the number of the Cloud project, which every client id of it begins with:
    all its clients end together. Elsewhere the client itself.
    """
    if provider.radius is Radius.PROJECT:
        return client_id.partition("-")[0] if client_id.endswith(".apps.googleusercontent.com") else client_id
    return client_id
