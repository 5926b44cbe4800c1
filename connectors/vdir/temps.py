"""Temporary files: hidden, ours by name, swept when the process that made them is gone."""

from __future__ import annotations

import contextlib
import os
import re
import time
from itertools import count

_OURS = re.compile(r"\.wherry-([0-9]+)-[0-9a-f]+-[0-9]+\.tmp")
_ABANDONED = 3600.0
"""Seconds after which a file is stale even if a process of that number runs (numbers are reused)."""


class Temps:
    """Names for one connector's temporary files.

    Readers of the vdir format pass over names that start with a dot or end in ``.tmp``.
    """

    __slots__ = ("_numbers", "_prefix")

    def __init__(self) -> None:
        self._prefix = f".wherry-{os.getpid()}-{os.urandom(4).hex()}-"
        self._numbers = count()

    def new(self) -> str:
        """Return a name never used before."""
        return f"{self._prefix}{next(self._numbers)}.tmp"

    def sweep(self, folder: int) -> None:
        """Remove what earlier processes left in the open *folder*; nothing else is touched."""
        with os.scandir(folder) as entries:
            found = [(entry.name, match[1]) for entry in entries if (match := _OURS.fullmatch(entry.name))]
        for name, process in found:
            with contextlib.suppress(FileNotFoundError):
                if not name.startswith(self._prefix) and _is_stale(name, int(process), folder):
                    os.unlink(name, dir_fd=folder)


def _is_stale(name: str, process: int, folder: int) -> bool:
    if not _is_running(process):
        return True
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime < time.time() - _ABANDONED


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
