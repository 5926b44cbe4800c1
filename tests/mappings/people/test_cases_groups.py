"""Cases 52-56 and 62: groups as categories, as cards of their own, and what is sent to Google for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.canonical import differences
from mappings.inspect import inspect
from mappings.mediatypes import PERSON
from mappings.people.bridges import to_card, to_person
from mappings.people.patches import new_groups, update, with_groups
from tests.mappings.people.people import VERSIONS, Person, again, back_document, card_lines, edited, to_vcard
from tests.mappings.samples import card

FRIENDS = {"resourceName": "contactGroups/5a", "name": "Freunde, Familie", "groupType": "USER_CONTACT_GROUP"}
CLUB = {"resourceName": "contactGroups/5b", "name": "Club", "groupType": "USER_CONTACT_GROUP"}
MINE = {"resourceName": "contactGroups/myContacts", "name": "myContacts", "groupType": "SYSTEM_CONTACT_GROUP"}
STARRED = {"resourceName": "contactGroups/starred", "name": "starred", "groupType": "SYSTEM_CONTACT_GROUP"}


def member(*groups: Person, **more: Any) -> Person:
    return {"resourceName": "people/c1", "names": [{"givenName": "A"}], **more} | {
        "memberships": [
            {"contactGroupMembership": {"contactGroupResourceName": group["resourceName"]}} for group in groups
        ],
    }


def groups_of(said: Person) -> list[str]:
    return [
        one["contactGroupMembership"]["contactGroupResourceName"]
        for one in said["connections"][0].get("memberships", [])
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_case_52_groups_are_categories_and_come_back_by_id(version: str) -> None:
    body = to_vcard(member(MINE, FRIENDS, STARRED), version, contactGroups=[MINE, FRIENDS, STARRED])
    assert "CATEGORIES:Freunde\\, Familie" in card_lines(body)
    said = back_document(body)
    assert groups_of(said) == ["contactGroups/myContacts", "contactGroups/5a", "contactGroups/starred"]
    assert said["contactGroups"] == [MINE, FRIENDS, STARRED]


def test_case_52_ids_google_derives_are_not_needed() -> None:
    person = member(FRIENDS)
    person["memberships"][0]["contactGroupMembership"]["contactGroupId"] = "5a"
    body = to_vcard(person, contactGroups=[FRIENDS])
    assert groups_of(back_document(body)) == ["contactGroups/5a"]


def test_case_52_a_group_without_a_name_is_kept_by_its_id() -> None:
    body = to_vcard(member(FRIENDS, CLUB), contactGroups=[CLUB])
    assert "CATEGORIES:Club" in card_lines(body)
    assert groups_of(back_document(body)) == ["contactGroups/5a", "contactGroups/5b"]


def test_case_52_a_device_takes_a_person_out_of_a_group() -> None:
    body = to_vcard(member(MINE, FRIENDS, CLUB), contactGroups=[MINE, FRIENDS, CLUB])
    changed = edited(body, "CATEGORIES:Freunde\\, Familie,Club", "CATEGORIES:Club")
    assert groups_of(back_document(changed)) == ["contactGroups/myContacts", "contactGroups/5b"]
    changed = edited(body, "CATEGORIES:Freunde\\, Familie,Club\r\n", "")
    assert groups_of(back_document(changed)) == ["contactGroups/myContacts"]


def test_case_52_a_device_puts_a_person_into_a_group() -> None:
    body = to_vcard(member(MINE, CLUB), contactGroups=[MINE, CLUB])
    changed = edited(body, "CATEGORIES:Club", "CATEGORIES:Club,Chor/Bass")
    said = back_document(changed)
    assert groups_of(said)[:2] == ["contactGroups/myContacts", "contactGroups/5b"]
    assert new_groups(json.dumps(said).encode()) == ("Chor/Bass",)


def test_case_53_a_renamed_group_renames_the_category_and_makes_no_group() -> None:
    renamed = {**FRIENDS, "name": "Freunde"}
    before = to_vcard(member(MINE, FRIENDS), contactGroups=[MINE, FRIENDS])
    after = to_vcard(member(MINE, FRIENDS), contactGroups=[MINE, renamed])
    assert "CATEGORIES:Freunde" in card_lines(after)
    assert set(differences("text/vcard", before, after)) == {"CATEGORIES", "JSPROP"}
    for body in (before, after):
        assert groups_of(back_document(body)) == ["contactGroups/myContacts", "contactGroups/5a"]
        assert new_groups(to_person("").convert(body).body) == ()


def people(person: Person) -> bytes:
    source = {"type": "CONTACT", "id": "1", "etag": "#abc"}
    return json.dumps({"connections": [{"metadata": {"sources": [source]}, **person}]}).encode()


def test_case_54_a_contact_without_a_group_has_no_memberships_in_the_mask() -> None:
    base = {"resourceName": "people/c1", "names": [{"givenName": "A"}]}
    sent = update(people(base), people({**base, "nicknames": [{"value": "n"}]}))
    assert sent is not None
    assert sent.mask == ("nicknames",)
    assert "memberships" not in sent.person


def test_case_54_memberships_are_never_sent_empty() -> None:
    base = member(MINE, FRIENDS)
    sent = update(people(base), people(member()))
    assert sent is not None
    assert sent.mask == ("memberships",)
    assert sent.person["memberships"] == [
        {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts"}},
    ]
    assert update(people(member(MINE)), people(member())) is None


def test_case_52_new_groups_are_created_first_and_then_named() -> None:
    body = card("UID:1", "N:;A;;;", "FN:A", "CATEGORIES:Chor,Club")
    said = to_person("").convert(body).body
    assert new_groups(said) == ("Chor", "Club")
    person = json.loads(said)["connections"][0]
    created = {"Chor": "contactGroups/1", "Club": "contactGroups/2"}
    resolved = with_groups(person, created)
    assert resolved["memberships"] == [
        {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/1"}},
        {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/2"}},
    ]
    assert with_groups({"names": []}, created) == {"names": []}


@pytest.mark.parametrize(
    "categories",
    [
        ("CATEGORIES:a,b",),
        ("CATEGORIES:a", "CATEGORIES:b"),
        ("item1.CATEGORIES:a,b", "item1.X-ABLabel:x"),
        ("CATEGORIES;LANGUAGE=de:a,b",),
        ("CATEGORIES:a\\,b",),
        ("CATEGORIES:b,a,b",),
        ("CATEGORIES:",),
        ("CATEGORIES: a , b ",),
    ],
)
def test_categories_of_another_come_back_as_they_are(categories: tuple[str, ...]) -> None:
    body = card("UID:1", "N:;A;;;", "FN:A", *categories)
    assert differences("text/vcard", body, again(body)) == ()


UUIDS = ("urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af", "urn:uuid:b8767877-b4a1-4c70-9acc-505d3819e519")
GROUP_4 = card("UID:g", "KIND:group", "FN:Chor, Bass", f"MEMBER:{UUIDS[0]}", f"MEMBER:{UUIDS[1]}", version="4.0")
GROUP_3 = card(
    "UID:g",
    "N:Chor\\, Bass;;;;",
    "FN:Chor\\, Bass",
    "X-ADDRESSBOOKSERVER-KIND:group",
    f"X-ADDRESSBOOKSERVER-MEMBER:{UUIDS[0]}",
    f"X-ADDRESSBOOKSERVER-MEMBER:{UUIDS[1]}",
)


@pytest.mark.parametrize("body", [pytest.param(GROUP_4, id="case_55"), pytest.param(GROUP_3, id="case_56_apple")])
def test_a_group_card_is_a_group_and_no_person(body: bytes) -> None:
    said = back_document(body)
    assert "connections" not in said
    (group,) = said["contactGroups"]
    assert group["name"] == "Chor, Bass"
    assert group["groupType"] == "USER_CONTACT_GROUP"
    assert group["memberResourceNames"] == list(UUIDS)


@pytest.mark.parametrize(("body", "version"), [(GROUP_4, "4.0"), (GROUP_3, "3.0")], ids=["case_55", "case_56"])
def test_a_group_card_comes_back(body: bytes, version: str) -> None:
    assert differences("text/vcard", body, again(body, version)) == ()
    bridge = to_person("")
    assert bridge.prove(body, bridge.convert(body).body).lossless


@pytest.mark.parametrize("version", VERSIONS)
def test_case_55_members_carry_the_identity_of_their_cards(version: str) -> None:
    group = {**CLUB, "memberResourceNames": ["people/c1", UUIDS[0]]}
    body = to_card(f"text/vcard;version={version}").convert(json.dumps({"contactGroups": [group]}).encode()).body
    uid = next(line for line in card_lines(to_vcard({"resourceName": "people/c1"}, "4.0")) if line.startswith("UID:"))
    members = [line.partition(":")[2] for line in card_lines(body) if "MEMBER:" in line]
    assert members == [uid.removeprefix("UID:"), UUIDS[0]]
    assert back_document(body)["contactGroups"][0]["name"] == "Club"


def test_case_55_a_renamed_group_card_is_written_anew() -> None:
    said = back_document(GROUP_4)
    said["contactGroups"][0]["name"] = "Sopran"
    body = to_card("text/vcard;version=4.0").convert(json.dumps(said).encode()).body
    lines = card_lines(body)
    assert "FN:Sopran" in lines
    assert [line for line in lines if line.startswith("MEMBER")] == [f"MEMBER:{one}" for one in UUIDS]


def test_case_62_a_person_is_mapped_without_looking_at_any_other() -> None:
    """Pages and expired tokens are the connector's; what is mapped depends on nothing but the item."""
    persons = [member(MINE, emailAddresses=[{"value": f"{n}@example.org"}]) for n in range(50)]
    forth = [to_vcard(one, contactGroups=[MINE]) for one in persons]
    assert forth == [to_vcard(one, contactGroups=[MINE]) for one in reversed(persons)][::-1]


def test_case_55_a_document_of_a_group_is_whole() -> None:
    said = to_person("").convert(GROUP_4).body
    found = inspect(PERSON, said)
    assert found.complete
    assert found.uid == "contactGroups/new:Chor%2C%20Bass"
    assert inspect(PERSON, b'{"contactGroups": [{}, {}]}').problem == "no-component"
