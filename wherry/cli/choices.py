"""What backup and migrate let one choose, and how a job keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from wherry.cli.running import run_spec
from wherry.places import ONLY
from wherry.wiring import SEPARATOR

if TYPE_CHECKING:
    from sync_engine.model import JobSpec
    from wherry.cli.flags import Flags
    from wherry.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Choices:
    """*only* holds kinds of the port, *collections* names as written."""

    only: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    dry_run: bool = False
    keep_access: bool = False

    @classmethod
    def of(cls, chosen: Mapping[str, object]) -> Choices:
        """Return the choices click collected."""
        words = cast("tuple[str, ...]", chosen.get("only", ()))
        names = cast("tuple[str, ...]", chosen.get("collection", ()))
        return cls(
            tuple(sorted({ONLY[word] for word in words})),
            tuple(sorted(set(names))),
            dry_run=bool(chosen.get("dry_run")),
            keep_access=bool(chosen.get("keep_access")),
        )

    def options(self) -> dict[str, str]:
        """Return them as a job's options."""
        kept = {"only": SEPARATOR.join(self.only), "collections": SEPARATOR.join(self.collections)}
        return {name: text for name, text in kept.items() if text}

    def carry_out(self, flags: Flags, settings: Settings, spec: JobSpec) -> int:
        """Show what *spec* would do, or do it; return the exit code."""
        if self.dry_run:
            from wherry.cli.dry_run import show_plan

            return show_plan(flags, settings, spec)
        return run_spec(flags, settings, spec, keep_access=self.keep_access)


def collection_option() -> Callable[[F], F]:
    """Return the option that chooses collections by name."""
    return click.option(
        "--collection",
        multiple=True,
        metavar="NAME",
        callback=_named,
        help="Only this one, by its name; repeatable.",
    )


def _named(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty name: an unset variable of a script must not come to mean everything."""
    if not all(name.strip() for name in names):
        raise click.BadParameter("The name is empty.", ctx, param)
    return names


def choice_options(command: F) -> F:
    """Add the options to a command."""
    for option in (
        click.option("--dry-run", is_flag=True, help="List what would be copied, with totals; change nothing."),
        click.option(
            "--keep-access",
            is_flag=True,
            help="Keep access given at a provider for 30 days; else it ends with the job.",
        ),
        collection_option(),
        click.option(
            "--only",
            multiple=True,
            type=click.Choice(sorted(ONLY)),
            help="Only contacts or only calendars; repeatable.",
        ),
    ):
        command = option(command)
    return command
