"""A small CalDAV and CardDAV server on loopback that can do everything wrong.

In a test::

    with FaultyDav() as server:                        # or FaultyDav(login=Login("digest"))
        work = server.store.make("calendar", "work")   # a Shelf; also "contacts"
        work.put("one.ics", body)                      # behind everybody's back
        server.faults.switch("listing-507", 120)       # names and values: simulators.dav_faults.FAULTS
        server.faults.switch("status", (429, {"Retry-After": "1"}, b""), times=3)
        ...                                            # talk to server.url
        server.faults.mend()                           # all is well again
        server.requests                                # every request: method, path, headers, body, status
        server.count("PUT"), server.paths("DELETE")

Homes are ``/dav/calendars/`` and ``/dav/contacts/``, the principal is ``/dav/principal/``.
``server.clock`` says the time for time-based tokens. By hand::

    python -m simulators.faulty_dav --items 200 --fault listing-507=120 --fault no-ctag
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar, Self, cast

from simulators import dav_reading, dav_writing
from simulators.dav_answers import PORTALS, decoded
from simulators.dav_faults import FAULTS, Faults
from simulators.dav_store import CALENDAR, CONTACTS, Shelf, Store, Stored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

    from simulators.dav_auth import Login
    from simulators.dav_reading import Reply

READING = frozenset({"PROPFIND", "REPORT", "GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, and the status it was answered with (-1: reset)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class FaultyDav:
    """The server. A context manager: it listens within the block.

    *name* is the host it calls itself, *address* where it listens (``127.0.0.2`` is loopback as
    well, so that several hosts can share one port), *tls* the server's side of https.
    """

    def __init__(
        self,
        *,
        login: Login | None = None,
        name: str = "",
        address: tuple[str, int] = ("127.0.0.1", 0),
        tls: SSLContext | None = None,
    ) -> None:
        self.store, self.faults, self.login = Store(), Faults(), login
        self.requests: list[Request] = []
        self.clock = time.time
        self._changed: dict[str, tuple[int, int]] = {}
        self._http = _Listener(address, _Handler)
        self._http.dav = self
        self.port = self._http.server_port
        self.origin = f"{'http' if tls is None else 'https'}://{name or address[0]}:{self.port}"
        if tls is not None:
            # The handshake waits for the thread that answers.
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """The address a person would give."""
        return f"{self.origin}/"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and close every connection."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def count(self, *methods: str) -> int:
        """Return how many requests came, of *methods* or of all."""
        return sum(not methods or one.method in methods for one in self.requests)

    def paths(self, method: str) -> list[str]:
        """Return the paths of all requests with *method*, decoded."""
        return [decoded(one.path) for one in self.requests if one.method == method]

    def shown(self, path: str) -> bool:
        """Say whether a collection is to be seen yet."""
        left = self.store.hidden.get(path, 0)
        self.store.hidden[path] = max(0, left - 1)
        return left <= 0

    def etag(self, item: Stored) -> str:
        """Return an item's etag as it is said now."""
        etag = item.etag
        if ending := self.faults.value("etag-ends"):
            etag = f'{etag[:-1]}{ending}"'
        return f"W/{etag}" if "weak-etags" in self.faults else etag

    def token(self, shelf: Shelf, version: int | None = None, *, since: int | None = None) -> str:
        """Return the sync-token of *shelf*, of now or of a version of it."""
        version = shelf.version if version is None else version
        if "token-zero" in self.faults and (since is None or since == version):
            return "0"
        if "token-time" in self.faults:
            known, second = self._changed.get(shelf.path, (-1, 0))
            if known != version:
                second = int(self.clock())
                self._changed[shelf.path] = (version, second)
            return f"t/{second}"
        return f"http://faulty.example/sync/{version}"

    def version_of(self, token: str) -> int | None:
        """Return the version a token stands for; of a time, the one just before that second."""
        if token.startswith("t/"):
            return next((known for known, second in self._changed.values() if second == int(token[2:])), 0)
        return dav_reading.token_number(token) if token else 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request."""
        if self.login is not None and not self.login.admits(method, headers.get("Authorization", "")):
            return 401, {"WWW-Authenticate": self.login.challenge}, b""
        spoilt = self._spoilt(method) or self._gated(path)
        if spoilt is not None:
            return spoilt
        if path.startswith("/.well-known/"):
            return self._well_known()
        if method == "PROPFIND":
            return dav_reading.propfind(self, path, headers.get("Depth", "0"), body)
        if method == "REPORT":
            return dav_reading.report(self, path, body)
        return self._plain(method, path, headers, body)

    def _gated(self, path: str) -> Reply | None:
        """Return what a login page in front of everything answers."""
        gate = self.faults.value("gate")
        if gate is None:
            return None
        if path != "/login":
            return 302, {"Location": "/login"}, b""
        status, type_, text = gate
        return int(status), {"Content-Type": type_}, str(text).encode()

    def _plain(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if method == "PUT":
            return dav_writing.put(self, path, headers, body)
        if method == "DELETE":
            return dav_writing.delete(self, path, headers)
        if method in {"MKCALENDAR", "MKCOL"}:
            return dav_writing.make(self, method, path, body)
        if method == "PROPPATCH":
            return dav_writing.proppatch(self, path, body)
        if method in {"GET", "HEAD"}:
            return self._get(path)
        return (200, {"DAV": "1, 3, calendar-access, addressbook"}, b"") if method == "OPTIONS" else (501, {}, b"")

    def _get(self, path: str) -> Reply:
        shelf, name = self.store.locate(path)
        item = shelf.items.get(name) if shelf else None
        status = (self.faults.value("get") or {}).get(name)
        if status is not None:
            return status, {}, b""
        if item is None:
            return 404, {}, b""
        body = item.body + b"X" * (self.faults.value("huge") or 0)
        scheduled = {"Schedule-Tag": '"s"'} if "schedule-tags" in self.faults else {}
        return 200, {"ETag": self.etag(item), "Content-Type": "text/calendar", **scheduled}, body

    def _well_known(self) -> Reply:
        how = str(self.faults.value("well-known") or "redirect")
        if how == "redirect":
            return 301, {"Location": self.store.principal}, b""
        return int(how), {}, b""

    def _spoilt(self, method: str) -> Reply | None:
        """Return what is answered whatever was asked."""
        faults = self.faults
        if "reset" in faults and faults.value("reset"):
            return dav_writing.RESET, {}, b""
        status = faults.value("status") if faults.concerns(method) else None
        if status is not None:
            return int(status[0]), dict(status[1]), bytes(status[2])
        if (portal := faults.value("portal")) is not None:
            code, type_, text = PORTALS[str(portal)]
            return code, {"Content-Type": type_}, text.encode()
        if method in {"PROPFIND", "REPORT"}:
            if (to := faults.value("redirect")) is not None:
                return 302, {"Location": str(to)}, b""
            if (bomb := faults.value("bomb")) is not None:
                return 207, {"Content-Type": "application/xml"}, str(bomb).encode()
        return None


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    dav: FaultyDav

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float | None] = 30
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> object:
        """Answer every method alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def _answer(self) -> None:
        dav = cast("_Listener", self.server).dav
        announced = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(announced)
        if len(body) < announced:  # the client died while it was sending
            self.close_connection = True
            return
        headers = dict(self.headers.items())
        if late := dav.faults.value("latency"):
            time.sleep(late)
        status, extra, content = dav.answer(self.command, decoded(self.path), headers, body)
        dav.requests.append(Request(self.command, self.path, headers, body, status))
        if status == dav_writing.RESET:
            self._reset()
            return
        if self.command in READING and (at := dav.faults.value("cut-xml")) is not None:
            content = content[:at]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **extra}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command in READING and (at := dav.faults.value("cut")) is not None:
            self.wfile.write(content[:at])
            self.close_connection = True
        elif self.command != "HEAD":
            self.wfile.write(content)

    def _reset(self) -> None:
        """Close so that the client sees a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


def _value(text: str) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return tuple(value) if isinstance(value, list) else value


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted."""
    import argparse

    names = "\n".join(f"  {name:20} {what}" for name, what in FAULTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m simulators.faulty_dav", epilog=names, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[=VALUE]", help="a value is JSON")
    parser.add_argument("--items", type=int, default=20, help="events and contacts there at the start")
    options = parser.parse_args(arguments)
    with FaultyDav() as server:
        for kind, ending in ((CALENDAR, "ics"), (CONTACTS, "vcf")):
            shelf = server.store.make(kind, "work")
            for number in range(options.items):
                shelf.put(f"{number}.{ending}", sample(kind, number))
        for fault in options.fault:
            name, said, value = fault.partition("=")
            server.faults.switch(name, _value(value) if said else True)
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


def sample(kind: str, number: int) -> bytes:
    """Return a small item."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:sample-{number}", f"FN:Person {number}", "END:VCARD"]
    if kind == CALENDAR:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wherry//Stand-in//EN", "BEGIN:VEVENT"]
        lines += [f"UID:sample-{number}", "DTSTAMP:20260101T000000Z", "DTSTART:20260102T100000Z"]
        lines += [f"SUMMARY:Event {number}", "END:VEVENT", "END:VCALENDAR"]
    return "\r\n".join([*lines, ""]).encode()


if __name__ == "__main__":
    main()
