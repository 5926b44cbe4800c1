"""Cases 80 to 89: masters, moved, cancelled and orphaned instances, and rules."""

from __future__ import annotations

import itertools

import pytest

from mappings.calendars.series import is_deleted, is_of_type
from mappings.errors import Malformed
from mappings.mediatypes import CALENDAR
from tests.mappings.calendars.making import (
    TO_EVENTS,
    ZURICH,
    all_day,
    assert_kept,
    assert_returns,
    bare,
    cancelled,
    day,
    document,
    event,
    fate_of,
    ics,
    instance,
    item,
    key,
    timed,
    to_ics,
    to_json,
    vevents,
    written,
)
from tests.mappings.samples import lines
from tests.mappings.test_servers import through_radicale, through_xandikos

WEEKLY = ["RRULE:FREQ=WEEKLY"]
SECOND = timed("2026-03-10T09:00:00+01:00")
SECOND_STAMP = "20260310T080000Z"
THIRD = timed("2026-03-17T09:00:00+01:00")
THIRD_STAMP = "20260317T080000Z"


def moved() -> dict[str, object]:
    """Make an instance that was moved by three hours."""
    return instance(
        SECOND,
        SECOND_STAMP,
        start=timed("2026-03-10T12:00:00+01:00"),
        end=timed("2026-03-10T13:00:00+01:00"),
    )


def test_case_80_a_moved_instance_has_the_original_start_as_recurrence_id() -> None:
    body = assert_returns(document(event(recurrence=WEEKLY), moved()))
    master, other = vevents(body)
    assert written(master, "RECURRENCE-ID") == []
    assert written(other, "RECURRENCE-ID") == [f"RECURRENCE-ID;TZID={ZURICH}:20260310T090000"]
    assert written(other, "DTSTART") == [f"DTSTART;TZID={ZURICH}:20260310T120000"]
    assert written(other, "UID") == written(master, "UID")


def test_case_80_in_the_zone_of_the_master_whatever_its_own_is() -> None:
    original = timed("2026-03-10T09:00:00+01:00", "America/New_York")
    other = instance(original, SECOND_STAMP, end=timed("2026-03-10T13:00:00+01:00", "Asia/Tokyo"))
    body = assert_returns(document(event(recurrence=WEEKLY), other))
    assert written(vevents(body)[1], "RECURRENCE-ID") == [f"RECURRENCE-ID;TZID={ZURICH}:20260310T090000"]


def test_case_80_of_days_it_is_a_day() -> None:
    master = all_day("2026-03-03", "2026-03-04", recurrence=WEEKLY)
    other = instance(day("2026-03-10"), "20260310", start=day("2026-03-11"), end=day("2026-03-12"))
    body = assert_returns(document(master, other))
    assert written(vevents(body)[1], "RECURRENCE-ID") == ["RECURRENCE-ID;VALUE=DATE:20260310"]


def test_case_80_an_instance_that_became_a_day_keeps_the_time_it_replaces() -> None:
    other = instance(SECOND, SECOND_STAMP, start=day("2026-03-10"), end=day("2026-03-11"))
    body = assert_returns(document(event(recurrence=WEEKLY), other))
    assert written(vevents(body)[1], "RECURRENCE-ID", "DTSTART") == [
        "DTSTART;VALUE=DATE:20260310",
        f"RECURRENCE-ID;TZID={ZURICH}:20260310T090000",
    ]


def test_case_81_the_order_of_the_items_does_not_matter() -> None:
    fourth = instance(timed("2026-03-24T09:00:00+01:00"), "20260324T080000Z")
    items = [event(recurrence=WEEKLY), moved(), cancelled(THIRD, THIRD_STAMP), fourth]
    bodies = {to_ics(document(*order)) for order in itertools.permutations(items)}
    assert len(bodies) == 1
    assert written(vevents(bodies.pop())[0], "RECURRENCE-ID") == []


def test_case_82_a_cancelled_instance_is_an_exdate_in_the_form_of_dtstart() -> None:
    body = assert_returns(document(event(recurrence=WEEKLY), cancelled(THIRD, THIRD_STAMP)))
    (master,) = vevents(body)
    assert written(master, "EXDATE") == [f"EXDATE;TZID={ZURICH};X-GOOGLE-CANCELLED=TRUE:20260317T090000"]


def test_case_82_of_days_too() -> None:
    master = all_day("2026-03-03", "2026-03-04", recurrence=WEEKLY)
    body = assert_returns(document(master, cancelled(day("2026-03-17"), "20260317")))
    assert written(vevents(body)[0], "EXDATE") == ["EXDATE;VALUE=DATE;X-GOOGLE-CANCELLED=TRUE:20260317"]


def test_case_82_many_are_one_line() -> None:
    gone = [cancelled(THIRD, THIRD_STAMP), cancelled(SECOND, SECOND_STAMP)]
    body = assert_returns(document(event(recurrence=WEEKLY), *gone))
    assert written(vevents(body)[0], "EXDATE")[0].endswith(":20260310T090000,20260317T090000")


@pytest.mark.parametrize("store", [through_radicale, through_xandikos])
@pytest.mark.filterwarnings("ignore")
def test_case_82_comes_back_as_a_cancelled_instance_through_servers(store: object) -> None:
    said = document(
        event(recurrence=[*WEEKLY, f"EXDATE;TZID={ZURICH}:20260324T090000"]),
        cancelled(THIRD, THIRD_STAMP),
        cancelled(SECOND, SECOND_STAMP),
    )
    stored = store(CALENDAR, to_ics(said))  # type: ignore[operator]  # a column of functions
    found = sorted((bare(one) for one in to_json(stored)["items"]), key=key)
    assert found == sorted((bare(one) for one in said["items"]), key=key)


@pytest.mark.parametrize(
    "more",
    [
        {"iCalUID": "4n5q0hk9v2@google.com"},
        {"start": SECOND, "end": SECOND, "summary": "gone"},
        {"id": "another-id"},
        {"recurringEventId": "another-series"},
        {"originalStartTime": timed("2026-03-10T08:00:00Z")},
        {"originalStartTime": {"dateTime": "2026-03-10T09:00:00+01:00"}},
        {"newField": {"x": [1, None, "y"]}},
    ],
)
def test_case_82_whatever_else_it_says_is_carried(more: dict[str, object]) -> None:
    assert_returns(document(event(recurrence=WEEKLY), cancelled(SECOND, SECOND_STAMP, **more)))


def test_case_82_an_exdate_of_another_program_stays_a_line_of_the_recurrence() -> None:
    found = to_json(ics("RRULE:FREQ=WEEKLY", "EXDATE:20260310T080000Z"))["items"]
    assert [one["recurrence"] for one in found] == [["RRULE:FREQ=WEEKLY", "EXDATE:20260310T080000Z"]]


def test_case_82_a_cancelled_override_of_another_program_comes_back_as_it_was() -> None:
    """Exchange writes a deleted occurrence as a VEVENT with STATUS:CANCELLED."""
    body = lines(
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x",
        "BEGIN:VEVENT", "UID:u", "DTSTAMP:20260101T000000Z", "DTSTART:20260303T080000Z", "RRULE:FREQ=WEEKLY",
        "END:VEVENT", "BEGIN:VEVENT", "UID:u", "DTSTAMP:20260101T000000Z", "DTSTART:20260310T080000Z",
        "RECURRENCE-ID:20260310T080000Z", "SUMMARY:gone", "STATUS:CANCELLED", "END:VEVENT", "END:VCALENDAR",
    )  # fmt: skip
    assert [one.get("status") for one in to_json(body)["items"]] == [None, "cancelled"]
    assert len(vevents(assert_kept(body))) == 2


def test_case_83_a_cancelled_master_means_the_whole_series() -> None:
    gone = document(event(recurrence=WEEKLY, status="cancelled"), moved())
    assert is_deleted(gone)
    assert not is_deleted(document(event(recurrence=WEEKLY), cancelled(THIRD, THIRD_STAMP)))
    assert not is_deleted(document(cancelled(THIRD, THIRD_STAMP))), "of a series the user does not see the rest of"
    assert not is_deleted({})


def test_case_83_a_cancelled_event_with_nothing_but_its_id_is_no_calendar_object() -> None:
    with pytest.raises(Malformed) as caught:
        to_ics(document({"id": "x", "status": "cancelled", "kind": "calendar#event"}))
    assert caught.value.problem == "no-start"


def test_case_84_an_orphan_is_an_event_with_recurrence_id_and_no_master() -> None:
    body = assert_returns(document(moved()))
    (orphan,) = vevents(body)
    assert written(orphan, "RECURRENCE-ID") == [f"RECURRENCE-ID;TZID={ZURICH}:20260310T090000"]
    assert written(orphan, "RRULE", "RDATE") == []


def test_case_84_two_orphans_of_one_series_share_the_uid() -> None:
    other = instance(THIRD, THIRD_STAMP, end=timed("2026-03-17T13:00:00+01:00"))
    body = assert_returns(document(other, moved()))
    assert len(vevents(body)) == 2
    assert len({tuple(written(one, "UID")) for one in vevents(body)}) == 1


def test_case_84_a_cancelled_orphan_says_so_itself() -> None:
    body = assert_returns(document(moved(), cancelled(THIRD, THIRD_STAMP)))
    assert [written(one, "STATUS") for one in vevents(body)] == [["STATUS:CONFIRMED"], ["STATUS:CANCELLED"]]


def test_case_84_an_orphan_of_another_program_has_no_series_id() -> None:
    found = item(ics("RECURRENCE-ID:20260310T080000Z", start="DTSTART:20260310T110000Z"))
    assert found["originalStartTime"] == timed("2026-03-10T08:00:00Z", "UTC")
    assert "recurringEventId" not in found
    assert_kept(ics("RECURRENCE-ID:20260310T080000Z", start="DTSTART:20260310T110000Z"))


def test_case_85_a_split_series_is_two_uids_without_loss() -> None:
    first = document(event(recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20260316T225959Z"]))
    second = document(
        event(
            id="4n5q0hk9v2_R20260317T080000",
            iCalUID="4n5q0hk9v2_R20260317T080000@google.com",
            start=THIRD,
            end=timed("2026-03-17T10:00:00+01:00"),
            recurrence=WEEKLY,
        ),
    )
    uids = [written(vevents(assert_returns(said))[0], "UID") for said in (first, second)]
    assert uids == [["UID:4n5q0hk9v2@google.com"], ["UID:4n5q0hk9v2_R20260317T080000@google.com"]]


def test_case_86_a_start_beside_its_rule_stays_the_first_instance() -> None:
    said = document(event(recurrence=["RRULE:FREQ=WEEKLY;BYDAY=FR"]))
    body = assert_returns(said)
    assert written(vevents(body)[0], "DTSTART") == [f"DTSTART;TZID={ZURICH}:20260303T090000"]
    assert written(vevents(body)[0], "RDATE") == []


@pytest.mark.parametrize("rule", ["RSCALE=HEBREW;FREQ=YEARLY", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD"])
def test_case_87_rules_google_does_not_take_are_kept_beside_the_event(rule: str) -> None:
    body = ics(f"RRULE:{rule}", "RDATE:20260405T080000Z")
    assert item(body)["recurrence"] == ["RDATE:20260405T080000Z"]
    converted = TO_EVENTS.convert(body)
    assert fate_of(converted.losses, "RRULE") == [("extension", "")]
    assert f"RRULE:{rule}".encode() in assert_kept(body)


@pytest.mark.parametrize("rule", ["RSCALE=GREGORIAN;FREQ=YEARLY", "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT"])
def test_case_87_a_gregorian_scale_says_nothing_new(rule: str) -> None:
    body = ics(f"RRULE:{rule}")
    assert item(body)["recurrence"] == ["RRULE:FREQ=YEARLY"]
    assert f"RRULE:{rule}".encode() in assert_kept(body)


def test_case_88_two_rules_and_an_exrule_all_survive() -> None:
    rules = ["RRULE:FREQ=WEEKLY;BYDAY=TU", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1", "EXRULE:FREQ=YEARLY"]
    body = assert_returns(document(event(recurrence=rules)))
    assert written(vevents(body)[0], "RRULE", "EXRULE") == rules
    foreign = ics(*rules)
    assert item(foreign)["recurrence"] == rules
    assert_kept(foreign)


def test_case_88_in_any_order() -> None:
    rules = ["RDATE:20260405T080000Z", "EXRULE:FREQ=YEARLY", "EXDATE:20260310T080000Z", "RRULE:FREQ=WEEKLY"]
    assert_returns(document(event(recurrence=rules)))


def test_case_89_the_first_day_of_the_week_is_kept() -> None:
    rule = "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU"
    body = assert_returns(document(event(recurrence=[rule])))
    assert written(vevents(body)[0], "RRULE") == [rule]


@pytest.mark.parametrize(
    "odd",
    [
        "RRULE:FREQ=DAILY\r\nATTENDEE:mailto:evil@example.org",
        "X-RULE:1",
        "rrule:FREQ=DAILY",
        "",
        "RRULE",
        "RRULE:",
        "a.RRULE:FREQ=DAILY",
        "EXDATE:nonsense",
        "EXDATE;VALUE=DATE:99999999",
        "RDATE;VALUE=PERIOD:20260405T080000Z/PT1H",
        "\ud800",
        7,
        None,
        {"RRULE": 1},
    ],
)
def test_odd_lines_of_a_recurrence_come_back_and_start_no_line(odd: object) -> None:
    said = document(event(recurrence=["RRULE:FREQ=DAILY", odd]))
    body = assert_returns(said)
    assert b"\nATTENDEE" not in body


def test_types_can_be_left_out() -> None:
    said = document(event(eventType="workingLocation"))
    assert is_of_type(said, frozenset({"workingLocation"}))
    assert not is_of_type(said, frozenset({"birthday"}))
    assert is_of_type(document(event()), frozenset({"default"}))
