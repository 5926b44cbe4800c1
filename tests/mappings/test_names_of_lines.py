"""The name of a line, looked up in its octets, is the name that lexing the whole line gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.contentlines import ContentLine, property_name
from mappings.documents import parse
from mappings.folding import raw_lines
from tests.mappings.samples import ANYTHING, ICS_FILES, LOOSE, VCF_FILES, card

NAMES = {
    b"FN:x": "FN",
    b"fn:x": "FN",
    b"Fn;A=1:x": "FN",
    b"FN;A=1": "",
    b"FN": "",
    b":x": "",
    b";A=1:x": "",
    b"item1.EMAIL:x": "EMAIL",
    b"ITEM1.email;TYPE=HOME:x": "EMAIL",
    b"a.b.TEL:x": "TEL",
    b"X-ABLabel:x": "X-ABLABEL",
    b"X_Y:x": "X_Y",
    b"FN :x": "FN ",
    b"F\r\n N:x": "FN",
    b"FN\r\n :x": "FN",
    b"FN;A=\r\n 1:x": "FN",
    b"F\xc3\xa4:x": "F\xc4",
    b'X;A="b:c":d': "X",
    b'X;A="b:c': "X",
    b"\r\n FN:x": "FN",
    b"": "",
    b"\r\n": "",
}


def slow_name(raw: bytes) -> str:
    """Lex the whole line."""
    return ContentLine(raw).written_name.rpartition(".")[2].upper()


@pytest.mark.parametrize(("raw", "name"), NAMES.items(), ids=range(len(NAMES)))
def test_names(raw: bytes, name: str) -> None:
    assert property_name(raw) == slow_name(raw) == name
    assert ContentLine(raw).name == name


@given(ANYTHING)
@settings(max_examples=400, deadline=None)
def test_the_short_way_and_the_long_way_agree(body: bytes) -> None:
    for raw in raw_lines(body):
        assert property_name(raw) == slow_name(raw)


@given(st.text(alphabet='aB1.-_;:,="\r\n \tä', max_size=30))
@settings(max_examples=800, deadline=None)
def test_they_agree_on_what_comes_near_to_a_name(text: str) -> None:
    for raw in raw_lines(text.encode()):
        assert property_name(raw) == slow_name(raw)


@pytest.mark.parametrize("part", range(4))
def test_they_agree_on_every_line_of_the_corpora(part: int) -> None:
    for path in [*ICS_FILES, *VCF_FILES][part::4]:
        for component in parse(path.read_bytes(), limits=LOOSE).components():
            for line in component.lines():
                assert property_name(line.raw) == slow_name(line.raw), path


def test_lines_are_found_by_name_at_once() -> None:
    body = card("FN:a", "item1.EMAIL:b", "email;TYPE=HOME:c", "NOTE:d", "junk", "")
    (component,) = parse(body).components()
    found = component.by_name()
    assert {name: [line.text() for line in lines] for name, lines in found.items() if name} == {
        "VERSION": ["3.0"],
        "FN": ["a"],
        "EMAIL": ["b", "c"],
        "NOTE": ["d"],
    }
    assert [line.content for line in found[""]] == [b"junk", b""]


@pytest.mark.parametrize("number", range(len(VCF_FILES)), ids=[path.name for path in VCF_FILES])
def test_by_name_has_every_line_once_and_in_order(number: int) -> None:
    for component in parse(VCF_FILES[number].read_bytes(), limits=LOOSE).components():
        found = component.by_name()
        assert sum(map(len, found.values())) == len(list(component.lines()))
        for name, lines in found.items():
            assert lines == list(component.lines(name))
