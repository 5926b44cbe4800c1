"""Run a job from the command line: backup, migrate and resume meet here."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sync_engine.events import Event, RunEnded, Waiting
from wherry.auditing import settle_checkpoints
from wherry.cli.holding import Holding
from wherry.cli.output import Printer, choose_printer
from wherry.exits import Exit
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


def run_spec(flags: Flags, settings: Settings, spec: JobSpec, *, keep_access: bool = False) -> int:
    """Run the job *spec* describes, a new one or the one that has it; return the exit code."""

    def submit(jobs: Jobs) -> Job:
        return jobs.start(jobs.submit(spec).id)

    with Stopper(announce=not flags.json) as stop:
        wiring = Wiring(settings, stop=stop)
        return _run(flags, wiring, stop, submit, keep_access=keep_access)


def run_again(flags: Flags, settings: Settings, job: str, *, allow_deletions: bool) -> int:
    """Go on with *job* (an id or its beginning); return the exit code."""

    def resume(jobs: Jobs) -> Job:
        if allow_deletions:
            jobs.allow_deletions(job)
        return jobs.start(job)

    with Stopper(announce=not flags.json) as stop:
        return _run(flags, Wiring(settings, stop=stop), stop, resume)


def _run(flags: Flags, wiring: Wiring, stop: Stopper, begin: Begin, *, keep_access: bool = False) -> int:
    try:
        database = open_database(wiring.settings)
        try:
            settle_checkpoints(database, wiring.settings)
            holding = Holding(wiring, database, keep=keep_access)
            try:
                code = _drive(flags, database, wiring, stop=stop, begin=begin, holding=holding)
            finally:
                settle_checkpoints(database, wiring.settings)
                ended = holding.end(flags)
            return ended if code == Exit.DONE else code
        finally:
            database.close()
    finally:
        wiring.close()


def _drive(flags: Flags, database: Database, wiring: Wiring, *, stop: Stopper, begin: Begin, holding: Holding) -> int:
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
    job = holding.taken(begin(jobs))
    printer = choose_printer(flags, stdout=sys.stdout, stderr=sys.stderr)
    listener = Listening(printer)
    wiring.waiting = lambda seconds: listener(Waiting(job.id, seconds, "the other side asked to wait"))

    def ending() -> bool:
        return stop() or (flags.json and listener.deaf is not None)

    try:
        Worker(database, open_place=wiring.open_place, listener=listener, stop=ending).run_job(job.id)
    finally:
        listener.close()
    if flags.json and listener.deaf is not None:
        raise listener.deaf
    report = build_report(jobs, Ledger(database), job.id)
    # Of JSON the summary is the last line, and holds the exit code; a person reads the end of access last.
    access = holding.end(flags) if flags.json else Exit.DONE
    return show_result(Result(report, listener.ended, stop.code, access), jobs, flags)


class Listening:
    """Passes a run's events to a printer. A stream that fails silences the printer, never the run."""

    def __init__(self, printer: Printer) -> None:
        self.ended: RunEnded | None = None
        self.deaf: OSError | None = None
        self._printer = printer
        self._turn = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Show *event*; several collections are copied at once, each in a thread of its own."""
        with self._turn:
            if isinstance(event, RunEnded):
                self.ended = event
            self._quietly(lambda: self._printer(event))

    def close(self) -> None:
        """End what is drawn."""
        self._quietly(self._printer.close)

    def _quietly(self, show: Callable[[], None]) -> None:
        if self.deaf is None:
            try:
                show()
            except OSError as error:
                self.deaf = error
