"""Types in words and labels, both ways."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.people.vocabulary import (
    PROTOCOL_OF_SCHEME,
    PROTOCOL_OF_SERVICE,
    RELATED_4,
    SCHEMES,
    SERVICES,
    VOCABULARIES,
    Vocabulary,
)
from tests.mappings.people.discovery import document

ALL = {**VOCABULARIES, "relations 4.0": RELATED_4}
SCHEMAS = {
    "emailAddresses": "EmailAddress",
    "phoneNumbers": "PhoneNumber",
    "addresses": "Address",
    "organizations": "Organization",
    "events": "Event",
    "relations": "Relation",
    "imClients": "ImClient",
    "sipAddresses": "SipAddress",
    "urls": "Url",
}
ANY = pytest.mark.parametrize("vocabulary", ALL.values(), ids=ALL.keys())


def predefined(schema: str, member: str = "type") -> list[str]:
    """The types the discovery document names."""
    said = document()["schemas"][schema]["properties"][member]["description"]
    return re.findall(r"`(\w+)`", said.partition("predefined values")[2])


@pytest.mark.parametrize(("field", "schema"), SCHEMAS.items(), ids=SCHEMAS.keys())
def test_every_type_google_names_comes_back(field: str, schema: str) -> None:
    names = predefined(schema)
    assert names
    for name in names:
        words, label = VOCABULARIES[field].write(name)
        assert VOCABULARIES[field].read(tuple(map(str.lower, words)), label) == name
        assert bool(words) != bool(label)


@pytest.mark.parametrize("name", predefined("ImClient", "protocol"))
def test_every_messenger_google_names_comes_back(name: str) -> None:
    assert PROTOCOL_OF_SERVICE[SERVICES[name].lower()] == name
    assert name in SCHEMES


def test_a_scheme_is_one_messengers() -> None:
    assert PROTOCOL_OF_SCHEME["xmpp"] == "jabber"
    assert set(PROTOCOL_OF_SCHEME.values()) == set(SCHEMES) - {"googleTalk"}


@ANY
def test_no_two_types_share_words_or_a_label(vocabulary: Vocabulary) -> None:
    words = [frozenset(said) for said in vocabulary.words.values()]
    assert len(words) == len(set(words))
    labels = list(vocabulary.labels.values())
    assert len(labels) == len(set(labels))
    assert not vocabulary.words.keys() & vocabulary.labels.keys() or vocabulary is RELATED_4


@ANY
def test_words_are_words(vocabulary: Vocabulary) -> None:
    for words in vocabulary.words.values():
        for word in words:
            assert re.fullmatch("[A-Z]+", word)


@ANY
@given(name=st.text(min_size=1, max_size=20))
def test_a_type_of_ones_own_is_its_label(vocabulary: Vocabulary, name: str) -> None:
    words, label = vocabulary.write(name)
    if words:
        assert name in vocabulary.words
    elif vocabulary.read((), label) != name:
        assert re.fullmatch(r"_\$!<.*>!\$_", name, re.DOTALL)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ((), None),
        (("voice",), None),
        (("pref", "voice"), None),
        (("home", "voice"), "home"),
        (("voice", "work", "pref"), "work"),
        (("cell",), "mobile"),
        (("iphone", "cell", "voice"), "mobile"),
        (("fax", "home"), "homeFax"),
        (("work", "fax", "voice"), "workFax"),
        (("fax",), "otherFax"),
        (("work", "pager"), "workPager"),
        (("home", "pager"), "home"),
        (("home", "cell"), "mobile"),
        (("cell", "work", "home"), "workMobile"),
        (("car",), "car"),
        (("x-assistant",), "assistant"),
        (("voice", "video"), "video"),
        (("main",), "main"),
        (("other",), "other"),
    ],
)
def test_the_words_of_a_telephone(words: tuple[str, ...], name: str | None) -> None:
    assert VOCABULARIES["phoneNumbers"].read(words, "") == name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("_$!<Other>!$_", "other"),
        ("_$!<HomePage>!$_", "homePage"),
        ("_$!<Mobile>!$_", "Mobile"),
        ("PROFILE", "PROFILE"),
        ("blog", "blog"),
        ("_$!<", "_$!<"),
        ("a\nb", "a\nb"),
    ],
)
def test_the_label_of_an_address_on_the_net(label: str, name: str) -> None:
    assert VOCABULARIES["urls"].read((), label) == name
    assert VOCABULARIES["urls"].read(("work",), label) == name


def test_what_may_stand_as_a_word_in_40() -> None:
    assert RELATED_4.write("spouse") == (("SPOUSE",), "")
    assert RELATED_4.write("mother") == ((), "_$!<Mother>!$_")
    assert RELATED_4.read((), "_$!<Spouse>!$_") == "spouse"
