"""A person with calendars at a server, a provider that lets wherry at them, and what both remember."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulators.davservers import DavServer
from simulators.davstores import fill
from simulators.identity import browser
from tests.wherry.conftest import CARD, EVENT, ROOT, Answer, Run
from wherry.cli.flags import Flags

if TYPE_CHECKING:
    from oauth.consent import Wish
    from simulators.identity.generic import Generic
    from simulators.identity.model import Token
    from simulators.identity.serving import Incoming, Reply
    from wherry.access import Access
    from wherry.settings import Account

SCOPES = ("calendars", "contacts", "offline_access")
EVENTS, CARDS = 5, 3


class Person(webbrowser.BaseBrowser):
    """Somebody at a browser. *does* is given the address that was opened; *errors* keeps what it raised."""

    def __init__(self, user: str) -> None:
        super().__init__("person")
        self.user = user
        self.does: Callable[[str], object] = self.allow
        self.urls: list[str] = []
        self.errors: list[Exception] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: FBT002 - as webbrowser calls it
        del new, autoraise
        self.urls.append(url)
        try:
            self.does(url)
        except Exception as error:  # noqa: BLE001 - the thread has nobody else to tell
            self.errors.append(error)
        return True

    def allow(self, url: str) -> object:
        """Sign in, allow everything, and go where the provider leads."""
        return browser.approve(url, user=self.user, follow=True)

    def refuse(self, url: str) -> object:
        """Sign in and refuse."""
        return browser.deny(url, user=self.user, follow=True)


@dataclass
class Ana:
    """One person, whom no other test knows."""

    run: Run
    user: str
    idp: Generic
    dav: DavServer
    person: Person
    home: Path
    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    def words(self, *more: str, name: str = "mail", scopes: tuple[str, ...] = SCOPES) -> tuple[str, ...]:
        """Return the command line that connects the account *name* by OAuth."""
        asked = [word for scope in scopes for word in ("--scope", scope)]
        return (
            *("connect", "dav", "--name", name, "--provider", "oauth", "--issuer", self.idp.issuer),
            *("--client-id", "public-client", "--url", self.dav.url, *asked, "--allow-private"),
            *more,
        )

    def connect(self, *more: str, name: str = "mail", scopes: tuple[str, ...] = SCOPES, says: str = "yes\n") -> Answer:
        """Connect, saying *says* to the disclosure."""
        return self.run(*self.words(*more, name=name, scopes=scopes), input=says)

    def connected(self, *more: str, name: str = "mail") -> Answer:
        """Connect, and be sure that it worked."""
        answer = self.connect(*more, name=name)
        assert answer.code == 0, answer.err
        return answer

    def backup(self, *more: str, name: str = "mail", to: str = "copy") -> Answer:
        """Back the account up."""
        return self.run("backup", f"dav:{name}", "--to", str(self.folder / to), *more)

    @property
    def live(self) -> int:
        """How many grants of this person somebody could still read with."""
        return len(self.idp.live_grants(self.user))

    @property
    def tokens(self) -> list[Token]:
        """Every token the provider ever issued for this person."""
        return [token for token in self.idp.tokens if token.grant.user == self.user]

    def account(self, *, name: str = "mail") -> dict[str, Any]:
        """Return the line of an account, also of one whose access has ended."""
        lines = self.run("accounts", "--all", "--json").lines
        return next(line for line in lines if line["type"] == "account" and line["account"] == name)

    def browser(self, act: str = "approve") -> dict[str, str]:
        """Return the environment in which another process finds this person at the browser."""
        return {"BROWSER": browser_script(self.folder, self.user, act=act)}

    def age(self, seconds: float) -> None:
        """Let *seconds* pass for what the state database holds: its time limits come closer."""
        with self.database() as database:
            database.execute("update holder set until = until - ?, since = since - ?", (seconds, seconds))
            database.execute(
                "update grants set deadline = deadline - :s, next_at = max(0, next_at - :s), "
                "revoked_at = revoked_at - :s, until = until - :s",
                {"s": seconds},
            )

    @contextlib.contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """Open the state database beside wherry, for one transaction."""
        with contextlib.closing(sqlite3.connect(self.home / "wherry.db")) as database, database:
            yield database

    def states(self) -> list[str]:
        """Return the states of all grants there ever were, oldest first."""
        with self.database() as database:
            return [state for (state,) in database.execute("select state from grants order by turn")]

    def events(self) -> list[str]:
        """Return what the audit log says of the store, oldest first."""
        with self.database() as database:
            rows = database.execute("select record from audit where chain = 'store' order by seq").fetchall()
        return [str(json.loads(record)["event"]) for (record,) in rows]

    @contextlib.contextmanager
    def access(self, *more: str) -> Iterator[tuple[Access, Account, Wish]]:
        """Open the state of this home, as ``wherry connect`` does; yield it with what would be asked for."""
        from wherry.access import Access
        from wherry.cli.connect import connect_command, make_account, make_wish
        from wherry.settings import read_settings
        from wherry.wiring import open_database

        said = connect_command.make_context("connect", [*self.words(*more)[1:]], obj=Flags()).params
        settings = read_settings({"WHERRY_HOME": str(self.home)})
        account = make_account(settings, said["kind"], said["ca"], said)
        trial = settings.with_account(account)
        with (
            contextlib.closing(open_database(settings)) as database,
            contextlib.closing(Access(trial, database, environ={})) as access,
        ):
            yield access, account, make_wish(access, account, said)

    def secrets_left(self) -> int:
        """Return how many sealed secrets the database holds."""
        with self.database() as database:
            return int(database.execute("select count(*) from sealed").fetchone()[0])


def move_in(dav: DavServer, user: str, *, empty: bool = False) -> DavServer:
    """Give *user* a calendar and an address book at *dav*, unless *empty*; return the server as that user sees it."""
    base = f"{dav.url}{user}/"
    (dav.folder / "collection-root" / user).mkdir(parents=True)
    own = replace(dav, username=user, calendars_home=base, contacts_home=base)
    if empty:
        return own
    events = [
        (f"e{n}", EVENT.format(uid=f"e{n}", start="20240507T120000Z", summary=f"E {n}").encode()) for n in range(EVENTS)
    ]
    cards = [(f"c{n}", CARD.format(uid=f"c{n}", name=f"Person {n}").encode()) for n in range(CARDS)]
    fill(own, "work", events, kind="calendar", title="Work")
    fill(own, "friends", cards, kind="contacts", title="Friends")
    return own


@contextlib.contextmanager
def interposed(provider: object, name: str, calls: int, act: Callable[[], None]) -> Iterator[None]:
    """Let *act* happen just before *provider* answers the call number *calls* of its endpoint *name*."""
    real, left = getattr(provider, name), [calls]

    def answer(request: Incoming) -> Reply:
        left[0] -= 1
        if left[0] == 0:
            act()
        reply: Reply = real(request)
        return reply

    setattr(provider, name, answer)
    try:
        yield
    finally:
        delattr(provider, name)


def browser_script(folder: Path, user: str, *, act: str = "approve") -> str:
    """Write a browser for another process, and return what to set BROWSER to."""
    file = folder / f"browser-{act}"
    file.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"from simulators.identity.browser import {act}\n{act}(sys.argv[1], user={user!r}, follow=True)\n"
    )
    file.chmod(0o700)
    return f"{file} %s"


class Spoken:
    """A command in a process of its own whose words on standard error can be waited for."""

    def __init__(self, *args: str, environ: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wherry", *args],
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.heard = ""
        self.said = ""
        self._more = threading.Condition()
        self._ended = 0
        self._threads = [
            threading.Thread(target=self._listen, args=(each,), daemon=True)
            for each in (self.process.stdout, self.process.stderr)
        ]
        for thread in self._threads:
            thread.start()

    def _listen(self, stream: Any) -> None:
        for line in iter(lambda: stream.read(1), ""):
            with self._more:
                if stream is self.process.stderr:
                    self.heard += line
                else:
                    self.said += line
                self._more.notify_all()
        with self._more:
            self._ended += 1
            self._more.notify_all()

    def wait_for(self, pattern: str, *, seconds: float = 60.0) -> str:
        """Return the first match of *pattern* in what was said so far, waiting for it."""
        with self._more:
            self._more.wait_for(lambda: re.search(pattern, self.heard) or self._ended == 2, timeout=seconds)
            found = re.search(pattern, self.heard)
        assert found is not None, self.heard
        return found.group(found.lastindex or 0)

    def tell(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> Answer:
        """Wait for the end; return what the command answered."""
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        code = self.process.wait(60)
        for thread in self._threads:
            thread.join(10)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return Answer(code, self.said, self.heard)

    def kill(self) -> None:
        """Kill it, as a power cut would, and wait until it is gone."""
        self.process.kill()
        self.end()
