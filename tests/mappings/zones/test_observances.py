"""What is read of a VTIMEZONE, and that a hostile one ends in bounded time with a name for what is wrong."""

from __future__ import annotations

import time
import tracemalloc
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.timezones import Zones
from mappings.zones.names import How
from mappings.zones.observances import (
    MOST_OBSERVANCES,
    MOST_ONSETS,
    Observances,
    Unusable,
    read_observances,
    read_offset,
    read_time,
)
from mappings.zones.rulezone import RuleZone
from tests.mappings.samples import FRAGMENTS, calendar
from tests.mappings.zones.samples import EU_WINTER, component, hours, observance, rule_zone, timezone, zones_of


def read(*content: str) -> Observances:
    return read_observances(component(*timezone("X", *content)))


def one(rule: str, start: str = "20200101T020000") -> Observances:
    return read(*observance("STANDARD", start, f"RRULE:{rule}", before="+0200", after="+0100"))


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("+0100", 3600),
        ("-0330", -12600),
        ("+053000", 19800),
        ("-000115", -75),
        ("0100", 3600),
        ("+01:00", 3600),
        ("+05:30:00", 19800),
        (" +0100 ", 3600),
        ("-0000", 0),
        ("+2359", 86340),
    ],
)
def test_offsets(written: str, seconds: int) -> None:
    assert read_offset(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "+1", "+100", "+9999", "+2400", "+0060", "+000060", "x", "+0100x", "--0100", "+０１００"]
)
def test_offsets_that_no_clock_shows(written: str) -> None:
    with pytest.raises(Unusable, match="zone-offset"):
        read_offset(written)
    found = read(*observance("STANDARD", "20200101T000000", before="+0100", after=written))
    assert (found.parts, found.problems) == ((), ("zone-offset",))


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("20200101T020000", datetime(2020, 1, 1, 2)),
        ("20200101", datetime(2020, 1, 1)),
        ("20200101T020000Z", datetime(2020, 1, 1, 3)),
        ("00010101T000000", datetime(1, 1, 1)),
        ("99991231T235959", datetime(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_starts(written: str, local: datetime) -> None:
    assert read_time(written, 3600) == local


@pytest.mark.parametrize(
    "written", ["", "x", "00000101T000000", "20201301T000000", "20200230", "20200101T990000", "99991231T235959Z", "1"]
)
def test_starts_that_are_none(written: str) -> None:
    with pytest.raises(Unusable, match="zone-start"):
        read_time(written, 3600)


@pytest.mark.parametrize("written", ["", "x", "00000101T000000", "20201301T000000", "20200230", "20200101T990000", "1"])
def test_an_observance_without_a_start_is_left_out(written: str) -> None:
    found = read(*observance("STANDARD", written))
    assert (found.parts, found.problems) == ((), ("zone-start",))


RULES = {
    "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU": "20261025",
    "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10": "20261025",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=1SU": "20261004",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14": "20261011",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=SU;BYSETPOS=-1": "20261025",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=SU;BYSETPOS=2": "20261011",
    "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=-1": "20261031",
    "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=5": "20261005",
    "FREQ=YEARLY;BYMONTH=10": "20261001",
    "FREQ=YEARLY": "20260101",
    "FREQ=YEARLY;INTERVAL=1;WKST=MO;BYMONTH=10;BYDAY=+2TU": "20261013",
    "FREQ=YEARLY;BYHOUR=2;BYMINUTE=0;BYSECOND=0;BYDAY=-1SU;BYMONTH=10": "20261025",
    "FREQ=MONTHLY;BYMONTH=10;BYDAY=-1SU": "20261025",
    "freq=yearly;bymonth=10;byday=-1su": "20261025",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;": "20261025",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20261025T000000Z": "20261025",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20261025": "20261025",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;COUNT=7": "20261025",
}


@pytest.mark.parametrize(("rule", "day"), RULES.items(), ids=RULES)
def test_rules_that_say_their_days(rule: str, day: str) -> None:
    found = one(rule)
    assert found.problems == ()
    assert found.parts[0].rule is not None
    assert [f"{onset:%Y%m%d}" for onset in found.parts[0].rule.onsets(2026)] == [day]


@pytest.mark.parametrize("rule", ["UNTIL=20261024", "UNTIL=20261024T235959Z", "COUNT=6"])
def test_rules_end(rule: str) -> None:
    (part,) = one(f"FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;{rule}").parts
    assert part.rule is not None
    assert list(part.rule.onsets(2026)) == []
    assert part.rule.latest(2026) == part.rule.latest(9999) == datetime(2025, 10, 26, 2)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;BYMONTH=1", "FREQ=HOURLY", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU", "FREQ=MONTHLY",
        "FREQ=MONTHLY;INTERVAL=6;BYMONTH=3", "FREQ=YEARLY;BYWEEKNO=20", "FREQ=YEARLY;BYYEARDAY=1",
        "FREQ=YEARLY;BYDAY=-1SU",
        "FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;BYMONTH=x", "FREQ=YEARLY;BYMONTH=3;BYDAY=XX", "FREQ=YEARLY;INTERVAL=0",
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=99", "FREQ=YEARLY;BYHOUR=1,2;BYMONTH=3", "BYMONTH=3", "", "nonsense",
        ";;;", "=",
        "FREQ=YEARLY;INTERVAL=999999999999", "FREQ=YEARLY;BYMONTH=" + "9" * 5000,
    ],
)  # fmt: skip
def test_rules_that_are_not_yearly_are_named(rule: str) -> None:
    found = one(rule)
    assert found.problems == ("zone-rule",)
    assert found.parts[0].rule is None
    assert found.parts[0].onsets == (datetime(2020, 1, 1, 2),)


@pytest.mark.parametrize("count", ["999999999", "9" * 5000, "-1", "x", "1000", "１"])
def test_counts_that_are_not_counted_out(count: str) -> None:
    found = one(f"FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;COUNT={count}")
    assert found.problems == ("zone-count",)


def test_an_until_that_is_none_is_a_start_that_is_none() -> None:
    assert one("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=x").problems == ("zone-start",)


def test_dates_in_any_form() -> None:
    found = read(
        *observance(
            "DAYLIGHT",
            "20200329T020000",
            "RDATE:20210328T020000,20220327T010000Z",
            "RDATE;VALUE=DATE:20230326",
            "RDATE;VALUE=PERIOD:20240331T020000/PT1H",
            before="+0100",
            after="+0200",
        )
    )
    assert [f"{onset:%Y%m%d%H}" for onset in found.parts[0].onsets] == [
        "2020032902", "2021032802", "2022032702", "2023032600", "2024033102",
    ]  # fmt: skip


def test_a_second_rule_is_named() -> None:
    twice = observance("STANDARD", "20200101T020000", f"RRULE:{EU_WINTER}", f"RRULE:{EU_WINTER}")
    assert read(*twice).problems == ("zone-rule",)


def test_other_components_are_not_observances() -> None:
    assert read("BEGIN:X-ERA", "DTSTART:20200101T000000", "END:X-ERA").parts == ()


# Hostile.


def spent(body: bytes) -> float:
    start = time.process_time()
    zone = zones_of(body).resolve("X")
    if zone.tzinfo:
        for year in range(1, 9999, 100):
            datetime(year, 6, 1, tzinfo=zone.tzinfo).utcoffset()
    return time.process_time() - start


def test_a_million_observances_end_in_bounded_time() -> None:
    part = b"".join(line.encode() + b"\r\n" for line in observance("STANDARD", "20200101T000000"))
    begin, end = b"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\n", b"END:VTIMEZONE\r\nEND:VCALENDAR\r\n"
    few = begin + part * 8000 + end
    zone = zones_of(few).resolve("X")
    assert (zone.how, zone.problem) == (How.OWN, "zone-bounds")
    many = begin + part * 20_000 + end
    zone = zones_of(many).resolve("X")
    assert (zone.how, zone.tzinfo, zone.problem) == (How.UNKNOWN, None, "zone-bounds")
    tracemalloc.start()
    try:
        zones_of(many).resolve("X")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * len(many)


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=YEARLY;COUNT=99999999", "FREQ=YEARLY;BYMONTHDAY=" + "1," * 50_000]
)
def test_endless_rules_are_not_counted_out(rule: str) -> None:
    parts = observance("STANDARD", "00010101T000000", f"RRULE:{rule}") * 300
    assert spent(calendar(*timezone("X", *parts))) < 30


def test_many_dates_are_cut_at_a_bound() -> None:
    dates = "RDATE:" + ",".join(f"{year:04}{month:02}01T000000" for year in range(1, 3000) for month in range(1, 13))
    found = read(*observance("STANDARD", "20200101T000000", dates), *observance("DAYLIGHT", "20200601T000000"))
    assert found.problems == ("zone-bounds",)
    assert sum(len(part.onsets) for part in found.parts) <= MOST_ONSETS + 1
    assert spent(calendar(*timezone("X", *observance("STANDARD", "20200101T000000", dates)))) < 30


def test_the_bound_of_observances() -> None:
    found = read(*observance("STANDARD", "20200101T000000") * (MOST_OBSERVANCES + 1))
    assert (len(found.parts), found.problems) == (MOST_OBSERVANCES, ("zone-bounds",))


def test_many_custom_zones_in_one_file_are_not_all_looked_for() -> None:
    zones = [f"Z{n}" for n in range(300)]
    content = [
        line
        for n, name in enumerate(zones)
        for line in (
            *timezone(name, *observance("STANDARD", f"{1900 + n % 130}0101T000000", before="+0100", after="+0100")),
            "BEGIN:VEVENT", f"UID:{name}", f"DTSTART;TZID={name}:{1900 + n % 130}0601T000000", "END:VEVENT",
        )
    ]  # fmt: skip
    found = zones_of(calendar(*content))
    start = time.process_time()
    hows = [found.resolve(name).how for name in zones]
    assert time.process_time() - start < 60
    assert set(hows[20:]) == {How.OWN}


def test_names_of_any_length_are_only_text() -> None:
    tzid = "x" * 1_000_000
    zone = zones_of(calendar(*timezone(tzid, *observance("STANDARD", "20200101T000000")))).resolve(tzid)
    assert zone.how in {How.OWN, How.RULES}
    assert Zones().resolve(tzid).how is How.UNKNOWN


@given(
    st.lists(
        st.sampled_from(
            [
                *observance("STANDARD", "20200101T000000"),
                *observance("DAYLIGHT", "00010101T000000", "RRULE:FREQ=YEARLY", "RDATE:99991231T235959"),
                "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=9998",
                "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
                "TZOFFSETFROM:-2359",
                "TZOFFSETTO:+235959",
                "DTSTART:99991231T235959",
                "TZNAME:" + "n" * 100,
                *(piece.decode("latin-1") for piece in FRAGMENTS if b"\n" not in piece and b"\r" not in piece),
            ]
        ),
        max_size=30,
    ),
    st.datetimes(),
    st.integers(0, 1),
)
def test_whatever_stands_there_there_is_an_answer(content: list[str], local: datetime, fold: int) -> None:
    zone = zones_of(calendar(*timezone("X", *content))).resolve("X")
    assert (zone.tzinfo is None) == (zone.how is How.UNKNOWN)
    if isinstance(zone.tzinfo, RuleZone):
        assert -24 < hours(zone.tzinfo, *local.timetuple()[:6], fold=fold) < 24


def test_a_day_that_no_year_has_is_no_onset() -> None:
    never = observance("DAYLIGHT", "20200101T000000", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", after="+0500")
    zone = rule_zone(*timezone("X", *never, *observance("STANDARD", "19700101T000000", after="+0100")))
    assert hours(zone, 2026, 6, 1) == 1
