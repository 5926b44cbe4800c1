"""The listener the browser comes back to: 127.0.0.1, one path, one answer (RFC 8252 7.3 and 8.3).

Whoever can reach the port may send something: a favicon request, another page, another
program. So it answers many connections at once, waits for none of them long, and goes on
until the one valid answer comes or the time is over.
"""

from __future__ import annotations

import logging
import selectors
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Self

from oauth.callbacks import Arrival, Expected, Verdict, judge
from oauth.errors import PortTaken
from oauth.pages import page

MOST: Final = 64
"""Connections open at once; the one that has been silent longest gives way to a new one."""

LARGEST: Final = 16 * 1024
"""Most bytes of a request: browsers send a few kilobytes."""

SLOWEST: Final = 5.0
"""Seconds a connection may take for its whole request, and again for taking its answer."""

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Visitor:
    """One connection: what it has said so far, and what it is still to be told."""

    socket: socket.socket
    until: float
    heard: bytearray = field(default_factory=bytearray)
    answer: memoryview | None = None
    arrival: Arrival | None = None


class Listener:
    """Waits at ``http://127.0.0.1:<port><path>``. Use it as a context: leaving it closes everything.

    *port* 0 takes a free one. *patience* is how long one visitor may take. Raises ``PortTaken``.
    """

    def __init__(self, path: str, *, port: int = 0, patience: float = SLOWEST) -> None:
        self._path, self._patience = path, patience
        self._door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            # No SO_REUSEADDR: another program must not be able to sit on the same port.
            self._door.bind(("127.0.0.1", port))
            self._door.listen(MOST)
        except OSError:
            self._door.close()
            raise PortTaken(port) from None
        self._door.settimeout(0)
        self.port: int = self._door.getsockname()[1]
        self._watch = selectors.DefaultSelector()
        self._watch.register(self._door, selectors.EVENT_READ)
        self._visitors: dict[socket.socket, _Visitor] = {}

    @property
    def redirect_uri(self) -> str:
        """Return the address the provider is asked to come back to."""
        return f"http://127.0.0.1:{self.port}{self._path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port and every connection. Harmless twice."""
        for visitor in list(self._visitors.values()):
            self._farewell(visitor)
        if self._door.fileno() >= 0:
            self._watch.unregister(self._door)
            self._door.close()
            self._watch.close()

    def wait(self, expected: Expected, *, seconds: float) -> Arrival | None:
        """Return the answer that carries the expected state, ``None`` when none came in *seconds*.

        The browser has been shown what it was before this returns. Nothing is listened to
        afterwards: a second answer finds the port closed.
        """
        deadline = time.monotonic() + seconds
        while (now := time.monotonic()) < deadline:
            due = min([deadline, *(visitor.until for visitor in self._visitors.values())])
            for key, _ in self._watch.select(timeout=max(0.0, due - now)):
                if key.fileobj is self._door:
                    self._welcome()
                    continue
                visitor = self._visitors.get(key.fileobj)  # type: ignore[call-overload]  # only sockets are registered
                if visitor is None:
                    continue
                self._attend(visitor, expected)
                if visitor.arrival is not None:
                    return self._last(visitor, visitor.arrival)
            self._sweep()
        self.close()
        return None

    def _welcome(self) -> None:
        with suppress(OSError):
            incoming, _ = self._door.accept()
            incoming.settimeout(0)
            if len(self._visitors) >= MOST:
                self._farewell(min(self._visitors.values(), key=lambda visitor: visitor.until))
            self._visitors[incoming] = _Visitor(incoming, time.monotonic() + self._patience)
            self._watch.register(incoming, selectors.EVENT_READ)

    def _attend(self, visitor: _Visitor, expected: Expected) -> None:
        """Read on, or write on, as far as it goes without waiting."""
        try:
            if visitor.answer is None:
                self._hear(visitor, expected)
            if visitor.answer is not None:
                visitor.answer = visitor.answer[visitor.socket.send(visitor.answer) :]
                if not visitor.answer:
                    self._farewell(visitor)
        except BlockingIOError:
            pass
        except OSError:
            self._farewell(visitor)

    def _hear(self, visitor: _Visitor, expected: Expected) -> None:
        piece = visitor.socket.recv(4096)
        visitor.heard += piece
        head, ended, _ = bytes(visitor.heard).partition(b"\r\n\r\n")
        if ended:
            status, arrival = self._judge(head, expected)
        elif len(visitor.heard) > LARGEST:
            status, arrival = 431, Arrival(Verdict.STRAY, why="too long")
        elif not piece:
            self._farewell(visitor)
            return
        else:
            return
        log.debug("a request to the loopback port is %s%s", arrival.verdict, f": {arrival.why}" * bool(arrival.why))
        visitor.answer = memoryview(page(status, arrival))
        visitor.until = time.monotonic() + self._patience
        visitor.arrival = arrival if arrival.verdict is not Verdict.STRAY else None
        self._watch.modify(visitor.socket, selectors.EVENT_WRITE)

    def _judge(self, head: bytes, expected: Expected) -> tuple[int, Arrival]:
        """Return status and verdict of a request's head. Only a GET to our own address is looked at."""
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        target, _, version = rest.rpartition(" ")
        if not version.startswith("HTTP/1.") or not target.startswith("/"):
            return 400, Arrival(Verdict.STRAY, why="no request")
        hosts = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:")]
        if hosts != [f"127.0.0.1:{self.port}"]:
            # A page elsewhere whose name was pointed at this machine (DNS rebinding).
            return 421, Arrival(Verdict.STRAY, why="another host")
        if method != "GET":
            return 405, Arrival(Verdict.STRAY, why="another method")
        arrival = judge(target, expected)
        if arrival.verdict is not Verdict.STRAY:
            return 200, arrival
        return (404 if arrival.why == "another path" else 400), arrival

    def _last(self, visitor: _Visitor, arrival: Arrival) -> Arrival:
        """Close the port, let the browser have its page, and return what it brought."""
        for other in [each for each in self._visitors.values() if each is not visitor]:
            self._farewell(other)
        with suppress(OSError):
            if visitor.socket.fileno() >= 0 and visitor.answer:
                visitor.socket.settimeout(self._patience)
                visitor.socket.sendall(visitor.answer)
        self.close()
        return arrival

    def _sweep(self) -> None:
        now = time.monotonic()
        for visitor in [each for each in self._visitors.values() if each.until <= now]:
            self._farewell(visitor)

    def _farewell(self, visitor: _Visitor) -> None:
        if self._visitors.pop(visitor.socket, None) is None:
            return
        self._watch.unregister(visitor.socket)
        with suppress(OSError):
            visitor.socket.shutdown(socket.SHUT_WR)
        visitor.socket.close()
