"""Names made to mislead a reader, followed through every way the program speaks: text, JSON, page, log, completion."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from unicodedata import category, east_asian_width

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.events import CollectionNote, Event, ItemSettled, JobStarted
from tests.wherry.conftest import Answer, Run, make_pim, write_event
from wherry.cli.jobs import table
from wherry.cli.output import JsonPrinter, PlainPrinter
from wherry.cli.progress import note_line
from wherry.cli.trouble import tell
from wherry.exits import Exit
from wherry.explain import Explanation, reason_words
from wherry.showing import columns, count, duration, folder, padded, show, size

EVIL = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "clear": "\x1b[2J\x1b[H",
    "c1": "\x9b31m",
    "override": "abc\u202egnp.exe",
    "isolate": "\u2067right\u2069",
    "marks": "\u200e\u200f\u061c",
    "bell": "ding\x07\x08\x08",
    "tags": "\U000e0041\U000e0042",
    "separators": "a\u2028b\u2029c\x85d\x0bd\x0ce",
    "zero": "a\u200bb\ufeffc\u00add",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;",
    "format": "%s %(x)s {x} {0} [bold]x[/bold] :smile:",
    "long": "n" * 500,
    "wide": "日本語カレンダー",
    "emoji": "👨\u200d👩\u200d👧 birthdays",
    "private": "\ue000\uf8ff",
}
"""What it is -> a name a server may give a calendar."""


def fit_for_a_terminal(text: str) -> bool:
    """Whether nothing in *text* but line ends and joiners is invisible, moves the cursor or turns the line."""
    return all(char.isprintable() or char in "\n\u200c\u200d" for char in text)


def spoken(answer: Answer) -> str:
    return answer.out + answer.err


@pytest.fixture(params=sorted(EVIL))
def pim(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a folder in which a calendar has an evil name, and one item cannot be copied."""
    made = make_pim(tmp_path / "pim", events=2, cards=1)
    (made / "Work" / "displayname").write_text(EVIL[request.param], encoding="utf-8", newline="")
    (made / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    return made


class Text(HTMLParser):
    """Collects tags and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_no_command_lets_a_name_through(run: Run, home: Path, pim: Path, tmp_path: Path) -> None:
    copy, page = tmp_path / "copy", tmp_path / "page.html"
    dry = run("backup", str(pim), "--to", str(copy), "--dry-run")
    first = run("backup", str(pim), "--to", str(copy), "-v")
    assert first.code == 3
    write_event(pim / "Work", "e000", summary="Changed")
    again = run("backup", str(pim), "--to", str(copy))
    for path in (pim / "Work").glob("*.ics"):
        path.unlink()
    (pim / "Work" / "displayname").unlink()
    (pim / "Work").rmdir()
    gone = run("backup", str(pim), "--to", str(copy), "--plain")
    answers = [dry, first, again, gone]
    job = run("jobs", "--json").job
    looks = (
        ("report",),
        ("status",),
        ("jobs",),
        ("watch", job),
        ("verify", job),
        ("history", str(copy)),
        ("export", str(copy), "--to", str(tmp_path / "all.ics")),
        ("report", "--html", str(page)),
        ("doctor",),
    )
    answers += [run(*args) for args in looks]
    for answer in answers:
        assert fit_for_a_terminal(spoken(answer))
    assert all(len(line) < 700 for answer in answers for line in spoken(answer).splitlines())
    found = Text(page.read_text("utf-8"))
    assert not found.tags & {"script", "img", "iframe", "a", "form"}
    assert fit_for_a_terminal(found.text)
    log = (home / "wherry.log").read_text("utf-8")
    assert fit_for_a_terminal(log)


def test_json_lines_hold_the_true_name_in_letters_everybody_reads(run: Run, pim: Path, tmp_path: Path) -> None:
    true = (pim / "Work" / "displayname").read_text("utf-8").strip()
    answer = run("backup", str(pim), "--to", str(tmp_path / "copy"), "--json")
    report = run("report", "--json")
    for found in (answer, report):
        assert found.out.isascii()
        assert all(char.isprintable() or char == "\n" for char in found.out)
    names = {line["name"] for line in report.lines if line["type"] == "collection"}
    assert len(names) == 2
    assert any(name in true or true in name or name == "Work" for name in names)


ways: list[tuple[str, Callable[[str], str]]] = [
    ("show", show),
    ("folder", lambda text: folder(f"/home/ana/{text}", home="/home/ana")),
    ("reason", reason_words),
    ("note", lambda text: note_line(CollectionNote("7f3a", text, text, text))),
]


@pytest.mark.parametrize("name", sorted(EVIL))
@pytest.mark.parametrize(("way", "speak"), ways, ids=[name for name, _ in ways])
def test_each_way_to_speak_is_safe_by_itself(way: str, speak: Callable[[str], str], name: str) -> None:
    said = speak(EVIL[name])
    assert fit_for_a_terminal(said), way
    assert "\n" not in said


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_printers_say_any_text_on_one_line_each(text: str) -> None:
    import io

    events: list[Event] = [
        JobStarted("7f3a", "backup", text, text, 1, resumed=False),
        CollectionNote("7f3a", text, text, text),
        ItemSettled("7f3a", text, text, "failed", text, text, retry=False),
    ]
    plain, lines = io.StringIO(), io.StringIO()
    for event in events:
        PlainPrinter(plain)(event)
        JsonPrinter(lines)(event)
    assert fit_for_a_terminal(plain.getvalue())
    assert len(plain.getvalue().split("\n")) == 3
    back = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert back[0]["source"] == back[1]["collection"] == back[2]["ref"] == text
    assert lines.getvalue().isascii()


@given(st.text(max_size=2000))
@settings(max_examples=80, deadline=None)
def test_an_error_of_any_words_takes_two_lines_and_no_more(text: str) -> None:
    import contextlib
    import io

    from wherry.cli.flags import Flags

    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        tell(Explanation("Title", text or "x", Exit.USAGE, "place"), text, Flags())
    said = stream.getvalue()
    assert fit_for_a_terminal(said)
    assert said.count("\n") == 2
    assert len(said) < 2100


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("Work", 4),
        ("café", 4),
        ("cafe\u0301", 4),
        ("日本", 4),
        ("日本x", 5),
        ("ｆｕｌｌ", 8),
        ("ﾊﾝｶｸ", 4),
        ("👍", 2),
        ("한국어", 6),
        ("נמש", 3),
        ("a\u200db", 2),
        ("…", 1),
    ],
)
def test_columns_of_a_text(text: str, width: int) -> None:
    assert columns(text) == width
    assert columns(padded(text, 12)) == 12
    assert padded(text, 12).startswith(text)
    assert padded(text, 12, right=True).endswith(text)
    assert columns(padded(text, 12, right=True)) == 12
    assert padded(text, 0) == text


@given(st.text(max_size=40).map(show))
@settings(max_examples=200, deadline=None)
def test_columns_are_never_negative_and_at_most_two_for_a_letter(text: str) -> None:
    assert 0 <= columns(text) <= 2 * len(text)
    if all(east_asian_width(char) not in "WF" and category(char)[0] not in "MC" for char in text):
        assert columns(text) == len(text)


wide = st.text(st.sampled_from("abcé日本語한👍\u0301 "), max_size=8)


@given(st.lists(st.tuples(wide, wide, wide), max_size=6))
@settings(max_examples=80, deadline=None)
def test_a_table_stays_in_its_columns_whatever_is_in_it(rows: list[tuple[str, str, str]]) -> None:
    head = ("FIRST", "SECOND", "END")
    widths = [max(columns(row[at]) for row in [head, *rows]) for at in range(3)]
    for row, line in zip([head, *rows], table(head, rows).split("\n"), strict=False):
        assert columns(line) <= sum(widths) + 4
        start = padded(row[0], widths[0]) + "  " + padded(row[1], widths[1]) + "  "
        assert (start + row[2]).rstrip() == line


@given(st.integers(0, 10**15), st.floats(-10, 10**7))
@settings(max_examples=150, deadline=None)
def test_numbers_are_short_and_have_a_unit(octets: int, seconds: float) -> None:
    assert re.fullmatch(r"\d{1,4}(\.\d)? (B|kB|MB|GB|TB)", size(octets))
    assert re.fullmatch(r"(\d+:)?\d{1,2}:\d{2}", duration(seconds))
    assert count(octets, "item").replace(",", "").split()[0] == str(octets)
