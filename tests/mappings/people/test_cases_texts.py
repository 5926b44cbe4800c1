"""Cases 14 and 63 of the design: characters stay what they are, and those no server takes come back all the same."""

from __future__ import annotations

import pytest

from tests.mappings.people.people import VERSIONS, back, to_vcard

TEXTS = [
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "e\u0301 é",
    "שלום \u202bעולם\u202c",
    "\u200fمرحبا",
    "Å Å",
    "ﬁ ﬀ ²",
    "𝔘𝔫𝔦",
    "a\u00adb",
    "한 한",
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("text", TEXTS)
def test_case_63_characters_stay_what_they_are(text: str, version: str) -> None:
    person = {
        "names": [{"givenName": text, "unstructuredName": text}],
        "emailAddresses": [{"value": text, "displayName": text, "type": text}],
        "userDefined": [{"key": text, "value": text * 40}],
        "biographies": [{"value": text * 40, "contentType": "TEXT_PLAIN"}],
    }
    body = to_vcard(person, version)
    assert back(body) == person
    assert text in body.replace(b"\r\n ", b"").decode()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "text",
    [
        "a\0b",
        "a\rb",
        "a\r\nb",
        "a\vb\fc",
        "a\x85b",
        "a\u2028b\u2029",
        "\ufeffa",
        "a\x7fb",
        "\ud800",
        "\ufffe",
        " a ",
        "\t",
        "\\n",
    ],
)
def test_case_14_control_characters_come_back_from_carriers(text: str, version: str) -> None:
    person = {
        "names": [{"familyName": text, "unstructuredName": text}],
        "emailAddresses": [{"value": text, "displayName": text, "type": text}],
        "imClients": [{"username": text, "protocol": text}],
        "urls": [{"value": text}],
        "addresses": [{"streetAddress": text, "formattedValue": text, "countryCode": text}],
        "genders": [{"value": text}],
        "userDefined": [{"key": text, "value": text}],
    }
    assert back(to_vcard(person, version)) == person
