"""The threats to a consent, each under its name: forged, replayed, late, mixed up, flooded, starved.

One row of the threat table is one test; sockets are real ones.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from oauth.callbacks import Arrival, Expected, Verdict
from oauth.consent import STATE_LIFE, Consent
from oauth.errors import GrantStateWrong, WrongCallback
from oauth.grants import GrantState
from oauth.loopback import LARGEST, MOST, Listener
from oauth.secret import Secret
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from tests.oauth.consenting import World, beside, dropbox_wish, generic_wish

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
            wanted = replace(Expected(listener.redirect_uri, Secret(STATE)), **expected)  # type: ignore[arg-type]
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
    for given in (STATE, "evil.example", "alert", "=c"):
        assert given not in page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert waiting.result() is not None


# The state, and the provider it belongs to.


@pytest.fixture
def asked(world: World) -> Iterator[tuple[World, str, str, Callable[[str], str]]]:
    """A consent that is being asked for: the world, the grant's id, the address, what approves it."""
    with generic() as provider:
        begun = world.consent.begin(generic_wish(provider, world), "http://127.0.0.1:4321/callback/oauth")
        yield world, begun.grant_id, begun.url, provider.approve


Asked = tuple[World, str, str, Callable[[str], str]]


def changed(address: str, **changes: str | None) -> str:
    """Return *address* with other values in its query; ``None`` leaves one out."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return urlunsplit(
        parts._replace(query=urlencode({key: value for key, value in query.items() if value is not None}))
    )


def test_state_forgery(asked: Asked) -> None:
    world, grant_id, url, approve = asked
    with pytest.raises(WrongCallback):
        world.consent.returned(changed(approve(url), state="A" * 43))
    assert world.store.get(grant_id).state is GrantState.INTENT, "the real answer may still come"


def test_missing_state(asked: Asked) -> None:
    world, grant_id, url, approve = asked
    with pytest.raises(WrongCallback):
        world.consent.returned(changed(approve(url), state=None))
    assert world.store.get(grant_id).state is GrantState.INTENT


def test_replay(asked: Asked) -> None:
    world, grant_id, url, approve = asked
    address = approve(url)
    assert world.consent.returned(address).state is GrantState.LIVE
    with pytest.raises(WrongCallback, match=r"used already|nobody asked"):
        world.consent.returned(address)
    assert world.store.get(grant_id).state is GrantState.LIVE, "a replay does not hurt what is there"


def test_two_at_once_with_the_same_answer(asked: Asked) -> None:
    """The state is good for one of them; the other is refused, whoever is faster."""
    world, grant_id, url, approve = asked
    address, outcomes = approve(url), list[str]()
    start = threading.Barrier(2)

    def come() -> None:
        start.wait()
        try:
            outcomes.append(Consent(world.store, world.vault, world.wire).returned(address).state.value)
        except WrongCallback:
            outcomes.append("refused")

    threads = [threading.Thread(target=come) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["live", "refused"]
    assert world.store.get(grant_id).state is GrantState.LIVE


@pytest.mark.parametrize(("later", "accepted"), [(STATE_LIFE - 30, True), (STATE_LIFE + 1, False)])
def test_late(asked: Asked, later: float, accepted: bool) -> None:
    world, grant_id, url, approve = asked
    address = approve(url)
    world.skew[0] = later
    if accepted:
        assert world.consent.returned(address).state is GrantState.LIVE
        return
    with pytest.raises(WrongCallback, match="too late"):
        world.consent.returned(address)
    assert world.store.get(grant_id).state is GrantState.CLOSED
    assert world.vault.secrets(grant_id) == {}


def test_wrong_provider(asked: Asked) -> None:
    """Mix-up: an answer to one provider's question comes to another's path."""
    world, grant_id, url, approve = asked
    address = approve(url).replace("/callback/oauth", "/callback/dropbox")
    with pytest.raises(WrongCallback):
        world.consent.returned(address)
    assert world.store.get(grant_id).state is GrantState.INTENT


def test_a_code_of_one_provider_never_goes_to_another(asked: Asked) -> None:
    """The state finds the grant, the grant names the endpoint: an attacker's state leads to the attacker's."""
    world, grant_id, url, approve = asked
    with dropbox() as other:
        begun = world.consent.begin(dropbox_wish(other), "http://127.0.0.1:4321/callback/dropbox")
        stolen = dict(parse_qsl(urlsplit(approve(url)).query))["code"]
        address = changed(other.approve(begun.url), code=stolen)
        with pytest.raises(Exception, match="invalid_grant"):
            world.consent.returned(address)
        sent = [request.url for request in world.wire.sent if stolen.encode() in request.body]
        assert sent == [other.token_url]
    assert world.store.get(grant_id).state is GrantState.INTENT


@pytest.mark.parametrize(
    "issuer", ["https://evil.example", "", None, "{issuer}/", "{upper}"], ids=["evil", "empty", "none", "slash", "case"]
)
def test_iss_mismatch(asked: Asked, issuer: str | None) -> None:
    """RFC 9207: compared letter by letter, and required because this server's metadata says it always comes."""
    world, grant_id, url, approve = asked
    address = approve(url)
    real = dict(parse_qsl(urlsplit(address).query))["iss"]
    given = None if issuer is None else issuer.format(issuer=real, upper=real.upper())
    # urlencode leaves an empty value in place, parse_qsl of the judge keeps it.
    with pytest.raises(WrongCallback):
        world.consent.returned(changed(address, iss=given))
    assert world.store.get(grant_id).state is GrantState.CLOSED, "the state came with a lie: it is spent"
    assert not [request for request in world.wire.sent if b"grant_type" in request.body], "no code was sent anywhere"


def test_iss_is_not_asked_of_a_provider_that_never_sends_it(world: World) -> None:
    with dropbox() as provider:
        begun = world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:4321/callback/dropbox")
        assert "iss" not in dict(parse_qsl(urlsplit(provider.approve(begun.url)).query))
        assert world.consent.returned(provider.approve(begun.url)).state is GrantState.LIVE


def test_a_wrong_issuer_over_the_loopback_ends_the_flow(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        provider.issuer = "https://evil.example"
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        with pytest.raises(WrongCallback, match="another provider"):
            world.consent.by_browser(wish, show)
        assert provider.count("token") == 0
    assert world.states() == ["closed"]


def test_an_intercepted_code_is_worth_nothing_without_the_verifier(asked: Asked) -> None:
    """PKCE: a program that got hold of the redirect cannot exchange what it found."""
    from oauth.client import exchange_code
    from oauth.errors import GrantDead
    from oauth.tokens import asking_of

    world, grant_id, url, approve = asked
    code = dict(parse_qsl(urlsplit(approve(url)).query))["code"]
    profile, client = asking_of(world.vault.secrets(grant_id))
    with pytest.raises(GrantDead):
        exchange_code(
            profile,
            world.wire,
            client,
            code=Secret(code),
            verifier=Secret("guessed" * 10),
            redirect_uri="http://127.0.0.1:4321/callback/oauth",
            requested=(),
        )


def test_states_and_verifiers_are_long_and_never_the_same(world: World) -> None:
    with dropbox() as provider:
        begun = [world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:1/callback/dropbox") for _ in range(20)]
    states = {each.expected.state.reveal() for each in begun}
    verifiers = {world.vault.secret(each.grant_id, "verifier").reveal() for each in begun}
    assert len(states) == len(verifiers) == 20
    assert all(len(state) >= 43 for state in states), "256 bits in base64"
    assert all(43 <= len(verifier) <= 128 for verifier in verifiers), "RFC 7636 4.1"


def test_the_state_is_kept_as_a_hash_only(world: World) -> None:
    with dropbox() as provider:
        begun = world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:1/callback/dropbox")
    assert begun.expected.state.reveal().encode() not in world.on_disk()


def test_a_grant_that_is_over_takes_no_code(asked: Asked) -> None:
    world, grant_id, _, _ = asked
    world.consent.close(grant_id, "changed my mind")
    with pytest.raises(GrantStateWrong):
        world.consent.keep(world.store.get(grant_id), {"code": Secret("c")})
    world.consent.close(grant_id, "twice does not matter")
