"""What the methods of a stand-in DAV server need of the server they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from simulators.dav_faults import Faults
    from simulators.dav_store import Shelf, Store, Stored


class Serving(Protocol):
    """A server as its methods see it."""

    store: Store
    faults: Faults
    origin: str

    def shown(self, path: str) -> bool:
        """Say whether a collection is to be seen yet."""

    def etag(self, item: Stored) -> str:
        """Return an item's etag as it is said now."""

    def token(self, shelf: Shelf, version: int | None = None, *, since: int | None = None) -> str:
        """Return a sync-token."""

    def version_of(self, token: str) -> int | None:
        """Return the version a token stands for."""
