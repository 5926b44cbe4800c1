"""Compare what stands at a place with what the ledger says of it: for ``verify``, and for each run at its end."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Item, ItemRef
    from sync_engine.model import ItemRow


class Names:
    """A set of names at eight bytes each, so that memory hardly grows with the items.

    Python's own hash of a text has 64 bits and a secret of this process: nobody can choose names that meet.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._sorted = True

    def add(self, name: str) -> None:
        """Remember *name*."""
        self._hashes.append(hash(name))
        self._sorted = False

    def __contains__(self, name: str) -> bool:
        if not self._sorted:
            self._hashes = array("q", sorted(self._hashes))
            self._sorted = True
        wanted = hash(name)
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted

    def __len__(self) -> int:
        return len(self._hashes)


def is_same(row: ItemRow, found: Item) -> bool:
    """Say whether *found* is the copy the ledger describes."""
    return sha256(found.body).hexdigest() == (row.target_digest or row.digest)


def batches(refs: Iterator[ItemRef], size: int = 500) -> Iterator[list[ItemRef]]:
    """Group *refs*."""
    while batch := list(islice(refs, size)):
        yield batch
