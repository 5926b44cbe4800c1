"""A source seen through the choices of one run: some collections of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from wherry.nearest import did_you_mean

if TYPE_CHECKING:
    from connectors.base import (
        Account,
        ChangePage,
        Collection,
        Cursor,
        Failed,
        Item,
        ItemRef,
        Manifest,
        Source,
    )


class NarrowedSource:
    """A source that shows only the collections *names* choose; empty shows all."""

    def __init__(self, source: Source, *, names: frozenset[str] = frozenset()) -> None:
        self.manifest: Manifest = source.manifest
        self._source = source
        self._names = names

    def check(self) -> Account:
        """Say who we are there."""
        return self._source.check()

    def collections(self) -> Iterator[Collection]:
        """Yield the chosen collections. Raises ``ConfigError`` for a name that chooses none."""
        yield from choose(self._source.collections(), self._names)

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield pages of changes."""
        return self._source.changes(collection, cursor)

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield bodies."""
        return self._source.fetch(collection, refs)

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        """Yield what stands there now."""
        return self._source.inventory(collection)

    def close(self) -> None:
        """Close the source."""
        self._source.close()


def choose(collections: Iterator[Collection] | Sequence[Collection], names: frozenset[str]) -> Iterator[Collection]:
    """Yield the collections whose id, slug or name is in *names*. Raises ``ConfigError`` for a name left over."""
    if not names:
        yield from collections
        return
    left = set(names)
    seen = []
    for collection in collections:
        seen.append(collection.name or collection.id)
        hits = names & {collection.id, collection.slug, collection.name}
        if hits:
            left -= hits
            yield collection
    if left:
        missing = min(left)
        raise ConfigError(f"there is no collection called '{missing}'. {did_you_mean(missing, seen)}".strip())
