"""Lines: views, edits, and what may never get onto a line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.errors import MappingError, Unwritable
from mappings.escapes import escape_text
from mappings.folding import FOLD_OCTETS
from tests.mappings.samples import ANYTHING, PLAIN, TEXTS

END = b"\r\n"


@pytest.mark.parametrize(
    ("raw", "name", "group", "value"),
    [
        (b"FN:Jane", "FN", "", b"Jane"),
        (b"fn;x=y:Jane", "FN", "", b"Jane"),
        (b"item1.X-ABLabel:x", "X-ABLABEL", "item1", b"x"),
        (b"a.b.TEL:1", "TEL", "a.b", b"1"),
        (b'X;P="never closed:a:b', "X", "", b"a:b"),
        (b'X;P=5":a"b:c"d', "X", "", b'c"d'),
        (b'SUMMARY:say "a:b"', "SUMMARY", "", b'say "a:b"'),
        (b"X:", "X", "", b""),
        (b":value", "", "", b"value"),
        (b"no colon", "", "", b""),
        (b"", "", "", b""),
        (b"DTST\r\n ART:1", "DTSTART", "", b"1"),
        (b"X;a=\n\tb:c\n d", "X", "", b"cd"),
    ],
)  # fmt: skip
def test_a_line_is_taken_apart(raw: bytes, name: str, group: str, value: bytes) -> None:
    line = ContentLine(raw + END)
    assert (line.name, line.group, line.value) == (name, group, value)


@pytest.mark.parametrize(
    ("raw", "params"),
    [
        (b"X:v", ()),
        (b"X;A=1;B=2:v", (Parameter("A", ("1",)), Parameter("B", ("2",)))),
        (b'X;a=1,"2,;:3",4:v', (Parameter("A", ("1", "2,;:3", "4")),)),
        (b"X;A=:v", (Parameter("A", ("",)),)),
        (b"X;A=,:v", (Parameter("A", ("", "")),)),
        (b'X;A="":v', (Parameter("A", ("",)),)),
        (b"X;A=1=2:v", (Parameter("A", ("1=2",)),)),
        (b"X;HOME:v", (Parameter("TYPE", ("HOME",)),)),
        (b"X;base64:v", (Parameter("ENCODING", ("BASE64",)),)),
        (b"X;URL:v", (Parameter("VALUE", ("URL",)),)),
        (b"X;A=^^^n^'^x^:v", (Parameter("A", ('^\n"^x^',)),)),
        (b"X;A=caf\xe9:v", (Parameter("A", ("café",)),)),
    ],
)  # fmt: skip
def test_parameters_are_taken_apart(raw: bytes, params: tuple[Parameter, ...]) -> None:
    assert ContentLine(raw + END).params == params


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"X;CHARSET=ISO-8859-1:\xe9", "é"),
        (b"X;CHARSET=windows-1251:\xcf", "П"),
        (b"X:\xe9", "é"),
        (b"X:\x80 and \x81", "\x80 and \x81"),
        (b"X;CHARSET=rot13:abc", "abc"),
        (b"X;CHARSET=punycode:abc", "abc"),
        (b"X;CHARSET=unicode_escape:\\u0041", "\\u0041"),
        (b"X;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=A4=zz=", "ä=zz="),
        (b"X;ENCODING=8BIT:\xc3\xa4", "ä"),
    ],
)
def test_text_is_decoded_by_character_sets_only(raw: bytes, text: str) -> None:
    assert ContentLine(raw + END).text() == text


@given(value=ANYTHING)
@settings(max_examples=150, deadline=None)
def test_every_view_of_every_line_answers(value: bytes) -> None:
    line = ContentLine(value)
    assert isinstance(line.text(), str)
    assert isinstance(line.data(), bytes)
    assert all(isinstance(part, str) for part in (*line.fields(), *line.types(), line.group, line.encoding))
    assert line.blank or line.junk or line.name
    assert line == ContentLine(value)
    assert hash(line) == hash(ContentLine(value))


@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_text_written_is_the_text_read(text: str) -> None:
    line = make_line("NOTE", escape_text(text))
    assert ContentLine(line.raw).text() == text
    assert all(len(physical) <= FOLD_OCTETS for physical in line.raw.split(END))
    assert line.raw.count(END) == line.raw.count(b"\n") == line.raw.count(b"\r")


@given(values=st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_parameter_written_is_the_parameter_read(values: list[str]) -> None:
    line = make_line("X", "v", params=[Parameter("P", tuple(values))])
    read = ContentLine(line.raw)
    assert read.param("P") == tuple(values)
    assert read.value == b"v"


@given(text=PLAIN, value=PLAIN, end=st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\r\n", b""]))
@settings(max_examples=100, deadline=None)
def test_an_edit_changes_nothing_else(text: str, value: str, end: bytes) -> None:
    before = ContentLine(b'Item1.note;X-Y="a:b";bare:old' + end)
    after = before.with_text(text).with_param("X-New", value)
    assert after.text() == text
    assert after.param("X-NEW") == (value,)
    assert after.param("X-Y") == ("a:b",)
    assert after.types() == ("bare",)
    assert after.written_name == "Item1.note"
    assert after.raw.endswith(end)


def test_a_parameter_set_twice_stands_once() -> None:
    line = ContentLine(b"X;a=1;B=2;A=3:v\r\n").with_param("A", "4")
    assert line.raw == b"X;A=4;B=2:v\r\n"


def test_octets_that_are_no_utf8_survive_an_edit_of_a_parameter() -> None:
    line = ContentLine(b"X;CN=caf\xe9:v\xff\r\n").with_param("A", "ä")
    assert line.raw == b"X;A=\xc3\xa4;CN=caf\xe9:v\xff\r\n"


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\r\nEND:VCARD", "\n"])
def test_a_value_cannot_start_a_new_line(value: str) -> None:
    with pytest.raises(Unwritable) as refused:
        make_line("NOTE", value)
    assert refused.value.what == "value"
    with pytest.raises(Unwritable):
        ContentLine(b"NOTE:x\r\n").with_value(value)


@given(text=st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_no_text_and_no_parameter_breaks_out_of_its_line(text: str) -> None:
    line = make_line("NOTE", "x", params=[Parameter("P", (text,))], group="g1")
    line = line.with_param("Q", text)
    try:
        line = line.with_text(text)
    except UnicodeEncodeError:
        return
    assert b"\n" not in line.content
    assert b"\r" not in line.content
    assert line.name == "NOTE"


@pytest.mark.parametrize(
    ("name", "group", "parameter"),
    [
        ("A B", "", "P"),
        ("", "", "P"),
        ("A:B", "", "P"),
        ("A", "g.h", "P"),
        ("A", "", "P=1"),
        ("A", "", ""),
        ("A\n", "", "P"),
    ],
)
def test_names_are_tokens(name: str, group: str, parameter: str) -> None:
    with pytest.raises(MappingError, match="cannot be written"):
        make_line(name, "v", group=group, params=[Parameter(parameter, ("1",))])


def test_junk_cannot_be_edited() -> None:
    junk = ContentLine(b"no colon here\r\n")
    with pytest.raises(Unwritable):
        junk.with_value("x")
    with pytest.raises(Unwritable):
        junk.with_param("A", "b")
    with pytest.raises(Unwritable):
        junk.with_params([Parameter("A", ("b",))])
