"""A grant that becomes a password: its token makes one and is ended (Infomaniak)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oauth import infomaniak
from oauth.client import end_token
from oauth.errors import GrantLeaseLost, OAuthError, Unreachable
from oauth.secret import Secret

if TYPE_CHECKING:
    from oauth.grants import Grant, GrantLease, GrantStore
    from oauth.profiles import ProviderProfile
    from oauth.tokens import Tokens
    from oauth.transport import Exchange
    from oauth.vault import Vault

LABEL: Final = "Wherry"
"""What a password is called in the person's settings, so that they find it again."""

PATIENCE: Final = 60.0
"""Seconds the work on a grant is ours while its password is made."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Making:
    """Makes passwords; *owner* names this process to the store."""

    store: GrantStore
    vault: Vault
    exchange: Exchange
    owner: str

    def password(self, grant: Grant, tokens: Tokens, profile: ProviderProfile) -> Grant:
        """Make an app password with the token of a kept *grant*, and end the token at once.

        The password is kept before the token is ended. Where none can be made the token is
        ended all the same, and the grant's end is owed. Raises what the provider's API
        raises; when its answer got lost, a password of our name may stand in the person's
        settings. Raises ``GrantLeaseLost`` when another process works on the grant.
        """
        lease = self.store.lease(grant.id, self.owner, PATIENCE)
        if lease is None or tokens.access is None:
            self.store.drain(grant.id)
            raise GrantLeaseLost(grant.id, 0)
        try:
            made = infomaniak.credentials(profile, self.exchange, tokens.access, label=LABEL)
            kept = self._keep(grant, lease, made.fields())
        except OAuthError:
            self._end(profile, tokens.access)
            self.store.give_back(lease)
            self.store.drain(grant.id)
            raise
        if self._end(profile, tokens.access):
            kept = self._keep(grant, lease, {"access_token": Secret("")})
        self.store.give_back(lease)
        return kept

    def _keep(self, grant: Grant, lease: GrantLease, fields: dict[str, Secret]) -> Grant:
        sealed = self.vault.seal_all(grant.id, grant.data_key or "", fields)
        return self.store.refreshed(lease, sealed=sealed, expires_at=None)

    def _end(self, profile: ProviderProfile, access: Secret) -> bool:
        """End the token; say whether the provider said so. What does not succeed is tried again at the grant's end."""
        try:
            answer = end_token(profile, self.exchange, access)
        except Unreachable:
            return False
        if not answer.ended:
            log.warning("the token that made a password could not be ended yet: %s", answer.words)
        return answer.ended
