"""Run a job from the command line: backup, migrate and resume meet here.

The order matters for speed: the source is asked first, in a thread of its own, and only
then is the database library imported.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sync_engine.events import Event, RunEnded
from wherry.cli.output import choose_printer
from wherry.stopping import Stopper
from wherry.wiring import Wiring, open_database

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.model import Job, JobSpec
    from wherry.cli.flags import Flags
    from wherry.settings import Settings

Begin = Callable[["Jobs"], "Job"]
"""Finds or makes the job and makes it ready."""


def run_spec(flags: Flags, settings: Settings, spec: JobSpec) -> int:
    """Run the job *spec* describes, a new one or the one that has it; return the exit code."""

    def submit(jobs: Jobs) -> Job:
        return jobs.start(jobs.submit(spec).id)

    with Stopper(announce=not flags.json) as stop:
        wiring = Wiring(settings, stop=stop)
        wiring.start_early(spec)
        return _run(flags, settings, wiring, stop, submit)


def run_again(flags: Flags, settings: Settings, job: str, *, allow_deletions: bool) -> int:
    """Go on with *job* (an id or its beginning); return the exit code."""

    def resume(jobs: Jobs) -> Job:
        if allow_deletions:
            jobs.allow_deletions(job)
        return jobs.start(job)

    with Stopper(announce=not flags.json) as stop:
        return _run(flags, settings, Wiring(settings, stop=stop), stop, resume)


def _run(flags: Flags, settings: Settings, wiring: Wiring, stop: Stopper, begin: Begin) -> int:
    try:
        database = open_database(settings)
        try:
            return _drive(flags, database, wiring, stop, begin)
        finally:
            database.close()
    finally:
        wiring.close()


def _drive(flags: Flags, database: Database, wiring: Wiring, stop: Stopper, begin: Begin) -> int:
    from sync_engine.jobs import Jobs
    from sync_engine.ledger import Ledger
    from sync_engine.report import build_report
    from sync_engine.worker import Worker
    from wherry.cli.result import Result, show_result

    # What a copy makes is freed by its reference counts. Looking through the libraries' objects for
    # cycles again and again would take a tenth of the run.
    gc.freeze()
    gc.set_threshold(50_000)
    jobs = Jobs(database)
    job = begin(jobs)
    printer = choose_printer(flags, stdout=sys.stdout, stderr=sys.stderr)
    ended: list[RunEnded] = []

    turn = threading.Lock()

    def listen(event: Event) -> None:
        with turn:  # several collections are copied at once, each in a thread of its own
            if isinstance(event, RunEnded):
                ended.append(event)
            printer(event)

    try:
        Worker(database, open_place=wiring.open_place, listener=listen, stop=stop).run_job(job.id)
    finally:
        printer.close()
    report = build_report(jobs, Ledger(database), job.id)
    return show_result(Result(report, ended[-1] if ended else None, stop.code), jobs, flags)
