"""One look at a calendar: all its series, or what came after a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.base import Change, Item, ItemRef
from connectors.errors import CursorExpired, ItemRejected
from connectors.google import series
from connectors.google.answers import Json, text
from connectors.google.cursor import Mark
from connectors.google.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connectors.base import Cursor
    from connectors.google.listing import Listing
    from connectors.google.mirror import Mirror

MOST_BYTES: Final = 32 * 1024 * 1024
"""Largest body of one item."""


def item(id_: str, members: Sequence[Json], head: Json) -> Item | ItemRejected:
    """Return the item of a series, or that it is too large to be one."""
    ref = ItemRef(id_, series.revision([(text(each, "id"), text(each, "etag")) for each in members], head))
    body = series.body(members, head)
    if len(body) > MOST_BYTES:
        return ItemRejected("too-large", f"{len(members)} events, {len(body)} bytes")
    return Item(ref, series.MEDIA_TYPE, body, series.title(members))


def change(id_: str, members: Sequence[Json], head: Json) -> Change:
    """Return what is said of a series: how it stands, or that it is gone when nothing of it takes place."""
    if not members:
        return Change(ItemRef(id_), gone=True)
    made = item(id_, members, head)
    return Change(made.ref, item=made) if isinstance(made, Item) else Change(ItemRef(id_), problem=made)


class Everything:
    """A full listing. Single events are said page by page, series once all pages have shown their members."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def changes(self) -> Iterator[Change]:
        """Yield every series once; a single event once more if it was changed meanwhile."""
        store = Store()
        try:
            for event in self._listing.events():
                if series.is_single(event):
                    if not series.is_cancelled(event) and store.put(event):
                        yield change(text(event, "id"), [event], self._listing.head)
                elif series.is_member(event) or not series.is_cancelled(event):
                    store.put(event)
            for id_ in store.kept_series():
                yield change(id_, store.members(id_), self._listing.head)
        finally:
            store.close()

    def end(self) -> Cursor | None:
        """Return where to go on."""
        return Mark(self._listing.token, about=series.about(self._listing.head)).cursor()


class Since:
    """What changed after *mark*. A series of which anything changed is read again, whole, from a mirror."""

    def __init__(self, listing: Listing, mark: Mark, mirror: Callable[[], Mirror]) -> None:
        self._listing, self._mark, self._mirror = listing, mark, mirror

    def changes(self) -> Iterator[Change]:
        """Yield what became of each event or series. Raises ``CursorExpired``, also for a calendar that is another now.

        A deleted master takes its exceptions with it, unless one of them is told to live.
        """
        touched: dict[str, bool] = {}
        deleted: dict[str, None] = {}
        for event in self._listing.events(self._mark.sync):
            self._assert_same()
            id_, cancelled = series.series_of(event), series.is_cancelled(event)
            if series.is_member(event):
                touched[id_] = touched.get(id_, False) or not cancelled
            elif cancelled:
                deleted[id_] = None
            elif series.is_single(event):
                yield change(id_, [event], self._listing.head)
            else:
                touched[id_] = True
        self._assert_same()
        again = [id_ for id_, lives in touched.items() if lives or id_ not in deleted]
        yield from (Change(ItemRef(id_), gone=True) for id_ in deleted if id_ not in again)
        if again:
            mirror = self._mirror()
            for id_ in again:
                yield change(id_, mirror.members(id_), mirror.head)

    def _assert_same(self) -> None:
        """Raise ``CursorExpired`` if every item is another now: its default reminders, zone or name changed."""
        if self._mark.about != series.about(self._listing.head):
            raise CursorExpired("what every event holds of its calendar has changed")

    def end(self) -> Cursor | None:
        """Return where to go on."""
        return Mark(self._listing.token, about=self._mark.about).cursor()
