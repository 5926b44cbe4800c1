"""How errors end: words on standard error, one line of JSON, a code; and tables people read."""

from __future__ import annotations

import json
import logging

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConnectorError, DestinationFull, ReauthRequired, Transient
from sync_engine.errors import JobAmbiguous, JobBusy, JobUnknown
from tests.wherry.conftest import EVENT
from wherry.cli.choices import Choices
from wherry.cli.flags import Flags
from wherry.cli.jobs import table
from wherry.cli.session import place_words
from wherry.cli.trouble import settle
from wherry.errors import PlaceError, SettingsError
from wherry.wiring import SEPARATOR

ENDS: list[tuple[BaseException, int, str]] = [
    (PlaceError("Unknown kind of place 'x'", hint="Did you mean 'y'?"), 2, "Did you mean 'y'?"),
    (SettingsError("bad"), 2, "bad"),
    (JobUnknown("ffff"), 10, "there is no job ffff"),
    (JobAmbiguous("7", ["7a", "7b"]), 10, "7a, 7b"),
    (JobBusy("7f3a", "host:1:x"), 11, "wherry watch"),
    (ReauthRequired("401"), 12, "app password"),
    (DestinationFull("507"), 13, "Make room"),
    (Transient("reset"), 5, "Run the same command again"),
    (KeyboardInterrupt(), 130, "Nothing is lost"),
    (click.Abort(), 130, "Nothing is lost"),
    (click.UsageError("no such thing"), 2, "no such thing"),
    (ConnectorError("odd"), 1, "Something unexpected"),
    (RuntimeError("bug"), 1, "RuntimeError"),
    (RecursionError(), 1, "RecursionError"),
    (MemoryError(), 1, "MemoryError"),
]


@pytest.mark.parametrize(("error", "code", "words"), ENDS, ids=lambda value: type(value).__name__)
def test_every_end_has_words_and_a_code(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, error: BaseException, code: int, words: str
) -> None:
    caplog.set_level(logging.CRITICAL)
    assert settle(error, Flags()) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("wherry: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(("error", "code", "words"), ENDS, ids=lambda value: type(value).__name__)
def test_every_end_is_one_line_of_json(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, error: BaseException, code: int, words: str
) -> None:
    caplog.set_level(logging.CRITICAL)
    settle(error, Flags(json=True))
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert (found["v"], found["type"], found["code"]) == (1, "exit_error", code)
    assert set(found) == {"v", "type", "code", "reason", "title", "detail", "what_to_do"}
    assert words in " ".join([found["title"], found["detail"], found["what_to_do"]])


def test_what_an_unexpected_error_says_is_for_the_log_only(capsys: pytest.CaptureFixture[str]) -> None:
    settle(RuntimeError("secret words of a server"), Flags())
    assert "secret words" not in capsys.readouterr().err


def test_what_a_server_says_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    settle(Transient("\x1b[2J\u202eevil\nwherry: all is well"), Flags())
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert "\u202e" not in err
    assert err.count("\n") == 2


def test_click_and_python_may_end_by_themselves() -> None:
    assert settle(click.exceptions.Exit(3), Flags()) == 3
    assert settle(SystemExit(4), Flags()) == 4
    assert settle(SystemExit("words"), Flags()) == 1


cells = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8).map(str.strip)


@given(st.lists(st.tuples(cells, cells, cells), max_size=8), st.sets(st.integers(0, 2)))
@settings(max_examples=60, deadline=None)
def test_columns_of_a_table_begin_or_end_at_one_place(rows: list[tuple[str, str, str]], right: set[int]) -> None:
    head = ("FIRST", "SECOND", "THIRD")
    lines = table(head, rows, right=frozenset(right)).split("\n")
    assert lines[-1] == ""
    assert len(lines) == len(rows) + 2
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(3)]
    starts = [0, widths[0] + 2, widths[0] + widths[1] + 4]
    for row, line in zip([head, *rows], lines, strict=False):
        padded = line.ljust(sum(widths) + 4)
        for column in range(3):
            field = padded[starts[column] : starts[column] + widths[column]]
            assert field == (row[column].rjust if column in right else row[column].ljust)(widths[column])
        assert line == line.rstrip()


@pytest.mark.parametrize(
    ("chosen", "options"),
    [
        ({}, {}),
        ({"only": (), "collection": ()}, {}),
        ({"only": ("contacts",)}, {"only": "contact"}),
        ({"only": ("contacts", "calendars", "contacts")}, {"only": f"contact{SEPARATOR}event"}),
        ({"collection": ("Work", "Two words", "Work")}, {"collections": f"Two words{SEPARATOR}Work"}),
        ({"only": ("calendars",), "dry_run": True}, {"only": "event"}),
    ],
)
def test_choices_are_kept_in_one_order(chosen: dict[str, object], options: dict[str, str]) -> None:
    assert Choices.of(chosen).options() == options
    assert Choices.of(chosen).dry_run is bool(chosen.get("dry_run"))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("dav:home", "dav:home"),
        ("vdir:/srv/pim", "/srv/pim"),
        ("vdir:/srv/\x1b[31m", "/srv/\\x1b[31m"),
        ("dav:home/\u202eevil", "dav:home/\\u202eevil"),
    ],
)
def test_places_as_people_read_them(place: str, words: str) -> None:
    assert place_words(place) == words


def test_flags_that_contradict_each_other() -> None:
    assert Flags(json=True, plain=True).contradiction()
    assert Flags(quiet=True, verbose=True).contradiction()
    assert not Flags(json=True, quiet=True).contradiction()
    assert "SUMMARY" in EVENT
