"""Making files survive a power cut, for the price of one system call per batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
READ_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Not blocking: a pipe in the place of a file must not stop us for ever."""

_OWNER = b"user.wherry.item"
"""Extended attribute (xattr(7)); Linux has it on most file systems, other systems do without."""


def flush(folder: int, files: Iterable[str]) -> None:
    """Put the bytes of *files* (in the open *folder*) on the disk.

    One ``syncfs`` for all of them; ``fsync`` on each triples the CPU time of a first backup.
    """
    syncfs = _syncfs()
    if syncfs is not None:
        syncfs(folder)
        return
    for name in files:
        handle = os.open(name, READ_FILE, dir_fd=folder)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def settle(paths: Iterable[str]) -> None:
    """Put the entries of the folders named on the disk."""
    for path in paths:
        handle = os.open(path, DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_new(name: str, body: bytes, folder: int, *, owner: bytes | None = None) -> os.stat_result:
    """Create the file *name* in the open *folder* with *body*; an existing one is an error.

    *owner* is noted beside the bytes where the file system can (see ``owner_of``).
    """
    handle = os.open(name, NEW_FILE, 0o600, dir_fd=folder)
    try:
        rest = memoryview(body)[os.write(handle, body) :]
        while rest:
            rest = rest[os.write(handle, rest) :]
        if owner is not None:
            with suppress(OSError, AttributeError):
                os.setxattr(handle, _OWNER, owner)
        return os.fstat(handle)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise
    finally:
        os.close(handle)


def owner_of(name: str, folder: int) -> bytes | None:
    """Return whose item the file *name* of the open *folder* holds, where that was noted and kept."""
    try:
        handle = os.open(name, READ_FILE, dir_fd=folder)
    except OSError:
        return None
    try:
        return os.getxattr(handle, _OWNER)
    except (OSError, AttributeError):
        return None
    finally:
        os.close(handle)


def replace(name: str, body: bytes, folder: int, temp: str) -> None:
    """Write *name* in the open *folder* anew: whole, durable, or not at all."""
    write_new(temp, body, folder)
    try:
        flush(folder, [temp])
        os.rename(temp, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(temp, dir_fd=folder)
        raise
    os.fsync(folder)


@cache
def _syncfs() -> Callable[[int], None] | None:
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None:
        return None

    def syncfs(folder: int) -> None:
        if call(folder) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return syncfs
