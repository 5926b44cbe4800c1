"""Places in memory with one oddity: each method's answer passes through a function a test supplies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Never

from connectors.base import Item, Manifest, Put, Receipt, Result
from connectors.errors import Conflict, ItemRejected
from connectors.memory.place import Memory
from mappings.inspect import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from connectors.base import ChangePage, Collection, Context, Cursor, Endpoint, Failed, ItemRef, Place

    Puts = Callable[[Iterator[Receipt]], Iterable[Receipt]]
    Fetches = Callable[[Iterator[Item | Failed]], Iterable[Item | Failed]]
    Pages = Callable[[Iterator[ChangePage]], Iterable[ChangePage]]
    Collections = Callable[[Iterator[Collection]], Iterable[Collection]]
    Ensures = Callable[[Collection], Collection]


@dataclass
class Oddities:
    """What becomes of each method's answer; ``None`` leaves it as it is."""

    put: Puts | None = None
    remove: Puts | None = None
    fetch: Fetches | None = None
    changes: Pages | None = None
    collections: Collections | None = None
    ensure: Ensures | None = None
    refuse: frozenset[str] = frozenset()
    """Puts a place with rules of its own refuses for good, by key."""


class Odd(Memory):
    """A place in memory whose answers are tampered with."""

    def __init__(self, endpoint: Endpoint, ctx: Context, oddities: Oddities) -> None:
        super().__init__(endpoint, ctx)
        self.oddities = oddities

    def collections(self) -> Iterator[Collection]:
        answer = super().collections()
        return iter(self.oddities.collections(answer)) if self.oddities.collections else answer

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        answer = super().changes(collection, cursor)
        return iter(self.oddities.changes(answer)) if self.oddities.changes else answer

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        answer = super().fetch(collection, refs)
        return iter(self.oddities.fetch(answer)) if self.oddities.fetch else answer

    def ensure(self, collection: Collection, known: str | None) -> Collection:
        answer = super().ensure(collection, known)
        return self.oddities.ensure(answer) if self.oddities.ensure else answer

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        answer = super().put(collection, batch)
        return iter(self.oddities.put(answer)) if self.oddities.put else answer

    def remove(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        answer = super().remove(collection, refs)
        return iter(self.oddities.remove(answer)) if self.oddities.remove else answer


class Remote(Odd):
    """The same, told to be far away: copies are known by what they say, and meetings are kept quiet."""

    manifest: ClassVar[Manifest] = replace(Memory.manifest, local=False)


class Archive(Odd):
    """The same, told to keep what is replaced."""

    manifest: ClassVar[Manifest] = replace(Memory.manifest, keeps_versions=True)


class OneUid(Odd):
    """A place that holds each UID once, as a calendar server does (RFC 4791 §5.3.2.1, no-uid-conflict)."""

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        for each in batch:
            answer = self._answer(collection, each) or next(super().put(collection, [each]))
            yield next(iter(self.oddities.put(iter([answer])))) if self.oddities.put else answer

    def _answer(self, collection: Collection, given: Put) -> Receipt | None:
        uid = inspect(given.item.media_type, given.item.body).uid
        own = given.target.id if given.target else given.key
        for id_, stored in self._shelf(collection).items.items():
            if id_ != own and inspect(given.item.media_type, stored.body).uid == uid:
                revision = str(stored.revision)
                taken = Conflict("the UID is taken", current=id_, revision=revision, stored=stored.body, same_uid=True)
                return Receipt(given.key, Result.FAILED, error=taken)
        if given.key in self.oddities.refuse:
            return Receipt(given.key, Result.FAILED, error=ItemRejected("too-large"))
        return None


def raising(error: Exception) -> Callable[[object], Never]:
    """Return a filter that lets nothing through: the method fails with *error*."""

    def fail(_answer: object) -> Never:
        raise error

    return fail


def odd(oddities: Oddities, kind: type[Odd] = Odd) -> Callable[[Endpoint, Context], Place]:
    """Return what a bench opens in place of an ordinary place in memory."""
    return lambda endpoint, ctx: kind(endpoint, ctx, oddities)
