"""Bodies too large to be held: written piece by piece, with a length that is known before."""

from __future__ import annotations

import json
import secrets
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from simulators.google.discovery import Json

PIECE = 48 * 1024
"""Bytes of a piece, a multiple of three."""
_GZIP = 31
"""zlib's wbits for a gzip header (RFC 1952)."""
_MARK = secrets.token_hex(16)
"""Stands for a stream while the rest is written; nobody can have put it into a text."""


class Stream(Protocol):
    """Bytes that come in pieces. Each walk through ``chunks`` begins anew."""

    @property
    def size(self) -> int:
        """How many bytes there are."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the pieces."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Bytes that are there already."""

    raw: bytes

    @property
    def size(self) -> int:
        return len(self.raw)

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.raw), PIECE):
            yield self.raw[start : start + PIECE]


@dataclass(frozen=True, slots=True)
class Base64:
    """A stream in base64url (RFC 4648 §5), with the padding at its end or without."""

    inner: Stream
    padded: bool = True

    @property
    def size(self) -> int:
        whole, rest = divmod(self.inner.size, 3)
        return whole * 4 + ((4 if self.padded else rest + 1) if rest else 0)

    def chunks(self) -> Iterator[bytes]:
        rest = b""
        for piece in self.inner.chunks():
            joined = rest + piece if rest else piece
            whole = len(joined) // 3 * 3
            rest = joined[whole:]
            yield urlsafe_b64encode(joined[:whole])
        last = urlsafe_b64encode(rest)
        yield last if self.padded else last.rstrip(b"=")


@dataclass(frozen=True, slots=True)
class Joined:
    """Streams one after the other."""

    parts: Sequence[Stream]

    @property
    def size(self) -> int:
        return sum(each.size for each in self.parts)

    def chunks(self) -> Iterator[bytes]:
        for each in self.parts:
            yield from each.chunks()


def written(said: Json) -> bytes | Joined:
    """Return an answer as JSON. Where a ``Base64`` stands for a text, it is a stream."""
    found: list[Base64] = []

    def mark(value: Any) -> str:  # noqa: ANN401 - what json hands over
        if not isinstance(value, Base64):
            raise TypeError(value)
        found.append(value)
        return _MARK

    raw = json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=mark).encode()
    if not found:
        return raw
    pieces = raw.split(_MARK.encode())
    parts: list[Stream] = [Whole(pieces[0])]
    for stream, piece in zip(found, pieces[1:], strict=True):
        parts += [stream, Whole(piece)]
    return Joined(parts)


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces compressed with gzip."""
    machine = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        if done := machine.compress(piece):
            yield done
    yield machine.flush()
