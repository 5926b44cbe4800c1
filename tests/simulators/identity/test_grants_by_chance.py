"""Whatever is consented, refreshed, revoked and waited for, in any order: the providers keep their rules.

Each machine walks a provider by HTTP and keeps its own account of who may still do what: at Google by
user and project, at Dropbox by authorization.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from simulators.identity.dropbox import Dropbox
from simulators.identity.google import Google
from tests.simulators.identity.asking import Program, bearer, send
from tests.simulators.identity.conftest import google_program

USERS = st.sampled_from(["ana@example.org", "eve@example.org"])
HOUR = 3600.0


@dataclass(slots=True)
class Held:
    """What a program holds, and what it should still be good for."""

    user: str
    client: int
    access: str
    refresh: str
    born: float
    key: object
    generation: int = 0


class _Machine(RuleBasedStateMachine):
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.generations: dict[object, int] = {}
        self.given: list[Held] = []

    def remember(self, held: Held) -> Held:
        held.generation = self.generations.setdefault(held.key, 0)
        self.given.append(held)
        return held

    def stands(self, held: Held) -> bool:
        return self.generations[held.key] == held.generation

    def end(self, key: object) -> None:
        self.generations[key] += 1


class AtGoogle(_Machine):
    """One grant for a user and a project."""

    def __init__(self) -> None:
        super().__init__()
        self.provider = Google().__enter__()
        self.programs = [google_program(self.provider, client=number) for number in range(3)]

    def teardown(self) -> None:
        self.provider.__exit__(None, None, None)

    @rule(target=_Machine.held, user=USERS, client=st.integers(0, 2))
    def connect(self, user: str, client: int) -> Held:
        tokens = self.programs[client].connect(user=user)
        key = (user, self.programs[client].client.project)
        return self.remember(Held(user, client, tokens["access_token"], tokens["refresh_token"], self.now, key))

    @rule(held=_Machine.held)
    def refresh(self, held: Held) -> None:
        answer = self.programs[held.client].refresh(held.refresh)
        assert answer.status == (200 if self.stands(held) else 400)
        if answer.status == 200:
            held.access, held.born = answer.json["access_token"], self.now
        else:
            assert answer.json["error"] == "invalid_grant"

    @rule(held=_Machine.held, by_access=st.booleans())
    def revoke(self, held: Held, *, by_access: bool) -> None:
        token = held.access if by_access else held.refresh
        answer = send("POST", self.provider.revoke_url, {"token": token})
        good = self.stands(held) and (not by_access or self.now - held.born < HOUR)
        assert answer.status == (200 if good else 400)
        if good:
            self.end(held.key)
        else:
            assert answer.json["error"] == "invalid_token"

    @rule(user=USERS)
    def the_user_ends_it(self, user: str) -> None:
        self.provider.remove_access(user)
        for key in [key for key in self.generations if isinstance(key, tuple) and key[0] == user]:
            self.end(key)

    @rule(seconds=st.sampled_from([60.0, HOUR / 2, HOUR + 1]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.provider.clock.advance(seconds)

    @invariant()
    def data_opens_to_live_tokens_only(self) -> None:
        for held in self.given[-3:]:
            expected = self.stands(held) and self.now - held.born < HOUR
            assert self.programs[held.client].reaches(held.access) == (200 if expected else 401)

    @invariant()
    def the_provider_counts_the_same_grants(self) -> None:
        mine = {held.key for held in self.given if self.stands(held)}
        assert {(grant.user, grant.project) for grant in self.provider.live_grants()} == mine


class AtDropbox(_Machine):
    """One grant for each authorization."""

    def __init__(self) -> None:
        super().__init__()
        self.provider = Dropbox().__enter__()
        clients = list(self.provider.book.clients.values())
        extra = {"token_access_type": "offline"}
        self.programs = [Program(self.provider, each, "account_info.read", extra) for each in clients]

    def teardown(self) -> None:
        self.provider.__exit__(None, None, None)

    @rule(target=_Machine.held, user=USERS, client=st.integers(0, 1))
    def connect(self, user: str, client: int) -> Held:
        tokens = self.programs[client].connect(user=user)
        key = len(self.given)
        return self.remember(Held(user, client, tokens["access_token"], tokens["refresh_token"], self.now, key))

    @rule(held=_Machine.held)
    def refresh(self, held: Held) -> None:
        answer = self.programs[held.client].refresh(held.refresh)
        assert answer.status == (200 if self.stands(held) else 400)
        if answer.status == 200:
            held.access, held.born = answer.json["access_token"], self.now

    @rule(held=_Machine.held)
    def revoke(self, held: Held) -> None:
        answer = send("POST", self.provider.revoke_url, headers=bearer(held.access))
        if not self.stands(held):
            assert answer.json["error"][".tag"] == "invalid_access_token"
        elif self.now - held.born >= 4 * HOUR:
            assert answer.json["error"][".tag"] == "expired_access_token"
        else:
            assert answer.status == 200
            self.end(held.key)

    @rule(held=consumes(_Machine.held))
    def forget(self, held: Held) -> None:
        """The program loses what it held: at the provider nothing changes."""
        assert held in self.given

    @rule(seconds=st.sampled_from([60.0, 2 * HOUR, 4 * HOUR + 1]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.provider.clock.advance(seconds)

    @invariant()
    def the_provider_counts_the_same_authorizations(self) -> None:
        mine = sorted(held.user for held in self.given if self.stands(held))
        assert sorted(grant.user for grant in self.provider.live_grants()) == mine


_SEARCH = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TestGoogle = AtGoogle.TestCase
TestGoogle.settings = _SEARCH
TestDropbox = AtDropbox.TestCase
TestDropbox.settings = _SEARCH
