"""Events of about 2.0 kB and cards of about 2.3 kB, one per file as on a DAV server; the same bytes each time."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from random import Random

from simulators.pimwords import COMPANIES, FAMILY, GIVEN, LABELS, PLACES, SENTENCES, SUBJECTS, ZONES

_PHOTO_SHARE = 0.2
_FOLD = 75
_GUESTS = 6


def events(count: int, *, seed: int = 1) -> Iterator[bytes]:
    """Yield calendars of one event each: own VTIMEZONE, 0 to 5 guests, alarms, folded lines, texts in many scripts."""
    for number in range(count):
        rng = Random(f"mapping event {seed} {number}")
        zone = rng.choice(list(ZONES))
        day = f"2026{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
        hour = rng.randint(7, 18)
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example Corp.//Example Client//EN", "CALSCALE:GREGORIAN"]
        lines += ["BEGIN:VTIMEZONE", f"TZID:{zone}", f"X-LIC-LOCATION:{zone}", *ZONES[zone], "END:VTIMEZONE"]
        lines += ["BEGIN:VEVENT", f"UID:{rng.getrandbits(128):032x}@example.org", "DTSTAMP:20260101T120000Z"]
        lines += ["CREATED:20250601T080000Z", "LAST-MODIFIED:20260101T120000Z", f"SEQUENCE:{rng.randrange(4)}"]
        lines += [f"SUMMARY:{_escaped(rng.choice(SUBJECTS))}", f"LOCATION:{_escaped(rng.choice(PLACES))}"]
        lines += [f"DTSTART;TZID={zone}:{day}T{hour:02}0000", f"DTEND;TZID={zone}:{day}T{hour + 1:02}3000"]
        lines += [f"DESCRIPTION:{_escaped(_sentences(rng, 4, 9))}", "STATUS:CONFIRMED", "TRANSP:OPAQUE"]
        if rng.random() < 0.3:
            lines += [
                f"RRULE:FREQ=WEEKLY;INTERVAL={rng.randint(1, 3)};BYDAY=MO,WE",
                f"EXDATE;TZID={zone}:{day}T{hour:02}0000",
            ]
        lines += _guests(rng)
        for minutes in rng.sample((5, 10, 15, 30, 60, 1440), rng.randint(1, 2)):
            lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-PT{minutes}M", "DESCRIPTION:Reminder", "END:VALARM"]
        lines += [f"X-EXAMPLE-COLOR:{rng.randrange(12)}", "END:VEVENT", "END:VCALENDAR"]
        yield _text(lines)


def cards(count: int, *, seed: int = 1) -> Iterator[bytes]:
    """Yield vCards 3.0: a fifth of them with a photo, Apple's labels, addresses and notes in many scripts."""
    for number in range(count):
        rng = Random(f"mapping card {seed} {number}")
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        lines = ["BEGIN:VCARD", "VERSION:3.0", "PRODID:-//Example Corp.//Example Client//EN"]
        lines += [f"UID:{rng.getrandbits(128):032x}", "REV:2026-01-01T12:00:00Z"]
        lines += [f"N:{_escaped(family)};{_escaped(given)};;;", f"FN:{_escaped(given)} {_escaped(family)}"]
        lines += [f"EMAIL;TYPE=INTERNET,{kind}:{rng.getrandbits(40):x}@example.org" for kind in ("HOME", "WORK")]
        lines += [f"TEL;TYPE={kind},VOICE:+41 44 {rng.randrange(10**7):07}" for kind in ("CELL", "HOME", "WORK")]
        street, city = _escaped(rng.choice(PLACES)), _escaped(rng.choice(PLACES))
        lines += [f"ADR;TYPE=HOME:;;{street} {rng.randint(1, 99)};{city};;{rng.randint(1000, 9999)};Switzerland"]
        lines += [
            f"ORG:{_escaped(rng.choice(COMPANIES))};Research",
            "TITLE:Engineer",
            f"BDAY:19{rng.randint(40, 99)}-04-15",
        ]
        lines += [f"item1.URL:https://example.org/{rng.randrange(10**6)}", f"item1.X-ABLabel:{rng.choice(LABELS)}"]
        lines += [f"NOTE:{_escaped(_sentences(rng, 2, 6))}", "CATEGORIES:Friends,Work"]
        if rng.random() < _PHOTO_SHARE:
            picture = b"\xff\xd8\xff\xe0" + rng.randbytes(rng.randint(3_000, 6_000)) + b"\xff\xd9"
            lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(picture).decode('ascii')}")
        yield _text([*lines, "END:VCARD"])


def _guests(rng: Random) -> Iterator[str]:
    count = rng.randrange(_GUESTS)
    if count:
        yield "ORGANIZER;CN=Jane Doe:mailto:jane@example.org"
    for _ in range(count):
        name, family = rng.choice(GIVEN), rng.choice(FAMILY)
        yield (
            f'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN="{name} {family}"'
            f":mailto:{rng.getrandbits(40):x}@example.org"
        )


def _sentences(rng: Random, least: int, most: int) -> str:
    return " ".join(rng.choice(SENTENCES) for _ in range(rng.randint(least, most)))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _text(lines: Sequence[str]) -> bytes:
    return b"".join(piece for line in lines for piece in _folded(line.encode()))


def _folded(line: bytes) -> Iterator[bytes]:
    start, room = 0, _FOLD
    while len(line) - start > room:
        stop = start + room
        while line[stop] & 0xC0 == 0x80:
            stop -= 1
        yield (b" " if start else b"") + line[start:stop] + b"\r\n"
        start, room = stop, _FOLD - 1
    yield (b" " if start else b"") + line[start:] + b"\r\n"
