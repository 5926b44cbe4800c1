"""Collections: which folders there are, what they hold, what they are called.

A folder is a collection when it holds items, or says so: by the metadata files of the
vdir format (``displayname``, ``color``, ``description``, ``order``) or by our own hidden
marker, which also names the collection at the source that the folder was made for.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import Collection, Kind
from connectors.errors import ItemRejected
from connectors.vdir import durable, names

if TYPE_CHECKING:
    from connectors.vdir.temps import Temps

ROOT = "."
"""Id of the collection that is the root folder itself."""

_MARKER = ".wherry.json"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_METADATA_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Marker:
    """What we noted in a folder: the *source* collection's id and the *kind* of its items."""

    source: str
    kind: Kind


@contextmanager
def opened(root: str, collection: str) -> Iterator[int]:
    """Open a collection's folder; what follows happens inside it wherever its path may lead then."""
    if collection != ROOT and not names.is_plain(collection):
        raise FileNotFoundError(2, "no such collection", collection)
    flags = durable.DIRECTORY if collection == ROOT else durable.DIRECTORY | os.O_NOFOLLOW
    handle = os.open(os.path.join(root, collection), flags)
    try:
        yield handle
    finally:
        os.close(handle)


def candidates(root: str) -> Iterator[str]:
    """Yield the ids of all folders that may be collections: the root itself, then its folders by name."""
    yield ROOT
    with os.scandir(root) as entries:
        yield from sorted(e.name for e in entries if names.is_plain(e.name) and e.is_dir(follow_symlinks=False))


def unnameable(root: str) -> Iterator[str]:
    """Yield the folders whose names are no text: they can be looked into, and never kept or shown as they are."""
    with os.scandir(root) as entries:
        odd = (e for e in entries if e.name[0] != "." and not names.is_text(e.name))
        yield from sorted(e.name for e in odd if e.is_dir(follow_symlinks=False))


def describe_unnameable(root: str, name: str, expected: frozenset[Kind]) -> Collection | None:
    """Return such a folder as a collection that cannot be read, or None when it holds no items."""
    handle = os.open(os.path.join(root, name), durable.DIRECTORY | os.O_NOFOLLOW)
    try:
        kind = _kind_of(handle, frozenset())
    finally:
        os.close(handle)
    if kind is None or (expected and kind not in expected):
        return None
    shown = names.shown(name)
    problem = ItemRejected("name-not-utf-8", "the folder's name is not valid UTF-8; nothing in it is copied")
    return Collection(id=shown, kind=kind, name=shown, writable=False, problem=problem)


def describe(folder: int, collection: str, expected: frozenset[Kind]) -> Collection | None:
    """Return the open folder as a collection, or None when nothing says that it is one."""
    kind = _kind_of(folder, expected if collection != ROOT else frozenset())
    if kind is None:
        return None
    order = read_text(folder, "order")
    colour = read_text(folder, "color")
    return Collection(
        id=collection,
        kind=kind,
        name=read_text(folder, "displayname") or (collection if collection != ROOT else ""),
        slug=collection if collection != ROOT else "",
        colour=colour if colour and _COLOUR.fullmatch(colour) else None,
        description=read_text(folder, "description"),
        order=int(order) if order and re.fullmatch(r"-?[0-9]{1,9}", order) else None,
        media_types=(names.MEDIA_TYPES[kind],),
    )


def _kind_of(folder: int, expected: frozenset[Kind]) -> Kind | None:
    marker = read_marker(folder)
    if marker is not None:
        return marker.kind
    with os.scandir(folder) as entries:
        endings = [e.name[-4:].lower() for e in entries if names.is_item(e.name)]
    if endings:
        return max(names.ENDINGS, key=lambda kind: endings.count(names.ENDINGS[kind]))
    return next(iter(expected)) if len(expected) == 1 else None


def read_marker(folder: int) -> Marker | None:
    """Return our own note in the open folder, if there is a readable one."""
    try:
        note = json.loads(read_text(folder, _MARKER) or "null")
        return Marker(str(note["source"]), Kind(note["kind"]))
    except (ValueError, KeyError, TypeError):
        return None


def markers(root: str) -> Iterator[tuple[str, Marker | None]]:
    """Yield each folder in *root* with our note in it, if there is one."""
    for name in candidates(root):
        if name != ROOT:
            with opened(root, name) as folder:
                yield name, read_marker(folder)


def is_blank(root: str, name: str) -> bool:
    """Say whether *name* is a folder with nothing visible in it that nobody noted anything about."""
    try:
        with opened(root, name) as folder, os.scandir(folder) as entries:
            return all(entry.name[0] == "." for entry in entries) and read_marker(folder) is None
    except OSError:
        return False


def write_marker(folder: int, marker: Marker, temps: Temps) -> None:
    """Note what the open folder was made for."""
    if read_marker(folder) != marker:
        note = json.dumps({"v": 1, "source": marker.source, "kind": marker.kind})
        durable.replace(_MARKER, note.encode(), folder, temps.new())


def write_metadata(folder: int, collection: Collection, temps: Temps) -> None:
    """Write what is known about *collection* to the vdir's metadata files where they differ."""
    colour = (collection.colour or "")[:7]
    wanted = {
        "displayname": collection.name,
        "color": colour if _COLOUR.fullmatch(colour) else "",
        "description": collection.description or "",
        "order": "" if collection.order is None else str(collection.order),
    }
    for name, value in wanted.items():
        text = value.strip()
        if text and read_text(folder, name) != text:
            durable.replace(name, text.encode("utf-8", "replace"), folder, temps.new())


def read_text(folder: int, name: str) -> str | None:
    """Return the small text file *name* of the open folder, or None."""
    try:
        handle = os.open(name, durable.READ_FILE, dir_fd=folder)
    except OSError:
        return None
    try:
        return os.read(handle, _METADATA_BYTES).decode("utf-8", "replace").strip() or None
    except OSError:
        return None
    finally:
        os.close(handle)
