"""Dates and times: what is written, which instant it is, and that it comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.contentlines import ContentLine
from mappings.errors import BadTime
from mappings.times import (
    Form,
    Moment,
    add_days,
    from_utc,
    in_zone,
    is_second,
    is_skipped,
    read_moment,
    read_moments,
    read_value,
    to_utc,
    write_moment,
)
from mappings.timezones import Zone, Zones
from mappings.zones.iana import zone_info
from mappings.zones.names import How
from tests.mappings.samples import calendar
from tests.mappings.zones.samples import fixed, utc, zones_of

ZONES = Zones()
BERLIN = ZONES.resolve("Europe/Berlin")
NEW_YORK = ZONES.resolve("America/New_York")
UNKNOWN = ZONES.resolve("Nowhere/Middle")


def line(text: str) -> ContentLine:
    return ContentLine(text.encode() + b"\r\n")


def lines(*texts: str) -> list[ContentLine]:
    return [line(text) for text in texts]


def moment(text: str) -> Moment:
    return read_moment(line(text), ZONES)


READ = {
    "DTSTART;VALUE=DATE:20260301": (Form.DATE, datetime(2026, 3, 1), None),
    "DTSTART:20260301": (Form.DATE, datetime(2026, 3, 1), None),
    "DTSTART;TZID=Europe/Berlin:20260301": (Form.DATE, datetime(2026, 3, 1), None),
    "DTSTART:20260301T090000": (Form.FLOATING, datetime(2026, 3, 1, 9), None),
    "DTSTART:20260301T090000Z": (Form.UTC, datetime(2026, 3, 1, 9), None),
    "DTSTART:20260301t090000z": (Form.UTC, datetime(2026, 3, 1, 9), None),
    "DTSTART;TZID=Europe/Berlin:20260301T090000": (Form.ZONED, datetime(2026, 3, 1, 9), BERLIN),
    "DTSTART;TZID=Europe/Berlin:20260301T090000Z": (Form.UTC, datetime(2026, 3, 1, 9), None),
    "DTSTART;TZID=Nowhere/Middle:20260301T090000": (Form.FLOATING, datetime(2026, 3, 1, 9), UNKNOWN),
    "DTSTART: 20260301T090000 ": (Form.FLOATING, datetime(2026, 3, 1, 9), None),
    "DTSTART:20261231T235960Z": (Form.UTC, datetime(2026, 12, 31, 23, 59, 59), None),
    "DTSTART:00010101T000000Z": (Form.UTC, datetime(1, 1, 1), None),
    "DTSTART:99991231T235959Z": (Form.UTC, datetime(9999, 12, 31, 23, 59, 59), None),
}


@pytest.mark.parametrize(("text", "read"), READ.items(), ids=READ)
def test_what_is_written_is_read(text: str, read: tuple[Form, datetime, Zone | None]) -> None:
    assert moment(text) == Moment(read[1], read[0], read[2])


@pytest.mark.parametrize(
    "value",
    ["", "x", "2026-03-01", "20260301T0900", "20261301", "20260230", "00000101", "20260301T250000", "20260301T096000",
     "202603011", "-20260301", "20260301T090000+0100", "２０２６０３０１", "99999999", "20260301T090000Z\n"],
)  # fmt: skip
def test_what_is_no_time_is_refused(value: str) -> None:
    if value.endswith("\n"):
        assert read_value(value).form is Form.UTC
        return
    with pytest.raises(BadTime) as caught:
        read_value(value)
    assert caught.value.what == "date"


WRITTEN = [
    "DTSTART;VALUE=DATE:20260301",
    "DTSTART:20260301T090000",
    "DTSTART:20260301T090000Z",
    "DTSTART;TZID=Europe/Berlin:20260301T090000",
    "RECURRENCE-ID;TZID=America/New_York:20260301T090000",
    "DTSTART;VALUE=DATE:00010101",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_read_is_written(text: str) -> None:
    assert write_moment(text.partition(":")[0].partition(";")[0], moment(text)).raw == text.encode() + b"\r\n"


def test_a_zone_is_written_by_its_name_in_the_database() -> None:
    windows = read_moment(line("DTSTART;TZID=W. Europe Standard Time:20260301T090000"), ZONES)
    assert write_moment("DTSTART", windows).raw == b"DTSTART;TZID=Europe/Berlin:20260301T090000\r\n"


def test_a_zone_of_the_files_own_keeps_its_name() -> None:
    own = zones_of(calendar(*fixed("Mine, all mine", "+0517")))
    mine = read_moment(line('DTSTART;TZID="Mine, all mine":20260301T090000'), own)
    assert mine.instant() == utc(2026, 3, 1, 3, 43)
    assert write_moment("DTSTART", mine).raw == b'DTSTART;TZID="Mine, all mine":20260301T090000\r\n'


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260301T090000", utc(2026, 3, 1, 8)),
        ("DTSTART;TZID=Europe/Berlin:20260701T090000", utc(2026, 7, 1, 7)),
        ("DTSTART;TZID=W. Europe Standard Time:20260701T090000", utc(2026, 7, 1, 7)),
        ("DTSTART;TZID=America/New_York:20260301T090000", utc(2026, 3, 1, 14)),
        ("DTSTART;TZID=Asia/Kathmandu:20260301T090000", utc(2026, 3, 1, 3, 15)),
        ("DTSTART:20260301T090000Z", utc(2026, 3, 1, 9)),
    ],
)
def test_case_70_the_instant_is_right(text: str, instant: datetime) -> None:
    assert moment(text).instant() == instant


def test_case_69_a_floating_time_is_in_the_calendars_zone_and_stays_floating() -> None:
    floating = moment("DTSTART:20260701T090000")
    assert floating.instant(zone_info("Europe/Berlin")) == utc(2026, 7, 1, 7)
    assert floating.instant(zone_info("America/New_York")) == utc(2026, 7, 1, 13)
    assert floating.rules is None
    assert write_moment("DTSTART", floating).raw == b"DTSTART:20260701T090000\r\n"


def test_case_69_a_time_in_an_unknown_zone_is_floating_and_says_why() -> None:
    lost = moment("DTSTART;TZID=Nowhere/Middle:20260701T090000")
    assert lost.zone is not None
    assert (lost.form, lost.zone.how, lost.zone.tzid) == (Form.FLOATING, How.UNKNOWN, "Nowhere/Middle")


@pytest.mark.parametrize(
    ("zone", "local", "instant", "shown"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 30), utc(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 3, 30)),
        ("America/New_York", datetime(2007, 3, 11, 2, 30), utc(2007, 3, 11, 7, 30), datetime(2007, 3, 11, 3, 30)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), utc(2026, 10, 3, 15, 45), datetime(2026, 10, 4, 2, 45)),
        ("Pacific/Apia", datetime(2011, 12, 30, 12), utc(2011, 12, 30, 22), datetime(2011, 12, 31, 12)),
    ],
)
def test_case_74_a_skipped_time(zone: str, local: datetime, instant: datetime, shown: datetime) -> None:
    """RFC 5545 §3.3.5: the offset before the gap; the same instant both ways."""
    there = zone_info(zone)
    assert to_utc(local, there) == instant
    assert from_utc(instant, there).replace(tzinfo=None) == shown
    assert to_utc(shown, there) == instant
    skipped = Moment(local, Form.ZONED, ZONES.resolve(zone))
    assert is_skipped(skipped)
    assert not is_skipped(Moment(shown, Form.ZONED, ZONES.resolve(zone)))
    assert skipped.instant() == instant


@pytest.mark.parametrize(
    ("zone", "local", "first", "second"),
    [
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)),
        ("America/New_York", datetime(2007, 11, 4, 1, 30), utc(2007, 11, 4, 5, 30), utc(2007, 11, 4, 6, 30)),
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 45), utc(2026, 4, 4, 14, 45), utc(2026, 4, 4, 15, 15)),
    ],
)
def test_case_75_a_double_time(zone: str, local: datetime, first: datetime, second: datetime) -> None:
    """The first occurrence; the instant is kept if the offset of the second was sent."""
    there = zone_info(zone)
    assert to_utc(local, there) == first
    assert to_utc(local.replace(fold=1), there) == second
    again = in_zone(second, ZONES.resolve(zone))
    assert (again.local, again.local.fold, is_second(again)) == (local, 1, True)
    assert not is_second(in_zone(first, ZONES.resolve(zone)))
    written = write_moment("DTSTART", again)
    assert read_moment(written, ZONES).instant() == second
    assert written.raw == f"DTSTART:{second:%Y%m%dT%H%M%S}Z\r\n".encode()


def test_case_75_a_fold_where_nothing_is_double_means_nothing() -> None:
    plain = Moment(datetime(2026, 7, 1, 9, fold=1), Form.ZONED, BERLIN)
    assert not is_second(plain)
    assert write_moment("DTSTART", plain).raw == b"DTSTART;TZID=Europe/Berlin:20260701T090000\r\n"


def test_a_moment_in_no_zone_cannot_be_made() -> None:
    with pytest.raises(BadTime) as caught:
        in_zone(utc(2026, 1, 1), UNKNOWN)
    assert caught.value.what == "zone"


@pytest.mark.parametrize(
    ("local", "zone"),
    [(datetime(1, 1, 1), "Asia/Tokyo"), (datetime(9999, 12, 31, 23), "America/New_York")],
)
def test_the_ends_of_the_calendar_are_an_error_with_a_name(local: datetime, zone: str) -> None:
    with pytest.raises(BadTime) as caught:
        to_utc(local, zone_info(zone))
    assert caught.value.what == "range"
    with pytest.raises(BadTime):
        from_utc(local.replace(tzinfo=UTC), zone_info("America/New_York" if local.year == 1 else "Asia/Tokyo"))


ZONE_NAMES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC"]


@given(
    st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)),
    st.sampled_from(ZONE_NAMES),
)
def test_instants_come_back_through_any_zone(instant: datetime, name: str) -> None:
    """Whatever the clock does, an instant written and read again is the instant."""
    instant = instant.replace(microsecond=0, tzinfo=UTC)
    there = in_zone(instant, ZONES.resolve(name))
    assert there.instant() == instant
    assert read_moment(write_moment("DTSTART", there), ZONES).instant() == instant


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)), st.sampled_from(ZONE_NAMES))
def test_local_times_come_back_unless_they_are_skipped(local: datetime, name: str) -> None:
    local = local.replace(microsecond=0)
    there = Moment(local, Form.ZONED, ZONES.resolve(name))
    back = from_utc(there.instant(), zone_info(name)).replace(tzinfo=None)
    assert is_skipped(there) or back == local


# EXDATE and RDATE.

START = moment("DTSTART;TZID=Europe/Berlin:20260302T090000")
ALL_DAY = moment("DTSTART;VALUE=DATE:20260302")


def test_case_78_one_line_or_many_are_the_same_set() -> None:
    one = lines("EXDATE;TZID=Europe/Berlin:20260309T090000,20260316T090000,20260302T090000")
    many = lines(
        "EXDATE;TZID=Europe/Berlin:20260316T090000",
        "EXDATE:20260302T080000Z",
        "EXDATE;TZID=Europe/Berlin:20260309T090000",
        "EXDATE;TZID=America/New_York:20260309T040000",
    )
    first, second = read_moments(one, START, ZONES), read_moments(many, START, ZONES)
    assert first.problems == second.problems == ()
    assert [each.instant() for each in first.moments] == [each.instant() for each in second.moments]
    assert len(first.moments) == 3


def test_case_79_a_date_removes_the_instance_of_that_day() -> None:
    """As libkgapi writes it: the time is cut off."""
    found = read_moments(lines("EXDATE;VALUE=DATE:20260309,20260330"), START, ZONES)
    assert found.problems == ("date-for-time",)
    assert [each.instant() for each in found.moments] == [utc(2026, 3, 9, 8), utc(2026, 3, 30, 7)]
    assert [write_moment("EXDATE", each).raw for each in found.moments] == [
        b"EXDATE;TZID=Europe/Berlin:20260309T090000\r\n",
        b"EXDATE;TZID=Europe/Berlin:20260330T090000\r\n",
    ]


def test_case_79_even_with_a_value_type_that_does_not_exist() -> None:
    found = read_moments(lines("EXDATE;VALUE=DATA:20260309"), START, ZONES)
    assert [each.instant() for each in found.moments] == [utc(2026, 3, 9, 8)]


def test_a_time_in_a_series_of_days_means_its_day() -> None:
    found = read_moments(lines("EXDATE:20260309T000000,20260310T120000Z"), ALL_DAY, ZONES)
    assert found.problems == ("time-for-date",)
    assert [each.date for each in found.moments] == [date(2026, 3, 9), date(2026, 3, 10)]
    assert {each.form for each in found.moments} == {Form.DATE}


def test_a_bad_date_is_left_out_and_named() -> None:
    found = read_moments(lines("EXDATE:20260309T080000Z,,20269999,x"), START, ZONES)
    assert found.problems == ("bad-date",)
    assert [each.instant() for each in found.moments] == [utc(2026, 3, 9, 8)]


def test_a_period_counts_as_its_start() -> None:
    found = read_moments(lines("RDATE;VALUE=PERIOD:20260309T080000Z/PT1H"), START, ZONES)
    assert found.problems == ("period",)
    assert [each.instant() for each in found.moments] == [utc(2026, 3, 9, 8)]


def test_no_lines_are_no_dates() -> None:
    assert read_moments([], START, ZONES).moments == ()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_case_78_order_and_lines_do_not_matter(days: list[int]) -> None:
    values = [f"{START.local + timedelta(days=day):%Y%m%dT%H%M%S}" for day in days]
    together = lines("EXDATE;TZID=Europe/Berlin:" + ",".join(values))
    apart = lines(*(f"EXDATE;TZID=Europe/Berlin:{value}" for value in reversed(values)))
    assert read_moments(together, START, ZONES) == read_moments(apart, START, ZONES)
    assert len(read_moments(apart, START, ZONES).moments) == len(set(days))


@pytest.mark.parametrize("count", [1_000_000])
def test_a_million_exdates_are_read_in_bounded_time(count: int) -> None:
    found = read_moments(lines("EXDATE:" + ",".join(["20260309T080000Z"] * count)), START, ZONES)
    assert len(found.moments) == 1


@pytest.mark.parametrize(
    ("text", "days", "value"),
    [
        ("DTSTART;VALUE=DATE:20260228", 1, "20260301"),
        ("DTSTART;TZID=Europe/Berlin:20260328T090000", 1, "20260329T090000"),
        ("DTSTART:20260101T000000Z", -1, "20251231T000000Z"),
    ],
)
def test_days_are_counted_on_the_calendar(text: str, days: int, value: str) -> None:
    assert add_days(moment(text), days).value == value


@pytest.mark.parametrize("days", [10**9, -(10**9), 4_000_000, -800_000])
def test_days_beyond_the_calendar_are_an_error(days: int) -> None:
    with pytest.raises(BadTime):
        add_days(START, days)
