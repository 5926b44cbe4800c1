"""The stage: the stand-in for Google, a server, and a home of Wherry that is connected to both."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.measure import ROOT, environment
from simulators.davservers import SERVERS
from simulators.google import google
from simulators.identity.browser import USER
from simulators.identity.google import CLIENTS, Google

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from simulators.davservers import DavServer
    from simulators.google import Service

CLOSED = "someone.else@example.org"
"""A calendar of the stand-in whose owner shows only when they are busy: nobody can copy it."""

ACCOUNTS = {"google-contacts": "people", "google-calendar": "dates"}
CLICKS = """\
#!{python}
import sys
sys.path.insert(0, {root!r})
from simulators.identity.browser import approve
approve(sys.argv[1], user={user!r}, follow=True)
"""


class NotReady(RuntimeError):
    """The stage could not be set; the message is what the command said."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Both sides, running and connected: ``google-contacts``, ``google-calendar`` and ``dav:new``."""

    google: Service
    server: DavServer
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every command."""
        browser = {"BROWSER": f"{self.folder / 'browser'} %s"}
        return {**environment(), **browser, "HOME": str(self.folder), "WHERRY_HOME": str(self.folder / "home")}

    def wherry(self, *words: str) -> list[str]:
        """Return the command that runs wherry with *words*."""
        return [sys.executable, "-m", "wherry", *words]

    def connect(self, words: Sequence[str], answer: str) -> None:
        """Connect an account. Raises ``NotReady``."""
        command = self.wherry("connect", *words, "--allow-private")
        environ = {**self.environ, "WHERRY_PASSWORD": self.server.password}
        done = subprocess.run(
            command, env=environ, input=answer, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
        )
        if done.returncode:
            raise NotReady(done.stderr)


@contextmanager
def staged(folder: Path, *, items: int, server: str) -> Iterator[Stage]:
    """Run both sides with *items* contacts and as many rows of events, and connect to them. Raises ``NotReady``."""
    with ExitStack() as stack:
        identity = stack.enter_context(Google())
        service = stack.enter_context(google(people=items, events=items, identity=identity))
        service.account.remove_calendar(CLOSED)
        stage = Stage(service, stack.enter_context(SERVERS[server](folder / "server")), folder)
        settle(stage, identity)
        for kind, name in ACCOUNTS.items():
            stage.connect((kind, "--name", name, "--url", service.url), "yes\n")
        stage.connect(("dav", "--name", "new", "--url", stage.server.url, "--username", stage.server.username), "")
        yield stage


def settle(stage: Stage, identity: Google) -> None:
    """Write the settings an operator would write, and put somebody at the browser."""
    home = stage.folder / "home"
    home.mkdir(mode=0o700)
    secret = home / "google.secret"
    secret.write_text(f"{CLIENTS[0].secret}\n", encoding="utf-8")
    secret.chmod(0o600)
    (home / "settings.toml").write_text(
        f'[providers.google]\nclient_id = "{CLIENTS[0].id}"\nclient_secret_file = "{secret}"\n'
        f'authorize_url = "{identity.authorize_url}"\ntoken_url = "{identity.token_url}"\n'
        f'revoke_url = "{identity.revoke_url}"\nissuer = "{identity.url}"\n',
        encoding="utf-8",
    )
    browser = stage.folder / "browser"
    browser.write_text(CLICKS.format(python=sys.executable, root=str(ROOT), user=USER), encoding="utf-8")
    browser.chmod(0o700)
