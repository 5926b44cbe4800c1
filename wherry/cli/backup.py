"""``wherry backup``."""

from __future__ import annotations

import click

from wherry.cli.choices import Choices, choice_options
from wherry.cli.command import WherryCommand
from wherry.cli.running import run_spec
from wherry.cli.session import begin
from wherry.errors import PlaceError
from wherry.exits import Exit
from wherry.places import complete, parse_place


@click.command(
    "backup",
    cls=WherryCommand,
    sections={"What to copy": ["only", "collection"], "How": ["destination", "dry_run"]},
    examples=[
        "wherry backup dav:home --to ~/pim",
        "wherry backup dav:home --to ~/pim --only contacts",
        'wherry backup caldav:home --to ~/pim --collection Work --collection "Birthdays"',
        "wherry backup dav:home --to ~/pim --dry-run",
    ],
    exits=[
        Exit.DONE,
        Exit.USAGE,
        Exit.SOME_NOT_COPIED,
        Exit.TEMPORARY,
        Exit.UNKNOWN_NAME,
        Exit.BUSY,
        Exit.ACCESS,
        Exit.FULL,
        Exit.SAFETY_STOP,
        Exit.INTERRUPTED,
    ],
)
@click.argument("source")
@click.option("--to", "destination", required=True, metavar="FOLDER", help="Where the copy goes.")
@choice_options
@click.pass_context
def backup_command(ctx: click.Context, /, source: str, destination: str, **chosen: object) -> int:
    """Copy everything from SOURCE into FOLDER.

    Run it again at any time: only what is new or changed is fetched. Nothing is ever
    deleted at the source. What is deleted there leaves the copy too, but its last
    version is kept: wherry history FOLDER.
    """
    from sync_engine.model import JobKind, JobSpec

    flags, settings = begin(ctx)
    choices = Choices.of(chosen)
    left = complete(parse_place(source, extra=settings.connectors), settings)
    right = parse_place(destination, extra=settings.connectors)
    if not right.local:
        raise PlaceError(
            f"'{destination}' is no folder", hint=f"Into an account: wherry migrate {source} --to {destination}"
        )
    if left == right:
        raise PlaceError("Source and destination are the same place", hint="Choose another folder.")
    spec = JobSpec(JobKind.BACKUP, str(left), str(right), mirror=True, options=choices.options())
    if choices.dry_run:
        from wherry.cli.dry_run import show_plan

        return show_plan(flags, settings, spec)
    return run_spec(flags, settings, spec)
