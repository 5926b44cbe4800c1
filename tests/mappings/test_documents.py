"""The tree: nothing is lost, whatever the file; broken places are named and stay where they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from mappings.documents import Component, Problem, boundary, parse
from mappings.errors import TooDeep, TooLarge
from mappings.folding import fold, line_end, raw_lines, unfold
from mappings.limits import Limits
from tests.mappings.samples import ANYTHING, FULL_CARD, FULL_EVENT, LOOSE, calendar, card, event, lines


@given(body=ANYTHING)
@settings(max_examples=400, deadline=None)
def test_whatever_is_read_is_written_back(body: bytes) -> None:
    assert parse(body, limits=LOOSE).to_bytes() == body


@given(body=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_raw_lines_are_the_file_in_pieces(body: bytes) -> None:
    pieces = list(raw_lines(body))
    assert b"".join(pieces) == body
    assert all(pieces)
    assert all(line_end(piece) for piece in pieces[:-1])


@given(body=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_a_folded_line_unfolds_to_itself(body: bytes) -> None:
    content = body.translate(None, b"\r\n")
    for end in (b"\r\n", b"\n", b"\r\r\n", b"\r"):
        folded = fold(content, end)
        assert folded.endswith(end)
        assert unfold(folded) == content or b"QUOTED-PRINTABLE" in content.upper()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"BEGIN:VEVENT\r\n", ("BEGIN", "VEVENT")),
        (b"begin:vEvent \n", ("BEGIN", "VEVENT")),
        (b"BEG\r\n IN:VEV\n\tENT\r", ("BEGIN", "VEVENT")),
        (b"END: VCARD", ("END", "VCARD")),
        (b"\r\n END:VCARD\r\n", ("END", "VCARD")),
        (b"END\r\n", ("", "")),
        (b"BEGINNING:x\r\n", ("", "")),
        (b" BEGIN:VEVENT\r\n", ("", "")),
        (b"BEGIN;X=1:VEVENT\r\n", ("", "")),
        (b"item1.BEGIN:VCARD\r\n", ("", "")),
        (b"\r\n", ("", "")),
    ],
)
def test_boundaries(raw: bytes, expected: tuple[str, str]) -> None:
    assert boundary(raw) == expected


def test_the_tree_of_a_whole_event() -> None:
    document = parse(FULL_EVENT)
    (outer,) = document.components("VCALENDAR")
    assert [item.name for item in outer.components()] == ["VTIMEZONE", "VEVENT"]
    (item,) = outer.components("VEVENT")
    assert item.text("SUMMARY") == "Besprechung mit allen Beteiligten, im großen Raum am Ende des langen Ganges"
    assert [line.name for line in item.lines("ATTENDEE", "ORGANIZER")] == ["ORGANIZER", "ATTENDEE"]
    assert item.text("X-AFTER") == "1"
    assert item.text("LOCATION") is None
    assert [alarm.text("TRIGGER") for alarm in item.components("VALARM")] == ["-PT15M"]
    assert not list(document.components("VCARD"))
    assert not document.problems


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param(lines("BEGIN:VCARD", "FN:x"), [("unclosed", 1)], id="cut-off"),
        pytest.param(lines("BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VCALENDAR"), [("unclosed", 2)], id="inner-open"),
        pytest.param(lines("BEGIN:VCARD", "END:VCARD", "END:VCARD"), [("stray-end", 3)], id="closed-twice"),
        pytest.param(lines("BEGIN:VCARD", "END:VEVENT", "END:VCARD"), [("stray-end", 2)], id="foreign-end"),
        pytest.param(lines("hello", "BEGIN:VCARD", "END:VCARD"), [("outside", 1)], id="text-before"),
        pytest.param(lines("BEGIN:VCARD", "END:VCARD", "X:1", ""), [("outside", 3)], id="text-after"),
        pytest.param(lines("", "BEGIN:VCARD", "", "END:VCARD", "", " "), [], id="blank-lines-are-none"),
        pytest.param(calendar("BEGIN:VEVENT", "UID:1", "BEGIN:VEVENT", "UID:2", "END:VEVENT"), [("unclosed", 4)],
                     id="next-event-begins"),
        pytest.param(calendar("BEGIN:VEVENT", "BEGIN:VALARM", "END:VEVENT"), [("unclosed", 5)], id="alarm-open"),
        pytest.param(lines("BEGIN:VCALENDAR", "BEGIN:VEVENT") + event(), [("unclosed", 1), ("unclosed", 2)],
                     id="next-calendar-begins"),
        pytest.param(lines("BEGIN:X-1", "BEGIN:X-1", "END:X-1", "END:X-1"), [], id="unknown-may-nest"),
    ],
)  # fmt: skip
def test_broken_places_are_named(body: bytes, problems: list[tuple[str, int]]) -> None:
    document = parse(body)
    assert [(problem.code, problem.line) for problem in document.problems] == problems
    assert all(problem.breaks for problem in document.problems)
    assert document.to_bytes() == body


def test_the_good_stay_readable_beside_the_broken() -> None:
    body = calendar(
        "BEGIN:VEVENT", "UID:1", "BEGIN:VALARM", "END:VEVENT",
        "BEGIN:VEVENT", "UID:2", "SUMMARY:never closed",
        "BEGIN:VEVENT", "UID:3", "END:VEVENT",
    )  # fmt: skip
    (outer,) = parse(body).components()
    assert [(item.text("UID"), bool(item.end)) for item in outer.components("VEVENT")] == [
        ("1", True),
        ("2", False),
        ("3", True),
    ]


def test_a_card_after_agent_text_is_not_nested() -> None:
    document = parse(lines("BEGIN:VCARD", "AGENT:Jane", "BEGIN:VCARD", "END:VCARD"))
    assert [component.name for component in document.components()] == ["VCARD", "VCARD"]
    assert document.problems == [Problem("unclosed", 1)]


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (Limits(octets=100), "bytes"),
        (Limits(line_octets=20), "line"),
        (Limits(lines=5), "lines"),
    ],
)
def test_limits_have_names(limits: Limits, what: str) -> None:
    with pytest.raises(TooLarge) as refused:
        parse(FULL_EVENT, limits=limits)
    assert refused.value.what == what
    assert refused.value.limit == min(limits.octets, limits.line_octets, limits.lines)


def test_nesting_is_limited() -> None:
    depth = 16
    nested = lines(*["BEGIN:X"] * depth, *["END:X"] * depth)
    assert parse(nested).to_bytes() == nested
    with pytest.raises(TooDeep) as refused:
        parse(lines(*["BEGIN:X"] * (depth + 1)))
    assert refused.value.limit == depth


def test_components_can_be_added_and_taken_away() -> None:
    document = parse(FULL_EVENT)
    (outer,) = document.components()
    (item,) = outer.components("VEVENT")
    (alarm,) = item.components("VALARM")
    item.items.remove(alarm)
    item.items.append(Component("VALARM", b"BEGIN:VALARM\r\n", [b"ACTION:DISPLAY\r\n"], b"END:VALARM\r\n"))
    edited = document.to_bytes()
    assert b"TRIGGER" not in edited
    assert edited.endswith(
        b"X-AFTER:1\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def test_views_of_cards_with_groups() -> None:
    (whole,) = parse(FULL_CARD).components()
    grouped = [line for line in whole.lines() if line.group == "item1"]
    assert [line.name for line in grouped] == ["EMAIL", "X-ABLABEL"]
    assert grouped[1].text() == "_$!<Work>!$_"


@pytest.mark.parametrize("ending", ["=", "= ", "=\t"])
def test_a_soft_break_goes_on_below_also_before_blanks(ending: str) -> None:
    body = card(f"NOTE;QUOTED-PRINTABLE:a{ending}", "UID:b", "FN:x", version="2.1")
    (whole,) = parse(body).components()
    assert whole.text("NOTE") == "aUID:b"
    assert whole.text("UID") is None


def test_a_soft_break_swallows_the_end() -> None:
    body = lines("BEGIN:VCARD", "NOTE;ENCODING=QUOTED-PRINTABLE:a=", "END:VCARD")
    assert [problem.code for problem in parse(body).problems] == ["unclosed"]


def test_an_equals_sign_elsewhere_joins_nothing() -> None:
    body = card("PHOTO;ENCODING=b:AA=", "NOTE:QUOTED-PRINTABLE=", "FN:x")
    (whole,) = parse(body).components()
    assert whole.text("FN") == "x"
    assert whole.text("NOTE") == "QUOTED-PRINTABLE="
