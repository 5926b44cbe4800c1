"""Which zone of the database has a document's rules."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.documents import parse
from mappings.vtimezone import is_utc, vtimezone
from mappings.zones.iana import history, names
from mappings.zones.matching import FIRST_YEAR, LAST_YEAR, match, same_offsets
from mappings.zones.names import COMMON, in_order
from mappings.zones.observances import read_observances
from mappings.zones.rulezone import RuleZone
from tests.mappings.zones.samples import american, european, fixed, observance, rule_zone, timezone

ALL = sorted(name for name in set(names().values()) if not is_utc(name))
CHUNKS = [ALL[n::8] for n in range(8)]
NOW = range(2024, 2030)


def written(name: str, years: range) -> RuleZone:
    raw = b"".join(vtimezone(name, date(years[0], 1, 1), date(years[-1], 12, 31)))
    return RuleZone("X", read_observances(next(parse(raw).components())))


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_every_zone_is_found_by_its_rules(chunk: list[str]) -> None:
    """Or one with the same offsets in those years, the more common one."""
    order = {name: place for place, name in enumerate(in_order())}
    for name in chunk:
        zone = written(name, NOW)
        found = match(zone, "", NOW)
        assert order[found] <= order[name]
        assert same_offsets(zone, found, NOW)
        assert same_offsets(zone, name, NOW)


@pytest.mark.parametrize("name", ["Europe/Paris", "Europe/Rome", "Africa/Ceuta", "Arctic/Longyearbyen"])
def test_a_city_in_the_name_decides_among_equals(name: str) -> None:
    city = name.rpartition("/")[2]
    assert match(rule_zone(*european("X")), f"Custom ({city}, somewhere)", NOW) == name
    assert match(rule_zone(*european("X")), "Custom", NOW) == "Europe/Berlin"


def test_a_city_in_the_name_does_not_decide_against_the_rules() -> None:
    assert match(rule_zone(*european("X")), "Tokyo", NOW) == "Europe/Berlin"


@pytest.mark.parametrize("name", COMMON)
def test_common_zones_differ_from_each_other_or_come_first(name: str) -> None:
    found = match(written(name, NOW), "", NOW)
    assert COMMON.index(found) <= COMMON.index(name)


def test_the_years_decide() -> None:
    """Since 2016 Turkey has no winter time, so its rules of 2010 are those of the east of Europe."""
    assert match(written("Europe/Istanbul", range(2010, 2011)), "", range(2010, 2011)) == "Europe/Helsinki"
    assert match(written("Europe/Istanbul", range(2010, 2020)), "", range(2010, 2020)) == "Europe/Istanbul"


def test_half_of_the_rules_is_no_match() -> None:
    half = timezone("X", *european("X")[2:8])
    assert match(rule_zone(*half), "", NOW) != "Europe/Berlin"


@pytest.mark.parametrize("offset", ["+0007", "-0730", "+1445", "+2300"])
def test_offsets_that_nobody_has_match_nothing(offset: str) -> None:
    assert match(rule_zone(*fixed("X", offset)), "", NOW) == ""


@pytest.mark.parametrize(
    "years",
    [range(1, 2), range(9998, 10_000), range(1, 10_000), range(FIRST_YEAR, LAST_YEAR), range(5000, 5001)],
)
def test_years_beyond_the_database_are_compared_as_far_as_it_goes(years: range) -> None:
    assert match(rule_zone(*american("X")), "", years) in {"", "America/New_York"}
    assert same_offsets(rule_zone(*fixed("X", "+0000")), "UTC", years)


def test_the_same_rules_written_differently_are_the_same() -> None:
    dates = ",".join(f"{2020 + n}1101T000000" for n in range(12))
    nothing = observance("STANDARD", "20200101T000000", f"RDATE:{dates}", before="+0530", after="+0530")
    assert same_offsets(rule_zone(*timezone("X", *nothing)), "Asia/Kolkata", NOW)


def test_names_of_clocks_do_not_matter() -> None:
    """London's BST of 1970 was standard time; only what clocks show counts."""
    assert history("Europe/London").at(0).seconds == 3600
    assert same_offsets(rule_zone(*fixed("X", "+0100")), "Europe/London", range(1970, 1971))
