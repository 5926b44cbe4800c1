"""``wherry jobs`` and ``wherry status``: where jobs stand."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.completing import JOB
from wherry.cli.session import begin, job_words
from wherry.exits import OF_A_LOOK, Exit
from wherry.showing import columns, count, moment, padded
from wherry.wiring import open_database

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.model import Job
    from sync_engine.report import Counts

STATES = {
    "ready": "ready",
    "leased": "running",
    "paused": "paused",
    "needs_user": "needs you",
    "stopped": "safety stop",
    "done": "done",
    "done_with_problems": "done, with problems",
    "cancelled": "cancelled",
    "failed": "failed",
}
"""States as people say them."""


@click.command("jobs", cls=WherryCommand, examples=["wherry jobs", "wherry jobs --json | jq .state"], exits=[Exit.DONE])
@click.pass_context
def jobs_command(ctx: click.Context) -> None:
    """List all jobs, newest first."""
    from sync_engine.jobs import Jobs

    flags, settings = begin(ctx)
    database = open_database(settings)
    try:
        found = [(job, totals_of(database, job)) for job in reversed(Jobs(database).list())]
    finally:
        database.close()
    if flags.json:
        for job, totals in found:
            sys.stdout.write(json.dumps(job_line(job, totals)) + "\n")
    elif not found:
        sys.stderr.write("There are no jobs yet. Begin with: wherry backup SOURCE --to FOLDER\n")
    else:
        sys.stdout.write(_table(found))


@click.command(
    "status",
    cls=WherryCommand,
    examples=["wherry status", "wherry status 7f3a --json"],
    exits=OF_A_LOOK,
)
@click.argument("job", type=JOB, required=False)
@click.pass_context
def status_command(ctx: click.Context, job: str | None) -> int:
    """Say on one line where JOB stands; without JOB, the newest.

    The exit code is that of the job's last run; 5 while it is not finished, 130 when it is
    paused or cancelled.
    """
    from wherry.cli.result import code_for

    flags, settings = begin(ctx)
    database = open_database(settings)
    try:
        found = find_job(database, job)
        totals = totals_of(database, found)
    finally:
        database.close()
    if flags.json:
        sys.stdout.write(json.dumps(job_line(found, totals)) + "\n")
    else:
        sys.stdout.write(status_line(found, totals) + "\n")
    return code_for(found)


def find_job(database: Database, job: str | None) -> Job:
    """Return *job*, or the newest. Raises ``JobUnknown``, ``JobAmbiguous``."""
    from sync_engine.errors import JobUnknown
    from sync_engine.jobs import Jobs

    jobs = Jobs(database)
    found = jobs.get(job) if job is not None else next(reversed(jobs.list()), None)
    if found is None:
        raise JobUnknown(job or "yet")
    return found


def totals_of(database: Database, job: Job) -> Counts:
    """Return the sums over a job's collections."""
    from sync_engine.jobs import Jobs
    from sync_engine.ledger import Ledger
    from sync_engine.report import build_report

    return build_report(Jobs(database), Ledger(database), job.id).totals


def status_line(job: Job, totals: Counts) -> str:
    """Return one line about *job*."""
    parts = [
        job.id,
        STATES.get(job.state.value, job.state.value),
        f"{count(totals.copied)}/{count(totals.present, 'item')}",
    ]
    if totals.not_copied:
        parts.append(f"{count(totals.not_copied)} not copied")
    return "  ".join([*parts, job_words(job)])


def job_line(job: Job, totals: Counts) -> dict[str, object]:
    """Return *job* as a JSON line holds it."""
    return {
        "v": 1,
        "type": "status",
        "job": job.id,
        "kind": job.spec.kind.value,
        "source": job.spec.source,
        "destination": job.spec.destination,
        "state": job.state.value,
        "phase": job.phase.value,
        "run": job.run,
        "present": totals.present,
        "copied": totals.copied,
        "skipped": totals.skipped,
        "failed": totals.failed,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "reason": (job.problem or {}).get("reason"),
    }


def _table(found: list[tuple[Job, Counts]]) -> str:
    head = ("JOB", "KIND", "STATE", "COPIED", "NOT COPIED", "LAST RUN", "WHAT")
    rows = [
        (
            job.id,
            job.spec.kind.value,
            STATES.get(job.state.value, job.state.value),
            count(totals.copied),
            count(totals.not_copied),
            moment(job.ended_at or job.started_at),
            job_words(job),
        )
        for job, totals in found
    ]
    return table(head, rows, right=frozenset({3, 4}))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """Return rows in columns; *right* are the columns of numbers."""
    widths = [max(columns(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = []
    for row in [head, *rows]:
        cells = [
            padded(text, width, right=column in right)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"
