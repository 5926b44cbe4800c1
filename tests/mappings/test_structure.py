"""Flat text: the fast ways give what the plain way gives, and a long value cut changes no answer."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings.folding import BOM, fold, raw_lines, unfold
from mappings.inspect import inspect
from mappings.structure import Structure, flatten, shorten, walk
from tests.mappings.samples import ANYTHING, CALENDAR, CARD, LINEWISE, calendar, card, event, is_whole

PHOTO = "PHOTO;ENCODING=b;TYPE=JPEG:" + "AAAA" * 6000
VALUES = st.sampled_from(["AAAA", "x", " ", "=", "\xe4", ";", ":", '"', ",", "\0"])
HEADS = st.sampled_from(
    "PHOTO;ENCODING=b: photo: item1.PHOTO: NOTE: NOTE;X='a:b': X-LOG: X-A.UID: UID: PHOTO item1.UID: AGENT: DTSTART: "
    "DTSTART;X= ATTENDEE: METHOD: END: BEGIN: PHOTO.UID: \u00a0:".replace("'", '"').split(" ")
)


def plainly(body: bytes) -> bytes:
    """Make text flat in the plain way: every line end first, then every fold."""
    return b"\n" + re.sub(rb"\n[ \t]", b"", re.sub(rb"\r?\r?\n|\r", b"\n", body.removeprefix(BOM)))


def walked(flat: bytes, outer: bytes) -> tuple[str, list[bytes], int]:
    """Return what the walk over *flat* tells, but for the text of the pieces."""
    found: Structure = walk(flat.upper(), outer, 16)
    return found.problem, [piece.partition(b"\n")[0] for piece, _ in found.items], len(found.wrapper)


@given(body=ANYTHING)
@settings(max_examples=500, deadline=None)
def test_case_02_flat_text_is_the_same_by_the_fast_way(body: bytes) -> None:
    assert flatten(body) == plainly(body)


@pytest.mark.parametrize(
    "body",
    [
        b"a\r\n b\r\n\tc\r\nd",
        b"a\r\n b\n c\r d\r\r\n e",
        b"a\r\n\r\n  b\r\nc",
        b"a\r\r\n \nb",
        b"a\r\n \r\n \r\n b",
        b"\xef\xbb\xbf\r\n a\rb",
        b"a\r\n \nb\r\n \tc",
        b"a\r\n \rb",
    ],
)
def test_case_02_mixed_ends_and_folds(body: bytes) -> None:
    assert flatten(body) == plainly(body)


@given(body=ANYTHING)
@example(body=b"NOTE;QUOTED-PRINTABLE:a=\r\n \r\nEND:VCARD=\r\nUID:x\r\n")
@settings(max_examples=500, deadline=None)
def test_case_12_no_line_end_is_left_inside_a_line(body: bytes) -> None:
    for raw in raw_lines(body):
        assert not {*b"\r\n"} & {*unfold(raw)}


@given(head=HEADS, value=VALUES, times=st.integers(700, 3000), before=LINEWISE, after=LINEWISE)
@settings(max_examples=150, deadline=None)
def test_a_long_value_cut_changes_nothing_the_walk_tells(
    head: str, value: str, times: int, before: bytes, after: bytes
) -> None:
    flat = plainly(before + f"{head}{value * times}\r\n".encode() + after)
    for outer in (b"VCARD", b"VCALENDAR"):
        assert walked(shorten(flat), outer) == walked(flat, outer)


@given(head=HEADS, value=VALUES, times=st.integers(700, 9000), end=st.sampled_from(["\r\n", "\n", "\r", "\r\r\n"]))
@settings(max_examples=100, deadline=None)
def test_a_card_with_a_long_line_is_known_as_with_the_line_alone(head: str, value: str, times: int, end: str) -> None:
    line = fold(f"{head}{value * times}".encode(), end.encode())
    for media_type, (start, close) in {CARD: _around(card, end), CALENDAR: _around(event, end)}.items():
        body = start + line + close
        assert inspect(media_type, body).complete == is_whole(media_type, body)


def _around(make: object, end: str) -> tuple[bytes, bytes]:
    assert callable(make)
    start, _, close = bytes(make("X-HERE:", end=end)).partition(f"X-HERE:{end}".encode())
    return start, close


@pytest.mark.parametrize(
    "fill", ["", "PHOTO;ENCODING=b:AAAA", PHOTO, "item1." + PHOTO.lower(), "X-BLOB;A=1:" + "z" * 9000]
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\r\n"])
def test_case_18_facts_are_read_past_a_photo_however_long(fill: str, end: str) -> None:
    body = b"".join(
        fold(line.encode(), end.encode()) for line in ("BEGIN:VCARD", fill, "UID:after", "FN:x", "END:VCARD")
    )
    found = inspect(CARD, body)
    assert (found.complete, found.uid, found.component, found.uids) == (True, "after", "VCARD", 1)
    assert inspect(CARD, body[: -len("END:VCARD" + end)]).problem == "truncated"


@pytest.mark.parametrize("prefix", ["UID:", "uid;X=y:", "item1.UID:", "X-A.UID:", "NOTE.uid:"])
def test_a_uid_is_read_whole_however_long(prefix: str) -> None:
    uid = "u" * 5000 + "1"
    assert inspect(CARD, card(prefix + uid)).uid == uid
    assert inspect(CARD, card(PHOTO, prefix + uid, PHOTO)).uid == uid


def test_case_12_a_long_quoted_printable_value_still_swallows_what_follows() -> None:
    for head in ("NOTE;QUOTED-PRINTABLE:", "NOTE;ENCODING=QUOTED-PRI\r\n NTABLE:", "PHOTO;X=1;quoted-printable:"):
        body = card(head + "=41" * 3000 + "=", "END:VCARD", "UID:this", version="2.1")
        assert (inspect(CARD, body).complete, inspect(CARD, body).uid) == (True, "this")
        assert not inspect(CARD, card(head + "=41" * 3000 + "=", version="2.1")).complete


def test_case_13_only_values_nobody_reads_are_cut_and_heads_stay() -> None:
    flat = plainly(card(PHOTO, 'PHOTO;X="a:b":' + "c" * 9000, "FN:" + "d" * 9000))
    short = shorten(flat)
    assert b"\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA" in short
    assert len(flat) - 24_000 < len(short) < len(flat) - 20_000
    assert shorten(short) == short
    assert short.count(b"\n") == flat.count(b"\n")


def test_the_first_octets_decide_what_is_no_text_at_all() -> None:
    assert inspect(CARD, b"PHOTO:" + b"x" * 900 + b"\0" + b"x" * 9000).problem == "not-text"
    assert inspect(CARD, b"PHOTO:" + b"x" * 1100 + b"\0" + b"x" * 9000).problem == "wrong-type"
    assert inspect(CALENDAR, calendar("X:" + "y" * 9000)).problem == "no-component"
