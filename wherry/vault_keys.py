"""The keys of the vault, looked at and made anew: each rotation is in the audit log."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oauth.audit import FIELDS, Actor, Event

if TYPE_CHECKING:
    from oauth.key_choice import Choice
    from oauth.key_standing import Standing
    from oauth.vault import Rotation
    from sync_engine.database import Database
    from wherry.settings import Settings

_KEY_ID = re.compile(FIELDS["key_id"] or "")


@dataclass(frozen=True, slots=True)
class KeysSeen:
    """Where the keys are *kept*, *why* there, and how they stand."""

    kept: str
    why: str
    standing: Standing


def kept_keys(settings: Settings, database: Database, environ: Mapping[str, str] = os.environ) -> Choice | None:
    """Return where the vault's keys are, ``None`` if it has none yet; makes nothing. Raises ``OAuthError``."""
    from oauth.key_choice import look
    from oauth.vault import key_ids
    from sync_engine.grants import SqlGrants

    store = SqlGrants(database)
    return look(
        settings.folders.vault_key, environ=environ, needed=lambda: key_ids(store), service=settings.key_service
    )


def see_keys(settings: Settings, database: Database, environ: Mapping[str, str] = os.environ) -> KeysSeen | None:
    """Look at the vault's keys; ``None`` when there are none yet. Raises ``OAuthError``."""
    from oauth.key_standing import standing
    from sync_engine.grants import SqlGrants

    found = kept_keys(settings, database, environ)
    if found is None:
        return None
    return KeysSeen(found.keys.name, found.why, standing(found.keys, SqlGrants(database)))


def rotate_keys(
    settings: Settings, database: Database, *, finish: bool = False, environ: Mapping[str, str] = os.environ
) -> Rotation | None:
    """Make a new key and wrap every data key with it; with *finish* only the second, for a rotation cut off.

    Destroys older keys that nothing needs, an hour after they were replaced. Killed anywhere, it
    can be run again. ``None`` when there is no key yet. Raises ``OAuthError``.
    """
    from oauth.vault import Vault
    from sync_engine.grants import SqlGrants

    found = kept_keys(settings, database, environ)
    if found is None:
        return None
    if not finish:
        _note(database, found.keys.rotate(), "begun")
    done = Vault(found.keys, SqlGrants(database)).rewrap()
    _note(database, done.newest, "unreadable" if done.unreadable else "done", count=done.rewrapped)
    return done


def _note(database: Database, key_id: str, outcome: str, *, count: int | None = None) -> None:
    """Write a rotation into the store's chain: when it begins, because the rest may be cut off, and when it is over."""
    from sync_engine.audit import append_store

    with database.write() as connection:
        append_store(
            connection,
            database,
            Event.KEY_ROTATED,
            actor=Actor.USER,
            purpose="administration",
            # A service's ids have a form of their own, and may hold names.
            key_id=key_id if _KEY_ID.fullmatch(key_id) else None,
            outcome=outcome,
            count=count,
        )
