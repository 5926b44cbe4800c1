"""Which family of content lines a media type names."""

from __future__ import annotations

from enum import StrEnum

from mappings.errors import UnknownType


class Family(StrEnum):
    """The outermost component that objects of a media type have."""

    CALENDAR = "VCALENDAR"
    CARD = "VCARD"


_FAMILIES = {
    "text/calendar": Family.CALENDAR,
    "text/x-vcalendar": Family.CALENDAR,
    "application/ics": Family.CALENDAR,
    "text/vcard": Family.CARD,
    "text/x-vcard": Family.CARD,
    "text/directory": Family.CARD,
}


def family(media_type: str) -> Family:
    """Name the family of *media_type*; its parameters do not matter.

    Raises:
        UnknownType: the type is neither a calendar nor a card.
    """
    found = _FAMILIES.get(media_type)
    if found is None:
        found = _FAMILIES.get(media_type.partition(";")[0].strip().lower())
    if found is None:
        raise UnknownType(media_type)
    return found
