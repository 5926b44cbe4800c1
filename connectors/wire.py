"""Connections: made to a checked address, kept for reuse, with every wait bounded.

Stands on ``http.client`` (docs/adr/0004-http-client.md). Import it only where a
connection is needed: ``http.client`` and ``ssl`` cost some 50 ms.
"""

from __future__ import annotations

import io
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, cast

from connectors.addresses import Target
from connectors.answers import Limits, Meter
from connectors.errors import ConfigError, ConnectorError, InDoubt, Transient, UnsafeAddress
from connectors.guard import Guard

FAULTS = (OSError, HTTPException)
"""What a broken connection or a broken answer raises."""

_SLAB = 65536


class Deadline:
    """Say how long the next wait may be, so that a stall, a trickle and an endless answer all end."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits, self._clock = limits, clock
        self._end = clock() + limits.total

    def moved(self, count: int) -> None:
        """Grant the time *count* bytes may take."""
        self._end += count / self._limits.slowest

    def shorten(self, seconds: float) -> None:
        """Leave no more than *seconds* from now on."""
        self._end = min(self._end, self._clock() + seconds)

    def wait(self, most: float) -> float:
        """Return the seconds the next wait may take, at most *most*. Raises ``TimeoutError``."""
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError("the whole exchange took too long")
        return min(left, most)


class Line(io.RawIOBase):
    """A socket as http.client wants it, that counts bytes and sets a new timeout before every wait."""

    def __init__(self, plain: socket.socket, limits: Limits, meter: Meter, deadline: Deadline) -> None:
        self._socket = plain
        # A file of its own keeps the socket open until http.client has closed both.
        self._file = cast("io.RawIOBase", plain.makefile("rb", buffering=0))
        self._limits, self._meter = limits, meter
        self.deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a fresh buffer over this line, one per answer."""
        return io.BufferedReader(_Inlet(self), _SLAB)

    def sendall(self, data: bytes) -> None:
        """Send *data* in slabs, each with a timeout of its own."""
        view = memoryview(data)
        for start in range(0, len(view), _SLAB):
            slab = view[start : start + _SLAB]
            self._socket.settimeout(self.deadline.wait(self._limits.read))
            self._socket.sendall(slab)
            self.deadline.moved(len(slab))
            self._meter.add(sent=len(slab))

    def receive(self, buffer: Any) -> int:
        """Fill *buffer* with what comes next; 0 at the end."""
        self._socket.settimeout(self.deadline.wait(self._limits.read))
        count = self._socket.recv_into(buffer)
        self.deadline.moved(count)
        self._meter.add(received=count)
        return count

    def quiet(self) -> bool:
        """Say whether nothing has come since the last answer; a closed line is readable."""
        try:
            poll = select.poll()
            poll.register(self._socket, select.POLLIN)
            return not poll.poll(0)
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """Close the socket."""
        self._file.close()
        self._socket.close()
        super().close()


class _Inlet(io.RawIOBase):
    """The reading end of a line; closing it leaves the line open for the next answer."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._line.receive(buffer)


class Connection(HTTPConnection):
    """A connection to one checked address; *sent* says whether the request went out whole."""

    def __init__(self, there: Target, line: Line) -> None:
        super().__init__(there.host, there.port)
        self.there, self.line = there, line
        self.auto_open = 0
        self.sock = cast("socket.socket", line)
        self.kept = False
        self.sent = False

    def exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HTTPResponse:
        """Send a request and return the answer's head. Raises one of ``FAULTS``."""
        self.sent = False
        self.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            self.putheader(name, value)
        self.endheaders(body or None)
        self.sent = True
        return self.getresponse()

    def fault(self, cause: BaseException, *, safe: bool) -> ConnectorError:
        """Say what a fault means: a write that went out may have happened."""
        what = "took too long" if isinstance(cause, TimeoutError) else f"failed ({type(cause).__name__})"
        if self.sent and not safe:
            return InDoubt(f"the connection to {self.there.origin} {what} after a write")
        return Transient(f"the connection to {self.there.origin} {what}")


class Body:
    """An answer's body on the wire; gives its connection back to the pool."""

    def __init__(self, answer: HTTPResponse, connection: Connection, pool: Pool, *, safe: bool) -> None:
        self._answer, self._connection, self._pool, self._safe = answer, connection, pool, safe

    def read(self, most: int) -> bytes:
        """Return the next bytes; empty at the end. Raises ``Transient`` or ``InDoubt`` when it was cut off."""
        try:
            data = self._answer.read(most)
        except (*FAULTS, ValueError) as cause:
            raise self._connection.fault(cause, safe=self._safe) from cause
        if not data and self._answer.length:
            raise self._connection.fault(EOFError(), safe=self._safe)
        return data

    def release(self, *, reusable: bool) -> None:
        """Give the connection back if its answer is read to the end, close it otherwise."""
        if reusable and self._answer.isclosed() and not self._answer.will_close:
            self._pool.give(self._connection)
        else:
            self._answer.close()
            self._connection.close()


class Pool:
    """Idle connections by origin, the one used last first; at most *keep* for each."""

    def __init__(
        self, guard: Guard, limits: Limits, meter: Meter, *, clock: Callable[[], float], keep: int, ca: str | None
    ) -> None:
        self._guard, self._limits, self._meter, self._clock = guard, limits, meter, clock
        self._keep, self._ca = keep, ca
        self._idle: dict[str, list[Connection]] = {}
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._closed = False

    def take(self, there: Target, *, fresh: bool = False) -> Connection:
        """Return a connection to *there*, a kept one unless *fresh*, with a new deadline.

        Raises ``Transient`` when none can be made, ``UnsafeAddress`` when none may be made.
        """
        deadline = Deadline(self._limits, self._clock)
        while not fresh and (connection := self._kept(there)) is not None:
            if connection.line.quiet():
                connection.line.deadline = deadline
                connection.kept = True
                return connection
            connection.close()
        return Connection(there, self._dial(there, deadline))

    def give(self, connection: Connection) -> None:
        """Keep *connection* for the next request."""
        with self._lock:
            idle = self._idle.setdefault(connection.there.origin, [])
            if not self._closed and len(idle) < self._keep:
                idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is idle; connections still in use are closed when they are given back."""
        with self._lock:
            self._closed = True
            idle = [connection for kept in self._idle.values() for connection in kept]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def _kept(self, there: Target) -> Connection | None:
        with self._lock:
            idle = self._idle.get(there.origin)
            return idle.pop() if idle else None

    def _dial(self, there: Target, deadline: Deadline) -> Line:
        fault: OSError | None = None
        for address in self._guard.addresses(there):
            try:
                return self._connect(there, address, deadline)
            except ssl.SSLCertVerificationError as refused:
                raise UnsafeAddress(f"the certificate of {there.origin} is refused: {refused.verify_message}") from refused
            except OSError as cause:
                fault = cause
        raise Transient(f"no connection to {there.origin} ({type(fault).__name__})") from fault

    def _connect(self, there: Target, address: str, deadline: Deadline) -> Line:
        plain = socket.create_connection((address, there.port), timeout=deadline.wait(self._limits.connect))
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if there.scheme == "https":
                plain.settimeout(deadline.wait(self._limits.read))
                plain = self._tls().wrap_socket(plain, server_hostname=there.host)
            return Line(plain, self._limits, self._meter, deadline)
        except BaseException:
            plain.close()
            raise

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = tls_context(self._ca or os.environ.get("WHERRY_CA"))
            return self._context


def tls_context(ca: str | None) -> ssl.SSLContext:
    """Return what TLS must prove: TLS 1.2 or later, and a certificate of the system's or of *ca*'s authorities."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as fault:
        raise ConfigError("the file with certificate authorities (WHERRY_CA) cannot be read") from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
