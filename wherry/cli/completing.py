"""What a shell proposes while a line is typed: jobs, accounts and places that are really there.

A person waits for it, so nothing heavy is loaded; and whatever goes wrong proposes
nothing, because words of ours would end up in the middle of their line.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from wherry.cli.flags import flags_of
from wherry.errors import WherryError
from wherry.showing import show

if TYPE_CHECKING:
    from wherry.settings import Settings


class JobType(click.ParamType[str]):
    """A job's id or its beginning."""

    name = "job"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what can be no id: an empty variable of a script must not come to mean the newest job."""
        if not value.strip() or not value.isascii():
            self.fail(f"'{show(value)}' is no job.", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Propose jobs, newest first, each with its state and its places."""
        del param
        from pathlib import Path

        from sync_engine.glimpse import newest_jobs

        settings = _settings(ctx)
        file = settings.database.removeprefix("sqlite:///") if settings else ""
        if settings is None or file == settings.database:
            return []
        return [
            CompletionItem(job.id, help=show(f"{job.state}  {job.source} -> {job.destination}"))
            for job in newest_jobs(Path(file))
            if job.id.startswith(incomplete)
        ]


JOB = JobType()


def complete_accounts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Propose the names of accounts."""
    del param
    settings = _settings(ctx)
    accounts = settings.accounts.values() if settings else ()
    return [CompletionItem(a.name, help=show(a.url)) for a in accounts if a.name.startswith(incomplete)]


def complete_places(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Propose accounts as places, with every kind one may look at them as; or folders."""
    del param
    if incomplete[:1] in {"/", ".", "~"}:
        return [CompletionItem(incomplete, type="dir")]
    from wherry.places import VIEWS

    settings = _settings(ctx)
    found = []
    for account in settings.accounts.values() if settings else ():
        views = [view for view, (kind, _) in VIEWS.items() if kind == account.kind]
        found += [(f"{kind}:{account.name}", show(account.url)) for kind in (account.kind, *views)]
    return [CompletionItem(place, help=url) for place, url in found if place.startswith(incomplete)]


def complete_folders(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Leave it to the shell, which knows folders."""
    del ctx, param
    return [CompletionItem(incomplete, type="dir")]


def _settings(ctx: click.Context) -> Settings | None:
    from wherry.settings import read_settings

    try:
        return read_settings(os.environ, file=flags_of(ctx).config)
    except (WherryError, OSError):
        return None
