"""The password of an account, for the early start of a run (see ``wherry.prefetch``).

Where this way is not open the answer is "unknown", and the engine asks the vault itself a
little later, which says what is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from wherry.settings import SQLITE

if TYPE_CHECKING:
    from oauth.secret import Secret
    from wherry.settings import Settings


def quick_password(settings: Settings, account: str, environ: Mapping[str, str] = os.environ) -> Secret | None:
    """Return the password kept for *account*, ``None`` when it cannot be had quickly."""
    from oauth.handing import from_child

    if not settings.database.startswith(SQLITE):
        return None
    database = Path(settings.database.removeprefix(SQLITE))
    return from_child(lambda: _opened(settings, database, account, environ)) if database.is_file() else None


def _opened(settings: Settings, database: Path, account: str, environ: Mapping[str, str]) -> Secret | None:
    from oauth.key_choice import existing
    from oauth.keys import VARIABLE, GivenKeys
    from sync_engine.glimpse_secret import live_secret

    keys = GivenKeys(environ[VARIABLE]) if environ.get(VARIABLE) else existing(settings.folders.vault_key)
    return None if keys is None else live_secret(database, keys, account, "password")
