"""Google Calendar as a source: every calendar on the user's list, each item one series."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from connectors.base import Account, ChangePage, Collection, Failed, Item, ItemRef, Kind, Manifest
from connectors.errors import CollectionGone, ConfigError, ItemRejected, Vanished
from connectors.google import calendars, hosts, quota, series
from connectors.google.answers import Json, rows, text
from connectors.google.client import Service
from connectors.google.cursor import Mark
from connectors.google.happenings import Everything, Since, item
from connectors.google.listing import Listing
from connectors.google.mirror import Mirror
from connectors.google.options import yes
from connectors.google.paging import answers, paged
from connectors.google.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.base import Context, Cursor, Endpoint

DOCUMENT: Final = "calendar.v3"

FEW: Final = 4
"""So many ids are first looked up one by one: what was deleted is often all that is asked for."""


class Calendars:
    """The calendars of one Google account."""

    manifest: ClassVar[Manifest] = Manifest(
        id=hosts.CALENDAR_KIND,
        title="Google Calendar",
        reads=frozenset({Kind.EVENT}),
        incremental=True,
        deletions=True,
        options={
            "owned-only": "yes: the access covers the calendars you own; the others are reported (no)",
            "hidden-invitations": "yes: invitations you do not see in Google Calendar as well (no)",
            quota.OPTION: f"requests a minute the project may make for one user ({quota.QUOTAS['calendar'].per_user})",
        },
        scopes={
            f"{hosts.SCOPE}calendar.calendarlist.readonly": "see which calendars there are",
            f"{hosts.SCOPE}calendar.events.readonly": "see the events of all of them",
            f"{hosts.SCOPE}calendar.events.owned.readonly": "with owned-only, instead: see those of one's own",
        },
        methods=("calendar.calendarList.list", "calendar.events.list", "calendar.events.get"),
        hosts=("www.googleapis.com",),
        quotas=quota.words("calendar"),
    )

    def __init__(self, endpoint: Endpoint, ctx: Context) -> None:
        """Take the endpoint. Raises ``ConfigError`` if it cannot be one of ours; asks nobody yet."""
        if ctx.http is None:
            raise ConfigError("Google Calendar is read over the network")
        self._endpoint, self._ctx = endpoint, ctx
        root, limit = hosts.stand_in(endpoint.url) or hosts.CALENDAR, quota.per_minute("calendar", endpoint.options)
        self._service = Service(ctx.http, DOCUMENT, root=root, limit=limit)
        self._owned = yes(endpoint.options, "owned-only", "no")
        self._hidden = yes(endpoint.options, "hidden-invitations", "no")
        self._mirrored = ""
        self._held: Mirror | None = None

    def check(self) -> Account:
        """Say whose calendars these are: the primary one is called by the account's address."""
        for entry in self._entries():
            if entry.get("primary") is True and text(entry, "id"):
                return Account(text(entry, "id"), writable=False)
        return Account(self._endpoint.account or "Google", writable=False)

    def collections(self) -> Iterator[Collection]:
        """Yield every calendar on the list, hidden ones as well, by one request for 250."""
        if self._endpoint.kinds and Kind.EVENT not in self._endpoint.kinds:
            return
        wanted = self._endpoint.path.strip()
        for entry in self._entries():
            found = calendars.collection(entry, owned=self._owned)
            if not wanted or wanted in {found.id, found.name} or (wanted == "primary" and entry.get("primary") is True):
                yield found

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield what changed since *cursor*, or everything: one request for 1,000 events."""
        listing = self._listing(collection)
        if cursor is None:
            run: Everything | Since = Everything(listing)
        else:
            run = Since(listing, Mark.read(cursor, asked=""), lambda: self._mirror(collection))
        yield from paged(run.changes(), run.end, listing=cursor is None, total=lambda: None)

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield each ref's item, from the events at hand brought up to date by one request."""
        known = {ref.id: ref for ref in refs}
        for id_ in [id_ for id_ in known if not calendars.is_name(id_)]:
            yield Failed(known.pop(id_), Vanished("no id the API gives out"))
        left = list(known.values())
        if len(left) <= FEW:
            gone = {ref.id for ref in left if self._is_gone(collection, ref)}
            yield from (Failed(ref, Vanished("it is cancelled")) for ref in left if ref.id in gone)
            left = [ref for ref in left if ref.id not in gone]
        if not left:
            return
        mirror = self._mirror(collection)
        for ref in left:
            members = mirror.members(ref.id)
            made = item(ref.id, members, mirror.head) if members else Vanished("nothing of it takes place")
            yield made if isinstance(made, Item) else Failed(ref, made)

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        """Yield every series that stands there now, without what the events say."""
        listing, store = self._listing(collection, light=True), Store()
        try:
            for event in listing.events():
                if series.is_member(event) or not series.is_cancelled(event):
                    store.put(event, keep=False)
            for id_, members in store.refs():
                yield ItemRef(id_, series.revision(members, listing.head))
        finally:
            store.close()

    def close(self) -> None:
        """Forget the events at hand; the transport belongs to the engine."""
        if self._held is not None:
            self._held.close()
        self._held, self._mirrored = None, ""

    def _entries(self) -> Iterator[Json]:
        asked = answers(self._service, calendars.METHOD, self._ctx.stop, maxResults=calendars.PAGE, showHidden=True)
        for answer in asked:
            yield from (each for each in rows(answer, "items") if each.get("deleted") is not True)

    def _listing(self, collection: Collection, *, light: bool = False) -> Listing:
        if not calendars.is_name(collection.id):
            raise CollectionGone("Google has no such calendar")
        return Listing(self._service, collection.id, self._ctx.stop, hidden=self._hidden, light=light)

    def _mirror(self, collection: Collection) -> Mirror:
        """Return all events of a calendar as they stand now. Those of the last calendar asked for are kept."""
        if self._held is None or self._mirrored != collection.id:
            self.close()
            self._held, self._mirrored = Mirror(lambda: self._listing(collection)), collection.id
        self._held.refresh()
        return self._held

    def _is_gone(self, collection: Collection, ref: ItemRef) -> bool:
        """Say whether a single event was deleted, where one request can tell.

        An id nobody knows may be that of a series of which the user sees some instances only.
        """
        try:
            event = self._service.ask("events.get", calendarId=collection.id, eventId=ref.id)
        except (Vanished, ItemRejected):
            return False
        return series.is_single(event) and series.is_cancelled(event) and "start" in event
