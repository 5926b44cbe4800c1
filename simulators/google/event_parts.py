"""Parts of an Event: times, people, conferences, attachments and the other leaves of the schema."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulators.google.words import COMPANIES, FAMILY, GIVEN, HTML, LABELS, LONG, PLACES, TEXTS

if TYPE_CHECKING:
    from simulators.google.dice import Dice
    from simulators.google.discovery import Json

ANSWERS = ("needsAction", "declined", "tentative", "accepted")
LABEL = "6f1ed002-ab59-4f5c-9a1d-2a1c7b3f0e11"
"""An event label that calendars.get knows."""
FILES = ("application/pdf", "application/vnd.google-apps.document", "image/png")


def timed(start: dt.datetime, zone: str, shown: ZoneInfo) -> Json:
    """Return an instant with its zone, written with the offset of the *shown* zone, as the API does.

    So the offset need not be the one of ``timeZone``: a reader that takes the digits for local time is wrong.
    """
    local = start.replace(tzinfo=ZoneInfo(zone)) if start.tzinfo is None else start
    return {"dateTime": local.astimezone(shown).isoformat().replace("+00:00", "Z"), "timeZone": zone}


def whole_days(day: dt.date, days: int = 1) -> Json:
    """Return start and (exclusive) end of an all-day event."""
    return {"start": {"date": f"{day}"}, "end": {"date": f"{day + dt.timedelta(days=days)}"}}


def attendee(dice: Dice, number: int, *, whole: bool = False) -> Json:
    """Return one guest."""
    said: Json = {"email": f"guest{number}@example.org", "responseStatus": dice.pick(ANSWERS)}
    if whole or dice.chance(60):
        said["displayName"] = f"{dice.pick(FAMILY)}, {dice.pick(GIVEN)}"
    if whole or dice.chance(20):
        said["optional"] = True
    if whole or dice.chance(15):
        said |= {"comment": dice.pick(TEXTS), "additionalGuests": 1 + dice.below(3)}
    return said


def guests(dice: Dice, count: int, owner: str, *, whole: bool = False) -> Json:
    """Return organizer and attendees, the owner among them."""
    organizer = {"email": "boss@example.org", "displayName": 'Boss, "the" <x>'}
    me = {"email": owner, "self": True, "responseStatus": dice.pick(ANSWERS)}
    room = {"email": "room@resource.calendar.google.com", "displayName": "Room, 2", "resource": True}
    others = [attendee(dice, number, whole=whole and number == 0) for number in range(max(0, count - 3))]
    host = {**organizer, "organizer": True, "responseStatus": "accepted"}
    if whole:
        host |= {"id": "101", "asyncOperation": "inProgress"}
        organizer |= {"id": "101"}
    answered = {**room, "responseStatus": "accepted"}
    return {"organizer": organizer, "attendees": [host, me, *([answered] if count > 3 else []), *others]}


def conference(dice: Dice, *, whole: bool = False) -> Json:
    """Return a Meet, or with *whole* every leaf of ConferenceData."""
    letters = "abcdefghij"
    code = "-".join("".join(dice.pick(letters) for _ in range(size)) for size in (3, 4, 3))
    link = f"https://meet.google.com/{code}"
    video: Json = {"entryPointType": "video", "uri": link, "label": f"meet.google.com/{code}"}
    phone: Json = {"entryPointType": "phone", "uri": "tel:+41-44-555-01-23", "label": "+41 44 555 01 23", "pin": "8842"}
    more: Json = {"entryPointType": "more", "uri": f"https://tel.meet/{code}?pin=1,2;3"}
    if whole:
        codes = {"accessCode": "12,3", "meetingCode": code, "passcode": "p;4", "password": "s\\5"}
        video |= codes | {"entryPointFeatures": ["toll"]}
        phone |= {"regionCode": "CH", "entryPointFeatures": ["toll_free"]}
    solution = {"key": {"type": "hangoutsMeet"}, "name": "Google Meet", "iconUri": "https://fonts.gstatic.com/meet.png"}
    said: Json = {"conferenceId": code, "conferenceSolution": solution, "entryPoints": [video, phone, more]}
    if whole:
        status = {"statusCode": "success"}
        said["createRequest"] = {"requestId": "r-1", "conferenceSolutionKey": solution["key"], "status": status}
        said |= {"notes": "<b>PIN</b>, please; twice", "signature": "AJ7Xy,+/=="}
        said["parameters"] = {"addOnParameters": {"parameters": {"stream": "on, live"}}}
    return {"conferenceData": said, "hangoutLink": link}


def attachments(dice: Dice, count: int) -> Json:
    """Return files of Drive, "at most 25"."""
    found = []
    for number in range(count):
        file = f"1{dice.below(10**12):x}"
        title = {"title": f"Plan, {number}; final.pdf", "mimeType": dice.pick(FILES)}
        where = {"fileUrl": f"https://drive.google.com/file/d/{file}/view?usp=drive_web", "fileId": file}
        found.append({**where, **title, "iconLink": "https://drive-thirdparty.googleusercontent.com/16/type/pdf"})
    return {"attachments": found}


def extended() -> Json:
    """Return properties of other programs."""
    return {
        "extendedProperties": {
            "private": {"app.example/key, one": 'v;a"l', "everyDeviceMetadata": "{}"},
            "shared": {"team": "blue,\nred"},
        }
    }


def reminders(dice: Dice) -> Json:
    """Return the reminders: the calendar's, none, or up to five of the event's own."""
    if dice.chance(50):
        return {"reminders": {"useDefault": True}}
    minutes = (0, 10, 30, 1440, 40320)[: dice.below(6)]
    own = [{"method": ("popup", "email")[at % 2], "minutes": each} for at, each in enumerate(minutes)]
    return {"reminders": {"useDefault": False, **({"overrides": own} if own else {})}}


def typed(index: int) -> Json:
    """Return an event type and its properties: out of office, focus time or a working location."""
    decline = {"autoDeclineMode": "declineOnlyNewConflictingInvitations", "declineMessage": "Away, sorry; back\nMonday"}
    if index % 3 == 0:
        return {"eventType": "outOfOffice", "outOfOfficeProperties": decline, "summary": "Out of office"}
    if index % 3 == 1:
        own = {"focusTimeProperties": {**decline, "chatStatus": "doNotDisturb"}, "summary": "Focus; quiet"}
        return {"eventType": "focusTime", **own}
    where: Json = {"type": "homeOffice", "homeOffice": {}}
    if index // 3 % 3 == 1:
        where = {"type": "customLocation", "customLocation": {"label": "Café, 2nd; floor"}}
    elif index // 3 % 3 == 2:
        office = {"buildingId": "B-1", "floorId": "2", "floorSectionId": "N", "deskId": "N-7", "label": "HQ, north"}
        where = {"type": "officeLocation", "officeLocation": office}
    fixed = {"visibility": "public", "transparency": "transparent", "summary": "Working location"}
    return {"eventType": "workingLocation", "workingLocationProperties": where, **fixed}


def birthday(index: int) -> Json:
    """Return a birthday or another day of a contact."""
    kinds = ("birthday", "anniversary", "custom", "other", "self")
    said: Json = {"type": kinds[index % 5]}
    if said["type"] != "self":
        said["contact"] = f"people/c{1000 + index}"
    if said["type"] == "custom":
        said["customTypeName"] = LABELS[1]
    return {"eventType": "birthday", "birthdayProperties": said, "visibility": "private", "transparency": "transparent"}


def rare() -> Json:
    """Return the leaves that hardly any event has."""
    gadget = {"type": "application/x-google-gadgets+xml", "title": "G", "link": "https://example.org/g", "width": 300}
    gadget |= {"height": 200, "iconLink": "https://example.org/i.png", "display": "chip", "preferences": {"a,b": "c;d"}}
    return {
        "anyoneCanAddSelf": True,
        "guestsCanInviteOthers": False,
        "guestsCanModify": True,
        "guestsCanSeeOtherGuests": False,
        "privateCopy": True,
        "locked": True,
        "attendeesOmitted": True,
        "endTimeUnspecified": True,
        "source": {"title": "A mail, forwarded", "url": "https://mail.example.org/?id=1,2"},
        "gadget": gadget,
        "colorId": "7",
        "eventLabelId": LABEL,
        "visibility": "confidential",
        "transparency": "transparent",
    }


def text(dice: Dice) -> Json:
    """Return title, place and description."""
    said: Json = {"summary": dice.pick((*TEXTS, *COMPANIES))}
    if dice.chance(60):
        said["location"] = dice.pick(PLACES)
    drawn = dice.below(100)
    if drawn < 50:
        said["description"] = dice.pick(TEXTS) if drawn > 2 else LONG
    elif drawn < 65:
        said["description"] = dice.pick(HTML)
    return said
