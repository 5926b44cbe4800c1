"""What tests send with: the standard library, no redirects, nothing twice. It remembers what it sent."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import urlsplit

from oauth.answers import origin_of
from oauth.transport import LARGEST, Answer, Request, Unreachable


@dataclass(slots=True)
class Wire:
    """Sends over real sockets."""

    timeout: float = 10.0
    sent: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        self.sent.append(request)
        parts = urlsplit(request.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self.timeout)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(request.method, target, request.body, dict(request.headers))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read(LARGEST + 1))
        except (OSError, http.client.HTTPException) as fault:
            raise Unreachable(origin_of(request.url), type(fault).__name__) from fault
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as a small server saw it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Reply = tuple[int, Mapping[str, str], bytes]


@dataclass(slots=True)
class Small:
    """A server that answers what it is told; *seen* is what came."""

    url: str
    seen: list[Seen]


@contextmanager
def serving(answer: Callable[[Seen], Reply]) -> Iterator[Small]:
    """Run a server on a free port of 127.0.0.1 that answers every request by *answer*."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            seen.append(request)
            status, headers, content = answer(request)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            host, port = cast("tuple[str, int]", server.server_address)
            yield Small(f"http://{host}:{port}", seen)
        finally:
            server.shutdown()
            thread.join()


def always(status: int, body: bytes = b"", **headers: str) -> Callable[[Seen], Reply]:
    """Return what answers the same to everything."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: (status, named, body)


def form(seen: Seen) -> dict[str, str]:
    """Return the fields of a form, each of which must come once."""
    from urllib.parse import parse_qsl

    pairs = parse_qsl(seen.body.decode(), keep_blank_values=True, strict_parsing=True)
    assert len(pairs) == len(dict(pairs)), "a field came twice"
    return dict(pairs)


def saying(*answers: tuple[int, object]) -> tuple[Callable[[Request], Answer], list[Request]]:
    """Return an exchange that gives these answers in order, the last one for ever, and what it was asked."""
    left, seen = list(answers), list[Request]()

    def exchange(request: Request) -> Answer:
        seen.append(request)
        status, said = left.pop(0) if len(left) > 1 else left[0]
        return Answer(
            status, {"content-type": "application/json"}, said if isinstance(said, bytes) else json.dumps(said).encode()
        )

    return exchange, seen
