"""Consent: from "may I?" to a grant that is kept, with nothing half done in between.

The order is the point (docs/grants.md): the intent is committed before the browser is
shown; the code is kept, sealed, before it is used; the tokens are kept before anything is
decided. Whatever then turns out wrong, the grant is in the store and its end is owed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Final

from oauth.callbacks import Arrival, Expected, Verdict, pasted, state_hash, state_in
from oauth.code_flow import flow_of, parameters
from oauth.errors import (
    BadAnswer,
    ConsentRefused,
    ConsentTimedOut,
    GrantDead,
    GrantDying,
    GrantStateWrong,
    NoRefreshToken,
    ProviderRefused,
    ScopesDiffer,
    Unreachable,
    WrongCallback,
)
from oauth.grants import LOCAL, GrantState, new_id
from oauth.loopback import Listener
from oauth.profiles import FlowKind, project_of
from oauth.scopes import difference
from oauth.secret import Secret
from oauth.tokens import Client, asking_fields, asking_of

if TYPE_CHECKING:
    from oauth.grants import Grant, GrantStore
    from oauth.profiles import ProviderProfile
    from oauth.tokens import Tokens
    from oauth.transport import Exchange
    from oauth.vault import Vault

STATE_LIFE: Final = 600.0
"""Seconds in which an answer has to come."""

TRIES: Final = 3
"""How often a code is shown to a token endpoint that does not answer."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. *offline*: for longer than one access token lives."""

    profile: ProviderProfile
    client: Client
    scopes: tuple[str, ...]
    account: str
    offline: bool = True
    tenant: str = LOCAL


@dataclass(frozen=True, slots=True)
class Begun:
    """A consent that is being asked for: *url* is for the browser."""

    grant_id: str
    url: str
    expected: Expected


class Consent:
    """Asks people for access. *owner* names this process to the store; *pause* waits so many seconds."""

    def __init__(
        self,
        store: GrantStore,
        vault: Vault,
        exchange: Exchange,
        *,
        owner: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store, self.vault, self.exchange = store, vault, exchange
        self.owner, self.pause = owner, pause

    def begin(self, wish: Wish, redirect_uri: str) -> Begun:
        """Commit the INTENT and return what to show. Raises ``ClientMissing``, ``LibraryMissing``, ``GrantDying``."""
        # 256 bits each; bound to provider and verifier by the row they are kept in.
        state, verifier = Secret(token_urlsafe(32)), Secret(token_urlsafe(64))
        url = flow_of(wish.profile).authorization_url(
            wish.profile,
            wish.client,
            scopes=wish.scopes,
            state=state,
            verifier=verifier,
            redirect_uri=redirect_uri,
            extra=parameters(wish.profile, offline=wish.offline),
        )
        fields = {"state": state, "verifier": verifier, "redirect_uri": Secret(redirect_uri)}
        grant_id = self.intend(wish, state, fields)
        return Begun(grant_id, url, Expected.of(wish.profile, redirect_uri=redirect_uri, state=state))

    def intend(self, wish: Wish, state: Secret, fields: dict[str, Secret]) -> str:
        """Commit the INTENT with *fields* sealed, and return its id. Raises ``GrantDying``."""
        grant_id = new_id()
        wrapped = self.vault.new_data_key(grant_id)
        offline = {"offline": Secret("yes" if wish.offline else "no")}
        every = {**fields, **offline, **asking_fields(wish.profile, wish.client)}
        self.store.begin(
            grant_id=grant_id,
            tenant=wish.tenant,
            provider=wish.profile.name,
            project=project_of(wish.profile, wish.client.client_id),
            account=wish.account,
            requested=wish.scopes,
            sealed=self.vault.seal_all(grant_id, wrapped, every),
            data_key=wrapped,
            until=self.store.now() + STATE_LIFE,
            state_hash=state_hash(state.reveal()),
            radius=wish.profile.radius,
            owner=self.owner,
        )
        return grant_id

    def by_browser(
        self, wish: Wish, show: Callable[[str], None], *, port: int = 0, seconds: float = STATE_LIFE
    ) -> Grant:
        """Return the grant a person gives in a browser on this machine; *show* opens or prints the address.

        Raises ``PortTaken``, ``ConsentTimedOut``, ``ConsentRefused``, ``WrongCallback``, and what
        ``receive`` raises. No grant is left behind by any of them, or its end is owed.
        """
        with Listener(wish.profile.callback, port=port) as listener:
            begun = self.begin(wish, listener.redirect_uri)
            try:
                show(begun.url)
                arrival = listener.wait(begun.expected, seconds=min(seconds, STATE_LIFE))
            except BaseException:
                self.close(begun.grant_id, "interrupted")
                raise
        if arrival is None:
            self.close(begun.grant_id, "no answer")
            raise ConsentTimedOut(wish.profile.name, min(seconds, STATE_LIFE))
        return self.receive(begun, arrival)

    def by_paste(
        self, wish: Wish, show: Callable[[str], None], ask: Callable[[str], str], *, port: int = 53682
    ) -> Grant:
        """Return the grant a person gives in a browser elsewhere, from the address it ends up at.

        *ask* is given what was wrong with the last one, empty at first, and returns what was
        pasted. Nothing listens at *port*: the browser shows an error, its address bar the
        answer. Raises like ``by_browser``.
        """
        begun = self.begin(wish, f"http://127.0.0.1:{port}{wish.profile.callback}")
        try:
            show(begun.url)
            arrival = Arrival(Verdict.STRAY)
            for _ in range(TRIES):
                arrival = pasted(ask(arrival.why), begun.expected)
                if arrival.verdict is not Verdict.STRAY:
                    break
        except BaseException:
            self.close(begun.grant_id, "interrupted")
            raise
        return self.receive(begun, arrival)

    def returned(self, address: str) -> Grant:
        """Return the grant for an *address* that came back to another process than the one that asked.

        The state finds the grant; used, late, unknown and foreign ones raise ``WrongCallback``.
        """
        found = self.store.by_state(state_hash(state_in(address)))
        if found is None:
            raise WrongCallback("nobody asked for this")
        if found.state is not GrantState.INTENT:
            raise WrongCallback("it was used already, or is over")
        fields = self.vault.secrets(found.id)
        profile, _ = asking_of(fields)
        expected = Expected.of(profile, redirect_uri=fields["redirect_uri"].reveal(), state=fields["state"])
        arrival = pasted(address, expected)
        if arrival.verdict is Verdict.STRAY:
            # Another provider's path: whoever sent it knows the state, but the answer is not from there.
            raise WrongCallback(arrival.why)
        return self.receive(Begun(found.id, "", expected), arrival)

    def receive(self, begun: Begun, arrival: Arrival) -> Grant:
        """Return the grant an *arrival* brings.

        Raises ``WrongCallback`` (cannot be trusted, too late, used already), ``ConsentRefused``,
        and what ``redeem`` raises.
        """
        grant = self.store.get(begun.grant_id)
        if grant.state is not GrantState.INTENT:
            raise WrongCallback("it was used already, or is over")
        if arrival.verdict is Verdict.REFUSED:
            self.close(grant.id, arrival.error)
            raise ConsentRefused(grant.provider, arrival.error)
        if arrival.verdict is not Verdict.RECEIVED or arrival.code is None:
            self.close(grant.id, "wrong answer")
            raise WrongCallback(arrival.why)
        if grant.until is not None and self.store.now() > grant.until:
            self.close(grant.id, "too late")
            raise WrongCallback("it came too late")
        try:
            self.keep(grant, {"code": arrival.code})
        except GrantStateWrong:
            raise WrongCallback("it was used already, or is over") from None
        try:
            return self.redeem(grant.id)
        except (GrantDead, ProviderRefused) as refused:
            # The provider gave nothing for the code, so there is nothing to end.
            self.close(grant.id, refused.code)
            raise

    def close(self, grant_id: str, why: str) -> None:
        """Record that no consent came. One that is over already is no matter."""
        with suppress(GrantStateWrong):
            self.store.close(grant_id, why)

    def keep(self, grant: Grant, fields: dict[str, Secret]) -> None:
        """Keep what was handed to us, sealed, before it is used: INTENT -> EXCHANGING. Raises ``GrantStateWrong``."""
        wrapped = grant.data_key
        if wrapped is None:
            raise GrantStateWrong(grant.id, grant.state, GrantState.EXCHANGING)
        self.store.exchanging(grant.id, self.vault.seal_all(grant.id, wrapped, fields))

    def redeem(self, grant_id: str) -> Grant:
        """Exchange the kept code of a grant and return what came of it: also after a crash, by any process.

        Raises ``GrantDead`` (the code was used or is too old), ``ProviderRefused``,
        ``Unreachable`` and ``BadAnswer`` (nothing is known: it may be tried again), and what
        ``decide`` raises once the grant is kept.
        """
        grant, fields = self.store.get(grant_id), self.vault.secrets(grant_id)
        profile, client = asking_of(fields)
        tokens = self._patiently(
            lambda: flow_of(profile).exchange_code(
                profile,
                self.exchange,
                client,
                code=fields["code"],
                verifier=fields["verifier"],
                redirect_uri=fields["redirect_uri"].reveal(),
                requested=grant.requested,
                now=self.store.now(),
            )
        )
        kept = self.persist(grant, tokens)
        self.decide(kept, tokens, profile, offline=fields["offline"].reveal() == "yes")
        if profile.flow is not FlowKind.CODE_FOR_PASSWORD:
            return kept
        from oauth.app_passwords import Making

        making = Making(self.store, self.vault, self.exchange, self.owner or "consent")
        return making.password(kept, tokens, profile)

    def persist(self, grant: Grant, tokens: Tokens) -> Grant:
        """Keep *tokens* before anything is decided: EXCHANGING -> LIVE."""
        wrapped = grant.data_key or ""
        kept = self.store.persist(
            grant.id,
            subject=tokens.subject,
            granted=tokens.granted,
            expires_at=tokens.expires_at,
            sealed=self.vault.seal_all(grant.id, wrapped, tokens.fields()),
        )
        log.debug("grant %s is kept", grant.id)
        return kept

    def decide(self, grant: Grant, tokens: Tokens, profile: ProviderProfile, *, offline: bool) -> None:
        """Raise unless the kept grant is what was asked for; then its end is owed.

        Raises ``GrantDying`` (access of the same account is just being ended),
        ``ScopesDiffer``, ``NoRefreshToken``.
        """
        if grant.state is GrantState.REVOKING:
            raise GrantDying(grant.id)
        missing, extra = difference(grant.requested, tokens.granted)
        if missing or extra:
            self.store.drain(grant.id)
            raise ScopesDiffer(profile.name, missing=missing, extra=extra)
        if offline and tokens.refresh is None and profile.flow is FlowKind.CODE:
            self.store.drain(grant.id)
            raise NoRefreshToken(profile.name)

    def _patiently(self, ask: Callable[[], Tokens]) -> Tokens:
        """Return what *ask* returns, asking again where no answer came.

        When an answer got lost and the code then turns out to be used, tokens may exist that
        nobody has: that is raised as the lost answer, and the grant stays EXCHANGING for the
        reaper to look into.
        """
        lost: Unreachable | BadAnswer | None = None
        for turn in range(TRIES):
            try:
                return ask()
            except (Unreachable, BadAnswer) as fault:
                log.debug("the token endpoint gave no answer: %s", type(fault).__name__)
                lost = fault
                if turn + 1 < TRIES:
                    self.pause(0.5 * 2**turn)
            except GrantDead:
                if lost is None:
                    raise
                break
        raise lost or BadAnswer("the token endpoint", "gives no answer")
