"""The victim of ``python -m tests.chaos transfer`` and ``mapping``: one run of a job, killed at a chosen step.

Steps are what Python reports to audit hooks when a program touches the world (files
opened, linked, renamed, removed; sockets connected) and every statement sent to the
state database: the product's code knows nothing of it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Context, Endpoint
from connectors.dav.place import Dav
from connectors.google.calendar import Calendars
from connectors.google.contacts import Contacts
from connectors.guard import Guard
from connectors.http import Http
from connectors.retry import RetryPolicy
from connectors.vdir.place import Vdir
from oauth.authorizers import Bearer
from oauth.secret import Secret
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.model import JobKind, JobSpec
from sync_engine.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from connectors.base import Place

WATCHED = frozenset(
    {"open", "os.link", "os.rename", "os.remove", "os.mkdir", "os.truncate", "socket.connect", "http.client.send"}
)


class Doom:
    """Counts steps and kills this process without any farewell at the chosen one; 0 spares it."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.count = 0

    def tick(self, *_: object) -> None:
        """Count one step."""
        self.count += 1
        if self.count == self.step:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(self, event: str, _: tuple[object, ...]) -> None:
        """Count the audit events that touch the world."""
        if event in WATCHED:
            self.tick()


def open_place(place: str, spec: JobSpec, learned: MutableMapping[str, str], stop: Callable[[], bool]) -> Place:
    """Open ``dav:URL``, ``vdir:FOLDER`` or, with a token from the environment, ``google-contacts:URL`` and the like."""
    del spec
    log = logging.getLogger("tests.chaos")
    kind, _, where = place.partition(":")
    if kind == "vdir":
        return Vdir(Endpoint("vdir", root=where), Context(None, stop, time.time, log, learned))
    google = kind.startswith("google-")
    signer = Bearer(Secret(os.environ["CHAOS_TOKEN"]), to=[where]) if google else None
    guard = Guard(allow_private=True, allow_http=True)
    http = Http(guard=guard, retry=RetryPolicy(attempts=2, first=0.01), authorizer=signer, stop=stop)
    context = Context(http, stop, time.time, log, learned)
    if not google:
        return Dav(Endpoint("dav", url=where), context)
    endpoint = Endpoint(kind, account="ana", url=where)
    return Contacts(endpoint, context) if kind == "google-contacts" else Calendars(endpoint, context)


def main(argv: list[str]) -> int:
    """Run ``STATE SOURCE DESTINATION STEP`` and say how many steps there were."""
    state, source, destination, step = argv
    doom = Doom(int(step))
    database = Database.open(f"sqlite:///{state}")
    database.trace(doom.tick)
    sys.addaudithook(doom.hook)
    jobs = Jobs(database)
    kind = JobKind.BACKUP if destination.startswith("vdir:") else JobKind.MIGRATE
    job = jobs.submit(JobSpec(kind, source, destination, mirror=True))
    jobs.start(job.id)
    ended = Worker(database, open_place).run_job(job.id)
    steps = doom.count
    database.close()
    Path(state).with_suffix(".json").write_text(json.dumps({"steps": steps, "state": ended.state.value}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
