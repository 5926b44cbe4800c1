"""The real servers start, know their account, answer, and end, also when something goes wrong."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from simulators import davservers
from simulators.davservers import DEFAULT_PASSWORD, SERVERS, DavServer, ServerDied
from tests.simulators.dav import CALDAV, CARDDAV, DAV, ask, propfind

pytestmark = pytest.mark.server
ROOT = Path(davservers.__file__).parent.parent
MKCALENDAR = b'<C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>'


def until(condition: Callable[[], bool], *, within: float = 30.0) -> bool:
    """Poll; say whether the condition came true in time."""
    deadline = time.monotonic() + within
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return met


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_urls_are_absolute_and_end_with_a_slash(server: DavServer) -> None:
    for url in (server.url, server.calendars_home, server.contacts_home):
        parts = urllib.parse.urlsplit(url)
        assert (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
        assert parts.port
        assert url.endswith("/")
        assert url.startswith(server.url)


def test_the_server_names_the_principal(server: DavServer) -> None:
    answer = propfind(server, server.url, f"{DAV}current-user-principal")
    assert answer.status == 207
    assert answer.hrefs(f"{DAV}current-user-principal") == ["/ana/"]


@pytest.mark.parametrize(
    ("name", "home"),
    [(f"{CALDAV}calendar-home-set", "calendars_home"), (f"{CARDDAV}addressbook-home-set", "contacts_home")],
    ids=["calendars", "contacts"],
)
def test_the_principal_names_its_homes_and_they_exist(server: DavServer, name: str, home: str) -> None:
    url: str = getattr(server, home)
    assert propfind(server, f"{server.url}ana/", name).hrefs(name) == [urllib.parse.urlsplit(url).path]
    assert propfind(server, url, f"{DAV}resourcetype").status == 207


def test_the_pid_is_the_servers_own(server: DavServer) -> None:
    command = Path(f"/proc/{server.pid}/cmdline").read_text(encoding="utf-8")
    assert server.name in command
    assert str(server.folder) in command


def test_a_calendar_can_be_made_and_an_item_put(server: DavServer) -> None:
    url = f"{server.calendars_home}made/"
    assert ask(server, "MKCALENDAR", url, MKCALENDAR).status == 201
    event = b"BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20240101T000000Z\r\nDTSTART:20240102T000000Z\r\nEND:VEVENT\r\n"
    body = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + event + b"END:VCALENDAR\r\n"
    assert ask(server, "PUT", f"{url}a.ics", body).status in {201, 204}
    assert b"UID:a" in ask(server, "GET", f"{url}a.ics").body


@pytest.mark.parametrize("login", [("", ""), ("ana", "wrong"), ("eve", DEFAULT_PASSWORD)], ids=["none", "bad", "other"])
def test_radicale_refuses_and_xandikos_ignores_foreign_credentials(server: DavServer, login: tuple[str, str]) -> None:
    status = ask(server, "PROPFIND", f"{server.url}ana/", login=login).status
    assert status == 207 if server.name == "xandikos" else status in {401, 403}


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_username_and_password_are_free(name: str, tmp_path: Path) -> None:
    with SERVERS[name](tmp_path, username="björn@example.org", password="a:b c") as running:
        assert running.calendars_home.startswith(f"{running.url}bj%C3%B6rn%40example.org/")
        answer = propfind(running, running.calendars_home, f"{DAV}resourcetype")
        assert answer.status == 207


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_a_folder_served_again_keeps_its_collections(name: str, tmp_path: Path) -> None:
    with SERVERS[name](tmp_path) as running:
        assert ask(running, "MKCALENDAR", f"{running.calendars_home}kept/", MKCALENDAR).status == 201
        first = running.pid
    assert not alive(first)
    with SERVERS[name](tmp_path) as running:
        answer = propfind(running, f"{running.calendars_home}kept/", f"{DAV}resourcetype")
        assert answer.xml.find(f".//{CALDAV}calendar") is not None


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_an_error_in_the_block_still_ends_the_server(name: str, tmp_path: Path) -> None:
    pids = []

    def fail() -> None:
        with SERVERS[name](tmp_path) as running:
            pids.append(running.pid)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not alive(pids[0])


def test_a_server_that_was_killed_is_no_trouble_at_the_end(tmp_path: Path) -> None:
    with SERVERS["radicale"](tmp_path) as running:
        os.kill(running.pid, signal.SIGKILL)
    assert not alive(running.pid)


def test_a_server_that_cannot_start_says_why_at_once(tmp_path: Path) -> None:
    tries: list[int] = []

    def command(port: int) -> list[str]:
        tries.append(port)
        return ["radicale", "--config", str(tmp_path / "missing.conf"), "--no-such-option"]

    with pytest.raises(ServerDied, match="no-such-option"), davservers._running(command, tmp_path):
        pytest.fail("it listens")
    assert len(tries) == 1


def test_a_port_somebody_else_took_is_no_obstacle(tmp_path: Path) -> None:
    config = tmp_path / "conf"
    config.write_text("[auth]\ntype = none\n[storage]\nfilesystem_folder = " + str(tmp_path), encoding="utf-8")
    ports: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:

        def command(port: int) -> list[str]:
            ports.append(port if ports else taken.getsockname()[1])
            return ["radicale", "--config", str(config), "--server-hosts", f"127.0.0.1:{ports[-1]}"]

        with davservers._running(command, tmp_path) as (pid, port):
            assert port == ports[-1] != ports[0]
            assert len(ports) == 2
            assert alive(pid)


def test_servers_can_run_side_by_side(tmp_path: Path) -> None:
    found: list[str] = []

    def serve(number: int) -> None:
        with SERVERS["radicale"](tmp_path / str(number)) as running:
            barrier.wait(60)
            found.append(running.url)
            assert propfind(running, running.url, f"{DAV}resourcetype").status == 207

    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=serve, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2


class TestCommandLine:
    def start(self, folder: Path, name: str = "radicale") -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "simulators.davservers", name, "--folder", str(folder)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def child(self, folder: Path) -> int:
        """Return the pid of the server that serves `folder`."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if b"--config" in words and str(folder).encode() in b" ".join(words):
                    return int(entry.name)
        return 0

    @pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
    def test_it_prints_the_url_and_runs_until_told_to_end(self, tmp_path: Path, ending: signal.Signals) -> None:
        with self.start(tmp_path) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert urllib.parse.urlsplit(url).port
            pid = self.child(tmp_path)
            assert alive(pid)
            process.send_signal(ending)
            assert process.wait(30) == 0
        assert not alive(pid)

    def test_the_server_dies_with_a_parent_that_had_no_time_to_end_it(self, tmp_path: Path) -> None:
        with self.start(tmp_path) as process:
            assert process.stdout is not None
            process.stdout.readline()
            pid = self.child(tmp_path)
            assert alive(pid)
            process.kill()
            process.wait(30)
        assert until(lambda: not alive(pid))
