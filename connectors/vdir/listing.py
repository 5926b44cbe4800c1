"""Reading: what stands in a collection, and the bytes of it.

Whatever cannot be read is reported as a problem, never as absent: an absent item is a
deletion somewhere else.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.base import Change, ChangePage, Collection, Failed, Item, ItemRef
from connectors.errors import ConnectorError, ItemRejected, Transient, Vanished
from connectors.vdir import durable, errors, names

PAGE = 200
RACY_NS = 2_000_000_000
"""An edit this soon after a file's time stamp may leave the stamp as it is (FAT counts in 2 s)."""

_SCANS = 3
_READS = 3


def revision_of(status: os.stat_result) -> str:
    """Return the word that changes whenever the file's bytes may have changed."""
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """An open collection folder: its *handle*, its *path* and whose items it holds."""

    handle: int
    path: str
    collection: Collection

    def is_in_place(self) -> bool:
        """Say whether the path still leads to this folder."""
        mine = os.fstat(self.handle)
        try:
            there = os.stat(self.path)
        except OSError:
            return False
        return mine.st_nlink > 0 and (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)

    def status(self, name: str) -> os.stat_result:
        """Return the status of the regular file *name*. Raises ``OSError``, ``ItemRejected``."""
        status = os.stat(name, dir_fd=self.handle, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            link = stat.S_ISLNK(status.st_mode)
            raise ItemRejected("symbolic-link" if link else "not-a-file", "only plain files are read")
        return status

    def read(self, name: str) -> tuple[bytes, os.stat_result]:
        """Return the bytes of *name* as they stood at one moment. Raises ``OSError``, ``Transient``."""
        handle = os.open(name, durable.READ_FILE, dir_fd=self.handle)
        try:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise ItemRejected("not-a-file", "only plain files are read")
            for _ in range(_READS):
                body = _read_all(handle, before.st_size)
                after = os.fstat(handle)
                if len(body) == after.st_size and revision_of(before) == revision_of(after):
                    return body, after
                before = after
        finally:
            os.close(handle)
        raise Transient("the file is being written")


def _read_all(handle: int, size: int) -> bytes:
    body = os.pread(handle, size + 1, 0)
    while len(body) < size:
        more = os.pread(handle, size + 1 - len(body), len(body))
        if not more:
            break
        body += more
    return body


def scan(shelf: Shelf) -> tuple[list[str], bool]:
    """Return the names of all items, sorted, and whether they are surely all.

    While others rename files a single pass may miss one that was there all the time, so
    the folder is read until it stood still; names of all passes count. All names are held
    at once, for a file that moves within the folder must not be met twice: 50,000 of them
    take 5 MiB.
    """
    found: list[str] = []
    for number in range(_SCANS):
        before = os.fstat(shelf.handle).st_mtime_ns
        with os.scandir(shelf.handle) as entries:
            found += (entry.name for entry in entries if names.is_item(entry.name))
        if number:
            found = list(set(found))
        if os.fstat(shelf.handle).st_mtime_ns == before:
            found.sort()
            return found, shelf.is_in_place()
    found.sort()
    return found, False


def refs(shelf: Shelf, found: Sequence[str]) -> Iterator[ItemRef | Failed]:
    """Yield each file's ref, or why it is none. Files gone since the scan are passed over."""
    ending = names.ENDINGS[shelf.collection.kind]
    for name in found:
        try:
            if not names.is_text(name):
                raise ItemRejected("name-not-utf-8", "the file's name is not valid UTF-8")
            if not name.lower().endswith(ending):
                raise ItemRejected("other-kind", f"not one of the {ending} files this collection holds")
            status = shelf.status(name)
        except FileNotFoundError:
            continue
        except OSError as error:
            yield Failed(ItemRef(names.shown(name)), errors.of_item(error))
        except ConnectorError as error:
            yield Failed(ItemRef(names.shown(name)), error)
        else:
            yield ItemRef(name, revision_of(status), status.st_size)


def pages(shelf: Shelf, clock: Callable[[], float], stop: Callable[[], bool]) -> Iterator[ChangePage]:
    """Yield the whole collection in pages; the last one says whether it is surely all."""
    found, complete = scan(shelf)
    for start in range(0, len(found) or 1, PAGE):
        if stop():
            return
        fresh = int(clock() * 1e9) - RACY_NS
        changes = [_change(ref, fresh) for ref in refs(shelf, found[start : start + PAGE])]
        last = start + PAGE >= len(found)
        complete = complete and (not last or shelf.is_in_place())
        yield ChangePage(changes, listing=True, last=last, complete=complete, total=len(found))


def _change(ref: ItemRef | Failed, fresh: int) -> Change:
    if isinstance(ref, Failed):
        return Change(ref.ref, problem=ref.error)
    return Change(ItemRef(ref.id, _settled(ref.revision, fresh), ref.size))


def _settled(revision: str | None, fresh: int) -> str | None:
    """Return the revision unless the file is so fresh that another edit could leave it the same."""
    return revision if revision and int(revision.partition("-")[0], 16) < fresh else None


def items(shelf: Shelf, wanted: Sequence[ItemRef], clock: Callable[[], float]) -> Iterator[Item | Failed]:
    """Yield the bytes of each file *wanted*, or why not."""
    media_type = names.MEDIA_TYPES[shelf.collection.kind]
    for ref in wanted:
        try:
            if not names.is_plain(ref.id) or not names.is_item(ref.id):
                raise Vanished
            body, status = shelf.read(ref.id)
        except OSError as error:
            yield Failed(ref, errors.of_item(error))
        except ConnectorError as error:
            yield Failed(ref, error)
        else:
            revision = _settled(revision_of(status), int(clock() * 1e9) - RACY_NS)
            yield Item(ItemRef(ref.id, revision, len(body)), media_type, body, ref.id[:-4])
