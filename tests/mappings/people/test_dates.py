"""Partial dates, in both versions and as others write them."""

from __future__ import annotations

from calendar import isleap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.people.dates import NO_YEAR, OMIT_YEAR, read_date, write_date

OMITTED = {OMIT_YEAR: "1604"}


@pytest.mark.parametrize(
    ("date", "three", "four"),
    [
        ({"year": 1985, "month": 4, "day": 15}, ("1985-04-15", {}), ("19850415", {})),
        ({"year": 1, "month": 1, "day": 1}, ("0001-01-01", {}), ("00010101", {})),
        ({"year": 9999, "month": 12, "day": 31}, ("9999-12-31", {}), ("99991231", {})),
        ({"year": 2000, "month": 2, "day": 29}, ("2000-02-29", {}), ("20000229", {})),
        ({"month": 4, "day": 15}, ("1604-04-15", OMITTED), ("--0415", {})),
        ({"month": 2, "day": 29}, ("1604-02-29", OMITTED), ("--0229", {})),
        ({"year": 0, "month": 2, "day": 29}, ("1604-02-29", OMITTED), ("--0229", {})),
        ({"year": 1990}, None, ("1990", {})),
        ({"year": 1990, "month": 0, "day": 0}, None, ("1990", {})),
        ({"year": 1990, "month": 4}, None, ("1990-04", {})),
    ],
)
def test_a_date_is_written(date: dict[str, Any], three: object, four: object) -> None:
    assert write_date(date, "3.0") == three
    assert write_date(date, "4.0") == four


@pytest.mark.parametrize(
    "date",
    [
        None,
        {},
        "1990",
        [1990],
        {"year": 1990, "month": 13, "day": 1},
        {"year": 1990, "month": 2, "day": 30},
        {"year": 1999, "month": 2, "day": 29},
        {"year": -1, "month": 2, "day": 1},
        {"year": 10_000, "month": 2, "day": 1},
        {"year": 1990, "day": 1},
        {"day": 1},
        {"month": 1},
        {"year": 0},
        {"year": True, "month": 1, "day": 1},
        {"year": "1990", "month": 1, "day": 1},
        {"year": 1990.0, "month": 1, "day": 1},
        {"year": None, "month": 1, "day": 1},
        {"year": 1990, "month": 1, "day": 1, "hour": 1},
    ],
)
def test_what_is_no_date_of_googles_is_not_written(date: Any) -> None:
    assert write_date(date, "3.0") is None
    assert write_date(date, "4.0") is None


@pytest.mark.parametrize(
    ("text", "params", "date"),
    [
        ("19850415", {}, {"year": 1985, "month": 4, "day": 15}),
        ("1985-04-15", {}, {"year": 1985, "month": 4, "day": 15}),
        (" 1985-04-15 ", {}, {"year": 1985, "month": 4, "day": 15}),
        ("1985-04-15T00:00:00Z", {}, {"year": 1985, "month": 4, "day": 15}),
        ("19850415T101500+0200", {}, {"year": 1985, "month": 4, "day": 15}),
        ("1985-04-15 10:15", {}, {"year": 1985, "month": 4, "day": 15}),
        ("--0415", {}, {"month": 4, "day": 15}),
        ("--04-15", {}, {"month": 4, "day": 15}),
        ("--0229", {}, {"month": 2, "day": 29}),
        ("1604-04-15", OMITTED, {"month": 4, "day": 15}),
        ("1604-04-15", {}, {"month": 4, "day": 15}),
        ("1900-04-15", {OMIT_YEAR: "1900"}, {"month": 4, "day": 15}),
        ("1985-04-15", OMITTED, {"year": 1985, "month": 4, "day": 15}),
        ("1604-04-15", {OMIT_YEAR: "1900"}, {"year": 1604, "month": 4, "day": 15}),
        ("1990", {}, {"year": 1990}),
        ("1990-04", {}, {"year": 1990, "month": 4}),
    ],
)
def test_a_date_is_read(text: str, params: dict[str, str], date: object) -> None:
    assert read_date(text, params) == date


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "around Easter",
        "--13",
        "--1301",
        "---15",
        "1985-02-30",
        "1999-02-29",
        "0000",
        "0000-00-00",
        "85-04-15",
        "1985-4-15",
        "15.04.1985",
        "1985-04-15x",
        "１９８５-04-15",
        "T10:00",
        "--0230",
        "1985-13",
    ],
)
def test_what_is_no_date_is_not_read(text: str) -> None:
    assert read_date(text, {}) is None


def test_the_year_of_no_year_is_a_leap_year() -> None:
    assert isleap(NO_YEAR)


@pytest.mark.parametrize("version", ["3.0", "4.0"])
@given(
    date=st.fixed_dictionaries(
        {},
        optional={"year": st.integers(1, 9999), "month": st.integers(1, 12), "day": st.integers(1, 31)},
    ),
)
def test_what_is_written_is_read(version: str, date: dict[str, int]) -> None:
    written = write_date(date, version)  # type: ignore[arg-type]  # an object of numbers is JSON
    if written is None:
        return
    read = read_date(*written)
    if (version == "4.0" and date.get("year") == NO_YEAR and "day" in date) or (
        version == "3.0" and date.get("year") == NO_YEAR
    ):
        assert read == {key: value for key, value in date.items() if key != "year"}
    else:
        assert read == date


@given(text=st.text(alphabet="0123456789-T:Z ", max_size=20))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = read_date(text, {})
    assert found is None or write_date(found, "4.0") is not None
