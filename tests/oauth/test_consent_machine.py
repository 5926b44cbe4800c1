"""Consents in any order, with answers right, wrong, late, twice and mixed up: a machine against the real store.

Whatever happens, a grant lives only when its own answer came in time and once, everything
alive at the provider can be ended with what we hold, and nothing is exchanged twice.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from oauth.client import revoke
from oauth.consent import STATE_LIFE, Begun, Wish
from oauth.errors import ConsentRefused, GrantDead, OAuthError, ScopesDiffer, WrongCallback
from oauth.grants import GrantState
from oauth.profiles import profile
from oauth.tokens import Client, asking_of
from simulators.identity.google import Google, google
from sync_engine.database import Database
from tests.oauth.consenting import CALENDARS, World

REDIRECT = "http://127.0.0.1:4321/callback/google"
OVER = {GrantState.CLOSED, GrantState.INTENT, GrantState.EXCHANGING}


@dataclass
class Asked:
    """A consent that was begun, and what became of it so far."""

    begun: Begun
    started: float
    address: str = ""
    answered: bool = False


class Consents(RuleBasedStateMachine):
    """Many consents of one person at a provider with boxes to tick."""

    asked = Bundle("asked")

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        database = Database.open(f"sqlite:///{folder / 'state.db'}")
        self.stack.callback(database.close)
        self.world = World(folder / "state.db", database)
        self.provider: Google = self.stack.enter_context(google())
        named = {name: getattr(self.provider, name) for name in ("authorize_url", "token_url", "revoke_url")}
        from oauth.secret import Secret

        client = Client(self.provider.client.id, Secret(self.provider.client.secret))
        self.wish = Wish(profile("google", named, allow_loopback=True), client, CALENDARS, "ana")
        self.every: list[Asked] = []

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.end_everything()
            self.stack.close()

    @rule(target=asked)
    def begin(self) -> Asked:
        one = Asked(self.world.consent.begin(self.wish, REDIRECT), self.world.skew[0])
        self.every.append(one)
        return one

    @rule(one=asked, ticked=st.sampled_from([None, (), CALENDARS[1:2]]))
    def approve(self, one: Asked, ticked: tuple[str, ...] | None) -> None:
        one.address = self.provider.approve(one.begun.url, scopes=ticked)

    @rule(one=asked)
    def deny(self, one: Asked) -> None:
        one.address = self.provider.deny(one.begun.url)

    @rule(seconds=st.sampled_from([60.0, 300.0, STATE_LIFE + 1]))
    def wait(self, seconds: float) -> None:
        self.world.skew[0] += seconds

    @rule(one=asked)
    def answer(self, one: Asked) -> None:
        """Bring the answer, for the first time or again."""
        if not one.address:
            return
        before = self.state(one)
        late = self.world.skew[0] - one.started > STATE_LIFE
        exchanges = self.provider.count("token")
        try:
            grant = self.world.consent.returned(one.address)
        except WrongCallback:
            assert before is not GrantState.INTENT or late
            assert self.provider.count("token") == exchanges, "no code was shown to anybody"
        except ConsentRefused:
            assert before is GrantState.INTENT
            assert self.state(one) is GrantState.CLOSED
        except ScopesDiffer:
            assert before is GrantState.INTENT
            assert self.state(one) is GrantState.DRAINING
        else:
            assert before is GrantState.INTENT
            assert not late
            assert not one.answered
            assert grant.state is GrantState.LIVE
            assert set(grant.granted) == set(CALENDARS)
        one.answered = True

    @rule(one=asked, other=asked, name=st.sampled_from(["state", "code"]))
    def mix_up(self, one: Asked, other: Asked, name: str) -> None:
        """Put a part of one answer into another: a state with a foreign code brings nothing to life."""
        if not (one.address and other.address) or one is other:
            return
        parts = urlsplit(one.address)
        query, foreign = dict(parse_qsl(parts.query)), dict(parse_qsl(urlsplit(other.address).query))
        if name not in query or name not in foreign or query[name] == foreign[name]:
            return
        mixed = urlunsplit(parts._replace(query=urlencode({**query, name: foreign[name]})))
        living = [grant.id for grant in self.world.store.list() if grant.state is GrantState.LIVE]
        try:
            self.world.consent.returned(mixed)
        except (WrongCallback, GrantDead, ConsentRefused, ScopesDiffer):
            pass
        else:
            raise AssertionError("a mixed-up answer was taken")
        after = [grant.id for grant in self.world.store.list() if grant.state is GrantState.LIVE]
        assert after == living
        for each in (one, other):
            each.answered = each.answered or self.state(each) is not GrantState.INTENT

    @rule(one=asked, state=st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True))
    def forge(self, one: Asked, state: str) -> None:
        before = self.state(one)
        try:
            self.world.consent.returned(f"{REDIRECT}?code=forged&state={state}")
        except WrongCallback:
            assert self.state(one) is before
        else:
            raise AssertionError("a forged state was taken")

    @rule(one=consumes(asked))
    def give_up(self, one: Asked) -> None:
        self.world.consent.close(one.begun.grant_id, "interrupted")

    @rule(target=asked, one=consumes(asked))
    def another_process(self, one: Asked) -> object:
        """The process that asked has died; what is left is in the store."""
        self.world.consent = type(self.world.consent)(self.world.store, self.world.vault, self.world.wire)
        return multiple(one)

    @invariant()
    def what_is_over_holds_no_one_time_secret(self) -> None:
        if not hasattr(self, "world"):
            return
        for grant in self.world.store.list(all=True):
            fields = set(self.world.vault.secrets(grant.id))
            if grant.state is GrantState.CLOSED:
                assert not fields
            if grant.state not in OVER:
                assert not fields & {"state", "verifier", "code"}
                assert "access_token" in fields

    def state(self, one: Asked) -> GrantState:
        return self.world.store.get(one.begun.grant_id).state

    def end_everything(self) -> None:
        """With what is in the store everything alive at the provider can be ended."""
        for grant in self.world.store.list():
            if grant.state in {GrantState.LIVE, GrantState.DRAINING}:
                made, client = asking_of(self.world.vault.secrets(grant.id))
                assert revoke(made, self.world.wire, self.world.kept(grant), client).ended
        assert self.provider.live_grants() == []


TestConsents = Consents.TestCase
TestConsents.settings = settings(
    max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_the_machine_can_fail() -> None:
    """An error that is none of those expected is not swallowed by the rules."""
    assert not issubclass(OAuthError, (WrongCallback, GrantDead, ConsentRefused, ScopesDiffer))
