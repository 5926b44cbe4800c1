"""Kill a copy that maps on its way, from the stand-in for Google; prove that nothing is lost, doubled or written again.

``python -m tests.chaos mapping --rounds 200`` ends with one line of JSON. A round is one
kill -9. Rounds come in campaigns of ten: contacts and calendars by turns, into a folder and to a
server by turns, with kills at steps drawn from the whole run while the account goes on changing,
then one run to the end. What has to stand there is made by the bridge from the account itself.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Context, Endpoint
from connectors.google.calendar import Calendars
from connectors.google.contacts import Contacts
from connectors.guard import Guard
from connectors.http import Http
from mappings.inspect import inspect
from mappings.mediatypes import CALENDAR, CARD
from mappings.registry import bridge
from oauth.authorizers import Bearer
from oauth.secret import Secret
from simulators.faulty_dav import FaultyDav
from simulators.google import google
from tests.chaos.transfer import meaning
from tests.connectors.google.behind import CALENDAR as CALENDAR_SCOPES
from tests.connectors.google.behind import CONTACTS as CONTACTS_SCOPES

if TYPE_CHECKING:
    from simulators.google import Service

KILLS_PER_CAMPAIGN = 10
CLOSED = "someone.else@example.org"
"""A calendar of the stand-in that cannot be read."""


@dataclass(slots=True)
class Figures:
    """What came of the rounds, in items unless named otherwise. *written_again* counts at servers."""

    rounds: int = 0
    kills: int = 0
    campaigns: int = 0
    items: int = 0
    lost: int = 0
    doubled: int = 0
    junk: int = 0
    wrong_at_end: int = 0
    written_again: int = 0
    runs_that_failed: int = 0


class Campaign:
    """One destination, filled under fire from *server*."""

    def __init__(self, figures: Figures, luck: random.Random, folder: Path, *, server: Service, contacts: bool) -> None:
        self.figures, self.luck, self.folder, self.server = figures, luck, folder, server
        self.contacts = contacts
        self.kind = "google-contacts" if contacts else "google-calendar"
        self.media_type = CARD if contacts else CALENDAR
        self.token = server.token(*(CONTACTS_SCOPES if contacts else CALENDAR_SCOPES))
        self.right: FaultyDav | None = None
        self.ever: set[bytes] = set()
        self.arrived: set[tuple[str, str]] = set()
        self.steps = 0

    def run(self, kills: int, *, to_server: bool) -> None:
        """Kill *kills* runs, then let one run to its end and judge."""
        self._learn_steps(to_server=to_server)
        with ExitStack() as stack:
            if to_server:
                self.right = stack.enter_context(FaultyDav())
            self._remember()
            for number in range(kills):
                self._kill_at(self.luck.randrange(1, max(2, self.steps // (1 + number // 2))))
                self._check()
                if number % 3 == 2:
                    self._change_source()
            self._finish()

    def _learn_steps(self, *, to_server: bool) -> None:
        """Run once beside the stage, to know how many steps a whole run has."""
        aside = self.folder / "aside"
        aside.mkdir()
        with ExitStack() as stack:
            right = stack.enter_context(FaultyDav()) if to_server else None
            self._child(0, state=aside / "state.db", destination=f"dav:{right.url}" if right else f"vdir:{aside}/copy")
        self.steps = int(json.loads((aside / "state.json").read_text())["steps"])

    def _kill_at(self, step: int) -> None:
        self.figures.rounds += 1
        code = self._child(step)
        if code == -signal.SIGKILL:
            self.figures.kills += 1
        elif code != 0:
            self.figures.runs_that_failed += 1

    def _child(self, step: int, *, state: Path | None = None, destination: str = "") -> int:
        """Run the victim; return its exit code, negative for a signal."""
        where = f"vdir:{self.folder}/copy" if self.right is None else f"dav:{self.right.url}"
        command = [sys.executable, "-m", "tests.chaos.transfer_child", str(state or self.folder / "state.db")]
        command += [f"{self.kind}:{self.server.url}", destination or where, str(step)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["CHAOS_TOKEN"] = self.token
        return subprocess.run(command, check=False, env=environment, timeout=120).returncode

    def _change_source(self) -> None:
        account = self.server.account
        if self.contacts:
            changed, gone = self.luck.sample(sorted(account.person_names()), 2)
            account.edit_person(changed, nicknames=[{"value": f"Again {self.figures.rounds}"}])
            account.delete_person(gone)
        else:
            start = {"start": {"dateTime": "2026-03-01T09:00:00Z"}, "end": {"dateTime": "2026-03-01T10:00:00Z"}}
            mine = [account.add_event(summary=f"New {self.figures.rounds} {number}", **start) for number in range(2)]
            self._remember()
            account.edit_event(mine[0], summary=f"Again {self.figures.rounds}")
            account.delete_event(mine[1])
        self._remember()

    def _originals(self) -> list[bytes]:
        """Return what has to stand at the destination, made by the bridge from the account as it is now."""
        signer = Bearer(Secret(self.token), to=[self.server.url])
        http = Http(guard=Guard(allow_private=True, allow_http=True), authorizer=signer)
        context = Context(http, lambda: False, time.time, logging.getLogger("tests.chaos"), {})
        place = (Contacts if self.contacts else Calendars)(Endpoint(self.kind, url=self.server.url), context)
        found = []
        try:
            for collection in place.collections():
                over = bridge(collection.media_types[0], [self.media_type])
                if over is None:
                    raise AssertionError("there is no bridge")
                for page in place.changes(collection, None):
                    items = (change.item for change in page.changes if change.item is not None)
                    found += [meaning(over.convert(item.body).body) for item in items]
        finally:
            http.close()
        return found

    def _remember(self) -> None:
        self.ever |= set(self._originals())

    def _copies(self) -> list[tuple[str, bytes]]:
        """Return (collection, body) of everything that stands at the destination."""
        if self.right is not None:
            shelves = self.right.store.shelves.values()
            return [(shelf.path, item.body) for shelf in shelves for item in shelf.items.values()]
        files = (self.folder / "copy").glob("[!.]*/*")
        items = [path for path in files if path.suffix in {".ics", ".vcf"} and path.name[0] != "."]
        return [(path.parent.name, path.read_bytes()) for path in items]

    def _check(self) -> None:
        """Whatever happened: whole bodies only, each item once, nothing gone that was there."""
        there: set[tuple[str, str]] = set()
        for collection, body in self._copies():
            name = collection, inspect(self.media_type, body).uid or ""
            self.figures.junk += meaning(body) not in self.ever
            self.figures.doubled += name in there
            there.add(name)
        if missing := self.arrived - there:
            wanted = {inspect(self.media_type, body).uid for body in self._originals()}
            self.figures.lost += sum(uid in wanted for _, uid in missing)
        self.arrived = there

    def _finish(self) -> None:
        if self._child(0) != 0:
            self.figures.runs_that_failed += 1
        self._check()
        copies = Counter(meaning(body) for _, body in self._copies())
        originals = Counter(self._originals())
        self.figures.wrong_at_end += (copies - originals).total() + (originals - copies).total()
        self.figures.written_again += self._written_again()
        self.figures.items += originals.total()
        self.figures.campaigns += 1

    def _written_again(self) -> int:
        """Count writes that took effect at the server beyond one for each version of each item."""
        if self.right is None:
            return 0
        puts = {(one.path, one.body) for one in self.right.requests if one.method == "PUT"}
        deletions = sum(not stands for shelf in self.right.store.shelves.values() for _, stands in shelf.history)
        effective = sum(shelf.version for shelf in self.right.store.shelves.values()) - deletions
        return max(0, effective - len(puts))


def main(argv: list[str]) -> int:
    """Run the harness; exit code 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos mapping", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--items", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    figures, luck, number = Figures(), random.Random(options.seed), options.seed
    while figures.rounds < options.rounds:
        kills = min(KILLS_PER_CAMPAIGN, options.rounds - figures.rounds)
        with (
            tempfile.TemporaryDirectory() as folder,
            google(people=options.items, events=options.items, seed=number) as server,
        ):
            server.account.remove_calendar(CLOSED)
            campaign = Campaign(figures, luck, Path(folder), server=server, contacts=number % 2 == 0)
            campaign.run(kills, to_server=number // 2 % 2 == 1)
        number += 1
    broken = figures.lost or figures.doubled or figures.junk or figures.wrong_at_end or figures.written_again
    sys.stdout.write(json.dumps({"harness": "mapping", **asdict(figures)}) + "\n")
    return 1 if broken or figures.runs_that_failed else 0
