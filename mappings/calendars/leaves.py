"""Every leaf of Google's Event resource, and where each stands in iCalendar: the table the code reads.

A leaf is named by its path in the discovery document of Calendar v3: ``[]`` for the elements of
a list, ``{}`` for a map whose keys people choose. Its home is, in this order: a standard property
or parameter, a well-known ``X-`` one, a carrier line of its own (``mappings.carriers``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Home(StrEnum):
    """What kind of place a leaf has in iCalendar."""

    STANDARD = "standard"
    """A property or parameter of an RFC."""
    KNOWN = "extension"
    """An ``X-`` property or parameter."""
    CARRIER = "carrier"
    """A carrier line, in the component it belongs to."""
    NONE = "none"
    """Nowhere: it says nothing about the event, only about one answer of the server."""


class Access(StrEnum):
    """Who sets a leaf."""

    WRITABLE = "writable"
    OUTPUT = "output-only"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf: its *path*, the *place* of its *home* (``ATTENDEE;CN``, ``VALARM/TRIGGER``), and who sets it.

    *shape* is ``text``, ``flag``, ``number`` or ``any``; *why* says why a leaf is output-only or has no home.
    """

    path: str
    home: Home
    place: str
    shape: str = "text"
    access: Access = Access.WRITABLE
    why: str = ""


_READ_ONLY = "Read-only"
"""The word of the discovery document."""
_CARRIED = "JSPROP"


def _rows(home: Home, rows: str, *, access: Access = Access.WRITABLE, why: str = "") -> list[Leaf]:
    """Read lines of ``path place [shape]``."""
    found = []
    for row in rows.split("\n"):
        words = row.split()
        if words:
            shape = words[2] if len(words) > 2 else "text"
            found.append(Leaf(words[0], home, words[1], shape, access, why))
    return found


def _carried(rows: str, *, access: Access = Access.WRITABLE, why: str = "") -> list[Leaf]:
    """Read lines of ``path [shape]``."""
    found = []
    for row in rows.split("\n"):
        words = row.split()
        if words:
            shape = words[1] if len(words) > 1 else "text"
            found.append(Leaf(words[0], Home.CARRIER, _CARRIED, shape, access, why))
    return found


LEAVES: tuple[Leaf, ...] = (
    *_rows(
        Home.STANDARD,
        """
        summary SUMMARY
        description DESCRIPTION+STYLED-DESCRIPTION
        location LOCATION
        status STATUS
        transparency TRANSP
        visibility CLASS
        colorId COLOR
        iCalUID UID
        sequence SEQUENCE number
        start.date DTSTART
        start.dateTime DTSTART
        start.timeZone DTSTART;TZID
        end.date DTEND
        end.dateTime DTEND
        end.timeZone DTEND;TZID
        originalStartTime.date RECURRENCE-ID
        originalStartTime.dateTime RECURRENCE-ID
        originalStartTime.timeZone RECURRENCE-ID;TZID
        recurrence[] RRULE+EXRULE+RDATE+EXDATE
        organizer.email ORGANIZER
        organizer.displayName ORGANIZER;CN
        attendees[].email ATTENDEE
        attendees[].displayName ATTENDEE;CN
        attendees[].responseStatus ATTENDEE;PARTSTAT
        attendees[].optional ATTENDEE;ROLE flag
        attendees[].resource ATTENDEE;CUTYPE flag
        reminders.overrides[].method VALARM/ACTION
        reminders.overrides[].minutes VALARM/TRIGGER number
        attachments[].fileUrl ATTACH
        attachments[].mimeType ATTACH;FMTTYPE
        attachments[].title ATTACH;FILENAME
        conferenceData.entryPoints[].uri CONFERENCE
        conferenceData.entryPoints[].label CONFERENCE;LABEL
        conferenceData.entryPoints[].entryPointType CONFERENCE;FEATURE
        source.url URL
        """,
    ),
    *_rows(Home.STANDARD, "created CREATED\nupdated LAST-MODIFIED", access=Access.OUTPUT, why=_READ_ONLY),
    *_rows(
        Home.KNOWN,
        """
        attendees[].comment ATTENDEE;X-RESPONSE-COMMENT
        attendees[].additionalGuests ATTENDEE;X-NUM-GUESTS number
        attendees[].id ATTENDEE;X-GOOGLE-PROFILE-ID
        organizer.id ORGANIZER;X-GOOGLE-PROFILE-ID
        attachments[].iconLink ATTACH;X-GOOGLE-ICON-LINK
        conferenceData.entryPoints[].accessCode CONFERENCE;X-GOOGLE-ACCESS-CODE
        conferenceData.entryPoints[].meetingCode CONFERENCE;X-GOOGLE-MEETING-CODE
        conferenceData.entryPoints[].passcode CONFERENCE;X-GOOGLE-PASSCODE
        conferenceData.entryPoints[].password CONFERENCE;X-GOOGLE-PASSWORD
        conferenceData.entryPoints[].pin CONFERENCE;X-GOOGLE-PIN
        conferenceData.entryPoints[].regionCode CONFERENCE;X-GOOGLE-REGION-CODE
        conferenceData.entryPoints[].entryPointFeatures[] CONFERENCE;X-GOOGLE-JSON
        source.title URL;X-GOOGLE-TITLE
        """,
    ),
    *_rows(
        Home.KNOWN,
        """
        attendees[].organizer ATTENDEE;X-GOOGLE-ORGANIZER flag
        attendees[].self ATTENDEE;X-GOOGLE-SELF flag
        attendees[].asyncOperation ATTENDEE;X-GOOGLE-ASYNC-OPERATION
        organizer.self ORGANIZER;X-GOOGLE-SELF flag
        attachments[].fileId ATTACH;X-GOOGLE-FILE-ID
        hangoutLink X-GOOGLE-CONFERENCE
        """,
        access=Access.OUTPUT,
        why=_READ_ONLY,
    ),
    *_carried(
        """
        id
        anyoneCanAddSelf flag
        attendeesOmitted flag
        birthdayProperties.type
        conferenceData.conferenceId
        conferenceData.conferenceSolution.iconUri
        conferenceData.conferenceSolution.key.type
        conferenceData.conferenceSolution.name
        conferenceData.createRequest.conferenceSolutionKey.type
        conferenceData.createRequest.requestId
        conferenceData.notes
        conferenceData.parameters.addOnParameters.parameters{}
        conferenceData.signature
        endTimeUnspecified flag
        eventLabelId
        eventType
        extendedProperties.private{}
        extendedProperties.shared{}
        focusTimeProperties.autoDeclineMode
        focusTimeProperties.chatStatus
        focusTimeProperties.declineMessage
        gadget.display
        gadget.height number
        gadget.iconLink
        gadget.link
        gadget.preferences{}
        gadget.title
        gadget.type
        gadget.width number
        guestsCanInviteOthers flag
        guestsCanModify flag
        guestsCanSeeOtherGuests flag
        outOfOfficeProperties.autoDeclineMode
        outOfOfficeProperties.declineMessage
        privateCopy flag
        recurringEventId
        reminders.useDefault flag
        workingLocationProperties.customLocation.label
        workingLocationProperties.homeOffice any
        workingLocationProperties.officeLocation.buildingId
        workingLocationProperties.officeLocation.deskId
        workingLocationProperties.officeLocation.floorId
        workingLocationProperties.officeLocation.floorSectionId
        workingLocationProperties.officeLocation.label
        workingLocationProperties.type
        """,
    ),
    *_carried(
        """
        birthdayProperties.contact
        birthdayProperties.customTypeName
        conferenceData.createRequest.status.statusCode
        creator.self flag
        htmlLink
        locked flag
        """,
        access=Access.OUTPUT,
        why=_READ_ONLY,
    ),
    *_carried(
        "creator.displayName\ncreator.email\ncreator.id",
        access=Access.OUTPUT,
        why="who made the event; insert and import set it",
    ),
    Leaf("kind", Home.NONE, "", access=Access.OUTPUT, why="always calendar#event"),
    Leaf("etag", Home.NONE, "", access=Access.OUTPUT, why="names one answer of the server; never carried"),
)
"""All leaves, each once."""

LEAF: Mapping[str, Leaf] = MappingProxyType({leaf.path: leaf for leaf in LEAVES})

HOMELESS = frozenset(leaf.path for leaf in LEAVES if leaf.home is Home.NONE)

MAPS = frozenset(leaf.path.removesuffix("{}") for leaf in LEAVES if leaf.path.endswith("{}"))
"""Paths of the maps whose keys people choose."""


def fields_of(prefix: str) -> Mapping[str, Leaf]:
    """Return the leaves directly below *prefix* by their last name: ``fields_of("attendees[].")``."""
    return MappingProxyType(
        {
            leaf.path.removeprefix(prefix): leaf
            for leaf in LEAVES
            if leaf.path.startswith(prefix) and ";" in leaf.place and leaf.path.removeprefix(prefix).isalnum()
        },
    )


BRANCHES = frozenset(
    path[:at]
    for path in LEAF
    for at in range(len(path))
    if path[at] == "." and not path.startswith(("start.", "end.", "originalStartTime.")) and "[]" not in path[:at]
)
"""Paths of the objects that are walked into; start, end and the like are one thing each."""
