"""A small, fast HTTP/1.1 server in threads: one per connection, which stays open.

Large bodies are sent piece by piece, and answers compressed for those who ask as Google wants to be asked.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, cast

from simulators.google.streams import Stream, Whole, packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

HOST = "127.0.0.1"
MOST_HEADERS, LONGEST_LINE, MOST_BODY = 100, 65_536, 1_000_000
PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Names of headers are in small letters."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    places: ExitStack | None = None
    """What a part of a batch holds until the batch is done."""

    @property
    def takes_gzip(self) -> bool:
        """Whether the answer is compressed, which takes two headers.

        "Set an Accept-Encoding header, and modify your user agent to contain the string gzip":
        developers.google.com/workspace/gmail/api/guides/performance.
        """
        agent, taken = self.headers.get("user-agent", ""), self.headers.get("accept-encoding", "")
        return "gzip" in agent.lower() and "gzip" in taken.lower()


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. *broken* is ``cut`` when the body breaks off in the middle, ``reset`` when nothing is said.

    With ``short`` half of the body is sent as if it were the whole.
    """

    status: int
    body: bytes | Stream = b""
    kind: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: str = ""

    @property
    def stream(self) -> Stream:
        """The body in pieces."""
        return Whole(self.body) if isinstance(self.body, bytes) else self.body


class Listener(socketserver.ThreadingTCPServer):
    """Answer requests by calling *answer*, until closed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, 0), Connection)
        self.url = f"http://{HOST}:{self.server_address[1]}/"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and close every connection."""
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        with self._lock:
            self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._lock:
            self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that hang up."""


class Connection(socketserver.StreamRequestHandler):
    """One connection."""

    timeout: ClassVar[float | None] = 60
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client closes, or a request cannot be understood."""
        with contextlib.suppress(OSError, ValueError):
            while self._one():
                pass

    def _one(self) -> bool:
        line = self.rfile.readline(LONGEST_LINE)
        if not line:
            return False
        verb, target, version = line.decode("latin-1").split()
        headers = self._headers()
        if (length := int(headers.get("content-length", "0"))) > MOST_BODY:
            return False
        body = self.rfile.read(length)
        path, _, query = target.partition("?")
        request = Request(verb, path, query, headers, body)
        reply = cast("Listener", self.server).answer(request)
        if reply.broken == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        stays = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        if request.takes_gzip and version == "HTTP/1.1" and verb != "HEAD":
            self._send_packed(reply, stays=stays)
        else:
            self._send(reply, stays=stays, nothing=verb == "HEAD")
        return stays and reply.broken != "cut"

    def _send(self, reply: Reply, *, stays: bool, nothing: bool) -> None:
        size = reply.stream.size
        sent = size // 2 if reply.broken else size
        told = sent if reply.broken == "short" else size
        head = _head(reply, f"Content-Length: {told}", stays=stays)
        if isinstance(reply.body, bytes):
            self.connection.sendall(head + (b"" if nothing else reply.body[:sent]))
            return
        self.connection.sendall(head)
        for piece in () if nothing else _first(reply.stream.chunks(), sent):
            self.connection.sendall(piece)

    def _send_packed(self, reply: Reply, *, stays: bool) -> None:
        """Send with gzip in chunks (RFC 9112 §7.1), for the length is not known before."""
        size = reply.stream.size
        pieces = _first(reply.stream.chunks(), size // 2) if reply.broken else reply.stream.chunks()
        self.connection.sendall(
            _head(reply, "Content-Encoding: gzip", "Vary: Accept-Encoding", "Transfer-Encoding: chunked", stays=stays)
        )
        for piece in packed(pieces):
            self.connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        if reply.broken != "cut":
            self.connection.sendall(b"0\r\n\r\n")

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MOST_HEADERS):
            line = self.rfile.readline(LONGEST_LINE)
            if line in {b"\r\n", b"\n", b""}:
                return headers
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        raise ValueError("too many headers")


def _first(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the first *size* bytes."""
    for piece in pieces:
        yield piece[:size]
        size -= len(piece)
        if size <= 0:
            return


def _head(reply: Reply, *about: str, stays: bool) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, '')}", f"Content-Type: {reply.kind}"]
    lines += [*about, *(f"{name}: {value}" for name, value in reply.headers.items())]
    lines += [] if stays else ["Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
