"""A small, fast HTTP/1.1 server in threads: one per connection, which stays open."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import ClassVar, cast

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


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. *broken* is ``cut`` when the body breaks off in the middle, ``reset`` when nothing is said."""

    status: int
    body: bytes = b""
    kind: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: str = ""


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
        self.rfile.read(length)
        path, _, query = target.partition("?")
        reply = cast("Listener", self.server).answer(Request(verb, path, query, headers))
        if reply.broken == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        stays = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        body = b"" if verb == "HEAD" else reply.body
        self.connection.sendall(_head(reply, stays=stays) + (body[: len(body) // 2] if reply.broken else body))
        return stays and not reply.broken

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MOST_HEADERS):
            line = self.rfile.readline(LONGEST_LINE)
            if line in {b"\r\n", b"\n", b""}:
                return headers
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        raise ValueError("too many headers")


def _head(reply: Reply, *, stays: bool) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, '')}", f"Content-Type: {reply.kind}"]
    lines += [f"Content-Length: {len(reply.body)}", *(f"{name}: {value}" for name, value in reply.headers.items())]
    lines += [] if stays else ["Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
