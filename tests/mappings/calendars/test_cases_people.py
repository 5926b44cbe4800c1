"""Cases 96 to 103: guests, organizers, and who may see what."""

from __future__ import annotations

import pytest

from mappings.calendars.patches import patch
from mappings.mediatypes import CALENDAR
from mappings.meetings import quiet
from tests.mappings.calendars.making import (
    OWNER,
    TO_CALENDAR,
    TO_EVENTS,
    Json,
    assert_kept,
    assert_returns,
    document,
    event,
    fate_of,
    ics,
    item,
    line,
    octets,
    to_ics,
    to_json,
    vevent,
    written,
)
from tests.mappings.test_servers import through_radicale, through_xandikos

BOSS = {"email": "boss@example.org", "displayName": "Boss"}
ME = {"email": OWNER, "self": True, "responseStatus": "accepted"}


def meeting(*guests: object, **said: object) -> Json:
    """Make a document of one meeting."""
    return document(event(**{"organizer": BOSS, "attendees": [*guests], **said}))


def attendee(guest: object) -> str:
    """Return the ATTENDEE line of *guest*."""
    return line(meeting(guest), "ATTENDEE")


def test_case_96_more_guests_and_a_comment_stand_on_the_guests_line() -> None:
    guest = {"email": "g@example.org", "additionalGuests": 2, "comment": "late"}
    assert attendee(guest) == "ATTENDEE;X-NUM-GUESTS=2;X-RESPONSE-COMMENT=late:mailto:g@example.org"
    assert_returns(meeting(guest, {"email": "h@example.org"}))


def test_case_96_of_another_program_they_are_read() -> None:
    body = ics('ATTENDEE;X-NUM-GUESTS=2;X-RESPONSE-COMMENT="late, sorry":mailto:g@example.org')
    assert item(body)["attendees"] == [{"email": "g@example.org", "additionalGuests": 2, "comment": "late, sorry"}]
    assert_kept(body)


def test_case_96_an_edit_of_one_guest_leaves_the_others_their_own() -> None:
    guests = [{"email": f"{name}@example.org", "comment": f"of {name}", "id": name} for name in "abc"]
    body = to_ics(meeting(*guests))
    gone = b"".join(one for one in body.splitlines(keepends=True) if b"mailto:b@" not in one and b"of b" not in one)
    assert to_json(gone)["items"][0]["attendees"] == [guests[0], guests[2]]


@pytest.mark.parametrize(
    ("said", "param"),
    [
        ({"resource": True}, "CUTYPE=RESOURCE"),
        ({"optional": True}, "ROLE=OPT-PARTICIPANT"),
        ({"resource": False}, "CUTYPE=INDIVIDUAL"),
        ({"optional": False}, "ROLE=REQ-PARTICIPANT"),
        ({"responseStatus": "accepted"}, "PARTSTAT=ACCEPTED"),
        ({"responseStatus": "needsAction"}, "PARTSTAT=NEEDS-ACTION"),
        ({"responseStatus": "tentative"}, "PARTSTAT=TENTATIVE"),
        ({"responseStatus": "declined"}, "PARTSTAT=DECLINED"),
        ({"self": True}, "X-GOOGLE-SELF=TRUE"),
        ({"organizer": False}, "X-GOOGLE-ORGANIZER=FALSE"),
    ],
)
def test_case_97_what_a_guest_is_has_its_parameter(said: dict[str, object], param: str) -> None:
    assert attendee({"email": "g@example.org", **said}) == f"ATTENDEE;{param}:mailto:g@example.org"
    assert_returns(meeting({"email": "g@example.org", **said}))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("CUTYPE=ROOM", {"resource": True}),
        ("CUTYPE=GROUP", {}),
        ("ROLE=CHAIR", {}),
        ("ROLE=NON-PARTICIPANT", {"optional": True}),
        ("ROLE=opt-participant", {"optional": True}),
        ("PARTSTAT=accepted", {"responseStatus": "accepted"}),
        ("PARTSTAT=IN-PROCESS", {"responseStatus": "needsAction"}),
        ("RSVP=TRUE", {}),
    ],
)
def test_case_97_other_programs_say_it_otherwise(params: str, expected: dict[str, object]) -> None:
    body = ics(f"ATTENDEE;{params}:MAILTO:g@example.org")
    assert item(body)["attendees"] == [{"email": "g@example.org", **expected}]
    assert_kept(body)


@pytest.mark.parametrize(
    ("name", "param"),
    [
        ("Doe, Jane", 'CN="Doe, Jane"'),
        ('Jane "JD" Doe', "CN=Jane ^'JD^' Doe"),
        ("a;b:c", 'CN="a;b:c"'),
        ("x^y", "CN=x^^y"),
        ("Zoë 🌈", "CN=Zoë 🌈"),
    ],
)
def test_case_98_names_with_delimiters_are_exact(name: str, param: str) -> None:
    guest = {"email": "g@example.org", "displayName": name}
    assert attendee(guest) == f"ATTENDEE;{param}:mailto:g@example.org"
    assert_returns(meeting(guest, organizer={**BOSS, "displayName": name}))


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "a\nb", "a\0b", "a\\,b", "x = y", "\u2028", "\ud800", "\x85", "\t"]
)
@pytest.mark.parametrize("store", [None, through_radicale, through_xandikos])
@pytest.mark.filterwarnings("ignore")
def test_case_98_and_those_that_servers_would_change(name: str, store: object) -> None:
    said = meeting({"email": "g@example.org", "displayName": name, "comment": name}, {"email": "h@example.org"})
    body = to_ics(said)
    stored = store(CALENDAR, body) if store else body  # type: ignore[operator]  # a column of functions
    assert to_json(stored)["items"][0]["attendees"] == said["items"][0]["attendees"]


@pytest.mark.parametrize(
    "email",
    [
        "a,b@example.org",
        '"quoted; x"@example.org',
        "50%off@example.org",
        "tag+x=y@example.org",
        "Zoë@exämple.org",
        "c_188abc@group.calendar.google.com",
        "a b",
        "a@b@c",
        "back\\slash@example.org",
        "?subject=x",
        "#",
        " blank@example.org ",
        "",
        "a\nb@example.org",
    ],
)
@pytest.mark.parametrize("store", [None, through_radicale, through_xandikos])
@pytest.mark.filterwarnings("ignore")
def test_case_98_addresses_too(email: str, store: object) -> None:
    said = meeting({"email": email, "comment": "x"})
    body = to_ics(said)
    stored = store(CALENDAR, body) if store else body  # type: ignore[operator]  # a column of functions
    assert to_json(stored)["items"][0]["attendees"] == [{"email": email, "comment": "x"}]


def test_case_99_an_organizer_who_is_no_guest_is_kept() -> None:
    said = document(event(organizer=BOSS, attendees=[ME]))
    assert line(said, "ORGANIZER") == "ORGANIZER;CN=Boss:mailto:boss@example.org"
    assert_returns(said)


def test_case_99_the_organizer_of_a_secondary_calendar_is_kept() -> None:
    address = "c_188abc@group.calendar.google.com"
    said = document(event(organizer={"email": address, "displayName": "Team", "self": True}, attendees=[ME]))
    assert line(said, "ORGANIZER") == f"ORGANIZER;CN=Team;X-GOOGLE-SELF=TRUE:mailto:{address}"
    assert_returns(said)


def test_case_99_an_event_without_guests_is_no_invitation() -> None:
    """ORGANIZER would make it one, and other programs do not let its owner edit it."""
    said = document(event(organizer={"email": OWNER, "self": True, "displayName": "Ana"}))
    body = assert_returns(said)
    assert written(vevent(body), "ORGANIZER") == []
    assert b"organizer/displayName" in body


def test_case_99_an_organizer_elsewhere_is_written_even_if_the_guests_are_hidden() -> None:
    assert line(document(event(organizer=BOSS)), "ORGANIZER") == "ORGANIZER;CN=Boss:mailto:boss@example.org"


def test_case_100_a_delegated_invitation_needs_action_and_keeps_whom_it_went_to() -> None:
    delegated = 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:d@example.org":mailto:g@example.org'
    body = ics(delegated)
    assert item(body)["attendees"] == [{"email": "g@example.org", "responseStatus": "needsAction"}]
    assert written(vevent(assert_kept(body)), "ATTENDEE") == [delegated]
    assert fate_of(TO_EVENTS.convert(body).losses, "ATTENDEE") == [("extension", "")]


def test_case_101_a_migrated_meeting_mails_nobody() -> None:
    """500 meetings: what is stored has somebody who sees to each ATTENDEE and ORGANIZER, and no METHOD."""
    for number in range(500):
        guests = [{"email": f"g{n}@example.org", "displayName": f"G, {n}"} for n in range(number % 7 + 1)]
        said = meeting(ME, *guests, id=f"m{number}", iCalUID=f"m{number}@google.com")
        stored = quiet(to_ics(said))
        people = list(vevent(stored).lines("ATTENDEE", "ORGANIZER"))
        assert len(people) == len(guests) + 2
        assert all(one.param("SCHEDULE-AGENT") == ("CLIENT",) for one in people)
        assert b"\nMETHOD" not in stored


def test_case_101_the_receipt_does_not_count_what_keeps_it_quiet() -> None:
    said = meeting(ME, {"email": "g@example.org", "comment": "x"})
    receipt = TO_CALENDAR.prove(octets(said), quiet(to_ics(said)))
    assert receipt.lossless
    assert receipt == TO_CALENDAR.prove(octets(said), to_ics(said))


def test_case_101_a_patch_never_mails() -> None:
    before = event(organizer={"email": OWNER, "self": True}, attendees=[ME])
    call = patch(before, {**before, "summary": "other"})
    assert call is not None
    assert call.parameters == {"sendUpdates": "none"}


@pytest.mark.parametrize("said", ["public", "private", "confidential"])
def test_case_102_private_and_confidential_stay_distinct(said: str) -> None:
    assert line(document(event(visibility=said)), "CLASS") == f"CLASS:{said.upper()}"
    assert_returns(document(event(visibility=said)))


def test_case_102_default_is_no_class() -> None:
    for said in (event(), event(visibility="default")):
        body = assert_returns(document(said))
        assert written(vevent(body), "CLASS") == []


def test_case_102_a_class_nobody_knows_counts_as_private() -> None:
    body = ics("CLASS:X-TOP-SECRET")
    assert item(body)["visibility"] == "private"
    assert written(vevent(assert_kept(body)), "CLASS") == ["CLASS:X-TOP-SECRET"]


def test_case_103_a_private_event_edited_in_its_title_stays_private() -> None:
    before = event(visibility="private")
    edited = to_ics(document(before)).replace(b"SUMMARY:Besprechung", b"SUMMARY:Sitzung")
    call = patch(before, to_json(edited)["items"][0])
    assert call is not None
    assert (call.method, call.body) == ("patch", {"summary": "Sitzung"})


@pytest.mark.parametrize(
    "guest",
    [
        {},
        {"displayName": "nobody"},
        {"email": None, "displayName": "x"},
        {"email": 7},
        {"email": "g@example.org", "responseStatus": "maybe"},
        {"email": "g@example.org", "responseStatus": None},
        {"email": "g@example.org", "optional": "yes"},
        {"email": "g@example.org", "additionalGuests": -1},
        {"email": "g@example.org", "additionalGuests": 10**30},
        {"email": "g@example.org", "additionalGuests": 1.5},
        {"email": "g@example.org", "newField": {"a": ["b", None]}},
        {"email": "g@example.org", "comment": "=?utf-8?Q?x?= =y"},
    ],
)
def test_odd_guests_come_back_beside_others(guest: dict[str, object]) -> None:
    assert_returns(meeting({"email": "first@example.org", "comment": "1"}, guest, {"email": "last@example.org"}))


@pytest.mark.parametrize("guests", ["all", {"email": "x"}, [None], [["x"]], [7, {"email": "g@example.org"}]])
def test_odd_lists_of_guests_come_back(guests: object) -> None:
    assert_returns(document(event(attendees=guests)))


@pytest.mark.parametrize(
    ("line_", "expected"),
    [
        ("ATTENDEE;EMAIL=g@example.org:urn:uuid:1", [{"email": "g@example.org"}]),
        ("ATTENDEE;CN=Jane:urn:uuid:1", [{"displayName": "Jane"}]),
        ("ATTENDEE:invalid:nomail", [{}]),
        ("ATTENDEE:mailto:", [{}]),
        ("ATTENDEE;CN=Jane:/principals/jane", [{"displayName": "Jane"}]),
        ("ATTENDEE:mailto:a%20b@example.org", [{"email": "a b@example.org"}]),
    ],
)
def test_addresses_of_other_kinds_are_kept(line_: str, expected: list[dict[str, object]]) -> None:
    body = ics(line_)
    assert item(body)["attendees"] == expected
    assert written(vevent(assert_kept(body)), "ATTENDEE") == [line_]
