"""One cheap question at the end of every run: whether any access may have to be ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sync_engine.database import Database

_OPEN: Final = """
select 1 from grants
where state not in ('erased', 'closed') and not (state = 'live' and provider = 'password') limit 1"""


def anything_owed(database: Database) -> bool:
    """Say whether a grant is not over and not simply held for its password: then the reaper should look."""
    return bool(database.fetch(database.prepare(_OPEN), {}))
