"""What a name alone says, of the kinds that programs write."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tzlocal.windows_tz import win_tz

from mappings.zones.iana import names
from mappings.zones.names import COMMON, How, find_name, in_order

NAMED = {
    # The database's own, links too, in any case.
    "Europe/Zurich": ("Europe/Zurich", How.IANA),
    "europe/zurich": ("Europe/Zurich", How.IANA),
    "AMERICA/NEW_YORK": ("America/New_York", How.IANA),
    "US/Eastern": ("US/Eastern", How.IANA),
    " Europe/Paris ": ("Europe/Paris", How.IANA),
    '"Europe/Paris"': ("Europe/Paris", How.IANA),
    "UTC": ("UTC", How.IANA),
    "Etc/GMT-5": ("Etc/GMT-5", How.IANA),
    # Paths of other programs (case 73).
    "/freeassociation.sourceforge.net/Europe/Paris": ("Europe/Paris", How.PATH),
    "/freeassociation.sourceforge.net/America/New_York": ("America/New_York", How.PATH),
    "/freeassociation.sourceforge.net/Tzfile/Europe/Rome": ("Europe/Rome", How.PATH),
    "/citadel.org/20240101_1/Europe/Zurich": ("Europe/Zurich", How.PATH),
    "/mozilla.org/20070129_1/Europe/Berlin": ("Europe/Berlin", How.PATH),
    "/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires": (
        "America/Argentina/Buenos_Aires",
        How.PATH,
    ),
    "/softwarestudio.org/Tzfile/UTC": ("UTC", How.PATH),
    "posix/Europe/Vaduz": ("Europe/Vaduz", How.PATH),
    # Other marks between the words.
    "Europe_London": ("Europe/London", How.PATH),
    "America_New_York": ("America/New_York", How.PATH),
    "America-Chicago": ("America/Chicago", How.PATH),
    "US-Eastern": ("US/Eastern", How.PATH),
    "America/New York": ("America/New_York", How.PATH),
    # Windows (case 70), and what Outlook shows.
    "W. Europe Standard Time": ("Europe/Berlin", How.WINDOWS),
    "w europe standard time": ("Europe/Berlin", How.WINDOWS),
    "Eastern Standard Time": ("America/New_York", How.WINDOWS),
    "Eastern Daylight Time": ("America/New_York", How.WINDOWS),
    "New Zealand Standard Time": ("Pacific/Auckland", How.WINDOWS),
    "tzone://Microsoft/Utc": ("Etc/UTC", How.WINDOWS),
    "tzone://Microsoft/W. Europe Standard Time": ("Europe/Berlin", How.WINDOWS),
    "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna": ("Europe/Berlin", How.WINDOWS),
    "(GMT+01.00) Sarajevo/Warsaw/Zagreb": ("Europe/Warsaw", How.WINDOWS),
    "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris": ("Europe/Paris", How.WINDOWS),
    "(UTC) Dublin, Edinburgh, Lisbon, London": ("Europe/London", How.WINDOWS),
    "(UTC+00:00) Dublin, Edinburgh, Lisbon, London": ("Europe/London", How.WINDOWS),
    "(UTC-05:00) Eastern Time (US & Canada)": ("America/New_York", How.WINDOWS),
    "(UTC-08:00) Pacific Time (US & Canada)": ("America/Los_Angeles", How.WINDOWS),
    "(GMT-06:00) Central Time (US & Canada)": ("America/Chicago", How.WINDOWS),
    "Pacific Time (US & Canada)": ("America/Los_Angeles", How.WINDOWS),
    "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi": (win_tz["India Standard Time"], How.WINDOWS),
    "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi": ("Asia/Shanghai", How.WINDOWS),
    "(UTC+07:00) Bangkok\\, Hanoi\\, Jakarta": ("Asia/Bangkok", How.WINDOWS),
    "(UTC-03:00) Brasília": ("America/Sao_Paulo", How.WINDOWS),
    "(UTC+09:00) Osaka, Sapporo, Tokyo": ("Asia/Tokyo", How.WINDOWS),
    "Canberra, Melbourne, Sydney": ("Australia/Sydney", How.WINDOWS),
    "(UTC) Coordinated Universal Time": ("Etc/UTC", How.WINDOWS),
    # Nothing but an offset is a zone as well; POSIX counts westward.
    "UTC+11": ("Etc/GMT-11", How.WINDOWS),
    "GMT-0300": ("Etc/GMT+3", How.WINDOWS),
    "(UTC+02:00)": ("Etc/GMT-2", How.WINDOWS),
}

NAMELESS = (
    "",
    "Customized Time Zone",
    "Customized Time Zone 1",
    "tzone://Microsoft/Custom",
    "Western/Central Europe",
    "GMT +0100 (Standard) / GMT +0200 (Daylight)",
    "Екатеринбург",
    "Nowhere/Middle",
    "/Europe/CUSTOM",
    "custom_Pacific/Fiji/x",
    "Zurich",
    "1",
    "00000",
    "S",
    "GMT+0530",
    "UTC+99",
    "(UTC+09:00) Berlin, Rome",
    "/",
    "//",
    "../../etc/passwd",
)


@pytest.mark.parametrize(("written", "meant"), NAMED.items(), ids=NAMED)
def test_cases_70_and_73_a_name_that_says_its_zone(written: str, meant: tuple[str, How]) -> None:
    assert find_name(written) == meant


@pytest.mark.parametrize("written", NAMELESS)
def test_a_name_that_says_nothing_is_not_guessed_at(written: str) -> None:
    assert find_name(written) is None


@pytest.mark.parametrize("windows", sorted(set(win_tz) - {"UTC"}))
def test_case_70_every_windows_name_has_its_zone(windows: str) -> None:
    assert find_name(windows) == (win_tz[windows], How.WINDOWS)


@given(st.text(max_size=40) | st.sampled_from(sorted(names().values())).map(lambda name: f"/{name}/"))
def test_whatever_is_found_is_a_name_of_the_database(written: str) -> None:
    found = find_name(written)
    assert found is None or found[0] in names().values()


@given(st.sampled_from(sorted(set(names().values()))), st.sampled_from(["/a.org/", "/a.org/20240101_1/", "/x/y/z/"]))
def test_every_name_is_found_at_the_end_of_a_path(name: str, prefix: str) -> None:
    found = find_name(prefix + name)
    assert found == (name, How.PATH)


def test_the_common_zones_come_first_and_all_zones_come() -> None:
    assert in_order()[: len(COMMON)] == COMMON
    assert sorted(in_order()) == sorted(set(names().values()))
    assert set(COMMON) <= set(names().values())


@pytest.mark.parametrize("piece", ["/", "(", "(UTC+1", " ", ",", "a,", "\\", "'", "Ä"])
def test_long_names_cost_nothing(piece: str) -> None:
    start = time.process_time()
    assert find_name(piece * 200_000) is None
    assert time.process_time() - start < 2
