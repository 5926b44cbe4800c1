"""What workers write into a job's chain: a record for each page, and one when a run stops or ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from oauth.audit import FIELDS, Actor, Event, template
from sync_engine.audit import TENANT, append_job, masks, software_version, spec_fields
from sync_engine.model import ENDED, JobState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_engine.database import Database
    from sync_engine.model import Lease, PageCommit

_ERROR_CLASS: Final = re.compile(FIELDS["error_class"] or "")


class Trail:
    """Writes the records of pages. What is the same for every page of a lease is worked out once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._same: dict[tuple[str, int], dict[str, Any]] = {}

    def page(self, lease: Lease, page: PageCommit) -> str:
        """Return the record of *page* as ``oauth.audit.template`` writes it. Raises ``DatabaseError``."""
        key = lease.job.id, lease.token
        same = self._same.get(key)
        if same is None:
            same = self._same[key] = self._of_lease(lease)
        return template(
            page.event,
            actor=Actor.WORKER,
            collection=page.collection,
            resource_kind=page.kind,
            count=page.count,
            bytes=page.size,
            **same,
        )

    def _of_lease(self, lease: Lease) -> dict[str, Any]:
        with self._database.read() as connection:
            mask = masks(connection, self._database)
        return {
            "actor_id": mask.actor(lease.owner),
            "tenant": TENANT,
            "job": lease.job.id,
            "run": lease.job.run,
            "token": lease.token,
            "software_version": software_version(),
            **mask.fields(spec_fields(lease.job.spec)),
        }


def note_release(
    connection: Connection, database: Database, lease: Lease, state: JobState, problem: Mapping[str, str] | None
) -> None:
    """Record that the run of *lease* ended or halted in *state*; a slice that only gives way leaves no record."""
    if state is JobState.READY:
        return
    error = (problem or {}).get("error", "")
    append_job(
        connection,
        database,
        lease.job.id,
        Event.JOB_ENDED if state in ENDED else Event.JOB_HALTED,
        who=lease.owner,
        run=lease.job.run,
        token=lease.token,
        outcome=state.value,
        error_class=error if _ERROR_CLASS.fullmatch(error) else None,
    )
