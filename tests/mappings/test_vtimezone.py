"""A written VTIMEZONE says what the database says: three readers agree, over every zone."""

from __future__ import annotations

import io
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from dateutil.tz import tzical

from mappings.documents import Component, parse
from mappings.errors import UnknownZone
from mappings.vtimezone import is_utc, vtimezone, write_offset
from mappings.zones.iana import names, zone_info
from mappings.zones.observances import read_observances
from mappings.zones.rulezone import RuleZone

ALL = sorted(name for name in set(names().values()) if not is_utc(name))
CHUNKS = [ALL[n::8] for n in range(8)]
FIRST, LAST = date(1970, 1, 1), date(2037, 12, 31)


def written(iana: str, first: date, last: date | None = None) -> bytes:
    return b"".join(vtimezone(iana, first, last))


def component(iana: str, first: date, last: date | None = None) -> Component:
    return next(parse(written(iana, first, last)).components("VTIMEZONE"))


def ours(iana: str, first: date, last: date | None = None) -> RuleZone:
    observances = read_observances(component(iana, first, last))
    assert observances.problems == ()
    return RuleZone(iana, observances)


def dateutils(iana: str, first: date, last: date | None = None) -> Any:
    text = written(iana, first, last).decode().replace("\r\n ", "")
    return tzical(io.StringIO(text)).get()


def instants(seed: str, first: date, last: date, count: int) -> list[datetime]:
    chance = random.Random(seed)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    seconds = int((last - first).total_seconds())
    return [start + timedelta(seconds=chance.randrange(seconds)) for _ in range(count)]


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_our_reader_agrees_in_every_zone(chunk: list[str]) -> None:
    for name in chunk:
        zone, true = ours(name, FIRST, LAST), zone_info(name)
        for instant in instants(name, FIRST, LAST, 80):
            there = instant.astimezone(true)
            assert instant.astimezone(zone).utcoffset() == there.utcoffset(), (name, instant)
            assert instant.astimezone(zone).tzname() == there.tzname(), (name, instant)


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_an_open_end_holds_beyond_the_database(chunk: list[str]) -> None:
    for name in chunk:
        zone, true = ours(name, date(2026, 1, 1)), zone_info(name)
        for instant in instants(name, date(2026, 1, 1), date(2120, 1, 1), 30):
            assert instant.astimezone(zone).utcoffset() == instant.astimezone(true).utcoffset(), (name, instant)


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_dateutil_agrees_in_every_zone(chunk: list[str]) -> None:
    """Local times, a day away from any change: dateutil knows no ``fold`` in zones of files."""
    for name in chunk:
        zone, true = dateutils(name, FIRST, LAST), zone_info(name)
        for instant in instants(name, FIRST, LAST, 6):
            near = {(instant + timedelta(days=day)).astimezone(true).utcoffset() for day in (-1, 0, 1)}
            if len(near) == 1:
                local = instant.astimezone(true).replace(tzinfo=zone)
                assert {local.utcoffset()} == near, (name, instant)


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_icalendar_reads_every_zone(chunk: list[str]) -> None:
    for name in chunk:
        text = written(name, date(2020, 1, 1), date(2030, 1, 1))
        (zone,) = icalendar.Calendar.from_ical(
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\n" + text + b"END:VCALENDAR\r\n"
        ).walk("VTIMEZONE")
        assert str(zone["TZID"]) == name
        assert zone.walk("STANDARD") or zone.walk("DAYLIGHT")


SPECIAL = [
    ("Europe/Dublin", "negative savings in winter"),
    ("Africa/Casablanca", "changes listed by date"),
    ("Africa/El_Aaiun", "changes listed by date"),
    ("America/Sao_Paulo", "savings until 2019"),
    ("Asia/Tehran", "savings until 2022"),
    ("Europe/Moscow", "three eras since 2011"),
    ("Australia/Lord_Howe", "half an hour of savings"),
    ("Antarctica/Troll", "two hours of savings"),
    ("Pacific/Apia", "a day left out in 2011"),
    ("America/Nuuk", "changes on the eve of a Sunday"),
    ("Asia/Gaza", "changes after the holy month"),
    ("Asia/Jerusalem", "the Friday before a Sunday"),
    ("Pacific/Auckland", "the southern summer"),
    ("America/Santiago", "the southern summer at midnight"),
    ("Asia/Kolkata", "no change"),
    ("Etc/GMT-11", "a fixed offset"),
    ("Africa/Monrovia", "seconds until 1972"),
    ("Europe/Amsterdam", "seconds until 1940"),
]


@pytest.mark.parametrize(("name", "why"), SPECIAL)
def test_every_hour_of_a_zone_that_is_special(name: str, why: str) -> None:
    zone, true = ours(name, date(2005, 1, 1), date(2030, 1, 1)), zone_info(name)
    hour = datetime(2005, 1, 1, tzinfo=UTC)
    while hour.year < 2030:
        assert hour.astimezone(zone).utcoffset() == hour.astimezone(true).utcoffset(), (why, hour)
        hour += timedelta(hours=3)


@pytest.mark.parametrize("year", [1600, 1800, 1850, 1880, 1900, 1916, 1940, 1945, 1947, 1968])
@pytest.mark.parametrize("name", ["Europe/Zurich", "Europe/London", "Europe/Amsterdam", "America/New_York"])
def test_years_long_ago(name: str, year: int) -> None:
    first, last = date(year, 1, 1), date(year + 3, 12, 31)
    zone, true = ours(name, first, last), zone_info(name)
    for instant in instants(name, first, last, 200):
        assert instant.astimezone(zone).utcoffset() == instant.astimezone(true).utcoffset(), instant


def test_the_usual_zone_is_two_rules() -> None:
    assert written("Europe/Zurich", date(2026, 1, 1)).decode().splitlines() == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Zurich",
        "BEGIN:DAYLIGHT",
        "DTSTART:19810329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "TZNAME:CET",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


def test_summer_is_daylight_in_dublin_too() -> None:
    kinds = {one.text("TZNAME"): one.name for one in component("Europe/Dublin", date(2026, 1, 1)).components()}
    assert kinds == {"IST": "DAYLIGHT", "GMT": "STANDARD"}


def test_a_zone_without_changes_is_one_observance() -> None:
    lines = written("Etc/GMT-5", date(2026, 1, 1)).decode().splitlines()
    offsets = ["TZOFFSETFROM:+0500", "TZOFFSETTO:+0500", "TZNAME:+05"]
    assert lines[2:-1] == ["BEGIN:STANDARD", "DTSTART:16010101T000000", *offsets, "END:STANDARD"]


@pytest.mark.parametrize("last", [date(2026, 1, 2), date(2026, 12, 31), date(2060, 1, 1), None])
def test_events_of_the_same_era_get_the_same_octets(last: date | None) -> None:
    assert written("Europe/Zurich", date(2026, 1, 1), last) == written("Europe/Zurich", date(1999, 5, 5))


def test_an_era_that_ended_says_until_when_in_utc() -> None:
    text = written("America/New_York", date(2000, 1, 1), date(2005, 1, 1)).decode()
    assert "UNTIL=20060403T070000Z" in text
    assert "UNTIL=20061030T060000Z" in text
    assert "2007" not in text


@pytest.mark.parametrize("name", ["UTC", "utc", "Etc/UTC", "Zulu", "Etc/Universal", "UCT"])
def test_utc_needs_no_definition(name: str) -> None:
    assert is_utc(name)
    assert vtimezone(name, date(2026, 1, 1)) == []


def test_names_are_written_as_the_database_writes_them() -> None:
    assert vtimezone("EUROPE/zurich", date(2026, 1, 1))[1] == b"TZID:Europe/Zurich\r\n"


@pytest.mark.parametrize("name", ["", "Europe/Nowhere", "W. Europe Standard Time", "Europe/Zurich\r\nX:1"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        vtimezone(name, date(2026, 1, 1))


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_every_line_is_folded_and_ends_as_it_must(chunk: list[str]) -> None:
    for name in chunk:
        for line in vtimezone(name, date.min, date.max):
            assert line.endswith(b"\r\n")
            assert all(len(piece) <= 75 for piece in line.split(b"\r\n"))


def test_the_list_handed_out_is_the_callers_own() -> None:
    vtimezone("Europe/Zurich", date(2026, 1, 1)).clear()
    assert vtimezone("Europe/Zurich", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "+0000"), (3600, "+0100"), (-12600, "-0330"), (2048, "+003408"), (-75, "-000115"), (50400, "+1400")],
)
def test_offsets_have_seconds_only_if_there_are_some(seconds: int, text: str) -> None:
    assert write_offset(seconds) == text
