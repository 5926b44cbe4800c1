"""Bridges between media types: what a source offers, what a destination accepts, and who maps between them.

A source says what it has, a destination what it takes; neither knows the other. What stays
in one family of content lines needs no bridge: the bytes are carried as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from mappings.mediatypes import CALENDAR, CARD, EVENTS, PERSON, base_type

if TYPE_CHECKING:
    from mappings.loss import LossReport


@dataclass(frozen=True, slots=True)
class Mapped:
    """An object in another format. *losses* says what became of each leaf, as far as writing it tells."""

    body: bytes
    media_type: str
    losses: LossReport


class Prove(Protocol):
    """Compares what stands at the far side with the original, leaf by leaf."""

    def __call__(self, original: bytes, stored: bytes) -> LossReport:
        """Return the fidelity receipt: what *stored* alone gives back of *original*.

        A leaf that was representable and is not there, or is another, is ``Fate.REFUSED``.
        """


@dataclass(frozen=True, slots=True)
class Bridge:
    """The way from one media type to another. Both functions are pure and deterministic.

    *convert* raises ``MappingError`` for a body that is no object of the source type.
    """

    source: str
    target: str
    convert: Callable[[bytes], Mapped]
    prove: Prove


_BRIDGES: Mapping[tuple[str, str], str] = {
    (PERSON, CARD): "mappings.people.bridges:to_card",
    (CARD, PERSON): "mappings.people.bridges:to_person",
    (EVENTS, CALENDAR): "mappings.calendars.bridges:to_calendar",
    (CALENDAR, EVENTS): "mappings.calendars.bridges:to_events",
}
"""Base types -> where the function that makes the bridge is written; imported on first use.

Each takes the target's media type with its parameters (``text/vcard;version=4.0``).
"""


def bridge(offered: str, accepted: Sequence[str]) -> Bridge | None:
    """Return the bridge from *offered* to the first of *accepted* that one leads to, ``None`` if none does."""
    for target in accepted:
        place = _BRIDGES.get((base_type(offered), base_type(target)))
        if place is not None:
            module, _, name = place.partition(":")
            make = cast("Callable[[str], Bridge]", getattr(import_module(module), name))
            return make(target)
    return None
