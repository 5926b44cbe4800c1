"""What a provider hands out, and how it is kept beside a grant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from oauth.profiles import ProviderProfile
from oauth.secret import Secret


@dataclass(frozen=True, slots=True)
class Client:
    """The program that asks, as it is registered at the provider. A public client has no *secret*."""

    client_id: str = ""
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The credentials of one grant. Times are Unix seconds.

    *granted* are the scopes the server says it granted; *expires_at* is the access token's
    end, *ends_at* the end of the whole grant where the provider names one, *subject* whom
    it belongs to. *username* and *password* are an app password and its owner.
    """

    access: Secret | None = None
    refresh: Secret | None = None
    expires_at: float | None = None
    granted: tuple[str, ...] = ()
    subject: str | None = None
    ends_at: float | None = None
    username: str = ""
    password: Secret | None = None

    def fields(self) -> dict[str, Secret]:
        """Return what has to be sealed, by the names the vault keeps it under."""
        found = {"access_token": self.access, "refresh_token": self.refresh, "password": self.password}
        found["username"] = Secret(self.username) if self.username else None
        return {name: secret for name, secret in found.items() if secret is not None}

    @classmethod
    def of(
        cls, secrets: Mapping[str, Secret], *, expires_at: float | None = None, granted: tuple[str, ...] = ()
    ) -> Self:
        """Return the tokens that ``fields`` gave to the vault."""
        username = secrets.get("username")
        # An empty one stands for a token that was ended while its grant lives on.
        return cls(
            access=secrets.get("access_token") or None,
            refresh=secrets.get("refresh_token") or None,
            password=secrets.get("password") or None,
            username=username.reveal() if username else "",
            expires_at=expires_at,
            granted=granted,
        )


def asking_fields(profile: ProviderProfile, client: Client) -> dict[str, Secret]:
    """Return what a grant needs to be refreshed and ended, even when the settings are gone."""
    found = {"profile": Secret(profile.to_text()), "client_id": Secret(client.client_id)}
    return found | ({"client_secret": client.secret} if client.secret is not None else {})


def asking_of(secrets: Mapping[str, Secret]) -> tuple[ProviderProfile, Client]:
    """Return the profile and the client ``asking_fields`` gave to the vault. Raises ``KeyError``."""
    profile = ProviderProfile.from_text(secrets["profile"].reveal())
    return profile, Client(secrets["client_id"].reveal(), secrets.get("client_secret"))
