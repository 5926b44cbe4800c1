"""What every command that does something begins with: settings, the log, and places as jobs name them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wherry.cli.flags import Flags, flags_of
from wherry.logs import start_log
from wherry.settings import Settings, read_settings
from wherry.showing import folder, show

if TYPE_CHECKING:
    import click

    from sync_engine.model import Job


def begin(ctx: click.Context) -> tuple[Flags, Settings]:
    """Return the flags and the settings of this command; records go to the log from here on."""
    flags = flags_of(ctx)
    settings = read_settings(os.environ, file=flags.config)
    start_log(settings.folders.log, verbose=flags.verbose, level=os.environ.get("WHERRY_LOG_LEVEL", ""))
    return flags, settings


def place_words(place: str) -> str:
    """Return a place as a person reads it: folders without their kind, the home folder as ``~``."""
    if place.startswith("vdir:"):
        return folder(place.removeprefix("vdir:"), home=os.path.expanduser("~"))
    return show(place)


def job_words(job: Job) -> str:
    """Return a job's two places as a person reads them."""
    return f"{place_words(job.spec.source)} -> {place_words(job.spec.destination)}"
