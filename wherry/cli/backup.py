"""``wherry backup``."""

from __future__ import annotations

import click

from wherry.cli.choices import Choices, choice_options
from wherry.cli.command import WherryCommand
from wherry.cli.completing import complete_folders, complete_places
from wherry.cli.session import begin
from wherry.errors import PlaceError
from wherry.exits import OF_A_RUN
from wherry.places import complete, parse_place, same_place


@click.command(
    "backup",
    cls=WherryCommand,
    sections={"What to copy": ["only", "collection"], "How": ["destination", "dry_run", "keep_access"]},
    examples=[
        "wherry backup dav:home --to ~/pim",
        "wherry backup dav:home --to ~/pim --only contacts",
        'wherry backup caldav:home --to ~/pim --collection Work --collection "Birthdays"',
        "wherry backup google-calendar --to ~/pim",
        "wherry backup dav:home --to ~/pim --dry-run",
    ],
    exits=OF_A_RUN,
)
@click.argument("source", shell_complete=complete_places)
@click.option(
    "--to",
    "destination",
    required=True,
    metavar="FOLDER",
    shell_complete=complete_folders,
    help="Where the copy goes.",
)
@choice_options
@click.pass_context
def backup_command(ctx: click.Context, /, source: str, destination: str, **chosen: object) -> int:
    """Copy everything from SOURCE into FOLDER.

    Run it again at any time: only what is new or changed is fetched. Nothing is ever
    deleted at the source. What is deleted there leaves the copy too, but its last
    version is kept: wherry history FOLDER. Before a run ends it looks again at all it wrote.
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
    if same_place(left, right):
        raise PlaceError("Source and destination are the same place", hint="Choose another folder.")
    spec = JobSpec(JobKind.BACKUP, str(left), str(right), mirror=True, options=choices.options())
    return choices.carry_out(flags, settings, spec)
