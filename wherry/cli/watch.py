"""``wherry watch``: the progress of a job, whoever works on it, read from the database."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from sync_engine.events import JobStarted, PhaseEntered, Progress
from wherry.cli.command import WherryCommand
from wherry.cli.completing import JOB
from wherry.cli.jobs import find_job, job_line, status_line, totals_of
from wherry.cli.output import JsonPrinter, Printer, choose_printer
from wherry.cli.session import begin
from wherry.exits import OF_A_LOOK
from wherry.stopping import Stopper
from wherry.wiring import open_database

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.model import Job

POLL = 0.5
"""Seconds between two looks."""


@click.command(
    "watch",
    cls=WherryCommand,
    examples=["wherry watch", "wherry watch 7f3a --plain"],
    exits=OF_A_LOOK,
)
@click.argument("job", type=JOB, required=False)
@click.pass_context
def watch_command(ctx: click.Context, job: str | None) -> int:
    """Show the progress of JOB, or of the newest, until its run ends.

    Another process may be working on it. Ctrl-C stops watching, never the job.
    """
    from wherry.cli.result import code_for

    flags, settings = begin(ctx)
    database = open_database(settings)
    printer = choose_printer(flags, stdout=sys.stdout, stderr=sys.stderr)
    try:
        with Stopper(announce=False) as stop:
            found = _follow(database, find_job(database, job), printer, stop)
        totals = totals_of(database, found)
    finally:
        printer.close()
        database.close()
    if isinstance(printer, JsonPrinter):
        line = job_line(found, totals)
        line.pop("v")
        printer.write(line)
    else:
        sys.stdout.write(status_line(found, totals) + "\n")
    return stop.code or code_for(found)


def _follow(database: Database, job: Job, printer: Printer, stop: Stopper) -> Job:
    """Tell *printer* what changes until nobody works on *job* any more; return it as it stands then."""
    from sync_engine.jobs import Jobs
    from sync_engine.model import JobState

    jobs = Jobs(database)
    printer(JobStarted(job.id, job.spec.kind.value, job.spec.source, job.spec.destination, job.run, resumed=False))
    phase = None
    while True:
        if job.phase is not phase:
            phase = job.phase
            printer(PhaseEntered(job.id, phase.value))
        totals = totals_of(database, job)
        settled = totals.copied + totals.skipped + totals.failed
        printer(Progress(job.id, phase.value, "", settled, max(settled, totals.present), 0, totals.not_copied))
        if stop() or job.state is not JobState.LEASED:
            return job
        if jobs.leased_by(job.id) is None:  # it may have ended since it was read
            return jobs.get(job.id) or job
        time.sleep(POLL)
        job = jobs.get(job.id) or job
