"""Small threaded servers on 127.0.0.1 that answer as badly as a test wants, and record what they got."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from io import BufferedReader


@dataclass(frozen=True)
class Received:
    """One request as it came: header names in lower case, and the number of its connection."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    closing: threading.Event = field(repr=False)


class End(Enum):
    """How an answer may end besides keeping the connection."""

    CLOSE = "close"
    RESET = "reset"


Piece = bytes | End
Script = Callable[[Received], Iterable[Piece]]


def reply(status: int, body: bytes = b"", *, reason: str = "Fine", **fields: str) -> bytes:
    """Return a whole answer; ``retry_after="1"`` becomes ``retry-after: 1``."""
    lines = [f"HTTP/1.1 {status} {reason}"]
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    if "content-length" not in named and "transfer-encoding" not in named:
        named["content-length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body


def chunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield *pieces* in chunked coding."""
    for piece in pieces:
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


def always(*pieces: Piece) -> Script:
    """Answer every request the same way."""
    return lambda _: pieces


def in_turn(*answers: bytes | Iterable[Piece]) -> Script:
    """Answer the first request with the first, and so on; the last one stays."""
    left = list(answers)
    lock = threading.Lock()

    def script(_: Received) -> Iterable[Piece]:
        with lock:
            answer = left.pop(0) if len(left) > 1 else left[0]
        return [answer] if isinstance(answer, bytes) else answer

    return script


class Server:
    """Listens until closed; one thread for each connection."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.received: list[Received] = []
        self.connections = 0
        self.closing = threading.Event()
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def origin(self) -> str:
        """Return where it listens."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        """Return the URL of *path*."""
        return self.origin + path

    def drop_idle(self) -> None:
        """Close every connection there is, as a server does after its keep-alive time."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop and wait for every thread."""
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop_idle()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True)
                self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with contextlib.suppress(OSError, ValueError):
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.add(connection)
                self._answer(connection, number)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _answer(self, connection: socket.socket, number: int) -> None:
        with connection.makefile("rb") as incoming:
            while (received := self._read(incoming, number)) is not None:
                with self._lock:
                    self.received.append(received)
                if not self._send(connection, self.script(received)):
                    return

    def _read(self, incoming: BufferedReader, number: int) -> Received | None:
        line = incoming.readline().decode("latin-1").split()
        if len(line) != 3:
            return None
        headers: dict[str, str] = {}
        while (field_line := incoming.readline().decode("latin-1").strip()) != "":
            name, _, value = field_line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        body = incoming.read(length) if length else b""
        return Received(line[0], line[1], headers, body, number, self.closing)

    @staticmethod
    def _send(connection: socket.socket, pieces: Iterable[Piece]) -> bool:
        """Send the answer; say whether the connection stays."""
        for piece in pieces:
            if piece is End.RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if isinstance(piece, End):
                return False
            connection.sendall(piece)
        return True
