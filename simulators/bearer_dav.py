"""Radicale behind bearer tokens: each request's token is asked about at the identity provider.

Radicale itself knows nothing of tokens; it is served as a WSGI application that believes REMOTE_USER
(its documentation: "auth type remote_user"), and only this layer sets it. Nothing is cached, so a token
that was revoked opens nothing from that moment on. By hand::

    python -m simulators.bearer_dav --folder DATA --port 5232 --settings SETTINGS.json
"""

from __future__ import annotations

import argparse
import base64
import json
import socketserver
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
TIMEOUT = 30.0
REALM = 'Bearer realm="calendars"'


@dataclass(frozen=True, slots=True)
class Introspection:
    """Where tokens are asked about (RFC 7662), by whom, and the scope a token must have."""

    url: str
    client: str
    secret: str
    scope: str

    def about(self, token: str) -> dict[str, Any]:
        """Return what the provider says about *token*.

        Raises ``OSError``, ``HTTPException`` or ``ValueError`` when it says nothing of use.
        """
        pair = f"{urllib.parse.quote_plus(self.client)}:{urllib.parse.quote_plus(self.secret)}"
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii")}
        body = urllib.parse.urlencode({"token": token}).encode()
        request = urllib.request.Request(self.url, body, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=TIMEOUT) as answer:
            said = json.load(answer)
        return said if isinstance(said, dict) else {}


class BearerOnly:
    """A WSGI layer: no request passes without a live token (RFC 6750 §2.1, §3)."""

    def __init__(self, inner: WSGIApplication, introspection: Introspection) -> None:
        self._inner, self._introspection = inner, introspection

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        for name in ("REMOTE_USER", "HTTP_X_REMOTE_USER"):
            environ.pop(name, None)
        kind, _, token = environ.pop("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            return _refused(environ, start_response, "401 Unauthorized", REALM)
        try:
            said = self._introspection.about(token.strip())
        except (OSError, HTTPException, ValueError):
            return _refused(environ, start_response, "503 Service Unavailable", "")
        # A refresh token is live too, but only access tokens have a type (RFC 7662 §2.2, RFC 6749 §7.1).
        if not said.get("active") or not said.get("sub") or str(said.get("token_type")).lower() != "bearer":
            return _refused(environ, start_response, "401 Unauthorized", f'{REALM}, error="invalid_token"')
        if self._introspection.scope not in str(said.get("scope", "")).split():
            words = f'{REALM}, error="insufficient_scope", scope="{self._introspection.scope}"'
            return _refused(environ, start_response, "403 Forbidden", words)
        environ["REMOTE_USER"] = str(said["sub"])
        return self._inner(environ, start_response)


def _refused(environ: WSGIEnvironment, start_response: StartResponse, status: str, challenge: str) -> Iterable[bytes]:
    """Answer without the application. The body is read first: a client still sending would see a reset."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = [("Content-Length", "0"), *([("WWW-Authenticate", challenge)] if challenge else [])]
    start_response(status, headers)
    return [b""]


class _Listener(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write no line per request."""


def serve(folder: Path, port: int, introspection: Introspection) -> None:
    """Serve the collections in *folder* until the process ends."""
    from radicale import config
    from radicale.app import Application

    configuration = config.load()
    settings = {
        "auth": {"type": "remote_user"},
        "storage": {"filesystem_folder": str(folder)},
        "logging": {"level": "warning"},
    }
    configuration.update(settings, "bearer_dav")
    with _Listener((HOST, port), _Handler) as listener:
        listener.set_app(BearerOnly(Application(configuration), introspection))
        listener.serve_forever()


def main(arguments: list[str] | None = None) -> None:
    """Serve by hand, or for ``davservers.radicale_with_bearer``."""
    parser = argparse.ArgumentParser(prog="python -m simulators.bearer_dav")
    parser.add_argument("--folder", type=Path, required=True, help="where the server keeps its data")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--settings", type=Path, required=True, help="JSON: url, client, secret, scope")
    options = parser.parse_args(arguments)
    introspection = Introspection(**json.loads(options.settings.read_text(encoding="utf-8")))
    serve(options.folder, options.port, introspection)


if __name__ == "__main__":
    main()
