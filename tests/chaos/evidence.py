"""What a database and a journal prove after the chaos: nothing lost, nothing twice, nobody but the holder."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from oauth.audit import Event
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import JobState
from tests.chaos.lease_worker import ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_engine.database import Database
    from tests.chaos.crew import Entry

SHARED = """
select count(*) from job as one join job as two on one.id < two.id
where one.state = 'leased' and two.state = 'leased'
  and (one.source_connection in (two.source_connection, two.target_connection)
    or one.target_connection in (two.source_connection, two.target_connection))"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts of what must not happen, and of jobs and pages that came through."""

    jobs_done: int
    pages: int
    lost_pages: int
    repeated_pages: int
    zombie_writes: int
    double_holders: int
    wrong_counters: int

    @property
    def clean(self) -> bool:
        """Whether nothing happened that must not."""
        return not any(
            (self.lost_pages, self.repeated_pages, self.zombie_writes, self.double_holders, self.wrong_counters)
        )


def shared_connections(database: Database) -> int:
    """Count pairs of leased jobs that share a connection at this moment."""
    with database.read() as connection:
        return int(connection.exec_driver_sql(SHARED).scalar() or 0)


def judge(database: Database, entries: Sequence[Entry], *, pages: int) -> Verdict:
    """Read everything back."""
    found = [_judge_job(database, job.id, pages, done=job.state is JobState.DONE) for job in Jobs(database).list()]
    claims = [(entry.job, entry.token) for entry in entries if entry.what == "claim"]
    done, written, lost, repeated, zombies, wrong = (sum(column) for column in zip(*found, strict=True))
    return Verdict(
        jobs_done=done,
        pages=written,
        lost_pages=lost,
        repeated_pages=repeated,
        zombie_writes=zombies,
        double_holders=len(claims) - len(set(claims)),
        wrong_counters=wrong,
    )


def _judge_job(database: Database, job: str, pages: int, *, done: bool) -> tuple[int, ...]:
    """Return done, pages, lost, repeated, zombie writes, wrong counters of one job."""
    ledger = Ledger(database)
    collection = ledger.collections(job)[0]
    commits = [row for row in ledger.audit_rows(job) if row.event == Event.PAGE_SETTLED]
    written = _pages(ledger, collection.id)
    expected: Any = pages if done else (collection.cursor or {}).get("page", 0)
    lost = sum(1 for page in range(expected) if written.get(page) != ITEMS)
    repeated = len(commits) - len({row.count for row in commits})
    tokens = [row.token or 0 for row in commits]
    zombies = sum(1 for before, after in pairwise(tokens) if after < before)
    wrong = int(collection.present != ITEMS * len(written) or collection.copied != collection.present)
    return int(done), len(written), lost, repeated, zombies, wrong


def _pages(ledger: Ledger, collection: int) -> dict[int, int]:
    """Count the items of each page in the ledger."""
    found: dict[int, int] = {}
    after = ""
    while rows := ledger.all_items(collection, after=after):
        after = rows[-1].id
        for row in rows:
            page = int(row.id.partition("-")[0])
            found[page] = found.get(page, 0) + 1
    return found
