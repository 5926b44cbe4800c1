"""Objects and strategies that the tests of this package share."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from mappings.documents import CARRIERS, Document, parse
from mappings.limits import Limits

CORPORA = Path(__file__).parent.parent / "corpora"
CALENDAR = "text/calendar"
CARD = "text/vcard"
LOOSE = Limits(depth=100_000)

ICS_FILES = sorted(path for path in (CORPORA / "ics").rglob("*") if path.is_file())
VCF_FILES = sorted(path for path in (CORPORA / "vcf").rglob("*") if path.is_file())


def lines(*content: str, end: str = "\r\n") -> bytes:
    """Join content lines to a file."""
    return "".join(line + end for line in content).encode()


def calendar(*content: str, end: str = "\r\n") -> bytes:
    """Wrap content lines in a VCALENDAR."""
    return lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//t//EN", *content, "END:VCALENDAR", end=end)


def event(*content: str, uid: str = "u1", start: str = "DTSTART:20260301T090000Z", end: str = "\r\n") -> bytes:
    """Make a calendar of one event."""
    return calendar("BEGIN:VEVENT", f"UID:{uid}", start, *content, "END:VEVENT", end=end)


def card(*content: str, version: str = "3.0", end: str = "\r\n") -> bytes:
    """Make one card."""
    return lines("BEGIN:VCARD", f"VERSION:{version}", *content, "END:VCARD", end=end)


def zone(name: str, offset: str = "+0100", *, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Make the lines of a VTIMEZONE without daylight saving."""
    rule = ("BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}")
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *extra, *rule, "END:STANDARD", "END:VTIMEZONE")


def is_whole(media_type: str, body: bytes) -> bool:
    """Say by the lossless tree what ``inspect`` says by the structure alone."""
    document: Document = parse(body, limits=LOOSE)
    outer = "VCARD" if media_type == CARD else "VCALENDAR"
    components = list(document.components())
    if not components or any(problem.breaks for problem in document.problems):
        return False
    if any(component.name != outer for component in components):
        return False
    return outer == "VCARD" or any(True for one in components for _ in one.components(*CARRIERS))


FULL_EVENT = calendar(
    *zone("Europe/Zurich"),
    "BEGIN:VEVENT",
    "UID:8c1f-full",
    "DTSTAMP:20260101T000000Z",
    "SUMMARY:Besprechung mit allen Beteiligten\\, im großen Raum am Ende des langen Gan",
    " ges",
    "DTSTART;TZID=Europe/Zurich:20260303T090000",
    "DTEND;TZID=Europe/Zurich:20260303T100000",
    "RRULE:FREQ=WEEKLY;BYDAY=TU,TH",
    'ORGANIZER;CN="Doe, Jane":mailto:jane@example.org',
    "ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org",
    "BEGIN:VALARM",
    "ACTION:EMAIL",
    "TRIGGER:-PT15M",
    "ATTENDEE:mailto:me@example.org",
    "DESCRIPTION:x",
    "SUMMARY:x",
    "END:VALARM",
    "X-AFTER:1",
    "END:VEVENT",
)

FULL_CARD = card(
    "UID:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af",
    "N:Doe;Jane;;;",
    "FN:Jane Doe",
    "item1.EMAIL;TYPE=INTERNET:jane@example.org",
    "item1.X-ABLabel:_$!<Work>!$_",
    "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAADA",
    " AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "NOTE:two\\nlines\\, one comma",
)

FRAGMENTS = [
    b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:VALARM", b"END:VALARM",
    b"BEGIN:VTIMEZONE", b"END:VTIMEZONE", b"BEGIN:VCARD", b"END:VCARD", b"begin:vevent", b"End:vCard", b"AGENT:",
    b"UID:1", b"uid:2", b"item1.UID:3", b"DTSTART:20260101", b"DTSTART;TZID=X:20260101T000000", b"DUE:20260102",
    b"METHOD:REQUEST", b"ATTENDEE:mailto:a@b", b'ORGANIZER;CN="a:b":mailto:a@b', b"NOTE;ENCODING=QUOTED-PRINTABLE:a=",
    b"NOTE;QUOTED-PRINTABLE:=41=", b'X;P="a:b;c,d":v:w', b"junk", b"=", b"END", b"BEGIN", b"BEGIN:", b"\xc3", b"\xa4",
    b"\xef\xbb\xbf", b"\0", b":", b";", b'"', b"", b"\r\n", b"\n", b"\r", b"\r\r\n", b" ", b"\t", b"\r\n ", b"\n\t",
    b"\n ", b"\r ", b"\r\r\n ",
]  # fmt: skip
"""Pieces from which hypothesis puts files together that come near to being objects."""

NEARLY = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(b"".join)
LINEWISE = st.lists(
    st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\r\n"])).map(b"".join),
    max_size=40,
).map(b"".join)
ANYTHING = st.binary(max_size=300) | NEARLY | LINEWISE

PLAIN = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=120)
