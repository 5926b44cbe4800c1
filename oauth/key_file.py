"""Keys in a private file: the place of a machine without a keyring."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from oauth.errors import KeyMissing
from oauth.key_list import KeyList, Listed, document, existing_list, locked_list, write_list
from oauth.keys import Dates, HeldKeys
from oauth.sealing import id_of, new_key


class KeyFile(HeldKeys):
    """Keys in one file of mode 0600, in a folder of mode 0700; read and checked anew each time.

    Every method raises ``UnsafeFile``, ``BadVault`` and ``KeyMissing`` (no such file), the
    writing ones ``StoreBusy`` and ``NotKept``. *clock* gives seconds since the epoch.
    """

    def __init__(self, path: Path, *, patience: float = 10.0, clock: Callable[[], float] = time.time) -> None:
        self.name = f"the key file {path}"
        self._file, self._clock = document(path, patience), clock

    def create(self) -> str:
        """Make a first key unless there is one, and return the newest id. Processes at the same time agree.

        Where secrets are sealed already, a new key would not open them: ask
        ``oauth.key_choice.choose``, which looks first.
        """
        with self._file.locked() as held:
            found = locked_list(held)
            if found is None:
                key = new_key()
                found = KeyList("file", id_of(key), {id_of(key): Listed(key, made=self._clock())})
                write_list(held, found)
            return found.newest

    def current(self) -> str:
        return existing_list(self._file).newest

    def key(self, key_id: str) -> bytes:
        listed = existing_list(self._file).keys.get(key_id)
        if listed is None or listed.key is None:
            raise KeyMissing(key_id, self.name)
        return listed.key

    def rotate(self) -> str:
        key = new_key()
        with self._file.locked() as held:
            before = existing_list(self._file, held)
            write_list(held, before.with_newest(id_of(key), key, now=self._clock()))
        return id_of(key)

    def retired(self, *, since: float = 0.0) -> list[str]:
        return existing_list(self._file).retired(before=self._clock() - since)

    def dates(self) -> Mapping[str, Dates]:
        return existing_list(self._file).dates()

    def drop(self, key_id: str) -> None:
        with self._file.locked() as held:
            write_list(held, existing_list(self._file, held).without(key_id))
