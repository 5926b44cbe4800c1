"""Which code speaks the authorization code flow with which provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from oauth.profiles import ProviderProfile, RevokeStyle

if TYPE_CHECKING:
    from oauth.secret import Secret
    from oauth.tokens import Client, Tokens
    from oauth.transport import Exchange


class CodeFlow(Protocol):
    """How the code of one provider is asked for and exchanged: ``oauth.client`` and ``oauth.google`` have it."""

    def authorization_url(
        self,
        profile: ProviderProfile,
        client: Client,
        *,
        scopes: Iterable[str],
        state: Secret,
        verifier: Secret,
        redirect_uri: str,
        extra: dict[str, str] | None = None,
    ) -> str:
        """Return the address a browser is sent to."""

    def exchange_code(
        self,
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
        """Return the tokens for a code."""


def flow_of(profile: ProviderProfile) -> CodeFlow:
    """Return what builds this provider's requests and reads its answers: Google's own library, or our client."""
    if profile.revoke_style is RevokeStyle.GOOGLE:
        from oauth import google

        return google
    from oauth import client

    return client


def parameters(profile: ProviderProfile, *, offline: bool) -> dict[str, str]:
    """Return what this provider's authorization request needs beside the profile's own parameters."""
    if profile.revoke_style is RevokeStyle.DROPBOX:
        from oauth import dropbox

        return dropbox.parameters(offline=offline)
    return {}
