from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.pictures import FATE_WIDTH, LEAST_PART, Part, Picture, draw_calendar, draw_fate

SVG = "{http://www.w3.org/2000/svg}"


def day(text: str) -> int:
    return dt.date.fromisoformat(text).toordinal() - dt.date(1970, 1, 1).toordinal()


def drawn(picture: Picture) -> ET.Element:
    return ET.fromstring(picture.svg)


def looks(picture: Picture) -> list[str]:
    return [rect.get("class", "") for rect in drawn(picture).iter(f"{SVG}rect")]


def accessible(picture: Picture) -> bool:
    root = drawn(picture)
    ids = (root.get("aria-labelledby") or "").split()
    texts = {child.get("id"): child.text for child in root if child.tag in {f"{SVG}title", f"{SVG}desc"}}
    return root.get("role") == "img" and len(ids) == 2 and all(texts.get(name) for name in ids)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_the_parts_of_the_fate_bar_fill_it_exactly(counts: list[int]) -> None:
    picture = draw_fate([Part(f"p{number}", count, "copied") for number, count in enumerate(counts)])
    widths = [float(r.get("width", 0)) for r in drawn(picture).iter(f"{SVG}rect") if r.get("class") == "copied"]
    shown = [count for count in counts if count]
    assert len(widths) == len(shown)
    if shown:
        assert sum(widths) == pytest.approx(FATE_WIDTH, abs=0.1 * len(shown))
        assert min(widths) >= LEAST_PART - 0.1
    assert accessible(picture)


def test_one_failure_among_very_many_can_be_seen_and_read() -> None:
    picture = draw_fate([Part("copied", 999_999, "copied"), Part("failed", 1, "failed")])
    assert "failed: 1" in picture.svg
    assert picture.rows == [("copied", "999,999", "> 99.9 %"), ("failed", "1", "< 0.1 %")]
    assert "999,999 copied, 1 failed" in picture.svg


def test_a_job_without_items_has_an_empty_bar() -> None:
    picture = draw_fate([Part("copied", 0, "copied")])
    assert looks(picture).count("none") == 1
    assert picture.rows == [("copied", "0", "-")]


def test_words_are_escaped() -> None:
    picture = draw_fate([Part("<img onerror=x>&", 1, "copied")])
    assert "<img" not in picture.svg
    assert accessible(picture)


def test_a_hole_in_the_copy_is_a_field_of_its_own_look() -> None:
    picture = draw_calendar([(day("2024-03-04"), 2, 2), (day("2024-03-05"), 2, 0), (day("2024-03-06"), 4, 1)])
    assert looks(picture).count("hole") == 2
    assert looks(picture).count("part") == 1
    assert "2024-03-05: 2 at the source, 0 copied" in picture.svg
    assert "2 days have items that were not copied" in picture.svg


def test_a_whole_copy_has_no_hole() -> None:
    picture = draw_calendar([(day("2024-03-04"), 2, 2)])
    assert "hole" not in looks(picture)
    assert "No holes" in picture.svg


def test_even_one_missing_item_among_thousands_leaves_a_visible_gap() -> None:
    picture = draw_calendar([(day("2024-03-04"), 5000, 4999)])
    hole, part = (
        float(next(r.get("width", 0) for r in drawn(picture).iter(f"{SVG}rect") if r.get("class") == look))
        for look in ("hole", "part")
    )
    assert part < hole * 0.8


@pytest.mark.parametrize(
    ("years", "unit", "heads"),
    [
        (1, "day", "Jan"),
        (5, "day", "Dec"),
        (6, "month", "Jan"),
        (30, "month", "Dec"),
        (31, "year", "+9"),
        (120, "year", "+0"),
    ],
)
def test_the_finer_the_shorter(years: int, unit: str, heads: str) -> None:
    picture = draw_calendar([(day(f"{1950 + number}-06-15"), 1, 1) for number in range(years)])
    assert picture.title == f"Items per {unit}, source over copy"
    assert f">{heads}<" in picture.svg


spread = st.lists(
    st.tuples(st.integers(-800_000, 3_000_000), st.integers(1, 500), st.integers(0, 500)), max_size=60
).map(lambda days: [(d, s, min(s, c)) for d, s, c in days])


@given(spread)
@settings(max_examples=60, deadline=None)
def test_no_calendar_makes_the_picture_endless_and_every_item_is_counted(days: list[tuple[int, int, int]]) -> None:
    picture = draw_calendar(days)
    height = int((drawn(picture).get("viewBox") or "").split()[3])
    assert height <= 700
    outside = int(match[1].replace(",", "")) if (match := re.match(r"([\d,]+) items? dated", picture.remark)) else 0
    table = sum(int(row[1].replace(",", "")) for row in picture.rows)
    assert table + outside == sum(source for _, source, _ in days)
    missing = sum(int(row[3].replace(",", "")) for row in picture.rows)
    assert missing <= sum(source - copied for _, source, copied in days)
    assert accessible(picture)


@given(st.integers(1900, 2099), st.integers(0, 364))
@settings(max_examples=80, deadline=None)
def test_each_day_lies_on_a_field_of_its_year(year: int, number: int) -> None:
    date = dt.date(year, 1, 1) + dt.timedelta(days=number)
    picture = draw_calendar([(day(date.isoformat()), 1, 1)])
    rect = next(r for r in drawn(picture).iter(f"{SVG}rect"))
    ground = next(p for p in drawn(picture).iter(f"{SVG}path")).get("d", "")
    assert f"M{rect.get('x')} {rect.get('y')}h" in ground


def test_all_days_of_a_leap_year_have_different_fields() -> None:
    days = [(day("2024-01-01") + number, 1, 1) for number in range(366)]
    corners = {(r.get("x"), r.get("y")) for r in drawn(draw_calendar(days)).iter(f"{SVG}rect")}
    assert len(corners) == 366


def test_more_items_look_stronger() -> None:
    few, many = draw_calendar([(day("2024-01-01"), 1, 1), (day("2024-01-02"), 500, 500)]), ["q1", "q4"]
    assert looks(few) == many


def test_no_dates_no_picture() -> None:
    picture = draw_calendar([])
    assert picture.rows == []
    assert "No dated items" in picture.svg
