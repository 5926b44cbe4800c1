"""Who may work on which job, until when: short leases, fenced by a token that only grows.

A worker that died stops renewing, and its job is taken over when the lease runs out. A
worker that was only frozen wakes up with an old token, and every write it tries is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sync_engine.audit_pages import note_release
from sync_engine.errors import LeaseLost
from sync_engine.grants_ending import let_go
from sync_engine.model import CLOSED, ENDED, JobState, Lease, Phase, Want
from sync_engine.rows import job_of, packed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import TextClause

    from sync_engine.database import Database

CLAIM_LOCK: Final = 0x77686373
"""Key of the advisory lock that makes claims on PostgreSQL take turns."""

TAKE: Final = """
update job set state = 'leased', owner = :owner, token = token + 1, served_at = {now}, lease_until = {now} + :ttl
where id = (
  select id from job as free where {condition} order by {order}, id limit 1 {lock} {skip}
) returning *"""

EXPIRED: Final = "state = 'leased' and lease_until < {now}"

READY: Final = """state = 'ready' and want = 'run' and not_before <= {now}
  and not exists (select 1 from job as busy where busy.state = 'leased'
    and busy.source_connection in (free.source_connection, free.target_connection))
  and not exists (select 1 from job as busy where busy.state = 'leased'
    and busy.target_connection in (free.source_connection, free.target_connection))"""
"""Connections in use are left out here and not afterwards: one user's thousand jobs would hide the others'."""

RENEW: Final = """
update job set lease_until = {now} + :ttl
where id = :job and token = :token and state = 'leased' returning want"""

OWNERS: Final = "select distinct owner from job where state = 'leased'"

EXPIRE: Final = "update job set lease_until = {now} - 1 where owner = :owner and state = 'leased' returning id"

RELEASE: Final = """
update job set owner = null, lease_until = null, not_before = :not_before, problem = :problem,
  phase = coalesce(:phase, phase),
  state = case when :state = 'ready' and want = 'pause' then 'paused'
    when :state = 'ready' and want = 'cancel' then 'cancelled' else :state end,
  ended_at = case when :ended or (:state = 'ready' and want = 'cancel') then {now} else ended_at end,
  allow_deletions = allow_deletions and not (:ended or (:state = 'ready' and want = 'cancel'))
where id = :job and token = :token and state = 'leased' returning id, state"""
"""What the user said while the slice ended is obeyed here: nobody would ever claim such a job again."""


class Leases:
    """Claims, renews and gives back the right to work on a job."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._take = {chosen: self._takes(chosen=chosen) for chosen in (False, True)}
        self._renew = database.prepare(RENEW)
        self._release = database.prepare(RELEASE)

    def claim(self, owner: str, *, ttl: float, job: str | None = None) -> Lease | None:
        """Take the next job nobody works on, or *job*; ``None`` when there is none.

        Jobs whose worker died come first, then the least recently served. *ttl* in seconds.
        Raises ``DatabaseBusy`` when another claim stands still; try again.
        """
        values = {"owner": owner, "ttl": ttl} | ({} if job is None else {"job": job})
        with self._database.write() as connection:
            if not self._database.sqlite:
                # Two claims that do not see each other could take one connection in two roles.
                connection.exec_driver_sql(f"select pg_advisory_xact_lock({CLAIM_LOCK})")
            for statement in self._take[job is not None]:
                row = connection.execute(statement, values).first()
                if row is not None:
                    return Lease(job_of(row), owner, row.token, row.lease_until)
        return None

    def renew(self, lease: Lease, *, ttl: float) -> Want:
        """Prolong *lease* to *ttl* seconds from now and say what the user wants. Raises ``LeaseLost``."""
        values = {"job": lease.job.id, "token": lease.token, "ttl": ttl}
        rows = self._database.fetch(self._renew, values)
        if not rows:
            raise LeaseLost(lease.job.id, lease.token)
        return Want(rows[0].want)

    def expire(self, dead: Callable[[str], bool]) -> int:
        """Let the leases of owners that are *dead* run out now; return how many did."""
        owners = [row.owner for row in self._database.fetch(self._database.prepare(OWNERS), {})]
        expire = self._database.prepare(EXPIRE)
        return sum(len(self._database.fetch(expire, {"owner": owner})) for owner in owners if dead(owner))

    def release(
        self,
        lease: Lease,
        *,
        state: JobState,
        not_before: float = 0,
        problem: Mapping[str, str] | None = None,
        phase: Phase | None = None,
    ) -> None:
        """Give the job back in *state*; nobody claims it before *not_before* (database clock).

        An ended state closes the run, takes back the leave to delete and, unless a question is
        open, lets go of the grants the job held, all at once. A ``READY`` job the user has
        meanwhile paused or cancelled becomes that. Raises ``LeaseLost``.
        """
        if state is JobState.LEASED:
            raise ValueError("a job is not released into a lease")
        values = {
            "job": lease.job.id,
            "token": lease.token,
            "state": state.value,
            "ended": state in ENDED,
            "not_before": not_before,
            "problem": packed(problem),
            "phase": None if phase is None else phase.value,
        }
        with self._database.write() as connection:
            row = connection.execute(self._release, values).first()
            if row is None:
                raise LeaseLost(lease.job.id, lease.token)
            if row.state in CLOSED:
                let_go(self._database, connection, "job", row.id)
            note_release(connection, self._database, lease, JobState(row.state), problem)

    def _takes(self, *, chosen: bool) -> tuple[TextClause, TextClause]:
        """Prepare both claims: of an expired lease, and of a ready job. *chosen* names one job."""
        skip = "" if self._database.sqlite else "skip locked"
        only = " and id = :job" if chosen else ""
        expired = TAKE.replace("{condition}", EXPIRED + only).replace("{order}", "lease_until")
        ready = TAKE.replace("{condition}", READY + only).replace("{order}", "served_at, token")
        return (
            self._database.prepare(expired.replace("{skip}", skip)),
            self._database.prepare(ready.replace("{skip}", skip)),
        )
