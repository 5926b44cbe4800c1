"""Keys that wrap data keys: what keeps one promises this, wherever it keeps it.

A vault asks only to wrap and unwrap. Where the key itself may be had (a file, the system's
keyring, a variable, memory) that happens here; a service for keys does it far away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from oauth.errors import BadVault, KeyFixed, KeyMissing
from oauth.sealing import KEY_BYTES, id_of, key_id_of, new_key, open_sealed, seal

VARIABLE: Final = "WHERRY_VAULT_KEY"
"""Holds the key as base64 of 32 bytes; after commas, older keys that still open."""


@runtime_checkable
class KeyProvider(Protocol):
    """Something that wraps data keys. Several key ids may be known; the newest one wraps.

    Third parties offer one under the entry-point group ``wherry.keys`` (see ``oauth/key_choice.py``).
    """

    name: str
    """Where keys are kept, as a person reads it: "the key file /home/ana/..."."""

    def current(self) -> str:
        """Return the id of the key that wraps now. Raises ``KeyMissing``."""

    def wrap(self, data_key: bytes, *, place: tuple[str, ...]) -> str:
        """Return *data_key* (32 bytes) wrapped for *place*, in the form ``v1|key_id|...``; raises ``KeyMissing``."""

    def unwrap(self, wrapped: str, *, place: tuple[str, ...]) -> bytes:
        """Return the data key. Raises ``KeyMissing``, ``WrongKey`` (another place, changed), ``BadVault``."""

    def rotate(self) -> str:
        """Make a new key that wraps from now on and return its id, durable on return; older ones still unwrap.

        Raises ``KeyFixed`` where the key is not ours to change.
        """

    def retired(self, *, since: float = 0.0) -> list[str]:
        """Return the ids of older keys that have not wrapped for *since* seconds or more."""

    def drop(self, key_id: str) -> None:
        """Destroy an older key; the newest is never dropped (``ValueError``), an unknown one is no matter."""


@dataclass(frozen=True, slots=True)
class Dates:
    """When a key was *made*, and since when it has been *retired*: seconds since the epoch, ``None`` for not known."""

    made: float | None = None
    retired: float | None = None


class HeldKeys:
    """The half of a provider whose keys can be had as bytes."""

    name: str

    def current(self) -> str:
        """Return the id of the key that wraps now. Raises ``KeyMissing``."""
        raise NotImplementedError

    def key(self, key_id: str) -> bytes:
        """Return the key, 32 bytes. Raises ``KeyMissing``."""
        raise NotImplementedError

    def dates(self) -> Mapping[str, Dates]:
        """Return what is known of the ages of keys, by their ids."""
        return {}

    def wrap(self, data_key: bytes, *, place: tuple[str, ...]) -> str:
        """Seal *data_key* with the newest key."""
        key_id = self.current()
        return seal(self.key(key_id), data_key, key_id=key_id, place=place)

    def unwrap(self, wrapped: str, *, place: tuple[str, ...]) -> bytes:
        """Open what any known key sealed."""
        return open_sealed(self.key(key_id_of(wrapped, place=place)), wrapped, place=place)


class MemoryKeys(HeldKeys):
    """Keys that end with the process: what they seal cannot be opened by another one."""

    name = "memory"

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self.rotate()

    def current(self) -> str:
        return next(reversed(self._keys))

    def key(self, key_id: str) -> bytes:
        return _known(self._keys, key_id, self.name)

    def rotate(self) -> str:
        key = new_key()
        self._keys[id_of(key)] = key
        return id_of(key)

    def retired(self, *, since: float = 0.0) -> list[str]:  # noqa: ARG002 - nobody else wraps with them
        return list(self._keys)[:-1]

    def drop(self, key_id: str) -> None:
        if key_id == self.current():
            raise ValueError("the newest key is not dropped")
        self._keys.pop(key_id, None)


class GivenKeys(HeldKeys):
    """Keys given from outside in ``WHERRY_VAULT_KEY``, the newest first. Raises ``BadVault``, quoting nothing."""

    name = f"the variable {VARIABLE}"

    def __init__(self, value: str) -> None:
        keys = [decoded(text.strip(), self.name) for text in value.split(",")]
        self._keys = {id_of(key): key for key in keys}

    def current(self) -> str:
        return next(iter(self._keys))

    def key(self, key_id: str) -> bytes:
        return _known(self._keys, key_id, self.name)

    def rotate(self) -> str:
        """Take to the first key if older ones are given behind it. Raises ``KeyFixed`` for a single one."""
        if len(self._keys) == 1:
            raise KeyFixed(self.name)
        return self.current()

    def retired(self, *, since: float = 0.0) -> list[str]:  # noqa: ARG002 - we do not know since when
        return list(self._keys)[1:]

    def drop(self, key_id: str) -> None:
        """Leave it: only who sets the variable can take a key out of it."""
        if key_id == self.current():
            raise ValueError("the newest key is not dropped")


def decoded(text: str, where: str) -> bytes:
    """Return a key written in base64, plain or URL-safe, padded or not. Raises ``BadVault``, quoting nothing."""
    from base64 import b64decode

    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        key = b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        raise BadVault(where, "not base64") from None
    if len(key) != KEY_BYTES:
        raise BadVault(where, f"not {KEY_BYTES} bytes in base64")
    return key


def _known(keys: Mapping[str, bytes], key_id: str, where: str) -> bytes:
    try:
        return keys[key_id]
    except KeyError:
        raise KeyMissing(key_id, where) from None
