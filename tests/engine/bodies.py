"""Bodies that servers and clients were seen to spoil, by the number of the edge case and a name."""

from __future__ import annotations

from connectors.base import Kind

_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:W. Europe Standard Time",
    "BEGIN:STANDARD",
    "DTSTART:16010101T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:16010101T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
)
_BLANK_ZONE = tuple(line.replace("Standard Time", "Standard Time ") for line in _ZONE)
_ODD_ZONE = tuple(line.replace("W. Europe Standard Time", "Ship's time, north") for line in _ZONE)


def calendar(*lines: str, end: str = "\r\n") -> bytes:
    """Wrap *lines* in a VCALENDAR."""
    whole = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//wherry//tests//EN", *lines, "END:VCALENDAR")
    return "".join(line + end for line in whole).encode()


def component(uid: str, *lines: str, name: str = "VEVENT", start: str = "DTSTART:20260301T100000Z") -> tuple[str, ...]:
    """Return one component's lines."""
    begin = (start,) if start else ()
    return (f"BEGIN:{name}", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *begin, *lines, f"END:{name}")


def event(uid: str, *lines: str, start: str = "DTSTART:20260301T100000Z", before: tuple[str, ...] = ()) -> bytes:
    """Return a calendar of one event."""
    return calendar(*before, *component(uid, *lines, start=start))


def card(uid: str, *lines: str, version: str = "3.0") -> bytes:
    """Return one contact."""
    whole = (
        "BEGIN:VCARD",
        f"VERSION:{version}",
        f"UID:{uid}",
        "FN:Ana Example",
        "N:Example;Ana;;;",
        *lines,
        "END:VCARD",
    )
    return "".join(line + "\r\n" for line in whole).encode()


def series(uid: str, *, moved: str = "Moved") -> bytes:
    """Return a weekly event with two instances of their own, the second called *moved*."""
    zoned = "DTSTART;TZID=Europe/Zurich:202603{:02}T{:02}0000"
    return calendar(
        *component(uid, "RRULE:FREQ=WEEKLY;COUNT=5", "SUMMARY:Weekly", start=zoned.format(2, 9)),
        *component(uid, "RECURRENCE-ID;TZID=Europe/Zurich:20260309T090000", "SUMMARY:Later", start=zoned.format(9, 11)),
        *component(
            uid, "RECURRENCE-ID;TZID=Europe/Zurich:20260316T090000", f"SUMMARY:{moved}", start=zoned.format(17, 9)
        ),
    )


_ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:Soon", "X-WR-ALARMUID:7E-1", "END:VALARM")
_ACKED = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER;RELATED=END:PT0S", "ACKNOWLEDGED:20260101T000000Z", "END:VALARM")
_MEETING = (
    'ORGANIZER;CN="Ana, Example":mailto:ana@example.org',
    "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ben;ROLE=REQ-PARTICIPANT:mailto:ben@example.org",
    "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CUTYPE=GROUP:mailto:all@example.org",
    "SEQUENCE:2",
)
_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

EVENTS: dict[str, bytes] = {
    "dav-19-series": series("dav-19-series"),
    "dav-19-override-only": event(
        "dav-19-override-only", "RECURRENCE-ID:20260301T100000Z", "SUMMARY:Invited to one", "SEQUENCE:1"
    ),
    "dav-19-exdates": event(
        "dav-19-exdates", "RRULE:FREQ=DAILY;COUNT=9", "EXDATE:20260302T100000Z,20260303T100000Z", "SUMMARY:Holes"
    ),
    "dav-20-rule-parts": event("dav-20-rule-parts", "RRULE:BYDAY=MO,WE;COUNT=8;FREQ=WEEKLY;WKST=SU", "SUMMARY:Parts"),
    "dav-20-sequence": event("dav-20-sequence", "LAST-MODIFIED:20250101T000000Z", "SEQUENCE:12", "SUMMARY:Stamps"),
    "dav-21-line-feeds": event("dav-21-line-feeds", "SUMMARY:Only LF", "LOCATION:Here").replace(b"\r\n", b"\n"),
    "dav-21-fold-in-utf-8": event("dav-21-fold-in-utf-8", "SUMMARY:" + "ab").replace(
        b"SUMMARY:ab", b"SUMMARY:" + "Größe ".encode()[:4] + b"\r\n " + "Größe ".encode()[4:] + b"end"
    ),
    "dav-21-lower-case": event("dav-21-lower-case", "summary:small", "Location;LANGUAGE=de:Haus"),
    "dav-21-escapes": event("dav-21-escapes", "SUMMARY:a\\, b\\; c\\\\d", 'DESCRIPTION:one\\ntwo\\Nthree: "four"'),
    "dav-21-long-line": event("dav-21-long-line", "DESCRIPTION:" + "日本語 🎂 " * 60),
    "dav-21-quoted": event("dav-21-quoted", 'LOCATION;ALTREP="http://example.org/a;b:c,d";LANGUAGE=en:There'),
    "dav-21-tzid-blank": event(
        "dav-21-tzid-blank", start="DTSTART;TZID=W. Europe Standard Time :20260301T100000", before=_BLANK_ZONE
    ),
    "dav-21-tzid-blank-at-the-zone": event(
        "dav-21-tzid-blank-at-the-zone",
        start="DTSTART;TZID=W. Europe Standard Time:20260301T100000",
        before=_BLANK_ZONE,
    ),
    "dav-21-tzid-blank-quoted": event(
        "dav-21-tzid-blank-quoted", start='DTSTART;TZID="W. Europe Standard Time ":20260301T100000', before=_BLANK_ZONE
    ),
    "dav-21-blanks-at-the-end": event("dav-21-blanks-at-the-end", "SUMMARY:Ends late  ", "LOCATION: Begins late"),
    "dav-21-tab": event("dav-21-tab", "SUMMARY:one\ttwo"),
    "dav-21-empty-lines": event("dav-21-empty-lines", "SUMMARY:Gaps").replace(b"SUMMARY", b"\r\nSUMMARY"),
    "dav-21-entities": event("dav-21-entities", "SUMMARY:a&#13;b &amp; <c> ]]> d"),
    "dav-21-next-line": event("dav-21-next-line", "SUMMARY:one\u0085two\u2028three"),
    "dav-21-no-character": event("dav-21-no-character", "SUMMARY:one\ufffetwo"),
    "dav-21-beyond-the-plane": event("dav-21-beyond-the-plane", "SUMMARY:🎂\U0010fffd👩\u200d🚀"),
    "dav-22-unknown": event(
        "dav-22-unknown",
        "RELATED-TO;RELTYPE=PARENT:other@example.org",
        "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Home:geo:46.2",
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://example.org/room",
        "COLOR:turquoise",
        "CATEGORIES:ONE,TWO",
    ),
    "dav-22-alarms": event("dav-22-alarms", "SUMMARY:Rings", *_ALARM, *_ACKED),
    "dav-22-attachment": event("dav-22-attachment", f"ATTACH;FMTTYPE=image/png;ENCODING=BASE64;VALUE=BINARY:{_PIXEL}"),
    "dav-23-zone-not-iana": event(
        "dav-23-zone-not-iana",
        "SUMMARY:Outlook",
        start="DTSTART;TZID=W. Europe Standard Time:20260301T100000",
        before=_ZONE,
    ),
    "dav-23-zone-of-its-own": event(
        "dav-23-zone-of-its-own",
        "SUMMARY:At sea",
        start='DTSTART;TZID="Ship\'s time, north":20260301T100000',
        before=_ODD_ZONE,
    ),
    "dav-23-no-vtimezone": event(
        "dav-23-no-vtimezone", "SUMMARY:Bare", start="DTSTART;TZID=Europe/Zurich:20260301T100000"
    ),
    "dav-23-floating": event("dav-23-floating", "SUMMARY:Anywhere", start="DTSTART:20260301T100000"),
    "dav-23-all-day": event("dav-23-all-day", "DTEND;VALUE=DATE:20260303", start="DTSTART;VALUE=DATE:20260301"),
    "dav-23-no-end": event("dav-23-no-end", "SUMMARY:A day", start="DTSTART;VALUE=DATE:20260301"),
    "dav-23-exdate-zone": event(
        "dav-23-exdate-zone",
        "RRULE:FREQ=DAILY;COUNT=5",
        "EXDATE;TZID=America/New_York:20260302T040000",
        start="DTSTART;TZID=Europe/Zurich:20260301T100000",
    ),
    "dav-23-long-ago": event("dav-23-long-ago", "RRULE:FREQ=YEARLY", start="DTSTART;VALUE=DATE:19040229"),
    "dav-23-daily-for-years": event("dav-23-daily-for-years", "RRULE:FREQ=DAILY;UNTIL=20301231T000000Z"),
    "dav-24-task": calendar(
        *component("dav-24-task", "DUE:20260401T100000Z", "PERCENT-COMPLETE:40", "SUMMARY:Do", name="VTODO", start="")
    ),
    "dav-24-journal": calendar(*component("dav-24-journal", "SUMMARY:Seen", name="VJOURNAL")),
    "dav-25-meeting": event("dav-25-meeting", *_MEETING, "SUMMARY:Talk"),
}

TWO = calendar(*component("one"), *component("two"))

REFUSED: dict[str, tuple[str, bytes]] = {
    "dav-21-control": ("xandikos", event("control", "SUMMARY:one\x01two")),
    "dav-21-mark-first-r": ("radicale", b"\xef\xbb\xbf" + event("marked")),
    "dav-21-mark-first-x": ("xandikos", b"\xef\xbb\xbf" + event("marked")),
    "dav-21-latin-1": ("xandikos", event("latin", "SUMMARY:caf").replace(b"caf", b"caf\xe9")),
    "dav-17-two-uids": ("radicale", TWO),
    "dav-23-daily-for-ever": ("radicale", event("far", "RRULE:FREQ=DAILY;UNTIL=29991231T000000Z")),
}
"""What a server does not take, and which one."""

CUT = event("cut", "X-APPLE-STRUCTURED-LOCATION;VALUE=URI:geo:46.2,6.1", "SUMMARY:Here")
"""Radicale keeps the value of a property it does not know up to the first comma."""

CARDS: dict[str, bytes] = {
    "dav-22-groups": card(
        "dav-22-groups",
        "item1.TEL:+41 22 555 01 01",
        "item1.X-ABLabel:_$!<Boat>!$_",
        "item2.URL:https://example.org/a?b=c&d",
        "item2.X-ABLabel:Page",
    ),
    "dav-22-photo-inline": card("dav-22-photo-inline", f"PHOTO;ENCODING=b;TYPE=PNG:{_PIXEL}"),
    "dav-22-photo-uri": card("dav-22-photo-uri", "PHOTO;VALUE=URI:https://example.org/ana.png"),
    "dav-22-unknown-card": card("dav-22-unknown-card", "X-PHONETIC-FIRST-NAME:Ana", "X-SOCIALPROFILE;TYPE=x:ana"),
    "dav-22-vcard-4": card(
        "dav-22-vcard-4", "KIND:individual", "ANNIVERSARY:20090808", "LANG;PREF=1:fr", version="4.0"
    ),
    "dav-21-types": card("dav-21-types", "EMAIL;TYPE=HOME,PREF:a@example.org", "TEL;type=cell;type=VOICE:+41 1"),
    "dav-21-no-character-card": card("dav-21-no-character-card", "NOTE:one\ufffftwo\u0085three"),
    "dav-21-long-note": card("dav-21-long-note", "NOTE:" + "Ünïcödé\\, \\n" * 40),
}

BODIES: dict[str, tuple[Kind, bytes]] = {
    **{name: (Kind.EVENT, body) for name, body in EVENTS.items()},
    **{name: (Kind.CONTACT, body) for name, body in CARDS.items()},
}
MEDIA_TYPES = {Kind.EVENT: "text/calendar", Kind.CONTACT: "text/vcard"}
