"""The ledger's SQL that both databases understand. ``database.prepare`` fills in the phrases in braces."""

from __future__ import annotations

from typing import Final

FENCE: Final = "select id from job where id = :lease_job and token = :lease_token and state = 'leased' {lock}"
"""Reads the job's id and holds the row, so that nobody takes the job over until the statement is done."""

CHECKPOINT: Final = (
    "source_id",
    "kind",
    "name",
    "target_id",
    "cursor",
    "generation",
    "listing_run",
    "settled_run",
    "missing_runs",
    "properties",
)
"""The columns of a collection that ``save_collection`` sets."""

COLLECTIONS: Final = "select * from collection where job = :job order by id"

INSERT_COLLECTION: Final = """
insert into collection (job, source_id, kind, name, target_id, cursor, generation, listing_run, settled_run,
  missing_runs, properties, doubt, present, copied, skipped, failed, gone)
select fence.id, :source_id, :kind, :name, :target_id, :cursor, :generation, :listing_run, :settled_run,
  :missing_runs, :properties, :doubt, :present, :copied, :skipped, :failed, :gone
from ({fence}) as fence returning *""".replace("{fence}", FENCE)

UPDATE_COLLECTION: Final = """
update collection set source_id = :source_id, kind = :kind, name = :name, target_id = :target_id,
  cursor = :cursor, generation = :generation, listing_run = :listing_run, settled_run = :settled_run,
  missing_runs = :missing_runs, properties = :properties
where id = :id and job = ({fence}) returning *""".replace("{fence}", FENCE)

DOUBT: Final = """
update collection set doubt = :doubt
where id = :collection and job = ({fence}) returning id""".replace("{fence}", FENCE)

SET_JOB: Final = """
update job set {assignments}
where id = :lease_job and token = :lease_token and state = 'leased' returning id"""

AUDIT_ROWS: Final = """
select seq, record from audit where chain = :chain and seq > :after order by seq limit :limit"""

AUDIT_BEFORE_CHAIN: Final = """
select id, at, job, run, collection, token, event, count, size from audit_before_chain
where job = :job and id > :after order by id limit :limit"""

ITEM: Final = """
select id, revision, digest, size, uid, day, target_id, target_revision, target_digest,
  outcome, reason, detail, presence, attempts, run, seen, fate, losses
from item where collection = :collection"""

PAGE: Final = " and id > :after order by id limit :limit"

ITEMS: Final = ITEM + " and id {among}"
BY_UID: Final = ITEM + " and uid {among} order by id"

IS_ABSENT: Final = " and seen < :generation and presence = 'here'"
IS_GONE: Final = " and presence = 'gone'"
IS_RETRYABLE: Final = (
    " and outcome <> 'copied' and presence = 'here' and run < :before_run and (outcome = 'failed' or attempts > 0)"
)

IS_WRITTEN: Final = " and run > :since and outcome = 'copied' and presence = 'here'"

ALL: Final = ITEM + PAGE
ABSENT: Final = ITEM + IS_ABSENT + PAGE
GONE: Final = ITEM + IS_GONE + PAGE
RETRYABLE: Final = ITEM + IS_RETRYABLE + PAGE
WRITTEN: Final = ITEM + IS_WRITTEN + PAGE
TOLD: Final = (
    """
select id, target_id, target_revision, size, target_digest
from item where collection = :collection"""
    + IS_WRITTEN
    + PAGE
)
"""What the receipts told of copies: a third of the cost of whole rows."""

FATES: Final = """
select item.fate as fate, count(*) as items
from item join collection on collection.id = item.collection
where collection.job = :job and collection.missing_runs < :confirming
  and item.fate is not null and item.fate >= '' and item.outcome = 'copied' and item.presence = 'here'
group by item.fate"""
"""Copies by the fate of their worst leaf, found by the index of mapped items: where there are none, none is read."""

LOSSES: Final = (
    ITEM
    + """ and fate is not null and outcome = 'copied' and presence = 'here'
  and fate in ('not-representable', 'refused') and (fate > :fate or (fate = :fate and id > :after))
order by fate, id limit :limit"""
)

COUNT: Final = "select count(*) from item where collection = :collection"
COUNT_ABSENT: Final = COUNT + IS_ABSENT
COUNT_GONE: Final = COUNT + IS_GONE
