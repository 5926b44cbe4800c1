"""The root command: finds the module of a command when it is called, and turns errors into words."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from wherry.cli.flags import Flags, flag_options, flags_of
from wherry.cli.pages import COMMANDS, ROOT
from wherry.exits import Exit

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

MODULES = {
    "jobs": "jobs",
    "status": "jobs",
    "pause": "steer",
    "cancel": "steer",
    "resume": "resume",
    "history": "versions",
    "restore": "versions",
    "accounts": "accounts",
    "disconnect": "accounts",
    "help": "help_topics",
}
"""Commands that share a module or whose module is called otherwise; the rest are called like theirs."""


class Root(click.Group):
    """The group of all commands. A command's module is imported when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the first page."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"wherry.cli.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, with advice when there is none of this name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from wherry.nearest import nearest

            close = nearest(args[0], COMMANDS)
            advice = f" Did you mean 'wherry {close}'?" if close else " See: wherry --help"
            raise click.UsageError(f"There is no command '{args[0]}'.{advice}", ctx)
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the first page."""
        del ctx
        return ROOT.rstrip("\n")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands without importing them."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]  # noqa: ANN401 - click declares it wider
        """Run a command line and end with its exit code; no traceback reaches a user."""
        flags = Flags()
        if "_WHERRY_COMPLETE" in os.environ:
            import_module("wherry.cli.completion")  # teaches click our script for Bash
        extra = {"prog_name": "wherry", **extra, "standalone_mode": False, "obj": flags}
        try:
            answer = super().main(args, **extra)
            code = int(answer) if isinstance(answer, int) else Exit.DONE
            sys.stdout.flush()
        except BaseException as error:  # noqa: BLE001 - the one place where everything ends
            from wherry.cli.trouble import settle

            # A line that could not be read to its end may have asked for JSON further on.
            flags.json = flags.json or "--json" in (sys.argv[1:] if args is None else args)
            code = settle(error, flags)
        sys.exit(code)


@click.pass_context
def _show_page(ctx: click.Context) -> None:
    flags_of(ctx)
    if ctx.invoked_subcommand is None:
        click.echo(ROOT, nl=False)


cli = Root(
    "wherry",
    callback=_show_page,
    invoke_without_command=True,
    params=[
        *flag_options(),
        click.Option(
            ("--version",),
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=lambda ctx, _param, value: _show_version(ctx) if value and not ctx.resilient_parsing else None,
            help="Show the version.",
        ),
    ],
)


def _show_version(ctx: click.Context) -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("wherry")
    except PackageNotFoundError:
        number = "(not installed)"
    click.echo(f"wherry {number}")
    ctx.exit()
