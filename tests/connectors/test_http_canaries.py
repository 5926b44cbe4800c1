"""A run at DEBUG with made-up secrets: they go to their server, and nowhere else."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest

from connectors.errors import ConnectorError
from connectors.http import Http
from oauth.authorizers import Authorizer, Basic, Bearer, Digest, Guess
from oauth.secret import Secret
from tests.connectors.conftest import MakeHttp, Serve
from tests.connectors.servers import End, Piece, Received, Server, always, chunked, reply

CANARY = "canary-Xk29-pässword"
QUERY = "canary-in-the-query"
SPELLINGS = [CANARY, QUERY, b64encode(f"ada:{CANARY}".encode()).decode()]

OUTCOMES: dict[str, list[Piece]] = {
    "fine": [reply(200, b"fine")],
    "refused": [reply(401, b"no", www_authenticate='Basic realm="x", Digest realm="x", nonce="n", qop="auth"')],
    "throttled": [reply(429, retry_after="9999")],
    "broken": [reply(503)],
    "cut": [End.CLOSE],
    "cut-body": [reply(200, b"half", content_length="99"), End.CLOSE],
    "bad-chunks": [reply(200, transfer_encoding="chunked"), b"zz\r\n", *chunked([])],
    "circle": [reply(302, location=f"/?token={QUERY}")],
    "unsafe": [reply(302, location=f"http://ada:{QUERY}@169.254.169.254/")],
    "unsafe-host": [reply(302, location=f"http://169.254.169.254/?{QUERY}")],
    "no-http": [f"SSH-2.0 {QUERY}\r\n".encode(), End.CLOSE],
}
KINDS: dict[str, Callable[[Server], Authorizer]] = {
    "basic": lambda server: Basic("ada", Secret(CANARY), to=[server.origin]),
    "digest": lambda server: Digest("ada", Secret(CANARY), to=[server.origin]),
    "guess": lambda server: Guess("ada", Secret(CANARY), to=[server.origin]),
    "bearer": lambda server: Bearer(Secret("canary-Xk29-token"), to=[server.origin]),
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return everything that is logged at DEBUG, without any redaction."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.setLevel(level)
    root.removeHandler(handler)


def everything_shown(http: Http, error: BaseException | None) -> str:
    shown = f"{http!r} {vars(http)!r} {http.meter!r}"
    if error is not None:
        shown += f"{error!r} {error} {vars(error)!r} {error.args!r}"
        shown += "".join(traceback.format_exception_only(error))
    return shown


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("method", ["PROPFIND", "PUT"])
def test_no_outcome_shows_a_secret(
    serve: Serve, make_http: MakeHttp, log: io.StringIO, *, kind: str, outcome: str, method: str
) -> None:
    server = serve(always(*OUTCOMES[outcome]))
    http, error = make_http(authorizer=KINDS[kind](server)), None
    shown = ""
    try:
        shown = repr(http.request(method, server.url(f"/?token={QUERY}"), body=b"x"))
    except ConnectorError as fault:
        error = fault
    assert (QUERY in shown) is (error is None and shown != ""), "a response knows its address"
    everything = everything_shown(http, error) + log.getvalue()
    assert [spelling for spelling in [*SPELLINGS, "canary-Xk29-token"] if spelling in everything] == []


def test_a_digest_server_never_sees_the_password(serve: Serve, make_http: MakeHttp) -> None:
    def script(asked: Received) -> list[bytes]:
        if "authorization" in asked.headers:
            return [reply(200)]
        return [reply(401, www_authenticate='Digest realm="r", nonce="n", qop="auth"')]

    server = serve(script)
    make_http(authorizer=KINDS["digest"](server)).request("GET", server.url())
    assert len(server.received) == 2
    assert not any(spelling in str(asked) for asked in server.received for spelling in SPELLINGS)


PROGRAM = """
import logging, sys
from connectors.http import Guard, Http
from oauth.authorizers import Basic
from oauth.redaction import install
from oauth.secret import Secret
logging.basicConfig(level=logging.DEBUG)
install()
url, password = sys.argv[1], Secret(sys.stdin.read())
http = Http(guard=Guard(allow_private=True, allow_http=True), authorizer=Basic("ada", password, to=[url]))
http.request("GET", url)
logging.getLogger("careless").debug("I log %s and %r", password.reveal(), http._authorizer.headers("GET", url))
try:
    raise ValueError("broken with " + password.reveal())
except ValueError:
    logging.getLogger("careless").exception("as it comes")
"""


def test_a_whole_process_at_debug_writes_no_secret(serve: Serve) -> None:
    server = serve(always(reply(200)))
    command = [sys.executable, "-c", PROGRAM, server.url()]
    done = subprocess.run(command, input=CANARY, capture_output=True, text=True, check=True)
    assert b64encode(f"ada:{CANARY}".encode()).decode() in server.received[0].headers["authorization"]
    assert "careless" in done.stderr
    assert "ValueError: broken with ***" in done.stderr
    assert [spelling for spelling in SPELLINGS if spelling in done.stderr + done.stdout] == []
