"""Kill a consent at each of its lines, for real (SIGKILL), and let another process put it right.

Run as a program of its own, so that forking is safe whatever the test runner does with
threads: ``python -m tests.oauth.consent_crashes FOLDER ISSUER CLIENT``, the issuer being a
provider that runs elsewhere. Each crash point has a user and a database of its own. Prints
the states of each point's grants in the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Never

from oauth.consent import STATE_LIFE, Consent, Wish
from oauth.grants import EXCHANGE_LIFE, OVER, GrantState
from oauth.key_file import KeyFile
from oauth.metadata import discover
from oauth.revocation import ORPHAN, Reaper
from oauth.tokens import Client
from oauth.vault import Vault
from simulators.identity.browser import approve
from sync_engine.database import Database
from sync_engine.grants import SqlGrants
from tests.oauth.consenting import DAV
from tests.oauth.wire import Wire

CONSENT = str(Path(__file__).parents[2] / "oauth" / "consent.py")


class Point:
    """One crash point: its database and its user."""

    def __init__(self, folder: Path, number: int, template: Path, wish: Wish) -> None:
        self.user = f"point-{number}@example.org"
        self.path = folder / f"{number}.db"
        self.keys = KeyFile(folder / "keys" / "keys.json")
        self.skew = 0.0
        self._wish = wish
        shutil.copy(template, self.path)

    def opened(self) -> tuple[Database, SqlGrants, Vault]:
        """Open the database in this process."""
        database = Database.open(f"sqlite:///{self.path}")
        store = SqlGrants(database, skew=lambda: self.skew)
        return database, store, Vault(self.keys, store)

    def consent(self) -> None:
        """Ask for consent, and get it."""
        _, store, vault = self.opened()
        shown: list[str] = []
        asking = Consent(store, vault, Wire(), pause=lambda _: None)
        asking.by_paste(self._wish, shown.append, lambda _: approve(shown[0], user=self.user))

    def put_right(self) -> list[str]:
        """Do what the next start does: finish what was begun, then end what nobody holds. Return the states."""
        database, store, vault = self.opened()
        reaper = Reaper(
            store,
            vault,
            Wire(),
            "another process",
            redeem=Consent(store, vault, Wire(), pause=lambda _: None).redeem,
            sleep=lambda _: None,
        )
        for later in (0.0, EXCHANGE_LIFE + 1, STATE_LIFE + 1, ORPHAN + 1):
            self.skew += later
            reaper.run()
        for grant in store.list():
            if grant.state is GrantState.LIVE:
                store.drain(grant.id)
        for _ in range(3):
            self.skew += ORPHAN
            reaper.run()
        states = [grant.state.value for grant in store.list(all=True)]
        left = [grant.id for grant in store.list(all=True) if grant.state in OVER and vault.secrets(grant.id)]
        assert not left, f"secrets of grants that are over: {left}"
        database.close()
        return states


def main(folder: Path, issuer: str, client_id: str) -> None:
    """Kill at every line; print the states by crash point."""
    template = folder / "template.db"
    Database.open(f"sqlite:///{template}").close()
    wish = Wish(discover(issuer, Wire(), allow_loopback=True), Client(client_id), DAV, "ana")
    found: list[list[str]] = []
    while True:
        point = Point(folder, len(found), template, wish)
        point.keys.create()
        alive = survived(point.consent, len(found) + 1)
        found.append(point.put_right())
        if alive:
            break
    print(json.dumps(found))  # noqa: T201 - what the test reads


def survived(step: Callable[[], object], line: int) -> bool:
    """Take *step* in a child that is killed before its *line*-th line of the consent; say whether it ended itself."""
    child = os.fork()
    if child == 0:
        _run_and_exit(step, line)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, -signal.SIGKILL}, f"the consent failed at line {line}: {code}"
    return code == 0


def _run_and_exit(step: Callable[[], object], line: int) -> Never:
    left = line

    def watch(frame: FrameType, event: str, _argument: Any) -> Callable[..., Any] | None:
        nonlocal left
        if frame.f_code.co_filename != CONSENT:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return watch

    try:
        sys.settrace(watch)
        step()
        sys.settrace(None)
    except BaseException:  # noqa: BLE001 - the child says everything and ends
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
