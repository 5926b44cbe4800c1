"""What can be made to go wrong: before anything is done, after it, by chance, in an order, slowly."""

from __future__ import annotations

import socket
import threading
import time
from http.client import HTTPException, IncompleteRead

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.identity.dropbox import Dropbox
from simulators.identity.faults import FAULTS, Fault, Faults
from simulators.identity.google import Google
from tests.simulators.identity.asking import Program, bearer, send
from tests.simulators.identity.conftest import google_program


@pytest.fixture
def app(at_google: Google) -> Program:
    return google_program(at_google)


def revoke(provider: Google, token: str) -> int:
    return send("POST", provider.revoke_url, {"token": token}).status


class TestBeforeAnythingIsDone:
    @pytest.mark.parametrize("status", [403, 429, 500, 503])
    def test_a_status_is_answered_and_nothing_happens(self, at_google: Google, app: Program, status: int) -> None:
        tokens = app.connect()
        at_google.faults.switch("revoke", status)
        assert revoke(at_google, tokens["access_token"]) == status
        assert app.refresh(tokens["refresh_token"]).status == 200
        assert at_google.calls[-2].status == status

    def test_a_web_page_with_a_content_type_of_its_own(self, at_google: Google, app: Program) -> None:
        tokens = app.connect()
        at_google.faults.switch("revoke", "html")
        answer = send("POST", at_google.revoke_url, {"token": tokens["access_token"]})
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html")
        assert b"<h1>" in answer.body
        assert len(at_google.live_grants()) == 1

    def test_a_reset_is_a_reset(self, at_google: Google, app: Program) -> None:
        tokens = app.connect()
        at_google.faults.switch("revoke", "reset")
        with pytest.raises(ConnectionResetError):
            revoke(at_google, tokens["access_token"])
        assert len(at_google.live_grants()) == 1
        assert at_google.calls[-1].status == 0

    def test_nothing_is_answered_until_the_client_gives_up(self, at_google: Google, app: Program) -> None:
        tokens = app.connect()
        at_google.faults.switch("revoke", "hang", times=1)
        with pytest.raises(TimeoutError):
            send("POST", at_google.revoke_url, {"token": tokens["access_token"]}, timeout=0.2)
        assert len(at_google.live_grants()) == 1
        assert revoke(at_google, tokens["access_token"]) == 200


class TestAfterItIsDone:
    def test_the_answer_is_lost(self, at_google: Google, app: Program) -> None:
        tokens = app.connect()
        at_google.faults.switch("revoke", "lost", times=1)
        with pytest.raises(ConnectionResetError):
            revoke(at_google, tokens["access_token"])
        assert at_google.live_grants() == []
        assert revoke(at_google, tokens["access_token"]) == 400

    def test_a_token_answer_is_lost_and_a_grant_nobody_holds_remains(self, at_google: Google, app: Program) -> None:
        code = app.code()
        at_google.faults.switch("token", "lost", times=1)
        with pytest.raises(ConnectionResetError):
            app.exchange(code)
        assert len(at_google.live_grants()) == 1
        assert app.exchange(code).error == (400, "invalid_grant")
        assert at_google.live_grants() == []  # the replay ended what the lost answer held

    def test_the_answer_breaks_off(self, at_google: Google, app: Program) -> None:
        code = app.code()
        at_google.faults.switch("token", "cut", times=1)
        with pytest.raises(IncompleteRead):
            app.exchange(code)
        assert len(at_google.live_tokens("refresh")) == 1


class TestWhen:
    def test_for_so_many_times(self, at_google: Google) -> None:
        at_google.faults.switch("revoke", 503, times=2)
        assert [revoke(at_google, "x") for _ in range(4)] == [503, 503, 400, 400]

    def test_in_a_given_order(self, at_google: Google) -> None:
        at_google.faults.script("revoke", [503, None, 429])
        assert [revoke(at_google, "x") for _ in range(5)] == [503, 400, 429, 400, 400]

    def test_by_chance_the_same_for_the_same_seed(self) -> None:
        def run(seed: int) -> list[Fault | None]:
            faults = Faults()
            faults.switch("revoke", 503, chance=0.2, seed=seed)
            return [faults.meet("revoke")[0] for _ in range(500)]

        assert run(7) == run(7) != run(8)
        assert 60 <= sum(fault == 503 for fault in run(7)) <= 140

    def test_of_one_endpoint_or_of_all(self, at_google: Google, app: Program) -> None:
        at_google.faults.switch("revoke", 503)
        assert app.connect()["access_token"]
        at_google.faults.switch("*", 502)
        assert revoke(at_google, "x") == 503
        assert app.token(grant_type="refresh_token").status == 502
        assert send("GET", at_google.resource_url, headers=bearer("x")).status == 502

    def test_so_slowly_that_a_client_gives_up_before_anything_is_done(self, at_google: Google, app: Program) -> None:
        token = app.connect()["access_token"]
        at_google.faults.slow("revoke", 3600)
        with pytest.raises(TimeoutError):
            send("POST", at_google.revoke_url, {"token": token}, timeout=0.2)
        assert len(at_google.live_grants()) == 1
        at_google.faults.slow("revoke", 0.01)
        assert revoke(at_google, token) == 200
        at_google.faults.mend("revoke")
        assert at_google.faults.meet("revoke") == (None, 0.0)

    def test_until_mended(self, at_google: Google) -> None:
        at_google.faults.switch("revoke", 503)
        at_google.faults.switch("token", 503)
        at_google.faults.script("userinfo", [500])
        at_google.faults.mend("revoke")
        assert revoke(at_google, "x") == 400
        assert at_google.faults.meet("token")[0] == 503
        at_google.faults.mend()
        assert [at_google.faults.meet(name)[0] for name in ("token", "userinfo")] == [None, None]

    @pytest.mark.parametrize("fault", ["", "explode", "503"])
    def test_a_fault_there_is_not_is_an_error_of_the_test(self, fault: str) -> None:
        with pytest.raises(KeyError):
            Faults().switch("revoke", fault)
        with pytest.raises(KeyError):
            Faults().script("revoke", [None, fault])

    @given(st.lists(st.sampled_from([None, 500, 503, *FAULTS])), st.integers(0, 5))
    def test_a_script_is_met_once_in_its_order(self, script: list[Fault | None], more: int) -> None:
        faults = Faults()
        faults.script("token", script)
        met = [faults.meet("token")[0] for _ in range(len(script) + more)]
        assert met == script + [None] * more

    def test_many_threads_use_up_a_limit_once(self) -> None:
        faults = Faults()
        faults.switch("token", 503, times=10)
        met: list[Fault | None] = []
        threads = [
            threading.Thread(target=lambda: met.extend(faults.meet("token")[0] for _ in range(50))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(fault == 503 for fault in met) == 10


def test_a_hanging_call_does_not_keep_the_server_from_ending() -> None:
    with Google() as provider:
        provider.faults.switch("revoke", "hang")
        address = provider.url.removeprefix("http://").split(":")
        client = socket.create_connection((address[0], int(address[1])), timeout=30)
        client.sendall(b"POST /revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        deadline = time.monotonic() + 30
        while not provider.count("revoke") and time.monotonic() < deadline:
            time.sleep(0.01)
        assert provider.count("revoke") == 1
    with client:
        try:
            assert client.recv(1) == b""
        except ConnectionResetError:
            assert provider.closing.is_set()


def test_the_pages_can_fail_too(at_dropbox: Dropbox) -> None:
    app = Program(at_dropbox, at_dropbox.client, "files.metadata.read")
    at_dropbox.faults.switch("consent", "lost", times=1)
    with pytest.raises((HTTPException, OSError)):
        app.code()
    assert len(at_dropbox.grants) == 1  # allowed, but the browser never learnt the code
    assert at_dropbox.live_grants() == []
