"""The life of a grant: what we may do on a person's behalf, who still needs it, and how it ends.

A grant is what the *provider* remembers, not a token. It lives as long as somebody holds
it (a job, a schedule, a fresh consent), and from the moment nobody does its end is owed.
The states and rules stand here as values; ``sync_engine/grants.py`` keeps them in the
state database, so that "the job is over" and "the end is owed" are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from secrets import token_hex
from types import MappingProxyType
from typing import Final, Protocol

CONSENT_LIFE: Final = 24 * 3600.0
"""Seconds after which a consent that no job has taken up counts as abandoned."""

PAUSE_LIFE: Final = 30 * 86400.0
"""Longest time in seconds that a job which does not run keeps its access."""

EXCHANGE_LIFE: Final = 120.0
"""Seconds in which a code is exchanged by whoever received it; then another may replay it."""

LOCAL: Final = "local"
"""The tenant of a program that serves one person."""


class GrantState(StrEnum):
    """Where a grant stands."""

    INTENT = "intent"
    """The browser may be shown; nothing exists at the provider yet."""
    EXCHANGING = "exchanging"
    """The code is kept, sealed, and being exchanged for tokens."""
    LIVE = "live"
    """Somebody holds it."""
    DRAINING = "draining"
    """Nobody holds it any more: its end is owed. A new holder may still take it back."""
    REVOKING = "revoking"
    """Its end has begun; nobody takes it back."""
    REVOKED = "revoked"
    """The provider said that it is over; the proof or the erasure may be outstanding."""
    ERASED = "erased"
    """Over, and every secret of it destroyed."""
    LOST = "lost"
    """Ended by the other side: withdrawn by the user, expired, or refused."""
    MANUAL = "manual"
    """The provider has no way to end it for us: the user was told where to."""
    ESCALATED = "escalated"
    """It could not be ended in time, or may exist without a token of ours: somebody has to look."""
    CLOSED = "closed"
    """No consent came of it: there is nothing at the provider."""


_S = GrantState

TRANSITIONS: Final[Mapping[GrantState, frozenset[GrantState]]] = MappingProxyType(
    {
        _S.INTENT: frozenset({_S.EXCHANGING, _S.CLOSED}),
        # Escalated when the code turns out to be used: somebody may hold tokens that we do not.
        _S.EXCHANGING: frozenset({_S.LIVE, _S.CLOSED, _S.ESCALATED}),
        _S.LIVE: frozenset({_S.DRAINING, _S.LOST}),
        _S.DRAINING: frozenset({_S.LIVE, _S.REVOKING, _S.LOST}),
        _S.REVOKING: frozenset({_S.REVOKED, _S.MANUAL, _S.ESCALATED}),
        # Back when the provider said yes and the refresh token went on working.
        _S.REVOKED: frozenset({_S.ERASED, _S.REVOKING}),
        _S.LOST: frozenset({_S.ERASED}),
        _S.MANUAL: frozenset({_S.ERASED}),
        # Back when the user asks for one more try.
        _S.ESCALATED: frozenset({_S.REVOKING, _S.ERASED}),
        _S.ERASED: frozenset(),
        _S.CLOSED: frozenset(),
    }
)
"""From each state to those that may follow it."""

OVER: Final = frozenset({_S.ERASED, _S.CLOSED})
"""States in which nothing is left to do."""

USABLE: Final = frozenset({_S.LIVE, _S.DRAINING})
"""States from which a new holder may take the grant."""

OUTSTANDING: Final = frozenset({_S.DRAINING, _S.REVOKING, _S.ESCALATED})
"""States in which the provider may still let us in although nobody needs it."""


class HolderKind(StrEnum):
    """What keeps a grant alive."""

    JOB = "job"
    """A job that has not ended; *ref* is its id."""
    SCHEDULE = "schedule"
    """Jobs to come; always with an end date."""
    CONSENT = "consent"
    """A consent just given; goes when the first job arrives."""
    KEPT = "kept"
    """The user asked to keep the access."""


class Radius(StrEnum):
    """How much dies at the provider when one token is revoked."""

    PROJECT = "project"
    """Everything this person ever granted to the project, for all its clients (Google)."""
    AUTHORIZATION = "authorization"
    """One consent with its tokens (Dropbox, RFC 7009)."""
    CREDENTIAL = "credential"
    """One password (Nextcloud, Infomaniak, iCloud)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who needs a grant, and until when (database clock, seconds since the epoch; ``None`` = open)."""

    kind: HolderKind
    ref: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as it stands. Times are seconds since the epoch by the database's clock."""

    id: str
    tenant: str
    provider: str
    project: str
    """The client's project (Google), or what else the provider revokes by; empty if it has no such thing."""
    radius: Radius
    subject: str | None
    """Who granted it, in the provider's words; unknown before the tokens came."""
    account: str
    """The name the user gave the account."""
    state: GrantState
    requested: tuple[str, ...]
    granted: tuple[str, ...]
    created_at: float
    changed_at: float
    """When it entered its state."""
    owed_at: float | None
    """Since when its end is owed."""
    revoked_at: float | None
    """When the provider said that it is over."""
    expires_at: float | None
    """End of the access token."""
    until: float | None
    """End of the intent or exchange; on a live grant the latest end of whatever is no job."""
    deadline: float | None
    """When a revocation that does not succeed is escalated."""
    attempts: int
    next_at: float
    """When the reaper should look again."""
    last_error: str | None
    answer: str | None
    """What the provider answered to the revocation: ``200``, ``invalid_token``, ``invalid_grant`` …"""
    verified: bool
    """Whether a refresh was refused after the revocation."""
    holders: tuple[Holder, ...]
    data_key: str | None
    """The wrapped key that seals the secrets; ``None`` once they are destroyed."""


@dataclass(frozen=True, slots=True)
class GrantLease:
    """The right to refresh or end one grant until *until* (database clock), fenced by *token*."""

    grant_id: str
    owner: str
    token: int
    until: float


def new_id() -> str:
    """Return an id for a new grant. Sealed fields are bound to it, so it exists before the row."""
    return token_hex(8)


def may_follow(before: GrantState, after: GrantState) -> bool:
    """Say whether a grant may go from *before* to *after*."""
    return after in TRANSITIONS[before]


def leading_to(after: GrantState) -> list[GrantState]:
    """Return the states from which *after* may be entered."""
    return [before for before in GrantState if after in TRANSITIONS[before]]


class GrantStore(Protocol):
    """Where grants are kept. Each method is one transaction; times are the database's clock.

    Every method that names a grant raises ``GrantUnknown``; every method that takes a lease
    raises ``GrantLeaseLost`` when another has taken it, and ``GrantStateWrong`` when the
    state does not allow the step; then nothing was written.
    """

    def begin(
        self,
        *,
        grant_id: str,
        tenant: str,
        provider: str,
        project: str,
        account: str,
        requested: Sequence[str],
        sealed: Mapping[str, bytes],
        data_key: str,
        until: float,
        state_hash: str,
        radius: Radius = Radius.AUTHORIZATION,
        owner: str | None = None,
    ) -> Grant:
        """Record the INTENT, before any browser is shown. *owner* names the process that waits for the answer.

        Raises ``GrantDying`` while access of the same account is being ended: a consent given
        now would end with it.
        """

    def by_state(self, state_hash: str) -> Grant | None:
        """Return the grant whose consent carried this state, whatever has become of it."""

    def exchanging(self, grant_id: str, sealed: Mapping[str, bytes]) -> None:
        """Keep the code before it is used: INTENT -> EXCHANGING, exactly once (a replay raises ``GrantStateWrong``)."""

    def persist(
        self,
        grant_id: str,
        *,
        subject: str | None,
        granted: Sequence[str],
        expires_at: float | None,
        sealed: Mapping[str, bytes],
        project: str | None = None,
    ) -> Grant:
        """Keep the tokens before anything is decided: EXCHANGING -> LIVE, held as CONSENT for ``CONSENT_LIFE``.

        The one-time fields (state, verifier, code) are deleted. When a grant of the same
        radius was being ended meanwhile, this one may have died with it: then it comes back
        REVOKING, and the user has to be asked again.
        """

    def attach(self, grant_id: str, holder: Holder) -> Grant:
        """Hold the grant; a DRAINING one is LIVE again. Takes the place of the CONSENT holder.

        Raises ``GrantDying`` and ``GrantGone``; ``HolderEndless`` for a schedule without an
        end, ``HolderOver`` for a job that does not exist or has ended. A job holds for
        ``PAUSE_LIFE`` while it does not run, counted from its last ``attach``.
        """

    def release(self, kind: HolderKind, ref: str) -> list[str]:
        """Let go; return the ids of the grants that nobody holds now and that are DRAINING."""

    def drain(self, grant_id: str) -> Grant:
        """Take the grant from all its holders, whoever they are: its end is owed now."""

    def lost(self, grant_id: str, why: str) -> Grant:
        """Record that the other side ended it: LIVE, DRAINING -> LOST. Elsewhere nothing changes."""

    def close(self, grant_id: str, why: str) -> Grant:
        """Record that no consent came: INTENT, EXCHANGING -> CLOSED, its secrets destroyed."""

    def tidy(self) -> list[str]:
        """Put right what time has changed; return the ids of grants that are DRAINING because of it.

        Holders past their end go, so do those of jobs that have ended or are gone. Where the clock
        went back, every time limit keeps the length it had (rule 14 in docs/grants.md).
        """

    def owed(self, *, limit: int = 100) -> list[Grant]:
        """Return what the reaper should look at now, the longest due first."""

    def lease(self, grant_id: str, owner: str, ttl: float, *, to: GrantState | None = None) -> GrantLease | None:
        """Take the right to work on the grant for *ttl* seconds; ``None`` when that cannot be had now.

        *to* also changes its state; REVOKING only while nobody holds any grant of its
        radius, and then for all of them.
        """

    def renew(self, lease: GrantLease, ttl: float) -> None:
        """Prolong the lease to *ttl* seconds from now."""

    def give_back(self, lease: GrantLease) -> None:
        """End the lease; one that is lost already is no matter."""

    def expire(self, dead: Callable[[str], bool]) -> int:
        """Let leases and waiting consents of owners that are *dead* run out now; return how many did."""

    def record(
        self,
        lease: GrantLease,
        *,
        state: GrantState | None = None,
        attempts: int | None = None,
        wait: float | None = None,
        last_error: str | None = None,
        answer: str | None = None,
        verified: bool | None = None,
        deadline: float | None = None,
    ) -> Grant:
        """Write the journal under *lease*; what is ``None`` stays. *wait* and *deadline* are seconds from now.

        *state* may be REVOKED, MANUAL or ESCALATED; the others have methods of their own (``ValueError``).
        """

    def refreshed(
        self,
        lease: GrantLease,
        *,
        sealed: Mapping[str, bytes],
        expires_at: float | None,
        granted: Sequence[str] | None = None,
    ) -> Grant:
        """Keep refreshed tokens, under *lease* and before they are used."""

    def erase(self, lease: GrantLease, why: str | None = None) -> Grant:
        """Destroy the sealed fields and their key: REVOKED, MANUAL, LOST, ESCALATED -> ERASED."""

    def sealed(self, grant_id: str) -> tuple[str | None, Mapping[str, bytes]]:
        """Return the wrapped data key and the sealed fields by name."""

    def rewrap(self, grant_id: str, *, old: str, new: str) -> bool:
        """Replace the wrapped data key if it still is *old*; say whether it was."""

    def now(self) -> float:
        """Return the database's clock, seconds since the epoch."""

    def get(self, grant_id: str) -> Grant:
        """Return the grant."""

    def of_account(self, account: str, *, tenant: str = LOCAL) -> list[Grant]:
        """Return the grants of the account that are not over, those a job may use first, the newest first."""

    def list(self, *, all: bool = False) -> list[Grant]:  # noqa: A002 - the word of the command line
        """Return the grants that are not over, or all of them, oldest first."""
