"""``wherry pause`` and ``wherry cancel``: wishes, obeyed at the next safe point."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.completing import JOB
from wherry.cli.session import begin
from wherry.exits import Exit
from wherry.wiring import open_database

if TYPE_CHECKING:
    from sync_engine.model import Want

EXITS = [Exit.DONE, Exit.UNKNOWN_NAME]


@click.command("pause", cls=WherryCommand, examples=["wherry pause 7f3a"], exits=EXITS)
@click.argument("job", type=JOB)
@click.pass_context
def pause_command(ctx: click.Context, job: str) -> None:
    """Stop JOB at its next safe point. Nothing is lost; go on with: wherry resume JOB."""
    from sync_engine.model import Want

    _wish(ctx, job, Want.PAUSE)


@click.command("cancel", cls=WherryCommand, examples=["wherry cancel 7f3a"], exits=EXITS)
@click.argument("job", type=JOB)
@click.pass_context
def cancel_command(ctx: click.Context, job: str) -> None:
    """End JOB at its next safe point. What is copied stays where it is."""
    from sync_engine.model import Want

    _wish(ctx, job, Want.CANCEL)


def _wish(ctx: click.Context, job: str, want: Want) -> None:
    from sync_engine.jobs import Jobs
    from sync_engine.model import ENDED, JobState

    flags, settings = begin(ctx)
    database = open_database(settings)
    try:
        found = Jobs(database).want(job, want)
    finally:
        database.close()
    if flags.json:
        line = {"v": 1, "type": "wish", "job": found.id, "want": want.value, "state": found.state.value}
        sys.stdout.write(json.dumps(line) + "\n")
        return
    if found.state is JobState.LEASED:
        text = f"{found.id} will {want.value} at its next safe point."
    elif found.state in ENDED and found.state is not JobState.CANCELLED:
        text = f"{found.id} had ended already ({found.state.value.replace('_', ' ')})."
    else:
        text = f"{found.id} is {found.state.value.replace('_', ' ')}."
    sys.stdout.write(text + "\n")
