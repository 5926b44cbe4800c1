"""Grants, holders and leases against a small model, in whatever order things happen.

Jobs come and go, reapers take grants and die, clocks run out. The model says what must come
of each step; after each one ``Granting.sound`` looks for what must never stand in the tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oauth.errors import GrantDying, GrantGone, GrantLeaseLost, GrantStateWrong, HolderOver
from oauth.grants import OVER, USABLE, GrantLease, GrantState, Holder, HolderKind, Radius, may_follow
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.model import CLOSED, JobState, Want
from tests.sync_engine.builders import execute
from tests.sync_engine.granting import Granting

S = GrantState
PEOPLE = st.sampled_from(["ana", "eva"])
END = st.sampled_from(sorted(CLOSED))


@dataclass(slots=True)
class Model:
    """What the store should say of one grant."""

    state: GrantState
    radius: Radius
    subject: str | None = None
    holders: set[str] = field(default_factory=set)
    token: int = 0
    leased: bool = False


class GrantMachine(RuleBasedStateMachine):
    """One store, some people, some jobs, some reapers."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        with self.database.write() as connection:
            for table in ("grants", "collection", "job"):
                connection.exec_driver_sql(f"delete from {table}")
        self.grants, self.jobs, self.leases = Granting(self.database), Jobs(self.database), Leases(self.database)
        self.model: dict[str, Model] = {}
        self.open_jobs: list[str] = []
        self.held: list[GrantLease] = []
        self.count = 0
        for _ in range(2):
            self.submit()
            self.consent(Radius.PROJECT)

    # Consent.

    @rule(radius=st.sampled_from([Radius.PROJECT, Radius.AUTHORIZATION]))
    def begin(self, radius: Radius) -> None:
        self.count += 1
        # Every account has a name of its own, so that only tokens tell who ends with whom.
        name = self.grants.intent(radius=radius, account=f"account {self.count}")
        self.model[name] = Model(S.INTENT, radius)

    @rule(radius=st.sampled_from([Radius.PROJECT, Radius.PROJECT, Radius.AUTHORIZATION]))
    def consent(self, radius: Radius) -> None:
        """Bring several steps at once, so that searches get on to what comes after."""
        self.begin(radius)
        name = f"g{self.grants.count}"
        self.grants.store.exchanging(name, {"code": b"c"})
        self.model[name].state = S.EXCHANGING
        self._keep(name, "ana")

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        name = self._any(data)
        if name is None:
            return
        try:
            self.grants.store.exchanging(name, {"code": b"c"})
        except GrantStateWrong:
            assert self.model[name].state is not S.INTENT
            return
        assert self.model[name].state is S.INTENT
        self.model[name].state = S.EXCHANGING

    @rule(data=st.data(), person=PEOPLE)
    def keep(self, data: st.DataObject, person: str) -> None:
        name = self._any(data, S.EXCHANGING)
        if name is not None:
            self._keep(name, person)

    def _keep(self, name: str, person: str) -> None:
        kept, mine = self.grants.keep(name, person), self.model[name]
        self._freed(name)
        mine.subject = person
        dying = any(other.state in {S.REVOKING, S.REVOKED} for other in self._siblings(name))
        if kept.state is S.LIVE:
            assert not dying
            mine.state, mine.holders = S.LIVE, {name}
            return
        # Conservative: also when the end of a sibling was over before the tokens came.
        assert kept.state is S.REVOKING
        assert mine.radius is Radius.PROJECT
        assert dying or any(other.state in {S.ERASED, S.ESCALATED} for other in self._siblings(name))
        mine.state = S.REVOKING

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        name = self._any(data)
        if name is None:
            return
        try:
            self.grants.store.close(name, "no")
        except GrantStateWrong:
            assert not may_follow(self.model[name].state, S.CLOSED)
            return
        self.model[name].state = S.CLOSED
        self._freed(name)

    # Holding.

    def submit(self) -> None:
        self.count += 1
        self.open_jobs.append(self.grants.job(self.jobs, f"{self.count}"))

    @rule(data=st.data(), usable=st.booleans())
    def attach(self, data: st.DataObject, usable: bool) -> None:
        name = self._any(data, *(USABLE if usable else ()))
        job = self.open_jobs[data.draw(st.integers(0, 1))]
        if name is None:
            return
        mine = self.model[name]
        try:
            self.grants.hold(name, job)
        except GrantDying:
            assert mine.state is S.REVOKING
        except GrantGone:
            assert mine.state not in USABLE | {S.REVOKING}
        else:
            assert mine.state in USABLE
            mine.state, mine.holders = S.LIVE, (mine.holders - {name}) | {job}

    @rule(data=st.data(), end=END, cancel=st.booleans())
    def end(self, data: st.DataObject, end: JobState, cancel: bool) -> None:
        job = self.open_jobs[data.draw(st.integers(0, 1))]
        if cancel:
            self.jobs.want(job, Want.CANCEL)
        else:
            lease = self.leases.claim("worker", ttl=60, job=job)
            assert lease is not None
            self.leases.release(lease, state=end)
        self.open_jobs.remove(job)
        self._let_go(job)
        self.submit()
        try:
            self.grants.store.attach(next(iter(self.model), "none"), Holder(HolderKind.JOB, job))
        except HolderOver:
            return
        raise AssertionError("a job that is over took hold")

    @rule(data=st.data())
    def drain(self, data: st.DataObject) -> None:
        name = self._any(data, S.LIVE, S.DRAINING)
        if name is not None:
            self.grants.store.drain(name)
            self.model[name].state, self.model[name].holders = S.DRAINING, set()

    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        name = self._any(data)
        if name is not None:
            self.grants.store.lost(name, "invalid_grant")
            if self.model[name].state in USABLE:
                self.model[name].state, self.model[name].holders = S.LOST, set()

    # Ending.

    @rule(data=st.data(), draining=st.booleans())
    def strike(self, data: st.DataObject, draining: bool) -> None:
        name = self._any(data, *([S.DRAINING] if draining else []))
        if name is None:
            return
        mine, siblings = self.model[name], self._siblings(name)
        lease = self.grants.store.lease(name, "reaper", 1000, to=S.REVOKING)
        free = not mine.leased and mine.state not in OVER
        held = mine.holders or mine.state is S.LIVE or any(other.state is S.LIVE for other in siblings)
        entered = mine.state is S.REVOKING or (may_follow(mine.state, S.REVOKING) and not held)
        assert (lease is not None) is (free and entered)
        if lease is None:
            return
        if mine.state is not S.REVOKING:
            for other in siblings:
                other.state = S.REVOKING if other.state is S.DRAINING else other.state
        mine.state = S.REVOKING
        self._leased(lease)

    @rule(data=st.data())
    def lease(self, data: st.DataObject) -> None:
        name = self._any(data)
        if name is None:
            return
        lease = self.grants.store.lease(name, "reaper", 1000)
        mine = self.model[name]
        assert (lease is not None) is (not mine.leased and mine.state not in OVER)
        if lease is not None:
            self._leased(lease)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), state=st.sampled_from([S.REVOKED, S.MANUAL, S.ESCALATED]))
    def record(self, data: st.DataObject, state: GrantState) -> None:
        lease = self.held[data.draw(st.integers(0, len(self.held) - 1))]
        mine = self.model[lease.grant_id]
        try:
            self.grants.store.record(lease, state=state)
        except GrantLeaseLost:
            assert not self._holds(lease)
        except GrantStateWrong:
            assert self._holds(lease)
            assert not may_follow(mine.state, state)
        else:
            assert self._holds(lease)
            assert may_follow(mine.state, state)
            mine.state = state

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def refresh(self, data: st.DataObject) -> None:
        lease = self.held[data.draw(st.integers(0, len(self.held) - 1))]
        try:
            self.grants.store.refreshed(lease, sealed={"refresh_token": b"rotated"}, expires_at=9.0)
        except GrantLeaseLost:
            assert not self._holds(lease)
        else:
            assert self._holds(lease)
            assert self.grants.store.sealed(lease.grant_id)[1]["refresh_token"] == b"rotated"

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        lease = self.held[data.draw(st.integers(0, len(self.held) - 1))]
        mine = self.model[lease.grant_id]
        try:
            self.grants.store.erase(lease)
        except GrantLeaseLost:
            assert not self._holds(lease)
        except GrantStateWrong:
            assert not may_follow(mine.state, S.ERASED)
        else:
            assert self._holds(lease)
            assert may_follow(mine.state, S.ERASED)
            mine.state = S.ERASED
            self._freed(lease.grant_id)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """A reaper dies; whoever comes next takes over, and the dead one may still wake up."""
        lease = self.held[data.draw(st.integers(0, len(self.held) - 1))]
        execute(
            self.database, "update grants set lease_until = 1 where id = :id and owner is not null", id=lease.grant_id
        )
        self.model[lease.grant_id].leased = False

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        lease = self.held[data.draw(st.integers(0, len(self.held) - 1))]
        if self._holds(lease):
            self._freed(lease.grant_id)
        self.grants.store.give_back(lease)

    @rule()
    def tidy(self) -> None:
        assert self.grants.store.tidy() == [], "nothing is left for it to put right"

    # What must be so at every moment.

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        found = {grant.id: grant for grant in self.grants.store.list(all=True)}
        assert {name: grant.state for name, grant in found.items()} == {
            name: mine.state for name, mine in self.model.items()
        }
        for name, mine in self.model.items():
            assert {holder.ref for holder in found[name].holders} == mine.holders

    @invariant()
    def nothing_stands_that_must_not(self) -> None:
        self.grants.sound()

    def _any(self, data: st.DataObject, *states: GrantState) -> str | None:
        names = [name for name, mine in self.model.items() if not states or mine.state in states]
        return data.draw(st.sampled_from(names)) if names else None

    def _siblings(self, name: str) -> list[Model]:
        mine = self.model[name]
        if mine.radius is not Radius.PROJECT or mine.subject is None:
            return []
        return [
            other
            for key, other in self.model.items()
            if key != name and other.radius is Radius.PROJECT and other.subject == mine.subject
        ]

    def _let_go(self, ref: str) -> None:
        for mine in self.model.values():
            if ref in mine.holders:
                mine.holders.discard(ref)
                if not mine.holders:
                    mine.state = S.DRAINING

    def _leased(self, lease: GrantLease) -> None:
        mine = self.model[lease.grant_id]
        assert lease.token > mine.token
        mine.leased, mine.token = True, lease.token
        self.held.append(lease)

    def _freed(self, name: str) -> None:
        """Whoever worked on the grant does so no more."""
        self.model[name].leased, self.model[name].token = False, -1

    def _holds(self, lease: GrantLease) -> bool:
        """Say whether nobody took over: a lease that only ran out is still the newest."""
        return self.model[lease.grant_id].token == lease.token


def test_states_holders_and_leases_follow_the_model(database: Database) -> None:
    machine = type("Machine", (GrantMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
