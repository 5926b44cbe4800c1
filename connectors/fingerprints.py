"""What is known of very many names, at a few bytes for each.

Names are kept as 64-bit digests: among a million, two share one with a chance of 1 in 30
million. Who asks has to be safe, if not at its best, when that happens.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from hashlib import blake2b

TAG_BITS = 32

_SHARDS = 64
"""Parts of a table: inserting moves what stands behind, in one part only."""


def fingerprint(name: str) -> int:
    """Return the 64 bits that stand for *name*, the same in every run."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())


class Tags:
    """A table from names to tags (numbers of ``TAG_BITS``), at 12 bytes an entry."""

    __slots__ = ("_shards",)

    def __init__(self) -> None:
        self._shards: dict[int, _Shard] = {}

    def __len__(self) -> int:
        """Return the number of names that have a tag."""
        return sum(len(shard.prints) for shard in self._shards.values())

    def get(self, name: str) -> int | None:
        """Return the tag of *name*."""
        print_ = fingerprint(name)
        shard = self._shards.get(print_ % _SHARDS)
        return shard.get(print_) if shard else None

    def put(self, name: str, tag: int) -> int | None:
        """Give *name* a tag; return the one it had before."""
        print_ = fingerprint(name)
        return self._shard(print_).put(print_, tag)

    def add(self, name: str, tag: int) -> int | None:
        """Give *name* a tag unless it has one; return the one it had."""
        print_ = fingerprint(name)
        return self._shard(print_).put(print_, tag, over=False)

    def discard(self, name: str) -> None:
        """Forget *name*."""
        print_ = fingerprint(name)
        shard = self._shards.get(print_ % _SHARDS)
        if shard:
            shard.discard(print_)

    def _shard(self, print_: int) -> _Shard:
        shard = self._shards.get(print_ % _SHARDS)
        if shard is None:
            shard = self._shards[print_ % _SHARDS] = _Shard()
        return shard


class _Shard:
    """One part of a table: fingerprints in order, and beside each its tag."""

    __slots__ = ("prints", "tags")

    def __init__(self) -> None:
        self.prints, self.tags = array("Q"), array("I")

    def _find(self, print_: int) -> tuple[int, bool]:
        at = bisect_left(self.prints, print_)
        return at, at < len(self.prints) and self.prints[at] == print_

    def get(self, print_: int) -> int | None:
        at, found = self._find(print_)
        return self.tags[at] if found else None

    def put(self, print_: int, tag: int, *, over: bool = True) -> int | None:
        at, found = self._find(print_)
        if found:
            before = self.tags[at]
            if over:
                self.tags[at] = tag
            return before
        self.prints.insert(at, print_)
        self.tags.insert(at, tag)
        return None

    def discard(self, print_: int) -> None:
        at, found = self._find(print_)
        if found:
            del self.prints[at], self.tags[at]
