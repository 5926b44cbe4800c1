"""Properties, elements and sheets on their own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.contentlines import ContentLine
from mappings.loss import Fate
from mappings.people.comparing import say_the_same
from mappings.people.elements import restore, unsaid
from mappings.people.fields import fields, same, spelled
from mappings.people.naming import NAMELESS, complete, is_derived, spoken, stand_in
from mappings.people.properties import STRUCTURED, Entry, Property, clean, read_property
from mappings.people.sheets import Sheet, leaf_names

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30).map(clean)


@given(text=TEXT, types=st.lists(st.sampled_from(["HOME", "WORK", "CELL"]), unique=True, max_size=2), param=TEXT)
def test_a_property_is_read_as_it_was_written(text: str, types: list[str], param: str) -> None:
    one = Property("X-ANY", text, types=tuple(types), params={"X-P": param} if param.strip() == param else {})
    found = read_property(ContentLine(one.to_line("item1")))
    assert found.text == one.text
    assert found.types == one.types
    assert found.params == one.params


@pytest.mark.parametrize("name", sorted(STRUCTURED))
@given(parts=st.lists(TEXT, min_size=1, max_size=7))
def test_a_structured_property_keeps_its_parts(name: str, parts: list[str]) -> None:
    assert read_property(ContentLine(Property(name, parts=parts).to_line())).parts == parts


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x85b\u2028c\u2029d", "a\nb\nc\nd"),
        ("a\0b\x1bc\x7f", "abc"),
        ("\ufeffa\ufffe\ud800", "a"),
        ("tab\tstays, 😀 too", "tab\tstays, 😀 too"),
        ("\x00", ""),
    ],
)
def test_what_servers_choke_on_is_cleaned(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, True, False),
        (1, 1, True),
        (1, 1.0, False),
        ("1", 1, False),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ],
)
def test_values_are_the_same_as_json_says(left: object, right: object, *, equal: bool) -> None:
    assert same(left, right) is equal  # type: ignore[arg-type]  # all of them are JSON
    assert (spelled(left) == spelled(right)) is equal  # type: ignore[arg-type]  # likewise


def test_only_what_is_not_said_is_carried() -> None:
    field = fields("3.0")["addresses"]
    element = {"formattedValue": "x", "type": "own"}
    given_back = field.read(field.write(element))  # type: ignore[arg-type]  # an object of texts is JSON
    assert unsaid(field, element, given_back) == {"streetAddress": None}  # type: ignore[arg-type]  # likewise
    assert restore(field, given_back, {"streetAddress": None}) == element


def test_a_carrier_of_another_time_is_not_believed() -> None:
    field = fields("3.0")["urls"]
    assert restore(field, {"value": "http://a%2Cb"}, {"value": "http://a,b"}) == {"value": "http://a,b"}
    assert restore(field, {"value": "http://c"}, {"value": "http://a,b"}) == {"value": "http://c"}
    assert restore(field, {"value": "http://c"}, {"value": "x y", "metadata": 1}) == {
        "value": "http://c",
        "metadata": 1,
    }


def test_names_in_the_order_of_speech() -> None:
    assert spoken(Property("N", parts=["Doe", "Jane", "Q", "Dr.", "Jr."])) == "Dr. Jane Q Doe Jr."
    assert spoken(Property("N", parts=["Doe"])) == "Doe"
    assert spoken(Property("N", parts=[])) == ""
    assert stand_in({}) == NAMELESS
    assert stand_in({"organizations": [{"title": "t"}], "emailAddresses": [{"value": " "}, {"value": "a"}]}) == "t"


def test_what_complete_adds_is_derived() -> None:
    entry: Entry = {}
    complete(entry, {"organizations": [{"name": "ACME"}]})
    assert entry["FN"].text == "ACME"
    assert is_derived(entry, {"organizations": [{"name": "ACME"}]})
    assert not is_derived(entry, {"organizations": [{"name": "Other"}]})
    assert not is_derived({}, {})


def test_groups_in_use_are_left_alone() -> None:
    sheet = Sheet("3.0", {"ITEM1", "ITEM3"})
    assert [sheet.group() for _ in range(3)] == ["item2", "item4", "item5"]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("urls/0/value", "x", ""),
        ("urls/0", {}, ""),
        ("resourceName", "people/c1", ""),
        ("urls/0/etag", "x", "access-data"),
        ("urls/0/refreshToken", "x", "access-data"),
        ("urls/0/a b", "x", "odd-member"),
        ("ur\nls/0/a", "x", "odd-member"),
        ("urls/0/value", float("nan"), "no-json"),
    ],
)
def test_what_is_carried_and_what_not(path: str, value: object, reason: str) -> None:
    sheet = Sheet("3.0")
    assert sheet.carry(path, value) == reason  # type: ignore[arg-type]  # hostile on purpose
    assert len(list(sheet.every_line())) == (not reason)


def test_leaves_are_named_to_their_end() -> None:
    assert list(leaf_names("a[].b", {"c": {"d": 1}, "e": []})) == ["a[].b.c.d", "a[].b.e"]
    sheet = Sheet("3.0")
    sheet.note("events[].date", {"year": 1, "month": 2}, Fate.EXACT)
    assert [one.leaf for one in sheet.report().leaves] == ["events[].date.month", "events[].date.year"]


def test_groups_are_compared_by_who_is_in_them() -> None:
    def said(*texts: str) -> list[ContentLine]:
        return [ContentLine(text.encode()) for text in texts]

    assert say_the_same(said("item1.A:1", "item1.B:2", "C:3"), said("C:3", "X.B:2", "x.A:1"))
    assert say_the_same(said("TEL;TYPE=HOME:1"), said("tel;type=home:1"))
    assert not say_the_same(said("item1.A:1", "item2.B:2"), said("item1.A:1", "item1.B:2"))
    assert not say_the_same(said("A:1"), said("item1.A:1"))
    assert not say_the_same(said("A:1", "A:1"), said("A:1"))
