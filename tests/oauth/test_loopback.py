"""The threats to the listener, each under its name: strays, floods, starving, another host, a second answer.

Sockets are real ones.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauth.callbacks import Arrival, Expected, Verdict
from oauth.loopback import LARGEST, MOST, Listener
from oauth.secret import Secret

STATE = "S" * 43
GOOD = f"/callback/x?code=the-code&state={STATE}"


class Waiting:
    """A listener at work, in a thread of its own."""

    def __init__(self, listener: Listener, expected: Expected, seconds: float) -> None:
        self.listener, self.port = listener, listener.port
        self.arrivals: list[Arrival | None] = []
        self._thread = threading.Thread(target=self._wait, args=(expected, seconds), daemon=True)
        self._thread.start()

    def _wait(self, expected: Expected, seconds: float) -> None:
        self.arrivals.append(self.listener.wait(expected, seconds=seconds))

    def end(self) -> None:
        """Let the listener's thread come to its end: with an answer, if it has had none."""
        if self.waits:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.get(GOOD)
        self._thread.join(timeout=30)

    def result(self) -> Arrival | None:
        """Return what the listener returned."""
        self._thread.join(timeout=30)
        assert self.arrivals, "the listener is still waiting"
        return self.arrivals[0]

    @property
    def waits(self) -> bool:
        return not self.arrivals

    def get(self, target: str, *, method: str = "GET", host: str | None = None) -> tuple[int, str]:
        """Ask as a browser does; return the status and the page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.putrequest(method, target, skip_host=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def raw(self) -> socket.socket:
        """Return an open connection that says nothing yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


@pytest.fixture
def listen() -> Iterator[Callable[..., Waiting]]:
    """Return what opens a listener that waits for ``STATE``."""
    with contextlib.ExitStack() as stack:

        def opened(*, seconds: float = 20.0, patience: float = 5.0, **expected: object) -> Waiting:
            listener = stack.enter_context(Listener("/callback/x", patience=patience))
            wanted = replace(Expected(listener.redirect_uri, Secret(STATE)), **expected)  # type: ignore[arg-type]  # replace checks the names
            waiting = Waiting(listener, wanted, seconds)
            stack.callback(waiting.end)
            return waiting

        yield opened


# What comes to the port before, beside and after the answer.


def test_favicon_first(listen: Callable[..., Waiting]) -> None:
    waiting = listen()
    assert waiting.get("/favicon.ico")[0] == 404
    assert waiting.waits
    assert waiting.get(GOOD)[0] == 200
    found = waiting.result()
    assert found is not None
    assert found.code == Secret("the-code")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 404),
        ("/callback", 404),
        ("/callback/x/", 404),
        ("/callback/y?code=1&state=" + STATE, 404),
        ("//callback/x?code=1&state=" + STATE, 404),
        ("/callback/x", 400),
        ("/callback/x?code=1", 400),
        ("/callback/x?state=" + STATE[:-1], 400),
        ("/callback/x?code=1&state=", 400),
        ("/callback/x?code=1&state=" + STATE.lower(), 400),
        (f"/callback/x?code=1&state={STATE}&state={STATE}", 400),
        (f"/callback/x?code=1&state=evil&state={STATE}", 400),
        ("/callback/x?error=access_denied", 400),
        ("/callback/x?error=access_denied&state=other", 400),
        ("/callback/x?" + "&".join(f"a{n}=1" for n in range(80)) + "&state=" + STATE, 400),
    ],
    ids=str,
)
def test_strays_are_answered_and_the_wait_goes_on(listen: Callable[..., Waiting], target: str, status: int) -> None:
    """Also a refusal without our state: anybody could send that."""
    waiting = listen()
    got, page = waiting.get(target)
    assert got == status
    assert "not the answer" in page
    assert waiting.waits
    waiting.get(GOOD)
    found = waiting.result()
    assert found is not None
    assert found.verdict is Verdict.RECEIVED


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}.evil.example", "evil:{port}"],
)
def test_host_evil(listen: Callable[..., Waiting], host: str) -> None:
    """DNS rebinding: a page elsewhere whose name leads here, with a state that happens to be right."""
    waiting = listen()
    status, page = waiting.get(GOOD, host=host.format(port=waiting.port))
    assert status == 421
    assert "not the answer" in page
    assert waiting.waits


@pytest.mark.parametrize("lines", [b"", b"Host: 127.0.0.1:%d\r\nHost: 127.0.0.1:%d\r\n"], ids=["no host", "two hosts"])
def test_a_request_without_one_host_is_not_looked_at(listen: Callable[..., Waiting], lines: bytes) -> None:
    waiting = listen()
    with waiting.raw() as visitor:
        visitor.sendall(
            b"GET " + GOOD.encode() + b" HTTP/1.1\r\n" + lines.replace(b"%d", b"%d" % waiting.port) + b"\r\n"
        )
        assert b" 421 " in visitor.recv(4096)
    assert waiting.waits


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS", "get"])
def test_only_get_is_answered(listen: Callable[..., Waiting], method: str) -> None:
    waiting = listen()
    assert waiting.get(GOOD, method=method)[0] == 405
    assert waiting.waits


@pytest.mark.parametrize(
    "said",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n",
    ],
    ids=["nothing", "a word", "no version", "TLS", "a proxy's"],
)
def test_what_is_no_request_is_refused(listen: Callable[..., Waiting], said: bytes) -> None:
    waiting = listen()
    with waiting.raw() as visitor:
        visitor.sendall(said)
        assert visitor.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert waiting.waits


def test_a_head_without_end_is_cut_off(listen: Callable[..., Waiting]) -> None:
    waiting = listen()
    with waiting.raw() as visitor:
        with contextlib.suppress(OSError):
            visitor.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * (LARGEST + 1))
        with contextlib.suppress(ConnectionResetError):
            assert visitor.recv(4096)[:12] in {b"HTTP/1.1 431", b""}
    assert waiting.waits
    waiting.get(GOOD)
    assert waiting.result() is not None


def test_get_flood(listen: Callable[..., Waiting]) -> None:
    """Hundreds of requests, many at once, and the answer among them still gets through."""
    waiting = listen()
    statuses: list[int] = []

    def flood() -> None:
        for _ in range(50):
            with contextlib.suppress(OSError, http.client.HTTPException):
                statuses.append(waiting.get("/callback/x?code=guess&state=guess")[0])

    threads = [threading.Thread(target=flood, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert waiting.get(GOOD)[0] == 200
    for thread in threads:
        thread.join(timeout=30)
    found = waiting.result()
    assert found is not None
    assert found.code == Secret("the-code")
    assert set(statuses) <= {400}


def test_more_silent_visitors_than_there_is_room_for(listen: Callable[..., Waiting]) -> None:
    """They are held by nobody for long: the oldest gives way, and the answer comes through."""
    waiting = listen(patience=60.0)
    with contextlib.ExitStack() as stack:
        for _ in range(MOST + 20):
            stack.enter_context(waiting.raw())
        assert waiting.get(GOOD)[0] == 200
        assert waiting.result() is not None


def test_the_oldest_visitor_gives_way(listen: Callable[..., Waiting]) -> None:
    """There is an upper bound to what is open at once, however long each may stay."""
    waiting = listen(patience=60.0)
    with contextlib.ExitStack() as stack:
        visitors = [stack.enter_context(waiting.raw()) for _ in range(MOST + 1)]
        assert visitors[0].recv(1) == b"", "sent away"
        visitors[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert visitors[-1].recv(100).startswith(b"HTTP/1.1 421"), "the newest is served"
        visitors[MOST // 2].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert visitors[MOST // 2].recv(100).startswith(b"HTTP/1.1 421"), "and so are the others"
    assert waiting.waits


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=120), min_size=1, max_size=4))
def test_no_bytes_stop_the_listener(pieces: list[bytes]) -> None:
    """Whatever is sent and however it is cut: the wait goes on, and the real answer still comes through."""
    with Listener("/callback/x") as listener:
        waiting = Waiting(listener, Expected(listener.redirect_uri, Secret(STATE)), 20.0)
        with waiting.raw() as visitor, contextlib.suppress(OSError):
            for piece in pieces:
                visitor.sendall(piece)
            visitor.shutdown(socket.SHUT_WR)
            answered = visitor.recv(100)
            assert answered == b"" or answered.startswith(b"HTTP/1.1 4")
        assert waiting.waits
        assert waiting.get(GOOD)[0] == 200
        found = waiting.result()
        assert found is not None
        assert found.code == Secret("the-code")


def test_slow_client(listen: Callable[..., Waiting]) -> None:
    """One that sends a byte now and then holds up nobody, and is sent away."""
    waiting = listen(patience=0.3)
    with waiting.raw() as slow:
        slow.sendall(b"G")
        assert waiting.get("/favicon.ico")[0] == 404, "others are served meanwhile"
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                slow.sendall(b"E")
                slow.settimeout(0.05)
                if slow.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("a slow client was served for ten seconds")
    assert waiting.waits
    waiting.get(GOOD)
    assert waiting.result() is not None


def test_a_request_in_pieces_is_put_together(listen: Callable[..., Waiting]) -> None:
    waiting = listen()
    request = f"GET {GOOD} HTTP/1.1\r\nHost: 127.0.0.1:{waiting.port}\r\n\r\n".encode()
    with waiting.raw() as visitor:
        visitor.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request:
            visitor.sendall(bytes([byte]))
        assert visitor.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert waiting.result() is not None


def test_a_visitor_who_leaves_early_is_no_matter(listen: Callable[..., Waiting]) -> None:
    waiting = listen()
    for said in (b"", b"GET /callback/x", f"GET {GOOD} HTTP/1.1\r\nHost: 127.0.0.1:{waiting.port}\r\n".encode()):
        with waiting.raw() as visitor:
            visitor.sendall(said)
    assert waiting.get("/")[0] == 404
    assert waiting.waits


def test_second_callback(listen: Callable[..., Waiting]) -> None:
    waiting = listen()
    assert waiting.get(GOOD)[0] == 200
    first = waiting.result()
    assert first is not None
    with pytest.raises(OSError, match=r"refused|reset"):
        waiting.get(GOOD.replace("the-code", "another"))
    assert first.code == Secret("the-code")


def test_a_callback_beside_the_first_one_is_not_answered(listen: Callable[..., Waiting]) -> None:
    waiting = listen()
    with waiting.raw() as other:
        other.sendall(b"GET /")
        assert waiting.get(GOOD)[0] == 200
        assert waiting.result() is not None
        assert other.recv(100) == b"", "whoever was still talking is cut off"


def test_the_deadline_ends_the_wait_and_closes_the_port(listen: Callable[..., Waiting]) -> None:
    waiting = listen(seconds=0.2)
    with waiting.raw():
        assert waiting.result() is None
    with pytest.raises(OSError, match="refused"):
        waiting.raw()


def test_the_port_belongs_to_this_machine_only(listen: Callable[..., Waiting]) -> None:
    waiting = listen()
    name = waiting.listener._door.getsockname()
    assert name[0] == "127.0.0.1"
    with pytest.raises(OSError, match=r"refused|unreachable|assign"):
        socket.create_connection(("::1", waiting.port), timeout=5)


# What the page says.


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("code=c", "The answer has arrived"),
        ("error=access_denied", "Access was not given"),
        ("error=<script>alert(1)</script>", "Access was not given"),
        ("iss=https://evil.example&code=c", "This answer cannot be trusted"),
        ("code=c&code=d", "This answer cannot be trusted"),
        ("", "This answer cannot be trusted"),
    ],
)
def test_the_page_is_honest_and_repeats_nothing(listen: Callable[..., Waiting], query: str, title: str) -> None:
    waiting = listen(issuer="https://good.example")
    connection = http.client.HTTPConnection("127.0.0.1", waiting.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", f"/callback/x?state={STATE}&" + query.replace("<", "%3C"))
        answer = connection.getresponse()
        page = answer.read().decode()
    assert f"<h1>{title}</h1>" in page
    for told in (STATE, "evil.example", "alert", "=c"):
        assert told not in page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert waiting.result() is not None
