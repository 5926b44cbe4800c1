"""Run real CalDAV and CardDAV servers (Radicale, Xandikos) on loopback, one process each.

Linux only: a server counts as ready when /proc says that *its* process holds the listening
socket, so an answer from somebody else's server on the same port is never mistaken for ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEFAULT_PASSWORD = "open sesame"
HOST = "127.0.0.1"
START_LIMIT = 60.0
STOP_LIMIT = 5.0
ATTEMPTS = 8
POLL = 0.01
_PR_SET_PDEATHSIG = 1
_LISTEN = "0A"


class ServerDied(RuntimeError):
    """The server ended before it listened; the message carries its log."""


@dataclass(frozen=True, slots=True)
class DavServer:
    """A running server and one account on it; every URL is absolute and ends with a slash."""

    name: str
    url: str
    username: str
    password: str
    calendars_home: str
    contacts_home: str
    pid: int
    folder: Path

    @property
    def store(self) -> Path:
        """Return the folder below which the account's collections lie on disk."""
        root = self.folder / "collection-root" if self.name == "radicale" else self.folder / "data"
        return root / self.username


@contextlib.contextmanager
def radicale(folder: Path, *, username: str = "ana", password: str = DEFAULT_PASSWORD) -> Iterator[DavServer]:
    """Run Radicale on `folder` with one account behind Basic authentication.

    Calendars and address books share one home, `/<username>/`. A folder that was served before
    keeps its collections.
    """
    folder.mkdir(parents=True, exist_ok=True)
    users = folder / "users"
    users.write_text(f"{username}:{password}\n", encoding="utf-8")
    config = folder / "radicale.conf"
    config.write_text(_radicale_config(folder, users), encoding="utf-8")
    (folder / "collection-root" / username).mkdir(parents=True, exist_ok=True)

    def command(port: int) -> list[str]:
        return ["radicale", "--config", str(config), "--server-hosts", f"{HOST}:{port}"]

    with _running(command, folder) as (pid, port):
        base = f"http://{HOST}:{port}/"
        home = f"{base}{quote(username)}/"
        yield DavServer("radicale", base, username, password, home, home, pid, folder)


@contextlib.contextmanager
def radicale_with_bearer(
    folder: Path, *, introspect_url: str, client: str, secret: str, username: str, scope: str = "calendars"
) -> Iterator[DavServer]:
    """Run Radicale on `folder` behind bearer tokens; `username` is the subject the tokens are of.

    Each request's token is asked about at `introspect_url` (RFC 7662) with the resource server's
    `client` and `secret`; it must be live and hold `scope`. Otherwise 401 with a Bearer challenge, or
    403; 503 when the identity provider cannot be asked. No password opens anything.
    """
    (folder / "collection-root" / username).mkdir(parents=True, exist_ok=True)
    settings = folder / "introspection.json"
    settings.touch(mode=0o600)
    said = {"url": introspect_url, "client": client, "secret": secret, "scope": scope}
    settings.write_text(json.dumps(said), encoding="utf-8")

    def command(port: int) -> list[str]:
        return ["simulators.bearer_dav", "--folder", str(folder), "--port", str(port), "--settings", str(settings)]

    with _running(command, folder) as (pid, port):
        base = f"http://{HOST}:{port}/"
        home = f"{base}{quote(username)}/"
        yield DavServer("radicale", base, username, "", home, home, pid, folder)


@contextlib.contextmanager
def xandikos(folder: Path, *, username: str = "ana", password: str = DEFAULT_PASSWORD) -> Iterator[DavServer]:
    """Run Xandikos on `folder` with one principal, `/<username>/`.

    Xandikos authenticates nobody on plain HTTP: it ignores any credentials and names the same
    current-user-principal to everyone. The password is kept only so that clients can send one.
    """
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    principal = f"/{username}/"

    def command(port: int) -> list[str]:
        known = (data / username).exists()
        return [
            *("xandikos.web", "--directory", str(data), "--state-dir", str(folder / "state")),
            *("--listen-address", HOST, "--port", str(port)),
            *("--current-user-principal", principal),
            *(() if known else ("--autocreate",)),
        ]

    with _running(command, folder) as (pid, port):
        base = f"http://{HOST}:{port}/"
        home = f"{base}{quote(username)}/"
        yield DavServer("xandikos", base, username, password, f"{home}calendars/", f"{home}contacts/", pid, folder)


SERVERS = {"radicale": radicale, "xandikos": xandikos}


def _radicale_config(folder: Path, users: Path) -> str:
    return f"""[server]
max_connections = 64
[auth]
type = htpasswd
htpasswd_filename = {users}
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}
[logging]
level = warning
"""


@contextlib.contextmanager
def _running(command: Callable[[int], list[str]], folder: Path) -> Iterator[tuple[int, int]]:
    """Yield (pid, port) of `python -m <command>`; end the process with the block, or with us."""
    process, port = _start(command, folder)
    try:
        yield process.pid, port
    finally:
        _stop(process)


def _start(command: Callable[[int], list[str]], folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start until one process listens; another program may take a free port before ours does."""
    log, last_words = folder / "server.log", ""
    for _ in range(ATTEMPTS):
        port = _free_port()
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command(port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one prctl call, nothing that takes a lock
            )
        try:
            if _listens(process, port):
                return process, port
        except BaseException:
            _stop(process)
            raise
        if "already in use" not in (last_words := _tail(log)):
            break
    raise ServerDied(last_words)


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _die_with_parent() -> Callable[[], None]:
    """Return a function for the child: be killed when the thread that started it ends (prctl(2))."""
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) and None


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until `process` itself listens on `port`; False when it ended before."""
    deadline = time.monotonic() + START_LIMIT
    while process.poll() is None:
        if _listeners(port) & _sockets(process.pid):
            return True
        if time.monotonic() > deadline:
            msg = f"pid {process.pid} does not listen on {HOST}:{port} after {START_LIMIT:.0f} s"
            raise TimeoutError(msg)
        time.sleep(POLL)
    return False


def _listeners(port: int) -> set[str]:
    """Return the inodes of the sockets listening on `port` (proc_net_tcp: columns 1, 3 and 9)."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    return {row[9] for row in rows if row[3] == _LISTEN and row[1].endswith(f":{port:04X}")}


def _sockets(pid: int) -> set[str]:
    """Return the inodes of the sockets a process holds; empty when it is gone."""
    links = set()
    with contextlib.suppress(FileNotFoundError, PermissionError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                links.add(str(entry.readlink()))
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted: `python -m simulators.davservers radicale --folder X`."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m simulators.davservers")
    parser.add_argument("server", choices=sorted(SERVERS))
    parser.add_argument("--folder", type=Path, required=True, help="where the server keeps its data")
    parser.add_argument("--username", default="ana")
    parser.add_argument("--password", default=DEFAULT_PASSWORD)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        contextlib.suppress(KeyboardInterrupt),
        SERVERS[options.server](options.folder, username=options.username, password=options.password) as server,
    ):
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
