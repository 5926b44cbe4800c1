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
    from sync_engine.database import Database
    from sync_engine.model import Job, Want
    from wherry.cli.flags import Flags
    from wherry.settings import Settings

EXITS = [Exit.DONE, Exit.UNKNOWN_NAME, Exit.NOT_REVOKED]


@click.command("pause", cls=WherryCommand, examples=["wherry pause 7f3a"], exits=EXITS)
@click.argument("job", type=JOB)
@click.pass_context
def pause_command(ctx: click.Context, job: str) -> int:
    """Stop JOB at its next safe point. Nothing is lost; go on with: wherry resume JOB."""
    from sync_engine.model import Want

    return _wish(ctx, job, Want.PAUSE)


@click.command("cancel", cls=WherryCommand, examples=["wherry cancel 7f3a"], exits=EXITS)
@click.argument("job", type=JOB)
@click.pass_context
def cancel_command(ctx: click.Context, job: str) -> int:
    """End JOB at its next safe point, and the access it held. What is copied stays where it is."""
    from sync_engine.model import Want

    return _wish(ctx, job, Want.CANCEL)


def _wish(ctx: click.Context, job: str, want: Want) -> int:
    from sync_engine.jobs import Jobs

    flags, settings = begin(ctx)
    database = open_database(settings)
    try:
        found = Jobs(database).want(job, want)
        _tell_wish(flags, found, want)
        return _settled(flags, settings, database)
    finally:
        database.close()


def _settled(flags: Flags, settings: Settings, database: Database) -> Exit:
    """End the access that nobody holds any more, if there is such."""
    from sync_engine.glimpse_owed import anything_owed

    if not anything_owed(database):
        return Exit.DONE
    from wherry.access import Access
    from wherry.cli.ending import settle_access

    access = Access(settings, database)
    try:
        return settle_access(flags, access)
    finally:
        access.close()


def _tell_wish(flags: Flags, found: Job, want: Want) -> None:
    from sync_engine.model import ENDED, JobState

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
