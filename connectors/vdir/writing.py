"""Writing: a batch at a time, never over anything unseen, never half.

The bytes of the whole batch reach the disk under hidden names first; then each file gets
its name in one step; then the names reach the disk; only then receipts are given. A kill
at any moment leaves every file either as it was or as it should be.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import ItemRef, Put, Receipt, Result
from connectors.errors import Conflict, ConnectorError, Vanished
from connectors.vdir import durable, errors, names, versions
from connectors.vdir.errors import NO_HARD_LINKS
from connectors.vdir.listing import Shelf, revision_of

if TYPE_CHECKING:
    from connectors.vdir.temps import Temps


@dataclass(frozen=True, slots=True)
class _Staged:
    """One item whose bytes stand under the hidden name *temp*, to become *name*."""

    put: Put
    name: str
    temp: str
    ref: ItemRef


class Writer:
    """Writes into one open collection folder."""

    __slots__ = ("_clock", "_names", "_root", "_shelf", "_temps", "_touched")

    def __init__(
        self, root: str, shelf: Shelf, *, names_here: names.Names, temps: Temps, clock: Callable[[], float]
    ) -> None:
        self._root = root
        self._shelf = shelf
        self._names = names_here
        self._temps = temps
        self._clock = clock
        self._touched: set[str] = set()

    def put(self, batch: Sequence[Put]) -> Iterator[Receipt]:
        """Write *batch* and yield durable receipts.

        What was written before the disk was full (or failed) is kept and receipted; then
        the error is raised.
        """
        receipts: list[Receipt] = []
        staged: list[_Staged] = []
        failure: OSError | None = None
        try:
            for put in batch:
                answer = self._stage(put)
                if isinstance(answer, Receipt):
                    receipts.append(answer)
                else:
                    staged.append(answer)
        except OSError as error:
            failure = error
        try:
            if staged:
                durable.flush(self._shelf.handle, [item.temp for item in staged])
            receipts += map(self._publish, staged)
        except OSError as error:
            failure = failure or error
        finally:
            self._discard(staged)
        self._settle()
        yield from receipts
        if failure is not None:
            raise failure

    def remove(self, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        """Move each file into the versions if it is still the one meant, and yield durable receipts."""
        receipts = [self._remove(ref) for ref in refs]
        self._settle()
        yield from receipts

    def _stage(self, put: Put) -> _Staged | Receipt:
        target, owner = put.target, names.digest(put.key)
        if target is not None:
            name = target.id
            if not (names.is_plain(name) and names.is_item(name)):
                return _failed(put.key, Conflict("no such item"))
            self._names.claim(put.key, name)
            answer = self._differs(put, name, target.revision)
        else:
            name, standing = self._names.assign(put.key, put.item.name)
            # Two items may wish for one name in different runs; the file says whose it is.
            if standing and durable.owner_of(name, self._shelf.handle) not in (None, owner):
                name, standing = self._names.evade(put.key, name)
            answer = self._in_the_way(put, name) if standing else None
        if answer is not None:
            return answer
        temp = self._temps.new()
        status = durable.write_new(temp, put.item.body, self._shelf.handle, owner=owner)
        return _Staged(put, name, temp, ItemRef(name, revision_of(status), status.st_size))

    def _publish(self, staged: _Staged) -> Receipt:
        put, name, folder = staged.put, staged.name, self._shelf.handle
        if put.target is None:
            try:
                _name_new(staged.temp, name, folder)
            except FileExistsError:
                return self._in_the_way(put, name) or _failed(put.key, Conflict("changing too fast"))
            return Receipt(put.key, Result.CREATED, staged.ref)
        # Asked again right before the rename: staging a large batch takes a while.
        answer = self._differs(put, name, put.target.revision)
        if answer is not None:
            return answer
        self._keep(name, "replaced")
        os.rename(staged.temp, name, src_dir_fd=folder, dst_dir_fd=folder)
        return Receipt(put.key, Result.UPDATED, staged.ref)

    def _differs(self, put: Put, name: str, expected: str | None) -> Receipt | None:
        """Answer for an update whose target is not as expected, or holds these bytes already."""
        try:
            status = self._shelf.status(name)
            same = status.st_size == len(put.item.body) and self._shelf.read(name)[0] == put.item.body
        except OSError as error:
            return _failed(put.key, errors.of_item(error))
        except ConnectorError as error:
            return _failed(put.key, error)
        revision = revision_of(status)
        if same:
            return Receipt(put.key, Result.UNCHANGED, ItemRef(name, revision, status.st_size))
        return self._conflict(put.key, name) if expected not in (None, revision) else None

    def _in_the_way(self, put: Put, name: str) -> Receipt | None:
        """Answer for a new item whose name is taken; None when the name is free after all."""
        try:
            body, status = self._shelf.read(name)
        except FileNotFoundError:
            return None
        except OSError as error:
            return _failed(put.key, errors.of_item(error))
        except ConnectorError as error:
            return _failed(put.key, error)
        if body == put.item.body:
            return Receipt(put.key, Result.UNCHANGED, ItemRef(name, revision_of(status), len(body)))
        return self._conflict(put.key, name)

    def _conflict(self, key: str, name: str) -> Receipt:
        try:
            body, status = self._shelf.read(name)
        except OSError as error:
            return _failed(key, errors.of_item(error))
        except ConnectorError as error:
            return _failed(key, error)
        detail = "another version stands there"
        return _failed(key, Conflict(detail, current=name, revision=revision_of(status), stored=body))

    def _remove(self, ref: ItemRef) -> Receipt:
        name = ref.id
        if not (names.is_plain(name) and names.is_item(name)):
            return Receipt(name, Result.REMOVED)
        try:
            revision = revision_of(self._shelf.status(name))
        except FileNotFoundError:
            return Receipt(name, Result.REMOVED)
        except OSError as error:
            return _failed(name, errors.of_item(error))
        except ConnectorError as error:
            return _failed(name, error)
        if ref.revision not in (None, revision):
            return self._conflict(name, name)
        with suppress(FileNotFoundError):
            self._keep(name, "removed")
        self._names.release(name)
        return Receipt(name, Result.REMOVED)

    def _keep(self, name: str, why: versions.Why) -> None:
        collection, folder = self._shelf.collection.id, self._shelf.handle
        self._touched.update(versions.keep(self._root, collection, name, folder=folder, why=why, now=self._clock()))

    def _settle(self) -> None:
        durable.settle(self._touched)
        self._touched.clear()
        os.fsync(self._shelf.handle)

    def _discard(self, staged: Sequence[_Staged]) -> None:
        """Remove the hidden names that are left: those of items that met a conflict or an error."""
        for item in staged:
            with suppress(FileNotFoundError):
                os.unlink(item.temp, dir_fd=self._shelf.handle)


def _name_new(temp: str, name: str, folder: int) -> None:
    """Give a new file its name; one that exists is never replaced."""
    try:
        os.link(temp, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        with suppress(FileNotFoundError):
            os.stat(name, dir_fd=folder, follow_symlinks=False)
            raise FileExistsError(name) from None
        os.rename(temp, name, src_dir_fd=folder, dst_dir_fd=folder)


def _failed(key: str, error: ConnectorError) -> Receipt:
    gone = isinstance(error, Vanished)
    return Receipt(key, Result.FAILED, error=Conflict("the item is not there any more") if gone else error)
