"""``wherry completion``: the script a shell needs to complete wherry's command lines."""

from __future__ import annotations

import click

from wherry.cli.command import WherryCommand
from wherry.exits import Exit


@click.command(
    "completion",
    cls=WherryCommand,
    examples=[
        'eval "$(wherry completion bash)"                  in ~/.bashrc',
        "wherry completion fish > ~/.config/fish/completions/wherry.fish",
    ],
    exits=[Exit.DONE, Exit.USAGE],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    Commands and options are completed.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"No completion for {shell}.", ctx)
    click.echo(found(ctx.find_root().command, {}, "wherry", "_WHERRY_COMPLETE").source())
