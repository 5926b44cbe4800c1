"""Writing into a ``World``: the rules of a well-behaved server, and its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import Collection, ItemRef, Put, Receipt, Result
from connectors.errors import Conflict, ConnectorError, DestinationFull, InDoubt, ItemRejected, ReadOnly, Transient
from connectors.memory.world import MEDIA_TYPES, Faults, Shelf, Stored, World

if TYPE_CHECKING:
    from collections.abc import Callable


def ensure(world: World, collection: Collection, *, known: str | None, wish: str) -> Collection:
    """Return the collection that takes *collection*'s items: the *known* one, its own, or a new one."""
    if world.faults.read_only:
        raise ReadOnly("the world is read-only")
    if known is not None and known in world.shelves:
        return world.shelves[known].collection
    for shelf in world.shelves.values():
        named = wish and wish in (shelf.collection.id, shelf.collection.slug)
        if (named or shelf.source == collection.id) and shelf.collection.kind == collection.kind:
            return shelf.collection
    name = known or wish or collection.slug or collection.name or collection.id
    free, number = name, 1
    while free in world.shelves:
        number += 1
        free = f"{name}-{number}"
    made = Collection(
        free,
        collection.kind,
        collection.name,
        slug=free,
        colour=collection.colour,
        description=collection.description,
        order=collection.order,
        media_types=(MEDIA_TYPES[collection.kind],),
    )
    world.shelves[free] = Shelf(made, source=collection.id)
    return made


def put(world: World, shelf: Shelf, given: Put) -> Receipt:
    """Write one item under the port's rules. Raises what breaks the connection."""
    faults = world.faults
    if given.key in faults.reject:
        return _failed(given.key, ItemRejected("rejected", "refused for a test"))
    with world.lock:
        item = given.target.id if given.target else _own_id(shelf, given)
        standing = shelf.items.get(item)
        answer = _standing(given, item, standing, faults)
        if answer is not None:
            return answer
        if standing is None and faults.full_at is not None and len(shelf.items) >= faults.full_at:
            raise DestinationFull("no more items fit in")
        body = _rewritten(given.item.body) if faults.rewrite != "no" else given.item.body
        stored = Stored(body, given.item.name, given.key, sent=given.item.body)
        _effect(world, lambda: world.store(shelf, item, stored))
        told = body if faults.rewrite == "told" and body != given.item.body else None
        result = Result.CREATED if standing is None else Result.UPDATED
        return Receipt(given.key, result, ItemRef(item, str(stored.revision), len(body)), told)


def remove(world: World, shelf: Shelf, ref: ItemRef) -> Receipt:
    """Remove one item under the port's rules. Raises what breaks the connection."""
    with world.lock:
        standing = shelf.items.get(ref.id)
        if standing is None:
            return Receipt(ref.id, Result.REMOVED)
        if ref.revision not in (None, str(standing.revision)):
            return _failed(ref.id, _conflict(ref.id, standing))
        _effect(world, lambda: world.delete(shelf.collection.id, ref.id))
        return Receipt(ref.id, Result.REMOVED)


def _own_id(shelf: Shelf, given: Put) -> str:
    """Return the id a new item gets: its name, or its key where another item has that name."""
    wish = given.item.name or given.key
    holder = shelf.items.get(wish)
    return wish if holder is None or holder.key in (None, given.key) else f"key {given.key}"


def _standing(given: Put, item: str, standing: Stored | None, faults: Faults) -> Receipt | None:
    """Answer at once when what stands there decides it."""
    if given.target is not None and standing is None:
        return _failed(given.key, Conflict("the item is not there any more"))
    if standing is None:
        return None
    if given.key in faults.conflict:
        return _failed(given.key, _conflict(item, standing))
    if given.item.body in (standing.body, standing.sent):
        told = standing.body if standing.body != given.item.body and faults.rewrite != "silent" else None
        return Receipt(given.key, Result.UNCHANGED, ItemRef(item, str(standing.revision), len(standing.body)), told)
    expected = given.target.revision if given.target else ""
    if expected not in (None, str(standing.revision)):
        return _failed(given.key, _conflict(item, standing))
    return None


def _effect(world: World, act: Callable[[], None]) -> None:
    """Do one numbered write; the connection may break just before or just after it."""
    faults, number = world.faults, world.writes
    world.writes += 1
    if faults.read_only:
        raise ReadOnly("the world is read-only")
    if number == faults.break_before_write:
        raise Transient("the connection broke before the write")
    act()
    if number == faults.break_after_write:
        raise InDoubt("the connection broke after the write was sent")


def _conflict(item: str, standing: Stored) -> Conflict:
    return Conflict("another version", current=item, revision=str(standing.revision), stored=standing.body)


def _rewritten(body: bytes) -> bytes:
    """Store what a server that keeps house might: the same lines, another order of line ends."""
    return body.replace(b"\r\n", b"\n")


def _failed(key: str, error: ConnectorError) -> Receipt:
    return Receipt(key, Result.FAILED, error=error)
