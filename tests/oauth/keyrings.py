"""Keyrings for tests, plugged in where keyring takes them: its own class of backends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

Ring = TypeVar("Ring", bound=KeyringBackend)


class DictKeyring(KeyringBackend):
    """A keyring of this process, which can be locked, refuse to write, or forget."""

    priority: ClassVar[float] = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it bare
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = self.read_only = self.forgets = False
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        if self.locked:
            raise KeyringLocked("canary-message of a backend")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked(f"canary-message with {password}")
        if self.read_only:
            raise PasswordSetError(f"canary-message with {password}")
        if not self.forgets:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.locked or self.read_only:
            raise PasswordDeleteError("canary-message")
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not found")
        del self.kept[service, username]


class PlainKeyring(DictKeyring):
    """One that does not recommend itself, like those that keep plain text."""

    priority: ClassVar[float] = 0.5


class BrokenKeyring(DictKeyring):
    """One whose other side raises what keyring knows nothing of."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError(f"the bus is gone: {service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError(f"the bus is gone: {service} {username} {len(password)}")


@contextmanager
def plugged(ring: Ring) -> Iterator[Ring]:
    """Make *ring* the keyring of this process for the block."""
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        yield ring
    finally:
        keyring.set_keyring(before)
