"""What is said about time: never negative, never invented, unknown while it is unknown."""

from __future__ import annotations

import io
import json
import re
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.events import CollectionNote, Estimate, Event, JobStarted, PhaseEntered, Progress, RunEnded, Waiting
from wherry.cli.output import JsonPrinter, PlainPrinter
from wherry.cli.progress import VERBS, Standing
from wherry.cli.rate import KNOWN_AFTER, LONGEST, WINDOW, Rate
from wherry.cli.terminal import NARROW, PATIENCE, TerminalPrinter

START = JobStarted("7f3a", "backup", "dav:home", "vdir:/pim", 1, resumed=False)
COPY = PhaseEntered("7f3a", "copy")
ENDED = RunEnded("7f3a", "done", 1, 3, 3, 0, 0, 0, 3, 0, 900, 1.5)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def progress(done: int, total: int, *, size: int = 0, problems: int = 0) -> Progress:
    return Progress("7f3a", "copy", "Work", done, total, size, problems)


steps = st.lists(st.tuples(st.floats(0, 10_000), st.integers(-500, 1000)), min_size=1, max_size=25)


@given(steps, st.floats(0, 1e7), st.integers(-5, 10**9))
@settings(max_examples=200, deadline=None)
def test_whatever_is_observed_rate_and_time_left_are_sensible(
    some: list[tuple[float, int]], silence: float, remaining: int
) -> None:
    """A count may go back (items vanish while a job is watched) and nothing may come for weeks."""
    rate, now, done = Rate(), 0.0, 0
    rate.observe(0, 0.0)
    for span, more in some:
        now, done = now + span, max(0, done + more)
        rate.observe(done, now)
    now += silence
    speed, left = rate.per_second(now), rate.left(remaining, now)
    assert speed is None or 0 <= speed < float("inf")
    assert left is None or 0 < left <= LONGEST
    assert left is None or round(left) >= 0
    if speed is None or remaining <= 0:
        assert left is None


def test_a_time_left_of_weeks_is_not_said() -> None:
    rate = Rate()
    rate.observe(0, 0.0)
    rate.observe(10, 10.0)
    assert rate.left(1000, 10.0) == pytest.approx(1000)
    assert rate.left(int(LONGEST) + 1, 10.0) is None
    assert rate.left(1000, 10.0 + 20 * WINDOW) is None


@pytest.mark.parametrize("silence", [100.0, 1000.0, 7_000.0, 7_371.0, 7_450.0, 10_000.0, 1e9])
def test_after_any_silence_a_line_can_be_drawn(silence: float) -> None:
    """A rate that has almost faded would make an endless time, and an endless time has no digits."""
    clock = Clock()
    standing, stream = Standing(clock), io.StringIO()
    printer = JsonPrinter(stream, clock=clock)
    for event in (START, COPY, progress(0, 1000)):
        standing.take(event)
        printer(event)
    clock.now += 10
    standing.take(progress(100, 1000))
    clock.now += silence
    assert "copying" in standing.line(bar=10)
    printer(progress(101, 1000))
    printer.close()
    last = json.loads(stream.getvalue().splitlines()[-1])
    assert last["eta_s"] is None or last["eta_s"] >= 0


def test_a_count_that_goes_back_makes_no_negative_rate() -> None:
    rate = Rate()
    rate.observe(100, 0.0)
    rate.observe(20, 5.0)
    assert rate.per_second(5.0) == 0
    assert rate.left(80, 5.0) is None
    rate.observe(40, 10.0)
    speed = rate.per_second(10.0)
    assert speed is not None
    assert speed > 0


@pytest.mark.parametrize("seconds", [0.0, 0.5, KNOWN_AFTER - 0.01])
def test_nothing_is_said_in_the_first_moments(seconds: float) -> None:
    clock = Clock()
    standing = Standing(clock)
    standing.take(COPY)
    standing.take(progress(0, 1000))
    clock.now += seconds
    standing.take(progress(500, 1000))
    assert standing.rate() is None
    assert standing.eta() is None
    assert "ETA" not in standing.line()
    assert "items/" not in standing.line()


events = st.lists(
    st.one_of(
        st.just(START),
        st.sampled_from([PhaseEntered("7f3a", name) for name in (*VERBS, "unheard-of", "")]),
        st.builds(Estimate, st.just("7f3a"), st.integers(0, 5), st.integers(0, 10**6)),
        st.builds(
            progress, st.integers(0, 200), st.integers(0, 200), size=st.integers(0, 10**12), problems=st.integers(0, 9)
        ),
        st.builds(Waiting, st.just("7f3a"), st.floats(0, 10_000), st.just("throttled")),
        st.just(CollectionNote("7f3a", "Work", "gone", "")),
        st.just(ENDED),
    ),
    max_size=20,
)


@given(events, st.lists(st.floats(0, 500), min_size=20, max_size=20), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_any_order_of_events_gives_a_line_and_lines_of_json(some: list[Event], spans: list[float], bar: int) -> None:
    clock, plain, lines = Clock(), io.StringIO(), io.StringIO()
    standing = Standing(clock)
    plain_printer, json_printer = PlainPrinter(plain, clock=clock), JsonPrinter(lines, clock=clock)
    for event, span in zip(some, spans, strict=False):
        clock.now += span
        for listener in (standing.take, plain_printer, json_printer):
            listener(event)
        line = standing.line(bar=bar)
        assert "\n" not in line
        assert "-" not in re.sub(r"[\w-]+ \.\.\.", "", line).replace("unheard-of", "")
        assert not re.search(r"\d{3,} %", line) or "100 %" in line
    json_printer.close()
    for text in lines.getvalue().splitlines():
        found: dict[str, Any] = json.loads(text)
        if found["type"] == "progress":
            assert found["rate"] is None or found["rate"] >= 0
            assert found["eta_s"] is None or 0 <= found["eta_s"] <= LONGEST


def test_the_standing_can_be_drawn_while_it_changes() -> None:
    """A terminal draws from a thread of its own."""
    standing, over, wrong = Standing(lambda: 0.0), threading.Event(), list[BaseException]()

    def draw() -> None:
        try:
            while not over.is_set():
                standing.line(bar=8)
                standing.eta()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            wrong.append(error)

    thread = threading.Thread(target=draw)
    thread.start()
    for number in range(3000):
        standing.take(progress(number, 3000))
        if number % 7 == 0:
            standing.take(COPY)
    over.set()
    thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("columns", "bar"), [(40, 0), (NARROW - 1, 0), (NARROW, 12), (NARROW + 29, 12), (NARROW + 30, 24), (200, 24)]
)
def test_the_bar_is_as_wide_as_the_terminal_allows(columns: int, bar: int) -> None:
    stream, clock = Terminal(), Clock()
    printer = TerminalPrinter(stream, clock=clock)
    printer(COPY)
    printer(progress(50, 100))
    drawn = printer._draw(columns).plain
    found = re.search(r"\[(.*)\]", drawn)
    assert (len(found[1]) if found else 0) == bar
    printer.close()


@pytest.mark.parametrize(("seconds", "drawn"), [(0.0, False), (PATIENCE, False), (PATIENCE + 0.01, True)])
def test_a_run_is_drawn_once_it_is_worth_watching(seconds: float, drawn: bool) -> None:
    stream, clock = Terminal(), Clock()
    printer = TerminalPrinter(stream, clock=clock)
    clock.now += seconds
    printer(progress(1, 2))
    printer.close()
    assert bool(stream.getvalue()) is drawn
    printer(progress(2, 2))
    assert printer._live is None


def test_notes_of_a_short_run_come_once_at_its_end() -> None:
    stream, clock = Terminal(), Clock()
    printer = TerminalPrinter(stream, clock=clock)
    for name in ("Work", "Friends"):
        printer(CollectionNote("7f3a", name, "read-only", ""))
    assert stream.getvalue() == ""
    printer.close()
    printer.close()
    assert stream.getvalue() == "  Work: read-only\n  Friends: read-only\n"


def test_plain_lines_tell_a_long_wait_once_a_minute() -> None:
    stream, clock = io.StringIO(), Clock()
    printer = PlainPrinter(stream, clock=clock)
    printer(COPY)
    for _ in range(30):
        clock.now += 10
        printer(Waiting("7f3a", 300.0, "throttled"))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "copying"
    assert lines[1:] == ["waiting 5:00, as the provider asked"] * 5
