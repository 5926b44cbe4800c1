"""What a server answered: headers, a whole response, or a body to read piece by piece."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from connectors.decoding import Decoder
from connectors.errors import TooMuchAtOnce

PIECE = 65536


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost.

    *connect* and *read* bound one wait in seconds. *total* bounds all waits of an exchange
    together; each *slowest* bytes that come or go earn a second of it back: a large file
    may take its time, a trickle may not. Each *digested* bytes sent give the server a second
    more before its answer begins: Radicale and Xandikos work on three megabytes for
    ten seconds and more, on one for a few. *body* is the most decoded bytes of a body held
    in memory, *stream* of one read piece by piece (``None``: no bound).
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 120.0
    slowest: int = 4096
    digested: int = 32768
    body: int = 32 * 1024 * 1024
    stream: int | None = None


@dataclass(slots=True)
class Meter:
    """What went over the wire, in bytes inside TLS; requests count every one sent, retries included."""

    requests: int = 0
    sent: int = 0
    received: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, *, requests: int = 0, sent: int = 0, received: int = 0) -> None:
        """Count something more."""
        with self._lock:
            self.requests += requests
            self.sent += sent
            self.received += received


class Headers(Mapping[str, str]):
    """Header fields by name, in any case. Fields sent twice are joined by a comma (RFC 9110 5.3)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, str] = {}
        for name, value in fields:
            key = name.lower()
            self._fields[key] = f"{self._fields[key]}, {value}" if key in self._fields else value

    def __getitem__(self, name: str) -> str:
        """Return the value of a field."""
        return self._fields[name.lower()]

    def __contains__(self, name: object) -> bool:
        """Say whether a field was sent."""
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in lower case."""
        return iter(self._fields)

    def __len__(self) -> int:
        """Return how many fields there are."""
        return len(self._fields)

    def __repr__(self) -> str:
        """Show the names only: values may hold cookies and links with tokens."""
        return f"Headers({', '.join(self._fields)})"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with its whole body, decoded. *url* is where it came from, after redirects."""

    status: int
    headers: Headers
    url: str
    body: bytes = field(repr=False)


class Incoming(Protocol):
    """The body as it comes from the wire (``connectors/wire.py``)."""

    def read(self, most: int) -> bytes:
        """Return the next bytes; empty at the end. Raises ``Transient`` when it was cut off."""

    def drain(self, most: int) -> bool:
        """Read away a short rest; say whether that was all."""

    def release(self, *, reusable: bool) -> None:
        """Give the connection back, to be used again or not."""


class Stream:
    """An answer whose body is read piece by piece, decoded.

    *url* is where it came from, after redirects. Faults while reading come as
    ``Transient`` (``InDoubt`` after a write), a body over the cap as ``TooMuchAtOnce``.
    """

    def __init__(self, status: int, headers: Headers, url: str, *, incoming: Incoming, cap: int | None) -> None:
        self.status, self.headers, self.url = status, headers, url
        self._incoming, self._cap = incoming, cap
        self._decoder: Decoder | None = None
        self._given = 0
        self._open = True
        self._ended = False

    def read(self, n: int = PIECE) -> bytes:
        """Return up to *n* decoded bytes, empty at the end."""
        if self._ended:
            return b""
        try:
            piece = self._next(max(1, n))
        except BaseException:
            self.abandon()
            raise
        self._given += len(piece)
        if self._cap is not None and self._given > self._cap:
            self.abandon()
            raise TooMuchAtOnce(f"the answer is larger than {self._cap} bytes")
        if not piece:
            self._ended = True
            self._release(reusable=True)
        return piece

    def read_all(self) -> bytes:
        """Return the rest of the body."""
        return b"".join(self)

    def __iter__(self) -> Iterator[bytes]:
        """Yield decoded pieces until the end."""
        while piece := self.read():
            yield piece

    def close(self) -> None:
        """Give the connection back; a short rest of the body is read away so that it can be used again."""
        self._ended = True
        if self._open:
            self._release(reusable=self._incoming.drain(PIECE))

    def abandon(self) -> None:
        """Close the connection, whatever is still to come."""
        self._ended = True
        self._release(reusable=False)

    def _next(self, n: int) -> bytes:
        decoder = self._decoder = self._decoder or self._start()
        while True:
            if not decoder.hungry and (piece := decoder.give(n)):
                return piece
            data = self._incoming.read(min(n, PIECE))
            if not data:
                return decoder.finish(n)
            if decoder.plain:
                return data
            decoder.take(data)

    def _start(self) -> Decoder:
        decoder = Decoder(self.headers.get("content-encoding", ""))
        length = self.headers.get("content-length", "")
        if decoder.plain and self._cap is not None and length.isdigit() and int(length) > self._cap:
            raise TooMuchAtOnce(f"the answer is larger than {self._cap} bytes")
        return decoder

    def _release(self, *, reusable: bool) -> None:
        if self._open:
            self._open = False
            self._incoming.release(reusable=reusable)
