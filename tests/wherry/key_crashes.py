"""Kill ``wherry keys rotate`` at each of its lines, for real (SIGKILL), and run it again.

A program of its own, so that forking is safe whatever the test runner does with threads:
``python -m tests.wherry.key_crashes FOLDER``. Prints how many crash points there were.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

from oauth.audit import Event
from tests.oauth.crash_points import survived
from tests.oauth.keyrings import PlainKeyring, plugged
from tests.wherry.vaults import events, fill, settings_of, the_secrets
from wherry.settings import Settings
from wherry.vault_keys import rotate_keys, see_keys
from wherry.wiring import open_database

FILES = frozenset({"wherry/vault_keys.py", "oauth/vault.py"})
"""Around each change of a row, of the list of keys and of the log; within the latter two other tests look."""

GRANTS = 3


def main(folder: Path) -> None:
    """Kill the rotation at one line more each time, until it gets through alive."""
    template = folder / "template"
    template.mkdir(parents=True)
    with plugged(PlainKeyring()):  # a keyring of this machine is none of ours
        fill(settings_of(template), grants=GRANTS)
    points = 0
    while killed_and_mended(shutil.copytree(template, folder / str(points)), points + 1):
        points += 1
    print(points)  # noqa: T201 - what the test reads


def killed_and_mended(home: Path, line: int) -> bool:
    """Rotate in a child that dies before its *line*-th line; look, finish it, look again. Say whether it died."""
    settings = settings_of(home)
    secrets = the_secrets(settings)
    died = not survived(partial(rotate, settings), line, FILES)
    assert the_secrets(settings) == secrets, f"killed at line {line}, a secret does not open"
    rotate(settings, finish=True)
    assert the_secrets(settings) == secrets, f"finished after line {line}, a secret does not open"
    with closing(open_database(settings)) as database:
        seen = see_keys(settings, database)
        assert seen is not None
        newest, *older = seen.standing.keys
        assert len(newest.grants) == GRANTS
        assert [each.grants for each in older] == [()] * len(older)
        recorded = [each for each in events(database) if each["event"] == Event.KEY_ROTATED]
        assert recorded[-1]["outcome"] == "done"
        assert recorded[-1]["key_id"] == newest.id
    return died


def rotate(settings: Settings, *, finish: bool = False) -> None:
    """Rotate as the command does."""
    with closing(open_database(settings)) as database:
        rotate_keys(settings, database, finish=finish, environ={})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
