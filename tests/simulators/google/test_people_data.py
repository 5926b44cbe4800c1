"""The made-up contacts: every writable leaf of the schema, hostile texts, the same for the same seed, flat memory."""

from __future__ import annotations

import json
import tracemalloc
from itertools import islice
from typing import Any

import pytest

from simulators.google.account import Account
from simulators.google.discovery import document
from simulators.google.people_making import SYSTEM_GROUPS, Groups, OtherContacts, People
from simulators.google.words import GROUP_NAMES
from simulators.identity.model import Clock
from tests.simulators.google.asking import ALL_FIELDS, Caller
from tests.simulators.google.leaves import leaves, present

SEED = 5
SIZE = 400
NEVER = {"etag", "resourceName"}
"""Writable by the letter of the document, but names of the object itself."""


def _people(size: int = SIZE, seed: int = SEED) -> People:
    return People(size, seed=seed, photos="http://127.0.0.1", groups=12)


@pytest.fixture(scope="module")
def crowd() -> list[Any]:
    people = _people()
    return [people.make(index) for index in range(SIZE)]


def _wanted() -> set[str]:
    return leaves("people.v1", "Person", without=["FieldMetadata"]) - NEVER


def test_every_writable_leaf_of_a_person_occurs(crowd: list[Any]) -> None:
    found = {path for person in crowd for path in present(person)}
    assert sorted(_wanted() - found) == []
    assert len(_wanted()) >= 90


def test_one_person_alone_has_nearly_all_of_them(crowd: list[Any]) -> None:
    """Every fortieth has each leaf but types that are missing by chance: the fourth one even of ten people."""
    missing = _wanted() - set(present(crowd[3]))
    assert all(path.endswith((".type", "birthdays.text")) for path in missing), missing


def test_nothing_occurs_that_the_schema_does_not_have(crowd: list[Any]) -> None:
    schemas = document("people.v1").schemas

    def check(value: Any, said: dict[str, Any]) -> None:
        if isinstance(value, list):
            for each in value:
                check(each, said["items"])
        elif isinstance(value, dict):
            properties = schemas[said["$ref"]]["properties"]
            for name, each in value.items():
                check(each, properties[name])
        else:
            kinds = {"string": str, "boolean": bool, "integer": int}
            assert isinstance(value, kinds[said["type"]]), (value, said)
            assert "enum" not in said or value in said["enum"]

    for person in crowd:
        check(person, {"$ref": "Person"})


def test_singletons_of_the_contact_are_single(crowd: list[Any]) -> None:
    """Finding 7: biographies, birthdays, genders and names are singletons for contact sources."""
    for person in crowd:
        for name in ("biographies", "birthdays", "genders", "names"):
            own = [each for each in person.get(name, []) if each["metadata"]["source"]["type"] == "CONTACT"]
            assert len(own) <= 1


def test_people_without_a_name_and_without_anything_else_are_among_them(crowd: list[Any]) -> None:
    """Cases 31 and 32: only an organization, only a mail address."""
    nameless = [person for person in crowd if "names" not in person]
    assert nameless
    assert any("organizations" in person for person in nameless)
    assert any("emailAddresses" in person and "organizations" not in person for person in nameless)


def test_dates_have_all_their_forms(crowd: list[Any]) -> None:
    """Cases 26 to 29: no year, February 29 without a year, text, a year alone."""
    dates = [each for person in crowd for field in ("birthdays", "events") for each in person.get(field, [])]
    forms = {tuple(sorted(each["date"])) for each in dates if "date" in each}
    assert forms >= {("day", "month", "year"), ("day", "month"), ("year",), ("month", "year")}
    assert any(each.get("date") == {"month": 2, "day": 29} for each in dates)
    assert any("date" not in each for each in dates)


def test_texts_are_hostile(crowd: list[Any]) -> None:
    text = json.dumps(crowd, ensure_ascii=False)
    for mean in (
        ",",
        ";",
        "\\n",
        "\\\\",
        "BEGIN:VCARD",
        "\u202e",
        "👨‍👩‍👧",
        "עברית",
        "e\u0301",
        "=?utf-8?",
        "\u2028",
        "<b>",
    ):
        assert mean in text, mean
    longest = max(len(each["value"]) for person in crowd for each in person.get("biographies", ()))
    assert longest > 8000


def test_no_text_is_beyond_what_xml_can_carry(crowd: list[Any]) -> None:
    """XML 1.0 §2.2: or no CalDAV or CardDAV server could hand it out."""
    for letter in set("".join(_texts(crowd))):
        assert letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for each in below for text in _texts(each)]


def test_a_fifth_has_a_photo_of_its_own(crowd: list[Any]) -> None:
    own = [person for person in crowd if not person["photos"][0].get("default")]
    assert 0.14 < len(own) / SIZE < 0.26


def test_some_have_a_profile_as_well(crowd: list[Any]) -> None:
    both = [person for person in crowd if len(person["metadata"]["sources"]) == 2]
    assert len(both) == SIZE // 25
    assert {len(person.get("names", [])) for person in both} <= {1, 2}


def test_the_same_seed_makes_the_same_people_and_another_others(crowd: list[Any]) -> None:
    again, other = _people(), _people(seed=SEED + 1)
    assert [again.make(index) for index in range(50)] == crowd[:50]
    assert all(other.make(index) != crowd[index] for index in range(50))
    assert other.name(0) != again.name(0)


def test_a_larger_account_begins_with_the_smaller_one(crowd: list[Any]) -> None:
    assert _people(10 * SIZE).make(17) == crowd[17]


@pytest.mark.parametrize("index", [0, 1, 399, 99_999])
def test_a_name_leads_back_to_its_index(index: int) -> None:
    people = _people(100_000)
    assert people.index(people.name(index)) == index
    others = OtherContacts(100_000, seed=SEED, photos="")
    assert others.index(others.name(index)) == index


@pytest.mark.parametrize(
    "name", ["people/c", "people/c-1", "people/c99999999999999999999", "people/me", "x", "people/c١"]
)
def test_other_names_lead_nowhere(name: str) -> None:
    account = Account("ana@example.org", Clock(), people=50)
    assert account.people.get(name) is None


def test_groups_have_hostile_names_and_none_twice() -> None:
    groups = Groups(60, seed=SEED)
    made = [groups.make(index) for index in range(groups.size)]
    names = [each["name"] for each in made]
    assert len(set(names)) == len(names) == 60 + len(SYSTEM_GROUPS)
    assert set(GROUP_NAMES) <= set(names)
    assert any("clientData" in each for each in made)
    assert all(groups.index(each["resourceName"]) == index for index, each in enumerate(made))
    assert groups.index("contactGroups/zz") is None
    assert groups.index("contactGroups/" + "f" * 40) is None


def test_memberships_name_groups_there_are(crowd: list[Any]) -> None:
    groups = Groups(12, seed=SEED)
    for person in crowd:
        names = [each["contactGroupMembership"]["contactGroupResourceName"] for each in person["memberships"]]
        assert "contactGroups/myContacts" in names
        assert all(groups.index(name) is not None for name in names)
    assert any(len(person["memberships"]) > 2 for person in crowd)


def test_other_contacts_have_what_the_api_has_of_them() -> None:
    others = OtherContacts(100, seed=SEED, photos="")
    fields = {field for index in range(100) for field in others.make(index)}
    assert fields == {*("resourceName", "etag", "metadata", "names", "emailAddresses", "phoneNumbers", "photos")}


def test_all_that_can_be_asked_for_comes_over_the_wire(caller: Caller) -> None:
    """FileAses is the exception: no mask may name it, so the API never tells it."""
    fields = {
        field
        for page in caller.pages("/v1/people/me/connections", personFields=ALL_FIELDS)
        for each in page["connections"]
        for field in each
    }
    tops = {path.partition(".")[0] for path in _wanted()} - {"fileAses"}
    assert tops <= fields


def test_an_account_of_a_hundred_thousand_is_read_in_flat_memory() -> None:
    account = Account("ana@example.org", Clock(), people=100_000, events=100_000)
    for row in islice(account.people.walk(), 50):
        assert row.item
    tracemalloc.start()
    try:
        for row in islice(account.people.walk((0, 98_000, 0)), 2000):
            assert row.item
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
