"""The connector: looks at a ``World`` and reports it, faults included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from connectors.base import (
    Account,
    Change,
    ChangePage,
    Collection,
    Context,
    Cursor,
    Endpoint,
    Failed,
    Item,
    ItemRef,
    Kind,
    Manifest,
    Put,
    Receipt,
)
from connectors.errors import CollectionGone, ConfigError, CursorExpired, ItemRejected, Transient, Vanished
from connectors.memory import writing
from connectors.memory.world import MEDIA_TYPES, Shelf, World, world

_CURSOR_VERSION = 1


class Memory:
    """A place in memory, named ``memory:NAME``: source, destination, and liar on demand.

    Reports changes since a token like a calendar server, or a full listing.
    """

    manifest: ClassVar[Manifest] = Manifest(
        id="memory",
        title="A place in memory",
        reads=frozenset(Kind),
        writes=frozenset(Kind),
        local=True,
        write_identity="chosen-id",
        incremental=True,
        deletions=True,
        conditional=True,
        accepts=tuple(MEDIA_TYPES.values()),
    )

    def __init__(self, endpoint: Endpoint, ctx: Context) -> None:
        self.world: World = world(endpoint.account or endpoint.root or "default")
        self._endpoint = endpoint
        self._ctx = ctx

    def check(self) -> Account:
        """Say which world this is."""
        name = self._endpoint.account or self._endpoint.root or "default"
        return Account(name, writable=not self.world.faults.read_only)

    def collections(self) -> Iterator[Collection]:
        """Yield the collections in the order they were made."""
        path, kinds = self._endpoint.path, self._endpoint.kinds
        with self.world.counted("collections"):
            all_there = [shelf.collection for shelf in self.world.shelves.values()]
        selected = [c for c in all_there if not path or path in (c.id, c.slug, c.name)]
        if path and not selected:
            raise ConfigError(f"there is no collection {path}")
        for collection in selected:
            if collection.id not in self.world.faults.gone and (not kinds or collection.kind in kinds):
                yield collection

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield what changed after *cursor*, or everything. Raises as the port says."""
        with self.world.counted("changes"):
            shelf = self._shelf(collection)
            pages = self._listing(shelf) if cursor is None else self._delta(shelf, self._token(cursor))
        for number, page in enumerate(pages):
            if self._ctx.stop():
                return
            if number == self.world.faults.cut_after_pages:
                raise Transient("the connection broke between two pages")
            self.world.before_page()
            yield page

    def _token(self, cursor: Cursor) -> int:
        token = cursor.get("token")
        known = cursor.get("v") == _CURSOR_VERSION and isinstance(token, int)
        if not known or self.world.faults.expire_cursors or int(token or 0) < self.world.oldest_cursor:
            raise CursorExpired("the token is not known any more")
        return int(token or 0)

    def _listing(self, shelf: Shelf) -> list[ChangePage]:
        faults, size = self.world.faults, self.world.page_size
        changes = [self._present(shelf, item) for item in shelf.items]
        if faults.duplicates and changes:
            changes.append(changes[0])
        cut = [limit for limit in (faults.truncated_at, faults.short_at) if limit is not None]
        complete = faults.truncated_at is None or faults.truncated_at >= len(changes)
        changes = changes[: min(cut, default=len(changes))]
        groups = [changes[start : start + size] for start in range(0, len(changes) or 1, size)]
        end = {"v": _CURSOR_VERSION, "token": self.world.serial}
        return [
            ChangePage(
                group,
                cursor=end if number == len(groups) and complete else None,
                listing=True,
                last=number == len(groups),
                complete=complete,
                total=len(changes),
            )
            for number, group in enumerate(groups, 1)
        ]

    def _delta(self, shelf: Shelf, token: int) -> list[ChangePage]:
        touched = sorted((serial, item) for item, serial in shelf.touched.items() if serial > token)
        size, pages = self.world.page_size, []
        for start in range(0, len(touched) or 1, size):
            group = touched[start : start + size]
            last = start + size >= len(touched)
            mark = self.world.serial if last else group[-1][0]
            pages.append(
                ChangePage(
                    [self._present(shelf, item) for _, item in group],
                    cursor={"v": _CURSOR_VERSION, "token": mark},
                    last=last,
                    total=len(touched),
                )
            )
        return pages

    def _present(self, shelf: Shelf, item: str) -> Change:
        faults = self.world.faults
        stored = shelf.items.get(item)
        if stored is None:
            return Change(ItemRef(item), gone=True)
        if item in faults.unreadable:
            return Change(ItemRef(item), problem=ItemRejected("unreadable", "made unreadable for a test"))
        revision: str | None = str(stored.revision)
        if faults.flaky_revisions:
            self.world.serial += 1
            revision = f"{stored.revision}-{self.world.serial}"
        if item in faults.unknown_revisions:
            revision = None
        return Change(ItemRef(item, revision, len(stored.body)))

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield the items asked for."""
        with self.world.counted("fetch"):
            shelf = self._shelf(collection)
        for number, ref in enumerate(refs):
            faults = self.world.faults
            if number == faults.cut_fetch_after:
                raise Transient("the connection broke while items were read")
            stored = shelf.items.get(ref.id)
            if stored is None or ref.id in faults.vanish_on_fetch:
                yield Failed(ref, Vanished(ref.id))
            elif ref.id in faults.unreadable:
                yield Failed(ref, ItemRejected("unreadable", "made unreadable for a test"))
            else:
                current = ItemRef(ref.id, str(stored.revision), len(stored.body))
                yield Item(current, MEDIA_TYPES[shelf.collection.kind], stored.body, stored.name)

    def ensure(self, collection: Collection, known: str | None) -> Collection:
        """Return the collection here for *collection*, made now if needed."""
        with self.world.counted("ensure"):
            return writing.ensure(self.world, collection, known=known, wish=self._endpoint.path)

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        """Write *batch* one by one."""
        with self.world.counted("put"):
            shelf = self._shelf(collection)
        for put in batch:
            yield writing.put(self.world, shelf, put)

    def remove(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        """Remove each item that still has its revision."""
        with self.world.counted("remove"):
            shelf = self._shelf(collection)
        for ref in refs:
            yield writing.remove(self.world, shelf, ref)

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        """Yield what is there, faults or not."""
        with self.world.counted("inventory"):
            items = list(self._shelf(collection).items.items())
        for item, stored in items:
            yield ItemRef(item, str(stored.revision), len(stored.body))

    def close(self) -> None:
        """Leave the world as it is."""

    def _shelf(self, collection: Collection) -> Shelf:
        if collection.id in self.world.faults.gone:
            raise CollectionGone(collection.id)
        return self.world.shelf(collection.id)
