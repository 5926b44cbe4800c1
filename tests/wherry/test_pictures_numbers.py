"""The pictures and the page: their numbers are the ledger's, at nothing, one, very many, and at odd dates."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wherry.conftest import Run, make_pim, write_event
from wherry.pictures import (
    FATE_WIDTH,
    FIRST_YEAR,
    LAST_YEAR,
    LEAST_PART,
    MOST_FILLED,
    YEARS_BY_DAY,
    YEARS_BY_MONTH,
    Part,
    Picture,
    draw_calendar,
    draw_fate,
)

SVG = "{http://www.w3.org/2000/svg}"
EPOCH = dt.date(1970, 1, 1).toordinal()


def day(year: int, month: int = 1, date: int = 1) -> int:
    return dt.date(year, month, date).toordinal() - EPOCH


def root(picture: Picture) -> ET.Element:
    return ET.fromstring(picture.svg)


def tips(picture: Picture) -> list[str]:
    """Return the title of every rectangle."""
    return [
        rect.findtext(f"{SVG}title") or ""
        for rect in root(picture).iter(f"{SVG}rect")
        if rect.find(f"{SVG}title") is not None
    ]


def said(picture: Picture) -> str:
    return root(picture).findtext(f"{SVG}desc") or ""


def number(text: str) -> int:
    return int(text.replace(",", ""))


def fate(copied: int, skipped: int, failed: int) -> Picture:
    words = ("copied", "left out", "failed")
    counts = zip(words, (copied, skipped, failed), ("copied", "skipped", "failed"), strict=True)
    return draw_fate([Part(word, count, look) for word, count, look in counts])


@pytest.mark.parametrize(
    ("counts", "title", "words"),
    [
        ((0, 0, 0), "Fate of 0 items", "no items"),
        ((1, 0, 0), "Fate of 1 item", "1 copied"),
        ((0, 0, 1), "Fate of 1 item", "1 failed"),
        ((2, 1, 0), "Fate of 3 items", "2 copied, 1 left out"),
        ((99_998, 1, 1), "Fate of 100,000 items", "99,998 copied, 1 left out, 1 failed"),
        ((10**9, 0, 1), "Fate of 1,000,000,001 items", "1,000,000,000 copied, 1 failed"),
    ],
)
def test_the_fate_bar_says_its_numbers(counts: tuple[int, int, int], title: str, words: str) -> None:
    picture = fate(*counts)
    assert picture.title == title
    assert root(picture).findtext(f"{SVG}title") == title
    assert said(picture) == words
    assert [number(row[1]) for row in picture.rows] == list(counts)
    assert len(tips(picture)) == sum(count > 0 for count in counts)


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8))
@settings(max_examples=150, deadline=None)
def test_parts_stand_side_by_side_in_the_order_of_their_numbers(copied: int, skipped: int, failed: int) -> None:
    picture = fate(copied, skipped, failed)
    bars = [
        (float(rect.get("x", 0)), float(rect.get("width", 0)))
        for rect in root(picture).iter(f"{SVG}rect")
        if rect.get("class") in {"copied", "skipped", "failed"}
    ]
    for (left, width), (right, _) in pairwise(bars):
        assert left + width == pytest.approx(right, abs=0.11)
    shown = [count for count in (copied, skipped, failed) if count]
    for (small, width), (large, wider) in pairwise(sorted(zip(shown, (w for _, w in bars), strict=True))):
        assert small <= large
        assert width <= wider + 0.11
    assert all(width >= LEAST_PART - 0.1 for _, width in bars)
    assert sum(width for _, width in bars) == pytest.approx(FATE_WIDTH if shown else 0, abs=0.2)
    shares = [row[2] for row in picture.rows]
    assert ("100.0 %" in shares) is (len(shown) == 1)


@pytest.mark.parametrize(
    ("copied", "failed", "share"),
    [
        (1, 0, "100.0 %"),
        (0, 1, "0.0 %"),
        (1, 1, "50.0 %"),
        (999, 1, "99.9 %"),
        (9_999, 1, "> 99.9 %"),
        (1, 9_999, "< 0.1 %"),
        (1, 999, "0.1 %"),
        (2, 1, "66.7 %"),
    ],
)
def test_a_share_never_says_all_or_nothing_when_it_is_not(copied: int, failed: int, share: str) -> None:
    assert fate(copied, 0, failed).rows[0][2] == share


@pytest.mark.parametrize(
    ("year", "drawn"),
    [
        (1899, False),
        (1900, True),
        (1969, True),
        (1970, True),
        (2038, True),
        (2099, True),
        (2100, False),
        (1, False),
        (9999, False),
    ],
)
def test_days_long_ago_and_far_ahead(year: int, drawn: bool) -> None:
    picture = draw_calendar([(day(year, 6, 15), 3, 3)])
    assert bool(picture.rows) is drawn
    assert (picture.remark == "") is drawn
    assert drawn or picture.remark == f"3 items dated before {FIRST_YEAR} or after {LAST_YEAR}: not drawn."
    assert (f"{year}-06-15" in picture.svg) is drawn


@pytest.mark.parametrize("number", [-(10**9), -719_163, -719_162, 10**9, 2_932_896, 2_932_897])
def test_days_no_calendar_has_are_counted_and_not_drawn(number: int) -> None:
    picture = draw_calendar([(number, 1, 0), (day(2024), 1, 1)])
    assert picture.remark.startswith("1 item dated")
    assert [row[0] for row in picture.rows] == ["2024-01"]


@pytest.mark.parametrize(
    ("holes", "words"),
    [
        (0, "No holes: every dated item is in the copy"),
        (1, "1 day has items that were not copied"),
        (2, "2 days have items that were not copied"),
        (1000, "1,000 days have items that were not copied"),
    ],
)
def test_holes_are_counted_in_words(holes: int, words: str) -> None:
    days = [(day(2021) + number, 2, 1) for number in range(holes)] or [(day(2021), 1, 1)]
    assert said(draw_calendar(days)) == words


@pytest.mark.parametrize(
    ("years", "unit", "rows"),
    [
        (1, "day", 1),
        (YEARS_BY_DAY, "day", 5),
        (YEARS_BY_DAY + 1, "month", 6),
        (YEARS_BY_MONTH, "month", 30),
        (YEARS_BY_MONTH + 1, "year", 4),
        (200, "year", 20),
    ],
)
def test_how_fine_a_calendar_is(years: int, unit: str, rows: int) -> None:
    picture = draw_calendar([(day(1900 + number, 2, 3), 1, 1) for number in range(years)])
    labels = [text for text in root(picture).iter(f"{SVG}text") if text.get("class") == "row"]
    assert picture.title == f"Items per {unit}, source over copy"
    assert len(labels) == rows
    assert len(tips(picture)) == years


def test_many_items_of_a_day_are_one_field_and_one_sum() -> None:
    picture = draw_calendar([(day(2024, 5, 5), 100_000, 99_999)])
    assert tips(picture) == ["2024-05-05: 100,000 at the source, 99,999 copied"]
    assert picture.rows == [("2024-05", "100,000", "99,999", "1")]
    part = next(r for r in root(picture).iter(f"{SVG}rect") if r.get("class") == "part")
    hole = next(r for r in root(picture).iter(f"{SVG}rect") if r.get("class") == "hole")
    assert float(part.get("width", 0)) <= MOST_FILLED * float(hole.get("width", 0)) + 0.1


spread = st.lists(
    st.tuples(st.integers(day(1900), day(2099, 12, 31)), st.integers(1, 50), st.integers(0, 50)), max_size=40
)


@given(spread.map(lambda days: [(d, s, min(s, c)) for d, s, c in {d: (d, s, c) for d, s, c in days}.values()]))
@settings(max_examples=80, deadline=None)
def test_fields_and_table_say_the_same(days: list[tuple[int, int, int]]) -> None:
    picture = draw_calendar(days)
    found = [re.fullmatch(r"[\d-]+: ([\d,]+) at the source, ([\d,]+) copied", tip) for tip in tips(picture)]
    sums = [sum(number(match[at]) for match in found if match) for at in (1, 2)]
    assert all(found)
    assert sums == [sum(row[at] for row in days) for at in (1, 2)]
    assert [sum(number(row[at]) for row in picture.rows) for at in (1, 2)] == sums
    assert sum(number(row[3]) for row in picture.rows) == sums[0] - sums[1]
    heads = [row[0] for row in picture.rows]
    assert heads == sorted(set(heads))
    box = [float(part) for part in (root(picture).get("viewBox") or "").split()]
    for rect in root(picture).iter(f"{SVG}rect"):
        assert float(rect.get("x", 0)) + float(rect.get("width", 0)) <= box[2]
        assert float(rect.get("y", 0)) + float(rect.get("height", 0)) <= box[3]


class Cells(HTMLParser):
    """Collects the rows of every table, and the headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.heads: list[str] = []
        self._into: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self._into = self.rows[-1]
        elif tag in {"h1", "h2", "h3"}:
            self.heads.append("")
            self._into = self.heads

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "h1", "h2", "h3"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data


@pytest.mark.parametrize(("events", "cards", "broken"), [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (5, 4, 3)])
def test_the_page_says_what_the_report_says(run: Run, tmp_path: Path, events: int, cards: int, broken: int) -> None:
    pim = make_pim(tmp_path / "pim", events=events, cards=cards)
    (pim / "Work").mkdir(parents=True, exist_ok=True)
    for index in range(broken):
        (pim / "Work" / f"broken{index}.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    page = tmp_path / "page.html"
    run("backup", str(pim), "--to", str(tmp_path / "copy"))
    assert run("report", "--html", str(page)).code == 0
    report, *others = run("report", "--json").lines
    found = Cells(page.read_text("utf-8"))
    (everything,) = (row for row in found.rows if row[0] == "All")
    assert [number(cell) for cell in everything[2:]] == [
        report[name] for name in ("present", "copied", "skipped", "failed", "gone")
    ]
    for line in (line for line in others if line["type"] == "collection"):
        (row,) = (row for row in found.rows if row[0].startswith(line["name"]) and len(row) == 7)
        assert [number(cell) for cell in row[2:]] == [
            line[name] for name in ("present", "copied", "skipped", "failed", "gone")
        ]
    problems = [line for line in others if line["type"] == "problem"]
    assert len(problems) == broken
    assert all(any(problem["item"] in row for row in found.rows) for problem in problems)
    assert report["verdict"] in page.read_text("utf-8")
    assert len(found.heads) == 5


def test_days_of_the_ledger_are_days_of_the_page(run: Run, tmp_path: Path) -> None:
    pim = tmp_path / "pim"
    starts = ("19690720T201704Z", "19690720T210000Z", "19991231T235900Z", "20240229T000000Z", "18500101T000000Z")
    for index, start in enumerate(starts):
        write_event(pim / "Work", f"e{index}", start=start)
    page = tmp_path / "page.html"
    run("backup", str(pim), "--to", str(tmp_path / "copy"))
    run("report", "--html", str(page))
    days = {line["day"]: line["source"] for line in run("report", "--json").lines if line["type"] == "day"}
    assert days == {day(1969, 7, 20): 2, day(1999, 12, 31): 1, day(2024, 2, 29): 1, day(1850): 1}
    text = page.read_text("utf-8")
    assert "1969-07-20: 2 at the source, 2 copied" in text
    assert "2024-02-29: 1 at the source, 1 copied" in text
    assert "1 item dated before 1900 or after 2099: not drawn." in text
    assert "1850" not in text
