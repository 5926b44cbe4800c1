"""The stand-in DAV server is a fair server until told otherwise: an independent client gets along with it."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from simulators.dav_auth import Login
from simulators.dav_faults import FAULTS, Faults
from simulators.dav_store import CALENDAR, Shelf
from simulators.faulty_dav import FaultyDav, sample


@pytest.fixture
def server() -> Iterator[FaultyDav]:
    with FaultyDav() as running:
        yield running


def ask(server: FaultyDav, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{server.origin}{path}", body or None, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_an_independent_client_gets_along(server: FaultyDav) -> None:
    import caldav

    server.store.make(CALENDAR, "work").put("1.ics", sample(CALENDAR, 1))
    with caldav.DAVClient(server.url, username="ana", password="x") as client:
        (calendar,) = caldav.Principal(client).calendars()
        assert calendar.name == "work"
        assert calendar.event_by_url(f"{server.origin}/dav/calendars/work/1.ics").data.count("BEGIN:VEVENT") == 1


def test_conditions_are_kept(server: FaultyDav) -> None:
    server.store.make(CALENDAR, "work")
    path = "/dav/calendars/work/1.ics"
    assert ask(server, "PUT", path, b"x", If_Match="*")[0] == 412
    assert ask(server, "PUT", path, b"x", If_None_Match="*")[0] == 201
    assert ask(server, "PUT", path, b"y", If_None_Match="*")[0] == 412
    assert ask(server, "DELETE", path, If_Match='"other"')[0] == 412
    assert ask(server, "GET", path) == (200, b"x")
    assert ask(server, "DELETE", path)[0] == 204
    assert ask(server, "GET", path)[0] == 404
    assert server.paths("DELETE") == [path, path]
    assert server.count("PUT") == 3
    assert server.count() == 7


def test_history_tells_what_changed() -> None:
    shelf = Shelf("/x/", CALENDAR)
    shelf.put("a", b"1")
    before = shelf.version
    shelf.put("b", b"1")
    shelf.put("a", b"2")
    shelf.delete("b")
    assert shelf.since(before) == {"b": False, "a": True}
    assert shelf.since(shelf.version) == {}


def test_the_same_bytes_again_have_another_etag() -> None:
    shelf = Shelf("/x/", CALENDAR)
    assert shelf.put("a", b"1").etag != shelf.put("a", b"1").etag


def test_faults_are_named_and_can_be_used_up() -> None:
    faults = Faults()
    with pytest.raises(KeyError):
        faults.switch("no-such-fault")
    faults.switch("cut", 5, times=2)
    assert [faults.value("cut") for _ in range(3)] == [5, 5, None]
    faults.switch("cut", 5)
    faults.switch("reset")
    faults.mend("reset")
    assert "cut" in faults
    assert "reset" not in faults
    faults.mend()
    assert "cut" not in faults
    assert all(FAULTS.values())


@pytest.mark.parametrize("scheme", ["basic", "digest", "bearer"])
def test_nobody_comes_in_without_a_login(scheme: str) -> None:
    with FaultyDav(login=Login(scheme)) as server:
        assert ask(server, "GET", "/")[0] == 401
        assert ask(server, "GET", "/", Authorization="Basic eDp5")[0] == 401
    assert Login("bearer", password="t").admits("GET", "Bearer t")


def test_a_reset_is_a_reset(server: FaultyDav) -> None:
    server.faults.switch("reset")
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        ask(server, "GET", "/")


def test_it_runs_by_hand() -> None:
    command = [sys.executable, "-m", "simulators.faulty_dav", "--items", "2", "--fault", "listing-507=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            url = running.stdout.readline().strip()
            host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
            socket.create_connection((host, int(port)), timeout=5).close()
        finally:
            running.terminate()
