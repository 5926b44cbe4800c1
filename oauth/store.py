"""Where secrets are kept: a protocol, and one file only its owner can read.

The file is the fallback of a machine without a keyring. Keyrings and an encrypted vault
take the same four methods.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from oauth.errors import BadStore, NoSuchSecret
from oauth.private_files import Held, PrivateFile
from oauth.secret import Secret

VERSION = 1


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
    """Secrets in one JSON file, mode 0600, in a folder of mode 0700 (see ``oauth.private_files``).

    Every method raises ``UnsafeFile`` and ``BadStore``, the writing ones ``StoreBusy`` after
    waiting for *patience* seconds.
    """

    def __init__(self, path: Path, *, patience: float = 10.0) -> None:
        self._file = PrivateFile(path, BadStore, patience)

    def get(self, name: str) -> Secret:
        """Return the secret. Raises ``NoSuchSecret``."""
        try:
            return Secret(self._kept(self._file.read())[name])
        except KeyError:
            raise NoSuchSecret(name) from None

    def put(self, name: str, secret: Secret) -> None:
        """Keep the secret, in place of an older one; durable on return."""
        with self._file.locked() as held:
            self._write(held, {**self._kept(held.read()), name: secret.reveal()})

    def delete(self, name: str) -> None:
        """Forget the secret. Raises ``NoSuchSecret``."""
        with self._file.locked() as held:
            kept = self._kept(held.read())
            if kept.pop(name, None) is None:
                raise NoSuchSecret(name)
            self._write(held, kept)

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._kept(self._file.read()))

    def _kept(self, content: bytes | None) -> dict[str, str]:
        return {} if content is None else _parsed(self._file.path, content)

    @staticmethod
    def _write(held: Held, kept: Mapping[str, str]) -> None:
        held.replace(json.dumps({"version": VERSION, "secrets": kept}, indent=1).encode())


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
