"""Previous versions: what a file held before it was replaced or removed.

They live in ``<root>/.wherry/versions/<collection>/<file name>/<UTC time>-<why><ending>``,
readable without this program.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from connectors.errors import ConfigError
from connectors.vdir import durable, folders, names
from connectors.vdir.errors import NO_HARD_LINKS
from connectors.vdir.temps import Temps

Why = Literal["replaced", "removed"]

_REASONS: Mapping[str, Why] = {"replaced": "replaced", "removed": "removed"}
_HOME = (".wherry", "versions")
_OF_ROOT = ".root"
"""Folder for a collection that is the root itself: no collection's id starts with a dot."""

_STAMP = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class Version:
    """What *item* of *collection* held until *when* (UTC); *size* in bytes, *path* where it is kept."""

    collection: str
    item: str
    when: datetime
    why: Why
    size: int
    path: Path


def keep(root: str, collection: str, item: str, *, folder: int, why: Why, now: float) -> list[str]:
    """Keep the file *item* of the open *folder* as a version; return the folders that changed.

    ``replaced`` leaves it where it is, for the new one to take its place; ``removed``
    moves it away in one step. Raises ``OSError``.
    """
    home = _home(root, collection, item)
    made = _make_folders(root, home)
    moment = datetime.fromtimestamp(now, UTC)
    while True:
        path = os.path.join(home, f"{moment.strftime(_STAMP)}-{why}{item[-4:]}")
        try:
            _link(item, path, folder)
        except FileExistsError:
            moment += timedelta(microseconds=1)
            continue
        if why == "removed":
            os.unlink(item, dir_fd=folder)
        return made


def _link(item: str, path: str, folder: int) -> None:
    try:
        os.link(item, path, src_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        _copy(item, path, folder)


def _copy(item: str, path: str, folder: int) -> None:
    """Stand in for a hard link where the file system has none."""
    handle = os.open(item, durable.READ_FILE, dir_fd=folder)
    with os.fdopen(handle, "rb") as source:
        body = source.read()
    home = os.open(os.path.dirname(path), durable.DIRECTORY)
    try:
        name = os.path.basename(path)
        durable.write_new(name, body, home)
        durable.flush(home, [name])
    finally:
        os.close(home)


def _home(root: str, collection: str, item: str) -> str:
    place = _OF_ROOT if collection == folders.ROOT else collection
    if not (names.is_plain(item) and (place == _OF_ROOT or names.is_plain(place))):
        raise OSError(errno.EINVAL, "no name of an item", item)
    return os.path.join(root, *_HOME, place, item)


def _make_folders(root: str, home: str) -> list[str]:
    """Create the missing folders down to *home*; return those whose entries must be made durable."""
    changed = [home]
    path = home
    while path != root and not os.path.isdir(path):
        path = os.path.dirname(path)
        changed.append(path)
    os.makedirs(home, mode=0o700, exist_ok=True)
    return changed


def history(root: str | Path, collection: str | None = None, item: str | None = None) -> Iterator[Version]:
    """Yield the versions kept, by collection and file name, the newest first; all or those asked for."""
    top = Path(root, *_HOME)
    for shelf in _folders(top):
        name = folders.ROOT if shelf.name == _OF_ROOT else shelf.name
        if collection not in (None, name):
            continue
        for home in _folders(shelf):
            if item in (None, home.name):
                found = (_version(name, home.name, path) for path in home.iterdir())
                yield from sorted(filter(None, found), key=lambda version: version.when, reverse=True)


def _folders(path: Path) -> list[Path]:
    try:
        return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.is_symlink())
    except FileNotFoundError:
        return []


def _version(collection: str, item: str, path: Path) -> Version | None:
    stamp, _, why = path.stem.partition("-")
    try:
        when = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    known = _REASONS.get(why)
    return Version(collection, item, when, known, path.stat().st_size, path) if known else None


def restore(root: str | Path, version: Version) -> Path:
    """Put *version* back as the present file and return its path.

    What stands there now is kept as a version first. Atomic and durable. Raises
    ``ConfigError`` when the version is not (any more) one of this root.
    """
    top = os.fspath(root)
    if version.path.parent != Path(_home(top, version.collection, version.item)) or not version.path.is_file():
        raise ConfigError(f"no such version of {version.item}")
    body = version.path.read_bytes()
    target = Path(top, version.collection, version.item)
    if not target.parent.is_dir():
        target.parent.mkdir(mode=0o700)
        durable.settle([top])
    with folders.opened(top, version.collection) as folder:
        with suppress(FileNotFoundError):
            now = datetime.now(UTC).timestamp()
            made = keep(top, version.collection, version.item, folder=folder, why="replaced", now=now)
            durable.settle(made)
        durable.replace(version.item, body, folder, Temps().new())
    return target


def expire(root: str | Path, before: datetime) -> int:
    """Delete the versions kept before that moment; return how many. The newest go as well."""
    count = 0
    for version in list(history(root)):
        if version.when < before:
            version.path.unlink()
            count += 1
            for folder in (version.path.parent, version.path.parent.parent):
                with suppress(OSError):
                    folder.rmdir()
    return count
