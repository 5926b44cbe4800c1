"""Cases 37-51 and 57-63 of the design: addresses, organizations, relations, messengers, notes, what is unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.canonical import differences
from mappings.carriers import LEAF_TOO_LARGE
from mappings.loss import Fate
from mappings.people.bridges import to_card, to_person
from tests.mappings.people.people import (
    VERSIONS,
    Person,
    again,
    back,
    back_document,
    card_lines,
    document,
    edited,
    to_vcard,
)
from tests.mappings.samples import card

HEAD = ("UID:1", "N:B;A;;;", "FN:A B")


def only(person: Person, field: str) -> Any:
    elements = person[field]
    assert len(elements) == 1
    return elements[0]


def same_card(body: bytes, version: str = "3.0") -> bool:
    return differences("text/vcard", body, again(body, version)) == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_case_37_a_line_end_in_a_street(version: str) -> None:
    person = {"addresses": [{"streetAddress": "c/o Doe\n12, Main St", "city": "Bern"}]}
    body = to_vcard(person, version)
    assert "ADR:;;c/o Doe\\n12\\, Main St;Bern;;;" in card_lines(body)
    assert back(body) == person


def test_case_38_only_a_formatted_address() -> None:
    person = {"addresses": [{"formattedValue": "Main St 1\nBern"}]}
    three, four = to_vcard(person, "3.0"), to_vcard(person, "4.0")
    assert "item1.ADR:;;Main St 1\\nBern;;;;" in card_lines(three)
    assert "item1.LABEL:Main St 1\\nBern" in card_lines(three)
    assert "item1.ADR;LABEL=Main St 1^nBern:;;Main St 1\\nBern;;;;" in card_lines(four)
    assert back(three) == back(four) == person


def test_case_38_a_device_that_edits_it_gives_a_street() -> None:
    body = to_vcard({"addresses": [{"formattedValue": "Main St 1\nBern"}]})
    changed = edited(body, "ADR:;;Main St 1\\nBern;;;;", "ADR:;;Main St 2;Bern;;;")
    assert only(back(changed), "addresses") == {
        "streetAddress": "Main St 2",
        "city": "Bern",
        "formattedValue": "Main St 1\nBern",
    }


@pytest.mark.parametrize("code", ["CH", "ch", "Ch"])
def test_case_39_country_and_code(code: str) -> None:
    person = {"addresses": [{"country": "Schweiz", "countryCode": code}]}
    three, four = to_vcard(person, "3.0"), to_vcard(person, "4.0")
    assert "item1.X-ABADR:ch" in card_lines(three)
    assert f"ADR;CC={code}:;;;;;;Schweiz" in card_lines(four)
    assert back(three) == back(four) == person


@pytest.mark.parametrize("version", VERSIONS)
def test_case_40_a_region(version: str) -> None:
    person = {"addresses": [{"region": "BE", "city": "Bern", "postalCode": "3000", "poBox": "7", "type": "work"}]}
    body = to_vcard(person, version)
    assert "ADR;TYPE=WORK:7;;;Bern;BE;3000;" in card_lines(body)
    assert back(body) == person


@pytest.mark.parametrize("version", VERSIONS)
def test_case_41_two_organizations(version: str) -> None:
    person = {
        "organizations": [
            {"name": "New", "title": "Head", "current": True, "startDate": {"year": 2020, "month": 5}, "type": "work"},
            {
                "name": "Old",
                "department": "Lab",
                "jobDescription": "to look",
                "current": False,
                "startDate": {"year": 1999, "month": 1, "day": 31},
                "endDate": {"year": 2020},
                "symbol": "OLD",
                "type": "school",
            },
        ],
    }
    body = to_vcard(person, version)
    assert back(body) == person
    groups = {line.partition(".")[0] for line in card_lines(body) if ".ORG" in line or ".TITLE" in line}
    assert len(groups) == 2


def test_case_41_two_organizations_of_another_are_paired_in_order() -> None:
    body = card(*HEAD, "ORG:One", "TITLE:Head", "ORG:Two;Lab", "TITLE:Hand", "ROLE:to look")
    assert back(body)["organizations"] == [
        {"name": "One", "title": "Head", "jobDescription": "to look"},
        {"name": "Two", "department": "Lab", "title": "Hand"},
    ]
    assert same_card(body)


def test_case_42_a_semicolon_in_an_organization() -> None:
    body = card(*HEAD, "ORG:A\\;B;C")
    assert only(back(body), "organizations") == {"name": "A;B", "department": "C"}
    assert same_card(body)
    assert "ORG:A\\;B;C" in card_lines(to_vcard(back(body)))


def test_case_42_units_below_a_department() -> None:
    body = card(*HEAD, "ORG:A;B;C, D")
    assert only(back(body), "organizations") == {"name": "A", "department": "B, C, D"}
    assert same_card(body)


def test_case_43_a_spouse() -> None:
    person = {"relations": [{"person": "Kim, Doe", "type": "spouse"}]}
    three, four = to_vcard(person, "3.0"), to_vcard(person, "4.0")
    assert "item1.X-ABRELATEDNAMES:Kim\\, Doe" in card_lines(three)
    assert "item1.X-ABLabel:_$!<Spouse>!$_" in card_lines(three)
    assert "RELATED;TYPE=SPOUSE;VALUE=text:Kim\\, Doe" in card_lines(four)
    assert back(three) == back(four) == person


RELATIONS = [
    *("spouse", "child", "mother", "father", "parent", "brother", "sister", "friend", "relative"),
    *("domesticPartner", "manager", "assistant", "referredBy", "partner", "Götti"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", RELATIONS)
def test_case_44_relations_without_a_type_of_their_own(kind: str, version: str) -> None:
    person = {"relations": [{"person": "Kim", "type": kind}]}
    assert back(to_vcard(person, version)) == person


@pytest.mark.parametrize("written", ["X-SPOUSE:Kim", "X-EVOLUTION-SPOUSE:Kim", "RELATED;TYPE=spouse;VALUE=text:Kim"])
@pytest.mark.parametrize("version", VERSIONS)
def test_case_43_as_others_write_it(written: str, version: str) -> None:
    body = card(*HEAD, written, version=version)
    assert only(back(body), "relations") == {"person": "Kim", "type": "spouse"}
    assert same_card(body, version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["@anna:example.org", "a b", "ü;,\\", "100%", "a%20b", "xmpp:x", "?x=1#y", "😀"])
def test_case_45_a_messenger_google_does_not_know(name: str, version: str) -> None:
    person = {"imClients": [{"protocol": "matrix", "username": name, "type": "home"}]}
    body = to_vcard(person, version)
    param = "SERVICE-TYPE" if version == "4.0" else "X-SERVICE-TYPE"
    assert any(line.startswith(f"IMPP;TYPE=HOME;{param}=matrix:x-apple:") for line in card_lines(body))
    assert back(body) == person


MESSENGERS = ["aim", "msn", "yahoo", "skype", "qq", "googleTalk", "icq", "jabber", "netMeeting", "Jabber", "AIM", "x y"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("protocol", MESSENGERS)
def test_case_45_every_messenger(protocol: str, version: str) -> None:
    person = {"imClients": [{"protocol": protocol, "username": "anna"}, {"username": "x"}, {"protocol": protocol}]}
    assert back(to_vcard(person, version)) == person


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("written", "protocol"),
    [
        ("X-AIM;TYPE=HOME:anna", "aim"),
        ("X-JABBER:anna", "jabber"),
        ("X-SKYPE;type=WORK;type=pref:anna", "skype"),
        ("X-SKYPE-USERNAME:anna", "skype"),
        ("X-GOOGLE-TALK:anna", "googleTalk"),
        ("X-ICQ:anna", "icq"),
        ("X-MSN:anna", "msn"),
        ("X-YAHOO:anna", "yahoo"),
        ("X-GADUGADU:anna", "Gadu-Gadu"),
        ("IMPP;X-SERVICE-TYPE=Jabber;type=HOME:xmpp:anna", "jabber"),
        ("IMPP:xmpp:anna", "jabber"),
        ("IMPP;TYPE=home:aim:anna", "aim"),
        ("item1.IMPP;X-SERVICE-TYPE=Skype:skype:anna", "skype"),
    ],
)
def test_case_46_messengers_as_others_write_them(written: str, protocol: str, version: str) -> None:
    body = card(*HEAD, written, version=version)
    found = only(back(body), "imClients")
    assert (found["protocol"], found["username"]) == (protocol, "anna")
    assert same_card(body, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_case_47_a_sip_address_is_no_messenger(version: str) -> None:
    person = {"sipAddresses": [{"value": "sip:anna@example.org", "type": "mobile"}]}
    body = to_vcard(person, version)
    assert "IMPP;TYPE=MOBILE:sip:anna@example.org" in card_lines(body)
    assert back(body) == person
    plain = {"sipAddresses": [{"value": "anna@example.org"}, {"value": "anna doe, 1"}]}
    assert back(to_vcard(plain, version)) == plain


@pytest.mark.parametrize("version", VERSIONS)
def test_case_48_the_same_key_twice(version: str) -> None:
    person = {"userDefined": [{"key": "k", "value": "2"}, {"key": "k", "value": "1"}, {"key": "a", "value": "2"}]}
    assert back(to_vcard(person, version)) == person


@pytest.mark.parametrize("version", VERSIONS)
def test_case_49_too_large_to_carry(version: str) -> None:
    person = {"clientData": [{"key": "big", "value": "x" * 65_536}, {"key": "small", "value": "y"}]}
    bridge = to_card(f"text/vcard;version={version}")
    mapped = bridge.convert(document(person))
    assert [(one.leaf, one.reason) for one in mapped.losses.only(Fate.LOST)] == [
        ("clientData[].value", LEAF_TOO_LARGE),
    ]
    assert back(mapped.body)["clientData"] == [{"key": "big"}, person["clientData"][1]]
    receipt = bridge.prove(document(person), mapped.body)
    assert receipt.count(Fate.REFUSED) == 0
    assert receipt.count(Fate.LOST) == 1


HTML = "<p>Tom &amp; <b>Jerry</b></p><ul><li>one</li><li>two, three</li></ul>"


@pytest.mark.parametrize("version", VERSIONS)
def test_case_50_a_biography_in_html(version: str) -> None:
    person = {"biographies": [{"value": HTML, "contentType": "TEXT_HTML"}]}
    body = to_vcard(person, version)
    assert "NOTE:Tom & Jerry\\none\\ntwo\\, three" in card_lines(body)
    assert back(body) == person
    changed = edited(body, "NOTE:Tom & Jerry", "NOTE:Tom and Jerry")
    assert only(back(changed), "biographies") == {
        "value": "Tom and Jerry\none\ntwo, three",
        "contentType": "TEXT_PLAIN",
    }
    removed = edited(body, "NOTE:Tom & Jerry\\none\\ntwo\\, three\r\n", "")
    assert "biographies" not in back(removed)


def test_case_51_two_notes() -> None:
    body = card(*HEAD, "NOTE:one", "TEL:1", "NOTE;LANGUAGE=de:zwei")
    assert only(back(body), "biographies") == {"value": "one\n\nzwei", "contentType": "TEXT_PLAIN"}
    assert same_card(body)
    changed = back_document(body)
    changed["connections"][0]["biographies"][0]["value"] = "other"
    lines = card_lines(to_card("text/vcard").convert(json.dumps(changed).encode()).body)
    assert [line for line in lines if line.startswith("NOTE")] == ["NOTE:other"]


def test_case_57_unknown_properties_outlive_an_edit() -> None:
    odd = (
        "X-ODD;X-P=1;TYPE=a,b:v\\, w",
        'item3.X-OTHER;P="a;b":1',
        "KEY;ENCODING=b:AAAA",
        "TZ:+01:00",
        "SOURCE:http://x",
    )
    body = card(*HEAD, "TEL:1", *odd)
    said = back_document(body)
    said["connections"][0]["phoneNumbers"][0]["value"] = "2"
    lines = card_lines(to_card("text/vcard").convert(json.dumps(said).encode()).body)
    assert "TEL:2" in lines
    assert "TEL:1" not in lines
    for line in odd:
        assert line in lines


def test_case_58_pictures_sounds_and_keys() -> None:
    body = card(
        *HEAD,
        "PHOTO;ENCODING=b;TYPE=JPEG:AAAA",
        "PHOTO;ENCODING=b;TYPE=PNG:AAAB",
        "LOGO;ENCODING=b;TYPE=PNG:AAAC",
        "SOUND;VALUE=uri:http://example.org/a.ogg",
        "KEY;TYPE=PGP;ENCODING=b:AAAD",
    )
    assert len(back(body)["photos"]) == 2
    assert same_card(body)


@pytest.mark.parametrize("uid", ["urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af", "03a0e51f-d1aa-4385-8a53", "a\\,b"])
def test_case_59_the_identity_of_a_card_stays(uid: str) -> None:
    body = card(f"UID:{uid}", "N:B;A;;;", "FN:A B")
    assert same_card(body)
    assert f"UID:{uid}" in card_lines(again(body))


def test_case_59_a_card_without_an_identity_gets_the_same_each_time() -> None:
    body = card("N:B;A;;;", "FN:A B", "TEL:1")
    (first,) = (line for line in card_lines(again(body)) if line.startswith("UID:"))
    assert first in card_lines(again(body))
    assert first in card_lines(again(again(body)))
    assert first not in card_lines(again(card("N:B;A;;;", "FN:A B", "TEL:2")))


@pytest.mark.parametrize("version", VERSIONS)
def test_case_59_a_persons_identity_is_that_of_the_resource(version: str) -> None:
    one = {"resourceName": "people/c1", "names": [{"givenName": "A"}]}
    changed = {"resourceName": "people/c1", "names": [{"givenName": "B"}]}
    other = {"resourceName": "people/c2", "names": [{"givenName": "A"}]}

    def uid(person: Person) -> str:
        return next(line for line in card_lines(to_vcard(person, version)) if line.startswith("UID:"))

    assert uid(one) == uid(changed)
    assert uid(one) != uid(other)
    assert back(to_vcard(one, version)) == one


def test_case_60_two_cards_of_one_person_stay_two() -> None:
    """Nothing is looked up elsewhere: each card is mapped alone, so nothing can be merged."""
    first, second = card("UID:1", "N:B;A;;;", "FN:A B", "TEL:1"), card("UID:2", "N:B;A;;;", "FN:A B", "TEL:2")
    assert to_person("").convert(first) == to_person("").convert(first)
    assert back(first)["phoneNumbers"] != back(second)["phoneNumbers"]


def test_case_61_other_contacts_stay_other_contacts() -> None:
    person = {
        "resourceName": "otherContacts/c1",
        "emailAddresses": [{"value": "a@b", "metadata": {"source": {"type": "OTHER_CONTACT", "id": "1"}}}],
        "names": [{"givenName": "A", "metadata": {"source": {"type": "PROFILE", "id": "2"}}}],
        "metadata": {"sources": [{"type": "OTHER_CONTACT", "updateTime": "2026-01-02T03:04:05Z"}]},
    }
    body = to_card("text/vcard").convert(json.dumps({"otherContacts": [person]}).encode()).body
    said = back_document(body)
    assert "connections" not in said
    (found,) = said["otherContacts"]
    assert found["emailAddresses"] == [{"value": "a@b"}]
    assert found["names"] == [{"givenName": "A", "metadata": {"source": {"type": "PROFILE"}}}]
    assert found["metadata"] == {"sources": [{"type": "OTHER_CONTACT", "updateTime": "2026-01-02T03:04:05Z"}]}
