"""The verifier of exported audit logs meets what is no log, other spellings, and mutations without end."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wherry.audit_logs import answer, file_of, job_ends
from wherry.audit_verify import BROKEN, LONGEST, OK, TRUNCATED

LINES = job_ends().lines()
GOOD = file_of(LINES)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", TRUNCATED, id="empty"),
        pytest.param(b"\n", BROKEN, id="an-empty-line"),
        pytest.param(b"hello\n", BROKEN, id="no-json"),
        pytest.param(b"{\n", BROKEN, id="half-a-map"),
        pytest.param(b"[]\n", BROKEN, id="a-list"),
        pytest.param(b"null\n", BROKEN, id="null"),
        pytest.param(b"1\n", BROKEN, id="a-number"),
        pytest.param(b'""\n', BROKEN, id="a-text"),
        pytest.param(b"{}\n", BROKEN, id="an-empty-map"),
        pytest.param(b'{"store":1,"scope":2}\n', BROKEN, id="numbers-for-texts"),
        pytest.param(b"\xff\xfe\n", BROKEN, id="no-text"),
        pytest.param("\ufeff".encode() + GOOD, BROKEN, id="a-byte-order-mark"),
        pytest.param(GOOD.replace(b"\n", b"\r\n"), BROKEN, id="other-line-ends"),
        pytest.param(GOOD.replace(b"\n", b" \n"), BROKEN, id="blanks-at-the-ends"),
        pytest.param(b"[" * 50_000 + b"\n", BROKEN, id="nested-too-deeply"),
        pytest.param(b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"\n", BROKEN, id="nested-maps"),
        pytest.param(b"x" * (LONGEST + 10) + b"\n", BROKEN, id="a-huge-line"),
        pytest.param(LINES[0].encode() + b"\n" + b"9" * (10 * LONGEST), BROKEN, id="a-line-without-an-end"),
        pytest.param(LINES[0].encode() + b'\n{"record":{}}\n', BROKEN, id="a-record-without-a-chain"),
        pytest.param(LINES[0].encode() + b'\n{"checkpoint":{}}\n', BROKEN, id="a-checkpoint-without-a-signature"),
        pytest.param(LINES[0].encode() + b'\n{"checkpoint":{},"signature":"00"}\n', BROKEN, id="an-empty-checkpoint"),
        pytest.param(LINES[0].encode() + b'\n{"end":{},"signature":5}\n', BROKEN, id="a-number-for-a-signature"),
    ],
)
def test_what_is_no_log_is_refused_without_a_trace(content: bytes, code: int) -> None:
    found, said = answer(content)
    assert found == code
    assert said


SPELLINGS: dict[str, tuple[str, str]] = {
    "a-blank-first": ('{"chain"', '{ "chain"'),
    "a-blank-within": ('"record":{', '"record": {'),
    "an-escape": ('"job:0000"', '"\\u006aob:0000"'),
    "a-blank-at-the-end": ("}}", "}  }"),
    "one-field-more": ("}}", '},"more":1}'),
    "a-key-twice": ('"hash":"', '"hash":"0","hash":"'),
    "a-key-of-the-record-twice": ('"run":1', '"run":9,"run":1'),
    "a-fraction": ('"run":1', '"run":1.0'),
    "an-exponent": ('"run":1', '"run":1e0'),
    "a-plus": ('"run":1', '"run":+1'),
    "a-zero-before": ('"run":1', '"run":01'),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_spelling_of_the_same_is_not_the_same(spelling: str) -> None:
    """What JSON readers take for equal is told apart: a record has one text."""
    number = next(n for n, line in enumerate(LINES) if line.startswith('{"chain":"job:0000"'))
    usual, other = SPELLINGS[spelling]
    changed = LINES[number].replace(usual, other, 1)
    assert changed != LINES[number]
    assert answer(file_of([*LINES[:number], changed, *LINES[number + 1 :]]))[0] == BROKEN


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_mutation_goes_unnoticed(data: st.DataObject) -> None:
    """Bytes replaced, inserted, removed, repeated and moved, anywhere."""
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        stretch = data.draw(st.integers(1, 300))
        piece = bytes(content[place : place + stretch])
        match data.draw(st.sampled_from(["replace", "insert", "remove", "repeat", "move"])):
            case "replace":
                content[place : place + 1] = data.draw(st.binary(min_size=1, max_size=2))
            case "insert":
                content[place:place] = data.draw(st.text(string.printable, min_size=1, max_size=20)).encode()
            case "remove":
                del content[place : place + stretch]
            case "repeat":
                content[place:place] = piece
            case _:
                del content[place : place + stretch]
                there = data.draw(st.integers(0, len(content)))
                content[there:there] = piece
        if not content:
            break
    code = answer(bytes(content))[0]
    assert (code == OK) == (bytes(content) == GOOD)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=0, max_size=len(LINES) + 3))
def test_no_other_choice_of_the_same_lines_is_good(lines: list[str]) -> None:
    assert (answer(file_of(lines))[0] == OK) == (lines == LINES)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    assert answer(content)[0] in {BROKEN, TRUNCATED}
    assert answer(LINES[0].encode() + b"\n" + content)[0] in {BROKEN, TRUNCATED}
