"""Media types: what they are called, and which family of content lines they belong to.

An item of a JSON type is a whole answer of the API it comes from, narrowed to one object,
so that what a person exports by hand and what a connector hands out read alike:

``PERSON``  a people document: ``connections`` (one Person; ``otherContacts`` likewise), beside it
    ``contactGroups`` (the groups its memberships name) and ``photos`` (the picture for each
    of its photo URLs: ``{url: {"mediaType": ..., "data": base64}}``)
``EVENTS``  an Events resource as ``events.list`` returns it (``summary``, ``timeZone``,
    ``accessRole``, ``defaultReminders``, ``items``), whose items are one series: a master with
    its instances, a single event, or instances whose master the user cannot see
"""

from __future__ import annotations

from enum import StrEnum

from mappings.errors import UnknownType

CALENDAR = "text/calendar"
CARD = "text/vcard"
CARD_2 = "text/vcard;version=2.1"
CARD_3 = "text/vcard;version=3.0"
CARD_4 = "text/vcard;version=4.0"
PERSON = "application/vnd.google.people.person+json"
EVENTS = "application/vnd.google.calendar.events+json"


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


def base_type(media_type: str) -> str:
    """Return *media_type* in lower case, without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def family(media_type: str) -> Family:
    """Name the family of *media_type*; its parameters do not matter.

    Raises:
        UnknownType: the type is neither a calendar nor a card.
    """
    found = _FAMILIES.get(media_type)
    if found is None:
        found = _FAMILIES.get(base_type(media_type))
    if found is None:
        raise UnknownType(media_type)
    return found
