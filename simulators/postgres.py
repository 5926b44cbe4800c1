"""Run a private PostgreSQL server for tests and benchmarks: own data, own socket, no network.

The binaries are the system's (Debian: ``apt-get install postgresql``). The server refuses to
run as root, so a root caller lends it an unprivileged account. Durability is off: the data
is thrown away.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "wherry"
START_LIMIT = 60.0
STOP_LIMIT = 10.0
POLL = 0.02
_PR_SET_PDEATHSIG = 1
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")


class PostgresMissing(RuntimeError):
    """No PostgreSQL server can be run here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, reachable through the socket in *folder* by whoever may enter it."""

    folder: Path
    pid: int

    def url(self, database: str = "postgres") -> str:
        """Return the address of *database* as SQLAlchemy writes it."""
        return f"postgresql+psycopg://{ACCOUNT}@/{database}?host={self.folder}"

    def execute(self, sql: str) -> None:
        """Run one administrative statement."""
        import psycopg

        with psycopg.connect(host=str(self.folder), user=ACCOUNT, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.encode())

    @contextlib.contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """Create a database for the block and yield its name; connections still open then are cut."""
        name = f"db_{uuid4().hex}"
        self.execute(f"create database {name} template {template}")
        try:
            yield name
        finally:
            self.execute(f"drop database {name} with (force)")


def binaries() -> Path:
    """Return the folder of the newest server installed. Raises ``PostgresMissing``."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: float(path.parts[-3]) if path.parts[-3].replace(".", "").isdigit() else 0,
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path is None or shutil.which("initdb", path=str(Path(on_path).parent)) is None:
        raise PostgresMissing("no postgres and initdb under /usr/lib/postgresql or on the PATH")
    return Path(on_path).parent


@contextlib.contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Run a server in a temporary folder until the block, or this process, ends. Raises ``PostgresMissing``."""
    programs = binaries()
    user = _account() if os.geteuid() == 0 else None
    # Short, because a socket's path has room for 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="wherry-pg-", dir="/tmp"))
    try:
        if user is not None:
            os.chown(folder, user, -1)
        _initialise(programs, folder, user)
        process = _start(programs, folder, user)
        try:
            _await_ready(process, folder)
            yield PostgresServer(folder, process.pid)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> int:
    """Return the unprivileged account that root lends to the server."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise PostgresMissing("running as root, and there is no account 'postgres' or 'nobody' for the server")


def _initialise(programs: Path, folder: Path, user: int | None) -> None:
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", ACCOUNT, "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise PostgresMissing(f"initdb failed: {done.stderr[-500:]}")


def _start(programs: Path, folder: Path, user: int | None) -> subprocess.Popen[bytes]:
    settings = [word for setting in _FAST for word in ("-c", setting)]
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            command,
            user=user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=_stop_with_parent(),  # noqa: PLW1509 - one prctl call, nothing that takes a lock
        )


def _stop_with_parent() -> Callable[[], None]:
    """Return a function for the child: shut down at once when the thread that started it ends (prctl(2))."""
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT) and None


def _await_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until the server's own status file says ready (storage/file-layout: postmaster.pid, line 8)."""
    status = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
            raise PostgresMissing(f"the server ended at once: {log[-500:]}")
        with contextlib.suppress(FileNotFoundError):
            lines = status.read_text(encoding="utf-8").splitlines()
            if lines and lines[-1].strip() == "ready":
                return
        time.sleep(POLL)
    raise PostgresMissing(f"the server was not ready after {START_LIMIT:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Shut down without waiting for clients (SIGINT: fast shutdown)."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_LIMIT)
