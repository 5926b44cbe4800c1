"""Live grants with sealed secrets in the state database."""

from __future__ import annotations

from collections.abc import Mapping

from oauth.grants import Grant, new_id
from oauth.secret import Secret
from oauth.vault import Vault
from sync_engine.grants import SqlGrants


def live_grant(
    vault: Vault,
    grants: SqlGrants,
    secrets: Mapping[str, str],
    *,
    account: str = "home",
    expires_at: float | None = None,
) -> Grant:
    """Take a grant from its intent to LIVE, with *secrets* sealed as its tokens."""
    grant_id = new_id()
    wrapped = vault.new_data_key(grant_id)
    grants.begin(
        grant_id=grant_id,
        tenant=vault.tenant,
        provider="example",
        project="",
        account=account,
        requested=("read",),
        sealed={"state": vault.seal(grant_id, wrapped, "state", Secret("state"))},
        data_key=wrapped,
        until=grants.now() + 600,
        state_hash=grant_id,
    )
    grants.exchanging(grant_id, {"code": vault.seal(grant_id, wrapped, "code", Secret("code"))})
    sealed = vault.seal_all(grant_id, wrapped, {name: Secret(text) for name, text in secrets.items()})
    return grants.persist(grant_id, subject="ana", granted=("read",), expires_at=expires_at, sealed=sealed)
