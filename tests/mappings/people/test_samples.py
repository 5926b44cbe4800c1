"""Whole cards of other programs and whole answers of Google's, each with everything that becomes of it."""

from __future__ import annotations

import json
from copy import deepcopy
from importlib import import_module
from pathlib import Path

import pytest

from mappings.canonical import differences
from mappings.loss import Fate
from mappings.people.bridges import to_card, to_person
from tests.mappings.people.people import VERSIONS, GoogleSample, Sample, back_document, card_lines, comparable
from tests.mappings.samples import CARD, lines

HERE = Path(__file__).parent
PACKAGE = __name__.rpartition(".")[0]


def named(folder: str) -> list[str]:
    return sorted(path.stem for path in (HERE / folder).glob("[a-z]*.py"))


def stranger(name: str) -> Sample:
    found: Sample = import_module(f"{PACKAGE}.strangers.{name}").SAMPLE
    return found


def google(name: str) -> GoogleSample:
    found: GoogleSample = import_module(f"{PACKAGE}.googles.{name}").SAMPLE
    return found


STRANGERS = pytest.mark.parametrize("name", named("strangers"))
GOOGLES = pytest.mark.parametrize("name", named("googles"))


def written(document: object, version: str) -> bytes:
    return to_card(f"text/vcard;version={version}").convert(json.dumps(document).encode()).body


@STRANGERS
def test_a_strangers_card_is_read(name: str) -> None:
    sample = stranger(name)
    assert back_document(sample.body) == sample.document


@STRANGERS
def test_a_strangers_card_says_the_same_when_it_comes_back(name: str) -> None:
    sample = stranger(name)
    version = sample.version if sample.version in VERSIONS else "3.0"
    body = written(back_document(sample.body), version)
    if sample.version == "2.1":
        assert set(differences(CARD, sample.body, body)) <= {"UID", "ADR", "NOTE", "LABEL", "N", "FN", "PHOTO"}
    else:
        assert set(differences(CARD, sample.body, body)) <= {"UID"}
        assert to_person("").prove(sample.body, to_person("").convert(sample.body).body).lossless


@STRANGERS
def test_a_strangers_person_alone_makes_a_card_of_either_version(name: str) -> None:
    sample = stranger(name)
    person = {key: value for key, value in sample.document.items() if key != "vcardLines"}
    assert card_lines(written(person, "3.0")) == sample.three
    assert card_lines(written(person, "4.0")) == sample.four


@STRANGERS
@pytest.mark.parametrize("version", VERSIONS)
def test_and_comes_back_from_it(name: str, version: str) -> None:
    sample = stranger(name)
    person = {key: value for key, value in sample.document.items() if key != "vcardLines"}
    found = back_document(written(person, version))
    assert comparable(found["connections"][0]) == comparable(person["connections"][0])
    assert found.get("photos") == person.get("photos")


@GOOGLES
def test_what_google_answers_as_a_card(name: str) -> None:
    sample = google(name)
    assert card_lines(written(sample.document, "3.0")) == sample.three
    assert card_lines(written(sample.document, "4.0")) == sample.four


@GOOGLES
def test_what_the_card_alone_gives_back(name: str) -> None:
    sample = google(name)
    assert back_document(lines(*sample.three)) == sample.returned
    four, returned = back_document(lines(*sample.four)), deepcopy(sample.returned)
    for key in ("connections", "otherContacts"):
        for one in [*four.get(key, []), *returned.get(key, [])]:
            one.pop("metadata", None)  # REV of 4.0 has no fractions of a second
    assert four == returned


@GOOGLES
@pytest.mark.parametrize("version", VERSIONS)
def test_the_fate_of_each_leaf(name: str, version: str) -> None:
    sample = google(name)
    bridge = to_card(f"text/vcard;version={version}")
    original = json.dumps(sample.document).encode()
    mapped = bridge.convert(original)
    told = [
        f"{one.leaf} {one.fate.value} {one.count}" + (f" {one.reason}" if one.reason else "")
        for one in mapped.losses.leaves
    ]
    assert told == (sample.fates_four if version == "4.0" else sample.fates_three)
    assert bridge.prove(original, mapped.body) == mapped.losses


@GOOGLES
@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_of_the_account_stands_on_a_card(name: str, version: str) -> None:
    body = written(google(name).document, version)
    for secret in (b"#tag", b"#a", b"%Eg", b"4f1", b"GOOGLE_USER", b"verified", b"etag"):
        assert secret not in body


@GOOGLES
def test_a_card_that_was_stripped_is_told(name: str) -> None:
    """A server that keeps the standard properties only: what was an extension is refused, the rest is as it was."""
    sample = google(name)
    bridge = to_card("text/vcard;version=3.0")
    original = json.dumps(sample.document).encode()
    kept = [line for line in sample.three if "JSPROP" not in line and ".X-" not in line and not line.startswith("X-")]
    receipt = bridge.prove(original, lines(*kept))
    mapped = bridge.convert(original).losses
    assert sum(one.count for one in receipt.leaves) == sum(one.count for one in mapped.leaves)
    assert receipt.count(Fate.REFUSED) >= mapped.count(Fate.EXTENSION) * (len(kept) < len(sample.three)) // 2
    assert receipt.count(Fate.LOST) == mapped.count(Fate.LOST)
