"""The port: what a connector promises the engine.

A connector says *what is there*; the engine decides *when*. Connectors never sleep,
retry, store secrets, write checkpoints or open their own sockets: the context gives
them ``http``, ``stop``, ``clock``, ``log`` and ``learned``.

Words
    *collection*  a calendar, an address book, a folder: what the user can choose
    *item*        one object in it (an event with its overrides, a contact, a file)
    *ref*         an item's id and revision, without its body
    *revision*    an opaque word that changes whenever the item's bytes may have changed;
                  ``None`` means "present, revision unknown"
    *change*      one ref as a source reports it: present or gone
    *page*        some changes and the cursor that is valid once all of them are settled
    *receipt*     what a destination answers for one item it was given
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from connectors.errors import ConnectorError
    from connectors.http import Http

CONTRACT = 1
"""Version of this port. A connector built for another one is refused when it is loaded."""

CURSOR_BYTES = 4096
"""Largest size of a cursor as JSON."""


class Kind(StrEnum):
    """What a person calls the things in a collection."""

    MESSAGE = "message"
    FILE = "file"
    CONTACT = "contact"
    EVENT = "event"


Cursor = Mapping[str, str | int | bool]
"""Where to go on: flat JSON, at most 4 KiB, opaque to the engine.

Holds ``"v"``, the version of its meaning; a connector that meets an unknown version
raises ``CursorExpired``.
"""


@dataclass(frozen=True, slots=True)
class Collection:
    """One calendar, address book or folder.

    *id* is stable and unique within the place; *slug* is its last readable part, a wish
    for the name on the far side. *components* names what may be stored (``VEVENT``,
    ``VTODO``, ``VJOURNAL``, ``VCARD``); empty means "whatever the kind allows".
    *media_types* are read at a source and accepted at a destination, best first.
    *state* is a word equal on two runs only if nothing in the collection changed.
    *problem* says why a collection that is there cannot be read at all; it is reported, never
    taken for missing, and asked for nothing.
    """

    id: str
    kind: Kind
    name: str
    slug: str = ""
    parent: str | None = None
    colour: str | None = None
    description: str | None = None
    order: int | None = None
    timezone: str | None = None
    components: frozenset[str] = frozenset()
    media_types: tuple[str, ...] = ()
    writable: bool = True
    state: str | None = None
    problem: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class ItemRef:
    """An item without its body: *id* unique within its collection, *size* in bytes where known."""

    id: str
    revision: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its body.

    *body* holds the exact bytes as the place gave them. *name* is a wish for a file
    name without its ending, or empty.
    """

    ref: ItemRef
    media_type: str
    body: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One ref as the source reports it.

    Exactly one of these is said: present (*gone* false), gone, or present but unreadable
    (*problem* set: a reason, never a deletion). *item* is there when the source could
    give the body along with the listing.
    """

    ref: ItemRef
    gone: bool = False
    item: Item | None = None
    problem: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some changes, and the checkpoint after them.

    *cursor* is valid once **all** changes of the page are settled; ``None`` keeps the
    previous one. *listing* says that the pages of this call list everything there is,
    so that an item no page names is absent; that conclusion is drawn only when the page
    marked *last* also says *complete*. Without *listing* the pages hold changes only and
    every deletion is said. *total* estimates all items of the call, for progress.
    """

    changes: Sequence[Change]
    cursor: Cursor | None = None
    listing: bool = False
    last: bool = False
    complete: bool = True
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """One item to write.

    *key* names the item at its source, the same in every run. *target* is the item at
    the destination to replace, with the revision it must still have; ``None`` creates.
    """

    key: str
    item: Item
    target: ItemRef | None = None


class Result(StrEnum):
    """What became of one item at a destination."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A destination's answer for one item.

    *target* is the item as it now stands there. *stored* holds its bytes when the
    destination read them back and they differ from what was sent; ``None`` means: stored
    byte for byte. *error* is set exactly when *result* is ``FAILED``.
    """

    key: str
    result: Result
    target: ItemRef | None = None
    stored: bytes | None = None
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that could not be fetched: ``Vanished`` when it is not there any more."""

    ref: ItemRef
    error: ConnectorError


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are at the place, and what it can take. *free* is in bytes, ``None`` if unknown."""

    name: str
    writable: bool = True
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a planner, an egress guard or a reviewer may ask of a connector, as data."""

    id: str
    title: str
    reads: frozenset[Kind]
    writes: frozenset[Kind] = frozenset()
    contract: int = CONTRACT
    local: bool = False
    write_identity: Literal["chosen-id", "natural-key", "none"] = "none"
    incremental: bool = False
    deletions: bool = False
    conditional: bool = False
    keeps_versions: bool = False
    duplicates_possible: str = ""
    accepts: tuple[str, ...] = ()
    """Media types that can be written there at all; none: the collections say. A plan is made from this."""
    options: Mapping[str, str] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)
    """What has to be allowed, each with the reason; what an option needs beyond says so."""
    methods: tuple[str, ...] = ()
    """Methods of the provider's API that are called, and no other."""
    hosts: tuple[str, ...] = ()
    """Hosts that are asked; ``*.`` stands for every name below a domain. None: the user names the server."""
    quotas: Mapping[str, str] = field(default_factory=dict)
    """What is asked how often, with the source of the figure."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a connector connects to: a place the user named, resolved by the configuration.

    *path* narrows the place to one collection (its id, slug or name); empty means all.
    *kinds* narrows it to what the user selected. *url* is the address of a remote place,
    *root* the folder of a local one.
    """

    kind: str
    account: str = ""
    path: str = ""
    url: str = ""
    root: str = ""
    kinds: frozenset[Kind] = frozenset()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What the engine lends a connector.

    *http* is absent for local places. *stop* turns true when the run should end at the
    next safe point. *learned* is a small memory the engine keeps between runs (strings
    only, 4 KiB in all): home sets found, abilities seen. It is a cache: losing it costs
    requests, never correctness.
    """

    http: Http | None
    stop: Callable[[], bool]
    clock: Callable[[], float]
    log: logging.Logger
    learned: MutableMapping[str, str]


@runtime_checkable
class Place(Protocol):
    """What sources and destinations have in common."""

    manifest: ClassVar[Manifest]

    def check(self) -> Account:
        """Say who we are there. Raises when the place cannot be used at all."""

    def collections(self) -> Iterator[Collection]:
        """Yield every collection the endpoint selects, parents first."""

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield each ref's item or why it could not be had, in any order, each exactly once.

        Raises ``Transient`` when the rest could not be asked; what was yielded counts.
        """

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        """Yield a ref for every item that stands there now."""

    def close(self) -> None:
        """Give back what is open. Called once, also after errors."""


@runtime_checkable
class Source(Place, Protocol):
    """A place to read from."""

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield pages of changes after *cursor*; without one, a full listing.

        At least one page comes and only the final one is marked *last*, unless the
        source stops early (``ctx.stop``) or raises. Raises ``CursorExpired`` when the
        cursor is not usable any more, ``CollectionGone`` when the collection is not there.
        """


@runtime_checkable
class Destination(Place, Protocol):
    """A place to write to."""

    def ensure(self, collection: Collection, known: str | None) -> Collection:
        """Return the collection here that takes *collection*'s items, creating it if needed.

        *known* is the id this returned in an earlier run. Idempotent. Raises
        ``ItemRejected`` when the place cannot hold such a collection.
        """

    def put(self, collection: Collection, batch: Sequence[Put]) -> Iterator[Receipt]:
        """Write each item of *batch* and yield its receipt, each exactly once, in any order.

        Every receipt yielded is durable. Idempotent: writing what already stands there
        gives ``UNCHANGED``. Something else in the way fails with ``Conflict``. Raises
        only when the rest of the batch cannot be tried (``Transient``, ``DestinationFull`` …).
        """

    def remove(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        """Remove each ref if it still has its revision; ``key`` of a receipt is the ref's id.

        What is not there any more is ``REMOVED`` as well; what changed meanwhile fails
        with ``Conflict``.
        """


Connector = Callable[[Endpoint, Context], Place]
"""How the registry hands out a connector: a class whose constructor takes these two."""

Refs = Iterable[ItemRef]
