"""Access tokens that stay fresh: one refresh at a time, over all threads and all processes.

A refresh token may be good for one use. Whoever refreshes holds the grant's lease, keeps
what came before anybody uses it, and everybody else waits and takes what was kept.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from oauth.client import refresh
from oauth.errors import BadAnswer, GrantBusy, GrantDead, GrantDying, GrantGone, NoRefreshToken, Unreachable
from oauth.grants import USABLE, GrantState
from oauth.tokens import Tokens, asking_of

if TYPE_CHECKING:
    from oauth.grants import Grant, GrantLease, GrantStore
    from oauth.secret import Secret
    from oauth.transport import Exchange
    from oauth.vault import Vault

MARGIN: Final = 60.0
"""Seconds before its end from which a token is renewed."""

LEASE: Final = 120.0
"""Seconds a refresh is ours: longer than any exchange may take."""

PATIENCE: Final = 150.0
"""Seconds to wait for another process's refresh; by then its lease has run out."""

POLL: Final = 0.05

TRIES: Final = 3
"""How often a token endpoint that does not answer is asked. A server that rotates may have
answered, and the answer got lost: then it ends the grant, which is better than two that use it."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class GrantTokens:
    """The access token of one grant (``oauth.grant_authorizer.AccessTokens``). Threads share one of these.

    Both methods raise ``GrantDying`` and ``GrantGone`` (ask the user again), ``GrantBusy``,
    ``Unreachable``, ``BadAnswer``, ``ProviderRefused``, and what opening the vault raises.
    """

    store: GrantStore
    vault: Vault
    exchange: Exchange
    grant_id: str
    owner: str
    sleep: Callable[[float], None] = time.sleep
    patience: float = PATIENCE
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: Tokens | None = None

    def current(self) -> Secret:
        """Return the token, refreshed if it is about to end. Raises ``NoRefreshToken`` if it cannot be."""
        with self._lock:
            known = self._known
            if known is not None and known.access is not None and self._lasts(known, MARGIN):
                return known.access
            token = self._token(stale=None)
        if token is None:
            raise NoRefreshToken(self.store.get(self.grant_id).provider)
        return token

    def renewed(self, stale: Secret) -> Secret | None:
        """Return another token than *stale*, which was refused; ``None`` when there is none to be had."""
        with self._lock:
            return self._token(stale=stale)

    def _token(self, stale: Secret | None) -> Secret | None:
        """Return a usable token: one that somebody kept meanwhile, or a fresh one."""
        until = time.monotonic() + self.patience
        while True:
            grant, tokens = self._kept()
            if self._usable(tokens, stale):
                self._known = tokens
                return tokens.access
            if tokens.refresh is None:
                still = tokens.access is not None and tokens.access != stale and self._lasts(tokens, 0.0)
                return tokens.access if still else None
            lease = self.store.lease(self.grant_id, self.owner, LEASE)
            if lease is not None:
                return self._under(lease, stale)
            if time.monotonic() > until:
                raise GrantBusy(grant.id, self.patience)
            self.sleep(POLL)

    def _under(self, lease: GrantLease, stale: Secret | None) -> Secret | None:
        """Refresh, unless somebody did between our look and our lease."""
        try:
            grant, tokens = self._kept()
            if not self._usable(tokens, stale):
                tokens = self._refreshed(grant, tokens, lease, stale)
            self._known = tokens
            return tokens.access
        finally:
            self.store.give_back(lease)

    def _refreshed(self, grant: Grant, tokens: Tokens, lease: GrantLease, stale: Secret | None) -> Tokens:
        """Ask the provider and keep its answer; where it is out of reach, what still lasts does."""
        try:
            fresh = self._asked(tokens, grant)
        except GrantDead as dead:
            self.store.lost(grant.id, dead.code)
            self._known = None
            raise GrantGone(grant.id, GrantState.LOST) from dead
        except (Unreachable, BadAnswer):
            if tokens.access is not None and tokens.access != stale and self._lasts(tokens, 0.0):
                return tokens
            raise
        keep(self.store, self.vault, lease, grant, fresh)
        log.debug("the token of grant %s is fresh", grant.id)
        return fresh

    def _asked(self, tokens: Tokens, grant: Grant) -> Tokens:
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        profile, client = asking_of(self.vault.secrets(grant.id))
        token = tokens.refresh
        if token is None:
            raise NoRefreshToken(grant.provider)
        patiently = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.5, max=5),
            retry=retry_if_exception_type((Unreachable, BadAnswer)),
            sleep=self.sleep,
            reraise=True,
        )
        return patiently(
            lambda: refresh(profile, self.exchange, token, client, granted=grant.granted, now=self.store.now())
        )

    def _kept(self) -> tuple[Grant, Tokens]:
        """Read the grant and its tokens. Raises ``GrantDying``, ``GrantGone``."""
        grant = self.store.get(self.grant_id)
        if grant.state is GrantState.REVOKING:
            raise GrantDying(grant.id)
        if grant.state not in USABLE:
            raise GrantGone(grant.id, grant.state)
        return grant, Tokens.of(self.vault.secrets(grant.id), expires_at=grant.expires_at, granted=grant.granted)

    def _usable(self, tokens: Tokens, stale: Secret | None) -> bool:
        """Say whether the kept token will do: it is not the one refused, and does not end soon."""
        return tokens.access is not None and tokens.access != stale and self._lasts(tokens, MARGIN)

    def _lasts(self, tokens: Tokens, margin: float) -> bool:
        return tokens.expires_at is None or tokens.expires_at > self.store.now() + margin


def keep(store: GrantStore, vault: Vault, lease: GrantLease, grant: Grant, fresh: Tokens) -> Grant:
    """Keep refreshed tokens under *lease*. Raises ``GrantGone`` when the grant was erased meanwhile."""
    if grant.data_key is None:
        raise GrantGone(grant.id, grant.state)
    sealed = vault.seal_all(grant.id, grant.data_key, fresh.fields())
    return store.refreshed(lease, sealed=sealed, expires_at=fresh.expires_at, granted=fresh.granted or None)
