"""The reaper: gives back every access that nobody holds any more, and keeps at it until that is proven.

Killed anywhere it can be run again; two at once share the work by leases. Each step is
written down before the next: REVOKING before the provider is asked, its answer before the
proof, the proof before the secrets are destroyed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from oauth.client import Life, Probe, RevokeAnswer, RevokeKind, probe, revoke
from oauth.errors import (
    BadAnswer,
    GrantDead,
    GrantError,
    GrantLeaseLost,
    GrantStateWrong,
    OAuthError,
    ProviderRefused,
    Unreachable,
)
from oauth.grants import OUTSTANDING, GrantState
from oauth.profiles import FlowKind
from oauth.refreshing import keep
from oauth.tokens import Tokens, asking_of

if TYPE_CHECKING:
    from oauth.grants import Grant, GrantLease, GrantStore
    from oauth.profiles import ProviderProfile
    from oauth.tokens import Client
    from oauth.transport import Exchange
    from oauth.vault import Vault

LEASE: Final = 120.0
"""Seconds the work on a grant is ours; renewed before each call to the provider."""

DEADLINE: Final = 7 * 86400.0
"""Seconds until a revocation that does not succeed is handed to people."""

RETENTION: Final = 30 * 86400.0
"""Seconds after that until its secrets are destroyed all the same."""

PROOF: Final = 600.0
"""Seconds a revocation may take to have its effect before it counts as not done."""

ORPHAN: Final = 3600.0
"""Seconds after which a code that could not be exchanged counts as used by somebody."""

LONGEST: Final = 3600.0
"""Longest wait in seconds between two tries."""

TRIES: Final = 3
"""Tries within one call; the journal has the rest."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reaped:
    """What became of one grant in this run: as it was and as it is.

    *link* is where a person ends the access by hand; it is there for MANUAL and ESCALATED.
    """

    before: Grant
    after: Grant
    link: str = ""

    @property
    def outstanding(self) -> bool:
        """Say whether the provider may still let us in."""
        return self.after.state in OUTSTANDING


def pause_after(attempts: int, luck: Random) -> float:
    """Return the seconds to wait after so many failed *attempts*: 1 s to 1 h, doubling, with jitter."""
    return min(LONGEST, 2.0 ** min(attempts - 1, 20)) * luck.uniform(0.5, 1.0)


@dataclass(slots=True)
class Reaper:
    """Ends what is owed.

    *close_sessions* ends connections that still use a grant, before the provider is asked.
    *redeem* exchanges the kept code of a consent that was cut off (``Consent.redeem``).
    *elsewhere* says whether another store, which we cannot see, may hold the same grant: then
    it is not revoked (rule 13). *patience*: seconds one run may wait for tries and proofs.
    """

    store: GrantStore
    vault: Vault
    exchange: Exchange
    owner: str
    close_sessions: Callable[[Grant], None] = lambda _: None
    redeem: Callable[[str], object] | None = None
    elsewhere: Callable[[Grant], bool] = lambda _: False
    dead: Callable[[str], bool] = lambda _: False
    patience: float = 10.0
    sleep: Callable[[float], None] = time.sleep
    luck: Random = field(default_factory=Random)

    def run(self) -> list[Reaped]:
        """Look at everything that is due, once; return what became of it. Never raises for one grant's trouble."""
        self.store.expire(self.dead)
        self.store.tidy()
        seen: dict[str, Reaped] = {}
        while due := [grant for grant in self.store.owed() if grant.id not in seen]:
            for grant in due:
                link = self._step(grant)
                seen[grant.id] = Reaped(grant, self.store.get(grant.id), link)
        return [each for each in seen.values() if each.before != each.after]

    def _step(self, grant: Grant) -> str:
        """Bring one grant on; return the link for its owner, if there has to be one."""
        lease = self._lease(grant)
        if lease is None:
            return ""
        link = ""
        try:
            grant = self.store.get(grant.id)
            link = self._ended(grant, lease)
        except GrantLeaseLost:
            log.info("another process goes on with grant %s", grant.id)
        except OAuthError as fault:
            # A vault that does not open, say: written down, and tried again.
            with suppress(GrantLeaseLost):
                self._put_off(grant, lease, type(fault).__name__)
        finally:
            self.store.give_back(lease)
        return link

    def _lease(self, grant: Grant) -> GrantLease | None:
        """Take the grant; a DRAINING one enters REVOKING with it, unless somebody takes it back first."""
        to = None
        if grant.state is GrantState.DRAINING:
            if self.elsewhere(grant):
                self._held_elsewhere(grant)
                return None
            to = GrantState.REVOKING
        return self.store.lease(grant.id, self.owner, LEASE, to=to)

    def _held_elsewhere(self, grant: Grant) -> None:
        lease = self.store.lease(grant.id, self.owner, LEASE)
        if lease is not None:
            self.store.record(lease, last_error="may be held by another store", wait=LONGEST)
            self.store.give_back(lease)

    def _ended(self, grant: Grant, lease: GrantLease) -> str:
        """Do what the grant's state asks for."""
        match grant.state:
            case GrantState.INTENT:
                self.store.close(grant.id, "no answer came")
            case GrantState.EXCHANGING:
                return self._finish_consent(grant, lease)
            case GrantState.REVOKING:
                return self._revoke(grant, lease)
            case GrantState.REVOKED:
                self._prove(grant, lease)
            case GrantState.LOST | GrantState.MANUAL:
                self.store.erase(lease)
            case GrantState.ESCALATED:
                self.store.erase(lease, "kept as long as is allowed; the access was never seen to end")
        return ""

    # A consent that was cut off between the code and the tokens.

    def _finish_consent(self, grant: Grant, lease: GrantLease) -> str:
        """Exchange the kept code once more: either nobody did, or the provider sees that it was used twice."""
        secrets = self.vault.secrets(grant.id)
        profile, _ = asking_of(secrets)
        if "code" not in secrets:
            if profile.flow is FlowKind.PASSWORD:
                self.store.close(grant.id, "interrupted")
                return ""
            return self._orphaned(lease, profile, "a password may have been made")
        if self.redeem is None:
            return ""
        try:
            self.redeem(grant.id)
        except (GrantDead, ProviderRefused) as refused:
            return self._orphaned(lease, profile, refused.code)
        except (Unreachable, BadAnswer) as fault:
            if self.store.now() > grant.created_at + ORPHAN:
                return self._orphaned(lease, profile, type(fault).__name__)
            raise
        except GrantStateWrong:
            log.info("grant %s was finished by another process", grant.id)
        except OAuthError as decided:
            # The tokens are kept, and what they are not good for is owed already.
            log.info("grant %s is given back: %s", grant.id, type(decided).__name__)
        return ""

    def _orphaned(self, lease: GrantLease, profile: ProviderProfile, why: str) -> str:
        """Hand over to the person: the code was used and nobody has the tokens. Their next consent may end it too."""
        self.store.record(lease, state=GrantState.ESCALATED, last_error=f"the code was used: {why}", wait=RETENTION)
        return profile.manual_url

    # Revoking.

    def _revoke(self, grant: Grant, lease: GrantLease) -> str:
        secrets = self.vault.secrets(grant.id)
        if "profile" not in secrets:
            self.store.record(lease, state=GrantState.MANUAL, answer="no secrets")
            self.store.erase(lease)
            return ""
        profile, client = asking_of(secrets)
        if grant.deadline is None:
            grant = self.store.record(lease, deadline=DEADLINE)
        elif self.store.now() > grant.deadline:
            self.store.record(lease, state=GrantState.ESCALATED, wait=RETENTION)
            return profile.manual_url
        self.close_sessions(grant)
        tokens = Tokens.of(secrets, expires_at=grant.expires_at, granted=grant.granted)
        answer = self._answer(profile, tokens, client, lease)
        attempts = grant.attempts + 1
        if answer.ended:
            proven = answer.words == "invalid_grant"
            grant = self.store.record(
                lease, state=GrantState.REVOKED, answer=answer.words, attempts=attempts, verified=proven or None
            )
            self._prove(grant, lease)
        elif answer.kind is RevokeKind.MANUAL:
            self.store.record(lease, state=GrantState.MANUAL, answer=answer.words, attempts=attempts)
            self.store.erase(lease)
            return profile.manual_url
        else:
            wait = max(answer.retry_after or 0.0, pause_after(attempts, self.luck))
            self.store.record(
                lease, answer=answer.words, last_error=answer.words, attempts=attempts, wait=min(wait, LONGEST)
            )
        return ""

    def _answer(self, profile: ProviderProfile, tokens: Tokens, client: Client, lease: GrantLease) -> RevokeAnswer:
        """Ask the provider, a few times if it does not answer."""
        from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, wait_random_exponential

        def last(state: RetryCallState) -> RevokeAnswer:
            outcome = state.outcome
            answer: RevokeAnswer = outcome.result() if outcome else RevokeAnswer(RevokeKind.RETRY, "no answer")
            return answer

        def ask() -> RevokeAnswer:
            self.store.renew(lease, LEASE)
            return revoke(profile, self.exchange, tokens, client)

        patiently = Retrying(
            stop=stop_after_attempt(TRIES if self.patience else 1),
            wait=wait_random_exponential(multiplier=0.5, max=max(self.patience / TRIES, 0.01)),
            retry=retry_if_result(lambda answer: answer.kind is RevokeKind.RETRY and answer.retry_after is None),
            sleep=self.sleep,
            retry_error_callback=last,
        )
        return patiently(ask)

    # Proving.

    def _prove(self, grant: Grant, lease: GrantLease) -> None:
        """Have a refresh refused, and only then destroy the secrets. What takes longer is left to the next run."""
        waited, pause = 0.0, 0.1
        while not grant.verified:
            self.sleep(pause)
            waited += pause
            found = self._probed(grant, lease)
            if found.life is Life.DEAD:
                self.store.record(lease, verified=True, answer=None)
                break
            late = self.store.now() - (grant.revoked_at or grant.changed_at)
            if found.words == "nothing to ask with" or (found.life is Life.UNKNOWN and late > PROOF):
                self.store.erase(lease, f"not verified: {found.words}")
                return
            if found.life is Life.ALIVE and late > PROOF:
                self._again(grant, lease)
                return
            if waited >= self.patience:
                attempts = grant.attempts + 1
                self.store.record(lease, attempts=attempts, last_error=f"not proven yet: {found.words}", wait=30.0)
                return
            pause = min(pause * 2, self.patience - waited + 0.01)
        self.store.erase(lease)

    def _probed(self, grant: Grant, lease: GrantLease) -> Probe:
        """Try a refresh. Tokens that it brings are kept: they have to be given back as well."""
        secrets = self.vault.secrets(grant.id)
        if "profile" not in secrets:
            return Probe(Life.UNKNOWN, "nothing to ask with")
        profile, client = asking_of(secrets)
        self.store.renew(lease, LEASE)
        found = probe(profile, self.exchange, Tokens.of(secrets, expires_at=grant.expires_at), client)
        if found.tokens is not None:
            keep(self.store, self.vault, lease, grant, found.tokens)
        return found

    def _again(self, grant: Grant, lease: GrantLease) -> None:
        """Go back to REVOKING, unless that would hit somebody: the provider said yes and the token went on working."""
        self.store.record(lease, last_error="still works after the revocation", wait=30.0)
        self.store.give_back(lease)
        again = self.store.lease(grant.id, self.owner, LEASE, to=GrantState.REVOKING)
        if again is not None:
            self.store.give_back(again)

    def _put_off(self, grant: Grant, lease: GrantLease, why: str) -> None:
        attempts = grant.attempts + 1
        with suppress(GrantError):
            self.store.record(lease, attempts=attempts, last_error=why, wait=pause_after(attempts, self.luck))
