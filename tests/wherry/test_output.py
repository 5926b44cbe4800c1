from __future__ import annotations

import io
import json
from typing import Any

import pytest

from sync_engine.events import (
    CollectionNote,
    Estimate,
    Event,
    ItemSettled,
    JobStarted,
    PhaseEntered,
    Progress,
    RunEnded,
    Waiting,
)
from wherry.cli.flags import Flags
from wherry.cli.output import JsonPrinter, PlainPrinter, QuietPrinter, choose_printer, json_of
from wherry.cli.progress import note_line
from wherry.cli.terminal import TerminalPrinter

JOB = JobStarted("7f3a", "backup", "dav:home", "vdir:/pim", 1, resumed=False)
COPY = PhaseEntered("7f3a", "copy")
ENDED = RunEnded("7f3a", "done", 1, 3, 3, 0, 0, 0, 3, 0, 900, 1.5)
ALL: list[Event] = [
    JOB,
    PhaseEntered("7f3a", "collections"),
    Estimate("7f3a", 2, 3),
    COPY,
    ItemSettled("7f3a", "Work", "x.ics", "failed", "rejected", "too large", retry=True),
    CollectionNote("7f3a", "Friends", "read-only", ""),
    Waiting("7f3a", 3.21, "throttled"),
    Progress("7f3a", "copy", "Work", 3, 3, 900, 1),
    ENDED,
]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def progress(done: int, total: int = 100) -> Progress:
    return Progress("7f3a", "copy", "Work", done, total, done * 10, 0)


def json_lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


SHAPES: dict[str, set[str]] = {
    "job": {"job", "kind", "source", "destination", "run", "resumed"},
    "phase": {"job", "phase"},
    "estimate": {"job", "collections", "items"},
    "progress": {"job", "phase", "collection", "done", "total", "bytes", "problems", "rate", "eta_s"},
    "item": {"job", "collection", "ref", "outcome", "reason", "detail", "retry"},
    "note": {"job", "collection", "reason", "detail"},
    "waiting": {"job", "seconds", "reason"},
}


def test_each_type_of_json_line_has_its_shape() -> None:
    stream = io.StringIO()
    printer = JsonPrinter(stream)
    for event in ALL:
        printer(event)
    printer.close()
    lines = json_lines(stream)
    assert [line["type"] for line in lines] == [
        "job",
        "phase",
        "estimate",
        "phase",
        "item",
        "note",
        "waiting",
        "progress",
    ]
    for line in lines:
        assert line["v"] == 1
        assert set(line) == SHAPES[line["type"]] | {"v", "type"}


def test_json_is_ascii_so_that_no_name_can_drive_a_terminal() -> None:
    stream = io.StringIO()
    JsonPrinter(stream)(CollectionNote("7f3a", "\x1b]0;owned\x07 \u202e", "x", ""))
    assert stream.getvalue().isascii()
    assert "\x1b" not in stream.getvalue()
    assert json_lines(stream)[0]["collection"] == "\x1b]0;owned\x07 \u202e"


def test_progress_comes_at_most_twice_a_second_and_the_last_one_always() -> None:
    stream, clock = io.StringIO(), Clock()
    printer = JsonPrinter(stream, clock=clock)
    printer(COPY)
    for done in range(1, 101):
        clock.now += 0.05
        printer(progress(done))
    printer.close()
    found = [line["done"] for line in json_lines(stream) if line["type"] == "progress"]
    assert len(found) <= 5 / 0.5 + 2
    assert found[-1] == 100
    assert found == sorted(set(found))


def test_held_progress_is_written_before_whatever_comes_next() -> None:
    stream, clock = io.StringIO(), Clock()
    printer = JsonPrinter(stream, clock=clock)
    printer(COPY)
    printer(progress(1))
    printer(progress(2))
    printer(PhaseEntered("7f3a", "finishing"))
    assert [(line["type"], line.get("done")) for line in json_lines(stream)] == [
        ("phase", None),
        ("progress", 1),
        ("progress", 2),
        ("phase", None),
    ]


def test_rate_and_time_left_are_null_until_known() -> None:
    stream, clock = io.StringIO(), Clock()
    printer = JsonPrinter(stream, clock=clock)
    printer(COPY)
    printer(progress(0))
    clock.now = 10.0
    printer(progress(50))
    first, second = (line for line in json_lines(stream) if line["type"] == "progress")
    assert (first["rate"], first["eta_s"]) == (None, None)
    assert (second["rate"], second["eta_s"]) == (5.0, 10)


class Flushed(io.StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.flushes = 0

    def flush(self) -> None:
        self.flushes += 1


def test_every_json_line_is_flushed() -> None:
    stream = Flushed()
    printer = JsonPrinter(stream)
    for event in ALL:
        printer(event)
    assert stream.flushes == len(stream.getvalue().splitlines())


def test_plain_lines_tell_phases_and_one_line_a_minute() -> None:
    stream, clock = io.StringIO(), Clock()
    printer = PlainPrinter(stream, clock=clock)
    printer(JOB)
    printer(COPY)
    for second in range(1, 241):
        clock.now = float(second)
        printer(progress(second, 240))
    printer.close()
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["job 7f3a: run 1, dav:home -> vdir:/pim", "copying"]
    assert len(lines) == 2 + 4
    assert all(line.startswith("copying  ") for line in lines[2:])


def test_plain_lines_say_that_a_run_goes_on() -> None:
    stream = io.StringIO()
    PlainPrinter(stream)(JobStarted("7f3a", "backup", "a", "b", 2, resumed=True))
    assert stream.getvalue() == "job 7f3a: goes on, a -> b\n"


def test_a_hostile_collection_cannot_reach_the_terminal() -> None:
    stream = io.StringIO()
    PlainPrinter(stream)(CollectionNote("7f3a", "\x1b[2JWork\u202e", "read-only", "line\nbreak"))
    assert stream.getvalue() == "\\x1b[2JWork\\u202e: read-only (line\\nbreak)\n"
    assert note_line(CollectionNote("7f3a", "Work", "gone", "")) == "Work: gone"


def test_quiet_is_quiet() -> None:
    printer = QuietPrinter()
    for event in ALL:
        printer(event)
    printer.close()


@pytest.mark.parametrize(
    ("flags", "terminal", "kind"),
    [
        (Flags(json=True), True, JsonPrinter),
        (Flags(json=True, quiet=True), False, JsonPrinter),
        (Flags(quiet=True), True, QuietPrinter),
        (Flags(plain=True), True, PlainPrinter),
        (Flags(), False, PlainPrinter),
        (Flags(), True, TerminalPrinter),
    ],
)
def test_who_gets_which_printer(flags: Flags, terminal: bool, kind: type) -> None:
    stderr = Terminal() if terminal else io.StringIO()
    assert type(choose_printer(flags, stdout=io.StringIO(), stderr=stderr)) is kind


def test_a_short_run_draws_nothing_on_a_terminal() -> None:
    stream, clock = Terminal(), Clock()
    printer = TerminalPrinter(stream, clock=clock)
    for event in ALL:
        printer(event)
    assert stream.getvalue() == ""
    printer.close()
    assert stream.getvalue() == "  Friends: read-only\n"


def test_a_long_run_draws_one_line_and_removes_it() -> None:
    stream, clock = Terminal(), Clock()
    printer = TerminalPrinter(stream, clock=clock)
    printer(JOB)
    printer(COPY)
    clock.now = 1.0
    printer(progress(50))
    printer(CollectionNote("7f3a", "[bold]Work\x1b[31m", "read-only", ""))
    printer.close()
    printer.close()
    drawn = stream.getvalue()
    assert "copying" in drawn
    assert "50/100" in drawn
    assert "[bold]Work\\x1b[31m: read-only" in drawn
    assert drawn.count("\n") <= 4


def test_the_end_of_a_run_is_told_elsewhere() -> None:
    assert json_of(ENDED) is None
