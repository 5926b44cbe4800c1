"""``wherry export``: one file of many objects, as other programs like to import it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from wherry.cli.choices import collection_option
from wherry.cli.command import WherryCommand
from wherry.cli.completing import complete_folders
from wherry.cli.session import begin
from wherry.cli.versions import folder_of
from wherry.errors import FileTrouble, NameUnknown, PlaceError
from wherry.exits import Exit
from wherry.folders import replacing
from wherry.places import WrittenPlace
from wherry.showing import count, show
from wherry.wiring import Wiring

if TYPE_CHECKING:
    from connectors.base import Collection, Source

FORMS = {".ics": ("event", "text/calendar"), ".vcf": ("contact", "text/vcard")}
"""Ending of the file -> kind of the port and media type."""

BATCH = 200
"""Items read at once."""


@dataclass(slots=True)
class Export:
    """What went into the file and what could not."""

    written: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)


@click.command(
    "export",
    cls=WherryCommand,
    examples=[
        "wherry export ~/pim --to all.ics",
        "wherry export ~/pim/Friends --to friends.vcf",
        "wherry export ~/pim --to work.ics --collection Work",
    ],
    exits=[Exit.DONE, Exit.USAGE, Exit.SOME_NOT_COPIED, Exit.UNKNOWN_NAME],
)
@click.argument("folder", shell_complete=complete_folders)
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An .ics file for events, a .vcf file for contacts.",
)
@collection_option()
@click.pass_context
def export_command(ctx: click.Context, folder: str, file: Path, collection: tuple[str, ...]) -> int:
    """Write everything of a kind in FOLDER into one FILE.

    FOLDER is a copy, or one collection in it. FILE appears when it is complete; an
    existing one is replaced, unless there is nothing to put into it.
    """
    flags, settings = begin(ctx)
    form = FORMS.get(file.suffix.lower())
    if form is None:
        raise PlaceError(f"'{file}' ends neither in .ics nor in .vcf", hint="Events go into .ics, contacts into .vcf.")
    wiring = Wiring(settings)
    place = WrittenPlace("vdir", path=folder_of(folder))
    if Path(place.path).resolve() in file.resolve().parents:
        raise PlaceError(f"'{file}' lies in the folder it would be made from", hint="Choose a file elsewhere.")
    source = cast("Source", wiring.open(place, only=frozenset({form[0]})))
    done = Export()
    try:
        chosen = _chosen(source, frozenset(collection))
        _write(file, form[1], source, chosen, done)
    finally:
        source.close()
        wiring.close()
    if flags.json:
        left = [{"ref": name, "reason": reason} for name, reason in done.left_out]
        line = {"v": 1, "type": "exported", "file": str(file), "items": done.written, "left_out": left}
        sys.stdout.write(json.dumps(line) + "\n")
    else:
        sys.stdout.write(f"{count(done.written, 'item')} written to {show(str(file))}\n")
        for name, reason in done.left_out:
            sys.stderr.write(f"  left out: {show(name)}: {show(reason)}\n")
    return Exit.SOME_NOT_COPIED if done.left_out else Exit.DONE


def _chosen(source: Source, names: frozenset[str]) -> list[Collection]:
    from connectors.errors import ConfigError
    from wherry.narrowing import choose

    try:
        return list(choose(source.collections(), names))
    except ConfigError as error:
        raise NameUnknown(error.detail) from error


def _write(file: Path, media_type: str, source: Source, chosen: list[Collection], done: Export) -> None:
    from mappings.bundles import join

    try:
        with replacing(file.resolve()) as stream:
            stream.writelines(join(media_type, _bodies(source, chosen, done)))
            if not done.written:
                raise NameUnknown(f"There is nothing to put into '{file}'", hint=_why_nothing(done))
    except OSError as error:
        raise FileTrouble(f"{file}: {error.strerror}") from error


def _why_nothing(done: Export) -> str:
    if not done.left_out:
        return "Events go into .ics, contacts into .vcf."
    name, reason = done.left_out[0]
    return f"{count(len(done.left_out), 'item')} left out, the first: {name}: {reason}"


def _bodies(source: Source, chosen: list[Collection], done: Export) -> Iterator[bytes]:
    """Yield every whole object; what is not whole is noted and left out."""
    from connectors.base import Failed
    from mappings.inspect import inspect

    for collection in chosen:
        if collection.problem is not None:
            done.left_out.append((collection.name, collection.problem.reason))
            continue
        for page in source.changes(collection, None):
            refs = [change.ref for change in page.changes]
            for start in range(0, len(refs), BATCH):
                for item in source.fetch(collection, refs[start : start + BATCH]):
                    name = f"{collection.name or collection.id}/{item.ref.id}"
                    if isinstance(item, Failed):
                        done.left_out.append((name, item.error.reason))
                        continue
                    problem = inspect(item.media_type, item.body).problem
                    if problem:
                        done.left_out.append((name, problem))
                        continue
                    done.written += 1
                    yield item.body
