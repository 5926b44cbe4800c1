"""Attendees and organizer: ATTENDEE and ORGANIZER (RFC 5545 §3.8.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mappings.calendars.elements import Element, element, is_plain
from mappings.contentlines import ContentLine, make_line

if TYPE_CHECKING:
    from mappings.carriers import JSON

NOBODY = "invalid:nomail"
"""The value for somebody without an address, as Google and Outlook write it."""

ATTENDEE = element(
    "attendees[].",
    value="email",
    words=MappingProxyType(
        {
            "responseStatus": MappingProxyType(
                {
                    "needsAction": "NEEDS-ACTION",
                    "declined": "DECLINED",
                    "tentative": "TENTATIVE",
                    "accepted": "ACCEPTED",
                },
            ),
            "optional": MappingProxyType({True: "OPT-PARTICIPANT", False: "REQ-PARTICIPANT"}),
            "resource": MappingProxyType({True: "RESOURCE", False: "INDIVIDUAL"}),
        },
    ),
)
ORGANIZER = element("organizer.", value="email")

_UNSAFE = re.compile('[\x00-\x20%,;\\\\"<>?#\x7f-\xa0\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]')
_RESOURCES = frozenset({"RESOURCE", "ROOM"})


def write_attendees(event: Mapping[str, JSON]) -> Iterator[ContentLine]:
    """Yield one ATTENDEE for each guest."""
    guests = event.get("attendees")
    for guest in guests if isinstance(guests, list) else ():
        if isinstance(guest, dict):
            yield _write("ATTENDEE", ATTENDEE, guest)


def write_organizer(event: Mapping[str, JSON]) -> Iterator[ContentLine]:
    """Yield ORGANIZER, if the event is a meeting."""
    organizer = event.get("organizer")
    if isinstance(organizer, dict) and is_meeting(event):
        yield _write("ORGANIZER", ORGANIZER, organizer)


def is_meeting(event: Mapping[str, JSON]) -> bool:
    """Say whether an event has guests, or an organizer who is somebody else.

    Google names an organizer for every event. ORGANIZER on an event without guests makes it
    an invitation (RFC 5545 §3.8.4.3), which other programs do not let its owner edit: then
    it stands in carrier lines.
    """
    organizer = event.get("organizer")
    return bool(event.get("attendees")) or not (isinstance(organizer, dict) and organizer.get("self") is True)


def read_attendees(lines: list[ContentLine]) -> list[JSON]:
    """Return the guests that ATTENDEE lines name.

    A delegated invitation has not been answered at Google; guests of any other role but
    the required ones are optional, rooms are resources.
    """
    return [_read_attendee(line) for line in lines]


def _read_attendee(line: ContentLine) -> dict[str, JSON]:
    guest = _read(ATTENDEE, line)
    role, kind, status = (next(iter(line.param(name)), "").upper() for name in ("ROLE", "CUTYPE", "PARTSTAT"))
    if "optional" not in guest and role == "NON-PARTICIPANT":
        guest["optional"] = True
    if "resource" not in guest and kind in _RESOURCES:
        guest["resource"] = True
    if "responseStatus" not in guest and status:
        guest["responseStatus"] = "needsAction"
    return guest


def read_organizer(line: ContentLine) -> dict[str, JSON]:
    """Return the organizer that an ORGANIZER line names."""
    return _read(ORGANIZER, line)


def _write(name: str, how: Element, person: Mapping[str, JSON]) -> ContentLine:
    email = person.get("email")
    if isinstance(email, str) and is_plain(email):
        return make_line(name, mail_uri(email), params=how.params(person))
    return make_line(name, NOBODY, params=how.params(person, whole=True))


def mail_uri(email: str) -> str:
    """Return an address as a ``mailto:`` URI (RFC 6068) that no server cuts at a comma."""
    return "mailto:" + _UNSAFE.sub(lambda found: _percent(found[0]), email)


def _percent(character: str) -> str:
    return "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))


def _read(how: Element, line: ContentLine) -> dict[str, JSON]:
    said = how.read(line)
    email = _email(line)
    return {"email": email, **said} if email and "email" not in said else said


def _email(line: ContentLine) -> str:
    scheme, _, address = line.decoded().strip().partition(":")
    if scheme.lower() == "mailto":
        return unquote(address)
    return next(iter(line.param("EMAIL")), "")  # RFC 7986 §6.2: for addresses of other kinds
