"""Show all of it with made-up data: two real servers on this machine, no account needed.

Every command is shown as a person would type it, then run as it stands. The servers, the
copy and the settings live in a temporary folder; only the report is kept, in the folder
named on the command line or in ``.wherry-demo``.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from simulators.davservers import DavServer, radicale, xandikos
from simulators.davstores import fill
from simulators.pimdata import contacts, edited, events, todos

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".wherry-demo"
WHERRY = Path(sys.executable).parent / "wherry"

EVENTS, TODOS, PEOPLE, EDITED = 100, 20, 60, 3


class Surprise(Exception):
    """A command ended in another way than the story says."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where the story is told: types commands in *folder* and shows what they answer."""

    folder: Path

    def say(self, text: str) -> None:
        """Tell what happens next."""
        print(f"\n# {text}", flush=True)

    def type(self, line: str, *, expect: int = 0) -> None:
        """Show a command line, run it, show its exit code. Raises Surprise when that is not *expect*."""
        print(f"\n$ {line}", flush=True)
        done = subprocess.run(
            [str(WHERRY), *shlex.split(line)[1:]], cwd=self.folder, env=self._environment(), check=False
        )
        print(f"  exit code {done.returncode}", flush=True)
        if done.returncode != expect:
            raise Surprise(f"{line}: exit code {done.returncode} in place of {expect}")

    def jobs(self) -> dict[str, str]:
        """Return the id of the job of each kind, as a program would ask for it."""
        asked = [str(WHERRY), "jobs", "--json"]
        answer = subprocess.run(asked, cwd=self.folder, env=self._environment(), check=True, capture_output=True)
        lines = [json.loads(line) for line in answer.stdout.splitlines()]
        return {line["kind"]: line["job"] for line in reversed(lines) if "kind" in line and "job" in line}

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WHERRY_")}
        return kept | {"HOME": str(self.folder), "WHERRY_HOME": str(self.folder / "settings")}


def furnish(server: DavServer) -> dict[str, str]:
    """Fill a server as if somebody had lived there for years; return each collection's URL."""
    return {
        "family": fill(server, "family", events(EVENTS), kind="calendar", title="Family"),
        "tasks": fill(server, "tasks", todos(TODOS), kind="calendar", title="Tasks"),
        "friends": fill(server, "friends", contacts(PEOPLE), kind="contacts", title="Friends"),
    }


def live_on(server: DavServer, collections: dict[str, str]) -> None:
    """Change three events, add one person, delete one task: what happens between two backups."""
    for uid, body in islice(events(EVENTS), EDITED):
        _send(server, "PUT", f"{collections['family']}{uid}.ics", edited(body, 1))
    *_, (uid, body) = contacts(PEOPLE + 1)
    _send(server, "PUT", f"{collections['friends']}{uid}.vcf", body)
    uid, _ = next(todos(TODOS))
    _send(server, "DELETE", f"{collections['tasks']}{uid}.ics")


def _send(server: DavServer, method: str, url: str, body: bytes | None = None) -> None:
    kind = "text/vcard" if url.endswith(".vcf") else "text/calendar"
    access = base64.b64encode(f"{server.username}:{server.password}".encode()).decode()
    headers = {"Authorization": f"Basic {access}", "Content-Type": kind}
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - our own server on loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        answer.read()


def tell(terminal: Terminal, source: DavServer, target: DavServer) -> None:
    """Tell the story. Raises Surprise when a command does not end as it should."""
    terminal.say("Two accounts: an old one at Radicale, with years in it, and a new, empty one at Xandikos.")
    collections = furnish(source)
    for name, server in (("old", source), ("new", target)):
        (terminal.folder / f"{name}.password").write_text(f"{server.password}\n", encoding="utf-8")
        terminal.type(
            f"wherry connect dav --name {name} --url {server.url} --username {server.username}"
            f" --password-file {name}.password --allow-private"
        )
    terminal.say("A first backup: everything into a folder, one file per item.")
    terminal.type("wherry backup dav:old --to ~/pim")
    terminal.say(f"Life goes on: {EDITED} events change, a person is added, a task is deleted. Only that is fetched.")
    live_on(source, collections)
    terminal.type("wherry backup dav:old --to ~/pim")
    terminal.say("From one account into the other: first what would happen, then for real, then the proof.")
    terminal.type("wherry migrate dav:old --to dav:new --dry-run")
    terminal.type("wherry migrate dav:old --to dav:new")
    job = terminal.jobs()["migrate"]
    terminal.type(f"wherry verify {job}")
    terminal.type(f"wherry report {job} --html report.html")
    terminal.say("The door closes behind us.")
    for name in ("old", "new"):
        terminal.type(f"wherry disconnect {name}")


def main(arguments: list[str]) -> int:
    """Set the stage, tell the story, clear the stage; return how the process should end."""
    kept = Path(arguments[0]) if arguments else KEPT
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wherry-demo-") as name, contextlib.ExitStack() as stage:
        folder = Path(name)
        source = stage.enter_context(radicale(folder / "radicale"))
        target = stage.enter_context(xandikos(folder / "xandikos"))
        try:
            tell(Terminal(folder), source, target)
        except Surprise as surprise:
            print(f"\nThe demo did not go as it should: {surprise}", file=sys.stderr)
            return 1
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "report.html", kept)
    print(
        f"\nDone in {time.monotonic() - began:.0f} s; everything made up is gone. The report stays: {kept}/report.html"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
