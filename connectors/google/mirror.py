"""All events of a calendar at hand, kept up to date by one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.errors import CursorExpired
from connectors.google import series
from connectors.google.answers import text
from connectors.google.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.google.answers import Json
    from connectors.google.listing import Listing


class Mirror:
    """What stands in one calendar now. *listing* makes a fresh pass over it.

    The list method cannot be asked for one series: it finds instances that do not take place in a list of
    everything only. So everything is listed once, and then followed by its sync token.
    """

    def __init__(self, listing: Callable[[], Listing]) -> None:
        self._listing = listing
        self._store = Store()
        self._token = ""
        self.head: Json = {}

    def refresh(self) -> None:
        """Bring it up to date: by all pages the first time, then by what changed."""
        if self._token:
            try:
                self._follow()
            except CursorExpired:
                self._token = ""
            else:
                return
        self._store.close()
        self._store = Store()
        fresh = self._listing()
        for event in fresh.events():
            if series.is_member(event) or not series.is_cancelled(event):
                self._store.put(event)
        self.head, self._token = fresh.head, fresh.token

    def members(self, id_: str) -> list[Json]:
        """Return the events of one series; none if nothing of it takes place."""
        return self._store.members(id_)

    def close(self) -> None:
        """Forget everything."""
        self._store.close()

    def _follow(self) -> None:
        changed = self._listing()
        for event in changed.events(self._token):
            if series.is_cancelled(event) and not series.is_member(event):
                self._store.drop(text(event, "id"))
            else:
                self._store.put(event)
        self.head, self._token = changed.head, changed.token
