"""Keys in the system's keyring: Secret Service, KWallet, the keychain of macOS, and what plugs in there.

A keyring cannot be asked what it holds, so the list of ids is a private file beside it.
Importing the library takes a fifth of a second: it happens where a key is needed, never
to find out where keys are.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oauth.errors import KeyMissing, KeyringShut
from oauth.key_list import KeyList, Listed, document, existing_list, locked_list, write_list
from oauth.keys import Dates, HeldKeys, decoded
from oauth.sealing import id_of, new_key

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "wherry vault"
"""The service in the keyring; the user's name there is the id of a key."""


class KeyRing(HeldKeys):
    """Keys in the system's keyring, their ids in a private file.

    Every method raises ``KeyringShut`` (none, locked, or it does not answer), ``UnsafeFile``,
    ``BadVault`` and ``KeyMissing``, the writing ones ``StoreBusy`` and ``NotKept``.
    """

    name = "the system's keyring"

    def __init__(self, path: Path, *, patience: float = 10.0, clock: Callable[[], float] = time.time) -> None:
        self._file, self._clock = document(path, patience), clock

    def create(self) -> None:
        """Make a first key unless there is a list already (of keys here or in the file itself)."""
        with self._file.locked() as held:
            if locked_list(held) is None:
                key_id = _keep(new_key())
                write_list(held, KeyList("keyring", key_id, {key_id: Listed(made=self._clock())}))

    def current(self) -> str:
        return existing_list(self._file).newest

    def key(self, key_id: str) -> bytes:
        found = _look_up(key_id)
        if found is None:
            raise KeyMissing(key_id, self.name)
        return found

    def rotate(self) -> str:
        with self._file.locked() as held:
            before = existing_list(self._file, held)
            # In the keyring first: killed in between, we leave there a key that has sealed nothing.
            key_id = _keep(new_key())
            write_list(held, before.with_newest(key_id, None, now=self._clock()))
        return key_id

    def retired(self, *, since: float = 0.0) -> list[str]:
        return existing_list(self._file).retired(before=self._clock() - since)

    def dates(self) -> Mapping[str, Dates]:
        return existing_list(self._file).dates()

    def drop(self, key_id: str) -> None:
        with self._file.locked() as held:
            after = existing_list(self._file, held).without(key_id)
            # From the keyring first: killed in between, the list still says what is to go.
            _delete(key_id)
            write_list(held, after)


def _backend() -> KeyringBackend:
    """Return the keyring to use. Raises ``KeyringShut`` when there is none to be trusted with a key."""
    try:
        import keyring
        from keyring.core import recommended
    except ImportError:
        raise KeyringShut("the package keyring is not installed (pip install 'wherry[keyring]')") from None
    try:
        found = keyring.get_keyring()
        trusted = recommended(found)
    except Exception as error:  # noqa: BLE001 - keyrings are plug-ins and raise what they like
        raise KeyringShut(_said(error)) from None
    if not trusted:
        # Below that are the ones that refuse, forget, or keep plain text: a private file is better.
        raise KeyringShut("this system has none")
    return found


def _look_up(key_id: str) -> bytes | None:
    backend = _backend()
    try:
        text = backend.get_password(SERVICE, key_id)
    except Exception as error:  # noqa: BLE001 - likewise
        raise KeyringShut(_said(error)) from None
    return None if text is None else decoded(text, f"the keyring's entry {key_id}")


def _keep(key: bytes) -> str:
    backend = _backend()
    try:
        backend.set_password(SERVICE, id_of(key), b64encode(key).decode())
    except Exception as error:  # noqa: BLE001 - likewise
        raise KeyringShut(_said(error)) from None
    if _look_up(id_of(key)) != key:
        raise KeyringShut("it does not give back what it was given")
    return id_of(key)


def _delete(key_id: str) -> None:
    backend = _backend()
    try:
        backend.delete_password(SERVICE, key_id)
    except Exception as error:  # noqa: BLE001 - likewise
        if _look_up(key_id) is not None:
            raise KeyringShut(_said(error)) from None


def _said(error: Exception) -> str:
    """Return what may be shown of a keyring's error: its kind, for its text is not ours."""
    return f"it answered {type(error).__name__}"
