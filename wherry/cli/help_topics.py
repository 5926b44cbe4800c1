"""``wherry help``: a topic, a command, or the list of both."""

from __future__ import annotations

import click

from wherry.cli.command import WherryCommand
from wherry.cli.pages import COMMANDS, ROOT, TOPICS, topic
from wherry.errors import NameUnknown
from wherry.exits import Exit
from wherry.nearest import did_you_mean


@click.command(
    "help",
    cls=WherryCommand,
    examples=["wherry help places", "wherry help exit-codes", "wherry help backup"],
    exits=[Exit.DONE, Exit.UNKNOWN_NAME],
)
@click.argument("name", metavar="TOPIC", required=False)
@click.pass_context
def help_command(ctx: click.Context, name: str | None) -> None:
    """Show help on a topic or a command.

    Topics: exit-codes, places, scripting.
    """
    click.echo(_page(ctx, name), nl=False)


def _page(ctx: click.Context, name: str | None) -> str:
    if name is None:
        return ROOT
    page = topic(name)
    if page is not None:
        return page
    root = ctx.find_root()
    command = root.command.get_command(root, name) if isinstance(root.command, click.Group) else None
    if command is None:
        hint = did_you_mean(name, [*COMMANDS, *TOPICS])
        raise NameUnknown(f"No help on '{name}'", hint=hint)
    with click.Context(command, parent=root, info_name=name) as inner:
        return command.get_help(inner) + "\n"
