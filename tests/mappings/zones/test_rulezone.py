"""A zone made of a document's own rules: offsets, gaps and overlaps, checked against dateutil."""

from __future__ import annotations

import io
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from mappings.zones.rulezone import RuleZone
from tests.mappings.zones.samples import (
    EU_SUMMER,
    EU_WINTER,
    US_SUMMER,
    US_WINTER,
    american,
    european,
    fixed,
    hours,
    observance,
    rule_zone,
    timezone,
    utc,
)

SOUTHERN = timezone(
    "S",
    *observance("STANDARD", "20080406T030000", "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU", before="+1100", after="+1000"),
    *observance("DAYLIGHT", "20081005T020000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU", before="+1000", after="+1100"),
)
ISRAEL = timezone(
    "I",
    *observance(
        "DAYLIGHT",
        "20130329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR",
        before="+0200",
        after="+0300",
    ),
    *observance("STANDARD", "20131027T020000", f"RRULE:{EU_WINTER}", before="+0300", after="+0200"),
)
ENDED = timezone(
    "E",
    *observance(
        "DAYLIGHT", "20000326T020000", f"RRULE:{EU_SUMMER};UNTIL=20100328T010000Z", before="+0100", after="+0200"
    ),
    *observance(
        "STANDARD", "20001029T030000", f"RRULE:{EU_WINTER};UNTIL=20101031T010000Z", before="+0200", after="+0100"
    ),
    *observance("STANDARD", "20110327T020000", before="+0100", after="+0300"),
)
LISTED = timezone(
    "L",
    *observance("DAYLIGHT", "20200301T020000", "RDATE:20210307T020000,20220306T020000", before="-0300", after="-0200"),
    *observance("STANDARD", "20201001T020000", "RDATE:20211003T020000", before="-0200", after="-0300"),
)
COUNTED = timezone(
    "C",
    *observance("DAYLIGHT", "20150301T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=1SU;COUNT=4", after="+0100"),
    *observance("STANDARD", "20151004T020000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU;COUNT=4", before="+0100"),
)
SAMPLES = {
    "european": european("X"),
    "american": american("X"),
    "fixed": fixed("X", "+0545"),
    "southern": SOUTHERN,
    "israel": ISRAEL,
    "ended": ENDED,
    "listed": LISTED,
    "counted": COUNTED,
}


def oracle(content: tuple[str, ...]) -> object:
    return tzical(io.StringIO("\r\n".join(content))).get()


@pytest.mark.parametrize("name", SAMPLES)
def test_dateutil_says_the_same_of_local_times(name: str) -> None:
    ours, theirs = rule_zone(*SAMPLES[name]), oracle(SAMPLES[name])
    chance = random.Random(name)
    for _ in range(400):
        local = datetime(2016, 1, 1) + timedelta(minutes=chance.randrange(20 * 365 * 24 * 60))
        assert local.replace(tzinfo=ours).utcoffset() == local.replace(tzinfo=theirs).utcoffset(), local  # type: ignore[arg-type] # dateutil's type is not exact


@pytest.mark.parametrize("name", SAMPLES)
def test_instants_survive_the_way_through_local_time(name: str) -> None:
    zone = rule_zone(*SAMPLES[name])
    chance = random.Random(name)
    for _ in range(400):
        instant = utc(1900, 1, 1) + timedelta(seconds=chance.randrange(300 * 365 * 86400))
        assert instant.astimezone(zone).astimezone(UTC) == instant


@pytest.mark.parametrize("name", SAMPLES)
def test_instants_around_each_change_survive(name: str) -> None:
    zone = rule_zone(*SAMPLES[name])
    for year in (1999, 2010, 2015, 2021, 2026, 2100):
        for change in zone.changes(year)[1:]:
            for step in range(-7200, 7201, 600):
                instant = datetime.fromtimestamp(change.at + step, UTC)
                assert instant.astimezone(zone).astimezone(UTC) == instant, (change, step)


def test_case_74_a_skipped_time_has_the_offset_before_the_gap() -> None:
    zone = rule_zone(*european("X"))
    assert hours(zone, 2026, 3, 29, 1, 59) == 1
    assert hours(zone, 2026, 3, 29, 2, 30) == 1
    assert hours(zone, 2026, 3, 29, 2, 30, fold=1) == 2
    assert hours(zone, 2026, 3, 29, 3, 0) == 2


def test_case_75_a_double_time_is_the_first() -> None:
    zone = rule_zone(*european("X"))
    assert hours(zone, 2026, 10, 25, 2, 30) == 2
    assert hours(zone, 2026, 10, 25, 2, 30, fold=1) == 1
    assert hours(zone, 2026, 10, 25, 3, 0) == 1
    assert utc(2026, 10, 25, 1, 30).astimezone(zone).fold == 1
    assert utc(2026, 10, 25, 0, 30).astimezone(zone).fold == 0
    assert utc(2026, 10, 25, 2, 0).astimezone(zone).fold == 0


@pytest.mark.parametrize("year", [1602, 1900, 1970, 2026, 2100, 2400, 9998])
def test_an_endless_rule_holds_in_every_year(year: int) -> None:
    zone = rule_zone(*european("X"))
    assert hours(zone, year, 1, 15) == 1
    assert hours(zone, year, 7, 15) == 2


@pytest.mark.parametrize("moment", [(1, 1, 1), (1, 12, 31, 23, 59), (2, 1, 1), (9998, 12, 31), (9999, 12, 31, 23, 59)])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_ends_of_the_calendar_have_an_offset(name: str, moment: tuple[int, ...]) -> None:
    assert -24 < hours(rule_zone(*SAMPLES[name]), *moment) < 24


def test_before_the_first_change_clocks_stand_as_before_it() -> None:
    zone = rule_zone(*ENDED)
    assert hours(zone, 1990, 7, 1) == 1
    assert hours(rule_zone(*LISTED), 2000, 7, 1) == -3


def test_after_the_last_change_clocks_stay() -> None:
    assert hours(rule_zone(*ENDED), 2011, 3, 1) == 1
    assert hours(rule_zone(*ENDED), 2011, 4, 1) == 3
    assert hours(rule_zone(*ENDED), 2500, 4, 1) == 3
    assert hours(rule_zone(*LISTED), 2030, 1, 1) == -2
    assert hours(rule_zone(*COUNTED), 2030, 7, 1) == 0


def test_names_and_savings_are_told() -> None:
    zone = rule_zone(
        *timezone(
            "X",
            *observance("STANDARD", "19961027T030000", f"RRULE:{EU_WINTER}", before="+0200", after="+0100", name="MEZ"),
            *observance(
                "DAYLIGHT", "19810329T020000", f"RRULE:{EU_SUMMER}", before="+0100", after="+0200", name="MESZ"
            ),
        )
    )
    winter, summer = datetime(2026, 1, 1, tzinfo=zone), datetime(2026, 7, 1, tzinfo=zone)
    assert (winter.tzname(), winter.dst()) == ("MEZ", timedelta())
    assert (summer.tzname(), summer.dst()) == ("MESZ", timedelta(hours=1))
    assert datetime(2026, 1, 1, tzinfo=rule_zone(*european("X"))).tzname() == "test"
    assert (zone.utcoffset(None), zone.dst(None), zone.tzname(None)) == (None, None, None)
    assert repr(zone) == "RuleZone('test')"


def test_a_rule_for_leap_days_looks_back_far_enough() -> None:
    zone = rule_zone(
        *timezone(
            "X",
            *observance(
                "STANDARD",
                "20000229T000000",
                "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
                before="+0100",
                after="+0200",
            ),
            *observance("STANDARD", "20000101T000000", before="+0200", after="+0100"),
        )
    )
    assert hours(zone, 2103, 6, 1) == 2


def test_an_interval_and_a_position_are_followed() -> None:
    every_other = "RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYDAY=SU;BYSETPOS=-1"
    zone = rule_zone(
        *timezone(
            "X",
            *observance("DAYLIGHT", "20200329T020000", every_other, before="+0100", after="+0200"),
            *observance("STANDARD", "20201025T030000", f"RRULE:{EU_WINTER}", before="+0200", after="+0100"),
        )
    )
    assert [hours(zone, year, 7, 1) for year in (2020, 2021, 2022, 2023)] == [2, 1, 2, 1]


def test_zones_of_the_same_rules_are_equal_and_others_are_not() -> None:
    assert rule_zone(*european("X")) == rule_zone(*european("X"))
    assert hash(rule_zone(*european("X"))) == hash(rule_zone(*european("X")))
    assert rule_zone(*european("X")) != rule_zone(*american("X"))
    assert rule_zone(*european("X")) != "test"


@given(st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2300, 1, 1)), st.integers(0, 1))
def test_local_times_come_back_unless_they_are_skipped(local: datetime, fold: int) -> None:
    zone = rule_zone(*american("X"))
    there = local.replace(tzinfo=zone, fold=fold)
    back = there.astimezone(UTC).astimezone(zone)
    skipped = local.replace(tzinfo=zone, fold=0).utcoffset() < local.replace(tzinfo=zone, fold=1).utcoffset()  # type: ignore[operator] # never None here
    assert skipped or back.replace(tzinfo=None, fold=0) == local.replace(fold=0)


def test_one_zone_serves_many_threads() -> None:
    zone = rule_zone(*american("X"))
    wrong: list[datetime] = []

    def look(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(2000):
            instant = utc(1960, 1, 1) + timedelta(hours=chance.randrange(900 * 365 * 24))
            if instant.astimezone(zone).astimezone(UTC) != instant:
                wrong.append(instant)

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_the_rules_are_the_american_ones() -> None:
    zone: RuleZone = rule_zone(*american("X"))
    assert US_SUMMER in american("X")[10] or US_WINTER in american("X")[3]
    assert hours(zone, 2026, 3, 8, 1, 59) == -5
    assert hours(zone, 2026, 3, 8, 3, 0) == -4
    assert hours(zone, 2026, 11, 1, 0, 59) == -4
    assert hours(zone, 2026, 11, 1, 2, 0) == -5
