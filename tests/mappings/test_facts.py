"""``inspect`` in tables: every shape of file, what is known of it, and that nothing else decides."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.folding import BOM, fold, raw_lines, unfold
from mappings.inspect import inspect
from mappings.inspection import Inspection
from tests.mappings.samples import (
    CALENDAR,
    CARD,
    FULL_CARD,
    FULL_EVENT,
    ICS_FILES,
    PLAIN,
    VCF_FILES,
    calendar,
    card,
    event,
    is_whole,
    lines,
    zone,
)

VEVENT = ("BEGIN:VEVENT", "UID:1", "END:VEVENT")
EPOCH = date(1970, 1, 1)


@pytest.mark.parametrize(
    ("body", "problem", "component", "uid", "uids"),
    [
        pytest.param(calendar(*VEVENT), "", "VEVENT", "1", 1, id="one event"),
        pytest.param(calendar(*VEVENT, *VEVENT), "", "VEVENT", "1", 1, id="one event twice"),
        pytest.param(calendar(*VEVENT, "BEGIN:VEVENT", "UID:2", "END:VEVENT"), "", "VEVENT", "1", 2, id="two events"),
        pytest.param(calendar(*zone("X"), *VEVENT), "", "VEVENT", "1", 1, id="the zone first"),
        pytest.param(calendar(*VEVENT, *zone("X")), "", "VEVENT", "1", 1, id="the zone last"),
        pytest.param(calendar(*VEVENT) + calendar(*VEVENT), "", "VEVENT", "1", 1, id="two calendars"),
        pytest.param(calendar("BEGIN:VEVENT", "END:VEVENT"), "", "VEVENT", None, 0, id="no UID"),
        pytest.param(calendar("BEGIN:VEVENT", "UID:", "END:VEVENT"), "", "VEVENT", None, 0, id="an empty UID"),
        pytest.param(calendar("BEGIN:VEVENT", "UID: 1 ", "END:VEVENT"), "", "VEVENT", "1", 1, id="blanks around it"),
        pytest.param(calendar("UID:9", *VEVENT), "", "VEVENT", "1", 1, id="a UID of the wrapper is not the event's"),
        pytest.param(calendar("BEGIN:VEVENT", "BEGIN:VALARM", "UID:9", "END:VALARM", "END:VEVENT"), "", "VEVENT", None,
                     0, id="a UID of the alarm is not the event's"),
        pytest.param(calendar("BEGIN:VTODO", "UID:1", "END:VTODO", *VEVENT), "", "VTODO", "1", 1, id="two kinds"),
        pytest.param(calendar("BEGIN:X-OWN", "UID:1", "END:X-OWN"), "no-component", "", None, 0, id="an unknown kind"),
        pytest.param(calendar(*zone("X")), "no-component", "", None, 0, id="a zone alone"),
        pytest.param(calendar(), "no-component", "", None, 0, id="nothing inside"),
        pytest.param(lines("BEGIN:VCALENDAR", *VEVENT), "truncated", "VEVENT", "1", 1, id="the end is missing"),
        pytest.param(lines("BEGIN:VCALENDAR", *VEVENT, "END:VCAL"), "truncated", "VEVENT", "1", 1, id="cut in its end"),
        pytest.param(lines("BEGIN:VCALENDAR", *VEVENT[:2]), "truncated", "VEVENT", "1", 1, id="cut in the event"),
        pytest.param(calendar("BEGIN:VEVENT", *VEVENT), "unbalanced", "VEVENT", None, 0, id="begun twice"),
        pytest.param(calendar(*VEVENT, "END:VEVENT"), "unbalanced", "VEVENT", "1", 1, id="ended twice"),
        pytest.param(lines(*VEVENT), "wrong-type", "", None, 0, id="no wrapper"),
        pytest.param(calendar(*VEVENT) + b"x\r\n", "trailing", "VEVENT", "1", 1, id="text behind"),
        pytest.param(calendar(*VEVENT) + b"\r\n \r\n", "", "VEVENT", "1", 1, id="blank lines behind"),
        pytest.param(b"\r\n\r\n" + calendar(*VEVENT), "", "VEVENT", "1", 1, id="blank lines before"),
        pytest.param(b"x\r\n" + calendar(*VEVENT), "wrong-type", "", None, 0, id="text before"),
        pytest.param(BOM + calendar(*VEVENT), "", "VEVENT", "1", 1, id="a byte order mark"),
        pytest.param(b"  \r\n", "empty", "", None, 0, id="blank"),
        pytest.param(b"", "empty", "", None, 0, id="empty"),
        pytest.param(b"\0\0\0", "not-text", "", None, 0, id="octets"),
        pytest.param(b"<!doctype html>", "wrong-type", "", None, 0, id="a page"),
        pytest.param(card("FN:x"), "wrong-type", "", None, 0, id="a card"),
        pytest.param(calendar(*VEVENT) + card("FN:x"), "wrong-type", "VEVENT", "1", 1, id="a card behind"),
    ],
)  # fmt: skip
def test_calendars(body: bytes, problem: str, component: str, uid: str | None, uids: int) -> None:
    found = inspect(CALENDAR, body)
    assert (found.problem, found.component, found.uid, found.uids) == (problem, component, uid, uids)
    assert found.complete is (not problem) is is_whole(CALENDAR, body)


@pytest.mark.parametrize(
    ("body", "problem", "uid", "uids"),
    [
        pytest.param(card("UID:1"), "", "1", 1, id="one card"),
        pytest.param(card("UID:1") * 2, "", "1", 1, id="the same twice"),
        pytest.param(card("UID:1") + card("UID:2"), "", "1", 2, id="two cards"),
        pytest.param(card("FN:x") + card("UID:2"), "", "2", 1, id="the first without UID"),
        pytest.param(card(), "", None, 0, id="nothing said"),
        pytest.param(card("item1.UID:1"), "", "1", 1, id="in a group"),
        pytest.param(card("UID;VALUE=URI:urn:uuid:1"), "", "urn:uuid:1", 1, id="with a parameter"),
        pytest.param(card("X-UID:1"), "", None, 0, id="another property"),
        pytest.param(card("UIDX:1"), "", None, 0, id="a longer name"),
        pytest.param(card("NOTE:UID:1"), "", None, 0, id="in a text"),
        pytest.param(card("NOTE:x\r\n UID:1"), "", None, 0, id="in a folded text"),
        pytest.param(card("AGENT:", "BEGIN:VCARD", "UID:9", "END:VCARD", "UID:1"), "", "1", 1, id="with an agent"),
        pytest.param(card("BEGIN:VCARD", "UID:9", "END:VCARD"), "unbalanced", None, 0, id="a card inside"),
        pytest.param(card("UID:1")[:-11], "truncated", None, 1, id="cut off"),
        pytest.param(card("UID:1") + lines("END:VCARD"), "unbalanced", "1", 1, id="ended twice"),
        pytest.param(card("UID:1") + b"-- \r\n", "trailing", "1", 1, id="a signature behind"),
        pytest.param(calendar(*VEVENT), "wrong-type", None, 0, id="a calendar"),
    ],
)
def test_cards(body: bytes, problem: str, uid: str | None, uids: int) -> None:
    found = inspect(CARD, body)
    assert (found.problem, found.uids) == (problem, uids)
    if not problem:
        assert found.uid == uid
        assert found.component == "VCARD"
    assert (found.day, found.meeting, found.method) == (None, False, False)
    assert found.complete is is_whole(CARD, body)


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("DTSTART:19700101T000000Z", 0),
        ("DTSTART:19691231T235959Z", -1),
        ("DTSTART;VALUE=DATE:20000229", 11_016),
        ("DTSTART:20000230", None),
        ("DTSTART:20010229", None),
        ("DTSTART:20261301", None),
        ("DTSTART:00010101", -719_162),
        ("DTSTART:00000101", None),
        ("DTSTART:99991231T000000Z", 2_932_896),
        ("DTSTART;TZID=Europe/Zurich:20260301T080000", 20_513),
        ('DTSTART;TZID="A:20200101":20260301T080000', 18_262),
        ("DTSTART:2026-03-01T08:00:00Z", 20_513),
        ("DTSTART:  20260301", 20_513),
        ("DTSTART:soon", None),
        ("DTSTART:", None),
        ("DTSTART", None),
        ("dtstart:20260301", 20_513),
        ("X-DTSTART:20260301", None),
        ("DUE:20260301", 20_513),
        ("DTEND:20260301", None),
        ("SUMMARY:DTSTART:20260301", None),
    ],
)
def test_days(start: str, day: int | None) -> None:
    assert inspect(CALENDAR, calendar("BEGIN:VEVENT", start, "END:VEVENT")).day == day


@given(
    days=st.integers(-700_000, 2_900_000), wall=st.sampled_from(["", "T000000", "T235959Z"]), fold_at=st.integers(1, 15)
)
@settings(max_examples=150, deadline=None)
def test_the_day_of_any_date_folded_anywhere(days: int, wall: str, fold_at: int) -> None:
    when = EPOCH + timedelta(days)
    line = f"DTSTART:{when.year:04}{when.month:02}{when.day:02}{wall}"
    folded = f"{line[:fold_at]}\r\n {line[fold_at:]}"
    for written in (line, folded):
        assert inspect(CALENDAR, calendar("BEGIN:VEVENT", written, "END:VEVENT")).day == days


@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        pytest.param("DTSTART:20260302", "DTSTART:20260301", 20_514, id="the first counts, not the earliest"),
        pytest.param("SUMMARY:x", "DTSTART:20260301", 20_513, id="the first that has one"),
        pytest.param("DTSTART:never", "DTSTART:20260301", 20_513, id="the first that can be read"),
        pytest.param("DUE:20260302", "DTSTART:20260301", 20_513, id="a start before any due"),
        pytest.param("DUE:20260302", "DUE:20260301", 20_514, id="the first due"),
        pytest.param("SUMMARY:x", "SUMMARY:y", None, id="none"),
    ],
)
def test_which_day_counts(first: str, second: str, day: int | None) -> None:
    body = calendar("BEGIN:VTODO", first, "END:VTODO", "BEGIN:VTODO", second, "END:VTODO")
    assert inspect(CALENDAR, body).day == day


def test_a_zones_start_is_no_day() -> None:
    assert inspect(CALENDAR, calendar(*zone("X"), "BEGIN:VEVENT", "UID:1", "END:VEVENT")).day is None
    assert inspect(CALENDAR, event("BEGIN:VALARM", "DTSTART:20200101", "END:VALARM", start="X:1")).day is None


@pytest.mark.parametrize(
    ("line", "meeting"),
    [
        ("ATTENDEE:mailto:a@b", True),
        ("ATTENDEE;CN=A:mailto:a@b", True),
        ("organizer:mailto:a@b", True),
        ("ORGANI\r\n ZER:mailto:a@b", True),
        ("ATTENDEES:x", False),
        ("X-ATTENDEE:x", False),
        ("SUMMARY:x\r\n ATTENDEE:y", False),
        ("BEGIN:VALARM\r\nATTENDEE:mailto:a@b\r\nEND:VALARM", False),
        ("CONTACT:a", False),
    ],
)
def test_meetings(line: str, meeting: bool) -> None:
    assert inspect(CALENDAR, event(line)).meeting is meeting


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("swap", [False, True])
def test_line_ends_and_the_case_of_names_change_no_fact(end: str, *, swap: bool) -> None:
    for media_type, body in ((CALENDAR, FULL_EVENT), (CARD, FULL_CARD)):
        written = body.replace(b"\r\n", end.encode())
        if swap:
            written = b"".join(_lower(raw) for raw in raw_lines(written))
        assert inspect(media_type, written) == inspect(media_type, body)


def _lower(raw: bytes) -> bytes:
    head, colon, rest = raw.partition(b":")
    return raw if b"BEGIN" in head or b"END" in head else head.lower() + colon + rest


@given(uid=PLAIN.filter(lambda text: bool(text.strip())), width=st.integers(2, 80))
@settings(max_examples=150, deadline=None)
def test_any_uid_is_read_at_any_width_of_folding(uid: str, width: int) -> None:
    written = uid.replace("\\", "\\\\").encode()
    line = b"UID:" + written
    folded = b"\r\n ".join(line[n : n + width] for n in range(0, len(line), width)) + b"\r\n"
    body = b"BEGIN:VCARD\r\n" + folded + b"END:VCARD\r\n"
    found = inspect(CARD, body)
    assert found.complete
    assert found.uid == uid.strip()


@pytest.mark.parametrize("paths", [(ICS_FILES + VCF_FILES)[n::6] for n in range(6)], ids=range(6))
def test_refolding_a_real_file_changes_no_fact(paths: list[object]) -> None:
    for path in map(str, paths):
        media_type = CALENDAR if "/ics/" in path else CARD
        with open(path, "rb") as file:
            body = file.read()
        if b"QUOTED-PRINTABLE" in body.upper():
            continue
        again = b"".join(fold(unfold(raw)) for raw in raw_lines(body.removeprefix(BOM)))
        assert inspect(media_type, again) == inspect(media_type, body), path


def test_what_is_known_of_nothing() -> None:
    assert Inspection(complete=True) == Inspection(True, "", "", None, 0, None, False, False)  # noqa: FBT003 - by place
