"""Lease, token and want against a model: any order of claims, deaths, wishes and stale writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from sync_engine.errors import LeaseLost
from sync_engine.jobs import Jobs, obeyed
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import ENDED, JobState, Lease, PageCommit, Want
from tests.chaos.evidence import shared_connections
from tests.sync_engine.builders import execute, expire, item, spec, with_collection

if TYPE_CHECKING:
    from hypothesis.stateful import MultipleResults

    from sync_engine.database import Database

PLACES = ("a", "b", "c", "d")
OWNERS = st.sampled_from(["ada", "bob", "cleo"])
GIVE_BACK = st.sampled_from([state for state in JobState if state is not JobState.LEASED])


@dataclass(slots=True)
class Expected:
    """What the model knows of a job."""

    places: frozenset[str]
    state: JobState = JobState.READY
    want: Want = Want.RUN
    token: int = 0
    dead: bool = False
    pages: int = 0


class LeaseMachine(RuleBasedStateMachine):
    """Owners claim, die, wake up and write; users change their minds."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.jobs, self.leases = Jobs(self.database), Leases(self.database)
        self.ledger = Ledger(self.database)
        self.model: dict[str, Expected] = {}
        self.collections: dict[str, int] = {}
        self.turn = 0

    leased: Bundle[Lease] = Bundle("leased")

    @initialize()
    def empty(self) -> None:
        for table in ("audit", "item", "collection", "job"):
            execute(self.database, f"delete from {table}")

    @rule(source=st.sampled_from(PLACES), destination=st.sampled_from(PLACES))
    def submit(self, source: str, destination: str) -> None:
        job = self.jobs.submit(spec(source, destination))
        if job.id not in self.model:
            name = f"job-{len(self.model)}"  # an id made by chance would make the search flaky
            execute(self.database, "update job set id = :new where id = :old", new=name, old=job.id)
            self.model[name] = Expected(frozenset({source, destination}))

    @rule(target=leased, owner=OWNERS)
    def claim(self, owner: str) -> Lease | MultipleResults[Lease]:
        """Get a job whose worker died, else one that is ready and whose connections are free."""
        expired = {name for name, job in self.model.items() if job.state is JobState.LEASED and job.dead}
        allowed = expired or {name for name in self.model if self._free(name)}
        lease = self.leases.claim(owner, ttl=1000)
        if lease is None:
            assert not allowed
            return multiple()
        assert lease.job.id in allowed
        self._taken(lease)
        return lease

    @rule(target=leased, owner=OWNERS, data=st.data())
    def claim_one(self, owner: str, data: st.DataObject) -> Lease | MultipleResults[Lease]:
        if not self.model:
            return multiple()
        name = data.draw(st.sampled_from(sorted(self.model)))
        job = self.model[name]
        allowed = (job.state is JobState.LEASED and job.dead) or self._free(name)
        lease = self.leases.claim(owner, ttl=1000, job=name)
        assert (lease is not None) is allowed
        if lease is None:
            return multiple()
        self._taken(lease)
        return lease

    @rule(lease=leased)
    def die(self, lease: Lease) -> None:
        """The lease runs out; its owner does not know."""
        if self._holds(lease):
            expire(self.database, [lease.job.id])
            self.model[lease.job.id].dead = True

    @rule(target=leased, lease=leased, owner=OWNERS)
    def take_over(self, lease: Lease, owner: str) -> Lease | MultipleResults[Lease]:
        """Somebody takes over, and the old owner, who only slept, still believes in the lease."""
        if not self._holds(lease):
            return multiple()
        expire(self.database, [lease.job.id])
        taken = self.leases.claim(owner, ttl=1000, job=lease.job.id)
        assert taken is not None
        self._taken(taken)
        # Each stale write is tried at once, besides those the search finds later.
        self.renew(lease)
        self.commit(lease)
        return taken

    @rule(lease=leased)
    def renew(self, lease: Lease) -> None:
        if not self._holds(lease):
            self._refused(lambda: self.leases.renew(lease, ttl=1000))
            return
        job = self.model[lease.job.id]
        assert self.leases.renew(lease, ttl=1000) is job.want
        job.dead = False

    @rule(lease=leased)
    def commit(self, lease: Lease) -> None:
        """Write a page; with a lost lease nothing of it may appear (see the invariant)."""
        name = lease.job.id
        job = self.model[name]
        page = PageCommit(self.collections[name], items=[item(f"{job.pages}")], tally={"present": 1})
        if not self._holds(lease):
            self._refused(lambda: self.ledger.commit(lease, page, ttl=1000))
            return
        assert self.ledger.commit(lease, page, ttl=1000) is job.want
        job.dead = False
        job.pages += 1

    @rule(lease=consumes(leased), state=GIVE_BACK)
    def release(self, lease: Lease, state: JobState) -> None:
        if not self._holds(lease):
            self._refused(lambda: self.leases.release(lease, state=state))
            return
        self.leases.release(lease, state=state)
        job = self.model[lease.job.id]
        job.state = obeyed(state, job.want, live=False) if state is JobState.READY else state

    @rule(data=st.data(), want=st.sampled_from(Want))
    def wish(self, data: st.DataObject, want: Want) -> None:
        if not self.model:
            return
        name = data.draw(st.sampled_from(sorted(self.model)))
        job = self.model[name]
        self.jobs.want(name, want)
        if job.state in ENDED and obeyed(job.state, want, live=False) is job.state:
            return
        job.want = want
        job.state = obeyed(job.state, want, live=job.state is JobState.LEASED and not job.dead)

    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        if not self.model:
            return
        name = data.draw(st.sampled_from(sorted(self.model)))
        job = self.model[name]
        self.jobs.start(name)
        job.want = Want.RUN
        if job.state is not JobState.LEASED:
            job.state = JobState.READY

    @invariant()
    def the_database_agrees(self) -> None:
        query = "select id, state, want, token from job"
        found = {name: (state, want, token) for name, state, want, token in execute(self.database, query)}
        assert found == {name: (job.state, job.want, job.token) for name, job in self.model.items()}
        assert shared_connections(self.database) == 0
        pages = dict(execute(self.database, "select job, present from collection"))
        assert pages == {name: self.model[name].pages for name in self.collections}
        written = execute(self.database, "select count(*) from item")[0][0]
        assert written == sum(pages.values())

    def _free(self, name: str) -> bool:
        """Say whether the job is ready, wanted, and shares no connection with a leased one, dead or alive."""
        job = self.model[name]
        busy = (other.places for other in self.model.values() if other.state is JobState.LEASED)
        ready = job.state is JobState.READY and job.want is Want.RUN
        return ready and not any(places & job.places for places in busy)

    def _taken(self, lease: Lease) -> None:
        job = self.model[lease.job.id]
        job.state, job.token, job.dead = JobState.LEASED, job.token + 1, False
        # Two claims within one tick of the clock would come in an order made by chance.
        self.turn += 1
        execute(self.database, "update job set served_at = :turn where id = :id", turn=self.turn, id=lease.job.id)
        assert lease.token == job.token
        assert lease.job.want is job.want
        if lease.job.id not in self.collections:
            self.collections[lease.job.id] = with_collection(self.ledger, lease).id

    def _holds(self, lease: Lease) -> bool:
        job = self.model[lease.job.id]
        return job.state is JobState.LEASED and job.token == lease.token

    def _refused(self, attempt: object) -> None:
        try:
            if callable(attempt):
                attempt()
        except LeaseLost:
            return
        raise AssertionError("a lost lease was accepted")


def test_lease_token_and_want_follow_the_model(database: Database) -> None:
    machine = type("Machine", (LeaseMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
