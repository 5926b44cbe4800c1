"""The three participants: how each is set up, and the one command that brings a folder up to date."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from benchmarks.dav.corpus import CALENDAR, CONTACTS, collection_url
from benchmarks.measure import ROOT, WORK, CommandFailed, environment

if TYPE_CHECKING:
    from simulators.davservers import DavServer

PEER = WORK / "vdirsyncer"


@dataclass(frozen=True, slots=True)
class Place:
    """One participant's own folder, and the server it reads (perhaps through a counting proxy)."""

    server: DavServer
    folder: Path

    @property
    def copy(self) -> Path:
        """Return the folder the items are copied to."""
        return self.folder / "copy"

    @property
    def log(self) -> Path:
        """Return the file that collects what the commands print."""
        return self.folder / "log"


class Client(Protocol):
    """A participant."""

    name: str
    durability: str

    def installed(self) -> bool:
        """Say whether it can run here."""

    def set_up(self, place: Place) -> None:
        """Do once, unmeasured, what a user does before the first copy."""

    def command(self, place: Place) -> list[str]:
        """Return the command that is measured."""

    def environment(self, _place: Place, /) -> dict[str, str]:
        """Return the environment of that command."""


class Raw:
    """The lower bound: benchmarks/dav/raw.py."""

    name = "raw"
    durability = "none: plain writes, no rename, no fsync"

    def installed(self) -> bool:
        """Say yes: it needs nothing but Python."""
        return True

    def set_up(self, place: Place) -> None:
        """Need nothing: it is told the collections' URLs."""

    def command(self, place: Place) -> list[str]:
        """Return the one command for both collections."""
        server = place.server
        urls = ("--calendar", collection_url(server, CALENDAR), "--contacts", collection_url(server, CONTACTS))
        account = ("--username", server.username, "--password", server.password)
        return [sys.executable, "-m", "benchmarks.dav.raw", *urls, *account, "--to", str(place.copy)]

    def environment(self, _place: Place) -> dict[str, str]:
        """Return an undisturbed environment."""
        return environment()


class Vdirsyncer:
    """The peer, in an environment of its own."""

    name = "vdirsyncer"
    durability = "temporary file and rename per item, no fsync; its state in one SQLite transaction"

    def installed(self) -> bool:
        """Say whether its environment was made (install_peer does)."""
        return (PEER / "bin" / "vdirsyncer").exists()

    def set_up(self, place: Place) -> None:
        """Write its configuration and let it discover the collections."""
        place.folder.mkdir(parents=True, exist_ok=True)
        self._config(place).write_text(_vdirsyncer_config(place), encoding="utf-8")
        _quietly([str(PEER / "bin" / "vdirsyncer"), "-c", str(self._config(place)), "discover"], place, environment())

    def command(self, place: Place) -> list[str]:
        """Return `vdirsyncer sync`."""
        return [str(PEER / "bin" / "vdirsyncer"), "-v", "WARNING", "-c", str(self._config(place)), "sync"]

    def environment(self, _place: Place) -> dict[str, str]:
        """Return an undisturbed environment."""
        return environment()

    def _config(self, place: Place) -> Path:
        return place.folder / "vdirsyncer.conf"


class Wherry:
    """Our product."""

    name = "wherry"
    durability = "temporary file and rename per item, one syncfs per page, then the page's commit"

    def installed(self) -> bool:
        """Say whether this tree has the two commands it takes."""
        probes = [[self._program(), command, "--help"] for command in ("connect", "backup")]
        return all(not subprocess.run(probe, check=False, capture_output=True).returncode for probe in probes)

    def set_up(self, place: Place) -> None:
        """Connect the account."""
        place.folder.mkdir(parents=True, exist_ok=True)
        secret = place.folder / "password"
        secret.write_text(place.server.password, encoding="utf-8")
        secret.chmod(0o600)
        account = ("--url", place.server.url, "--username", place.server.username, "--password-file", str(secret))
        connect = [self._program(), "connect", "dav", "--name", "bench", *account, "--allow-private"]
        _quietly(connect, place, self.environment(place))

    def command(self, place: Place) -> list[str]:
        """Return the backup command a user types."""
        return [self._program(), "backup", "dav:bench", "--to", str(place.copy)]

    def environment(self, place: Place) -> dict[str, str]:
        """Return an undisturbed environment with this place's own state."""
        return environment(WHERRY_HOME=str(place.folder / "home"))

    def _program(self) -> str:
        return str(Path(sys.executable).with_name("wherry"))


CLIENTS: tuple[Client, ...] = (Raw(), Vdirsyncer(), Wherry())


def install_peer() -> None:
    """Install vdirsyncer, compiled, into its own throw-away environment; needs uv and the network once."""
    uv = shutil.which("uv")
    if uv is None:
        msg = "installing vdirsyncer needs uv (https://docs.astral.sh/uv/)"
        raise RuntimeError(msg)
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(PEER)], check=True)
    python = str(PEER / "bin" / "python")
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, "vdirsyncer"]
    subprocess.run(install, check=True)


def _quietly(command: list[str], place: Place, env: dict[str, str]) -> None:
    with place.log.open("ab") as log:
        done = subprocess.run(command, check=False, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode:
        tail = place.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        msg = f"status {done.returncode} from {' '.join(command)}\n{tail}"
        raise CommandFailed(msg)


def _vdirsyncer_config(place: Place) -> str:
    """Return two pairs, calendars and contacts, in vdirsyncer's own format (values are JSON)."""
    parts = [f"[general]\nstatus_path = {json.dumps(str(place.folder / 'status'))}\n"]
    for kind, storage, suffix in ((CALENDAR, "caldav", ".ics"), (CONTACTS, "carddav", ".vcf")):
        parts.append(
            f"""
[pair {kind}]
a = "{kind}_server"
b = "{kind}_folder"
collections = ["bench-{kind}"]
conflict_resolution = "a wins"
implicit = "create"

[storage {kind}_server]
type = "{storage}"
url = {json.dumps(place.server.url)}
username = {json.dumps(place.server.username)}
password = {json.dumps(place.server.password)}

[storage {kind}_folder]
type = "filesystem"
path = {json.dumps(str(place.copy / kind))}
fileext = "{suffix}"
"""
        )
    return "".join(parts)
