"""What can go wrong with secrets and grants. Each leaf carries data, never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class OAuthError(Exception):
    """Root of every error of this package."""


class UnsafeFile(OAuthError):
    """A file or folder with secrets is open to others, or is not what it should be; it is not read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


class BadStore(OAuthError):
    """The file with secrets is damaged, or was written by a newer version."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


class StoreBusy(OAuthError):
    """Another process holds the lock of the file with secrets."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__(f"{path}: still locked after {seconds:g} s")
        self.path, self.seconds = path, seconds


class NoSuchSecret(OAuthError):
    """No secret is kept under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class UnsafeOrigin(OAuthError):
    """A credential would have to be sent where others can read it."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin
