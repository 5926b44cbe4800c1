"""A large account needs no more memory than a small one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulators.google import google
from tests.connectors.google.behind import CALENDAR, CONTACTS

FEW, MANY = 3_000, 9_000

MORE = 8_000
"""KiB the larger account may need beyond the smaller one: a listing that held its items would need twice as many."""

CLIENT = """
import logging, sys, time
from connectors.base import Context, Endpoint
from connectors.guard import Guard
from connectors.http import Http
from connectors.registry import load
from oauth.authorizers import Bearer
from oauth.secret import Secret

kind, url, token = sys.argv[1:]
http = Http(guard=Guard(allow_private=True, allow_http=True), authorizer=Bearer(Secret(token), to=[url]))
place = load(kind)(
    Endpoint(kind, url=url, options={"requests-per-minute": "60000"}),
    Context(http, stop=lambda: False, clock=time.time, log=logging.getLogger("x"), learned={}),
)
home, count, size = next(iter(place.collections())), 0, 0
for page in place.changes(home, None):
    count += len(page.changes)
    size += sum(len(change.item.body) for change in page.changes)
count += sum(1 for _ in place.inventory(home))
place.close()
http.close()
with open("/proc/self/status") as status:  # getrusage would count what the parent process had before exec
    print(count, size // 1024, next(int(line.split()[1]) for line in status if line.startswith("VmHWM")))
"""


def listing(kind: str, size: int) -> tuple[int, int, int]:
    """Return how often items were named, the KiB of their bodies, and the KiB the process needed at most."""
    with google(people=size, events=size * 5 // 3, groups=5, seed=2) as server:
        server.settings.photos = 404
        token = server.token(*CONTACTS, *CALENDAR)
        command = [sys.executable, "-c", CLIENT, kind, server.url, token]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    count, body, peak = map(int, done.stdout.split())
    return count, body, peak


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["google-contacts", "google-calendar"])
def test_three_times_the_items_need_no_more_memory(kind: str) -> None:
    small, large = listing(kind, FEW), listing(kind, MANY)
    assert large[0] > 2.9 * small[0]
    assert large[1] - small[1] > 1.2 * MORE, "the bodies weigh enough to be seen"
    assert large[2] - small[2] < MORE
