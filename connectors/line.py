"""A socket on which every byte is counted and every wait is bounded."""

from __future__ import annotations

import io
import select
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from connectors.answers import Limits, Meter

_SLAB = 65536


class Deadline:
    """Say how long the next wait may be, so that a stall, a trickle and an endless answer all end.

    Only time spent waiting for the line counts: who reads a stream may pause in between.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._slowest, self._clock = limits.slowest, clock
        self._digested = limits.digested
        self._most = self._left = limits.total
        self._since = clock()
        self._grace = 0.0

    def wait(self, most: float) -> float:
        """Return the seconds the wait that begins now may take, at most *most*. Raises ``TimeoutError``."""
        if self._left <= 0:
            raise TimeoutError("the whole exchange took too long")
        self._since = self._clock()
        return min(self._left, most)

    def moved(self, count: int) -> None:
        """End the wait; *count* bytes earn the time they may take."""
        spent = self._clock() - self._since
        self._left = min(self._most, self._left - spent + count / self._slowest)

    def sent(self, count: int) -> None:
        """End the wait in which *count* bytes went out; the server may work on them before it answers."""
        self.moved(count)
        self._grace += count / self._digested

    def answered(self, count: int) -> None:
        """End the wait in which *count* bytes of the answer came."""
        self.moved(count)
        self._grace = 0.0

    def answer(self, most: float) -> float:
        """Return like ``wait`` for a wait for the answer: at first longer by what was sent."""
        return self.wait(most + self._grace)

    def shorten(self, seconds: float) -> None:
        """Leave no more than *seconds* from now on."""
        self._most = self._left = min(self._left, seconds)


class Line(io.RawIOBase):
    """A socket as http.client wants it, that counts bytes and sets a new timeout before every wait."""

    def __init__(self, plain: socket.socket, limits: Limits, meter: Meter, deadline: Deadline) -> None:
        self._socket = plain
        self._limits, self._meter = limits, meter
        self.deadline = deadline
        # http.client closes its socket as soon as a server says that it will, and reads on.
        self._inlets, self._closing = 0, False
        self.ended = False

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a fresh buffer over this line, one per answer."""
        self._inlets += 1
        return io.BufferedReader(_Inlet(self), _SLAB)

    def inlet_closed(self) -> None:
        """Close the socket as well if that was asked for meanwhile."""
        self._inlets -= 1
        if self._closing and self._inlets <= 0:
            self._socket.close()

    def sendall(self, data: bytes) -> None:
        """Send *data* in slabs, each with a timeout of its own."""
        view = memoryview(data)
        for start in range(0, len(view), _SLAB):
            slab = view[start : start + _SLAB]
            self._socket.settimeout(self.deadline.wait(self._limits.read))
            self._socket.sendall(slab)
            self.deadline.sent(len(slab))
            self._meter.add(sent=len(slab))

    def receive(self, buffer: WriteableBuffer) -> int:
        """Fill *buffer* with what comes next; 0 at the end."""
        self._socket.settimeout(self.deadline.answer(self._limits.read))
        count = self._socket.recv_into(buffer)
        self.deadline.answered(count)
        self._meter.add(received=count)
        self.ended = count == 0
        return count

    def quiet(self) -> bool:
        """Say whether nothing has come since the last answer; a closed line is readable."""
        try:
            if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                return False
            poll = select.poll()
            poll.register(self._socket, select.POLLIN)
            return not poll.poll(0)
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """Close the socket, once nobody reads from it any more."""
        self._closing = True
        if self._inlets <= 0:
            self._socket.close()
        super().close()


class _Inlet(io.RawIOBase):
    """The reading end of a line; closing it leaves the line open for the next answer."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        return self._line.receive(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._line.inlet_closed()
