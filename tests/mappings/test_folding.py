"""Folding at every width and line end: nothing but line breaks is added, and they all come off again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.folding import (
    BOM,
    FOLD_OCTETS,
    fold,
    head_length,
    is_quoted_printable,
    line_end,
    raw_lines,
    unfold,
    without_folds,
)
from tests.mappings.samples import ANYTHING

ENDS = [b"\r\n", b"\n", b"\r", b"\r\r\n"]
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=400)
CONTENTS = TEXT.map(str.encode) | st.binary(max_size=400).map(lambda octets: octets.translate(None, b"\r\n"))


def is_plain(content: bytes) -> bool:
    """Say whether *content* is not joined on by soft breaks, which have rules of their own."""
    return b"QUOTED-PRINTABLE" not in content.upper()


@given(content=CONTENTS.filter(is_plain), end=st.sampled_from(ENDS))
@settings(max_examples=300, deadline=None)
def test_a_folded_line_is_short_whole_and_one_line(content: bytes, end: bytes) -> None:
    folded = fold(content, end)
    pieces = folded.removesuffix(end).split(end)
    assert all(len(piece) <= FOLD_OCTETS for piece in pieces)
    assert all(piece.startswith(b" ") for piece in pieces[1:])
    assert unfold(folded) == content
    assert list(raw_lines(folded)) == [folded]
    assert line_end(folded) == end


@given(text=TEXT)
@settings(max_examples=200, deadline=None)
def test_no_character_is_cut_in_two(text: str) -> None:
    for piece in fold(text.encode()).removesuffix(b"\r\n").split(b"\r\n "):
        piece.decode()


@given(content=CONTENTS)
@settings(max_examples=150, deadline=None)
def test_pieces_are_as_long_as_they_may_be(content: bytes) -> None:
    """A line is cut no earlier than a character's length before the limit."""
    pieces = fold(content, b"\n").removesuffix(b"\n").split(b"\n")
    assert all(len(piece) > FOLD_OCTETS - 4 for piece in pieces[:-1])
    assert len(pieces) == 1 or len(pieces[-1]) > 1


@pytest.mark.parametrize("length", range(70, 82))
@pytest.mark.parametrize("character", ["a", "ä", "한", "😀"])
def test_the_border_at_every_offset(length: int, character: str) -> None:
    content = ("x" * length).encode() + character.encode() * 40
    folded = fold(content)
    assert unfold(folded) == content
    assert all(len(piece) <= FOLD_OCTETS for piece in folded.split(b"\r\n"))
    assert folded.decode().replace("\r\n ", "") == content.decode() + "\r\n"


@pytest.mark.parametrize(("length", "lines"), [(0, 1), (1, 1), (74, 1), (75, 1), (76, 2), (149, 2), (150, 3), (223, 3)])
def test_lines_by_length(length: int, lines: int) -> None:
    assert fold(b"a" * length).count(b"\r\n") == lines


def test_a_line_without_end_is_folded_with_the_usual_one() -> None:
    assert fold(b"b" * 80, b"") == b"b" * 75 + b"\r\n " + b"b" * 5
    assert fold(b"b" * 75, b"") == b"b" * 75


@given(content=CONTENTS.filter(is_plain), data=st.data())
@settings(max_examples=200, deadline=None)
def test_foreign_folds_of_every_kind_come_off(content: bytes, data: st.DataObject) -> None:
    """Others fold anywhere, also inside a character, with blank or tab and with any line end."""
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(content) - 1)), max_size=6))) if len(content) > 1 else []
    raw, before = b"", 0
    for cut in cuts:
        end, blank = data.draw(st.sampled_from(ENDS)), data.draw(st.sampled_from([b" ", b"\t"]))
        raw, before = raw + content[before:cut] + end + blank, cut
    raw += content[before:] + b"\r\n"
    assert unfold(raw) == content
    assert list(raw_lines(raw)) == [raw]


@given(body=ANYTHING)
@settings(max_examples=300, deadline=None)
def test_unfolding_each_line_leaves_no_break(body: bytes) -> None:
    for raw in raw_lines(body):
        content = unfold(raw)
        assert b"\n" not in content
        assert b"\r" not in content
        assert len(content) <= len(raw)


@given(body=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_refolding_a_file_twice_is_refolding_it_once(body: bytes) -> None:
    once = b"".join(fold(unfold(raw)) for raw in raw_lines(body))
    twice = b"".join(fold(unfold(raw)) for raw in raw_lines(once))
    # A line that begins with a blank would be taken for the rest of the one before it; nothing here writes such.
    begins_blank = any(unfold(raw)[:1] in {b" ", b"\t"} for raw in raw_lines(body))
    if is_plain(body) and not begins_blank:
        assert twice == once


@pytest.mark.parametrize(
    ("content", "length"),
    [
        pytest.param(b"", -1, id="nothing"),
        pytest.param(b"SUMMARY", -1, id="no colon"),
        pytest.param(b":", 0, id="colon alone"),
        pytest.param(b"SUMMARY:", 7, id="empty value"),
        pytest.param(b"SUMMARY:a:b", 7, id="the first colon"),
        pytest.param(b'X;A="b:c":d', 9, id="a quoted colon"),
        pytest.param(b'X;A="b:c";D="e:f":g', 17, id="two quoted colons"),
        pytest.param(b'X;A="b:c', 6, id="a quote never closed is no quote"),
        pytest.param(b'X;A=b"c:d"e:f', 11, id="a quote in the middle"),
        pytest.param(b'"":x', 2, id="empty quotes"),
        pytest.param(b'X:"a:b"', 1, id="quotes in the value"),
        pytest.param(b'X;A="":b', 6, id="an empty quoted parameter"),
    ],
)
def test_where_the_value_begins(content: bytes, length: int) -> None:
    assert head_length(content) == length


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"NOTE;QUOTED-PRINTABLE:a", True),
        (b"NOTE;ENCODING=QUOTED-PRINTABLE:a", True),
        (b"note;encoding=quoted-printable:a", True),
        (b"NOTE;CHARSET=UTF-8;ENCODING=Quoted-Printable:a", True),
        (b"NOTE:QUOTED-PRINTABLE", False),
        (b"NOTE;ENCODING=BASE64:QUOTED-PRINTABLE", False),
        (b"NOTE;QUOTED-PRINTABLE", False),
        (b"", False),
    ],
)
def test_what_declares_quoted_printable(content: bytes, expected: bool) -> None:
    assert is_quoted_printable(content) is expected


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        (b"a\r\n", b"\r\n"),
        (b"a\n", b"\n"),
        (b"a\r", b"\r"),
        (b"a\r\r\n", b"\r\r\n"),
        (b"a", b""),
        (b"", b""),
        (b"\r\n", b"\r\n"),
        (b"a\r\n b\n", b"\n"),
    ],
)
def test_line_ends(raw: bytes, end: bytes) -> None:
    assert line_end(raw) == end


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"", 0),
        (b"a", 1),
        (b"a\r\nb", 2),
        (b"a\r\n b", 1),
        (b"a\n\tb\nc", 2),
        (b"\r\n\r\n", 2),
        (b"a\rb\r c", 2),
        (b"a\r\r\nb", 2),
        (b"a\n\nb", 3),
        (b" a\r\nb", 2),
        (BOM + b"a\nb\n", 2),
        (b"a\r\n \r\n b\r\nc", 2),
    ],
)
def test_lines_are_counted_with_their_folds(body: bytes, count: int) -> None:
    lines = list(raw_lines(body))
    assert len(lines) == count
    assert b"".join(lines) == body


@pytest.mark.parametrize(
    ("body", "contents"),
    [
        pytest.param(b"N;QUOTED-PRINTABLE:a=\r\nb\r\nX:1", [b"N;QUOTED-PRINTABLE:ab", b"X:1"], id="one break"),
        pytest.param(b"N;QUOTED-PRINTABLE:a=\r\nb=\r\nc\r\n", [b"N;QUOTED-PRINTABLE:abc"], id="two breaks"),
        pytest.param(b"N;QUOTED-PRINTABLE:a=\n b\n", [b"N;QUOTED-PRINTABLE:ab"], id="folded as well"),
        pytest.param(b"N;QUOTED-PRINTABLE:=3D\r\nX:1", [b"N;QUOTED-PRINTABLE:=3D", b"X:1"], id="no break"),
        pytest.param(b"N:a=\r\nX:1\r\n", [b"N:a=", b"X:1"], id="another encoding"),
        pytest.param(b"N;QUOTED-PRINTABLE:a=", [b"N;QUOTED-PRINTABLE:a="], id="the file ends there"),
    ],
)
def test_soft_breaks(body: bytes, contents: list[bytes]) -> None:
    assert [unfold(raw) for raw in raw_lines(body)] == contents


@given(body=ANYTHING)
@settings(max_examples=400, deadline=None)
def test_folds_are_taken_out_as_one_pattern_says(body: bytes) -> None:
    """The short way for the usual fold and the pattern for all of them never differ."""
    assert without_folds(body) == re.sub(rb"(?:\r?\r?\n|\r)[ \t]", b"", body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"a",
        b"a\r\n b",
        b"a\r\r\n b",
        b"a\r\r\n \n b",
        b"a\n b\r\n c",
        b"a\r\n \r\n b",
        b"a\r\n\r\n  b",
        b"a\r b\tc\n\td",
    ],
)
def test_every_kind_of_fold_is_taken_out(body: bytes) -> None:
    assert without_folds(body) == re.sub(rb"(?:\r?\r?\n|\r)[ \t]", b"", body)
