"""Show all of it with made-up data: real servers on this machine, no account needed.

The old account gives access on a page of its provider, the new one by a password; then contacts
and calendars come from a stand-in for Google. Every command is shown as a person would type it,
then run as it stands; where the person would click in a browser, a few lines of Python do. The
servers, the copies and the settings live in a temporary folder; only the report is kept, in the
folder named on the command line or in ``.wherry-demo``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from simulators.davservers import DavServer, radicale_with_bearer, xandikos
from simulators.davstores import fill
from simulators.google import Service, google
from simulators.identity.generic import Generic, generic
from simulators.identity.google import CLIENTS, Google
from simulators.pimdata import contacts, edited, events, todos

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".wherry-demo"
WHERRY = Path(sys.executable).parent / "wherry"

EVENTS, TODOS, PEOPLE, EDITED = 100, 20, 60, 3
GOOGLE_PEOPLE, GOOGLE_EVENTS = 20, 40
PERSON = "ana@example.org"

CLICKS = """\
#!{python}
# The person in front of the browser: signs in, and presses "Allow".
import sys
sys.path.insert(0, {root!r})
from simulators.identity.browser import approve
approve(sys.argv[1], user={person!r}, follow=True)
"""


class Surprise(Exception):
    """A command ended in another way than the story says."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where the story is told: types commands in *folder* and shows what they answer."""

    folder: Path

    def say(self, text: str) -> None:
        """Tell what happens next."""
        print(f"\n# {text}", flush=True)

    def type(self, line: str, *, answer: str = "", expect: int = 0) -> None:
        """Show a command line, run it, show its exit code; *answer* is typed when it asks.

        Raises Surprise when the exit code is not *expect*.
        """
        print(f"\n$ {line}", flush=True)
        words = [str(WHERRY), *shlex.split(line)[1:]]
        done = subprocess.run(
            words, cwd=self.folder, env=self._environment(), check=False, input=f"{answer}\n", text=True
        )
        print(f"  exit code {done.returncode}", flush=True)
        if done.returncode != expect:
            raise Surprise(f"{line}: exit code {done.returncode} in place of {expect}")

    def newest(self) -> str:
        """Return the id of the newest job."""
        return next(iter(self._jobs()))["job"]

    def jobs(self) -> dict[str, str]:
        """Return the id of the first job of each kind, as a program would ask for it."""
        return {line["kind"]: line["job"] for line in reversed(self._jobs()) if "kind" in line and "job" in line}

    def _jobs(self) -> list[dict[str, str]]:
        asked = [str(WHERRY), "jobs", "--json"]
        answer = subprocess.run(asked, cwd=self.folder, env=self._environment(), check=True, capture_output=True)
        return [json.loads(line) for line in answer.stdout.splitlines()]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WHERRY_")}
        browser = {"BROWSER": f"{self.folder / 'browser'} %s"}
        return kept | browser | {"HOME": str(self.folder), "WHERRY_HOME": str(self.folder / "settings")}


def furnish(server: DavServer) -> dict[str, str]:
    """Fill a server as if somebody had lived there for years; return each collection's URL."""
    return {
        "family": fill(server, "family", events(EVENTS), kind="calendar", title="Family"),
        "tasks": fill(server, "tasks", todos(TODOS), kind="calendar", title="Tasks"),
        "friends": fill(server, "friends", contacts(PEOPLE), kind="contacts", title="Friends"),
    }


def live_on(server: DavServer) -> None:
    """Change three events, add one person, delete one task: what happens between two backups."""
    for uid, body in islice(events(EVENTS), EDITED):
        (server.store / "family" / f"{uid}.ics").write_bytes(edited(body, 1))
    *_, (uid, body) = contacts(PEOPLE + 1)
    (server.store / "friends" / f"{uid}.vcf").write_bytes(body)
    uid, _ = next(todos(TODOS))
    (server.store / "tasks" / f"{uid}.ics").unlink()


def tell(terminal: Terminal, provider: Generic, source: DavServer, target: DavServer) -> None:
    """Tell the story. Raises Surprise when a command does not end as it should."""
    terminal.say("Two accounts: an old one at Radicale, with years in it, and a new, empty one at Xandikos.")
    furnish(source)
    terminal.say("The old account's provider is asked in a browser. Wherry never sees the password.")
    terminal.type(
        f"wherry connect dav --name old --url {source.url} --allow-private --provider oauth --issuer {provider.issuer}"
        f" --client-id {provider.client.id} --scope calendars --scope contacts --scope offline_access",
        answer="yes",
    )
    terminal.say("A first backup: everything into a folder, one file per item. Then the access ends, with proof.")
    terminal.type("wherry backup dav:old --to ~/pim")
    terminal.type("wherry accounts")
    ended(provider)
    terminal.say(f"Life goes on: {EDITED} events change, a person is added, a task is deleted. Only that is fetched.")
    live_on(source)
    terminal.type("wherry connect dav --name old", answer="yes")
    terminal.type("wherry backup dav:old --to ~/pim --keep-access")
    terminal.say("From one account into the other: first what would happen, then for real, then the proof.")
    (terminal.folder / "new.password").write_text(f"{target.password}\n", encoding="utf-8")
    terminal.type(
        f"wherry connect dav --name new --url {target.url} --username {target.username}"
        " --password-file new.password --allow-private"
    )
    terminal.type("wherry migrate dav:old --to dav:new --dry-run")
    terminal.type("wherry migrate dav:old --to dav:new")
    job = terminal.jobs()["migrate"]
    terminal.type(f"wherry verify {job}")
    terminal.type(f"wherry report {job} --html report.html")
    terminal.say("The door closes behind us.")
    terminal.type("wherry disconnect old")
    ended(provider)


def tell_of_google(terminal: Terminal, service: Service) -> None:
    """Tell how contacts and calendars leave Google. Raises Surprise when a command does not end as it should."""
    terminal.say("Now from Google (a stand-in with its rules): only reading is asked for, said in plain words.")
    at = f"--url {service.url} --allow-private"
    terminal.type(f"wherry connect google-contacts --name people {at}", answer="yes")
    terminal.type(f"wherry connect google-calendar --name dates {at}", answer="yes")
    terminal.say("Into a folder and into the new account, judged part by part when read back.")
    terminal.type("wherry backup google-contacts --to ~/google")
    terminal.type("wherry migrate google-contacts --to carddav:new")
    terminal.type("wherry backup google-calendar --to ~/google --keep-access")
    terminal.type("wherry migrate google-calendar --to caldav:new --dry-run")
    terminal.type("wherry migrate google-calendar --to caldav:new --keep-access")
    terminal.type(f"wherry verify {terminal.newest()}")
    terminal.say("Google ends a person's access as a whole: the contacts' as well, when nothing needs it any more.")
    terminal.type("wherry disconnect dates")
    ended(service.identity)
    terminal.type("wherry disconnect new")
    terminal.type("wherry accounts")


def tell_the_reviewer(terminal: Terminal) -> None:
    """Hand out the audit log. Raises Surprise."""
    terminal.say("What was done, signed: a reviewer needs this file, its key and one small program.")
    terminal.type("wherry audit export log.jsonl")
    terminal.type("wherry audit verify log.jsonl --pubkey log.jsonl.pub")


def register(folder: Path, identity: Google) -> None:
    """Write into the settings what an operator would: the program that asks at Google, and where Google is."""
    settings = folder / "settings"
    settings.mkdir(mode=0o700)
    (settings / "google.secret").write_text(f"{CLIENTS[0].secret}\n", encoding="utf-8")
    lines = {
        "client_id": CLIENTS[0].id,
        "client_secret_file": settings / "google.secret",
        "authorize_url": identity.authorize_url,
        "token_url": identity.token_url,
        "revoke_url": identity.revoke_url,
        "issuer": identity.url,
    }
    text = "".join(f'{name} = "{value}"\n' for name, value in lines.items())
    (settings / "settings.toml").write_text(f"[providers.google]\n{text}", encoding="utf-8")


def ended(provider: Generic | Google) -> None:
    """Ask the provider itself whether anybody still has access. Raises Surprise."""
    left = len(provider.live_grants())
    print(f"\n# The provider says: {left} of the accesses it ever gave still stand.", flush=True)
    if left:
        raise Surprise(f"{left} accesses still stand at the provider")


def main(arguments: list[str]) -> int:
    """Set the stage, tell the story, clear the stage; return how the process should end."""
    kept = Path(arguments[0]) if arguments else KEPT
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wherry-demo-") as name, contextlib.ExitStack() as stage:
        folder = Path(name)
        browser = folder / "browser"
        browser.write_text(CLICKS.format(python=sys.executable, root=str(ROOT), person=PERSON), encoding="utf-8")
        browser.chmod(0o700)
        provider = stage.enter_context(generic())
        server = provider.book.clients["secret-client"]
        source = stage.enter_context(
            radicale_with_bearer(
                folder / "radicale",
                introspect_url=provider.introspect_url,
                client=server.id,
                secret=server.secret,
                username=PERSON,
            )
        )
        target = stage.enter_context(xandikos(folder / "xandikos"))
        identity = stage.enter_context(Google())
        service = stage.enter_context(google(people=GOOGLE_PEOPLE, events=GOOGLE_EVENTS, identity=identity))
        service.account.remove_calendar("someone.else@example.org")  # its owner shows only when they are busy
        register(folder, identity)
        terminal = Terminal(folder)
        try:
            tell(terminal, provider, source, target)
            tell_of_google(terminal, service)
            tell_the_reviewer(terminal)
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
