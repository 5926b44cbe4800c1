"""``wherry resume``."""

from __future__ import annotations

import click

from wherry.cli.command import WherryCommand
from wherry.cli.completing import JOB
from wherry.cli.running import run_again
from wherry.cli.session import begin
from wherry.exits import Exit


@click.command(
    "resume",
    cls=WherryCommand,
    examples=["wherry resume 7f3a", "wherry resume 7f3a --allow-deletions"],
    exits=[
        Exit.DONE,
        Exit.SOME_NOT_COPIED,
        Exit.TEMPORARY,
        Exit.UNKNOWN_NAME,
        Exit.BUSY,
        Exit.ACCESS,
        Exit.FULL,
        Exit.SAFETY_STOP,
        Exit.NOT_REVOKED,
        Exit.INTERRUPTED,
    ],
)
@click.argument("job", type=JOB)
@click.option(
    "--allow-deletions", is_flag=True, help="Let this run delete from the copy what made it stop. Look first."
)
@click.pass_context
def resume_command(ctx: click.Context, job: str, allow_deletions: bool) -> int:  # noqa: FBT001 - click names it
    """Go on with JOB where it stopped.

    JOB is a job's id or its beginning. A job that had ended is run again.
    """
    flags, settings = begin(ctx)
    return run_again(flags, settings, job, allow_deletions=allow_deletions)
