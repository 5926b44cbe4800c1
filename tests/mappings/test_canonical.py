"""What counts as the same: every rewriting servers are known for, and nothing that loses a word."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.canonical import canonical_digest, differences
from mappings.contentlines import make_line
from mappings.documents import Component, parse
from mappings.errors import TooLarge, UnknownType
from mappings.escapes import escape_text
from mappings.folding import fold, raw_lines, unfold
from mappings.limits import Limits
from tests.mappings.samples import (
    ANYTHING,
    CALENDAR,
    CARD,
    FULL_CARD,
    FULL_EVENT,
    LOOSE,
    TEXTS,
    calendar,
    card,
    event,
    zone,
)

FULL = [(CALENDAR, FULL_EVENT), (CARD, FULL_CARD)]
ZONED = ("BEGIN:VEVENT", "UID:1", "DTSTART;TZID=X:20260301T080000", "END:VEVENT")


def same(media_type: str, one: bytes, other: bytes) -> bool:
    """Compare both ways, and hold digest and differences to one verdict."""
    found = differences(media_type, one, other)
    assert found == differences(media_type, other, one)
    assert (found == ()) == (canonical_digest(media_type, one) == canonical_digest(media_type, other))
    return not found


def refold(body: bytes, width: int) -> bytes:
    """Fold every line at *width* octets, with LF and tabs."""
    contents = [unfold(raw) for raw in raw_lines(body)]
    return b"".join(
        b"\n\t".join(content[n : n + width] for n in range(0, len(content), width)) + b"\n" for content in contents
    )


def shuffle(body: bytes, data: st.DataObject) -> bytes:
    """Put the lines and components of every component into another order."""

    def shuffled(component: Component) -> None:
        items = component.items
        items[:] = data.draw(st.permutations(items))
        for item in items:
            if not isinstance(item, bytes):
                shuffled(item)

    document = parse(body)
    for outer in document.components():
        shuffled(outer)
    return document.to_bytes()


@pytest.mark.parametrize(("media_type", "body"), FULL)
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\r\n"])
def test_dav_21_line_ends_mean_nothing(media_type: str, body: bytes, end: bytes) -> None:
    assert same(media_type, body, body.replace(b"\r\n", end))
    assert same(media_type, body, b"\xef\xbb\xbf" + body + b"\r\n")


@pytest.mark.parametrize(("media_type", "body"), FULL)
@pytest.mark.parametrize("width", [10, 33, 75, 1000])
def test_dav_21_folding_means_nothing(media_type: str, body: bytes, width: int) -> None:
    assert same(media_type, body, refold(body, width))


@pytest.mark.parametrize(("media_type", "body"), FULL)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_dav_21_order_means_nothing(media_type: str, body: bytes, data: st.DataObject) -> None:
    assert same(media_type, body, shuffle(body, data))


@pytest.mark.parametrize(("media_type", "body"), FULL)
def test_dav_21_the_case_of_names_means_nothing(media_type: str, body: bytes) -> None:
    swapped = re.sub(rb"(?m)^[A-Za-z0-9.-]+(?=[:;])", lambda found: found[0].swapcase(), body)
    assert swapped != body
    assert same(media_type, body, swapped)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("RRULE:FREQ=WEEKLY;BYDAY=TU,TH", "RRULE:byday=TH,TU;freq=weekly;INTERVAL=1;WKST=MO", id="rule"),
        pytest.param("SUMMARY:a\\, b\\; c\\nd", "SUMMARY:a, b; c\\Nd", id="escapes-in-one-text"),
        pytest.param("X-FOO:a,b", "X-FOO:a\\,b", id="escapes-in-unknown-properties"),
        pytest.param("CATEGORIES:a,b", "CATEGORIES:b\r\nCATEGORIES:a", id="lists"),
        pytest.param("EXDATE:20260301T000000Z,20260302T000000Z", "EXDATE:20260302T000000Z\r\nEXDATE:20260301T000000Z",
                     id="case-78"),
        pytest.param("ATTENDEE;CN=Bob;RSVP=FALSE:mailto:b@x", 'attendee;cn="Bob":MAILTO:b@x', id="defaults-and-quotes"),
        pytest.param("ATTENDEE;A=1;B=2:mailto:b@x", "ATTENDEE;B=2;A=1:mailto:b@x", id="order-of-parameters"),
        pytest.param('ATTENDEE;MEMBER="a:b";MEMBER="c:d":x:y', 'ATTENDEE;MEMBER="c:d","a:b":x:y', id="repeated"),
        pytest.param("ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:b@x", "ATTENDEE;SCHEDULE-STATUS=1.1:mailto:b@x",
                     id="dav-25-scheduling-words"),
        pytest.param("DTEND;VALUE=DATE-TIME:20260301T100000Z", "DTEND:20260301T100000Z", id="default-value-type"),
        pytest.param("DTEND;VALUE=DATE:20260301", "DTEND:20260301", id="a-date-is-a-date"),
        pytest.param("DTEND;TZID=W. Europe :20260301T1", 'DTEND;TZID="W. Europe":20260301T1', id="blank-after-tzid"),
        pytest.param("DURATION:PT1H30M", "DURATION:PT90M", id="duration"),
        pytest.param("DURATION:P1W", "DURATION:P7D", id="weeks"),
        pytest.param("STATUS:confirmed", "STATUS:CONFIRMED", id="words"),
        pytest.param("DTSTAMP:20260101T000000Z", "DTSTAMP:20270101T000000Z", id="stamp"),
        pytest.param("LAST-MODIFIED:20260101T000000Z", "", id="last-modified"),
        pytest.param("COMMENT;X-VOBJ-ORIGINAL-TZID=x:c", "COMMENT:c", id="marks-of-a-library"),
    ],
)  # fmt: skip
def test_what_servers_rewrite_in_events_is_the_same(one: str, other: str) -> None:
    assert same(CALENDAR, event(one), event(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("item1.X-ABLabel:x\r\nitem1.TEL:1", "ITEM1.X-ABLABEL:x\r\nITEM1.TEL:1", id="upper-cased-group"),
        pytest.param("item1.X-ABLabel:x\r\nitem1.TEL:1", "item9.TEL:1\r\nitem9.X-ABLabel:x", id="renumbered-group"),
        pytest.param("TEL;HOME;VOICE:1", "TEL;TYPE=voice,home:1", id="types"),
        pytest.param("TEL;TYPE=HOME;TYPE=VOICE:1", 'TEL;TYPE="home,voice":1', id="quoted-types"),
        pytest.param("N:Doe;Jane", "N:Doe;Jane;;;", id="case-34"),
        pytest.param("PHOTO;BASE64:AAEC\r\n  AwQ=", "PHOTO;ENCODING=b:AAECAwQ", id="case-18"),
        pytest.param(
            "NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:caf=E9", "NOTE;CHARSET=UTF-8:café", id="case-12"
        ),
        pytest.param("REV:20260101T000000Z", "PRODID:-//x", id="written-by-the-writer"),
        pytest.param("URL:http\\://x/", "URL;VALUE=URI:http://x/", id="escaped-colon"),
        pytest.param("VERSION:4.0", "", id="version"),
    ],
)
def test_what_servers_rewrite_in_cards_is_the_same(one: str, other: str) -> None:
    assert same(CARD, card(one), card(other))


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ("SUMMARY:a, b", "SUMMARY:a", ("SUMMARY",)),
        ("SUMMARY:a", "SUMMARY:A", ("SUMMARY",)),
        ("SUMMARY:a\\nb", "SUMMARY:anb", ("SUMMARY",)),
        ("SUMMARY:é", "SUMMARY:e\u0301", ("SUMMARY",)),
        ("SUMMARY:a", "SUMMARY:a\r\nSUMMARY:a", ("SUMMARY",)),
        ("X-A:1", "x-b:1", ("X-A", "X-B")),
        ("CATEGORIES:a\\,b", "CATEGORIES:a,b", ("CATEGORIES",)),
        ("DURATION:P1D", "DURATION:PT24H", ("DURATION",)),
        ("DURATION:P1D", "DURATION:-P1D", ("DURATION",)),
        ("RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY;COUNT=2", ("RRULE",)),
        ("DTEND:20260301T100000", "DTEND:20260301T100000Z", ("DTEND",)),
        ("DTEND;TZID=A:20260301T100000", "DTEND;TZID=B:20260301T100000", ("DTEND",)),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b", "ATTENDEE:mailto:a@b", ("ATTENDEE",)),
        ("ATTENDEE;X-A=Case:mailto:a@b", "ATTENDEE;X-A=case:mailto:a@b", ("ATTENDEE",)),
        ("SEQUENCE:1", "SEQUENCE:2", ("SEQUENCE",)),
        ("CREATED:20260101T000000Z", "", ("CREATED",)),
        ("BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM", "", ("VALARM",)),
        ("BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM", "BEGIN:VALARM\r\nTRIGGER:-PT6M\r\nEND:VALARM", ("VALARM",)),
        ("junk", "other junk", ("junk",)),
        ("GEO:1;2", "GEO:1\\;2", ("GEO",)),
    ],
)
def test_dav_22_what_differs_is_named(one: str, other: str, names: tuple[str, ...]) -> None:
    assert not same(CALENDAR, event(one), event(other))
    assert differences(CALENDAR, event(one), event(other)) == names


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ("NOTE:a, b", "NOTE:a", ("NOTE",)),
        ("N:Doe;J\\;ane", "N:Doe;J;ane", ("N",)),
        ("a.TEL:1\r\na.X-L:x\r\nb.TEL:2", "a.TEL:1\r\nb.TEL:2\r\nb.X-L:x", ("TEL", "X-L")),
        ("TEL;HOME:1", "TEL:1", ("TEL",)),
        ("PHOTO;ENCODING=b:AAEC", "PHOTO;ENCODING=b:AAED", ("PHOTO",)),
        ("UID:1", "UID:2", ("UID",)),
        ("UID:1", "", ("UID",)),
        ("AGENT:\r\nBEGIN:VCARD\r\nFN:x\r\nEND:VCARD", "AGENT:\r\nBEGIN:VCARD\r\nFN:y\r\nEND:VCARD", ("FN",)),
    ],
)
def test_what_differs_in_cards_is_named(one: str, other: str, names: tuple[str, ...]) -> None:
    assert not same(CARD, card(one), card(other))
    assert differences(CARD, card(one), card(other)) == names


def test_wrappers_say_little() -> None:
    one = calendar("METHOD:PUBLISH", "CALSCALE:GREGORIAN", "X-WR-CALNAME:mine", *ZONED)
    assert same(CALENDAR, one, calendar(*ZONED))
    assert differences(CALENDAR, calendar("CALSCALE:HEBREW", *ZONED), calendar(*ZONED)) == ("CALSCALE",)
    assert differences(CALENDAR, calendar("COLOR:red", *ZONED), calendar(*ZONED)) == ("COLOR",)
    assert differences(CALENDAR, event("X-WR-CALNAME:x"), event()) == ("X-WR-CALNAME",)


def test_dav_23_zones_of_ones_own_count_by_their_offsets() -> None:
    assert same(CALENDAR, calendar(*zone("X", extra=("X-LIC-LOCATION:y",)), *ZONED), calendar(*zone("X"), *ZONED))
    assert differences(CALENDAR, calendar(*zone("X"), *ZONED), calendar(*ZONED)) == ("VTIMEZONE",)
    assert same(CALENDAR, calendar(*zone("unused"), *zone("X"), *ZONED), calendar(*ZONED, *zone("X")))


def test_dav_19_instances_are_paired_by_their_identity() -> None:
    master = ("BEGIN:VEVENT", "UID:1", "RRULE:FREQ=DAILY", "SUMMARY:m", "END:VEVENT")
    moved = ("BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T000000Z", "SUMMARY:i", "END:VEVENT")
    renamed = ("BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T000000Z", "SUMMARY:j", "END:VEVENT")
    assert same(CALENDAR, calendar(*master, *moved), calendar(*moved, *master))
    assert differences(CALENDAR, calendar(*master, *moved), calendar(*renamed, *master)) == ("SUMMARY",)
    assert differences(CALENDAR, calendar(*master, *moved), calendar(*master)) == ("VEVENT",)


@pytest.mark.parametrize(("media_type", "body"), FULL)
def test_case_35_a_cut_body_is_never_the_same(media_type: str, body: bytes) -> None:
    whole = canonical_digest(media_type, body)
    for length in range(0, len(body.rstrip()), 7):
        assert canonical_digest(media_type, body[:length]) != whole


@given(text=TEXTS, other=TEXTS)
@settings(max_examples=150, deadline=None)
def test_texts_are_the_same_only_if_they_are_equal(text: str, other: str) -> None:
    one, two = (
        b"BEGIN:VCARD\r\n" + make_line("NOTE", escape_text(words)).raw + b"END:VCARD\r\n" for words in (text, other)
    )
    assert same(CARD, one, two) == (text == other)
    bare = fold(b"NOTE:" + text.replace("\\", "\\\\").replace("\n", "\\N").encode())
    assert same(CARD, one, b"BEGIN:VCARD\r\n" + bare + b"END:VCARD\r\n")


@given(body=ANYTHING, media_type=st.sampled_from([CALENDAR, CARD]))
@settings(max_examples=200, deadline=None)
def test_every_body_is_the_same_as_itself(body: bytes, media_type: str) -> None:
    assert differences(media_type, body, body, limits=LOOSE) == ()
    assert len(canonical_digest(media_type, body, limits=LOOSE)) == 64


def test_refusals_have_names() -> None:
    with pytest.raises(UnknownType):
        canonical_digest("image/png", b"")
    with pytest.raises(TooLarge):
        differences(CARD, FULL_CARD, FULL_CARD, limits=Limits(octets=10))
