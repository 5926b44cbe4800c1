"""The flags every command has, accepted before and after the verb."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


@dataclass(slots=True)
class Flags:
    """How to speak, and which settings to use. Filled while the command line is read."""

    config: Path | None = None
    json: bool = False
    plain: bool = False
    quiet: bool = False
    verbose: bool = False

    def contradiction(self) -> str:
        """Return what cannot be asked for together, or an empty text."""
        if self.json and self.plain:
            return "--json and --plain cannot be used together."
        if self.quiet and self.verbose:
            return "-q and -v cannot be used together."
        return ""


def flags_of(ctx: click.Context) -> Flags:
    """Return the flags of the whole command line *ctx* belongs to."""
    found: Flags = ctx.find_root().ensure_object(Flags)
    return found


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:  # noqa: ANN401 - click gives any type
    if value:
        flags = flags_of(ctx)
        setattr(flags, str(param.name), value)
        if flags.contradiction() and not ctx.resilient_parsing:
            raise click.UsageError(flags.contradiction(), ctx)


def flag_options() -> list[click.Option]:
    """Return new options for one command."""

    def flag(*names: str, text: str) -> click.Option:
        return click.Option(names, is_flag=True, expose_value=False, callback=_keep, help=text)

    return [
        flag("--json", text="One JSON object per line, for programs."),
        flag("--plain", text="Plain lines, for logs."),
        flag("-q", "--quiet", text="Only problems and the result."),
        flag("-v", "--verbose", text="Say in detail what happens."),
        click.Option(
            ("--config",),
            type=click.Path(dir_okay=False, path_type=Path),
            expose_value=False,
            callback=_keep,
            help="Another settings file.",
            metavar="FILE",
        ),
    ]


FLAG_NAMES = frozenset({"json", "plain", "quiet", "verbose", "config", "help"})
"""Names of the options above, and of ``--help``: they share the last section of a help page."""
