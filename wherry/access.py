"""The access an account gives: its grant, what is sealed with it, and its end.

The composition root's half of ``oauth``: it joins grants (in the state database), the
vault (its key in a keyring or a file) and the transport, each opened when first needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from wherry.errors import AccessEnding, AccessMissing
from wherry.exchanging import Exchanging, private_hosts

if TYPE_CHECKING:
    from oauth.audit import Event
    from oauth.authorizers import Authorizer
    from oauth.consent import Consent
    from oauth.grants import Grant, Holder
    from oauth.refreshing import GrantTokens
    from oauth.revocation import Reaped
    from oauth.vault import Vault
    from sync_engine.database import Database
    from sync_engine.grants import SqlGrants
    from wherry.settings import Account, Settings

KEPT_FOR = 30 * 86400.0
"""Seconds for which ``--keep-access`` keeps the access."""


class Access:
    """What one command has to do with grants. Close it; *database* stays its owner's."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        environ: Mapping[str, str] = os.environ,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        from sync_engine.grants import SqlGrants
        from sync_engine.owners import own_name

        self.settings, self.database = settings, database
        self.owner = own_name()
        self.store: SqlGrants = SqlGrants(database)
        self.exchange = Exchanging(private_hosts(settings), stop=stop)
        self._environ, self._stop = environ, stop
        self._vault: Vault | None = None
        self._tokens: dict[str, GrantTokens] = {}

    @property
    def vault(self) -> Vault:
        """The vault. Raises what opening its key raises (``oauth.errors``)."""
        if self._vault is None:
            from oauth.key_choice import choose
            from oauth.vault import Vault, key_ids

            chosen = choose(
                self.settings.folders.vault_key,
                environ=self._environ,
                needed=lambda: key_ids(self.store),
                service=self.settings.key_service,
            )
            self._vault = Vault(chosen.keys, self.store)
        return self._vault

    @property
    def consent(self) -> Consent:
        """Who asks people for access."""
        from oauth.consent import Consent

        return Consent(self.store, self.vault, self.exchange, owner=self.owner)

    def grant_of(self, account: str) -> Grant:
        """Return the grant a job may use for *account*. Raises ``AccessMissing``, ``AccessEnding``."""
        from oauth.grants import OUTSTANDING, USABLE

        grants = self.store.of_account(account)
        for grant in grants:
            if grant.state in USABLE:
                return grant
        if any(grant.state in OUTSTANDING for grant in grants):
            raise AccessEnding(f"The access to '{account}' is just being ended", hint=again(self.settings, account))
        raise AccessMissing(f"There is no access to '{account}' any more", hint=again(self.settings, account))

    def attach(self, account: str, holder: Holder) -> Grant:
        """Let *holder* hold the grant of *account*. Raises ``AccessMissing``, ``AccessEnding``, ``HolderOver``."""
        from oauth.errors import GrantDying, GrantGone

        grant = self.grant_of(account)
        try:
            return self.store.attach(grant.id, holder)
        except (GrantDying, GrantGone):
            hint = again(self.settings, account)
            raise AccessEnding(f"The access to '{account}' is just being ended", hint=hint) from None

    def authorizer(self, account: Account) -> Authorizer:
        """Return what signs requests of *account*. Raises ``AccessMissing``, ``AccessEnding``, ``OAuthError``."""
        from oauth.tokens import Tokens
        from wherry.signing import make_authorizer, token_authorizer

        grant = self.grant_of(account.name)
        kept = Tokens.of(self.vault.secrets(grant.id))
        if kept.password is not None:
            return make_authorizer(account, kept.password, username=kept.username)
        return token_authorizer(account, self._token(grant.id), again=again(self.settings, account.name))

    def note(self, event: Event, account: str) -> None:
        """Write into the store's audit log what a person read or said about *account*."""
        from oauth.audit import Actor
        from sync_engine.audit import append_store
        from wherry.disclosure import VERSION

        with self.database.write() as connection:
            append_store(
                connection,
                self.database,
                event,
                actor=Actor.USER,
                account=account,
                disclosure_version=VERSION,
                legal_basis="consent",
            )

    def reap(self, *, patience: float = 10.0) -> list[Reaped]:
        """End every access that is owed and due; return what became of it."""
        from oauth.revocation import Reaper
        from sync_engine.owners import is_dead

        # What a process that died was about to do is due now, not when its time would have been over.
        self.store.expire(is_dead)
        if not self.store.tidy() and not self.store.owed(limit=1):
            return []
        for grant in self.store.owed():
            self._admit(grant.id)
        reaper = Reaper(
            self.store,
            self.vault,
            self.exchange,
            self.owner,
            redeem=self.consent.redeem,
            dead=is_dead,
            patience=patience,
        )
        return reaper.run()

    def try_again(self, grant: Grant) -> None:
        """Let the next ``reap`` try at once to end what has to wait, or was given up (REVOKING, ESCALATED)."""
        from oauth.grants import GrantState
        from oauth.revocation import LEASE

        lease = self.store.lease(grant.id, self.owner, LEASE, to=GrantState.REVOKING)
        if lease is not None:
            self.store.record(lease, wait=0.0)
            self.store.give_back(lease)

    def by_hand(self, grant: Grant) -> str:
        """Return where a person ends *grant* without us, as far as that is known."""
        from oauth.errors import OAuthError
        from oauth.tokens import asking_of

        account = self.settings.accounts.get(grant.account)
        known = (account.issuer or account.url) if account else ""
        try:
            secrets = self.vault.secrets(grant.id)
            profile = asking_of(secrets)[0] if "profile" in secrets else None
        except OAuthError:
            return known
        return known if profile is None else profile.manual_url or profile.issuer or known

    def asked_before(self, account: str, provider: str) -> tuple[str, ...]:
        """Return the scopes *provider* was last asked for, for *account*; nothing if it never was."""
        asked = [each for each in self.store.list(all=True) if (each.account, each.provider) == (account, provider)]
        return asked[-1].requested if asked else ()

    def close(self) -> None:
        """Close connections to providers."""
        self.exchange.close()

    def _admit(self, grant_id: str) -> None:
        """Let requests reach what a grant's own profile allows, also when the settings do not know it any more."""
        from oauth.errors import OAuthError
        from oauth.tokens import asking_of

        try:
            secrets = self.vault.secrets(grant_id)
            profile = asking_of(secrets)[0] if "profile" in secrets else None
        except OAuthError:
            return  # whoever needs the secrets says what is wrong with them
        if profile is not None and profile.allow_loopback:
            self.exchange.admit(profile.hosts)

    def _token(self, grant_id: str) -> GrantTokens:
        from oauth.refreshing import GrantTokens

        if grant_id not in self._tokens:
            self._admit(grant_id)
            self._tokens[grant_id] = GrantTokens(self.store, self.vault, self.exchange, grant_id, self.owner)
        return self._tokens[grant_id]


def again(settings: Settings, account: str) -> str:
    """Return the advice how to give the access to *account* anew."""
    known = settings.accounts.get(account)
    kind = known.kind if known else "dav"
    return f"Give it again with: wherry connect {kind} --name {account}"
