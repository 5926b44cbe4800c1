"""What a TZID means in one document, and that no other document has a say in it."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta

import pytest

from mappings.documents import parse
from mappings.timezones import Zone, Zones
from mappings.zones.names import How
from mappings.zones.rulezone import RuleZone
from tests.mappings.samples import ICS_FILES, LOOSE, calendar, event
from tests.mappings.zones.samples import (
    EU_SUMMER,
    american,
    european,
    fixed,
    observance,
    timezone,
    utc,
    zones_of,
)

CUSTOM = "Customized Time Zone"
SUMMER = datetime(2026, 7, 1, 12)


def use(tzid: str, *more: str, start: str = "20260701T120000") -> tuple[str, ...]:
    """Make an event in a zone."""
    quoted = f'"{tzid}"' if set(tzid) & set(",;:") else tzid
    return ("BEGIN:VEVENT", "UID:1", f"DTSTART;TZID={quoted}:{start}", *more, "END:VEVENT")


def offset(zone: Zone, local: datetime = SUMMER) -> float:
    """Return a zone's offset in hours."""
    assert zone.tzinfo is not None
    shown = local.replace(tzinfo=zone.tzinfo).utcoffset()
    assert shown is not None
    return shown / timedelta(hours=1)


@pytest.mark.parametrize("tzid", ["Europe/Zurich", "europe/zurich", '"Europe/Zurich"', " Europe/Zurich "])
def test_a_name_of_the_database_needs_no_definition(tzid: str) -> None:
    zone = Zones().resolve(tzid)
    assert (zone.iana, zone.how, zone.problem, offset(zone)) == ("Europe/Zurich", How.IANA, "", 2)


def test_case_70_a_windows_name_without_a_definition() -> None:
    zone = zones_of(calendar(*use("W. Europe Standard Time"))).resolve("W. Europe Standard Time")
    assert (zone.iana, zone.how, zone.problem, offset(zone)) == ("Europe/Berlin", How.WINDOWS, "", 2)


def test_case_71_each_file_has_its_own_custom_zone() -> None:
    first = zones_of(calendar(*european(CUSTOM), *use(CUSTOM))).resolve(CUSTOM)
    second = zones_of(calendar(*american(CUSTOM), *use(CUSTOM))).resolve(CUSTOM)
    third = zones_of(calendar(*fixed(CUSTOM, "+0542"), *use(CUSTOM))).resolve(CUSTOM)
    assert (first.iana, first.how, offset(first)) == ("Europe/Berlin", How.RULES, 2)
    assert (second.iana, second.how, offset(second)) == ("America/New_York", How.RULES, -4)
    assert (third.iana, third.how, third.problem) == (None, How.OWN, "zone-own")
    assert offset(third) == pytest.approx(5.7)
    assert Zones().resolve(CUSTOM) == Zone(CUSTOM, None, None, How.UNKNOWN, "zone-unknown")


def test_case_72_a_lying_definition_does_not_win() -> None:
    liar = zones_of(calendar(*fixed("Europe/Zurich", "+0500"), *use("Europe/Zurich"))).resolve("Europe/Zurich")
    assert (liar.iana, liar.how, liar.problem, offset(liar)) == ("Europe/Zurich", How.IANA, "zone-contradicted", 2)
    next_one = zones_of(calendar(*european("Europe/Zurich"), *use("Europe/Zurich"))).resolve("Europe/Zurich")
    assert (next_one.problem, offset(next_one)) == ("", 2)
    assert offset(Zones().resolve("Europe/Zurich")) == 2


def test_case_73_a_path_ends_in_a_name() -> None:
    tzid = "/freeassociation.sourceforge.net/America/New_York"
    zone = zones_of(calendar(*american(tzid), *use(tzid))).resolve(tzid)
    assert (zone.iana, zone.how, zone.problem) == ("America/New_York", How.PATH, "")


def test_the_definition_may_name_its_location() -> None:
    zone = zones_of(calendar(*european("My zone", "X-LIC-LOCATION:europe/vienna"), *use("My zone"))).resolve("My zone")
    assert (zone.iana, zone.how, zone.problem) == ("Europe/Vienna", How.LOCATION, "")


def test_a_location_that_is_none_counts_for_nothing() -> None:
    zone = zones_of(calendar(*european("My zone", "X-LIC-LOCATION:../Vienna"), *use("My zone"))).resolve("My zone")
    assert (zone.iana, zone.how) == ("Europe/Berlin", How.RULES)


def test_of_equal_zones_the_one_named_is_taken_else_the_most_common() -> None:
    tzid = "Western Europe; Paris"
    assert zones_of(calendar(*european(tzid), *use(tzid))).resolve(tzid).iana == "Europe/Paris"
    assert zones_of(calendar(*european("?"), *use("?"))).resolve("?").iana == "Europe/Berlin"


@pytest.mark.parametrize(
    ("year", "iana"),
    [("2026", "America/New_York"), ("2006", None)],
)
def test_rules_are_compared_over_the_years_in_use(year: str, iana: str | None) -> None:
    """The rules of 2007 are nobody's for a meeting of 2006: then the document's own are the best there is."""
    own = timezone("X", *american("X")[2:-1])
    zones = zones_of(calendar(*own, *use("X", start=f"{year}0401T120000")))
    assert zones.resolve("X").iana == iana


def test_an_endless_series_is_compared_for_years_to_come() -> None:
    ends = observance(
        "STANDARD",
        "20271031T030000",
        "RDATE:20281029T030000,20291028T030000,20301027T030000",
        before="+0200",
        after="+0100",
    )
    starts = observance("DAYLIGHT", "20270328T020000", f"RRULE:{EU_SUMMER}", before="+0100", after="+0200")
    once = calendar(*timezone("X", *ends, *starts), *use("X", start="20270701T120000"))
    series = calendar(*timezone("X", *ends, *starts), *use("X", "RRULE:FREQ=DAILY", start="20270701T120000"))
    assert zones_of(once).resolve("X").how is How.RULES
    assert zones_of(series).resolve("X").how is How.OWN


def test_a_named_zone_is_contradicted_only_where_it_is_used() -> None:
    """Writers that list the changes of one year only are right for that year."""
    listed = timezone(
        "Europe/Berlin",
        *observance("STANDARD", "20251026T030000", before="+0200", after="+0100"),
        *observance("DAYLIGHT", "20260329T020000", before="+0100", after="+0200"),
    )
    assert zones_of(calendar(*listed, *use("Europe/Berlin"))).resolve("Europe/Berlin").problem == ""
    forever = calendar(*listed, *use("Europe/Berlin", "RRULE:FREQ=WEEKLY"))
    assert zones_of(forever).resolve("Europe/Berlin").problem == "zone-contradicted"
    until = calendar(*listed, *use("Europe/Berlin", "RRULE:FREQ=WEEKLY;UNTIL=20281231T000000Z"))
    assert zones_of(until).resolve("Europe/Berlin").problem == "zone-contradicted"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("RRULE:FREQ=SECONDLY", "zone-rule"),
        ("RRULE:FREQ=DAILY;INTERVAL=1", "zone-rule"),
        ("RRULE:nonsense", "zone-rule"),
        ("TZOFFSETTO:+9999", "zone-offset"),
        ("DTSTART:99999999T000000", "zone-start"),
    ],
)
def test_what_cannot_be_followed_is_named(line: str, problem: str) -> None:
    part = ["BEGIN:STANDARD", line, "DTSTART:20200101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "END:STANDARD"]
    zone = zones_of(calendar(*timezone("X", *part), *use("X"))).resolve("X")
    assert (zone.iana, zone.problem) == (None, problem)
    named = zones_of(calendar(*timezone("Asia/Tokyo", *part), *use("Asia/Tokyo", start="20260101T000000")))
    assert named.resolve("Asia/Tokyo").iana == "Asia/Tokyo"


def test_case_69_an_unknown_zone_leaves_a_time_floating() -> None:
    zone = zones_of(calendar(*use("Nowhere/Middle"))).resolve("Nowhere/Middle")
    assert (zone.iana, zone.tzinfo, zone.how, zone.problem) == (None, None, How.UNKNOWN, "zone-unknown")


@pytest.mark.parametrize("content", [(), ("X-WHATEVER:1",), ("BEGIN:STANDARD", "END:STANDARD")])
def test_an_empty_definition_says_nothing(content: tuple[str, ...]) -> None:
    zone = zones_of(calendar(*timezone("X", *content), *use("X"))).resolve("X")
    assert (zone.how, zone.tzinfo) == (How.UNKNOWN, None)
    assert zone.problem in {"zone-start", "zone-offset"}


def test_the_first_of_two_definitions_counts() -> None:
    body = calendar(*fixed("X", "+0100"), *fixed("X", "+0900"), *use("X"))
    assert offset(zones_of(body).resolve("X")) == 1


def test_the_answer_stays_the_same() -> None:
    zones = zones_of(calendar(*european("X"), *use("X")))
    assert zones.resolve("X") is zones.resolve('"X"')


POISONS = [
    calendar(*fixed(name, "+0500"), *use(name))
    for name in ("Europe/Zurich", CUSTOM, "W. Europe Standard Time", "X", "UTC", "/a/b/Europe/Paris")
]
HONEST = {
    "Europe/Zurich": (calendar(*european("Europe/Zurich"), *use("Europe/Zurich")), 2.0),
    CUSTOM: (calendar(*american(CUSTOM), *use(CUSTOM)), -4.0),
    "W. Europe Standard Time": (calendar(*use("W. Europe Standard Time")), 2.0),
    "X": (calendar(*fixed("X", "+0300"), *use("X")), 3.0),
    "UTC": (calendar(*use("UTC")), 0.0),
    "/a/b/Europe/Paris": (calendar(*use("/a/b/Europe/Paris")), 2.0),
}


def answers() -> dict[str, float]:
    return {tzid: offset(zones_of(body).resolve(tzid)) for tzid, (body, _) in HONEST.items()}


@pytest.mark.parametrize("seed", range(5))
def test_a_poisoned_document_never_changes_another(seed: int) -> None:
    """In one process, in any order."""
    expected = {tzid: hours for tzid, (_, hours) in HONEST.items()}
    work = [*POISONS, *(body for body, _ in HONEST.values())] * 3
    random.Random(seed).shuffle(work)
    for body in work:
        zones = zones_of(body)
        for tzid in HONEST:
            zones.resolve(tzid)
        assert answers() == expected


def test_a_poisoned_document_never_changes_another_in_threads() -> None:
    expected = {tzid: hours for tzid, (_, hours) in HONEST.items()}
    wrong: list[dict[str, float]] = []
    start = threading.Barrier(4)

    def poison() -> None:
        start.wait(30)
        for _ in range(30):
            for body in POISONS:
                for tzid in HONEST:
                    zones_of(body).resolve(tzid)

    def read() -> None:
        start.wait(30)
        wrong.extend(found for _ in range(30) if (found := answers()) != expected)

    threads = [threading.Thread(target=work) for work in (poison, read, poison, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert wrong == []
    assert answers() == expected


def test_the_poison_counts_in_its_own_document() -> None:
    assert offset(zones_of(POISONS[3]).resolve("X")) == 5
    assert zones_of(POISONS[0]).resolve("Europe/Zurich").problem == "zone-contradicted"


def test_every_definition_of_the_corpora_has_an_answer() -> None:
    """Files of many projects: each TZID defined means something, but for those that define nothing."""
    seen, known = 0, 0
    for path in ICS_FILES:
        for component in parse(path.read_bytes(), limits=LOOSE).components("VCALENDAR"):
            zones = Zones.of(component)
            for definition in component.components("VTIMEZONE"):
                zone = zones.resolve(definition.text("TZID") or "")
                seen += 1
                known += zone.tzinfo is not None
                if zone.tzinfo:
                    assert utc(2026, 7, 1).astimezone(zone.tzinfo).utcoffset() is not None
                else:
                    assert zone.problem, path
    assert seen > 150
    assert known >= seen - 3


@pytest.mark.parametrize(
    ("file", "tzid", "iana"),
    [
        ("Екатеринбург", "Екатеринбург", "Asia/Yekaterinburg"),
        ("GMT +0100", "GMT +0100 (Standard) / GMT +0200 (Daylight)", "Europe/Berlin"),
        ("W. Europe", "W. Europe Standard Time", "Europe/Berlin"),
        ("Canberra", "Canberra, Melbourne, Sydney", "Australia/Sydney"),
        ("Bangkok", "(UTC+07:00) Bangkok, Hanoi, Jakarta", "Asia/Bangkok"),
    ],
)
def test_zones_of_real_files(file: str, tzid: str, iana: str) -> None:
    bodies = [
        body
        for path in ICS_FILES
        if ("TZID:" + file).encode() in (body := path.read_bytes()).replace(b"(UTC+07:00) ", b"")
    ]
    assert bodies
    for body in bodies:
        assert zones_of(body).resolve(tzid).iana == iana


def test_own_rules_are_used_as_they_are() -> None:
    odd = timezone("Mine", *observance("STANDARD", "20200101T000000", before="+0007", after="+0113"))
    zone = zones_of(calendar(*odd, *use("Mine"))).resolve("Mine")
    assert isinstance(zone.tzinfo, RuleZone)
    assert offset(zone) == pytest.approx(1 + 13 / 60)


def test_a_document_without_zones_knows_the_database() -> None:
    assert zones_of(event()).resolve("Asia/Tokyo").iana == "Asia/Tokyo"
