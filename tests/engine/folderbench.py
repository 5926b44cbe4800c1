"""The engine from a folder to a DAV server: what is wrong with files must not reach the server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from sync_engine.jobs import Jobs
from sync_engine.model import Job, JobKind, JobSpec
from tests.engine.bench import event
from tests.engine.davbench import DavBench

if TYPE_CHECKING:
    from pathlib import Path

    from simulators.faulty_dav import FaultyDav

_STAMPS = count(1_700_000_000)
"""Seconds of the epoch long ago, each used once."""


@dataclass
class FolderBench(DavBench):
    """One job that reads ``folder`` and writes ``right``. ``left`` stands idle."""

    @property
    def target(self) -> FaultyDav:
        """The server that is written."""
        assert self.right is not None
        return self.right

    def path(self, name: str, collection: str = "work") -> Path:
        """Return where the item *name* lies."""
        return self.folder / collection / f"{name}.ics"

    def write(self, name: str, body: bytes, collection: str = "work") -> None:
        """Write one file, as an editor would that does not keep the time."""
        path = self.path(name, collection)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        age(path)

    def stock(self, items: int, collection: str = "work") -> None:
        """Write so many events."""
        for number in range(items):
            self.write(f"{number:03}", event(f"{collection}-{number}"), collection)

    def submit(self) -> Job:
        """Store the job."""
        spec = JobSpec(JobKind.MIGRATE, f"vdir:{self.folder}", "dav:right", self.mirror)
        return Jobs(self.database).submit(spec)

    def originals(self) -> dict[str, bytes]:
        """Return what the files really hold, by UID."""
        found: dict[str, bytes] = {}
        for path in sorted(self.folder.glob("[!.]*/*.ics")):
            body = path.read_bytes()
            uid = next((line for line in body.splitlines() if line.startswith(b"UID:")), b"UID:?")[4:].decode()
            found[uid] = body
        return found


def age(path: Path) -> None:
    """Make a file older than any racy time stamp, and its stamp another one than before."""
    new = next(_STAMPS) * 1_000_000_000
    os.utime(path, ns=(new, new))
