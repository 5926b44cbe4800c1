"""The access a run needs: held while its job is open, given back when it is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wherry.errors import AccessEnding, AccessMissing
from wherry.exits import Exit
from wherry.places import find_account, parse_place

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.model import Job
    from wherry.access import Access
    from wherry.cli.flags import Flags
    from wherry.wiring import Wiring


class Holding:
    """Lets a job hold the grants of its accounts. Accounts with a password have none that a job could end."""

    def __init__(self, wiring: Wiring, database: Database, *, keep: bool) -> None:
        self._wiring, self._database, self._keep = wiring, database, keep
        self._accounts: frozenset[str] = frozenset()
        self._ended: Exit | None = None

    def taken(self, job: Job) -> Job:
        """Hold what *job* needs, and return it. What is not there the run will meet, and say, itself."""
        settings = self._wiring.settings
        places = [parse_place(place, extra=settings.connectors) for place in (job.spec.source, job.spec.destination)]
        accounts = [find_account(place, settings) for place in places if not place.local]
        self._accounts = frozenset(account.name for account in accounts if account.provider)
        if self._accounts:
            from oauth.grants import Holder, HolderKind
            from wherry.access import KEPT_FOR

            for account in sorted(self._accounts):
                try:
                    grant = self._access().attach(account, Holder(HolderKind.JOB, job.id))
                    # What was kept without an end, an app password say, does not get one here.
                    kept = any(holder.kind is HolderKind.KEPT and holder.until is None for holder in grant.holders)
                    if self._keep and not kept:
                        until = time.time() + KEPT_FOR
                        self._access().attach(account, Holder(HolderKind.KEPT, account, until))
                except (AccessMissing, AccessEnding):
                    continue
        return job

    def end(self, flags: Flags) -> Exit:
        """End the access nobody holds any more, and tell it. Called again it gives the same answer."""
        if self._ended is None:
            self._ended = self._settled(flags)
        return self._ended

    def _settled(self, flags: Flags) -> Exit:
        from sync_engine.glimpse_owed import anything_owed

        if not self._accounts and not anything_owed(self._database):
            return Exit.DONE
        from wherry.cli.ending import settle_access

        return settle_access(flags, self._access(), accounts=self._accounts or None)

    def _access(self) -> Access:
        from wherry.access import Access

        if self._wiring.access is None:
            self._wiring.access = Access(self._wiring.settings, self._database, stop=self._wiring.stop)
        return self._wiring.access
