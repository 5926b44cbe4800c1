"""Cases 112 to 120: event types, copies of guests, and what is no event at all; and which cases stand where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mappings.calendars.patches import Call, creation, patch
from mappings.calendars.series import is_of_type
from mappings.errors import EditRefused, Malformed
from tests.mappings.calendars.making import (
    OWNER,
    TO_EVENTS,
    Json,
    all_day,
    assert_kept,
    assert_returns,
    document,
    event,
    fate_of,
    ics,
    item,
    line,
    to_ics,
    to_json,
    vevent,
    written,
)
from tests.mappings.samples import calendar, lines

HOME: Json = {"type": "homeOffice", "homeOffice": {}}
OFFICE: Json = {
    "type": "officeLocation",
    "officeLocation": {"buildingId": "b1", "floorId": "2", "floorSectionId": "A", "deskId": "7", "label": "HQ, 2nd"},
}
AWAY: Json = {"autoDeclineMode": "declineAllConflictingInvitations", "declineMessage": "Away, sorry; back soon"}


def test_case_112_out_of_office_is_an_event_with_carriers() -> None:
    said = document(event(eventType="outOfOffice", outOfOfficeProperties=AWAY))
    body = assert_returns(said)
    assert written(vevent(body), "X-MICROSOFT-CDO-BUSYSTATUS") == ["X-MICROSOFT-CDO-BUSYSTATUS:OOF"]
    assert sum("outOfOfficeProperties/" in one for one in written(vevent(body), "JSPROP")) == 2


def test_case_112_it_is_never_made_again_as_an_ordinary_event() -> None:
    call = creation(event(eventType="outOfOffice", outOfOfficeProperties=AWAY))
    assert call.method == "insert", "an import would lose its type"
    assert (call.body["eventType"], call.body["outOfOfficeProperties"]) == ("outOfOffice", AWAY)
    assert call.parameters == {"sendUpdates": "none"}
    assert "iCalUID" not in call.body


def test_case_112_busystatus_of_another_program_makes_no_type() -> None:
    body = ics("X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    assert "eventType" not in item(body)
    assert_kept(body)


@pytest.mark.parametrize("change", ["default", "focusTime", None])
def test_case_112_a_type_is_never_changed(change: str | None) -> None:
    with pytest.raises(EditRefused) as caught:
        patch(event(eventType="outOfOffice"), event(eventType=change))
    assert (caught.value.reason, caught.value.fields) == ("event-type", ("eventType",))


def test_an_ordinary_event_is_imported_with_its_uid() -> None:
    call = creation(event())
    assert (call.method, call.body["iCalUID"]) == ("import", "4n5q0hk9v2@google.com")
    assert call.parameters == {}, "an import has no sendUpdates and mails nobody"
    assert not {"etag", "kind", "created", "updated", "htmlLink", "creator", "id"} & set(call.body)


@pytest.mark.parametrize("properties", [HOME, OFFICE, {"type": "customLocation", "customLocation": {"label": "Café"}}])
def test_case_113_a_working_location_comes_back_and_blocks_no_time(properties: Json) -> None:
    said = document(
        all_day(
            "2026-03-03",
            "2026-03-04",
            eventType="workingLocation",
            transparency="transparent",
            visibility="public",
            workingLocationProperties=properties,
        ),
    )
    assert line(said, "TRANSP") == "TRANSP:TRANSPARENT"
    assert_returns(said)


def test_case_113_it_can_be_left_out() -> None:
    said = document(event(eventType="workingLocation", workingLocationProperties=HOME))
    assert is_of_type(said, frozenset({"workingLocation"}))


def test_focus_time_comes_back() -> None:
    said = event(eventType="focusTime", focusTimeProperties={**AWAY, "chatStatus": "doNotDisturb"})
    assert_returns(document(said))
    assert creation(said).method == "insert"


def test_case_114_a_birthday_of_a_contact_is_not_made_a_second_time() -> None:
    said = all_day(
        "2026-03-03",
        "2026-03-04",
        eventType="birthday",
        recurrence=["RRULE:FREQ=YEARLY"],
        birthdayProperties={"type": "birthday", "contact": "people/c1"},
    )
    assert_returns(document(said))
    with pytest.raises(EditRefused) as caught:
        creation(said)
    assert caught.value.reason == "birthday-of-contact"
    assert is_of_type(document(said), frozenset({"birthday"})), "and can be left out on the way to a calendar"


@pytest.mark.parametrize("kind", ["anniversary", "custom", "other", "self"])
def test_case_114_other_birthdays_cannot_be_created(kind: str) -> None:
    said = event(eventType="birthday", birthdayProperties={"type": kind, "customTypeName": "Name day"})
    assert_returns(document(said))
    with pytest.raises(EditRefused):
        creation(said)


def test_case_114_an_own_birthday_can() -> None:
    assert creation(event(eventType="birthday", birthdayProperties={"type": "birthday"})).method == "insert"


def test_case_115_an_event_from_gmail_is_read_only() -> None:
    said = event(eventType="fromGmail", locked=True)
    assert_returns(document(said))
    with pytest.raises(EditRefused) as caught:
        patch(said, {**said, "summary": "x", "location": "y"})
    assert (caught.value.reason, caught.value.fields) == ("from-gmail", ("location", "summary"))
    with pytest.raises(EditRefused):
        creation(said)


BOSS = {"email": "boss@example.org"}
ME: Json = {"email": OWNER, "self": True, "responseStatus": "needsAction"}
OTHER: Json = {"email": "other@example.org", "responseStatus": "accepted"}
COPY = event(organizer=BOSS, attendees=[ME, OTHER])
LOCKED = event(locked=True)


@pytest.mark.parametrize(
    "change",
    [
        {"attendees": [{**ME, "responseStatus": "accepted", "comment": "yes"}, OTHER]},
        {"reminders": {"useDefault": True}},
        {"colorId": "3"},
        {"eventLabelId": "x"},
    ],
)
def test_case_116_a_guest_may_answer_and_set_what_is_the_guests(change: Json) -> None:
    call = patch(COPY, {**COPY, **change})
    assert call is not None
    assert call.body == change


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "x"},
        {"start": {"dateTime": "2026-03-03T11:00:00+01:00", "timeZone": "Europe/Zurich"}},
        {"recurrence": ["RRULE:FREQ=DAILY"]},
        {"attendees": [ME]},
        {"attendees": [ME, {**OTHER, "responseStatus": "declined"}]},
        {"attendees": [{**ME, "email": "x@example.org"}, OTHER]},
        {"location": "x", "colorId": "3"},
    ],
)
def test_case_116_the_rest_is_the_organizers(change: Json) -> None:
    with pytest.raises(EditRefused) as caught:
        patch(COPY, {**COPY, **change})
    assert caught.value.reason == "guest-copy"
    assert set(caught.value.fields) == set(change) - {"colorId"}


def test_case_116_a_guest_who_may_modify_may() -> None:
    free = {**COPY, "guestsCanModify": True}
    call = patch(free, {**free, "summary": "x"})
    assert call is not None
    assert call.body == {"summary": "x"}


@pytest.mark.parametrize("name", ["summary", "description", "location", "recurrence"])
def test_case_116_a_locked_copy_keeps_its_main_fields(name: str) -> None:
    with pytest.raises(EditRefused) as caught:
        patch(LOCKED, {**LOCKED, name: ["x"] if name == "recurrence" else "x"})
    assert (caught.value.reason, caught.value.fields) == ("locked", (name,))


def test_case_116_a_locked_copy_takes_a_colour() -> None:
    assert patch(LOCKED, {**LOCKED, "colorId": "1"}) == Call("patch", {"colorId": "1"}, {"sendUpdates": "none"})


TASK = ("BEGIN:VTODO", "UID:t1", "DTSTAMP:20260101T000000Z", "SUMMARY:Buy milk", "END:VTODO")
JOURNAL = ("BEGIN:VJOURNAL", "UID:j1", "DTSTAMP:20260101T000000Z", "SUMMARY:Dear diary", "END:VJOURNAL")


@pytest.mark.parametrize("content", [TASK, JOURNAL])
def test_case_117_a_task_never_becomes_an_event(content: tuple[str, ...]) -> None:
    with pytest.raises(Malformed) as caught:
        TO_EVENTS.convert(calendar(*content))
    assert caught.value.problem == "no-event"


def test_case_117_beside_an_event_it_is_kept_and_counted() -> None:
    body = ics().replace(b"BEGIN:VEVENT", lines(*TASK, *JOURNAL) + b"BEGIN:VEVENT")
    assert len(to_json(body)["items"]) == 1
    report = TO_EVENTS.convert(body).losses
    assert fate_of(report, "VTODO") == fate_of(report, "VJOURNAL") == [("extension", "")]
    assert_kept(body)


@pytest.mark.parametrize("method", ["REQUEST", "PUBLISH", "CANCEL"])
def test_case_118_a_method_is_not_stored(method: str) -> None:
    body = ics(wrapper=[f"METHOD:{method}"])
    assert b"METHOD" not in assert_kept(body)


def test_case_119_one_uid_in_two_calendars_is_two_objects() -> None:
    """Each document is mapped for itself: nothing of one calendar gets into the other's."""
    here = document(event(), summary="Work", timeZone="Europe/Zurich")
    there = document(event(summary="Same", colorId="3"), summary="Private", timeZone="Asia/Tokyo")
    bodies = [to_ics(here), to_ics(there), to_ics(here)]
    assert bodies[0] == bodies[2] != bodies[1]
    assert b"UID:4n5q0hk9v2@google.com" in bodies[0]
    assert b"UID:4n5q0hk9v2@google.com" in bodies[1]


APPLE = (
    'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="Bahnhofstr. 1";X-TITLE=Bahnhof:geo:47.378,8.540',
    "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M",
    "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
    "GEO:47.378;8.540",
    "CATEGORIES:a,b\\,c",
    "X-MOZ-GENERATION:3",
    "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY",
)


@pytest.mark.parametrize("apple", APPLE)
def test_case_120_lines_google_has_no_place_for_return_identical(apple: str) -> None:
    body = ics(apple)
    name = re.split("[;:]", apple)[0]
    assert written(vevent(assert_kept(body)), name) == [apple]
    assert fate_of(TO_EVENTS.convert(body).losses, name) == [("extension", "")]


def test_case_120_after_an_edit_at_google_too() -> None:
    document_ = to_json(ics(*APPLE, "SUMMARY:old"))
    document_["items"][0]["summary"] = "new"
    found = vevent(to_ics(document_))
    assert written(found, "SUMMARY") == ["SUMMARY:new"]
    assert set(APPLE) <= set(written(found))


NOT_APPLICABLE: dict[int, str] = {}
"""Cases between 64 and 120 that do not concern this package, and why: none is left out."""


def test_every_case_has_its_test() -> None:
    texts = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_cases_*.py"))
    named = {int(number) for number in re.findall(r"def test_case_(\d+)_", texts)}
    assert set(range(64, 121)) - named == set(NOT_APPLICABLE)
