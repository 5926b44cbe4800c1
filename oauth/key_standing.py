"""How a vault's keys stand: which one wraps, which still open, and what nothing opens any more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from oauth.errors import BadVault, KeyMissing
from oauth.keys import Dates, HeldKeys
from oauth.sealing import key_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oauth.keys import KeyProvider
    from oauth.vault import SealedRows


class KeyState(StrEnum):
    """What a key is good for."""

    NEWEST = "newest"
    """It wraps, and opens."""
    OLDER = "older"
    """It only opens."""
    MISSING = "missing"
    """It is listed or needed, and not there."""


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """One key; *grants* are the ids of those whose data key it wrapped. Never the key itself."""

    id: str
    state: KeyState
    dates: Dates
    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """All keys, the newest first; *unreadable* are grants that name no key at all."""

    keys: tuple[KeyStanding, ...]
    unreadable: tuple[str, ...]


def standing(keys: KeyProvider, store: SealedRows) -> Standing:
    """Look at *keys* and at what *store* needs of them; changes nothing.

    A keyring is asked for each key: raises ``KeyringShut``, and what reading a list of keys raises.
    """
    needed: dict[str, list[str]] = {}
    unreadable = []
    for grant in store.list(all=True):
        if grant.data_key is None:
            continue
        try:
            needed.setdefault(key_id_of(grant.data_key), []).append(grant.id)
        except BadVault:
            unreadable.append(grant.id)
    newest = keys.current()
    listed = [newest, *reversed(keys.retired())]
    dates: Mapping[str, Dates] = keys.dates() if isinstance(keys, HeldKeys) else {}
    found = tuple(
        KeyStanding(each, _state(keys, each, newest, listed), dates.get(each, Dates()), tuple(needed.get(each, ())))
        for each in [*listed, *sorted(needed.keys() - set(listed))]
    )
    return Standing(found, tuple(unreadable))


def _state(keys: KeyProvider, key_id: str, newest: str, listed: list[str]) -> KeyState:
    """Return the state of one key; a service far away is believed about the keys it lists."""
    if isinstance(keys, HeldKeys):
        try:
            keys.key(key_id)
        except KeyMissing:
            return KeyState.MISSING
    elif key_id not in listed:
        return KeyState.MISSING
    return KeyState.NEWEST if key_id == newest else KeyState.OLDER
