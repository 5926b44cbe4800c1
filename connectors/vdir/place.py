"""The connector: a folder as a source and as a destination."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import ClassVar

from connectors.base import (
    Account,
    ChangePage,
    Collection,
    Context,
    Cursor,
    Endpoint,
    Failed,
    Item,
    ItemRef,
    Manifest,
    Put,
    Receipt,
)
from connectors.errors import CollectionGone, ConfigError, ItemRejected
from connectors.vdir import durable, errors, folders, listing, names
from connectors.vdir.temps import Temps
from connectors.vdir.writing import Writer

_KINDS = frozenset(names.ENDINGS)


class Vdir:
    """Calendars and address books in one folder, a subfolder each.

    Format: https://vdirsyncer.pimutils.org/en/stable/vdir.html. The endpoint's *root* is
    the folder, its *path* one collection in it. A folder that holds items itself is one
    collection (id ``.``). Every read is a full listing: files keep no record of changes.
    """

    manifest: ClassVar[Manifest] = Manifest(
        id="vdir",
        title="Folder of calendars and address books",
        reads=_KINDS,
        writes=_KINDS,
        local=True,
        write_identity="chosen-id",
        incremental=True,
        deletions=True,
        conditional=True,
        keeps_versions=True,
        accepts=tuple(names.MEDIA_TYPES.values()),
    )

    def __init__(self, endpoint: Endpoint, ctx: Context) -> None:
        if not endpoint.root:
            raise ConfigError("a vdir place needs a folder")
        self._endpoint = endpoint
        self._ctx = ctx
        self._root = os.path.abspath(endpoint.root)
        self._temps = Temps()
        self._names: dict[str, names.Names] = {}

    def check(self) -> Account:
        """Say which folder this is, whether it can be written, and the bytes free. Raises ``ConfigError``.

        A folder that is not there can still become a destination.
        """
        there = self._root
        while not os.path.lexists(there):
            there = os.path.dirname(there)
        if not os.path.isdir(there):
            raise ConfigError(f"{there} is not a folder")
        space = os.statvfs(there)
        writable = os.access(there, os.W_OK | os.X_OK)
        return Account(self._root, writable=writable, free=space.f_bavail * space.f_frsize)

    def collections(self) -> Iterator[Collection]:
        """Yield the collections by name. Raises ``ConfigError`` when the folder is not there."""
        path, kinds = self._endpoint.path.strip("/"), self._endpoint.kinds
        found = False
        try:
            for name in folders.candidates(self._root):
                collection = self._describe(name)
                if collection is None or (path and path not in (name, collection.slug, collection.name)):
                    continue
                found = True
                if not kinds or collection.kind in kinds:
                    yield collection
            if not path:
                yield from self._unnameable()
        except OSError as error:
            raise errors.of_root(error, self._root) from error
        if path and not found:
            raise ConfigError(f"there is no calendar or address book {path} in {self._root}")

    def _unnameable(self) -> Iterator[Collection]:
        """Yield the folders whose names are not UTF-8, so that they are told and not passed over."""
        for name in folders.unnameable(self._root):
            with suppress(FileNotFoundError, PermissionError):
                collection = folders.describe_unnameable(self._root, name, self._endpoint.kinds)
                if collection is not None:
                    yield collection

    def _describe(self, name: str) -> Collection | None:
        try:
            with folders.opened(self._root, name) as folder:
                return folders.describe(folder, name, self._endpoint.kinds)
        except FileNotFoundError:
            if name == folders.ROOT:
                raise
            return None
        except PermissionError:
            self._ctx.log.warning("a folder may not be read and was left out")
            return None

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield everything there is. Raises ``CollectionGone`` when the folder is not there.

        A root that holds no item any more says ``CollectionGone`` as well: an unmounted
        disk looks just like that.
        """
        del cursor
        with self._shelf(collection) as shelf:
            pages = listing.pages(shelf, self._ctx.clock, self._ctx.stop)
            for page in pages:
                if collection.id == folders.ROOT and page.total == 0:
                    raise CollectionGone(f"no items in {self._root}")
                yield page

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield the bytes of each file, or why they could not be read."""
        with self._shelf(collection) as shelf:
            yield from listing.items(shelf, refs, self._ctx.clock)

    def ensure(self, collection: Collection, known: str | None) -> Collection:
        """Return the folder for *collection*, creating it and writing its metadata where they differ.

        Raises ``ConfigError`` when an earlier run wrote here and the whole root is gone:
        an unmounted disk must not be filled up beneath its mount point.
        """
        if collection.kind not in _KINDS:
            raise ItemRejected("kind", f"a vdir holds no {collection.kind} items")
        if known is not None and not os.path.isdir(self._root):
            raise ConfigError(f"there is no folder {self._root} any more; is a disk not mounted?")
        try:
            return self._ensure(collection, known)
        except OSError as error:
            raise errors.of_root(error, self._root) from error

    def _ensure(self, collection: Collection, known: str | None) -> Collection:
        os.makedirs(self._root, mode=0o700, exist_ok=True)
        name = known if known is not None and _usable(known) else self._choose(collection)
        path = os.path.join(self._root, name)
        if not os.path.isdir(path):
            os.mkdir(path, mode=0o700)
            durable.settle([self._root])
        with folders.opened(self._root, name) as folder:
            self._temps.sweep(folder)
            before = folders.describe(folder, name, frozenset())
            if before is not None and before.kind != collection.kind:
                raise ItemRejected("kind", f"{name} holds items of another kind")
            marker = folders.read_marker(folder)
            if marker is None or marker.source == collection.id:
                folders.write_marker(folder, folders.Marker(collection.id, collection.kind), self._temps)
            folders.write_metadata(folder, collection, self._temps)
            made = folders.describe(folder, name, frozenset({collection.kind}))
        if made is None:
            raise ItemRejected("kind", f"{name} is no calendar and no address book")
        return made

    def _choose(self, collection: Collection) -> str:
        """Return the folder made for *collection* before, the one asked for, or a new name."""
        mine = folders.Marker(collection.id, collection.kind)
        wish = self._endpoint.path.strip("/")
        markers = dict(folders.markers(self._root))
        if wish:
            if not names.is_plain(wish):
                raise ConfigError(f"{wish!r} cannot be the name of a folder")
            if markers.get(wish) not in (None, mine):
                raise ItemRejected("folder-taken", f"{wish} holds the copy of another collection")
            return wish
        for name, marker in markers.items():
            if marker == mine:
                return name
        # An empty folder is free: perhaps a run was killed between making and marking it.
        taken = [name for name in os.listdir(self._root) if not folders.is_blank(self._root, name)]
        return names.folder_name((collection.slug, collection.name), collection.kind, taken)

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        """Write *batch*: durable with one ``syncfs``, each file whole or not at all."""
        with self._writer(collection) as writer:
            yield from writer.put(batch)

    def remove(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        """Move each file to the previous versions if it still has its revision."""
        with self._writer(collection) as writer:
            yield from writer.remove(refs)

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        """Yield every file that stands there now, with the revision its receipt had."""
        with self._shelf(collection) as shelf:
            found, _ = listing.scan(shelf)
            for ref in listing.refs(shelf, found):
                yield ref.ref if isinstance(ref, Failed) else ref

    def close(self) -> None:
        """Forget the names handed out; nothing else is held open."""
        self._names.clear()

    @contextmanager
    def _shelf(self, collection: Collection, *, writing: bool = False) -> Iterator[listing.Shelf]:
        path = os.path.join(self._root, collection.id)
        try:
            with folders.opened(self._root, collection.id) as handle:
                yield listing.Shelf(handle, path, collection)
        except OSError as error:
            raise errors.of_folder(error, path, writing=writing) from error

    @contextmanager
    def _writer(self, collection: Collection) -> Iterator[Writer]:
        with self._shelf(collection, writing=True) as shelf:
            known = self._names.get(collection.id)
            if known is None:
                self._temps.sweep(shelf.handle)
                with os.scandir(shelf.handle) as entries:
                    known = names.Names(names.ENDINGS[collection.kind], (entry.name for entry in entries))
                self._names[collection.id] = known
            yield Writer(self._root, shelf, names_here=known, temps=self._temps, clock=self._ctx.clock)


def _usable(name: str) -> bool:
    return name == folders.ROOT or names.is_plain(name)
