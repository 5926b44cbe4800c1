"""What is sent to Google for an edited card: as little as possible, and nothing Google refuses."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import pytest

from mappings.people.bridges import to_card, to_person
from mappings.people.patches import UPDATABLE, creation, new_groups, update, with_groups
from tests.mappings.people.discovery import document as discovery
from tests.mappings.people.discovery import updatable
from tests.mappings.people.people import VERSIONS, Person, edited, full_person

SOURCE = {"type": "CONTACT", "id": "4f1", "etag": "#old", "updateTime": "2026-01-02T03:04:05Z"}
PROFILE = {"type": "PROFILE", "id": "2", "etag": "#p"}
BASE: Person = {
    "resourceName": "people/c1",
    "etag": "%whole",
    "metadata": {"sources": [SOURCE, PROFILE], "objectType": "PERSON"},
    "names": [{"givenName": "Anna", "familyName": "Doe", "unstructuredName": "Anna Doe", "displayName": "Anna Doe"}],
    "emailAddresses": [
        {"value": "a@example.org", "type": "home", "displayName": "A"},
        {"value": "p@gmail.example", "metadata": {"source": {"type": "PROFILE", "id": "2"}}},
    ],
    "phoneNumbers": [{"value": "1", "type": "mobile", "canonicalForm": "+411"}, {"value": "2", "type": "Lager"}],
    "addresses": [
        {"streetAddress": "Weg 1", "city": "Bern", "formattedValue": "Weg 1\nBern"},
        {"streetAddress": "Weg 9", "formattedValue": "Weg 9"},
    ],
    "biographies": [{"value": "<b>note</b>", "contentType": "TEXT_HTML"}],
    "birthdays": [{"date": {"month": 4, "day": 15}, "text": "15 April"}],
    "memberships": [{"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts"}}],
    "userDefined": [{"key": "k", "value": "v"}],
    "skills": [{"value": "knots"}],
}


def people(person: Person) -> bytes:
    return json.dumps({"connections": [person]}).encode()


def changed(**fields: Any) -> Person:
    return {**BASE, **fields}


def by_device(before: str, after: str, version: str = "3.0", person: Person = BASE) -> bytes:
    """The document of the card after a device edited it in one place."""
    body = to_card(f"text/vcard;version={version}").convert(people(person)).body
    return to_person("").convert(edited(body, before, after)).body


def test_the_mask_is_googles() -> None:
    assert updatable() == UPDATABLE


@pytest.mark.parametrize("version", VERSIONS)
def test_a_card_nobody_edited_sends_nothing(version: str) -> None:
    body = to_card(f"text/vcard;version={version}").convert(people(BASE)).body
    assert update(people(BASE), to_person("").convert(body).body) is None
    assert update(people(BASE), people(BASE)) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_full_person_nobody_edited_sends_nothing(version: str) -> None:
    person = full_person(1)
    body = to_card(f"text/vcard;version={version}").convert(people(person)).body
    assert update(people(person), to_person("").convert(body).body) is None


EDITS = [
    (
        "TEL;TYPE=CELL:1",
        "TEL;TYPE=CELL:11",
        "phoneNumbers",
        [{"value": "11", "type": "mobile"}, BASE["phoneNumbers"][1]],
    ),
    ("NOTE:note", "NOTE:other", "biographies", [{"value": "other", "contentType": "TEXT_PLAIN"}]),
    ("1604-04-15", "1604-04-16", "birthdays", [{"date": {"month": 4, "day": 16}}]),
    (
        "EMAIL;TYPE=HOME:a@",
        "EMAIL;TYPE=WORK:a@",
        "emailAddresses",
        [{"value": "a@example.org", "type": "work", "displayName": "A"}],
    ),
    ("FN:Anna Doe", "FN:Anna D.", "names", [{"givenName": "Anna", "familyName": "Doe", "unstructuredName": "Anna D."}]),
    ("N:Doe;Anna;;;", "N:Roe;Anna;;;", "names", [{"givenName": "Anna", "familyName": "Roe"}]),
]


@pytest.mark.parametrize(("before", "after", "field", "sent"), EDITS, ids=[edit[0] for edit in EDITS])
def test_one_edit_sends_one_field(before: str, after: str, field: str, sent: list[Person]) -> None:
    found = update(people(BASE), by_device(before, after))
    assert found is not None
    assert found.mask == (field,)
    assert found.person[field] == sent
    assert found.left == ()
    assert set(found.person) == {"resourceName", "metadata", field}


def test_the_etag_of_the_contact_is_sent_and_no_other() -> None:
    found = update(people(BASE), people(changed(userDefined=[])))
    assert found is not None
    assert found.resource_name == "people/c1"
    assert found.person["metadata"] == {"sources": [{"type": "CONTACT", "id": "4f1", "etag": "#old"}]}
    fresh = changed(metadata={"sources": [{**SOURCE, "etag": "#new"}]})
    found = update(people(BASE), people(changed(userDefined=[])), people(fresh))
    assert found is not None
    assert found.person["metadata"] == {"sources": [{"type": "CONTACT", "id": "4f1", "etag": "#new"}]}


def test_a_removed_list_is_sent_empty() -> None:
    found = update(people(BASE), people(changed(userDefined=[])))
    assert found is not None
    assert found.mask == ("userDefined",)
    assert found.person["userDefined"] == []


def test_elements_of_a_profile_are_never_sent() -> None:
    """Case 61: what Google joined in from elsewhere is not the contact's."""
    emails = [{"value": "b@example.org"}, BASE["emailAddresses"][1]]
    found = update(people(BASE), people(changed(emailAddresses=emails)))
    assert found is not None
    assert found.person["emailAddresses"] == [{"value": "b@example.org"}]


def test_case_61_nothing_is_sent_for_other_contacts() -> None:
    other = json.dumps({"otherContacts": [BASE]}).encode()
    edited_other = json.dumps({"otherContacts": [changed(userDefined=[])]}).encode()
    assert update(other, edited_other) is None
    assert update(people(BASE), edited_other) is None
    assert creation(other) is None


def test_case_57_an_edit_of_the_lines_google_has_no_leaf_for_sends_nothing() -> None:
    body = to_card("text/vcard").convert(people(BASE)).body
    odd = body.replace(b"END:VCARD", b"item9.X-ODD;P=1:v\r\nX-MORE:w\r\nEND:VCARD")
    document = to_person("").convert(odd).body
    assert update(people(BASE), document) is None
    returned = to_card("text/vcard").convert(document).body
    assert b"\r\nitem9.X-ODD;P=1:v\r\n" in returned
    assert b"\r\nX-MORE:w\r\n" in returned


def test_case_58_a_second_photo_and_a_logo_stay_on_the_card() -> None:
    body = to_card("text/vcard").convert(people(BASE)).body
    lines = b"PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\nPHOTO;ENCODING=b;TYPE=PNG:AAAB\r\nLOGO;ENCODING=b:AAAC\r\n"
    document = to_person("").convert(body.replace(b"END:VCARD", lines + b"END:VCARD")).body
    assert update(people(BASE), document) is None
    returned = to_card("text/vcard").convert(document).body
    for line in lines.splitlines():
        assert line in returned


def test_fields_without_a_mask_are_told() -> None:
    found = update(people(BASE), people(changed(skills=[{"value": "bends"}], userDefined=[])))
    assert found is not None
    assert found.mask == ("userDefined",)
    assert found.left == ("skills",)


def test_singletons_are_sent_once() -> None:
    notes = [{"value": "one", "contentType": "TEXT_PLAIN"}, {"value": "two", "contentType": "TEXT_PLAIN"}]
    found = update(people(BASE), people(changed(biographies=notes)))
    assert found is not None
    assert found.person["biographies"] == notes[:1]
    sent = creation(people(changed(biographies=notes, names=[{"givenName": "A"}, {"givenName": "B"}])))
    assert sent is not None
    assert sent["biographies"] == notes[:1]
    assert sent["names"] == [{"givenName": "A"}]


def test_the_singletons_are_those_of_the_document() -> None:
    method = discovery()["resources"]["people"]["methods"]["updateContact"]
    said = re.findall(r"\* (\w+)", method["description"].partition("singleton")[2])
    for name in said:
        sent = creation(people({name: [{"value": "1"}, {"value": "2"}]}))
        assert sent is not None
        assert sent[name] == [{"value": "1"}]
    assert len(said) == 4


class TestFreshLists:
    """Somebody else edited the contact at Google meanwhile: both changes stand."""

    def phones(self, after: list[Person], now: list[Person]) -> list[Person]:
        found = update(people(BASE), people(changed(phoneNumbers=after)), people(changed(phoneNumbers=now)))
        assert found is not None
        sent = found.person["phoneNumbers"]
        assert isinstance(sent, list)
        return sent  # type: ignore[return-value]  # a list of phones

    one, two, three, four = ({"value": str(n)} for n in (1, 2, 3, 4))
    first, second = BASE["phoneNumbers"][0], BASE["phoneNumbers"][1]
    mobile: ClassVar = {"value": "1", "type": "mobile"}

    def test_both_added(self) -> None:
        sent = self.phones([self.mobile, self.second, self.three], [self.first, self.second, self.four])
        assert sent == [self.mobile, self.second, self.four, self.three]

    def test_both_added_the_same(self) -> None:
        sent = self.phones([self.mobile, self.second, self.three], [self.first, self.second, self.three])
        assert sent == [self.mobile, self.second, self.three]

    def test_one_removed_what_the_other_kept(self) -> None:
        assert self.phones([self.second], [self.first, self.second, self.four]) == [self.second, self.four]

    def test_one_edited_what_the_other_removed(self) -> None:
        assert self.phones([self.three, self.second], [self.second]) == [self.second, self.three]

    def test_the_other_emptied_the_list(self) -> None:
        assert self.phones([self.mobile, self.second, self.three], []) == [self.three]

    def test_a_singleton_of_both_is_ours(self) -> None:
        note = [{"value": "ours", "contentType": "TEXT_PLAIN"}]
        theirs = [{"value": "theirs", "contentType": "TEXT_PLAIN"}]
        found = update(people(BASE), people(changed(biographies=note)), people(changed(biographies=theirs)))
        assert found is not None
        assert found.person["biographies"] == note


def test_order_alone_is_a_change() -> None:
    found = update(people(BASE), people(changed(phoneNumbers=BASE["phoneNumbers"][::-1])))
    assert found is not None
    assert [one["value"] for one in found.person["phoneNumbers"]] == ["2", "1"]  # type: ignore[index,union-attr,call-overload]  # phones


def test_an_address_edited_in_its_parts_sends_no_outdated_text() -> None:
    """Google makes the formatted value of the parts, where it is not given."""
    document = by_device("ADR:;;Weg 1;Bern;;;", "ADR:;;Weg 2;Bern;;;")
    found = update(people(BASE), document)
    assert found is not None
    assert found.person["addresses"] == [{"streetAddress": "Weg 2", "city": "Bern"}, BASE["addresses"][1]]


def test_creation_sends_all_that_can_be_sent() -> None:
    person = full_person(2)
    sent = creation(people(person))
    assert sent is not None
    assert set(sent) == UPDATABLE | {"skills"}
    assert "metadata" not in json.dumps(sent)
    assert creation(people({"names": [{"givenName": "A"}]})) == {"names": [{"givenName": "A"}]}


@pytest.mark.parametrize("version", VERSIONS)
def test_creation_from_a_card_is_creation_from_the_person(version: str) -> None:
    person = full_person(2)
    body = to_card(f"text/vcard;version={version}").convert(people(person)).body
    assert creation(to_person("").convert(body).body) == creation(people(person))


def test_a_category_of_gmails_export_is_no_new_group() -> None:
    body = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nCATEGORIES:myContacts,starred,Chor\r\nEND:VCARD\r\n"
    document = to_person("").convert(body).body
    assert new_groups(document) == ("Chor",)
    person = json.loads(document)["connections"][0]
    resolved = with_groups(person, {"Chor": "contactGroups/7"})
    assert [one["contactGroupMembership"]["contactGroupResourceName"] for one in resolved["memberships"]] == [  # type: ignore[index,union-attr,call-overload]  # memberships
        "contactGroups/myContacts",
        "contactGroups/starred",
        "contactGroups/7",
    ]
