"""What goes to a provider: once, to admitted addresses, never further; what comes back: in bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oauth.transport import LARGEST, Answer, Request, Unreachable
from simulators.identity.serving import Handler, Incoming, Reply, Server, as_json
from wherry.exchanging import Exchanging, private_hosts
from wherry.settings import Account, read_settings

pytestmark = pytest.mark.server
HERE = frozenset({"127.0.0.1"})


class Anything(Server):
    """Answers every request with what *reply* returns."""

    def __init__(self) -> None:
        super().__init__()
        self.reply: Callable[[Incoming], Reply] = lambda _: as_json({"ok": True})

    def routes(self) -> dict[tuple[str, str], tuple[str, Handler]]:
        return {}

    def find(self, request: Incoming) -> tuple[str, Handler]:
        return request.path, self.reply


@pytest.fixture
def server() -> Iterator[Anything]:
    with Anything() as running:
        yield running


@pytest.fixture
def exchange() -> Iterator[Exchanging]:
    made = Exchanging(HERE)
    yield made
    made.close()
    made.close()


def ask(exchange: Exchanging, url: str, method: str = "GET", body: bytes = b"") -> Answer:
    return exchange(Request(method, url, {"Authorization": "Bearer canary", "Accept": "application/json"}, body))


def test_an_answer_comes_as_it_is(exchange: Exchanging, server: Anything) -> None:
    server.reply = lambda request: Reply(201, request.body.upper(), {"X-Kind": "Test"})
    answer = ask(exchange, f"{server.url}/a?b=c", "POST", b"word")
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (201, b"WORD", "Test")
    (call,) = server.calls
    assert call.request.headers["authorization"] == "Bearer canary"
    assert (call.request.method, call.request.path, dict(call.request.query)) == ("POST", "/a", {"b": ["c"]})


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 405, 409, 410, 418, 500, 501, 502, 503, 504])
def test_every_status_is_an_answer(exchange: Exchanging, server: Anything, status: int) -> None:
    server.reply = lambda _: Reply(status)
    assert ask(exchange, server.url, "POST").status == status
    assert len(server.calls) == 1, "asked once; whoever asks decides whether to ask again"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_answer_and_takes_no_credential_along(
    exchange: Exchanging, server: Anything, method: str, status: int
) -> None:
    with Anything() as other:
        server.reply = lambda _: Reply(status, b"", {"Location": f"{other.url}/elsewhere"})
        assert 300 <= ask(exchange, server.url, method, b"secret=canary" * (method == "POST")).status < 400
        for call in other.calls:
            assert "authorization" not in call.request.headers
            assert b"canary" not in call.request.body


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("said", "kept"), [("7", "7"), ("100000", None), (None, None), ("soon", None)])
def test_a_wait_that_is_asked_for_is_told_and_not_waited(
    exchange: Exchanging, server: Anything, status: int, said: str | None, kept: str | None
) -> None:
    server.reply = lambda _: Reply(status, b"", {} if said is None else {"Retry-After": said})
    answer = ask(exchange, server.url, "POST")
    assert answer.status in {429, status}
    if kept is not None:
        assert answer.headers["retry-after"] == kept
    assert len(server.calls) == 1


@pytest.mark.parametrize("fault", ["reset", "lost", "cut"])
def test_no_answer(exchange: Exchanging, server: Anything, fault: str) -> None:
    server.reply = lambda _: as_json({"long": "x" * 1000})
    server.faults.switch("*", fault)
    with pytest.raises(Unreachable) as caught:
        ask(exchange, f"{server.url}/token", "POST", b"code=canary")
    assert caught.value.args
    assert "canary" not in str(caught.value)
    assert len([call for call in server.calls if call.endpoint == "/token"]) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "http://example.org/",
        "ftp://127.0.0.1/",
        "http://0.0.0.0:1/",
        "http://user@127.0.0.1:1/",
    ],
)
def test_addresses_nobody_admitted(exchange: Exchanging, url: str) -> None:
    with pytest.raises(Unreachable):
        ask(exchange, url)


def test_nothing_private_is_admitted_by_itself(server: Anything) -> None:
    exchange = Exchanging()
    with pytest.raises(Unreachable):
        ask(exchange, server.url)
    assert server.calls == []
    exchange.admit(HERE)
    assert ask(exchange, server.url).status == 200
    exchange.close()


@pytest.mark.parametrize(("size", "fine"), [(LARGEST, True), (LARGEST + 1, True), (LARGEST + 2, False)])
def test_an_answer_without_end_is_cut_off(exchange: Exchanging, server: Anything, size: int, *, fine: bool) -> None:
    """One byte more than fits is let through, so that whoever reads it sees that it is too long."""
    server.reply = lambda _: Reply(200, b"x" * size)
    if fine:
        assert len(ask(exchange, server.url).body) == size
    else:
        with pytest.raises(Unreachable):
            ask(exchange, server.url)


def test_a_server_that_is_not_there(exchange: Exchanging) -> None:
    with Anything() as gone:
        url = gone.url
    with pytest.raises(Unreachable):
        ask(exchange, url)


def test_hosts_are_private_by_the_accounts_that_say_so(tmp_path: Path) -> None:
    settings = read_settings({"WHERRY_HOME": str(tmp_path)})
    for account in (
        Account("a", "dav", "http://192.168.1.5:5232/", allow_private=True),
        Account("b", "dav", "https://dav.example.org/"),
        Account("c", "dav", "https://nas.home/", allow_private=True, issuer="http://id.home:8080"),
        Account("d", "dav", "not an address", allow_private=True),
    ):
        settings = settings.with_account(account)
    assert private_hosts(settings) == {"192.168.1.5", "nas.home", "id.home"}
