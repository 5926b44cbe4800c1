"""Serve the APIs until interrupted: ``python -m simulators.google --people 5000 --events 5000 --messages 20000``.

In a process of its own it also takes no time from the program that is measured against it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading

from simulators.google.serving import google
from simulators.identity.google import Google

READING = ("contacts.readonly", "contacts.other.readonly", "calendar.readonly", "gmail.readonly")
MONTH = 30 * 86400.0


def main(arguments: list[str] | None = None) -> None:
    """Print one line of JSON with the addresses, the clients and a token that may read everything; then serve."""
    parser = argparse.ArgumentParser(prog="python -m simulators.google")
    counts = {"people": 100, "events": 100, "groups": 12, "others": 10, "messages": 100, "labels": 12, "seed": 1}
    for name, count in counts.items():
        parser.add_argument(f"--{name}", type=int, default=count)
    options = vars(parser.parse_args(arguments))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with contextlib.suppress(KeyboardInterrupt), Google() as identity, google(identity=identity, **options) as server:
        urls = {name: value for name, value in vars(identity).items() if name.endswith("url")}
        clients = [{"id": each.id, "secret": each.secret} for each in identity.book.clients.values()]
        identity.access_lifetime = MONTH
        said = {"url": server.url, "user": server.account.user, "token": server.token(*READING)}
        sys.stdout.write(json.dumps({**said, "identity": urls, "clients": clients}) + "\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
