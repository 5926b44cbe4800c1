"""The bytes of messages: small ones as they are, large ones as a beginning, a filling of any length, and an end."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

LINE = 57
"""Bytes of an attachment in one line of 76 letters (RFC 2045 §6.8)."""
WRITTEN = 78
"""Bytes of such a line in the message, with CR LF."""
LINES = 1008
"""Lines written at once: a multiple of three, so that base64 of the message comes out even."""


@lru_cache(maxsize=1)
def plain() -> bytes:
    """Return the bytes that fillings repeat, of ``LINES`` lines."""
    blocks = (blake2b(b"%d" % number).digest() for number in range(LINE * LINES // 64 + 1))
    return b"".join(blocks)[: LINE * LINES]


@lru_cache(maxsize=1)
def encoded() -> bytes:
    """Return the same in base64 with line breaks as in a message."""
    return encodebytes(plain()).replace(b"\n", b"\r\n")


@dataclass(frozen=True, slots=True)
class Filling:
    """An attachment of so many lines of base64, none of which is kept."""

    lines: int

    @property
    def size(self) -> int:
        """The bytes in the message."""
        return self.lines * WRITTEN

    @property
    def attachment(self) -> Attachment:
        """The bytes they stand for."""
        return Attachment(self.lines)

    def chunks(self) -> Iterator[bytes]:
        """Yield the lines."""
        yield from _repeated(encoded(), self.lines, WRITTEN)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a filling says, decoded."""

    lines: int

    @property
    def size(self) -> int:
        """The bytes of the attachment."""
        return self.lines * LINE

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes."""
        yield from _repeated(plain(), self.lines, LINE)


def _repeated(block: bytes, lines: int, length: int) -> Iterator[bytes]:
    for _ in range(lines // LINES):
        yield block
    if rest := lines % LINES:
        yield block[: rest * length]


@dataclass(frozen=True, slots=True)
class Body:
    """One message: *head*, a *filling* if there is one, *tail*."""

    head: bytes
    filling: Filling | None = None
    tail: bytes = b""

    @property
    def size(self) -> int:
        """How many bytes the message has."""
        return len(self.head) + (self.filling.size if self.filling else 0) + len(self.tail)

    @property
    def outline(self) -> bytes:
        """The message without its filling, which belongs at ``len(head)``."""
        return self.head + self.tail if self.tail else self.head

    def chunks(self) -> Iterator[bytes]:
        """Yield the message in pieces."""
        yield self.head
        if self.filling:
            yield from self.filling.chunks()
        if self.tail:
            yield self.tail

    def whole(self) -> bytes:
        """Return the message at once, however large it is."""
        return b"".join(self.chunks())
