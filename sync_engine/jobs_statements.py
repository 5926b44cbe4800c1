"""The job queries' SQL, for both databases. ``database.prepare`` fills in the phrases in braces."""

from __future__ import annotations

from typing import Final

CONNECT: Final = "insert into connection (id, created_at) values (:id, {now}) on conflict (id) do nothing returning id"

SUBMIT: Final = """
insert into job (id, kind, source, destination, mirror, options, source_connection, target_connection,
  state, want, phase, run, created_at, not_before, served_at, allow_deletions, learned, token, audit_seq, audit_hash)
values (:id, :kind, :source, :destination, :mirror, :options, :source, :destination,
  'ready', 'run', 'collections', 1, {now}, 0, 0, false, '{}', 0, 0, :first)
on conflict (kind, source, destination) do update set mirror = excluded.mirror, options = excluded.options
returning *"""

TAKEN: Final = """
select 1 from job where id = :id union all select 1 from audit where chain = 'job:' || :id
union all select 1 from audit_before_chain where job = :id limit 1"""
"""The audit trail outlives a job; its chain is never taken for another one's."""

SELECT: Final = "select *, (lease_until < {now}) as expired from job"

FIND: Final = SELECT + " where substr(id, 1, length(:id)) = :id order by length(id), id limit 5"

HOLD: Final = SELECT + " where id = :id {lock}"

LIST: Final = "select * from job order by created_at, id"

START: Final = """
update job set state = :state, want = 'run', run = :run, phase = :phase, started_at = :started_at,
  owner = case when :state = 'leased' then owner end,
  lease_until = case when :state = 'leased' then lease_until end,
  ended_at = null, not_before = 0, problem = :problem
where id = :id returning *"""

WANT: Final = """
update job set want = :want, state = :state,
  owner = case when :state = 'leased' then owner end,
  lease_until = case when :state = 'leased' then lease_until end,
  ended_at = case when :state = 'cancelled' then {now} else ended_at end,
  allow_deletions = allow_deletions and :state <> 'cancelled'
where id = :id returning *"""

ALLOW: Final = "update job set allow_deletions = true where id = :id returning *"

COLLECTIONS: Final = "select * from collection where job = :job and id >= :after order by id"

PROBLEMS: Final = """
select id, revision, digest, size, uid, day, target_id, target_revision, target_digest,
  outcome, reason, detail, presence, attempts, run, seen, fate, losses
from item where collection = :collection and outcome <> 'copied' and presence = 'here'
  and run = coalesce(:run, run) and id > :after order by id limit :limit"""

DAYS: Final = """
select item.day as day, count(*) as present, count(case when item.outcome = 'copied' then 1 end) as copied
from item join collection on collection.id = item.collection
where collection.job = :job and collection.missing_runs < :confirming
  and item.day is not null and item.presence = 'here'
group by item.day order by item.day"""

ALL: Final = (
    CONNECT,
    SUBMIT,
    TAKEN,
    FIND,
    HOLD,
    LIST,
    START,
    WANT,
    ALLOW,
    COLLECTIONS,
    PROBLEMS,
    DAYS,
)
