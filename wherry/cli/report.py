"""``wherry report``: what a job did, as text, JSON lines or a page to keep."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.completing import JOB
from wherry.cli.jobs import STATES, find_job, table
from wherry.cli.result import KIND_WORDS
from wherry.cli.session import begin, job_words, place_words
from wherry.exits import Exit
from wherry.explain import reason_words
from wherry.fidelity import fidelity_line, fidelity_words, loss_line
from wherry.showing import count, moment, show
from wherry.verified import verified_in
from wherry.wiring import open_database

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.ledger import Ledger
    from sync_engine.report import Report


@click.command(
    "report",
    cls=WherryCommand,
    examples=["wherry report 7f3a", "wherry report 7f3a --html report.html", "wherry report 7f3a --json"],
    exits=[Exit.DONE, Exit.UNKNOWN_NAME],
)
@click.argument("job", type=JOB, required=False)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write one page to keep or hand in."
)
@click.pass_context
def report_command(ctx: click.Context, job: str | None, html: Path | None) -> None:
    """Tell what JOB copied, what it left out, and why; without JOB, the newest."""
    from sync_engine.jobs import Jobs
    from sync_engine.ledger import Ledger
    from sync_engine.report import build_report

    flags, settings = begin(ctx)
    database = open_database(settings)
    try:
        jobs, ledger = Jobs(database), Ledger(database)
        report = build_report(jobs, ledger, find_job(database, job).id)
        if html is not None:
            _write_page(database, report, html)
        if flags.json:
            sys.stdout.writelines(json.dumps({"v": 1, **line}) + "\n" for line in _json_lines(jobs, ledger, report))
        elif html is None:
            sys.stdout.writelines(line + "\n" for line in text_lines(jobs, ledger, report))
    finally:
        database.close()


def text_lines(jobs: Jobs, ledger: Ledger, report: Report) -> Iterator[str]:
    """Yield the report as text: problems are streamed, there may be many."""
    from sync_engine.report import losses, problems

    job = report.job
    yield f"{job.spec.kind.value.capitalize()} {job.id}: {job_words(job)}"
    yield f"{STATES.get(job.state.value, job.state.value)}, run {job.run}, {moment(job.ended_at or job.started_at)}"
    yield ""
    yield report.verdict
    if verified := verified_in(job.verified, copied=report.totals.copied):
        yield f"Verified: {verified}."
    if kept := fidelity_words(report.fidelity):
        yield f"Fidelity: {kept}."
    yield ""
    head = ("COLLECTION", "KIND", "AT THE SOURCE", "COPIED", "LEFT OUT", "FAILED", "GONE, KEPT")
    rows = [
        (
            show(c.name, limit=40) + (" (not there)" if c.missing else ""),
            KIND_WORDS.get(c.kind, c.kind),
            *(count(n) for n in (c.counts.present, c.counts.copied, c.counts.skipped, c.counts.failed, c.counts.gone)),
        )
        for c in report.collections
    ]
    if rows:
        yield table(head, rows, right=frozenset(range(2, 7))).rstrip("\n")
    first = True
    for problem in problems(jobs, job.id):
        if first:
            yield ""
            yield "Not copied"
            first = False
        detail = f" ({show(problem.detail)})" if problem.detail else ""
        yield f"  {show(problem.collection, limit=40)}  {show(problem.item)}: {reason_words(problem.reason)}{detail}"
    for number, loss in enumerate(losses(ledger, job.id)):
        if not number:
            yield ""
            yield "Copied without a part"
        yield f"  {show(loss.collection, limit=40)}  {show(loss.item)}: {show(loss.losses.words(), limit=1000)}"


def _json_lines(jobs: Jobs, ledger: Ledger, report: Report) -> Iterator[dict[str, object]]:
    from dataclasses import asdict

    from sync_engine.report import losses, problems

    job = report.job
    yield {
        "type": "report",
        "job": job.id,
        "kind": job.spec.kind.value,
        "source": job.spec.source,
        "destination": job.spec.destination,
        "state": job.state.value,
        "run": job.run,
        **asdict(report.totals),
        "verdict": report.verdict,
        "verified": job.verified.count,
        "verified_run": job.verified.run,
        "verified_how": job.verified.how.value if job.verified.how else None,
        "fidelity": fidelity_line(report.fidelity),
    }
    for collection in report.collections:
        yield {"type": "collection", "name": collection.name, "kind": collection.kind, **asdict(collection.counts)}
    for problem in problems(jobs, job.id):
        yield {"type": "problem", **asdict(problem)}
    for loss in losses(ledger, job.id):
        yield loss_line(loss)
    for day, source, copied in jobs.days(job.id):
        yield {"type": "day", "day": day, "source": source, "copied": copied}


def _write_page(database: Database, report: Report, file: Path) -> None:
    from wherry.errors import FileTrouble
    from wherry.folders import write_atomically
    from wherry.report_page import render

    page = render(
        database, report, words=(place_words(report.job.spec.source), place_words(report.job.spec.destination))
    )
    try:
        write_atomically(file.resolve(), page.encode(), mode=0o600)
    except OSError as error:
        raise FileTrouble(f"{file}: {error.strerror}") from error
    sys.stderr.write(f"The report is in {show(str(file))}\n")
