"""What is written for an item: its bytes as they came, or mapped into what the destination takes.

Which of the two is settled by media types alone. Mapping is pure and deterministic: whoever does
it again after a crash gets the same bytes, so that a copy is known again by its mark.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from mappings.errors import Malformed, MappingError, TooDeep, TooLarge, UnknownType
from mappings.inspect import inspect
from mappings.mediatypes import base_type, family
from mappings.registry import Bridge, bridge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.base import Collection, Item
    from mappings.inspection import Inspection
    from sync_engine.run import Run

NO_MAPPING: Final = "no-mapping"
"""The reason told where no bridge leads from what a source offers to what a destination takes."""


@dataclass(frozen=True, slots=True)
class Way:
    """How items get across: over *bridge*, or without one byte for byte."""

    bridge: Bridge | None = None


AS_IT_IS: Final = Way()


@lru_cache(maxsize=64)
def find_way(offered: str, accepted: tuple[str, ...]) -> Way | None:
    """Return the way from the media type *offered* to one of *accepted* (best first), ``None`` if there is none.

    A destination that names no types takes what it is given.
    """
    if not accepted or any(is_kin(offered, one) for one in accepted):
        return AS_IT_IS
    found = bridge(offered, accepted)
    return None if found is None else Way(found)


def find_way_for(offered: Sequence[str], accepted: Sequence[str]) -> Way | None:
    """Return the way for a collection that has its items in the types *offered*, best first.

    What is carried as it is comes before what has to be mapped. A source that names no types is
    taken to have what is accepted.
    """
    if not offered:
        return AS_IT_IS
    ways = [way for one in offered if (way := find_way(one, tuple(accepted))) is not None]
    return next((way for way in ways if way.bridge is None), ways[0] if ways else None)


def is_kin(one: str, other: str) -> bool:
    """Say whether two media types are of one family, so that bytes of the one are carried as the other."""
    if base_type(one) == base_type(other):
        return True
    try:
        return family(one) is family(other)
    except UnknownType:
        return False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An item as it is to be written, and what is *found* in it; *bridge* is what it was mapped over."""

    item: Item
    found: Inspection
    bridge: Bridge | None = None


def outgoing(run: Run, item: Item, found: Inspection, right: Collection | None) -> Outgoing | None:
    """Return *item* (in which *found* was seen) as *right* takes it; ``None`` if there is no way.

    A server must not send invitations because of it. Raises ``MappingError``: this item cannot be mapped.
    """
    way = find_way(item.media_type, right.media_types if right is not None else ())
    if way is None:
        return None
    if way.bridge is not None:
        mapped = way.bridge.convert(item.body)
        item = replace(item, media_type=mapped.media_type, body=mapped.body)
        found = inspect(mapped.media_type, mapped.body)
        if not found.complete:
            raise Malformed(found.problem)
    if (found.meeting or found.method) and not run.destination.manifest.local:
        from mappings.meetings import quiet

        body = quiet(item.body)
        item = item if body is item.body else replace(item, body=body)
    return Outgoing(item, found, way.bridge)


def mark(run: Run, media_type: str, body: bytes) -> str:
    """Return a digest by which *body* is known again at the destination after an interrupted write.

    A server may store the same meaning in other bytes, a folder stores what it is given.
    """
    if run.destination.manifest.local:
        return sha256(body).hexdigest()
    from mappings.canonical import canonical_digest

    try:
        return canonical_digest(media_type, body)
    except MappingError:
        return sha256(body).hexdigest()


def word_for(error: MappingError) -> str:
    """Return the stable word for what kept an item from being mapped."""
    if isinstance(error, Malformed):
        return error.problem or "malformed"
    if isinstance(error, (TooLarge, TooDeep)):
        return "too-large" if isinstance(error, TooLarge) else "too-deep"
    return "not-mappable"
