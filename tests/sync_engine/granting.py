"""Short ways to bring a grant into a state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oauth.grants import GrantState, Holder, HolderKind, Radius
from sync_engine.grants import SqlGrants
from tests.sync_engine.builders import execute, spec

if TYPE_CHECKING:
    from oauth.grants import Grant, GrantLease
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs

OWNER = "reaper"

STRUCK_WHILE_HELD = """
select one.id from grants as one join grants as two on one.subject = two.subject and one.id <> two.id
  and one.project = two.project and one.provider = two.provider and one.tenant = two.tenant
where one.radius = 'project' and one.state = 'revoking' and two.state = 'live' and two.radius = 'project'"""


@dataclass(slots=True)
class Granting:
    """A store whose clock can be moved, and short words for what happens to its grants."""

    database: Database
    skew: float = 0.0
    count: int = 0
    store: SqlGrants = field(init=False)

    def __post_init__(self) -> None:
        self.store = SqlGrants(self.database, skew=lambda: self.skew)

    def intent(self, **more: Any) -> str:
        """Begin a consent; return the grant's id."""
        self.count += 1
        name = f"g{self.count}"
        given: dict[str, Any] = {
            "tenant": "local",
            "provider": "google",
            "project": "p",
            "account": "home",
            "requested": ["contacts"],
            "sealed": {"state": b"sealed state", "verifier": b"sealed verifier", "client_id": b"sealed client"},
            "data_key": f"wrapped-{name}",
            "until": self.store.now() + 600,
            "state_hash": f"hash-{name}",
            "radius": Radius.PROJECT,
        }
        self.store.begin(grant_id=name, **(given | more))
        return name

    def exchanging(self, **more: Any) -> str:
        name = self.intent(**more)
        self.store.exchanging(name, {"code": b"sealed code"})
        return name

    def keep(self, name: str, subject: str | None = "ana", **more: Any) -> Grant:
        """Bring the tokens of a grant that is being exchanged."""
        given: dict[str, Any] = {"granted": ["contacts"], "expires_at": None}
        sealed = {"access_token": b"sealed access", "refresh_token": b"sealed refresh"}
        return self.store.persist(name, subject=subject, sealed=sealed, **(given | more))

    def live(self, subject: str | None = "ana", **more: Any) -> str:
        name = self.exchanging(**more)
        self.keep(name, subject)
        return name

    def draining(self, subject: str | None = "ana", **more: Any) -> str:
        name = self.live(subject, **more)
        self.store.drain(name)
        return name

    def revoking(self, subject: str | None = "ana", **more: Any) -> tuple[str, GrantLease]:
        name = self.draining(subject, **more)
        return name, self.strike(name)

    def strike(self, name: str) -> GrantLease:
        lease = self.store.lease(name, OWNER, 60, to=GrantState.REVOKING)
        assert lease is not None
        return lease

    def revoked(self, **more: Any) -> tuple[str, GrantLease]:
        name, lease = self.revoking(**more)
        self.store.record(lease, state=GrantState.REVOKED, answer="200")
        return name, lease

    def bring(self, state: GrantState, **more: Any) -> str:
        """Return a grant in *state*, unleased."""
        ways = {
            GrantState.INTENT: self.intent,
            GrantState.EXCHANGING: self.exchanging,
            GrantState.LIVE: self.live,
            GrantState.DRAINING: self.draining,
        }
        if state in ways:
            return ways[state](**more)
        if state is GrantState.CLOSED:
            name = self.intent(**more)
            self.store.close(name, "no answer")
            return name
        if state is GrantState.LOST:
            name = self.live(**more)
            self.store.lost(name, "invalid_grant")
            return name
        name, lease = self.revoking(**more)
        if state is GrantState.ERASED:
            self.store.record(lease, state=GrantState.REVOKED)
            self.store.erase(lease)
        elif state is not GrantState.REVOKING:
            self.store.record(lease, state=state)
        self.store.give_back(lease)
        return name

    def job(self, jobs: Jobs, name: str = "one") -> str:
        """Return a job that is ready to run."""
        return jobs.submit(spec(f"dav:{name}", f"vdir:/{name}")).id

    def hold(self, name: str, job: str) -> Grant:
        return self.store.attach(name, Holder(HolderKind.JOB, job))

    def state(self, name: str) -> GrantState:
        return self.store.get(name).state

    def holders(self, name: str) -> set[tuple[str, str]]:
        return {(holder.kind.value, holder.ref) for holder in self.store.get(name).holders}

    def sound(self) -> None:
        """Check what must hold at every moment."""
        counted = "(select count(*) from holder where grant_id = grants.id)"
        odd = [
            f"select id from grants where holders <> {counted}",
            "select id from grants where holders > 0 and state <> 'live'",
            "select id from grants where state = 'live' and holders = 0",
            "select id from grants where state in ('erased', 'closed') and data_key is not null",
            "select grant_id from sealed join grants on id = grant_id where state in ('erased', 'closed')",
            STRUCK_WHILE_HELD,
        ]
        for query in odd:
            assert execute(self.database, query) == [], query
