"""The list method of one calendar's events: its pages, its token, and what every item holds of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.errors import CollectionGone, NotTheService, TooMuchAtOnce, Vanished
from connectors.google import series
from connectors.google.answers import rows, text
from connectors.google.paging import answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.google.answers import Json
    from connectors.google.client import Service, Value

METHOD: Final = "events.list"
PAGE: Final = 1000
"""Events asked for at once; the API gives 2,500 at most, which may be tens of megabytes."""

_LIGHT: Final = (
    "nextPageToken,nextSyncToken,summary,timeZone,accessRole,defaultReminders,"
    "items(id,etag,status,recurringEventId,recurrence)"
)


class Listing:
    """One pass over the events of *calendar*, or over what changed after a token.

    ``singleEvents`` and ``showDeleted`` keep their default: series come as masters and exceptions, and
    instances that do not take place are among them. *head* and *token* are known once the pages came.
    Conferences and attachments come by themselves; the parameters named after them are for writing.
    """

    def __init__(
        self, service: Service, calendar: str, stop: Callable[[], bool], *, hidden: bool = False, light: bool = False
    ) -> None:
        self._service, self._calendar, self._stop = service, calendar, stop
        self._more: dict[str, Value] = {"showHiddenInvitations": True} if hidden else {}
        self._more |= {"fields": _LIGHT} if light else {}
        self.head: Json = {}
        self.token = ""

    def events(self, since: str = "") -> Iterator[Json]:
        """Yield the events, in smaller pages from the beginning if a page is too large to take.

        Raises ``CursorExpired``, ``CollectionGone``, ``Stopped`` and what the transport raises.
        """
        size = PAGE
        while True:
            try:
                yield from self._pages(size, since)
            except TooMuchAtOnce:
                if size == 1:
                    raise
                size = max(1, size // 10)
            except Vanished as gone:
                raise CollectionGone(str(gone)) from gone
            else:
                return

    def _pages(self, size: int, since: str) -> Iterator[Json]:
        asked: dict[str, Value] = {"calendarId": self._calendar, "maxResults": size, **self._more}
        if since:
            asked["syncToken"] = since
        for number, answer in enumerate(answers(self._service, METHOD, self._stop, **asked)):
            if not number:
                self.head = series.head_of(answer)
            self.token = text(answer, "nextSyncToken") or self.token
            for event in rows(answer, "items"):
                if not text(event, "id"):
                    raise NotTheService("an event without an id")
                yield event
