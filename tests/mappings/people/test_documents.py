"""People documents and single cards at the door: what is taken, what is refused by name, what hostile input costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.errors import Malformed, MappingError, TooDeep
from mappings.inspect import inspect
from mappings.loss import Fate
from mappings.mediatypes import CARD, CARD_2, CARD_3, CARD_4, PERSON
from mappings.people.bridges import read, to_card, to_person
from mappings.people.persons import close_document, open_document
from mappings.registry import bridge
from tests.mappings.people.people import VERSIONS, back, card_lines, comparable, document, to_vcard
from tests.mappings.samples import ANYTHING, card, lines

PERSONS_REFUSED = [
    pytest.param(b"", "no-json", id="nothing"),
    pytest.param(b"{", "no-json", id="cut"),
    pytest.param(b"\xff\xfe", "no-json", id="no text"),
    pytest.param(b"[" * 100_000, "no-json", id="deep"),
    pytest.param(b"[]", "no-person", id="a list"),
    pytest.param(b"1", "no-person", id="a number"),
    pytest.param(b"{}", "no-person", id="empty"),
    pytest.param(b'{"connections": []}', "no-person", id="no connection"),
    pytest.param(b'{"connections": [1]}', "no-person", id="a connection that is none"),
    pytest.param(b'{"connections": [{}, {}]}', "several-persons", id="two"),
    pytest.param(b'{"connections": [{}], "otherContacts": [{}]}', "several-persons", id="one of each"),
    pytest.param(b'{"contactGroups": [{}, {}]}', "no-person", id="two groups"),
]


@pytest.mark.parametrize(("body", "problem"), PERSONS_REFUSED)
def test_what_is_no_person_is_refused(body: bytes, problem: str) -> None:
    for work in (open_document, to_card("text/vcard").convert):
        with pytest.raises(Malformed) as refused:
            work(body)
        assert refused.value.problem == problem


CARDS_REFUSED = [
    pytest.param(b"", "no-component", id="nothing"),
    pytest.param(b"hello", "no-component", id="text"),
    pytest.param(card("FN:a") * 2, "several-cards", id="two"),
    pytest.param(card("FN:a")[:-9], "unclosed", id="cut"),
    pytest.param(lines("BEGIN:VCARD", "FN:a", "END:VCALENDAR", "END:VCARD"), "stray-end", id="mixed"),
    pytest.param(lines("BEGIN:VCALENDAR", "END:VCALENDAR"), "no-component", id="a calendar"),
    pytest.param(card("FN:a") + b"x\r\n", "outside", id="text behind"),
]


@pytest.mark.parametrize(("body", "problem"), CARDS_REFUSED)
def test_what_is_no_card_is_refused(body: bytes, problem: str) -> None:
    for work in (read, to_person("").convert):
        with pytest.raises(Malformed) as refused:
            work(body)
        assert refused.value.problem == problem


def test_a_card_too_deep_is_refused() -> None:
    with pytest.raises(TooDeep):
        read(lines(*["BEGIN:VCARD", "AGENT:"] * 50))


@given(body=ANYTHING)
@settings(max_examples=300, deadline=None)
def test_any_octets_are_a_card_or_refused(body: bytes) -> None:
    try:
        found = to_person("").convert(body)
    except MappingError:
        return
    json.loads(found.body)
    returned = to_card("text/vcard").convert(found.body).body
    assert inspect(CARD, returned).complete


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "names",
        "emailAddresses",
        "memberships",
        "photos",
        "birthdays",
        "metadata",
        "etag",
        "resourceName",
        "biographies",
    ],
)


@pytest.mark.parametrize("version", VERSIONS)
@given(person=st.dictionaries(NAMES | st.text(max_size=8), JSON, max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_json_is_a_person_and_every_loss_is_told(version: str, person: dict[str, Any]) -> None:
    """Nothing Google sends, but nothing that breaks either: a leaf of the wrong kind is carried or told."""
    mapped = to_card(f"text/vcard;version={version}").convert(document(person))
    assert inspect(CARD, mapped.body).complete
    if mapped.losses.lossless:
        assert comparable(back(mapped.body)) == comparable(person)


@pytest.mark.parametrize("value", ["x", 1, None, True, {"a": 1}, [1], ["x", {"value": "a"}]])
def test_a_list_of_the_wrong_kind_is_told(value: object) -> None:
    mapped = to_card("text/vcard").convert(document({"emailAddresses": value}))
    told = [(one.leaf, one.reason) for one in mapped.losses.only(Fate.LOST)]
    assert told == ([] if value is None else [("emailAddresses", "malformed")])


@pytest.mark.parametrize("value", [1, True, [], {}, {"a": 1}, 1.5, ""])
def test_a_leaf_of_the_wrong_kind_is_carried(value: object) -> None:
    for field in ("emailAddresses", "urls", "imClients", "sipAddresses", "biographies", "nicknames", "relations"):
        key = {"imClients": "username", "relations": "person"}.get(field, "value")
        person = {field: [{key: value, "type": value}]}
        for version in VERSIONS:
            assert comparable(back(to_vcard(person, version))) == comparable(person)


@pytest.mark.parametrize(
    ("target", "version", "media_type"),
    [
        ("text/vcard", "3.0", CARD_3),
        ("text/vcard;version=3.0", "3.0", CARD_3),
        ("text/vcard; version=4.0", "4.0", CARD_4),
        ('text/vcard;charset=utf-8;version="4.0"', "4.0", CARD_4),
        ("TEXT/VCARD;VERSION=4.0", "4.0", CARD_4),
        (CARD_2, "3.0", CARD_3),
    ],
)
def test_the_version_is_what_the_target_asks_for(target: str, version: str, media_type: str) -> None:
    mapped = to_card(target).convert(document({"names": [{"givenName": "A"}]}))
    assert f"VERSION:{version}" in card_lines(mapped.body)
    assert mapped.media_type == media_type


def test_the_registry_finds_both_bridges() -> None:
    forth = bridge(PERSON, ["text/calendar", CARD_4])
    back_again = bridge(CARD_3, [PERSON])
    assert forth is not None
    assert back_again is not None
    mapped = forth.convert(document({"names": [{"givenName": "A"}]}))
    assert back_again.convert(mapped.body).media_type == PERSON
    assert forth.target == CARD_4


def test_metadata_of_the_account_is_left_behind() -> None:
    person = {
        "resourceName": "people/c1",
        "etag": "%E",
        "metadata": {"deleted": False, "objectType": "PERSON", "linkedPeopleResourceNames": ["people/c2"]},
        "names": [{"givenName": "A", "metadata": {"primary": True, "verified": True, "sourcePrimary": True}}],
    }
    opened = open_document(document(person))
    assert opened.lists == {"names": [{"givenName": "A"}]}
    assert opened.rest == {"resourceName": "people/c1"}
    assert json.loads(close_document(opened)) == {
        "connections": [{"resourceName": "people/c1", "names": [{"givenName": "A"}]}],
    }


@pytest.mark.parametrize(
    ("time", "three", "four"),
    [
        ("2026-02-03T04:05:06Z", "REV:2026-02-03T04:05:06Z", "REV:20260203T040506Z"),
        ("2026-02-03T04:05:06.789123Z", "REV:2026-02-03T04:05:06.789123Z", "REV:20260203T040506Z"),
        ("2026-02-03T04:05:06+01:00", None, None),
        ("yesterday", None, None),
        ("", None, None),
    ],
)
def test_rev_is_when_google_changed_it(time: str, three: str | None, four: str | None) -> None:
    person = {"metadata": {"sources": [{"type": "CONTACT", "updateTime": time}]}, "names": [{"givenName": "A"}]}
    for version, line in (("3.0", three), ("4.0", four)):
        found = [said for said in card_lines(to_vcard(person, version)) if said.startswith("REV")]
        assert found == ([line] if line else [])


def test_the_latest_source_counts() -> None:
    sources = [
        {"type": "CONTACT", "updateTime": "2026-01-01T00:00:00Z"},
        {"type": "CONTACT", "updateTime": "2026-02-01T00:00:00Z"},
        {"type": "PROFILE", "updateTime": "2026-03-01T00:00:00Z"},
    ]
    assert "REV:2026-02-01T00:00:00Z" in card_lines(to_vcard({"metadata": {"sources": sources}}))


def test_a_card_within_a_card_stays_where_it_is() -> None:
    body = lines(
        "BEGIN:VCARD", "VERSION:2.1", "N:B;A", "FN:A B", "AGENT:", "BEGIN:VCARD", "VERSION:2.1", "N:D;C", "FN:C D",
        "TEL:9", "END:VCARD", "TEL:1", "END:VCARD",
    )  # fmt: skip
    said = json.loads(to_person("").convert(body).body)
    assert said["connections"][0]["phoneNumbers"] == [{"value": "1"}]
    assert said["connections"][0]["names"][0]["familyName"] == "B"
