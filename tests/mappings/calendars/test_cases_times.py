"""Cases 64 to 79: days, times, time zones and the ends of recurrences."""

from __future__ import annotations

import pytest

from mappings.errors import Malformed
from tests.mappings.calendars.making import (
    TO_EVENTS,
    ZURICH,
    all_day,
    assert_kept,
    assert_returns,
    calendar_of,
    document,
    event,
    fate_of,
    ics,
    item,
    line,
    timed,
    to_ics,
    to_json,
    vevent,
    written,
)
from tests.mappings.samples import zone


def test_case_64_an_all_day_event_ends_on_the_day_after() -> None:
    said = document(all_day("2026-03-01", "2026-03-02"))
    assert line(said, "DTSTART") == "DTSTART;VALUE=DATE:20260301"
    assert line(said, "DTEND") == "DTEND;VALUE=DATE:20260302"
    assert_returns(said)


def test_case_65_an_all_day_event_without_an_end_lasts_a_day() -> None:
    found = item(ics(start="DTSTART;VALUE=DATE:20260301"))
    assert (found["start"], found["end"]) == ({"date": "2026-03-01"}, {"date": "2026-03-02"})
    assert "endTimeUnspecified" not in found
    assert_kept(ics(start="DTSTART;VALUE=DATE:20260301"))


def test_case_66_an_all_day_event_that_ends_where_it_starts_lasts_a_day_and_is_reported() -> None:
    body = ics("DTEND;VALUE=DATE:20260301", start="DTSTART;VALUE=DATE:20260301")
    assert item(body)["end"] == {"date": "2026-03-02"}
    report = TO_EVENTS.convert(body).losses
    assert fate_of(report, "DTEND") == [("extension", "")], "the line is kept as it was, beside the event"
    assert_kept(body)


def test_case_67_pt24h_over_a_change_of_the_clock_is_24_hours() -> None:
    body = ics("DURATION:PT24H", start=f"DTSTART;TZID={ZURICH}:20260328T120000")
    assert item(body)["end"] == {"dateTime": "2026-03-29T13:00:00+02:00", "timeZone": ZURICH}
    assert "DURATION:PT24H" in written(vevent(assert_kept(body)), "DURATION")


def test_case_68_p1d_over_a_change_of_the_clock_is_the_same_time_next_day() -> None:
    body = ics("DURATION:P1D", start=f"DTSTART;TZID={ZURICH}:20260328T120000")
    assert item(body)["end"] == {"dateTime": "2026-03-29T12:00:00+02:00", "timeZone": ZURICH}
    assert "DURATION:P1D" in written(vevent(assert_kept(body)), "DURATION")


def test_case_69_a_floating_time_is_in_the_calendars_zone_and_returns_floating() -> None:
    body = ics("DTEND:20260303T100000", start="DTSTART:20260303T090000", wrapper=[f"X-WR-TIMEZONE:{ZURICH}"])
    found = item(body)
    assert found["start"] == timed("2026-03-03T09:00:00+01:00")
    assert found["end"] == timed("2026-03-03T10:00:00+01:00")
    assert written(vevent(assert_kept(body)), "DTSTART") == ["DTSTART:20260303T090000"]


def test_case_69_a_floating_time_in_a_calendar_without_zone_is_in_utc() -> None:
    body = ics(start="DTSTART:20260303T090000")
    assert item(body)["start"] == timed("2026-03-03T09:00:00Z", "UTC")
    assert written(vevent(assert_kept(body)), "DTSTART") == ["DTSTART:20260303T090000"]


def test_case_70_windows_names_are_iana_zones() -> None:
    body = ics(start="DTSTART;TZID=W. Europe Standard Time:20260703T090000")
    assert item(body)["start"] == timed("2026-07-03T09:00:00+02:00", "Europe/Berlin")
    assert written(vevent(assert_kept(body)), "DTSTART") == ["DTSTART;TZID=W. Europe Standard Time:20260703T090000"]


@pytest.mark.parametrize(("offset", "expected"), [("+0500", "+05:00"), ("-0330", "-03:30")])
def test_case_71_customized_time_zone_is_what_its_own_document_says(offset: str, expected: str) -> None:
    name = "Customized Time Zone"
    body = ics(start=f"DTSTART;TZID={name}:20260703T090000", wrapper=zone(name, offset))
    assert item(body)["start"]["dateTime"] == f"2026-07-03T09:00:00{expected}"
    restored = assert_kept(body)
    assert f"TZID:{name}".encode() in restored
    assert f"TZOFFSETTO:{offset}".encode() in restored


def test_case_72_a_lying_vtimezone_loses_against_the_name_and_taints_nothing() -> None:
    lying = ics(start=f"DTSTART;TZID={ZURICH}:20260703T090000", wrapper=zone(ZURICH, "+0500"))
    assert item(lying)["start"] == timed("2026-07-03T09:00:00+02:00")
    honest = ics(start=f"DTSTART;TZID={ZURICH}:20260703T090000")
    assert item(honest)["start"] == timed("2026-07-03T09:00:00+02:00")
    assert_kept(lying)


def test_case_73_paths_of_other_programs_end_in_the_zones_name() -> None:
    body = ics(start="DTSTART;TZID=/freeassociation.sourceforge.net/America/New_York:20260703T090000")
    assert item(body)["start"] == timed("2026-07-03T09:00:00-04:00", "America/New_York")
    assert_kept(body)


def test_case_74_a_time_that_the_clock_skips_has_the_offset_before() -> None:
    body = ics(start=f"DTSTART;TZID={ZURICH}:20260329T023000")
    assert item(body)["start"] == timed("2026-03-29T03:30:00+02:00")
    assert written(vevent(assert_kept(body)), "DTSTART") == [f"DTSTART;TZID={ZURICH}:20260329T023000"]


def test_case_74_google_saying_it_without_offset_is_read_the_same() -> None:
    said = document(event(start=timed("2026-03-29T02:30:00"), end=timed("2026-03-29T03:30:00")))
    body = assert_returns(said)
    assert written(vevent(body), "DTSTART") == [f"DTSTART;TZID={ZURICH}:20260329T023000"]


def test_case_75_a_time_that_comes_twice_is_the_first() -> None:
    body = ics(start=f"DTSTART;TZID={ZURICH}:20261025T023000")
    assert item(body)["start"] == timed("2026-10-25T02:30:00+02:00")


def test_case_75_the_second_is_kept_if_google_sent_its_offset() -> None:
    said = document(event(start=timed("2026-10-25T02:30:00+01:00"), end=timed("2026-10-25T02:45:00+01:00")))
    body = assert_returns(said)
    assert written(vevent(body), "DTSTART") == ["DTSTART:20261025T013000Z"], "with a TZID it would be the first"


def test_case_75_the_first_keeps_its_zone() -> None:
    said = document(event(start=timed("2026-10-25T02:30:00+02:00"), end=timed("2026-10-25T02:45:00+02:00")))
    assert written(vevent(assert_returns(said)), "DTSTART") == [f"DTSTART;TZID={ZURICH}:20261025T023000"]


def test_case_75_a_series_keeps_its_zone_even_so() -> None:
    said = document(
        event(
            start=timed("2026-10-25T02:30:00+01:00"),
            end=timed("2026-10-25T02:45:00+01:00"),
            recurrence=["RRULE:FREQ=DAILY"],
        ),
    )
    assert written(vevent(assert_returns(said)), "DTSTART") == [f"DTSTART;TZID={ZURICH}:20261025T023000"]


def test_case_76_until_in_local_time_becomes_utc() -> None:
    said = document(event(recurrence=["RRULE:FREQ=DAILY;UNTIL=20260310T090000"]))
    assert line(said, "RRULE") == "RRULE:FREQ=DAILY;UNTIL=20260310T080000Z"
    assert_returns(said)


def test_case_76_of_another_program_as_well() -> None:
    body = ics("RRULE:FREQ=DAILY;UNTIL=20260310T090000", start=f"DTSTART;TZID={ZURICH}:20260303T090000")
    assert item(body)["recurrence"] == ["RRULE:FREQ=DAILY;UNTIL=20260310T080000Z"]
    assert_kept(body)


def test_case_77_until_as_a_date_is_the_end_of_that_day() -> None:
    said = document(event(recurrence=["RRULE:FREQ=DAILY;UNTIL=20260310"]))
    assert line(said, "RRULE") == "RRULE:FREQ=DAILY;UNTIL=20260310T225959Z"
    assert_returns(said)


def test_case_77_until_as_a_time_of_days_is_a_date() -> None:
    said = document(all_day("2026-03-01", "2026-03-02", recurrence=["RRULE:FREQ=DAILY;UNTIL=20260310T225959Z"]))
    assert line(said, "RRULE") == "RRULE:FREQ=DAILY;UNTIL=20260310"
    assert_returns(said)


def test_case_78_exdates_in_one_line_and_in_many_are_the_same_set() -> None:
    one = ics("RRULE:FREQ=DAILY", "EXDATE:20260304T080000Z,20260305T080000Z")
    many = ics("RRULE:FREQ=DAILY", "EXDATE:20260304T080000Z", "EXDATE:20260305T080000Z")
    split = [
        {value for said in item(body)["recurrence"] if said[:6] == "EXDATE" for value in said.split(":")[1].split(",")}
        for body in (one, many)
    ]
    assert split == [{"20260304T080000Z", "20260305T080000Z"}] * 2
    assert_kept(one)
    assert_kept(many)


@pytest.mark.parametrize("kind", ["VALUE=DATE", "VALUE=DATA"])
def test_case_79_an_exdate_of_a_day_takes_out_the_instance_of_that_day(kind: str) -> None:
    """KDE's library cuts the time off, and misspells the parameter."""
    body = ics(
        "RRULE:FREQ=DAILY",
        f"EXDATE;{kind}:20260305",
        start=f"DTSTART;TZID={ZURICH}:20260303T090000",
    )
    assert item(body)["recurrence"] == ["RRULE:FREQ=DAILY", f"EXDATE;TZID={ZURICH}:20260305T090000"]
    assert_kept(body)


def test_case_79_in_googles_own_recurrence_too() -> None:
    said = document(event(recurrence=["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260305"]))
    assert line(said, "EXDATE") == f"EXDATE;TZID={ZURICH}:20260305T090000"
    assert_returns(said)


def test_the_offset_is_the_calendars_the_clock_is_the_events() -> None:
    """The API writes instants with the offset of the calendar's zone, whatever ``timeZone`` says."""
    said = document(
        event(
            start=timed("2026-03-03T15:00:00+01:00", "America/New_York"),
            end=timed("2026-03-03T16:30:00+01:00", "Asia/Tokyo"),
        ),
    )
    body = assert_returns(said)
    assert written(vevent(body), "DTSTART", "DTEND") == [
        "DTSTART;TZID=America/New_York:20260303T090000",
        "DTEND;TZID=Asia/Tokyo:20260304T003000",
    ]
    zones = {one.text("TZID") for one in calendar_of(body).components("VTIMEZONE")}
    assert zones == {"America/New_York", "Asia/Tokyo"}


@pytest.mark.parametrize(
    "at",
    ["2026-03-03T09:00:00.123Z", "2026-03-03T09:00:00Z", "2026-03-03T09:00:00-07:00", "2026-03-03T09:00:00"],
)
@pytest.mark.parametrize("named", ["Europe/Zurich", None, "UTC", "Etc/UTC", "Nowhere/Land", "GMT+02:00", ""])
@pytest.mark.parametrize("calendar", ["Europe/Zurich", None, "UTC"])
def test_however_google_writes_a_time_it_comes_back(at: str, named: str | None, calendar: str | None) -> None:
    said = document(event(start=timed(at, named), end=timed(at, named)), timeZone=calendar)
    if named == "":
        said["items"][0]["start"]["timeZone"] = ""
    assert_returns(said)


def test_an_end_that_google_calls_unspecified_is_not_written() -> None:
    said = document(event(endTimeUnspecified=True))
    body = assert_returns(said)
    assert written(vevent(body), "DTEND") == []


def test_a_time_without_an_end_is_unspecified() -> None:
    assert item(ics())["endTimeUnspecified"] is True
    assert_kept(ics())


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DTSTART:00010101T000000Z", "DTEND:00010101T010000Z"),
        ("DTSTART:99991231T230000Z", "DTEND:99991231T235959Z"),
        ("DTSTART;VALUE=DATE:99991231", "X-NO-END:"),
        ("DTSTART;TZID=Asia/Tokyo:00010101T000000", "DURATION:PT1H"),
        ("DTSTART:20260303T080000Z", "DURATION:P999999999W"),
        ("DTSTART:20260303T080000Z", "DTEND:nonsense"),
        ("DTSTART:20260303T080000Z", "DTEND:20260302T080000Z"),
    ],
)
def test_times_at_the_ends_of_the_calendar_break_nothing(start: str, end: str) -> None:
    body = ics(end, start=start)
    found = problem = None
    try:
        found = to_json(body)
    except Malformed as error:
        problem = error.problem
    assert problem in {"no-event", "bad-time"} if found is None else len(found["items"]) == 1


def test_a_series_has_its_zone_for_as_long_as_it_goes_on() -> None:
    body = to_ics(document(event(recurrence=["RRULE:FREQ=WEEKLY"])))
    found = next(calendar_of(body).components("VTIMEZONE")).to_bytes()
    assert b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n" in found
    assert b"UNTIL" not in found
