"""A counting proxy: passes bytes on unchanged and counts them, and the HTTP requests among them."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import re
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 1 << 16
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)


@dataclasses.dataclass(slots=True)
class Traffic:
    """What went through: bytes to the server, bytes back, requests by method."""

    up: int = 0
    down: int = 0
    methods: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    @property
    def requests(self) -> int:
        """Return the number of requests of all methods."""
        return self.methods.total()


class RequestCounter:
    """Count the requests in a byte stream that arrives in pieces of any size."""

    def __init__(self, seen: Callable[[str], None]) -> None:
        """Call `seen` with the method of every request whose head is complete."""
        self._seen = seen
        self._buffer = bytearray()
        self._body = 0
        self._chunked = False

    def feed(self, data: bytes) -> None:
        """Take the next piece."""
        self._buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        """Consume one head, body part or chunk; False when more bytes are needed."""
        if self._body:
            taken = min(self._body, len(self._buffer))
            del self._buffer[:taken]
            self._body -= taken
            return taken > 0
        if self._chunked:
            return self._chunk()
        return self._head()

    def _head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._buffer[: end + 2])
        del self._buffer[: end + 4]
        self._seen(head.split(b" ", 1)[0].decode("ascii"))
        length = _LENGTH.search(head)
        self._body = int(length[1]) if length else 0
        self._chunked = _CHUNKED.search(head) is not None
        return True

    def _chunk(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        size = int(bytes(self._buffer[:end]).split(b";")[0], 16)
        self._chunked = size > 0
        del self._buffer[: end + 2]
        self._body = size + 2  # the data of a chunk, and the empty line of the last one, end with CRLF
        return True


class _Proxy:
    """Accepts connections and passes both directions on, one thread each."""

    def __init__(self, listener: socket.socket, server: tuple[str, int]) -> None:
        self._listener = listener
        self._server = server
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.traffic = Traffic()

    def accept(self) -> None:
        """Serve until the listener is shut down and every connection has ended."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # the listener was shut down
                break
            self._threads.append(threading.Thread(target=self._serve, args=(client,)))
            self._threads[-1].start()
        for thread in self._threads:
            thread.join()

    def _serve(self, client: socket.socket) -> None:
        counter = RequestCounter(self._request)

        def sent(data: bytes) -> None:
            with self._lock:
                self.traffic.up += len(data)
            counter.feed(data)

        with client, socket.create_connection(self._server) as upstream:
            upward = threading.Thread(target=_pump, args=(client, upstream, sent))
            upward.start()
            _pump(upstream, client, self._received)
            upward.join()

    def _request(self, method: str) -> None:
        with self._lock:
            self.traffic.methods[method] += 1

    def _received(self, data: bytes) -> None:
        with self._lock:
            self.traffic.down += len(data)


@contextlib.contextmanager
def counting(host: str, port: int) -> Iterator[tuple[int, Traffic]]:
    """Yield (port, traffic): a proxy on loopback in front of the server at host:port.

    Its end waits for the clients to close their connections.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = _Proxy(listener, (host, port))
        thread = threading.Thread(target=proxy.accept)
        thread.start()
        try:
            yield listener.getsockname()[1], proxy.traffic
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _pump(source: socket.socket, target: socket.socket, note: Callable[[bytes], None]) -> None:
    """Pass on until the source ends, then tell the target so."""
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            note(data)
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
