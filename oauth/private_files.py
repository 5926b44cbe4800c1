"""One file that only its owner can read: checked, locked, replaced as a whole.

Everything happens relative to the open folder, so that nobody can put another one in its
place between a check and a use. Links are never followed.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from oauth.errors import NotKept, OAuthError, StoreBusy, UnsafeFile

LARGEST = 4 * 1024 * 1024
"""Most bytes such a file may have: a larger one is not ours."""


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """A file of mode 0600 in a folder of mode 0700, both ours.

    Every method raises ``UnsafeFile`` for what is open to others or no plain file, and the
    error *damaged* makes for what is too large; the writing ones ``NotKept``, and
    ``StoreBusy`` when other processes held the lock for *patience* seconds.
    """

    path: Path
    damaged: Callable[[Path, str], OAuthError]
    patience: float = 10.0

    def read(self) -> bytes | None:
        """Return the content; ``None`` when there is no such file. Makes nothing."""
        try:
            with self._folder() as folder:
                return self._load(folder)
        except FileNotFoundError:
            return None

    @contextmanager
    def locked(self) -> Iterator[Held]:
        """Make the folder if need be, and lend the file while no other process or thread writes it."""
        parent = self.path.parent
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:
            raise UnsafeFile(parent, "not a folder, or a link to one") from None
        except OSError as fault:
            raise NotKept(parent, f"cannot be made ({fault.strerror})") from fault
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with self._folder() as folder:
            try:
                lock = os.open(f"{self.path.name}.lock", flags, 0o600, dir_fd=folder)
            except PermissionError as fault:
                raise NotKept(self.path, f"its folder cannot be written ({fault.strerror})") from fault
            except OSError as fault:
                raise UnsafeFile(self.path, f"its lock cannot be opened ({fault.strerror})") from fault
            try:
                until = time.monotonic() + self.patience
                while not _took(lock):
                    if time.monotonic() > until:
                        raise StoreBusy(self.path, self.patience)
                    time.sleep(0.02)
                yield Held(self, folder)
            finally:
                os.close(lock)

    @contextmanager
    def _folder(self) -> Iterator[int]:
        """Lend the open folder, after checking it."""
        parent = self.path.parent
        try:
            folder = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except NotADirectoryError:
            raise UnsafeFile(parent, "not a folder, or a link to one") from None
        except FileNotFoundError:
            raise
        except OSError as fault:
            raise UnsafeFile(parent, f"cannot be opened ({fault.strerror})") from fault
        try:
            _private(parent, os.fstat(folder))
            yield folder
        finally:
            os.close(folder)

    def _load(self, folder: int) -> bytes | None:
        try:
            file = os.open(self.path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise UnsafeFile(self.path, f"cannot be opened, or is a link ({fault.strerror})") from fault
        try:
            state = os.fstat(file)
            if not stat.S_ISREG(state.st_mode):
                raise UnsafeFile(self.path, "not a plain file")
            _private(self.path, state)
            if state.st_size > LARGEST:
                raise self.damaged(self.path, "too large to be a file of secrets")
            with os.fdopen(file, "rb", closefd=False) as stream:
                return stream.read()
        finally:
            os.close(file)


@dataclass(frozen=True, slots=True)
class Held:
    """A private file whose lock we hold."""

    file: PrivateFile
    folder: int

    def read(self) -> bytes | None:
        """Return the content; ``None`` when there is no such file."""
        return self.file._load(self.folder)  # noqa: SLF001 - two halves of one thing

    def replace(self, content: bytes) -> None:
        """Put *content* in place of the file, at once and durably: a reader sees the old one or the new one."""
        try:
            self._replace(content)
        except OSError as fault:
            raise NotKept(self.file.path, str(fault.strerror)) from fault

    def _replace(self, content: bytes) -> None:
        name = self.file.path.name
        self._sweep()
        temp = f".{name}.{os.urandom(8).hex()}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(temp, flags, 0o600, dir_fd=self.folder)
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(file)
            os.replace(temp, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
            os.fsync(self.folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temp, dir_fd=self.folder)
            raise

    def _sweep(self) -> None:
        """Remove what a killed process left behind; the lock says that nobody is writing it."""
        for name in os.listdir(self.folder):
            if name.startswith(f".{self.file.path.name}.") and name.endswith(".tmp"):
                os.unlink(name, dir_fd=self.folder)


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
