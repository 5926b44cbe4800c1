"""Durations, ends of events and ends of series."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from mappings.contentlines import ContentLine
from mappings.errors import BadTime
from mappings.spans import Duration, event_end, read_duration, with_utc_until
from mappings.times import Form, Moment, read_moment, read_value
from mappings.timezones import Zones
from mappings.zones.iana import zone_info
from tests.mappings.zones.samples import utc

ZONES = Zones()
BERLIN = ZONES.resolve("Europe/Berlin")


def at(text: str) -> Moment:
    """Read ``Europe/Berlin 20260301T090000``, a value in UTC, or a date."""
    zone, blank, value = text.rpartition(" ")
    return read_value(value, ZONES.resolve(zone) if blank else None)


DURATIONS = {
    "PT24H": Duration(0, 86400),
    "P1D": Duration(1, 0),
    "P1W": Duration(7, 0),
    "P2W": Duration(14, 0),
    "P1DT12H": Duration(1, 43200),
    "PT1H30M": Duration(0, 5400),
    "PT90M": Duration(0, 5400),
    "PT0S": Duration(),
    "-PT15M": Duration(0, -900),
    "+PT15M": Duration(0, 900),
    "-P1DT1S": Duration(-1, -1),
    "p1d": Duration(1, 0),
    " PT1S ": Duration(0, 1),
    "P1W2D": Duration(9, 0),
    "PT1H1S": Duration(0, 3601),
}


@pytest.mark.parametrize(("value", "read"), DURATIONS.items(), ids=DURATIONS)
def test_durations_are_read(value: str, read: Duration) -> None:
    assert read_duration(value) == read
    assert read_duration(read.value) == read


@pytest.mark.parametrize(
    "value", ["", "P", "PT", "1H", "P1H", "PT1D", "P-1D", "P1.5D", "PT" + "9" * 5000 + "S", "P1DT", "P１D"]
)
def test_what_is_no_duration_is_refused(value: str) -> None:
    with pytest.raises(BadTime) as caught:
        read_duration(value)
    assert caught.value.what == "duration"


@given(st.integers(0, 10**6), st.integers(0, 10**8), st.booleans())
def test_durations_come_back(days: int, seconds: int, negative: bool) -> None:
    sign = -1 if negative else 1
    duration = Duration(sign * days, sign * seconds)
    assert read_duration(duration.value) == duration


@pytest.mark.parametrize(
    ("start", "duration", "value", "hours"),
    [
        # 67: real hours over a change of the clock.
        ("Europe/Berlin 20260328T120000", "PT24H", "20260329T130000", 24),
        ("Europe/Berlin 20261024T120000", "PT24H", "20261025T110000", 24),
        # 68: the same wall clock on the next day.
        ("Europe/Berlin 20260328T120000", "P1D", "20260329T120000", 23),
        ("Europe/Berlin 20261024T120000", "P1D", "20261025T120000", 25),
        # Days first, then hours (RFC 5545 §3.3.6).
        ("Europe/Berlin 20260328T120000", "P1DT1H", "20260329T130000", 24),
        ("America/New_York 20260307T120000", "PT24H", "20260308T130000", 24),
        ("20260328T120000Z", "PT24H", "20260329T120000Z", 24),
        ("20260328T120000Z", "P1D", "20260329T120000Z", 24),
    ],
)
def test_cases_67_and_68_a_day_is_not_24_hours(start: str, duration: str, value: str, hours: int) -> None:
    end = read_duration(duration).after(at(start))
    assert end.value == value
    assert end.instant() - at(start).instant() == timedelta(hours=hours)


def test_case_75_an_hour_later_is_the_second_of_two_equal_times() -> None:
    end = read_duration("PT1H").after(at("Europe/Berlin 20261025T023000"))
    assert (end.value, end.local.fold) == ("20261025T023000", 1)
    assert end.instant() == utc(2026, 10, 25, 1, 30)


@pytest.mark.parametrize(
    ("start", "end", "duration", "expected", "problem"),
    [
        # 64: the end of days is not included.
        ("20260301", "20260302", None, "20260302", ""),
        ("20260301", "20260304", None, "20260304", ""),
        # 65: no end.
        ("20260301", None, None, "20260302", ""),
        ("20260301", None, "P1D", "20260302", ""),
        ("20260301", None, "P1W", "20260308", ""),
        # 66: ends where it starts.
        ("20260301", "20260301", None, "20260302", "empty-day"),
        ("20260301", None, "P0D", "20260302", "empty-day"),
        ("20260301", "20260228", None, "20260302", "end-before-start"),
        ("20260301", "20260303T120000", None, "20260304", "time-for-date"),
        ("20260301", "20260303T000000Z", None, "20260303", "time-for-date"),
        ("20260301", None, "PT24H", "20260302", "time-for-date"),
        ("20260301", None, "PT36H", "20260303", "time-for-date"),
        # Times.
        ("20260301T090000Z", "20260301T100000Z", None, "20260301T100000Z", ""),
        ("20260301T090000Z", None, None, "20260301T090000Z", ""),
        ("20260301T090000Z", None, "PT45M", "20260301T094500Z", ""),
        ("20260301T090000Z", "20260301T080000Z", None, "20260301T090000Z", "end-before-start"),
        ("20260301T090000Z", None, "-PT1H", "20260301T090000Z", "end-before-start"),
        ("Europe/Berlin 20260301T090000", "20260302", None, "20260302T000000", "date-for-time"),
        ("Europe/Berlin 20260301T090000", "America/New_York 20260301T090000", None, "20260301T090000", ""),
        ("20260301T090000", "20260301T100000", None, "20260301T100000", ""),
        ("99991230T090000Z", None, "P9D", "99991230T090000Z", "bad-end"),
    ],
)
def test_cases_64_to_66_when_an_event_ends(
    start: str, end: str | None, duration: str | None, expected: str, problem: str
) -> None:
    found = event_end(at(start), at(end) if end else None, read_duration(duration) if duration else None)
    assert (found[0].value, found[1]) == (expected, problem)
    assert (found[0].form is Form.DATE) == (at(start).form is Form.DATE)


def test_the_last_day_has_no_day_after_it() -> None:
    with pytest.raises(BadTime):
        event_end(at("99991231"), None)


@pytest.mark.parametrize(
    ("start", "rule", "expected", "word"),
    [
        # 76: a local time with a zone is that instant.
        (
            "Europe/Berlin 20260302T090000",
            "FREQ=WEEKLY;UNTIL=20260330T090000;BYDAY=MO",
            "FREQ=WEEKLY;UNTIL=20260330T070000Z;BYDAY=MO",
            "until-local",
        ),
        (
            "America/New_York 20260302T090000",
            "FREQ=DAILY;UNTIL=20260305T235959",
            "FREQ=DAILY;UNTIL=20260306T045959Z",
            "until-local",
        ),
        ("20260302T090000Z", "UNTIL=20260305T090000;FREQ=DAILY", "UNTIL=20260305T090000Z;FREQ=DAILY", "until-local"),
        # 77: a date is the end of that day there.
        (
            "Europe/Berlin 20260302T090000",
            "FREQ=DAILY;UNTIL=20260305",
            "FREQ=DAILY;UNTIL=20260305T225959Z",
            "until-date",
        ),
        (
            "America/New_York 20260302T210000",
            "FREQ=DAILY;UNTIL=20260305",
            "FREQ=DAILY;UNTIL=20260306T045959Z",
            "until-date",
        ),
        # As it should be: nothing changes.
        ("Europe/Berlin 20260302T090000", "FREQ=DAILY;UNTIL=20260305T080000Z", None, ""),
        ("20260302", "FREQ=DAILY;UNTIL=20260305", None, ""),
        ("20260302T090000", "FREQ=DAILY;UNTIL=20260305T090000", None, ""),
        ("20260302T090000Z", "FREQ=DAILY;COUNT=4", None, ""),
        ("20260302T090000Z", "FREQ=DAILY", None, ""),
        # Days end on a day, floating times at a floating time.
        ("20260302", "FREQ=DAILY;UNTIL=20260305T225959Z", "FREQ=DAILY;UNTIL=20260305", "until-time"),
        ("20260302T090000", "FREQ=DAILY;UNTIL=20260305T080000Z", "FREQ=DAILY;UNTIL=20260305T080000", "until-utc"),
        ("20260302T090000", "FREQ=DAILY;UNTIL=20260305", "FREQ=DAILY;UNTIL=20260305T235959", "until-date"),
        # Nonsense stays, and is named.
        ("20260302T090000Z", "FREQ=DAILY;UNTIL=never", None, "bad-until"),
        ("20260302T090000Z", "FREQ=DAILY;UNTIL=", None, "bad-until"),
        ("20260302T090000Z", "FREQ=DAILY;X-UNTIL=20260305", None, ""),
        ("Asia/Tokyo 20260302T090000", "FREQ=DAILY;UNTIL=00010101T000000", None, "bad-until"),
    ],
)
def test_cases_76_and_77_until(start: str, rule: str, expected: str | None, word: str) -> None:
    assert with_utc_until(rule, at(start)) == (expected or rule, word)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(0, 40), st.booleans())
def test_cases_76_and_77_the_last_instance_stays(start: datetime, days: int, by_date: bool) -> None:
    """A daily series that ends on a day, by date or by its local time, has that day's instance as the last."""
    start = start.replace(microsecond=0, hour=9)
    last = start + timedelta(days=days)
    written = f"{last:%Y%m%d}" if by_date else f"{last:%Y%m%dT%H%M%S}"
    rule, word = with_utc_until(f"FREQ=DAILY;UNTIL={written}", Moment(start, Form.ZONED, BERLIN))
    assert word == ("until-date" if by_date else "until-local")
    instances = list(rrulestr(rule, dtstart=start.replace(tzinfo=zone_info("Europe/Berlin"))))
    assert [each.replace(tzinfo=None) for each in (instances[0], instances[-1])] == [start, last]
    assert len(instances) == days + 1


def test_an_end_in_another_zone_stays_there() -> None:
    start = read_moment(ContentLine(b"DTSTART;TZID=Europe/Berlin:20260301T090000\r\n"), ZONES)
    end = read_moment(ContentLine(b"DTEND;TZID=America/New_York:20260301T080000\r\n"), ZONES)
    found, problem = event_end(start, end)
    assert (found, problem) == (end, "")
    assert found.instant() - start.instant() == timedelta(hours=5)
