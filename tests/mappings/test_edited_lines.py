"""Editing one line of a file leaves every other octet where it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.documents import Component, parse
from mappings.errors import Unwritable
from mappings.escapes import escape_text
from mappings.folding import FOLD_OCTETS, raw_lines
from tests.mappings.samples import CALENDAR, CARD, FULL_CARD, FULL_EVENT, ICS_FILES, LOOSE, TEXTS, VCF_FILES, card

ENDS = [b"\r\n", b"\n", b"\r", b"\r\r\n"]


def replace_line(component: Component, name: str, line: ContentLine) -> bytes:
    """Put *line* in the place of the first line called *name*; return what stood there."""
    for number, item in enumerate(component.items):
        if isinstance(item, bytes) and ContentLine(item).name == name:
            component.items[number] = line.raw
            return item
    raise AssertionError(name)


@pytest.mark.parametrize("end", ENDS)
@given(text=TEXTS)
@settings(max_examples=40, deadline=None)
def test_a_new_text_changes_its_line_only(end: bytes, text: str) -> None:
    body = FULL_CARD.replace(b"\r\n", end)
    document = parse(body)
    (whole,) = document.components()
    (note,) = whole.lines("NOTE")
    edited = note.with_text(text)
    before = replace_line(whole, "NOTE", edited)
    after = document.to_bytes()
    assert after == body.replace(before, edited.raw)
    (again,) = parse(after).components()
    assert again.text("NOTE") == text
    assert edited.raw.endswith(end)


@given(value=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=120))
@settings(max_examples=120, deadline=None)
def test_a_raw_value_is_written_as_it_is(value: str) -> None:
    line = ContentLine(b'item1.X-OWN;A=1;B="c:d":old\r\n').with_value(value)
    assert line.value.decode() == value
    assert (line.group, line.name) == ("item1", "X-OWN")
    assert line.params == (Parameter("A", ("1",)), Parameter("B", ("c:d",)))
    assert all(len(piece) <= FOLD_OCTETS for piece in line.raw.split(b"\r\n"))


@given(values=st.lists(TEXTS, min_size=1, max_size=4), others=st.lists(TEXTS, max_size=3))
@settings(max_examples=100, deadline=None)
def test_parameters_written_are_read(values: list[str], others: list[str]) -> None:
    params = [Parameter("X-ONE", tuple(values)), *[Parameter("X-TWO", (value,)) for value in others]]
    line = make_line("NOTE", "x", params=params)
    assert line.param("X-ONE") == tuple(values)
    assert line.param("X-TWO") == tuple(others)
    assert line.value == b"x"


@given(value=TEXTS)
@settings(max_examples=100, deadline=None)
def test_setting_a_parameter_twice_is_setting_it_once(value: str) -> None:
    line = ContentLine(b"ATTENDEE;CN=Bob;x-state=old;ROLE=CHAIR:mailto:a@b\r\n")
    once = line.with_param("X-STATE", value)
    assert once.with_param("X-STATE", value) == once
    assert once.param("X-STATE") == (value,)
    assert (once.param("CN"), once.param("ROLE"), once.value) == (("Bob",), ("CHAIR",), b"mailto:a@b")


@pytest.mark.parametrize(
    ("line", "text", "written"),
    [
        (b"NOTE:old\r\n", "new", b"NOTE:new\r\n"),
        (b"note:old\n", "new", b"note:new\n"),
        (b"item1.NOTE;LANGUAGE=de:old\r\n", "a, b", b"item1.NOTE;LANGUAGE=de:a\\, b\r\n"),
        (b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:caf=E9\r\n", "café", "NOTE:café\r\n".encode()),
        (b"NOTE;ENCODING=b:AAEC\r\n", "new", b"NOTE:new\r\n"),
        (b"NOTE;X=1;CHARSET=UTF-8:old\r\n", "new", b"NOTE;X=1:new\r\n"),
        (b"NOTE:old", "new", b"NOTE:new"),
        (b"NO\r\n TE:o\r\n ld\r\n", "new", b"NOTE:new\r\n"),
    ],
)
def test_how_an_edited_line_looks(line: bytes, text: str, written: bytes) -> None:
    assert ContentLine(line).with_text(text).raw == written


@pytest.mark.parametrize("line", [b"\r\n", b"", b";A=1:x\r\n", b":x\r\n", b"no colon at all\r\n"])
def test_what_has_no_name_cannot_be_edited(line: bytes) -> None:
    with pytest.raises(Unwritable) as refused:
        ContentLine(line).with_value("x")
    assert refused.value.what == "name"


@pytest.mark.parametrize("name", ["", "A B", "A:B", "A;B", "A\r\n", "ä", "A.B", "A\0"])
def test_names_are_tokens(name: str) -> None:
    with pytest.raises(Unwritable):
        make_line(name, "x")
    with pytest.raises(Unwritable):
        make_line("NOTE", "x", params=[Parameter(name, ("y",))])


@pytest.mark.parametrize(("media_type", "body"), [(CALENDAR, FULL_EVENT), (CARD, FULL_CARD)])
def test_rewriting_every_line_with_its_own_value_says_the_same(media_type: str, body: bytes) -> None:
    from mappings.canonical import differences

    document = parse(body)
    for outer in document.components():
        rewrite(outer)
    assert differences(media_type, document.to_bytes(), body) == ()


def rewrite(component: Component) -> None:
    """Write every line of *component* and of all inside anew, with what it says already."""
    for number, item in enumerate(component.items):
        if isinstance(item, Component):
            rewrite(item)
        elif not ContentLine(item).blank:
            line = ContentLine(item)
            component.items[number] = line.with_value(line.value.decode()).raw


@pytest.mark.parametrize("paths", [(ICS_FILES + VCF_FILES)[n::6] for n in range(6)], ids=range(6))
def test_adding_a_line_to_a_real_file_adds_that_line(paths: list[object]) -> None:
    new = make_line("X-ADDED", escape_text("by a test; with, marks")).raw
    for path in map(str, paths):
        with open(path, "rb") as file:
            body = file.read()
        document = parse(body, limits=LOOSE)
        outer = next((one for one in document.components() if one.end), None)
        if outer is None:
            continue
        outer.items.append(new)
        after = document.to_bytes()
        assert len(after) == len(body) + len(new)
        assert list(raw_lines(after)).count(new) == list(raw_lines(body)).count(new) + 1, path


def test_removing_a_line_removes_that_line() -> None:
    body = card("FN:x", "NOTE:one", "NOTE:two", "TEL:3")
    document = parse(body)
    (whole,) = document.components()
    whole.items = [item for item in whole.items if isinstance(item, Component) or ContentLine(item).text() != "one"]
    assert document.to_bytes() == body.replace(b"NOTE:one\r\n", b"")
