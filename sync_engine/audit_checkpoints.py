"""Sign the ends of jobs' chains, and the store's, once a run is over.

A job has ended and its end is not signed: a checkpoint is owed. Whoever comes next pays it, so a
crash between the two leaves nothing unsigned for long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oauth.audit import STORE, Actor, Event, chain_of
from oauth.checkpoints import Checkpoint
from sync_engine.audit import APPEND_CHECKPOINT, JOB_HEAD, STORE_HEAD, append_store, store_id
from sync_engine.model import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy import Row
    from sqlalchemy.engine import Connection

    from oauth.checkpoints import Signer
    from sync_engine.database import Database

OWED: Final = """
select id from job where state in ({ended}) and audit_seq > coalesce(
  (select max(seq) from audit_checkpoint where chain = 'job:' || job.id), 0)
order by id""".replace("{ended}", ", ".join(f"'{state.value}'" for state in sorted(ENDED)))


def owed(database: Database) -> list[str]:
    """Return the jobs whose run is over and whose chain's end is not signed."""
    return [row.id for row in database.fetch(database.prepare(OWED), {})]


def pay(database: Database, jobs: list[str], open_signer: Callable[[], Signer]) -> int:
    """Sign the ends of *jobs* and of the store's chain; return how many were signed.

    The key is opened only when there is something to sign. Raises ``DatabaseError``, ``OAuthError``.
    """
    if not jobs:
        return 0
    signer = open_signer()
    for job in jobs:
        with database.write() as connection:
            _sign_job(connection, database, job, signer)
    return len(jobs)


def _sign_job(connection: Connection, database: Database, job: str, signer: Signer) -> None:
    """Sign a job's end; put that on record in the store's chain, and sign the end of that one too."""
    head = connection.execute(database.prepare(JOB_HEAD), {"job": job}).first()
    if head is None:
        return
    chain = chain_of(job)
    _keep(connection, database, chain, head, signer)
    append_store(
        connection,
        database,
        Event.CHECKPOINT,
        actor=Actor.WORKER,
        job=job,
        chain=chain,
        chain_seq=head.seq,
        chain_hash=head.hash,
        key_id=signer.key_id,
    )
    _keep(connection, database, STORE, connection.execute(database.prepare(STORE_HEAD)).one(), signer)


def _keep(connection: Connection, database: Database, chain: str, head: Row[Any], signer: Signer) -> None:
    end = Checkpoint(store_id(connection, database), chain, head.seq, head.hash, head.ts)
    signed, signature = signer.checkpoint(end)
    values = {"chain": chain, "seq": head.seq, "signed": signed, "signature": signature}
    connection.execute(database.prepare(APPEND_CHECKPOINT), values)
