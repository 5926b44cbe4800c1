"""Make realistic events, tasks, journals and contacts: the same bytes for the same seed, always.

Item number n depends on the seed and on n alone, so a longer run begins with the shorter one.
Texts follow RFC 5545 and RFC 2426: CRLF, lines folded at 75 octets, never inside a character.
"""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from random import Random
from typing import TYPE_CHECKING

from simulators.pimwords import COMPANIES, FAMILY, GIVEN, LABELS, PLACES, SENTENCES, SUBJECTS, ZONES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLD = 75
_EPOCH = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - local times; their zone stands in TZID
_STAMP = "20240101T120000Z"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SECOND_TEL_SHARE, _ADDRESS_SHARE, _PHOTO_SHARE, _GROUP_SHARE = 0.5, 0.7, 0.1, 0.3
_ALL_DAY_SHARE, _RECURRING_SHARE, _OVERRIDE_SHARE, _ALARM_SHARE, _MEETING_SHARE = 0.1, 0.3, 0.08, 0.5, 0.2


def events(count: int, *, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield (uid, iCalendar) of `count` events of about 1.3 kB each.

    30 % recur, 8 % carry a changed occurrence (RECURRENCE-ID), 50 % have an alarm, 20 % are
    meetings with attendees; 10 % last all day, the others bring their own VTIMEZONE.
    """
    for number in range(count):
        rng = Random(f"event {seed} {number}")
        uid = _uid(rng)
        zone = None if rng.random() < _ALL_DAY_SHARE else rng.choice(list(ZONES))
        yield uid, _calendar(_event(rng, uid, zone), zone)


def todos(count: int, *, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield (uid, iCalendar) of `count` tasks (VTODO)."""
    for number in range(count):
        rng = Random(f"todo {seed} {number}")
        uid = _uid(rng)
        done = rng.random() < 0.4
        state = ("STATUS:COMPLETED", f"COMPLETED:{_STAMP}", "PERCENT-COMPLETE:100")
        due = _day(_start(rng))
        lines = [*_head(uid, rng), f"DUE;VALUE=DATE:{due}", f"PRIORITY:{rng.randrange(10)}", *_notes(rng)]
        lines += state if done else ["STATUS:NEEDS-ACTION"]
        yield uid, _calendar(["BEGIN:VTODO", *lines, "END:VTODO"], None)


def journals(count: int, *, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield (uid, iCalendar) of `count` diary entries (VJOURNAL)."""
    for number in range(count):
        rng = Random(f"journal {seed} {number}")
        uid = _uid(rng)
        lines = [*_head(uid, rng), f"DTSTART;VALUE=DATE:{_day(_start(rng))}", *_notes(rng)]
        yield uid, _calendar(["BEGIN:VJOURNAL", *lines, "END:VJOURNAL"], None)


def contacts(count: int, *, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield (uid, vCard 3.0) of `count` people of about 2.9 kB each.

    10 % have a photo of 6 to 24 kB, 30 % properties grouped with an Apple label (itemN.X-ABLabel).
    """
    for number in range(count):
        rng = Random(f"contact {seed} {number}")
        uid = _uid(rng)
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"REV:{_STAMP}", *_person(rng)]
        if rng.random() < _GROUP_SHARE:
            for group in range(1, rng.randint(2, 4)):
                lines += [f"item{group}.URL:https://example.org/{rng.randrange(10**6)}"]
                lines += [f"item{group}.X-ABLabel:{rng.choice(LABELS)}"]
        if rng.random() < _PHOTO_SHARE:
            picture = b"\xff\xd8\xff\xe0" + rng.randbytes(rng.randint(6_000, 24_000)) + b"\xff\xd9"
            lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(picture).decode('ascii')}")
        yield uid, _text([*lines, "END:VCARD"])


def edited(body: bytes, revision: int) -> bytes:
    """Return the item as its owner leaves it after edit number `revision`: one line more."""
    note = b"EDITED:%d\r\n" % revision
    if body.startswith(b"BEGIN:VCARD"):
        return body.replace(b"VERSION:3.0\r\n", b"VERSION:3.0\r\nX-" + note, 1)
    at = body.index(b"UID:")
    return body[:at] + b"X-" + note + body[at:]


def _uid(rng: Random) -> str:
    name = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return name if rng.random() < 0.5 else f"{name}@example.org"


def _start(rng: Random) -> dt.datetime:
    return _EPOCH + dt.timedelta(days=rng.randrange(1000), minutes=15 * rng.randrange(28, 72))


def _day(moment: dt.datetime) -> str:
    return f"{moment:%Y%m%d}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def _head(uid: str, rng: Random) -> list[str]:
    return [f"UID:{uid}", f"DTSTAMP:{_STAMP}", f"SUMMARY:{_escaped(rng.choice(SUBJECTS))} {rng.randrange(10_000)}"]


def _notes(rng: Random) -> list[str]:
    text = "\n".join(rng.choice(SENTENCES) for _ in range(rng.randint(1, 8)))
    return [f"DESCRIPTION:{_escaped(text)}"]


def _calendar(component: list[str], zone: str | None) -> bytes:
    zone_lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}", *ZONES[zone], "END:VTIMEZONE"] if zone else []
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Calendar 1.0//EN"]
    return _text([*head, *zone_lines, *component, "END:VCALENDAR"])


def _event(rng: Random, uid: str, zone: str | None) -> list[str]:
    """Return the master component and, for some that recur, one changed occurrence after it."""
    start = _start(rng)
    lines = [*_head(uid, rng), *_times(start, zone), f"LOCATION:{_escaped(rng.choice(PLACES))}", *_notes(rng)]
    lines += ["STATUS:CONFIRMED", f"SEQUENCE:{rng.randrange(4)}", f"CREATED:{_STAMP}", f"LAST-MODIFIED:{_STAMP}"]
    if rng.random() < _MEETING_SHARE:
        lines += _meeting(rng)
    recurring = rng.random() < _RECURRING_SHARE
    if recurring:
        lines.append(_rrule(rng, start))
    if rng.random() < _ALARM_SHARE:
        trigger = f"TRIGGER:-PT{rng.choice((5, 15, 30, 60))}M"
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", trigger, "END:VALARM"]
    component = ["BEGIN:VEVENT", *lines, "END:VEVENT"]
    if recurring and rng.random() < _OVERRIDE_SHARE / _RECURRING_SHARE:
        moved = [*_head(uid, rng), _moment("RECURRENCE-ID", start, zone)]
        moved += _times(start + dt.timedelta(hours=2 if zone else 24), zone)
        component += ["BEGIN:VEVENT", *moved, *_notes(rng), "END:VEVENT"]
    return component


def _moment(name: str, moment: dt.datetime, zone: str | None) -> str:
    if zone is None:
        return f"{name};VALUE=DATE:{_day(moment)}"
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"


def _times(start: dt.datetime, zone: str | None) -> list[str]:
    end = start + (dt.timedelta(days=1) if zone is None else dt.timedelta(minutes=45))
    return [_moment("DTSTART", start, zone), _moment("DTEND", end, zone)]


def _rrule(rng: Random, start: dt.datetime) -> str:
    weekday = _DAYS[start.weekday()]
    rules = (f"WEEKLY;COUNT={rng.randint(5, 60)}", f"WEEKLY;INTERVAL=2;BYDAY={weekday};COUNT=26", "YEARLY")
    return f"RRULE:FREQ={rng.choice((*rules, f'MONTHLY;BYMONTHDAY={start.day};COUNT=12', 'DAILY;COUNT=10'))}"


def _meeting(rng: Random) -> list[str]:
    lines = ["ORGANIZER;CN=Ana Silva:mailto:ana@example.org"]
    for _ in range(rng.randint(1, 5)):
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        state = rng.choice(("ACCEPTED", "NEEDS-ACTION", "DECLINED", "TENTATIVE"))
        address = f"mailto:guest{rng.randrange(1000)}@example.org"
        lines.append(
            f'ATTENDEE;CN="{family}, {given}";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={state}:{address}'
        )
    return lines


def _person(rng: Random) -> list[str]:
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    lines = [f"N:{_escaped(family)};{_escaped(given)};;;", f"FN:{_escaped(given)} {_escaped(family)}"]
    lines += [f"ORG:{_escaped(rng.choice(COMPANIES))};", f"TITLE:{_escaped(rng.choice(SUBJECTS))}"]
    lines += [f"TEL;TYPE=CELL:+41 79 555 {rng.randrange(10_000):04}"]
    if rng.random() < _SECOND_TEL_SHARE:
        lines += [f"TEL;TYPE=WORK,VOICE:+49 30 555{rng.randrange(10_000):04}"]
    lines += [f"EMAIL;TYPE=INTERNET,{kind}:p{rng.randrange(10**6)}@example.org" for kind in ("HOME", "WORK")]
    if rng.random() < _ADDRESS_SHARE:
        lines += [f"ADR;TYPE=HOME:;;{_escaped(rng.choice(PLACES))};Genève;;{rng.randrange(1000, 9999)};Schweiz/Suisse"]
    lines += [f"BDAY:{rng.randint(1940, 2010)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"]
    return [*lines, f"NOTE:{_escaped(' '.join(rng.choice(SENTENCES) for _ in range(rng.randint(1, 9))))}"]


def _text(lines: Iterable[str]) -> bytes:
    return b"".join(_folded(line.encode()) for line in lines)


def _folded(line: bytes) -> bytes:
    """Fold one content line at 75 octets, between characters (RFC 5545 §3.1)."""
    pieces = []
    room = FOLD
    while len(line) > room:
        cut = room
        while line[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(line[:cut])
        line, room = line[cut:], FOLD - 1
    return b"\r\n ".join([*pieces, line]) + b"\r\n"
