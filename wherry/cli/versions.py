"""``wherry history`` and ``wherry restore``: what a folder held before."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from wherry.cli.command import WherryCommand
from wherry.cli.completing import complete_folders
from wherry.cli.jobs import table
from wherry.cli.session import begin, place_words
from wherry.errors import FileTrouble, NameUnknown, PlaceError
from wherry.exits import Exit
from wherry.places import parse_place
from wherry.showing import show, size

if TYPE_CHECKING:
    from connectors.vdir.versions import Version


@click.command(
    "history",
    cls=WherryCommand,
    examples=["wherry history ~/pim", "wherry history ~/pim --item lunch.ics"],
    exits=[Exit.DONE, Exit.USAGE, Exit.UNKNOWN_NAME],
)
@click.argument("folder", shell_complete=complete_folders)
@click.option("--item", metavar="NAME", help="Only versions of this file.")
@click.pass_context
def history_command(ctx: click.Context, folder: str, item: str | None) -> None:
    """List what FOLDER held before it was replaced or removed, newest first."""
    flags, _ = begin(ctx)
    root = folder_of(folder)
    found = sorted(versions_of(root, item), key=lambda version: version.when, reverse=True)
    if flags.json:
        for version in found:
            sys.stdout.write(json.dumps({"v": 1, "type": "version", **_line(root, version)}) + "\n")
    elif not found:
        what = f" of {show(item)}" if item else ""
        sys.stderr.write(f"No earlier versions{what} are kept in {place_words('vdir:' + root)}.\n")
    else:
        head = ("VERSION", "WHY", "SIZE", "ITEM")
        rows = [(v.path.stem.partition("-")[0], v.why, size(v.size), show(f"{v.collection}/{v.item}")) for v in found]
        sys.stdout.write(table(head, rows, right=frozenset({2})))
        sys.stderr.write(f"Bring one back with: wherry restore {show(folder)} VERSION\n")


@click.command(
    "restore",
    cls=WherryCommand,
    examples=["wherry restore ~/pim 20260822T101500.000000Z"],
    exits=[Exit.DONE, Exit.USAGE, Exit.UNKNOWN_NAME],
)
@click.argument("folder", shell_complete=complete_folders)
@click.argument("version")
@click.option("--item", metavar="NAME", help="Only versions of this file, if several have the same time.")
@click.pass_context
def restore_command(ctx: click.Context, folder: str, version: str, item: str | None) -> None:
    """Bring VERSION back as the present file; what stands there now is kept as a version first.

    VERSION is the word `wherry history` shows, or its beginning. This changes the copy,
    never the source.
    """
    from connectors.vdir.versions import restore

    flags, _ = begin(ctx)
    root = folder_of(folder)
    chosen = _choose(versions_of(root, item), version)
    try:
        path = restore(root, chosen)
    except OSError as error:
        raise FileTrouble(f"{folder}: {error.strerror}") from error
    if flags.json:
        sys.stdout.write(json.dumps({"v": 1, "type": "restored", **_line(root, chosen), "path": str(path)}) + "\n")
    else:
        sys.stdout.write(
            f"Restored {show(f'{chosen.collection}/{chosen.item}')} as it was until {chosen.when:%Y-%m-%d %H:%M} UTC.\n"
        )


def folder_of(text: str) -> str:
    """Return the folder a person named. Raises ``PlaceError``, ``FileTrouble``."""
    place = parse_place(text if not text.strip() or ":" in text or text[0] in "/.~" else f"./{text}")
    if not place.local:
        raise PlaceError(f"'{text}' is no folder")
    if not os.path.isdir(place.path):
        raise FileTrouble(f"There is no folder {place.path}")
    return place.path


def versions_of(root: str, item: str | None) -> list[Version]:
    """Return the versions kept in *root*. Raises ``FileTrouble``."""
    from connectors.vdir.versions import history

    try:
        return list(history(root, item=item))
    except OSError as error:
        raise FileTrouble(f"The versions in {root} cannot be read: {error.strerror}") from error


def _choose(found: list[Version], wish: str) -> Version:
    hits = [version for version in found if version.path.stem.startswith(wish)] if wish else []
    if len(hits) == 1:
        return hits[0]
    if not hits:
        raise NameUnknown(f"There is no version '{wish}'", hint="List them with: wherry history FOLDER")
    some = ", ".join(f"{version.path.stem.partition('-')[0]} {version.item}" for version in hits[:3])
    raise NameUnknown(f"'{wish}' could be {some}", hint="Write more of it, or add --item NAME.")


def _line(root: str, version: Version) -> dict[str, object]:
    return {
        "version": version.path.stem.partition("-")[0],
        "collection": version.collection,
        "item": version.item,
        "when": version.when.isoformat(),
        "why": version.why,
        "size": version.size,
        "kept": os.path.relpath(version.path, root),
    }
