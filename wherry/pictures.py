"""Pictures of a job, made here as SVG text: the fate bar and the calendar heat map.

Every picture carries a title and a description and comes with the rows of a table that
says the same: nothing is told by colour or by shape alone. Colours are classes; the
page's style sheet gives them their values for light and dark.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from wherry.showing import count

FATE_WIDTH = 720
FATE_HEIGHT = 34
LEAST_PART = 4
"""Points a part of the bar is wide at least: one failure among 100,000 items must be seen."""

YEARS_BY_DAY = 5
"""Up to this many years are drawn day by day, more by month."""

YEARS_BY_MONTH = 30
"""Up to this many years are drawn month by month, more by year."""

MOST_FILLED = 0.75
"""Share of a field with a hole that is filled at most: one missing item among a thousand must be seen."""

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""Items dated outside are counted, not drawn: a single one must not make the picture endless."""

_EPOCH = 719_163
"""``date.toordinal`` of 1970-01-01."""

_MONTH_NUMBERS = range(1, 13)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Picture:
    """*svg* is complete and safe to place in a page; *head* and *rows* are the same as a table."""

    svg: str
    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One fate: the *word* people read, how many, and its class in the style sheet."""

    word: str
    count: int
    look: str


def draw_fate(parts: Sequence[Part]) -> Picture:
    """Return one stacked bar in which every item is in exactly one part."""
    total = sum(part.count for part in parts)
    shown = [part for part in parts if part.count]
    said = ", ".join(f"{part.count:,} {part.word}" for part in shown) or "no items"
    title = f"Fate of {count(total, 'item')}"
    body = []
    left = 0.0
    for part, width in zip(shown, _widths([part.count for part in shown]), strict=True):
        tip = escape(f"{part.word}: {part.count:,}")
        body.append(
            f'<rect class="{part.look}" x="{left:.1f}" y="0" width="{width:.1f}" height="{FATE_HEIGHT}">'
            f"<title>{tip}</title></rect>"
        )
        left += width
    if not shown:
        body.append(f'<rect class="none" x="0" y="0" width="{FATE_WIDTH}" height="{FATE_HEIGHT}"/>')
    rows = [(part.word, f"{part.count:,}", _share(part.count, total)) for part in parts]
    clip = (
        f'<clipPath id="fate-shape"><rect x="0" y="0" width="{FATE_WIDTH}" height="{FATE_HEIGHT}" rx="6"/></clipPath>'
    )
    inner = f'<defs>{clip}</defs><g clip-path="url(#fate-shape)">{"".join(body)}</g>'
    svg = _svg("fate", (FATE_WIDTH, FATE_HEIGHT), title, said, inner)
    return Picture(svg, title, ("Outcome", "Items", "Share"), rows)


def _share(count: int, total: int) -> str:
    if not total:
        return "-"
    share = 100 * count / total
    if 0 < share < 0.1:
        return "< 0.1 %"
    return "> 99.9 %" if 99.9 < share < 100 else f"{share:.1f} %"  # one missing of many is never 100 %


def _widths(counts: Sequence[int]) -> list[float]:
    """Share the width out: in proportion, but nobody gets less than the least."""
    total = sum(counts)
    spare = FATE_WIDTH - LEAST_PART * len(counts)
    return [LEAST_PART + spare * count / total for count in counts]


@dataclass(slots=True)
class _Cell:
    source: int = 0
    copied: int = 0


@dataclass(frozen=True, slots=True)
class _Grid:
    """How dates become cells: *row* and *column* of a date, sizes in points, labels above."""

    name: str
    row: Callable[[dt.date], int]
    column: Callable[[dt.date], tuple[int, int]]
    cell: tuple[int, int]
    lines: int
    labels: Sequence[tuple[int, str]]
    columns: int
    gap: int
    word: Callable[[dt.date], str]


def draw_calendar(days: Iterable[tuple[int, int, int]]) -> Picture:
    """Return the items per day, source over copy; *days* are (days since 1970, at the source, copied)."""
    dated, outside = _dated(days)
    grid = _grid_for(dated)
    rows: dict[int, dict[tuple[int, int], _Cell]] = {}
    words: dict[tuple[int, tuple[int, int]], str] = {}
    for date, source, copied in dated:
        row, place = grid.row(date), grid.column(date)
        cell = rows.setdefault(row, {}).setdefault(place, _Cell())
        cell.source += source
        cell.copied += copied
        words[row, place] = grid.word(date)
    svg, title = _calendar_svg(grid, rows, words)
    remark = f"{count(outside, 'item')} dated before {FIRST_YEAR} or after {LAST_YEAR}: not drawn." if outside else ""
    return Picture(svg, title, ("When", "At the source", "Copied", "Not copied"), _calendar_rows(dated), remark)


def _dated(days: Iterable[tuple[int, int, int]]) -> tuple[list[tuple[dt.date, int, int]], int]:
    dated, outside = [], 0
    low, high = dt.date(FIRST_YEAR, 1, 1).toordinal(), dt.date(LAST_YEAR, 12, 31).toordinal()
    for day, source, copied in days:
        if low <= day + _EPOCH <= high:
            dated.append((dt.date.fromordinal(day + _EPOCH), source, copied))
        else:
            outside += source
    return sorted(dated), outside


def _grid_for(dated: Sequence[tuple[dt.date, int, int]]) -> _Grid:
    years = len({date.year for date, _, _ in dated})
    if years <= YEARS_BY_DAY:
        labels = [((dt.date(2001, month, 1).timetuple().tm_yday + 5) // 7, MONTHS[month - 1]) for month in range(1, 13)]
        return _Grid("day", lambda d: d.year, _week_and_weekday, (11, 11), 7, labels, 54, 2, lambda d: d.isoformat())
    if years <= YEARS_BY_MONTH:
        labels = [(month, MONTHS[month]) for month in range(12)]
        return _Grid(
            "month", lambda d: d.year, lambda d: (d.month - 1, 0), (46, 13), 1, labels, 12, 3, lambda d: f"{d:%Y-%m}"
        )
    labels = [(year, f"+{year}") for year in range(10)]
    return _Grid(
        "year", lambda d: d.year // 10 * 10, lambda d: (d.year % 10, 0), (56, 15), 1, labels, 10, 3, lambda d: f"{d:%Y}"
    )


def _week_and_weekday(date: dt.date) -> tuple[int, int]:
    first = dt.date(date.year, 1, 1).weekday()
    return (date.timetuple().tm_yday - 1 + first) // 7, date.weekday()


_LEFT, _TOP = 48, 18


def _calendar_svg(
    grid: _Grid,
    rows: Mapping[int, Mapping[tuple[int, int], _Cell]],
    words: Mapping[tuple[int, tuple[int, int]], str],
) -> tuple[str, str]:
    peak = max((cell.source for cells in rows.values() for cell in cells.values()), default=0)
    step_x, step_y = grid.cell[0] + grid.gap, grid.cell[1] + grid.gap
    height_of_row = step_y * grid.lines + (8 if grid.lines > 1 else 0)
    body = [f'<text class="label" x="{_LEFT + step_x * column}" y="11">{text}</text>' for column, text in grid.labels]
    holes = 0
    for index, row in enumerate(sorted(rows)):
        top = _TOP + index * height_of_row
        body.append(f'<text class="row" x="0" y="{top + (step_y * grid.lines) // 2 + 4}">{row}</text>')
        body.append(_ground(grid, row, top))
        for place, cell in sorted(rows[row].items()):
            holes += cell.copied < cell.source
            body.append(
                _cell(grid, (_LEFT + place[0] * step_x, top + place[1] * step_y), cell, peak, words[row, place])
            )
    size = (_LEFT + grid.columns * step_x, _TOP + max(1, len(rows)) * height_of_row)
    title = f"Items per {grid.name}, source over copy"
    said = _holes_words(grid, holes)
    return _svg("calendar", size, title, said if rows else "No dated items", "".join(body)), title


def _holes_words(grid: _Grid, holes: int) -> str:
    if not holes:
        return "No holes: every dated item is in the copy"
    verb = "has" if holes == 1 else "have"
    return f"{count(holes, grid.name)} {verb} items that were not copied"


def _ground(grid: _Grid, row: int, top: int) -> str:
    """Return the empty cells of one row as a single path."""
    width, height = grid.cell
    marks = "".join(
        f"M{_LEFT + column * (width + grid.gap)} {top + line * (height + grid.gap)}h{width}v{height}h-{width}z"
        for column, line in _places(grid, row)
    )
    return f'<path class="ground" d="{marks}"/>'


def _places(grid: _Grid, row: int) -> Iterator[tuple[int, int]]:
    if grid.lines == 1:
        yield from ((column, 0) for column in range(grid.columns))
        return
    day = dt.date(row, 1, 1)
    while day.year == row:
        yield _week_and_weekday(day)
        day += dt.timedelta(days=1)


def _cell(grid: _Grid, corner: tuple[int, int], cell: _Cell, peak: int, word: str) -> str:
    """Return one cell: filled by how much the source has; a hole where the copy has less."""
    width, height = grid.cell
    tip = f"{word}: {cell.source:,} at the source, {cell.copied:,} copied"
    if cell.copied >= cell.source:
        look, inset = f"q{_level(cell.source, peak)}", 0.0
    else:
        look, inset = "hole", 0.75
    x, y = corner[0] + inset, corner[1] + inset
    mark = (
        f'<rect class="{look}" x="{x:g}" y="{y:g}" width="{width - 2 * inset:g}" '
        f'height="{height - 2 * inset:g}" rx="2">'
        f"<title>{tip}</title></rect>"
    )
    if look == "hole" and cell.copied:
        filled = (width - 3) * min(MOST_FILLED, cell.copied / cell.source)
        mark += f'<rect class="part" x="{corner[0] + 1.5:g}" y="{corner[1] + 1.5:g}" '
        mark += f'width="{filled:.1f}" height="{height - 3}"/>'
    return mark


def _level(count: int, peak: int) -> int:
    """Return 1 to 4, by the logarithm: one busy day must not turn all others pale."""
    if peak <= 1:
        return 3
    return 1 + min(3, int(4 * (count.bit_length() - 1) / max(1, peak.bit_length())))


def _calendar_rows(dated: Sequence[tuple[dt.date, int, int]]) -> list[tuple[str, ...]]:
    years = len({date.year for date, _, _ in dated})
    form = "%Y-%m" if years <= YEARS_BY_DAY else "%Y"
    table: dict[str, _Cell] = {}
    for date, source, copied in dated:
        cell = table.setdefault(date.strftime(form), _Cell())
        cell.source += source
        cell.copied += copied
    return [(word, f"{c.source:,}", f"{c.copied:,}", f"{c.source - c.copied:,}") for word, c in table.items()]


def _svg(name: str, size: tuple[int, int], title: str, said: str, inner: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" role="img" viewBox="0 0 {size[0]} {size[1]}" '
        f'aria-labelledby="{name}-title {name}-said"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-said">{escape(said)}</desc>{inner}</svg>'
    )
