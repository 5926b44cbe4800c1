"""Where secrets are kept: a protocol, and one file only its owner can read.

The file is the fallback of a machine without a keyring. Keyrings and an encrypted vault
take the same four methods.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from oauth.errors import BadStore, NoSuchSecret, StoreBusy, UnsafeFile
from oauth.secret import Secret

VERSION = 1
LARGEST = 4 * 1024 * 1024
"""Most bytes the file may have: a larger one is not ours."""


@runtime_checkable
class SecretStore(Protocol):
    """A place that keeps secrets by name."""

    def get(self, name: str) -> Secret:
        """Return the secret. Raises ``NoSuchSecret``."""

    def put(self, name: str, secret: Secret) -> None:
        """Keep the secret, in place of an older one; durable on return."""

    def delete(self, name: str) -> None:
        """Forget the secret. Raises ``NoSuchSecret``."""

    def names(self) -> list[str]:
        """Return the names, sorted."""


class FileStore:
    """Secrets in one JSON file, mode 0600, in a folder of mode 0700.

    Read only when owner and mode are right, replaced atomically, locked against other
    processes for at most *patience* seconds. Every method raises ``UnsafeFile`` and
    ``BadStore``, the writing ones ``StoreBusy``.
    """

    def __init__(self, path: Path, *, patience: float = 10.0) -> None:
        self._path, self._patience = path, patience

    def get(self, name: str) -> Secret:
        """Return the secret. Raises ``NoSuchSecret``."""
        try:
            return Secret(self._read()[name])
        except KeyError:
            raise NoSuchSecret(name) from None

    def put(self, name: str, secret: Secret) -> None:
        """Keep the secret, in place of an older one; durable on return."""
        with self._locked() as folder:
            self._write(folder, {**self._load(folder), name: secret.reveal()})

    def delete(self, name: str) -> None:
        """Forget the secret. Raises ``NoSuchSecret``."""
        with self._locked() as folder:
            kept = self._load(folder)
            if kept.pop(name, None) is None:
                raise NoSuchSecret(name)
            self._write(folder, kept)

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._read())

    def _read(self) -> dict[str, str]:
        try:
            with self._folder() as folder:
                return self._load(folder)
        except FileNotFoundError:
            return {}

    @contextmanager
    def _folder(self) -> Iterator[int]:
        """Lend the open folder, after checking it: nobody can swap it while the file is used."""
        parent = self._path.parent
        try:
            folder = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except NotADirectoryError:
            raise UnsafeFile(parent, "not a folder, or a link to one") from None
        except PermissionError:
            raise UnsafeFile(parent, "cannot be opened") from None
        try:
            _private(parent, os.fstat(folder))
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Lend the open folder while no other process or thread writes."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with self._folder() as folder:
            try:
                lock = os.open(f"{self._path.name}.lock", flags, 0o600, dir_fd=folder)
            except OSError as fault:
                raise UnsafeFile(self._path, f"its lock cannot be opened ({fault.strerror})") from fault
            try:
                until = time.monotonic() + self._patience
                while not _took(lock):
                    if time.monotonic() > until:
                        raise StoreBusy(self._path, self._patience)
                    time.sleep(0.02)
                yield folder
            finally:
                os.close(lock)

    def _load(self, folder: int) -> dict[str, str]:
        try:
            file = os.open(self._path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except FileNotFoundError:
            return {}
        except OSError as fault:
            raise UnsafeFile(self._path, f"cannot be opened, or is a link ({fault.strerror})") from fault
        try:
            state = os.fstat(file)
            if not stat.S_ISREG(state.st_mode):
                raise UnsafeFile(self._path, "not a plain file")
            _private(self._path, state)
            if state.st_size > LARGEST:
                raise BadStore(self._path, "too large to be a file of secrets")
            with os.fdopen(file, "rb", closefd=False) as stream:
                return _parsed(self._path, stream.read())
        finally:
            os.close(file)

    def _write(self, folder: int, kept: Mapping[str, str]) -> None:
        name = self._path.name
        self._sweep(folder)
        temp = f".{name}.{secrets.token_hex(8)}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(temp, flags, 0o600, dir_fd=folder)
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(json.dumps({"version": VERSION, "secrets": kept}, indent=1).encode())
                stream.flush()
                os.fsync(file)
            os.replace(temp, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temp, dir_fd=folder)
            raise

    def _sweep(self, folder: int) -> None:
        """Remove what a killed process left behind; the lock says that nobody is writing it."""
        for name in os.listdir(folder):
            if name.startswith(f".{self._path.name}.") and name.endswith(".tmp"):
                os.unlink(name, dir_fd=folder)


def _took(lock: int) -> bool:
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _private(path: Path, state: os.stat_result) -> None:
    """Raise ``UnsafeFile`` unless only its owner, who is us, can get at it."""
    if state.st_uid != os.geteuid():
        raise UnsafeFile(path, "belongs to somebody else")
    if state.st_mode & 0o077:
        raise UnsafeFile(path, f"open to others (mode {stat.S_IMODE(state.st_mode):04o})")


def _parsed(path: Path, content: bytes) -> dict[str, str]:
    try:
        document = json.loads(content)
    except ValueError:
        # Without its cause: the traceback of a JSON error holds the document.
        raise BadStore(path, "not readable as JSON") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise BadStore(path, f"not of version {VERSION}")
    kept = document.get("secrets")
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        raise BadStore(path, "holds something else than secrets")
    return kept
