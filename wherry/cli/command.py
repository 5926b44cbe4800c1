"""How a command looks: its flags, and a help page in sections with examples and exit codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from wherry.cli.flags import FLAG_NAMES, flag_options
from wherry.exits import MEANINGS, Exit

WIDTH = 100
"""Columns of a help page."""


class WherryCommand(click.Command):
    """A command whose help page shows sections, examples and exit codes.

    *answers* are codes that mean something of their own for one verb of the command.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - passed on to click
        sections: Mapping[str, Sequence[str]] | None = None,
        examples: Sequence[str] = (),
        exits: Sequence[Exit] = (Exit.DONE, Exit.USAGE),
        answers: Mapping[str, Mapping[int, str]] | None = None,
        **kwargs: Any,  # noqa: ANN401 - passed on to click
    ) -> None:
        kwargs["context_settings"] = {"max_content_width": WIDTH, **(kwargs.get("context_settings") or {})}
        super().__init__(*args, **kwargs)
        self.sections = sections or {}
        self.examples = tuple(examples)
        self.exits = tuple(exits)
        self.answers = answers or {}
        self.params.extend(flag_options())

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return arguments and required options first: what one has to write."""
        pieces = [piece for param in self.params for piece in param.get_usage_pieces(ctx)]
        needed = [
            f"{max(param.opts, key=len)} {param.make_metavar(ctx)}"
            for param in self.params
            if isinstance(param, click.Option) and param.required
        ]
        return [*pieces, *needed, "[OPTIONS]"]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        options = [param for param in self.params if isinstance(param, click.Option)]
        by_name = {option.name: record for option in options if (record := option.get_help_record(ctx))}
        by_name |= {"help": ("--help", "Show this page.")}
        placed = {name for names in self.sections.values() for name in names}
        rest = [name for name in by_name if name not in placed and name not in FLAG_NAMES]
        output = [name for name in by_name if name in FLAG_NAMES]
        for title, names in {**self.sections, "Options": rest, "Output": output}.items():
            if names:
                with formatter.section(title):
                    formatter.write_dl([by_name[name] for name in names])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples and exit codes."""
        del ctx
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), MEANINGS[code]) for code in self.exits])
        for verb, meanings in self.answers.items():
            with formatter.section(f"Exit codes of {verb}"):
                formatter.write_dl([(str(code), meaning) for code, meaning in meanings.items()])
