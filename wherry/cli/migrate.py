"""``wherry migrate``."""

from __future__ import annotations

import click

from wherry import google_accounts
from wherry.cli.choices import Choices, choice_options
from wherry.cli.command import WherryCommand
from wherry.cli.completing import complete_places
from wherry.cli.session import begin
from wherry.errors import PlaceError
from wherry.exits import OF_A_RUN
from wherry.places import complete, parse_place, same_place


@click.command(
    "migrate",
    cls=WherryCommand,
    sections={"What to copy": ["only", "collection"], "How": ["destination", "mirror", "dry_run", "keep_access"]},
    examples=[
        "wherry migrate dav:home --to dav:work",
        "wherry migrate ~/pim --to dav:new --dry-run",
        "wherry migrate carddav:home --to carddav:work --mirror",
        "wherry migrate google-contacts --to carddav:home",
    ],
    exits=OF_A_RUN,
)
@click.argument("source", shell_complete=complete_places)
@click.option(
    "--to",
    "destination",
    required=True,
    metavar="DESTINATION",
    shell_complete=complete_places,
    help="Where it goes: an account or a folder.",
)
@click.option("--mirror", is_flag=True, help="Also delete at DESTINATION what was copied and is gone at SOURCE.")
@choice_options
@click.pass_context
def migrate_command(ctx: click.Context, /, source: str, destination: str, mirror: bool, **chosen: object) -> int:  # noqa: FBT001 - click names it
    """Copy everything from SOURCE to DESTINATION.

    Run it again at any time: only what is new or changed is copied. Nothing is ever
    changed at SOURCE, and what stood at DESTINATION before is left alone.
    Before a run ends it reads back all it wrote.
    """
    from sync_engine.model import JobKind, JobSpec

    flags, settings = begin(ctx)
    choices = Choices.of(chosen)
    left = complete(parse_place(source, extra=settings.connectors), settings)
    right = complete(parse_place(destination, extra=settings.connectors), settings)
    if right.kind in google_accounts.KINDS:
        raise PlaceError(f"Nothing is written to '{destination}'", hint="Google's accounts are only read.")
    if same_place(left, right):
        raise PlaceError("Source and destination are the same place", hint="Choose another destination.")
    spec = JobSpec(JobKind.MIGRATE, str(left), str(right), mirror=mirror, options=choices.options())
    return choices.carry_out(flags, settings, spec)
