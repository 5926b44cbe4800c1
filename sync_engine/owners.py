"""Who holds a lease: names of worker processes, and whether one of this machine has died.

A dead worker's lease runs out by itself. On the same machine nobody has to wait for that:
the operating system knows. A wrong guess does no harm, because the fence refuses whoever
was wrongly taken for dead.
"""

from __future__ import annotations

import os
import socket
import uuid


def own_name() -> str:
    """Return a new name for a worker of this process: machine, process, and something unique."""
    return f"{_machine()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Say whether *owner* was a worker of this machine whose process is gone for certain."""
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not (rest.isascii() and rest.isdigit()):
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _machine() -> str:
    """Name this machine and the space its process numbers are valid in."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        space = 0
    return f"{socket.gethostname()}/{space:x}"
