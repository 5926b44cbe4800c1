"""A place where workers are born and killed: ``python -m tests.chaos.grants_child``.

Reads orders from its input, one JSON map each; forks a life for each and answers with its
exit code (negative: the signal that killed it). Forking saves the time to load everything anew.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from importlib import import_module
from typing import Any

from tests.chaos.doom import Doom
from tests.chaos.grants_life import Life, Orders

LOADED = ("google_auth_oauthlib.flow", "tenacity", "cryptography.hazmat.primitives.ciphers.aead", "oauth.google")


def live(orders: Orders) -> int:
    """Live one life in a child of this process; return its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            Life(orders, Doom(orders.step)).live()
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, a child must not go on as its parent
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    faulthandler.enable()
    for name in LOADED:
        import_module(name)
    for line in sys.stdin:
        given: dict[str, Any] = json.loads(line)
        sys.stdout.write(f"{live(Orders(**given))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
