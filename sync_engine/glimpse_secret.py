"""Open one secret of an account's live grant without the database library, so that listing may start early.

The library takes a third of a second to import; this takes a few milliseconds beside the
cipher's own import. Whoever gets ``None`` asks the store of grants, which knows how to
refresh, to wait and to explain.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from oauth.unsealing import field_place, key_place, open_field

if TYPE_CHECKING:
    from pathlib import Path

    from oauth.keys import KeyProvider
    from oauth.secret import Secret

MARGIN: Final = 60.0
"""Seconds an access token must still live to be worth a start."""

_LIVE: Final = """
select grants.id, grants.data_key, sealed.ciphertext, grants.expires_at
from grants join sealed on sealed.grant_id = grants.id and sealed.field = :field
where grants.tenant = :tenant and grants.account = :account and grants.state = 'live' and grants.data_key is not null
order by grants.turn desc limit 1"""


def live_secret(
    file: Path, keys: KeyProvider, account: str, field: str, *, tenant: str = "local", now: float | None = None
) -> Secret | None:
    """Return one sealed *field* of *account*'s live grant in the embedded database *file*.

    ``None`` when the database cannot be read right now, has no such grant or field, or when
    the access token ends within ``MARGIN`` seconds of *now*. Writes nothing. Raises what
    the keys raise: ``KeyMissing``, ``WrongKey``, ``BadVault``, ``KeyringShut``.
    """
    names = {"tenant": tenant, "account": account, "field": field}
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=0.2)) as database:
            row = database.execute(_LIVE, names).fetchone()
    except (sqlite3.Error, UnicodeEncodeError):
        return None
    if row is None:
        return None
    grant_id, wrapped, sealed, expires_at = row
    if field == "access_token" and expires_at is not None and expires_at < (now or time.time()) + MARGIN:
        return None
    data_key = keys.unwrap(wrapped, place=key_place(tenant, grant_id))
    return open_field(data_key, sealed, place=field_place(tenant, grant_id, field))
