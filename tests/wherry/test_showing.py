from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.showing import count, duration, folder, moment, show, size


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Work", "Work"),
        ("Ana Silva, ünïcödé 日本語", "Ana Silva, ünïcödé 日本語"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("two\nlines", "two\\nlines"),
        ("tab\there", "tab\\there"),
        ("bell\x07", "bell\\x07"),
        ("back\x08\x08", "back\\x08\\x08"),
        ("carriage\rreturn", "carriage\\rreturn"),
        ("abc\u202egnp.exe", "abc\\u202egnp.exe"),
        ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
        ("line\u2028separator", "line\\u2028separator"),
        ("c1\x9bcsi", "c1\\x9bcsi"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("lone \ud800", "lone \\ud800"),
        ("\u200bzero", "\\u200bzero"),
        ("नमस्\u200dते", "नमस्\u200dते"),
        ("👨\u200d👩\u200d👧 \x00", "👨\u200d👩\u200d👧 \\x00"),
        ("", ""),
    ],
)
def test_hostile_names_are_spelled_out(text: str, shown: str) -> None:
    assert show(text) == shown


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_whatever_is_shown_is_one_printable_line(text: str) -> None:
    shown = show(text)
    assert len(shown) <= 200
    assert all(char.isprintable() or char in "\u200c\u200d" for char in shown)


def test_a_long_text_is_cut_and_says_so() -> None:
    assert show("x" * 201) == "x" * 199 + "…"
    assert show("x" * 200) == "x" * 200
    assert show("abc", limit=2) == "a…"


@pytest.mark.parametrize(
    ("number", "noun", "plural", "words"),
    [
        (0, "item", "", "0 items"),
        (1, "item", "", "1 item"),
        (2, "item", "", "2 items"),
        (18_204, "message", "", "18,204 messages"),
        (1, "entry", "entries", "1 entry"),
        (3, "entry", "entries", "3 entries"),
        (1_234_567, "", "", "1,234,567"),
    ],
)
def test_counts(number: int, noun: str, plural: str, words: str) -> None:
    assert count(number, noun, plural) == words


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_200_000, "1.2 MB"),
        (2_900_000_000, "2.9 GB"),
        (5_000_000_000_000, "5.0 TB"),
        (7_000_000_000_000_000, "7000.0 TB"),
    ],
)
def test_sizes(octets: int, words: str) -> None:
    assert size(octets) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (7, "0:07"), (59.6, "1:00"), (920, "15:20"), (7380, "2:03:00"), (90_000, "25:00:00"), (-3, "0:00")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_moment_that_never_was_is_a_dash() -> None:
    assert moment(None) == "-"
    assert len(moment(1_700_000_000.0)) == len("2023-11-14 22:13")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/home/ana", "~"),
        ("/home/ana/pim", "~/pim"),
        ("/home/anabel/pim", "/home/anabel/pim"),
        ("/srv/x", "/srv/x"),
        ("/home/ana/\x1b[2J", "~/\\x1b[2J"),
    ],
)
def test_folders(path: str, words: str) -> None:
    assert folder(path, home="/home/ana") == words
    assert folder(path, home="/home/ana/") == words


def test_without_a_home_folder_nothing_is_shortened() -> None:
    assert folder("/x", home="") == "/x"
