"""A device edits the card: what it changed is so, what it left alone comes back, nothing changes its owner."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.loss import Fate
from mappings.people.bridges import to_card, to_person
from tests.mappings.people.people import (
    VERSIONS,
    Person,
    back,
    back_document,
    card_lines,
    comparable,
    document,
    edited,
    full_person,
    to_vcard,
)
from tests.mappings.samples import lines

EMAILS = [
    {"value": "a@x", "type": "home", "displayName": "A"},
    {"value": "b@x", "type": "own", "displayName": "B"},
    {"value": "c@x", "displayName": "C"},
]


def without(body: bytes, *starts: str) -> bytes:
    """The card without the lines that begin so, as a device writes it that knows no carriers by position."""
    return lines(*(line for line in card_lines(body) if not line.startswith(starts)))


def carriers(body: bytes) -> list[str]:
    return [line for line in card_lines(body) if "JSPROP" in line]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("gone", [0, 1, 2])
def test_removing_an_element_leaves_the_others_theirs(gone: int, version: str) -> None:
    body = to_vcard({"emailAddresses": EMAILS}, version)
    value = EMAILS[gone]["value"]
    kept = lines(*(line for line in card_lines(body) if not line.endswith(f":{value}")))
    assert back(kept)["emailAddresses"] == [one for one in EMAILS if one["value"] != value]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_adding_an_element_leaves_the_others_theirs(place: int, version: str) -> None:
    said = card_lines(to_vcard({"emailAddresses": EMAILS}, version))
    at = [n for n, line in enumerate(said) if ".EMAIL" in line] + [len(said) - 1]
    said.insert(at[place], "EMAIL:new@x")
    found = back(lines(*said))["emailAddresses"]
    assert [one for one in found if one["value"] != "new@x"] == EMAILS
    assert {"value": "new@x"} in found


@pytest.mark.parametrize("version", VERSIONS)
def test_editing_an_element_keeps_what_the_card_cannot_say(version: str) -> None:
    body = to_vcard({"emailAddresses": EMAILS}, version)
    assert back(edited(body, ":b@x", ":bb@x"))["emailAddresses"][1] == {**EMAILS[1], "value": "bb@x"}
    assert back(edited(body, "X-ABLabel:own", "X-ABLabel:mine"))["emailAddresses"][1] == {**EMAILS[1], "type": "mine"}


@pytest.mark.parametrize("version", VERSIONS)
def test_removing_all_elements_drops_their_carriers(version: str) -> None:
    body = to_vcard({"emailAddresses": EMAILS, "phoneNumbers": [{"value": "1"}]}, version)
    gone = lines(*(line for line in card_lines(body) if ".EMAIL" not in line))
    assert carriers(gone)
    assert "emailAddresses" not in back(gone)
    assert back(gone)["phoneNumbers"] == [{"value": "1"}]


NATIVE: list[tuple[str, Person, str, str, Any]] = [
    ("urls", {"value": "http://x/a,b"}, "http://x/a%2Cb", "http://y", {"value": "http://y"}),
    ("phoneNumbers", {"value": "1\x00"}, "TEL:1", "TEL:2", {"value": "2"}),
    ("sipAddresses", {"value": "a@x"}, "sip:a@x", "sip:b@x", {"value": "sip:b@x"}),
    ("imClients", {"username": "a", "protocol": "AIM"}, "x-apple:a", "x-apple:b", {"username": "b", "protocol": "AIM"}),
    ("nicknames", {"value": "a\x00"}, "NICKNAME:a", "NICKNAME:b", {"value": "b"}),
    ("genders", {"value": "x\x00"}, ":x", ":y", {"value": "y"}),
]


@pytest.mark.parametrize(("field", "element", "before", "after", "found"), NATIVE, ids=[row[0] for row in NATIVE])
def test_a_carrier_yields_to_an_edit(field: str, element: Person, before: str, after: str, found: object) -> None:
    body = to_vcard({field: [element]})
    assert carriers(body)
    assert back(body)[field] == [element]
    body = lines(*(line if "JSPROP" in line else line.replace(before, after) for line in card_lines(body)))
    assert back(body)[field] == [found]


SINGLES: list[tuple[str, Person, str]] = [
    ("birthdays", {"date": {"month": 4, "day": 15}, "text": "x"}, "BDAY"),
    ("biographies", {"value": "<b>x</b>", "contentType": "TEXT_HTML"}, "NOTE"),
    ("genders", {"value": "x\x00"}, "X-GENDER"),
]


@pytest.mark.parametrize(("field", "element", "name"), SINGLES, ids=[row[0] for row in SINGLES])
def test_a_removed_property_takes_its_carriers_along(field: str, element: Person, name: str) -> None:
    body = to_vcard({field: [element]})
    assert carriers(body)
    assert field not in back(without(body, name))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_device_that_drops_all_carriers_keeps_the_card(version: str) -> None:
    person = full_person(2)
    body = to_vcard(person, version)
    bare = back(lines(*(line for line in card_lines(body) if "JSPROP" not in line)))
    for field in ("names", "emailAddresses", "phoneNumbers", "addresses", "organizations", "birthdays", "relations"):
        assert bare[field]
    bridge = to_card(f"text/vcard;version={version}")
    receipt = bridge.prove(document(person), lines(*(line for line in card_lines(body) if "JSPROP" not in line)))
    assert {one.leaf for one in receipt.only(Fate.REFUSED)} >= {"userDefined[].key", "clientData[].value"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_device_that_renumbers_groups_changes_nothing(version: str) -> None:
    person = full_person(3)
    body = to_vcard(person, version)
    renamed = lines(
        *(line.replace("item", "DEVICE-X", 1) if line.startswith("item") else line for line in card_lines(body)),
    )
    assert comparable(back(renamed)) == comparable(person)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_carrier_in_another_group_belongs_to_nobody(version: str) -> None:
    body = to_vcard({"emailAddresses": EMAILS[:1]}, version)
    moved = lines(*(line.replace("item1.JSPROP", "item9.JSPROP") for line in card_lines(body)))
    assert back(moved)["emailAddresses"] == [{"value": "a@x", "type": "home"}]


def test_carriers_of_others_are_kept_like_any_line() -> None:
    odd = (
        'JSPROP;JSPTR="example.org:x/1":{"a":1}',
        'JSPROP;JSPTR="google.com:people/":1',
        'JSPROP;JSPTR="google.com:people/a/b/c":1',
        'JSPROP;JSPTR="google.com:people/a/1/c/d":1',
        'JSPROP;JSPTR="google.com:people/a/99999999/c":1',
        "JSPROP:no pointer",
        'JSPROP;JSPTR="google.com:people/names/0/givenName":no json',
    )
    body = lines("BEGIN:VCARD", "VERSION:3.0", "UID:1", "N:B;A;;;", "FN:A B", *odd, "END:VCARD")
    said = back_document(body)
    assert set(said["vcardLines"]) >= set(odd)
    returned = card_lines(to_card("text/vcard").convert(json.dumps(said).encode()).body)
    assert set(returned) >= set(odd)


def test_a_leaf_google_adds_one_day_is_carried() -> None:
    person = {
        "emailAddresses": [{"value": "a", "newLeaf": {"x": [1, True, None]}}],
        "newList": [{"value": "v"}, {"other": 1}],
        "newThing": {"a": "b"},
        "newToken": "secret",
        "names": [{"givenName": "A", "accessToken": "secret"}],
    }
    mapped = to_card("text/vcard").convert(document(person))
    assert b"secret" not in mapped.body
    assert sorted(one.leaf for one in mapped.losses.only(Fate.LOST)) == ["names[].accessToken", "newToken"]
    assert {one.reason for one in mapped.losses.only(Fate.LOST)} == {"access-data"}
    found = back(mapped.body)
    assert found["emailAddresses"] == person["emailAddresses"]
    assert found["newList"] == person["newList"]
    assert found["newThing"] == person["newThing"]


def test_a_device_adds_an_element_to_a_list_that_lives_in_carriers() -> None:
    """Events without a day have no form in 3.0: they keep their place among those that have."""
    events = [
        {"date": {"year": 1999}, "type": "a"},
        {"date": {"year": 2000, "month": 1, "day": 2}, "type": "b"},
        {"date": {"year": 2001}, "type": "c"},
    ]
    body = to_vcard({"events": events})
    assert back(body)["events"] == events
    added = edited(body, "END:VCARD", "item8.X-ABDATE:2002-02-02\r\nEND:VCARD")
    found = back(added)["events"]
    assert [one for one in found if one in events] == events
    assert {"date": {"year": 2002, "month": 2, "day": 2}} in found


@pytest.mark.parametrize("version", VERSIONS)
def test_lists_of_two_properties_keep_their_order(version: str) -> None:
    person = {
        "calendarUrls": [
            {"url": "http://1", "type": "freeBusy"},
            {"url": "http://2", "type": "home"},
            {"url": "http://3", "type": "freeBusy"},
        ],
        "nicknames": [{"value": "b"}, {"value": "m", "type": "MAIDEN_NAME"}, {"value": "a"}],
        "events": [
            {"date": {"year": 2000, "month": 1, "day": 2}, "type": "x"},
            {"date": {"year": 2000, "month": 1, "day": 3}, "type": "anniversary"},
            {"date": {"year": 2000, "month": 1, "day": 4}, "type": "anniversary"},
        ],
        "organizations": [{"title": "t"}, {"name": "n"}, {"jobDescription": "r"}],
    }
    assert back(to_vcard(person, version)) == person
    shuffled = sorted(
        card_lines(to_vcard(person, version))[1:-1], key=lambda line: line.partition(":")[0].split(".")[-1]
    )
    assert comparable(back(lines("BEGIN:VCARD", *shuffled, "END:VCARD"))) == comparable(person)


def test_only_one_anniversary_stands_on_a_card_of_40() -> None:
    date = {"year": 2000, "month": 1, "day": 3}
    body = to_vcard({"events": [{"date": date, "type": "anniversary"}] * 2}, "4.0")
    assert sum("ANNIVERSARY:" in line for line in card_lines(body)) == 1


def test_a_strangers_lines_yield_to_an_edit_of_the_person() -> None:
    body = lines(
        "BEGIN:VCARD", "VERSION:3.0", "UID:1", "N:B;A;;;", "FN:A B",
        "EMAIL;TYPE=INTERNET,HOME,PREF;X-P=1:a@x", "EMAIL;TYPE=INTERNET:b@x", "END:VCARD",
    )  # fmt: skip
    said = json.loads(to_person("").convert(body).body)
    said["connections"][0]["emailAddresses"][1]["value"] = "c@x"
    said["connections"][0]["emailAddresses"].append({"value": "d@x", "displayName": "D"})
    found = card_lines(to_card("text/vcard").convert(json.dumps(said).encode()).body)
    assert "EMAIL;TYPE=INTERNET,HOME,PREF;X-P=1:a@x" in found
    assert "EMAIL:c@x" in found
    assert not any("b@x" in line for line in found)
    assert any(line.endswith(".EMAIL:d@x") for line in found)


def test_what_google_knows_more_of_a_strangers_element_is_tied_to_its_line() -> None:
    body = lines("BEGIN:VCARD", "VERSION:3.0", "UID:1", "N:B;A;;;", "FN:A B", "EMAIL;TYPE=INTERNET:a@x", "END:VCARD")
    said = json.loads(to_person("").convert(body).body)
    said["connections"][0]["emailAddresses"][0]["displayName"] = "A"
    returned = to_card("text/vcard").convert(json.dumps(said).encode()).body
    assert "item1.EMAIL;TYPE=INTERNET:a@x" in card_lines(returned)
    assert back(returned)["emailAddresses"] == [{"value": "a@x", "displayName": "A"}]
