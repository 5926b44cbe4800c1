"""The grants' SQL, for both databases.

``database.prepare`` fills in the phrases in braces; before it, ``{time}`` becomes the
database's clock plus ``:skew`` seconds, which only tests that move the clock use.
"""

from __future__ import annotations

from typing import Final

TIME: Final = "({now} + :skew)"

HOLDERS_SQLITE: Final = (
    "(select json_group_array(json_array(kind, ref, until)) from"
    " (select kind, ref, until from holder where grant_id = grants.id order by kind, ref))"
)
HOLDERS_POSTGRES: Final = (
    "(select cast(coalesce(json_agg(json_build_array(kind, ref, until) order by kind, ref), '[]') as text)"
    " from holder where grant_id = grants.id)"
)

SELECT: Final = "select grants.*, {held} as held from grants"

GET: Final = SELECT + " where id = :grant_id"
BY_HASH: Final = SELECT + " where state_hash = :state_hash"
OF_ACCOUNT: Final = (
    SELECT
    + """ where tenant = :tenant and account = :account and state not in ('erased', 'closed')
order by case state when 'live' then 0 when 'draining' then 1 else 2 end, turn desc"""
)
LIST: Final = SELECT + " where state not in ('erased', 'closed') order by turn, id"
LIST_ALL: Final = SELECT + " order by turn, id"
OWED: Final = (
    SELECT
    + """ where state not in ('live', 'erased', 'closed') and next_at <= {time}
  and (lease_until is null or lease_until < {time})
order by next_at, id limit :limit"""
)

HOLD: Final = "select * from grants where id = :grant_id {lock}"

# Beginning.

BEGIN: Final = """
insert into grants (id, tenant, provider, project, radius, account, state, requested, granted, state_hash, data_key,
  turn, holders, created_at, changed_at, timed_at, until, attempts, next_at, verified, owner, token, lease_until)
values (:grant_id, :tenant, :provider, :project, :radius, :account, 'intent', :requested, '[]', :state_hash, :data_key,
  (select coalesce(max(turn), 0) + 1 from grants), 0,
  {time}, {time}, {time}, :until, 0, :until, false, :owner, 0, :lease_until) returning id"""

DYING_ACCOUNT: Final = """
select id from grants where tenant = :tenant and provider = :provider and account = :account
  and radius = 'project' and state in ('revoking', 'revoked') limit 1"""
"""A revocation that is not proven yet may still take effect: whoever consents now would lose it again."""

SEAL: Final = """
insert into sealed (grant_id, field, ciphertext) values (:grant_id, :field, :ciphertext)
on conflict (grant_id, field) do update set ciphertext = excluded.ciphertext"""

UNSEAL_ONCE: Final = "delete from sealed where grant_id = :grant_id and field in ('state', 'verifier', 'code')"

UNSEAL: Final = "delete from sealed where grant_id = :grant_id"

SEALED: Final = """
select grants.data_key as data_key, sealed.field as field, sealed.ciphertext as ciphertext
from grants left join sealed on sealed.grant_id = grants.id where grants.id = :grant_id order by sealed.field"""

EXCHANGE: Final = """
update grants set state = 'exchanging', changed_at = {time}, timed_at = {time}, until = {time} + :life,
  next_at = {time} + :life, lease_until = case when owner is null then null else {time} + :life end
where id = :grant_id and state = 'intent' and until > {time} returning id"""

PERSIST: Final = """
update grants set state = 'live', changed_at = {time}, timed_at = {time}, subject = :subject,
  project = coalesce(:project, project), granted = :granted, expires_at = :expires_at, until = null, holders = 1,
  next_at = {time} + :life, state_hash = null, owner = null, lease_until = null, attempts = 0, last_error = null
where id = :grant_id and state = 'exchanging' returning *"""

STRUCK: Final = """
select id from grants where tenant = :tenant and provider = :provider and project = :project and subject = :subject
  and radius = 'project' and id <> :grant_id and struck_at is not null
  and (state in ('revoking', 'revoked') or over_turn >= :turn) limit 1"""
"""Whether a grant of the same radius was being ended at any moment since this one was begun.

Grants are numbered by turns, because a clock may go back between the two.
"""

# Holding.

JOB_OPEN: Final = "select id from job where id = :ref and state not in ({ended}) {lock}"

ATTACH: Final = """
insert into holder (grant_id, kind, ref, since, until) values (:grant_id, :kind, :ref, {time}, :until)
on conflict (grant_id, kind, ref) do nothing returning ref"""

ATTACH_AGAIN: Final = """
update holder set since = {time}, until = :until where grant_id = :grant_id and kind = :kind and ref = :ref"""

TAKEN_UP: Final = "delete from holder where grant_id = :grant_id and kind = 'consent' returning ref"

HOLD_ON: Final = """
update grants set state = 'live', holders = holders + :more, owed_at = null,
  changed_at = case when state = 'live' then changed_at else {time} end
where id = :grant_id returning id"""

DROP_ALL: Final = "delete from holder where grant_id = :grant_id"

EXPIRED_HOLDERS: Final = """
select holder.grant_id as grant_id, holder.kind as kind, holder.ref as ref from holder
where (holder.kind <> 'job' and holder.until < {time})
  or (holder.kind = 'job' and holder.until < {time}
    and not exists (select 1 from job where job.id = holder.ref and job.state = 'leased' and job.lease_until > {now}))
  or (holder.kind = 'job'
    and not exists (select 1 from job where job.id = holder.ref and job.state not in ({ended})))
order by holder.grant_id, holder.kind, holder.ref"""
"""A job that a worker holds right now keeps what it needs, however long it takes."""

UNHELD: Final = """
update grants set state = 'draining', changed_at = {time}, owed_at = {time}, next_at = 0
where state = 'live' and holders = 0 returning id"""

# Ending.

DRAIN: Final = """
update grants set state = case when state = 'live' then 'draining' else state end, holders = 0,
  changed_at = case when state = 'live' then {time} else changed_at end,
  owed_at = coalesce(owed_at, {time}), next_at = 0
where id = :grant_id returning id"""

LOST: Final = """
update grants set state = 'lost', changed_at = {time}, holders = 0, next_at = 0, last_error = :why
where id = :grant_id returning id"""

CLOSE: Final = """
update grants set state = 'closed', changed_at = {time}, data_key = null, state_hash = null, last_error = :why,
  owner = null, lease_until = null
where id = :grant_id returning id"""

RADIUS: Final = """
select * from grants where id = :grant_id or (radius = 'project' and :shared and tenant = :tenant
  and provider = :provider and project = :project and subject = :subject and state not in ('erased', 'closed'))
order by id {lock}"""

STRIKE: Final = """
update grants set state = 'revoking', changed_at = {time}, struck_at = {time}, next_at = 0, attempts = 0,
  owed_at = coalesce(owed_at, {time}), verified = false,
  deadline = case when state = 'revoked' then deadline end
where id = :grant_id returning id"""

LEASE: Final = """
update grants set owner = :owner, token = token + 1, lease_until = {time} + :ttl
where id = :grant_id and state not in ('erased', 'closed') and (lease_until is null or lease_until < {time})
returning token, lease_until"""

RENEW: Final = """
update grants set lease_until = {time} + :ttl
where id = :grant_id and token = :token and owner = :owner returning id"""

GIVE_BACK: Final = """
update grants set owner = null, lease_until = null where id = :grant_id and token = :token and owner = :owner"""

OWNERS: Final = "select distinct owner from grants where owner is not null and state not in ('erased', 'closed')"

EXPIRE: Final = """
update grants set lease_until = {time} - 1,
  until = case when state in ('intent', 'exchanging') then {time} - 1 else until end,
  next_at = case when state in ('intent', 'exchanging') then 0 else next_at end
where owner = :owner and lease_until >= {time} returning id"""

FENCE: Final = "select * from grants where id = :grant_id and token = :token and owner = :owner {lock}"

RECORD: Final = "update grants set {assignments} where id = :grant_id returning id"

REFRESHED: Final = """
update grants set expires_at = :expires_at, granted = coalesce(:granted, granted)
where id = :grant_id returning id"""

ERASE: Final = """
update grants set state = 'erased', changed_at = {time}, over_turn = (select max(turn) from grants),
  data_key = null, state_hash = null, holders = 0,
  last_error = coalesce(:why, last_error), owner = null, lease_until = null
where id = :grant_id returning id"""

REWRAP: Final = "update grants set data_key = :new where id = :grant_id and data_key = :old returning id"

# The clock went back: what was to happen in an hour still happens in an hour (docs/grants.md, rule 14).

GUARD: Final = """
update grants set until = until - (timed_at - {time}), deadline = deadline - (timed_at - {time}),
  next_at = case when next_at > 0 then next_at - (timed_at - {time}) else next_at end,
  lease_until = lease_until - (timed_at - {time}), expires_at = expires_at - (timed_at - {time}),
  timed_at = {time}
where {which} timed_at > {time} + 1 returning id"""

GUARD_ONE: Final = GUARD.replace("{which}", "id = :grant_id and")
GUARD_ALL: Final = GUARD.replace("{which}", "state not in ('erased', 'closed') and")

TIMED: Final = "update grants set timed_at = {time} where id = :grant_id"

GUARD_HOLDERS: Final = """
update holder set until = until - (since - {time}), since = {time}
where until is not null and since > {time} + 1"""
