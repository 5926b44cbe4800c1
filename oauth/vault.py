"""The vault: each grant has a data key, wrapped by a key kept elsewhere; the data key seals its secrets.

Destroying the wrapped data key destroys the secrets wherever their sealed form was copied
to. Rotation wraps the data keys anew and touches no secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from oauth.errors import BadVault, KeyMissing, NoSuchSecret, WrongKey
from oauth.grants import LOCAL
from oauth.sealing import id_of, key_id_of, new_key, seal
from oauth.unsealing import field_place, key_place, open_field

if TYPE_CHECKING:
    from oauth.grants import Grant
    from oauth.keys import KeyProvider
    from oauth.secret import Secret

GRACE: Final = 3600.0
"""Seconds an old key stays after it was retired: a process may just be keeping what it wrapped with it."""


class SealedRows(Protocol):
    """What the vault asks of the store of grants (``oauth.grants.GrantStore`` has it)."""

    def sealed(self, grant_id: str) -> tuple[str | None, Mapping[str, bytes]]:
        """Return the wrapped data key and the sealed fields by name."""

    def rewrap(self, grant_id: str, *, old: str, new: str) -> bool:
        """Replace the wrapped data key if it still is *old*; say whether it was."""

    def list(self, *, all: bool = False) -> Sequence[Grant]:  # noqa: A002 - the word of the port
        """Return the grants; with *all* those that are over as well."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: ids of keys *dropped* and *waiting* (still needed, or retired just now)."""

    newest: str
    rewrapped: int
    dropped: tuple[str, ...]
    waiting: tuple[str, ...]
    unreadable: tuple[str, ...]
    """Grants whose data key does not open: left as they are, with the key they name."""


class Vault:
    """Seals and opens the secrets of one *tenant*'s grants; rotation takes everybody's.

    Opening raises ``KeyMissing``, ``WrongKey`` (changed, or of another tenant, grant or
    field) and ``BadVault``, and what the provider of keys raises.
    """

    def __init__(self, keys: KeyProvider, store: SealedRows, tenant: str = LOCAL) -> None:
        self.keys, self.store, self.tenant = keys, store, tenant

    def new_data_key(self, grant_id: str) -> str:
        """Return a fresh data key for a grant, wrapped: keep it in the grant's row."""
        return self.keys.wrap(new_key(), place=key_place(self.tenant, grant_id))

    def seal(self, grant_id: str, wrapped: str, field: str, secret: Secret) -> bytes:
        """Return *secret* sealed for one field of one grant."""
        return self.seal_all(grant_id, wrapped, {field: secret})[field]

    def seal_all(self, grant_id: str, wrapped: str, secrets: Mapping[str, Secret]) -> dict[str, bytes]:
        """Return several secrets sealed, by field; the data key is unwrapped once."""
        data_key = self._data_key(grant_id, wrapped)
        return {field: self._sealed(data_key, grant_id, field, secret) for field, secret in secrets.items()}

    def open(self, grant_id: str, wrapped: str, field: str, sealed: bytes) -> Secret:
        """Return the secret sealed for this field of this grant."""
        return self._opened(self._data_key(grant_id, wrapped), grant_id, field, sealed)

    def secrets(self, grant_id: str) -> dict[str, Secret]:
        """Return all secrets of a grant by field; none when they are destroyed."""
        wrapped, fields = self.store.sealed(grant_id)
        if wrapped is None or not fields:
            return {}
        data_key = self._data_key(grant_id, wrapped)
        return {field: self._opened(data_key, grant_id, field, sealed) for field, sealed in fields.items()}

    def secret(self, grant_id: str, field: str) -> Secret:
        """Return one secret. Raises ``NoSuchSecret``."""
        wrapped, fields = self.store.sealed(grant_id)
        if wrapped is None or field not in fields:
            raise NoSuchSecret(field)
        return self.open(grant_id, wrapped, field, fields[field])

    def rotate(self, *, grace: float = GRACE) -> Rotation:
        """Make a new key and wrap every data key with it. Killed anywhere, it can be run again."""
        self.keys.rotate()
        return self.rewrap(grace=grace)

    def rewrap(self, *, grace: float = GRACE) -> Rotation:
        """Wrap with the newest key what older ones wrapped, and drop those nothing needs after *grace* seconds."""
        newest, rewrapped, unreadable = self.keys.current(), 0, []
        for grant in self.store.list(all=True):
            if grant.data_key is None:
                continue
            try:
                if key_id_of(grant.data_key) != newest:
                    rewrapped += self._rewrap(grant, grant.data_key)
            except (KeyMissing, WrongKey, BadVault):
                unreadable.append(grant.id)
        needed, dropped = key_ids(self.store), []
        for old in self.keys.retired(since=grace):
            if old not in needed:
                self.keys.drop(old)
                dropped.append(old)
        return Rotation(newest, rewrapped, tuple(dropped), tuple(self.keys.retired()), tuple(unreadable))

    def _rewrap(self, grant: Grant, wrapped: str) -> bool:
        place = key_place(grant.tenant, grant.id)
        fresh = self.keys.wrap(self.keys.unwrap(wrapped, place=place), place=place)
        return self.store.rewrap(grant.id, old=wrapped, new=fresh)

    def _data_key(self, grant_id: str, wrapped: str) -> bytes:
        return self.keys.unwrap(wrapped, place=key_place(self.tenant, grant_id))

    def _sealed(self, data_key: bytes, grant_id: str, field: str, secret: Secret) -> bytes:
        plain = secret.reveal().encode("utf-8", "surrogatepass")
        place = field_place(self.tenant, grant_id, field)
        return seal(data_key, plain, key_id=id_of(data_key), place=place).encode("ascii")

    def _opened(self, data_key: bytes, grant_id: str, field: str, sealed: bytes) -> Secret:
        return open_field(data_key, sealed, place=field_place(self.tenant, grant_id, field))


def key_ids(store: SealedRows) -> frozenset[str]:
    """Return the ids of the keys that rows need: what ``oauth.key_choice.choose`` asks before it makes one."""
    return frozenset(_wrapper(grant.data_key) for grant in store.list(all=True) if grant.data_key is not None)


def _wrapper(wrapped: str) -> str:
    """Return the id of the key that wrapped this; of what has no such form, the whole of it, which no key is called."""
    try:
        return key_id_of(wrapped)
    except BadVault:
        return wrapped
