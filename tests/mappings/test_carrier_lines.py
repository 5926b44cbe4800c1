"""Carrier lines: any JSON goes into one content line and comes back from it, whatever rewrites the object meanwhile."""

from __future__ import annotations

import json

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from mappings.carriers import (
    JSON,
    LEAF_OCTETS,
    LEAF_TOO_LARGE,
    OBJECT_FULL,
    OBJECT_OCTETS,
    Carrier,
    CarrierLines,
    read_carrier,
    read_carriers,
    write_carrier,
)
from mappings.contentlines import ContentLine
from mappings.documents import parse
from mappings.errors import CarrierTooLarge, Unwritable
from mappings.folding import FOLD_OCTETS
from mappings.inspect import inspect
from tests.mappings.samples import CALENDAR, CARD

ANY_TEXT = st.text(st.characters(), max_size=60)
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
POINTERS = st.text(
    st.characters(blacklist_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]) | st.sampled_from('/~^",;:\\%'),
    min_size=1,
    max_size=30,
)
"""Pointers no person would choose; blanks inside are tried by name below."""

HOSTILE: list[JSON] = [
    'a,b;c\\d"e\nf', "%2C%3A%3B%5C", "\\n\\,", "x" * 300 + "ä" * 200, "\u2028\x85\x0c\x1c", "  blanks  ", "^n^^'",
    "http://a:b/%20?x=1,2;3", "\0\1\x7f", "😀\u200d\ufeff\ufffe", '"""', "\r\n BEGIN:VCARD\r\nEND:VCARD", "", None,
    {"a,b": [1, 2.5, {"": None}], '"': "\\"}, 10**40, -0.0, [], {}, "\ud800",
]  # fmt: skip


def card_with(*carriers: ContentLine) -> bytes:
    """Put *carriers* into a card that every server takes."""
    head = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nN:Doe;Jane;;;\r\nFN:Jane Doe\r\n"
    return head + b"".join(line.raw for line in carriers) + b"END:VCARD\r\n"


def event_with(*carriers: ContentLine) -> bytes:
    """Put *carriers* into an event that every server takes."""
    head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
    times = b"DTSTAMP:20260101T000000Z\r\nDTSTART:20260301T090000Z\r\n"
    return head + times + b"".join(line.raw for line in carriers) + b"END:VEVENT\r\nEND:VCALENDAR\r\n"


def carried_by(body: bytes) -> list[Carrier]:
    """Read the carriers of the one item of *body*."""
    outer = next(parse(body).components())
    return list(read_carriers((outer if outer.name == "VCARD" else next(outer.components("VEVENT"))).lines()))


def same(left: JSON, right: JSON) -> bool:
    """Compare as JSON texts: -0.0 is not 0, and 1 is not true."""
    return json.dumps(left) == json.dumps(right)


@given(pointer=POINTERS, value=VALUES, group=st.sampled_from(["", "item1", "G-2"]))
def test_any_json_comes_back(pointer: str, value: JSON, group: str) -> None:
    line = write_carrier(pointer, value, group=group)
    found = read_carrier(ContentLine(line.raw))
    assert found is not None
    assert (found.pointer, found.group) == (pointer, group)
    assert same(found.value, value)


@given(pointer=POINTERS, value=VALUES)
def test_a_carrier_is_one_folded_line_of_plain_characters(pointer: str, value: JSON) -> None:
    raw = write_carrier(pointer, value).raw
    assert all(len(piece) <= FOLD_OCTETS for piece in raw.split(b"\r\n"))
    unfolded = raw.decode().replace("\r\n ", "").removesuffix("\r\n")
    assert unfolded.splitlines() == [unfolded]
    assert inspect(CARD, card_with(ContentLine(raw))).complete
    assert inspect(CALENDAR, event_with(ContentLine(raw))).complete


@given(values=st.lists(st.tuples(POINTERS, VALUES), max_size=4))
def test_a_server_library_that_rewrites_cards_and_events_changes_no_value(values: list[tuple[str, JSON]]) -> None:
    """Radicale stores what vobject writes."""
    lines = [write_carrier(f"/x/{pointer}", value) for pointer, value in values]
    for body in (card_with(*lines), event_with(*lines)):
        rewritten = vobject.readOne(body.decode()).serialize(validate=False).encode()
        found = carried_by(rewritten)
        assert [one.pointer for one in found] == [f"/x/{pointer}" for pointer, _ in values]
        assert all(same(one.value, value) for one, (_, value) in zip(found, values, strict=True))


@given(values=st.lists(st.tuples(POINTERS, VALUES), max_size=4))
def test_another_library_that_rewrites_events_changes_no_value(values: list[tuple[str, JSON]]) -> None:
    """Xandikos reads with icalendar."""
    lines = [write_carrier(f"/x/{pointer}", value) for pointer, value in values]
    found = carried_by(Calendar.from_ical(event_with(*lines).decode()).to_ical())
    pairs = sorted((one.pointer, json.dumps(one.value)) for one in found)
    assert pairs == sorted((f"/x/{pointer}", json.dumps(value)) for pointer, value in values)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("pointer", ["a", "/a/b", '/a"b^c', "/x,y;z:w", "/é 😀", "/a\\b", "/%2C%3A", "/~0~1"])
def test_hostile_values_survive_both_libraries(pointer: str, value: JSON) -> None:
    line = write_carrier(pointer, value)
    rewritten = [
        vobject.readOne(card_with(line).decode()).serialize().encode(),
        vobject.readOne(event_with(line).decode()).serialize().encode(),
        Calendar.from_ical(event_with(line).decode()).to_ical(),
    ]
    for body in rewritten:
        (found,) = carried_by(body)
        assert found.pointer == pointer
        assert same(found.value, value)


@pytest.mark.parametrize(
    "pointer", ["", " /a", "/a ", "\u00a0/a", "/a\nb", "/a\rb", "/a\0", "/a\x85b", "/a\u2028b", "/\ud800", "/\t"]
)
def test_a_pointer_that_servers_would_change_is_refused(pointer: str) -> None:
    with pytest.raises(Unwritable) as refused:
        write_carrier(pointer, 1)
    assert refused.value.what == "pointer"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"a": float("-inf")}]])
def test_what_is_no_json_is_refused(value: JSON) -> None:
    with pytest.raises(Unwritable):
        write_carrier("/a", value)


def test_json_without_end_is_refused() -> None:
    value: list[JSON] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Unwritable):
        write_carrier("/a", value)


@pytest.mark.parametrize(
    "raw",
    [
        b"JSPROP;JSPTR=/a:{\r\n",
        b"JSPROP;JSPTR=/a:NaN\r\n",
        b"JSPROP;JSPTR=/a:\r\n",
        b"JSPROP:1\r\n",
        b"JSPROP;JSPTR=/a;JSPTR=/b:1\r\n",
        b"JSPROP;JSPTR=/a,/b:1\r\n",
        b"JSPROP;JSPTR=/a:1 2\r\n",
        b"JSPROP;JSPTR=/a:" + b"9" * 5000 + b"\r\n",
        b"JSPROP;JSPTR=/a:" + b"[" * 60_000 + b"\r\n",
        b"X-JSPROP;JSPTR=/a:1\r\n",
        b"junk\r\n",
        b"\r\n",
    ],
)
def test_what_is_no_carrier_is_an_unknown_line(raw: bytes) -> None:
    assert read_carrier(ContentLine(raw)) is None
    good = write_carrier("/b", 2)
    assert list(read_carriers([ContentLine(raw), good])) == [Carrier("/b", 2)]


def test_a_carrier_others_wrote_their_way_is_read() -> None:
    """Bare delimiters within the value, a name in lower case, and folds inside of characters (RFC 6350 §3.2)."""
    raw = b'item1.jsprop;VALUE=TEXT;jsptr="a:b":{"x":"1, 2; \xc3\r\n \xa4"}\r\n'
    assert read_carrier(ContentLine(raw)) == Carrier("a:b", {"x": "1, 2; ä"}, "item1")


def test_case_49_the_cap_of_a_leaf_holds_at_the_very_octet() -> None:
    fits = "ä" * (LEAF_OCTETS // 2 - 1)
    line = write_carrier("/a", fits)
    assert read_carrier(line) == Carrier("/a", fits)
    with pytest.raises(CarrierTooLarge) as refused:
        write_carrier("/a", fits + "x")
    assert (refused.value.size, refused.value.limit) == (LEAF_OCTETS + 1, LEAF_OCTETS)
    assert "ä" not in str(refused.value)
    over = ContentLine(b"JSPROP;JSPTR=/a:" + b'"' + b"x" * (LEAF_OCTETS - 1) + b'"\r\n')
    assert read_carrier(over) is None


def test_case_49_the_cap_counts_what_is_escaped() -> None:
    """64 kB of control characters are 384 kB of JSON."""
    with pytest.raises(CarrierTooLarge):
        write_carrier("/a", "\0" * 12_000)


def test_an_object_is_filled_up_to_its_cap() -> None:
    carriers = CarrierLines()
    leaf = "x" * (LEAF_OCTETS - 2)
    for number in range(OBJECT_OCTETS // LEAF_OCTETS - 1):
        assert carriers.add(f"/{number}", leaf) == ""
    assert carriers.add("/over", leaf + "x") == LEAF_TOO_LARGE
    assert carriers.add("/most", leaf[:-3]) == ""
    assert carriers.add("/none", "ab") == OBJECT_FULL
    assert carriers.add("/last", 7, group="item1") == ""
    assert carriers.add("/full", "x") == OBJECT_FULL
    found = list(read_carriers(carriers.lines))
    assert [one.pointer for one in found] == ["/0", "/1", "/2", "/most", "/last"]
    assert sum(len(json.dumps(one.value)) for one in found) == OBJECT_OCTETS - 2


def test_lines_end_as_asked() -> None:
    carriers = CarrierLines(end=b"\n")
    carriers.add("/a", "x" * 200)
    (line,) = carriers.lines
    assert b"\r" not in line.raw
    assert write_carrier("/a", 1, end=b"\n").raw == b"JSPROP;JSPTR=/a:1\n"


def test_a_flood_of_carriers_is_read_up_to_the_object_cap() -> None:
    raw = ContentLine(b"JSPROP;JSPTR=/a:" + b'"' + b"x" * 60_000 + b'"\r\n')
    assert len(list(read_carriers([raw] * 10_000))) == 4 * OBJECT_OCTETS // len(raw.raw)
