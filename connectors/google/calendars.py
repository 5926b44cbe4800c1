"""The calendars of an account, as its calendar list shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.base import Collection, Kind
from connectors.errors import ConnectorError, ItemRejected, ScopeMissing
from connectors.google import series
from connectors.google.answers import text

if TYPE_CHECKING:
    from connectors.google.answers import Json

METHOD: Final = "calendarList.list"
PAGE: Final = 250
READ_ALL: Final = "https://www.googleapis.com/auth/calendar.events.readonly"


def collection(entry: Json, *, owned: bool) -> Collection:
    """Return the calendar of an *entry*; *owned* says that the access covers the user's own only.

    A calendar that cannot be read is there, with its problem.
    """
    id_ = text(entry, "id")
    name = text(entry, "summaryOverride") or text(entry, "summary") or id_
    return Collection(
        id=id_,
        kind=Kind.EVENT,
        name=name,
        slug=name,
        colour=text(entry, "backgroundColor") or None,
        description=text(entry, "description") or None,
        timezone=text(entry, "timeZone") or None,
        components=frozenset({"VEVENT"}),
        media_types=(series.MEDIA_TYPE,),
        writable=False,
        problem=_problem(text(entry, "accessRole"), id_, owned=owned),
    )


def is_name(id_: str) -> bool:
    """Say whether *id_* can stand in a path of the API without meaning another one."""
    return bool(id_) and id_ not in {".", ".."} and len(id_) <= 1024 and id_.isprintable()


def _problem(role: str, id_: str, *, owned: bool) -> ConnectorError | None:
    if not is_name(id_):
        return ItemRejected("refused", "an id that cannot be asked for")
    if role == "freeBusyReader":
        return ItemRejected("free-busy-only", "its owner shows when it is busy, and no events")
    if owned and role != "owner":
        return ScopeMissing(READ_ALL, "the access covers calendars the user owns")
    return None
