"""A small HTTP server in threads: routes, a record of every call, and faults."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar, Self, cast
from urllib.parse import parse_qs, urlsplit

from simulators.identity.faults import Fault, Faults

if TYPE_CHECKING:
    import ssl

HOST = "127.0.0.1"
MOST_BODY = 1_000_000
PORTAL = b"<!doctype html><title>Welcome</title><h1>Please accept our terms to use this network</h1>"


class Repeated(ValueError):
    """A parameter was sent twice, which RFC 6749 §3.1 and §3.2 forbid."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request. *query* and *form* keep every value of a name."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    form: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def one(self, name: str) -> str:
        """Return the only value of a form field, or of the query when no form names it. Raises ``Repeated``."""
        values = self.form.get(name) or self.query.get(name) or [""]
        if len(values) > 1:
            raise Repeated(name)
        return values[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came and the status that was answered: 0 when the client got none."""

    endpoint: str
    request: Incoming
    status: int


Handler = Callable[[Incoming], Reply]
Routes = Mapping[tuple[str, str], tuple[str, Handler]]
"""(method, path) -> (name of the endpoint, what answers)."""


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    """Return *value* as JSON that nobody may store (RFC 6749 §5.1)."""
    said = {name.replace("_", "-"): text for name, text in headers.items()}
    kept = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", "Pragma": "no-cache"}
    return Reply(status, json.dumps(value).encode(), {**kept, **said})


def redirect(url: str) -> Reply:
    """Send a browser to *url*."""
    return Reply(302, b"", {"Location": url, "Cache-Control": "no-store"})


class Server:
    """Serve routes within a block. With *tls* over https."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.faults = Faults()
        self.calls: list[Call] = []
        self.closing = threading.Event()
        self._http = _Listener((HOST, 0), _Connection)
        self._http.owner = self
        scheme = "http"
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
            scheme = "https"
        self.url = f"{scheme}://{HOST}:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and close every connection."""
        self.closing.set()
        self._http.shutdown()
        self._http.hang_up()
        self._http.server_close()
        self._thread.join()

    def routes(self) -> Routes:
        """Return what is served."""
        raise NotImplementedError

    def count(self, endpoint: str, *, status: int | None = None) -> int:
        """Return how many calls came to *endpoint*, or how many of them were answered by *status*."""
        return sum(call.endpoint == endpoint and status in {None, call.status} for call in self.calls)

    def find(self, request: Incoming) -> tuple[str, Handler]:
        """Return the endpoint asked for."""
        routes = self.routes()
        found = routes.get((request.method, request.path))
        if found is not None:
            return found
        allowed = sorted({method for method, path in routes if path == request.path})
        if allowed:
            return "nothing", lambda _: Reply(405, b"", {"Allow": ", ".join(allowed)})
        return "nothing", lambda _: Reply(404, b"nothing here")


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    owner: Server

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        with self._lock:
            self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._lock:
            self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close the connections that are still open."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that hang up."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float | None] = 60
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> object:
        """Answer every method alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Write no log: a request line may carry a code."""

    def _answer(self) -> None:
        owner = cast("_Listener", self.server).owner
        announced = int(self.headers.get("Content-Length") or 0)
        if announced > MOST_BODY:
            self._send(Reply(413))
            self.close_connection = True
            return
        body = self.rfile.read(announced)
        if len(body) < announced:  # the client died while it was sending
            self.close_connection = True
            return
        request = self._incoming(body)
        endpoint, handler = owner.find(request)
        fault, seconds = owner.faults.meet(endpoint)
        if seconds:
            owner.closing.wait(seconds)
        reply = self._spoilt(fault) or _done(handler, request)
        status = 0 if fault in {"reset", "lost", "hang"} else reply.status
        owner.calls.append(Call(endpoint, request, status))
        if fault == "hang":
            self._wait_for_the_client(owner)
        if status == 0:
            self._reset()
            return
        self._send(reply, cut=fault == "cut")

    def _incoming(self, body: bytes) -> Incoming:
        address = urlsplit(self.path)
        kind = (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        form: dict[str, list[str]] = {}
        if kind == "application/x-www-form-urlencoded":
            form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        elif kind == "multipart/form-data":
            form = _parts(self.headers["Content-Type"], body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(address.query, keep_blank_values=True)
        return Incoming(self.command, address.path, query, form, headers, body)

    @staticmethod
    def _spoilt(fault: Fault | None) -> Reply | None:
        """Return what is answered with nothing done."""
        if isinstance(fault, int):
            return as_json({"error": "server_error", "error_description": "made to fail"}, fault)
        if fault == "html":
            return Reply(200, PORTAL, {"Content-Type": "text/html"})
        return Reply(0) if fault in {"reset", "hang"} else None

    def _send(self, reply: Reply, *, cut: bool = False) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if cut:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        elif self.command != "HEAD":
            self.wfile.write(reply.body)

    def _wait_for_the_client(self, owner: Server) -> None:
        """Say nothing until the client closes, or the server ends."""
        while not owner.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if readable:
                return

    def _reset(self) -> None:
        """Close so that the client sees a reset."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()


def _done(handler: Handler, request: Incoming) -> Reply:
    try:
        return handler(request)
    except Repeated as twice:
        return as_json({"error": "invalid_request", "error_description": f"{twice} came twice"}, 400)


def _parts(kind: str, body: bytes) -> dict[str, list[str]]:
    """Return the fields of multipart/form-data (RFC 7578)."""
    message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    form: dict[str, list[str]] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            form.setdefault(name, []).append(content.decode("utf-8", "replace"))
    return form
