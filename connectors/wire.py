"""Connections: made to a checked address, kept for reuse, with every wait bounded.

Stands on ``http.client`` (docs/adr/0004-http-client.md). Import it only where a
connection is needed: ``http.client`` and ``ssl`` cost some 50 ms.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, RemoteDisconnected
from typing import TYPE_CHECKING, cast

from connectors.errors import ConfigError, ConnectorError, InDoubt, Transient, UnsafeAddress
from connectors.line import Deadline, Line

if TYPE_CHECKING:
    from connectors.addresses import Target
    from connectors.answers import Limits, Meter
    from connectors.guard import Guard

FAULTS = (OSError, HTTPException)
"""What a broken connection or a broken answer raises."""


class Connection(HTTPConnection):
    """A connection to one checked address; *sent* says whether the request went out whole."""

    def __init__(self, there: Target, line: Line) -> None:
        super().__init__(there.host, there.port)
        self.origin, self.line = there.origin, line
        self.auto_open = 0
        self.sock = cast("socket.socket", line)
        self.kept = self.sent = self.spoilt = False

    def exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HTTPResponse:
        """Send a request and return the answer's head. Raises one of ``FAULTS``."""
        self.sent = False
        self.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            self.putheader(name, value)
        try:
            self.endheaders(body or None)
        except ConnectionError as cause:
            return self._early(cause)
        self.sent = True
        answer = self.getresponse()
        if self.line.ended:
            # http.client takes a head that breaks off for one that ends.
            answer.close()
            raise RemoteDisconnected("the head of the answer broke off")
        return answer

    def _early(self, cause: ConnectionError) -> HTTPResponse:
        """Return what a server answered while it refused to take the body; raises *cause* if nothing."""
        self.spoilt = True
        try:
            return self.getresponse()
        except FAULTS:
            raise cause from None

    def fault(self, cause: BaseException, *, safe: bool) -> ConnectorError:
        """Say what a fault means: a write that went out may have happened."""
        what = "took too long" if isinstance(cause, TimeoutError) else f"failed ({type(cause).__name__})"
        if self.sent and not safe:
            return InDoubt(f"the connection to {self.origin} {what} after a write")
        return Transient(f"the connection to {self.origin} {what}")


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

    def drain(self, most: int) -> bool:
        """Read away a rest of up to *most* bytes, in a second at most; say whether that was all."""
        self._connection.line.deadline.shorten(1.0)
        try:
            while most > 0 and (data := self.read(most)):
                most -= len(data)
        except Transient:
            return False
        return self._answer.isclosed()

    def release(self, *, reusable: bool) -> None:
        """Give the connection back if its answer is read to the end, close it otherwise."""
        if reusable and self._answer.isclosed() and not self._answer.will_close and not self._connection.spoilt:
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
            idle = self._idle.setdefault(connection.origin, [])
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
                raise UnsafeAddress(
                    f"the certificate of {there.origin} is refused: {refused.verify_message}"
                ) from refused
            except OSError as cause:
                fault = cause
        raise Transient(f"no connection to {there.origin} ({type(fault).__name__})") from fault

    def _connect(self, there: Target, address: str, deadline: Deadline) -> Line:
        plain = socket.create_connection((address, there.port), timeout=deadline.wait(self._limits.connect))
        deadline.moved(0)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if there.scheme == "https":
                plain.settimeout(deadline.wait(self._limits.read))
                plain = self._tls().wrap_socket(plain, server_hostname=there.host)
                deadline.moved(0)
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
