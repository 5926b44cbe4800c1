"""Cases 15-36 of the design: texts that careless readers cut, types, dates and names."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest

from mappings.canonical import differences
from mappings.people.bridges import to_card
from tests.mappings.people.people import (
    VERSIONS,
    Person,
    again,
    back,
    back_document,
    card_lines,
    comparable,
    document,
    edited,
    to_vcard,
)
from tests.mappings.samples import card

PICTURE = bytes(range(256)) * 3
BASE64 = b64encode(PICTURE).decode()


def only(person: Person, field: str) -> Any:
    """The one element of a field."""
    elements = person[field]
    assert len(elements) == 1
    return elements[0]


def same_card(body: bytes, version: str = "3.0") -> bool:
    return set(differences("text/vcard", body, again(body, version))) <= {"UID"}


def test_case_15_a_bare_comma_in_a_note() -> None:
    body = card("UID:1", "N:B;A;;;", "FN:A B", "NOTE:a, b")
    assert only(back(body), "biographies") == {"value": "a, b", "contentType": "TEXT_PLAIN"}
    assert same_card(body)


def test_case_16_a_bare_comma_in_a_name() -> None:
    body = card("UID:1", "N:Richter;John;;Mr.;", "FN:Mr. John Richter, James Doe Sr.")
    assert only(back(body), "names")["unstructuredName"] == "Mr. John Richter, James Doe Sr."
    assert same_card(body)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "written",
    [
        f"PHOTO:data:image/png;base64,{BASE64}",
        f"PHOTO:data:image/png;base64\\,{BASE64}",
        f"PHOTO:data:image/png\\;base64\\,{BASE64}",
        f"PHOTO;VALUE=URI:data:image/png;base64,{BASE64}",
        f"PHOTO;ENCODING=b;TYPE=PNG:{BASE64}",
    ],
)
def test_case_17_a_picture_in_a_data_uri(written: str, version: str) -> None:
    body = card("UID:1", "N:B;A;;;", "FN:A B", written, version=version)
    said = back_document(body)
    url = said["connections"][0]["photos"][0]["url"]
    picture = said["photos"][url]
    assert picture["mediaType"] == "image/png"
    assert b64decode(picture["data"]) == PICTURE
    assert same_card(body, version)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("PHOTO;ENCODING=b;TYPE=JPEG", "image/jpeg"),
        ("PHOTO;BASE64", "application/octet-stream"),
        ("PHOTO;JPEG;BASE64", "image/jpeg"),
        ("PHOTO;ENCODING=BASE64;TYPE=GIF", "image/gif"),
        ("item1.PHOTO;TYPE=PNG;ENCODING=B", "image/png"),
    ],
)
def test_case_18_a_folded_picture(head: str, kind: str) -> None:
    halves = BASE64[:60], BASE64[60:]
    body = card("UID:1", "N:B;A;;;", "FN:A B", f"{head}:{halves[0]}", f"  {halves[1]}", "")
    said = back_document(body)
    (picture,) = said["photos"].values()
    assert b64decode(picture["data"]) == PICTURE
    assert picture["mediaType"] == kind
    (returned,) = back_document(again(body))["photos"].values()
    assert returned == picture


def test_case_19_bare_types_of_vcard_21() -> None:
    body = card("N:B;A", "FN:A B", "TEL;HOME;VOICE:1", "TEL;CELL:2", "TEL;WORK;FAX:3", version="2.1")
    assert back(body)["phoneNumbers"] == [
        {"value": "1", "type": "home"},
        {"value": "2", "type": "mobile"},
        {"value": "3", "type": "workFax"},
    ]
    assert "TEL;TYPE=HOME,VOICE:1" in card_lines(again(body))


@pytest.mark.parametrize(
    "written",
    [
        "EMAIL;TYPE=INTERNET;TYPE=HOME:a@example.org",
        "EMAIL;TYPE=INTERNET,HOME:a@example.org",
        "EMAIL;type=internet;type=home;type=pref:a@example.org",
        "item1.EMAIL;TYPE=INTERNET;TYPE=HOME:a@example.org",
    ],
)
def test_case_20_both_types_survive(written: str) -> None:
    body = card("UID:1", "N:B;A;;;", "FN:A B", written)
    assert only(back(body), "emailAddresses") == {"value": "a@example.org", "type": "home"}
    assert same_card(body)
    assert written in card_lines(again(body))


def test_case_21_types_in_quotes() -> None:
    body = card("UID:1", "N:B;A;;;", "FN:A B", 'TEL;TYPE="voice,home":1', 'TEL;TYPE="work","cell":2', version="4.0")
    assert [one["type"] for one in back(body)["phoneNumbers"]] == ["home", "workMobile"]
    assert same_card(body, "4.0")


PHONES = {
    "home": "TEL;TYPE=HOME:1",
    "work": "TEL;TYPE=WORK:1",
    "mobile": "TEL;TYPE=CELL:1",
    "homeFax": "TEL;TYPE=HOME,FAX:1",
    "workFax": "TEL;TYPE=WORK,FAX:1",
    "otherFax": "TEL;TYPE=FAX:1",
    "pager": "TEL;TYPE=PAGER:1",
    "workMobile": "TEL;TYPE=WORK,CELL:1",
    "workPager": "TEL;TYPE=WORK,PAGER:1",
    "main": "TEL;TYPE=MAIN:1",
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("kind", "line"), PHONES.items(), ids=PHONES.keys())
def test_case_22_types_google_knows(kind: str, line: str, version: str) -> None:
    person = {"phoneNumbers": [{"value": "1", "type": kind}]}
    body = to_vcard(person, version)
    assert line in card_lines(body)
    assert back(body)["phoneNumbers"] == person["phoneNumbers"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", ["Ferienhaus", "HOME", "Büro, 2. Stock", "a;b:c", "_$!<Other>!$_", "x" * 200, "日本"])
def test_case_23_a_type_of_ones_own(kind: str, version: str) -> None:
    for field, key in (("emailAddresses", "value"), ("phoneNumbers", "value"), ("urls", "value")):
        person = {field: [{key: "http://x", "type": kind}]}
        body = to_vcard(person, version)
        assert back(body)[field] == person[field]
        assert any(".X-ABLabel:" in line for line in card_lines(body))
        assert b"TYPE=" not in body


@pytest.mark.parametrize("label", ["_$!<Anniversary>!$_", "anniversary"])
def test_case_24_apples_anniversary(label: str) -> None:
    body = card("UID:1", "N:B;A;;;", "FN:A B", "item1.X-ABDATE;type=pref:2009-06-30", f"item1.X-ABLabel:{label}")
    assert only(back(body), "events") == {"date": {"year": 2009, "month": 6, "day": 30}, "type": "anniversary"}
    assert same_card(body)


def test_case_25_a_label_of_nothing() -> None:
    body = card("UID:1", "N:B;A;;;", "FN:A B", "item7.X-ABLabel:nothing", "item8.X-ABLabel:more", "item8.X-ODD:1")
    assert same_card(body)
    assert "item7.X-ABLabel:nothing" in card_lines(again(body))


NO_YEAR = {"3.0": "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15", "4.0": "BDAY:--0415"}


@pytest.mark.parametrize("version", VERSIONS)
def test_case_26_a_birthday_without_a_year(version: str) -> None:
    person = {"birthdays": [{"date": {"month": 4, "day": 15}}]}
    body = to_vcard(person, version)
    assert NO_YEAR[version] in card_lines(body)
    assert back(body)["birthdays"] == person["birthdays"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("written", [*NO_YEAR.values(), "BDAY:--04-15", "BDAY:1604-04-15"])
def test_case_26_however_it_is_written(written: str, version: str) -> None:
    body = card("UID:1", "N:B;A;;;", "FN:A B", written, version=version)
    assert only(back(body), "birthdays") == {"date": {"month": 4, "day": 15}}
    assert same_card(body, version)


def test_case_27_leap_day_without_a_year() -> None:
    person = {"birthdays": [{"date": {"month": 2, "day": 29}}]}
    assert "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29" in card_lines(to_vcard(person, "3.0"))
    assert "BDAY:--0229" in card_lines(to_vcard(person, "4.0"))
    for version in VERSIONS:
        assert back(to_vcard(person, version))["birthdays"] == person["birthdays"]


@pytest.mark.parametrize("version", VERSIONS)
def test_case_28_a_birthday_in_words(version: str) -> None:
    person = {"birthdays": [{"text": "around Easter, or so"}]}
    body = to_vcard(person, version)
    assert back(body)["birthdays"] == person["birthdays"]
    if version == "4.0":
        assert "BDAY;VALUE=text:around Easter\\, or so" in card_lines(body)
    else:
        assert not any(line.startswith("BDAY") for line in card_lines(body))


def test_case_28_words_beside_a_date_yield_when_the_date_is_edited() -> None:
    person = {"birthdays": [{"date": {"year": 1985, "month": 4, "day": 15}, "text": "4/15/1985"}]}
    for version, before, after in (("3.0", "1985-04-15", "1985-05-16"), ("4.0", "BDAY:19850415", "BDAY:19850516")):
        body = to_vcard(person, version)
        assert back(body)["birthdays"] == person["birthdays"]
        changed = edited(body, before, after)
        assert back(changed)["birthdays"] == [{"date": {"year": 1985, "month": 5, "day": 16}}]


@pytest.mark.parametrize(
    ("date", "line"),
    [
        ({"year": 1999}, "X-ABDATE:1999"),
        ({"year": 1999, "month": 4}, "X-ABDATE:1999-04"),
    ],
)
def test_case_29_a_year_alone(date: Person, line: str) -> None:
    person = {"events": [{"date": date, "type": "moved in"}]}
    four, three = to_vcard(person, "4.0"), to_vcard(person, "3.0")
    assert f"item1.{line}" in card_lines(four)
    assert not any("X-ABDATE" in said for said in card_lines(three))
    assert back(four)["events"] == back(three)["events"] == person["events"]


@pytest.mark.parametrize("version", VERSIONS)
def test_case_30_phonetic_and_middle_names(version: str) -> None:
    name = {
        "unstructuredName": "Prof. Müller Anna Maria (Ännchen)",
        "familyName": "Müller",
        "givenName": "Anna",
        "middleName": "Maria",
        "honorificPrefix": "Prof.",
        "honorificSuffix": "PhD",
        "phoneticGivenName": "anna",
        "phoneticMiddleName": "ma-ri-a",
        "phoneticFamilyName": "myler",
        "phoneticFullName": "anna myler",
        "phoneticHonorificPrefix": "prof",
        "phoneticHonorificSuffix": "pi eitsch di",
    }
    body = to_vcard({"names": [name]}, version)
    for line in ("X-PHONETIC-FIRST-NAME:anna", "X-PHONETIC-MIDDLE-NAME:ma-ri-a", "X-PHONETIC-LAST-NAME:myler"):
        assert line in card_lines(body)
    assert back(body)["names"] == [name]


@pytest.mark.parametrize("version", VERSIONS)
def test_case_31_only_an_organization(version: str) -> None:
    person = {"organizations": [{"name": "ACME, Inc."}]}
    body = to_vcard(person, version)
    assert "FN;DERIVED=TRUE:ACME\\, Inc." in card_lines(body)
    assert "N:;;;;" in card_lines(body)
    assert back(body) == person


def test_case_31_apples_card_of_a_company() -> None:
    body = card("UID:1", "N:;;;;", "FN:ACME", "ORG:ACME;", "X-ABShowAs:COMPANY")
    assert "names" not in back(body)
    assert same_card(body)


def test_case_31_a_name_that_is_the_organizations_is_a_name_all_the_same() -> None:
    person = {"names": [{"unstructuredName": "ACME"}], "organizations": [{"name": "ACME"}]}
    for version in VERSIONS:
        assert back(to_vcard(person, version)) == person


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("person", "shown"),
    [
        ({"emailAddresses": [{"value": "a@example.org"}]}, "a@example.org"),
        ({"phoneNumbers": [{"value": "+41 1"}]}, "+41 1"),
        ({"nicknames": [{"value": "Jim"}]}, "Jim"),
        ({"userDefined": [{"key": "k", "value": "v"}]}, "(no name)"),
    ],
)
def test_case_32_no_name_and_no_organization(person: Person, shown: str, version: str) -> None:
    body = to_vcard(person, version)
    assert f"FN;DERIVED=TRUE:{shown}" in card_lines(body)
    assert back(body) == person


def test_case_32_a_derived_name_that_a_device_edited_is_a_name() -> None:
    body = to_vcard({"emailAddresses": [{"value": "a@example.org"}]})
    changed = edited(body, "FN;DERIVED=TRUE:a@example.org", "FN;DERIVED=TRUE:Anna")
    assert only(back(changed), "names") == {"unstructuredName": "Anna"}


def test_case_32_a_name_made_of_its_parts_is_not_a_name_of_its_own() -> None:
    person = {"names": [{"givenName": "Anna", "familyName": "Doe", "honorificPrefix": "Dr."}]}
    for version in VERSIONS:
        body = to_vcard(person, version)
        assert "FN;DERIVED=TRUE:Dr. Anna Doe" in card_lines(body)
        assert back(body) == person


@pytest.mark.parametrize("version", VERSIONS)
def test_case_33_the_name_differs_from_its_parts(version: str) -> None:
    person = {"names": [{"unstructuredName": "The Doe", "givenName": "Jane", "familyName": "Doe"}]}
    body = to_vcard(person, version)
    assert "FN:The Doe" in card_lines(body)
    assert "N:Doe;Jane;;;" in card_lines(body)
    assert back(body) == person


def test_case_34_two_components() -> None:
    body = card("UID:1", "N:Doe;John", "FN:J. Doe")
    assert only(back(body), "names") == {"familyName": "Doe", "givenName": "John", "unstructuredName": "J. Doe"}
    assert "N:Doe;John;;;" in card_lines(to_vcard(back(body)))


@pytest.mark.parametrize("version", VERSIONS)
def test_case_35_commas_in_components(version: str) -> None:
    person = {"names": [{"middleName": "Philip, Paul", "givenName": "John; B", "unstructuredName": "John"}]}
    body = to_vcard(person, version)
    assert "N:;John\\; B;Philip\\, Paul;;" in card_lines(body)
    assert back(body) == person


def test_case_35_a_list_of_middle_names_of_another() -> None:
    body = card("UID:1", "N:Public;John;Quinlan,Paul;Mr.;Esq.", "FN:Mr. John Public")
    assert only(back(body), "names")["middleName"] == "Quinlan,Paul"
    assert same_card(body)


@pytest.mark.parametrize(
    ("language", "family"),
    [("LANGUAGE:jp", "山田"), ("LANG:en", "Yamada"), ("X-NONE:", "山田")],
)
def test_case_36_names_in_two_languages(language: str, family: str) -> None:
    body = card(
        "UID:1",
        language,
        "N;ALTID=1;LANGUAGE=jp:山田;太郎;;;",
        "N;ALTID=1;LANGUAGE=en:Yamada;Taro;;;",
        "FN:山田太郎",
        version="4.0",
    )
    assert only(back(body), "names")["familyName"] == family
    assert same_card(body, "4.0")


def test_a_person_with_several_names_keeps_them_in_order() -> None:
    """Names from a profile beside the contact's own: one is the card's, the others are carried."""
    source = {"source": {"type": "PROFILE", "id": "1"}}
    person = {"names": [{"givenName": "A", "unstructuredName": "A"}, {"givenName": "B", "metadata": source}]}
    for version in VERSIONS:
        found = back(to_vcard(person, version))
        assert comparable(found) == comparable(person)
        assert found["names"][1]["metadata"] == {"source": {"type": "PROFILE"}}


def test_the_report_says_what_stands_where() -> None:
    person = {"emailAddresses": [{"value": "a@b", "type": "home", "displayName": "A"}, {"value": "c", "type": "own"}]}
    found = {
        (one.leaf, one.fate.value, one.count) for one in to_card("text/vcard").convert(document(person)).losses.leaves
    }
    assert found == {
        ("emailAddresses[].value", "exact", 2),
        ("emailAddresses[].type", "exact", 1),
        ("emailAddresses[].type", "extension", 1),
        ("emailAddresses[].displayName", "extension", 1),
    }
