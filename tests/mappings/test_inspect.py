"""What a body is: never called complete when something is missing, and the facts read from it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings.documents import parse
from mappings.inspect import inspect
from mappings.limits import Limits
from tests.mappings.samples import (
    ANYTHING,
    CALENDAR,
    CARD,
    FULL_CARD,
    FULL_EVENT,
    LOOSE,
    calendar,
    card,
    event,
    is_whole,
    lines,
    zone,
)

QP_CARD = card("NOTE;ENCODING=QUOTED-PRINTABLE:a=", "END:VCARD=", "UID:not-this", "UID:this", version="2.1")
FOLDED = FULL_EVENT.replace(b"END:VEVENT", b"END:VE\r\n VENT").replace(b"BEGIN:VALARM", b"BEG\r\n\tIN:VALARM")


@given(body=ANYTHING, media_type=st.sampled_from([CALENDAR, CARD]))
@settings(max_examples=1500, deadline=None)
def test_it_agrees_with_the_lossless_tree(body: bytes, media_type: str) -> None:
    assert inspect(media_type, body, limits=LOOSE).complete == is_whole(media_type, body)


@given(
    body=st.sampled_from([FULL_EVENT, FULL_CARD, QP_CARD]),
    place=st.integers(0, 800),
    length=st.integers(0, 40),
    inserted=st.sampled_from([b"", b"\r", b"\n", b"\r\n ", b"=\n", b"\nEND:VEVENT\n", b"\nBEGIN:VCARD\n", b"AGENT:\n"]),
)
@example(body=QP_CARD, place=59, length=0, inserted=b"\r\n ")
@settings(max_examples=1000, deadline=None)
def test_it_agrees_on_damaged_objects(body: bytes, place: int, length: int, inserted: bytes) -> None:
    damaged = body[:place] + inserted + body[place + length :]
    media_type = CALENDAR if body is FULL_EVENT else CARD
    assert inspect(media_type, damaged).complete == is_whole(media_type, damaged)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
@pytest.mark.parametrize(
    ("media_type", "body"),
    [(CALENDAR, FULL_EVENT), (CARD, FULL_CARD), (CARD, QP_CARD), (CALENDAR, FOLDED), (CALENDAR, FULL_EVENT.lower())],
    ids=["event", "card", "quoted-printable", "folded-boundaries", "lower-case"],
)
def test_case_35_no_strict_prefix_is_complete(media_type: str, body: bytes, end: bytes) -> None:
    body = body.replace(b"\r\n", end)
    whole = inspect(media_type, body)
    assert whole.complete, whole
    needed = len(body.rstrip(b"\r\n"))
    for length in range(len(body)):
        cut = inspect(media_type, body[:length])
        assert cut.complete == (length >= needed), (length, cut)
        assert cut.complete == (not cut.problem)
        assert cut.problem in {"", "empty", "truncated"}, (body[:length][-40:], cut)


@given(
    body=st.builds(
        event,
        st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40).map("SUMMARY:{}".format),
        st.sampled_from(
            ["X:BEGIN:VEVENT", "DESCRIPTION:END:VCALENDAR", 'X;Y="BEGIN:VCARD":z', "junk", "", "X:\n END:VEVENT"]
        ),
        uid=st.from_regex(r"[!-~]{1,30}", fullmatch=True),
        end=st.sampled_from(["\r\n", "\n", "\r"]),
    ),
    data=st.data(),
)
@settings(max_examples=200, deadline=None)
def test_case_35_no_cut_off_event_is_complete(body: bytes, data: st.DataObject) -> None:
    assert inspect(CALENDAR, body).complete
    length = data.draw(st.integers(0, len(body.rstrip(b"\r\n")) - 1))
    assert not inspect(CALENDAR, body[:length]).complete


@pytest.mark.parametrize(
    ("media_type", "body", "problem"),
    [
        (CALENDAR, b"", "empty"),
        (CALENDAR, b"\r\n \r\n", "empty"),
        (CALENDAR, b"\xef\xbb\xbf\r\n", "empty"),
        (CALENDAR, b"\0" * 4096, "not-text"),
        (CALENDAR, "BEGIN:VCALENDAR".encode("utf-16"), "not-text"),
        (CALENDAR, b"<html><body>Please log in</body></html>", "wrong-type"),
        (CALENDAR, card("FN:x"), "wrong-type"),
        (CARD, event(), "wrong-type"),
        (CALENDAR, lines("BEGIN:VEVENT", "UID:1", "END:VEVENT"), "wrong-type"),
        (CALENDAR, b" " + event(), "wrong-type"),
        (CALENDAR, b"junk\r\n" + event(), "wrong-type"),
        (CARD, card("FN:x") + event(), "wrong-type"),
        (CALENDAR, calendar(), "no-component"),
        (CALENDAR, calendar(*zone("X")), "no-component"),
        (CALENDAR, calendar("BEGIN:X-THING", "END:X-THING"), "no-component"),
        (CALENDAR, event()[:-20], "truncated"),
        (CALENDAR, event().replace(b"END:VEVENT\r\n", b""), "unbalanced"),
        (CALENDAR, event() + b"END:VCALENDAR\r\n", "unbalanced"),
        (CALENDAR, event("BEGIN:VEVENT", "END:VEVENT"), "unbalanced"),
        (CALENDAR, event("BEGIN:VCALENDAR", "END:VCALENDAR"), "unbalanced"),
        (CARD, card("BEGIN:VCARD", "END:VCARD"), "unbalanced"),
        (CARD, card("AGENT:x", "BEGIN:VCARD", "END:VCARD"), "unbalanced"),
        (CARD, card("FN:x") + b"\0\0\0\0", "trailing"),
        (CARD, card("FN:x") + b"-- signature", "trailing"),
        (CARD, card("FN:x") + b"BEG", "truncated"),
        (CARD, card("FN:x") + b"BEGIN:VCA", "truncated"),
        (CALENDAR, event(*["BEGIN:X"] * 40, *["END:X"] * 40), "too-deep"),
        ("message/rfc822", event(), "unknown-type"),
        ("", event(), "unknown-type"),
    ],
)
def test_problems_have_stable_codes(media_type: str, body: bytes, problem: str) -> None:
    found = inspect(media_type, body)
    assert (found.problem, found.complete) == (problem, False)


def test_a_body_over_the_limit_is_not_looked_at() -> None:
    limits = Limits(octets=len(FULL_EVENT) - 1)
    assert inspect(CALENDAR, FULL_EVENT, limits=limits).problem == "too-large"
    assert inspect(CALENDAR, FULL_EVENT[:-1], limits=limits).complete


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(event("no colon on this line"), id="junk-line"),
        pytest.param(calendar("BEGIN:VEVENT", "SUMMARY:x", "END:VEVENT"), id="dav-18-no-uid"),
        pytest.param(lines("BEGIN:VCALENDAR", "BEGIN:VTODO", "END:VTODO", "END:VCALENDAR"), id="no-version"),
        pytest.param(b"\xef\xbb\xbf\r\n\r\n" + event() + b"\r\n \r\n", id="bom-and-blank-lines"),
        pytest.param(event().rstrip(), id="no-last-line-end"),
        pytest.param(event("X:\x01\x02"), id="control-characters"),
        pytest.param(event("X:\xff").decode().encode("latin-1"), id="no-utf-8"),
        pytest.param(event("DESCRIPTION:BEGIN:VEVENT", " END:VCALENDAR"), id="boundaries-in-a-value"),
        pytest.param(event() + event(uid="2"), id="two-calendars"),
        pytest.param(event("BEGIN:X-VENDOR", "END:X-VENDOR"), id="unknown-component"),
    ],
)
def test_real_world_oddities_stay_complete(body: bytes) -> None:
    assert inspect(CALENDAR, body).complete


@pytest.mark.parametrize(
    "media_type", ["text/vcard;version=4.0", "TEXT/VCARD; charset=utf-8", "text/x-vcard", "text/directory"]
)
def test_parameters_and_old_names_of_media_types(media_type: str) -> None:
    assert inspect(media_type, FULL_CARD).complete


def test_the_facts_of_an_event() -> None:
    found = inspect(CALENDAR, FULL_EVENT)
    assert found.component == "VEVENT"
    assert found.uid == "8c1f-full"
    assert (found.uids, found.day, found.meeting, found.method) == (1, 20515, True, False)


def test_the_facts_of_a_card() -> None:
    found = inspect(CARD, FULL_CARD)
    assert (found.component, found.uid) == ("VCARD", "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af")
    assert (found.uids, found.day, found.meeting, found.method) == (1, None, False, False)


@pytest.mark.parametrize(
    ("line", "uid"),
    [
        ("UID:Aa-bB", "Aa-bB"),
        ("uid:Aa", "Aa"),
        ("UID:a/b@c:d%20+&ü", "a/b@c:d%20+&ü"),
        ("UID:" + "x" * 60 + "\r\n " + "y" * 195, "x" * 60 + "y" * 195),
        ("U\r\n ID:split", "split"),
        ('UID;X-A="q:r":v', "v"),
        ("UID: padded ", "padded"),
        ("UID:a\\,b", "a,b"),
        ("UID:", None),
        ("UIDX:1", None),
        ("X-UID:1", None),
        ("SUMMARY:x\r\n  UID:1", None),
        ("BEGIN:VALARM\r\nUID:alarm\r\nEND:VALARM", None),
        ("BEGIN:VALARM\r\nUID:alarm\r\nEND:VALARM\r\nUID:event", "event"),
        ("BEGIN:PARTICIPANT\r\nBEGIN:VLOCATION\r\nEND:VLOCATION\r\nUID:p\r\nEND:PARTICIPANT\r\nUID:e", "e"),
    ],
)
def test_dav_12_uids_are_read_as_they_stand(line: str, uid: str | None) -> None:
    found = inspect(CALENDAR, calendar("UID:calendar", "BEGIN:VEVENT", line, "END:VEVENT"))
    assert found.complete
    assert found.uid == uid
    assert found.uids == (uid is not None)


def test_a_grouped_uid_of_a_card() -> None:
    assert inspect(CARD, card("item1.uid:Xy", "FN:x")).uid == "Xy"
    assert inspect(CARD, card("NOTE:see item1.UID:1", "FN:x")).uid is None


def test_octets_that_are_no_utf8_make_distinct_uids() -> None:
    one, other = (inspect(CARD, card("UID:@").replace(b"@", octet)).uid for octet in (b"\xe4", b"\xe5"))
    assert one is not None
    assert one != other
    assert one.encode()


def test_dav_17_and_19_different_uids_are_counted() -> None:
    override = ("BEGIN:VEVENT", "UID:u1", "RECURRENCE-ID:20260308T090000Z", "END:VEVENT")
    assert inspect(CALENDAR, calendar(*override)).uids == 1
    assert inspect(CALENDAR, calendar(*override, *override)).uids == 1
    assert inspect(CALENDAR, calendar(*override, "BEGIN:VEVENT", "UID:u2", "END:VEVENT")).uids == 2
    assert inspect(CARD, card("UID:1") + card("UID:2") + card("FN:none")).uids == 2


@pytest.mark.parametrize("name", ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"])
def test_dav_24_the_first_item_gives_its_name(name: str) -> None:
    body = calendar(*zone("X"), f"BEGIN:{name.lower()}", "UID:1", f"END:{name}")
    assert inspect(CALENDAR, body).component == name


@pytest.mark.parametrize(
    ("content", "day"),
    [
        (["DTSTART:20000101"], 10957),
        (["dtstart;tzid=X:20000101T000000"], 10957),
        (['DTSTART;X="20010101:":20000101'], 10957),
        (["DTSTART:2000-01-01T00:00:00Z"], 10957),
        (["DTST\r\n ART:2000\r\n 0101"], 10957),
        (["DTSTART:16010101T000000"], -134774),
        (["DTSTART:junk"], None),
        (["DTSTART:20001301"], None),
        (["DTSTART:00000000"], None),
        (["DTSTART:"], None),
        (["DTSTART"], None),
        (["DTSTARTX:20000101"], None),
        (["DUE:20000101"], 10957),
        (["DUE:20000102", "DTSTART:20000101"], 10957),
        (["DTSTART:junk", "DUE;VALUE=DATE:20000101"], 10957),
        (["BEGIN:VALARM", "DTSTART:19990101", "END:VALARM", "DTSTART:20000101"], 10957),
        (["SUMMARY:DTSTART:19990101"], None),
        (["DTSTART;VALUE=DATE", "X:20000101"], None),
        ([], None),
    ],
)
def test_the_day(content: list[str], day: int | None) -> None:
    body = calendar(*zone("X"), "BEGIN:VTODO", "UID:1", *content, "END:VTODO")
    assert inspect(CALENDAR, body).day == day


@pytest.mark.parametrize(
    ("content", "meeting"),
    [
        (["ATTENDEE:mailto:a@b"], True),
        (["organizer;CN=x:mailto:a@b"], True),
        (["ATT\r\n ENDEE:mailto:a@b"], True),
        (["BEGIN:VALARM", "ATTENDEE:mailto:a@b", "END:VALARM"], False),
        (["BEGIN:VALARM", "END:VALARM", "ATTENDEE:mailto:a@b"], True),
        (["X-ATTENDEE:mailto:a@b"], False),
        (["ATTENDEES:2"], False),
        (["SUMMARY:x\r\n ATTENDEE:y"], False),
    ],
)
def test_dav_25_meetings_are_recognised(content: list[str], *, meeting: bool) -> None:
    assert inspect(CALENDAR, event(*content)).meeting is meeting


def test_a_method_counts_in_the_wrapper_only() -> None:
    assert not inspect(CALENDAR, event("METHOD:REQUEST")).method
    after = calendar("BEGIN:VEVENT", "END:VEVENT", "method:publish")
    assert inspect(CALENDAR, after).method


@given(
    days=st.integers(-200_000, 2_000_000),
    form=st.sampled_from(["DTSTART:{}", "DTSTART;VALUE=DATE:{}", "DTSTART:{}T235959"]),
)
@settings(max_examples=100, deadline=None)
def test_days_count_from_1970(days: int, form: str) -> None:
    from datetime import date, timedelta

    when = date(1970, 1, 1) + timedelta(days=days)
    assert inspect(CALENDAR, event(start=form.format(when.strftime("%Y%m%d").rjust(8, "0")))).day == days


def test_an_incomplete_body_still_says_what_was_seen() -> None:
    found = inspect(CALENDAR, FULL_EVENT[:-30])
    assert not found.complete
    assert (found.component, found.uid) == ("VEVENT", "8c1f-full")


def test_the_tree_and_the_structure_know_the_same_uids() -> None:
    (outer,) = parse(FULL_EVENT).components()
    assert {item.text("UID") for item in outer.components("VEVENT")} == {inspect(CALENDAR, FULL_EVENT).uid}
