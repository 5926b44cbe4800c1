"""One stream of events, three printers: terminal, JSON lines, web page.

The engine calls a listener; it never prints. Events hold counts and ids, no bodies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A run begins. *run* counts from 1; *resumed* when an earlier run was cut off."""

    job: str
    kind: str
    source: str
    destination: str
    run: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    """The run enters *phase* (``collections``, ``copy``, ``verify``, ``finishing``)."""

    job: str
    phase: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much there is: grows while collections are listed. *items* over all collections."""

    job: str
    collections: int
    items: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A page is settled. *done* and *total* count items, *size* bytes copied, since the run began."""

    job: str
    phase: str
    collection: str
    done: int
    total: int
    size: int
    problems: int


@dataclass(frozen=True, slots=True)
class ItemSettled:
    """An item that is not simply copied: skipped or failed, with its reason."""

    job: str
    collection: str
    item: str
    outcome: str
    reason: str
    detail: str
    retry: bool


@dataclass(frozen=True, slots=True)
class CollectionNote:
    """Something worth saying about a whole collection (missing, read-only, not representable)."""

    job: str
    collection: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The provider asked to wait *seconds*; nothing is wrong."""

    job: str
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over. *state* is the job's state; totals are over all collections.

    ``present == copied + skipped + failed`` and *changed* counts the items of this run.
    *verified* of those were found at the destination as they should be; *how* they were
    compared is ``size-and-revision``, ``bytes`` or, with nothing to compare, empty.
    """

    job: str
    state: str
    run: int
    present: int
    copied: int
    skipped: int
    failed: int
    gone: int
    changed: int
    removed: int
    size: int
    seconds: float
    verified: int = 0
    verified_how: str = ""


Event = JobStarted | PhaseEntered | Estimate | Progress | ItemSettled | CollectionNote | Waiting | RunEnded
Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """Listen to nothing."""
    del event
