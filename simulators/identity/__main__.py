"""Serve one provider until interrupted: ``python -m simulators.identity google``."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING

from simulators.identity.authorizing import Authorizing
from simulators.identity.dropbox import Dropbox
from simulators.identity.generic import Generic
from simulators.identity.google import Google
from simulators.identity.infomaniak import Infomaniak
from simulators.identity.nextcloud import Nextcloud

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.identity.provider import Provider

PROVIDERS: dict[str, Callable[[], Provider]] = {
    "dropbox": Dropbox,
    "generic": Generic,
    "google": Google,
    "infomaniak": Infomaniak,
    "nextcloud": Nextcloud,
}


def described(provider: Provider) -> dict[str, object]:
    """Return the addresses of a provider and its clients."""
    said: dict[str, object] = {name: value for name, value in vars(provider).items() if name.endswith("url")}
    if isinstance(provider, Authorizing):
        said["clients"] = [{"id": each.id, "secret": each.secret} for each in provider.book.clients.values()]
    return said


def main(arguments: list[str] | None = None) -> None:
    """Print one line of JSON with the addresses, and serve."""
    parser = argparse.ArgumentParser(prog="python -m simulators.identity")
    parser.add_argument("provider", choices=sorted(PROVIDERS))
    options = parser.parse_args(arguments)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with contextlib.suppress(KeyboardInterrupt), PROVIDERS[options.provider]() as provider:
        sys.stdout.write(json.dumps(described(provider)) + "\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
