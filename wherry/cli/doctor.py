"""``wherry doctor``."""

from __future__ import annotations

import json
import sys

import click

from wherry.cli.command import WherryCommand
from wherry.cli.session import begin
from wherry.exits import Exit
from wherry.showing import show
from wherry.stopping import Stopper


@click.command(
    "doctor",
    cls=WherryCommand,
    examples=["wherry doctor", "wherry doctor --json | jq 'select(.ok == false)'"],
    exits=[Exit.DONE, Exit.UNEXPECTED, Exit.USAGE],
)
@click.pass_context
def doctor_command(ctx: click.Context) -> int:
    """Look over the environment, the files, the database and the accounts, and say what to do.

    Nothing is changed. The exit code is 1 when something is wrong.
    """
    from wherry.examination import examine

    flags, settings = begin(ctx)
    bad = 0
    with Stopper(announce=False) as stop:
        for finding in examine(settings, stop=stop):
            bad += not finding.good
            if flags.json:
                line = {"check": finding.name, "ok": finding.good, "words": finding.words}
                line = {"v": 1, "type": "check", **line, "what_to_do": finding.what_to_do}
                sys.stdout.write(json.dumps(line) + "\n")
            elif not (flags.quiet and finding.good):
                mark = "ok     " if finding.good else "PROBLEM"
                sys.stdout.write(f"{mark}  {show(finding.name)}: {show(finding.words)}\n")
                if finding.what_to_do:
                    sys.stdout.write(f"         {show(finding.what_to_do)}\n")
            sys.stdout.flush()
    if stop.code is not None:
        return stop.code
    return Exit.UNEXPECTED if bad else Exit.DONE
