"""``wherry verify``: the copy against the source, item by item, and one sentence about it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.completing import JOB
from wherry.cli.jobs import find_job
from wherry.cli.session import begin, place_words
from wherry.cli.trouble import tell_stopped
from wherry.exits import Exit
from wherry.showing import count, show
from wherry.stopping import Stopper
from wherry.wiring import Wiring, open_database

if TYPE_CHECKING:
    from sync_engine.model import Job
    from sync_engine.verify import Verdict

SUMS = (
    "same",
    "differing",
    "missing",
    "unreadable",
    "not_copied",
    "newer",
    "new_at_source",
    "gone_at_source",
    "extra",
)
"""Counts of a verdict, in the order people ask for them."""

SHOWN = 20
"""Problems named one by one on a terminal; ``--json`` names all that are kept."""


@click.command(
    "verify",
    cls=WherryCommand,
    examples=["wherry verify 7f3a", "wherry verify 7f3a --json"],
    exits=[Exit.DONE, Exit.DIFFERENCES, Exit.TEMPORARY, Exit.UNKNOWN_NAME, Exit.ACCESS, Exit.INTERRUPTED],
)
@click.argument("job", type=JOB)
@click.pass_context
def verify_command(ctx: click.Context, job: str) -> int:
    """Compare source and copy of JOB as they are now. Nothing is written.

    Items that are new or changed at the source since the last run are counted, and are
    not differences: the next run copies them.
    """
    from connectors.errors import ConnectorError
    from sync_engine.verify import verify_job

    flags, settings = begin(ctx)
    database = open_database(settings)
    verdict = None
    try:
        found = find_job(database, job)
        with Stopper(announce=not flags.json) as stop:
            wiring = Wiring(settings, stop=stop)
            try:
                verdict = verify_job(database, found.id, open_place=wiring.open_place, stop=stop)
            except ConnectorError:
                if stop.code is None:  # otherwise the signal broke off a wait
                    raise
            finally:
                wiring.close()
    finally:
        database.close()
    if stop.code is not None or verdict is None:
        return tell_stopped(
            stop.code or Exit.INTERRUPTED, "Nothing was compared to its end; nothing was changed.", flags
        )
    code = Exit.DONE if verdict.good else Exit.DIFFERENCES
    if flags.json:
        _write_json(found, verdict, code)
    else:
        sys.stdout.write("\n".join(lines_on(found, verdict)) + "\n")
    return code


def lines_on(job: Job, verdict: Verdict) -> list[str]:
    """Return the verdict as sentences, and the first problems."""
    noun = job.spec.kind.value if job.spec.kind.value != "migrate" else "migration"
    where = place_words(job.spec.destination)
    counts = (
        f"{count(verdict.differing)} differ, {count(verdict.missing)} missing, {count(verdict.unreadable)} unreadable"
    )
    since = f"{count(verdict.new_at_source)} new and {count(verdict.newer)} changed at the source since the run."
    if verdict.good:
        same = count(verdict.same, "copied item")
        lines = [f"The {noun} looks good: all {same} are in {where} as they should be. {counts}; {since}"]
    else:
        same = count(verdict.same)
        lines = [f"The {noun} does not look good: {counts}, {same} as they should be in {where}; {since}"]
    if verdict.not_copied:
        lines.append(f"{count(verdict.not_copied, 'item')} could not be copied: wherry report {job.id}")
    lines += [
        f"  {problem.what:<11}{show(problem.collection)}  {show(problem.item)}" for problem in verdict.problems[:SHOWN]
    ]
    left = verdict.differing + verdict.missing + verdict.unreadable - SHOWN
    if left > 0:
        lines.append(f"  and {count(left)} more; all of them: wherry verify {job.id} --json")
    if not verdict.good:
        lines.append(f"Copy them again with: wherry resume {job.id}")
    return lines


def _write_json(job: Job, verdict: Verdict, code: Exit) -> None:
    for problem in verdict.problems:
        line = {"type": "difference", "collection": problem.collection, "ref": problem.item, "what": problem.what}
        sys.stdout.write(json.dumps({"v": 1, **line}) + "\n")
    sums = {name: getattr(verdict, name) for name in SUMS}
    last = {"type": "verdict", "job": job.id, "good": verdict.good, **sums, "exit_code": int(code)}
    sys.stdout.write(json.dumps({"v": 1, **last}) + "\n")
