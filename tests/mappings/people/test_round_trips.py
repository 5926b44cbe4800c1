"""Round trips of anything at all, in both directions, and through what servers do to a card."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from radicale import item as radicale

from mappings.canonical import differences
from mappings.errors import MappingError
from mappings.inspect import inspect
from mappings.people.bridges import to_card, to_person
from mappings.people.leaves import SINGLE
from tests.mappings.people.discovery import writable
from tests.mappings.people.people import (
    VERSIONS,
    Person,
    again,
    back,
    back_document,
    comparable,
    document,
    full_person,
    leaves_of,
    to_vcard,
)
from tests.mappings.samples import CARD, FULL_CARD, VCF_FILES, card

pytestmark = pytest.mark.filterwarnings("ignore")

HOSTILE = [
    "",
    " ",
    "a,b;c",
    "\\",
    "\\n",
    "\\,",
    "a\nb",
    "\r\n",
    "\0",
    "😀\u200d",
    "שלום",
    "e\u0301",
    '"',
    "^n",
    "a:b",
    "=",
    "\u2028",
    "\ufeff",
    "\ud800",
    "BEGIN:VCARD",
    "END:VCARD\r\nX:1",
    "x" * 80,
    " lead",
    "trail ",
    "\t",
    "%20",
    "ß,",
]
WORDS = [
    "home",
    "work",
    "mobile",
    "homeFax",
    "other",
    "anniversary",
    "spouse",
    "freeBusy",
    "MAIDEN_NAME",
    "male",
    "TEXT_HTML",
    "TEXT_PLAIN",
    "jabber",
    "aim",
    "<b>x</b><br>y",
    "contactGroups/a",
    "sip:a@b",
    "CH",
    "1999",
]
TEXT = st.sampled_from(HOSTILE) | st.sampled_from(WORDS) | st.text(max_size=20)
DATES = st.fixed_dictionaries(
    {},
    optional={"year": st.integers(0, 9999), "month": st.integers(0, 13), "day": st.integers(0, 32)},
)


def _leaf(kind: str) -> SearchStrategy[Any]:
    return {"integer": st.integers(-5, 10**9), "boolean": st.booleans()}.get(kind, TEXT)


def _shape(paths: list[tuple[str, str]]) -> SearchStrategy[Any]:
    """Objects that have any of the members that the paths (with their types) name."""
    members: dict[str, list[tuple[str, str]]] = {}
    for path, kind in paths:
        head, _, rest = path.partition(".")
        members.setdefault(head, []).append((rest, kind))
    return st.fixed_dictionaries(
        {},
        optional={
            name: DATES
            if name in {"date", "startDate", "endDate"}
            else _leaf(inner[0][1])
            if not inner[0][0]
            else _shape(inner)
            for name, inner in members.items()
        },
    )


def persons() -> SearchStrategy[Person]:
    """Persons as the discovery document allows them, and more hostile than any that live there."""
    by_field: dict[str, list[tuple[str, str]]] = {}
    for leaf in writable():
        by_field.setdefault(leaf.field, []).append((leaf.path.partition("[].")[2], leaf.type))
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(_shape(paths), min_size=1, max_size=1 if name in SINGLE else 3)
            for name, paths in by_field.items()
        }
        | {"resourceName": st.just("people/c1")},
    )


ROUNDS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("version", VERSIONS)
@ROUNDS
@given(person=persons())
def test_person_card_person(version: str, person: Person) -> None:
    wanted = comparable(person)
    assert comparable(back(to_vcard(person, version))) == wanted


@pytest.mark.parametrize("version", VERSIONS)
@ROUNDS
@given(person=persons())
def test_the_receipt_of_an_untouched_card_refuses_nothing(version: str, person: Person) -> None:
    bridge = to_card(f"text/vcard;version={version}")
    original = document(person)
    mapped = bridge.convert(original)
    receipt = bridge.prove(original, mapped.body)
    assert receipt == mapped.losses
    assert receipt.lossless
    paths = {path for path, value in leaves_of(comparable(person)) if value is not None and value != {}}
    assert {path for path in paths if not path.startswith("memberships")} <= {one.leaf for one in receipt.leaves}


def through_radicale(body: bytes) -> bytes:
    """Return a card as Radicale stores it: read by vobject and written anew."""
    found = list(radicale.read_components(body.decode()))
    radicale.check_and_sanitize_items(found, 10_000, is_collection=False, tag="VADDRESSBOOK")
    return radicale.Item(collection_path="c", vobject_item=found[0]).serialize().encode()


@pytest.mark.parametrize("version", VERSIONS)
@ROUNDS
@given(person=persons())
def test_person_card_radicale_person(version: str, person: Person) -> None:
    stored = through_radicale(to_vcard(person, version))
    assert comparable(back(stored)) == comparable(person)


@pytest.mark.parametrize("version", VERSIONS)
@ROUNDS
@given(person=persons())
def test_groups_in_upper_case_and_lines_in_any_order(version: str, person: Person) -> None:
    """What some servers do: groups in upper case, lines sorted by name, TYPE words in lower case."""
    body = to_vcard(person, version).replace(b"\r\n ", b"")
    lines = body.split(b"\r\n")[1:-2]
    moved = []
    for line in lines:
        head, colon, value = line.partition(b":")
        group, dot, name = head.rpartition(b".") if b'"' not in head.partition(b";")[0] else (b"", b"", head)
        moved.append(
            (group.upper() + dot + name if dot and b";" not in group and b'"' not in group else head) + colon + value
        )
    moved.sort(key=lambda line: line.partition(b":")[0].partition(b";")[0].rpartition(b".")[2].upper())
    rewritten = b"\r\n".join([b"BEGIN:VCARD", *moved, b"END:VCARD", b""])
    assert comparable(back(rewritten)) == comparable(person)


@pytest.mark.parametrize("version", VERSIONS)
@ROUNDS
@given(person=persons())
def test_the_same_input_gives_the_same_octets(version: str, person: Person) -> None:
    body = to_vcard(person, version)
    assert body == to_vcard(json.loads(json.dumps(person)), version)
    assert to_person("").convert(body) == to_person("").convert(body)
    assert inspect(CARD, body).complete


@pytest.mark.parametrize("version", VERSIONS)
@ROUNDS
@given(person=persons())
def test_what_we_wrote_is_read_without_a_rest(version: str, person: Person) -> None:
    """Our own cards need no kept lines; only the identity of a person that has none stays with it."""
    said = json.loads(to_person("").convert(to_vcard(person, version)).body)
    kept = [line for line in said.get("vcardLines", []) if not line.startswith(("VERSION:", "UID:"))]
    assert kept == []


LINES = st.sampled_from(
    [
        "N:Doe;Jane;;;",
        "N:Doe;Jane",
        "FN:Jane Doe",
        "FN:",
        "N;ALTID=1;LANGUAGE=jp:a;b;;;",
        "NICKNAME:a,b",
        "NICKNAME:c",
        "EMAIL:a@b",
        "EMAIL;TYPE=INTERNET,HOME,PREF:a@b",
        "EMAIL;PREF=1:c@d",
        "item1.EMAIL:e@f",
        "item1.X-ABLabel:Own",
        "ITEM1.TEL:5",
        "item2.TEL;TYPE=CELL:6",
        "item2.X-ABLabel:_$!<Other>!$_",
        "TEL;VALUE=uri;TYPE=voice:tel:+1",
        "TEL:",
        "ADR;TYPE=HOME:;;s;c;r;p;c",
        "item3.ADR:;;x;;;;",
        "item3.X-ABADR:de",
        "LABEL:a\\nb",
        "ADR;LABEL=x:;;;;;;",
        "ADR:a",
        "ORG:A;B;C",
        "ORG:D",
        "TITLE:t",
        "TITLE:u",
        "ROLE:r",
        "item4.ORG:E",
        "item4.TITLE:v",
        "X-PHONETIC-FIRST-NAME:p",
        "BDAY:19850415",
        "BDAY:1985-04-15T00:00:00Z",
        "BDAY:--0415",
        "BDAY;VALUE=text:x",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15",
        "ANNIVERSARY:2009-06-30",
        "ANNIVERSARY:20100630",
        "X-ANNIVERSARY:2009-06-30",
        "item5.X-ABDATE:2011-01-02",
        "item5.X-ABLabel:_$!<Anniversary>!$_",
        "item6.X-ABRELATEDNAMES:Kim",
        "item6.X-ABLabel:_$!<Spouse>!$_",
        "X-SPOUSE:Lee",
        "RELATED;TYPE=friend:urn:uuid:1",
        "RELATED;VALUE=text:Pat",
        "IMPP:xmpp:a",
        "IMPP:sip:a@b",
        "X-AIM:a",
        "X-SIP:a@b",
        "URL:http://x/a,b",
        "URL:http\\://x",
        "URL;TYPE=WORK:http://y",
        "NOTE:one, two",
        "NOTE:three\\nfour",
        "GENDER:M",
        "GENDER:O;other",
        "X-GENDER:Female",
        "PRONOUNS:they/them",
        "LANG;PREF=1:de",
        "CATEGORIES:a,b",
        "CATEGORIES:c",
        "PHOTO;ENCODING=b;TYPE=JPEG:AAAA",
        "PHOTO:data:image/png;base64,AAAB",
        "PHOTO;VALUE=uri:http://x/p.jpg",
        "PHOTO:",
        "UID:1",
        "REV:20260102T030405Z",
        "REV:2026-01-02T03:04:05+01:00",
        "PRODID:-//x",
        "X-ODD;P=1:v",
        "item7.X-ODD:w",
        "junk",
        "CALURI:http://c",
        "FBURL:http://f",
        "INTEREST:i",
        "EXPERTISE;LEVEL=expert:e",
        "HOBBY:h",
        "KEY:k",
        "TZ:+01:00",
        "a:b",
        'JSPROP;JSPTR="other/x":1',
        "JSPROP:1",
        "X-MAIDENNAME:m",
        "GEO:geo:1,2",
        "SORT-STRING:s",
        "CLASS:PRIVATE",
        "MEMBER:x",
        "tel;type=home:7",
        "Email;Type=Home:g@h",
        "NOTE;CHARSET=UTF-8:n",
        "TEL;TYPE=HOME;TYPE=VOICE;TYPE=X-A:8",
        "EMAIL; :x",
    ],
)


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=80, deadline=None)
@given(content=st.lists(LINES, max_size=14))
@example(content=["FN:", "N:;;;;"])
@example(content=["X-SPOUSE:a", "X-SPOUSE:a", "item1.X-ABLabel:x"])
@example(content=["item1.EMAIL:a", "item1.TEL:1", "item1.X-ABLabel:Own", "item1.X-ABLabel:Two"])
def test_card_person_card(version: str, content: list[str]) -> None:
    """Whatever stood on a card stands there again; but the identity it did not have it now has."""
    body = card(*content, version=version)
    changed = set(differences(CARD, body, again(body, version)))
    allowed = set() if "UID:1" in content else {"UID"}
    if not any(line.startswith("FN") for line in content):
        allowed.add("FN")
    if not any(line.startswith(("N:", "N;")) for line in content):
        allowed.add("N")
    assert changed <= allowed


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=80, deadline=None)
@given(content=st.lists(LINES, max_size=14))
def test_the_second_time_nothing_changes(version: str, content: list[str]) -> None:
    once = again(card(*content, version=version), version)
    twice = again(once, version)
    assert differences(CARD, once, twice) == ()
    first, second = back_document(once), back_document(twice)
    assert sorted(first.pop("vcardLines", [])) == sorted(second.pop("vcardLines", []))
    assert first == second


@pytest.mark.parametrize("path", VCF_FILES, ids=lambda path: path.name)
def test_cards_of_other_projects_come_back(path: Any) -> None:
    """Each single, complete card of the test corpora that is 3.0 or 4.0 says the same afterwards."""
    body = path.read_bytes()
    try:
        said = to_person("").convert(body).body
    except MappingError:
        assert not inspect(CARD, body).complete or body.upper().count(b"BEGIN:VCARD") > 1
        return
    version = "4.0" if b"VERSION:4.0" in body.upper() else "3.0"
    returned = to_card(f"text/vcard;version={version}").convert(said).body
    changed = set(differences(CARD, body, returned))
    if b"VERSION:2.1" in body.upper():
        return
    assert changed <= {"UID", "N", "FN"}
    if changed:
        assert all(f"\n{name}:".encode() not in body.upper() for name in changed)


def test_an_ordinary_card_is_octet_for_octet_in_its_lines() -> None:
    lines = sorted(again(FULL_CARD).replace(b"\r\n ", b"").split(b"\r\n"))
    assert lines == sorted(FULL_CARD.replace(b"\r\n ", b"").split(b"\r\n"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_person_of_a_megabyte(version: str) -> None:
    person = full_person(1)
    person["phoneNumbers"] = [{"value": str(n), "type": f"own {n}"} for n in range(5_000)]
    person["biographies"] = [{"value": "lorem, ipsum; " * 40_000, "contentType": "TEXT_PLAIN"}]
    body = to_vcard(person, version)
    assert len(body) > 700_000
    assert comparable(back(body)) == comparable(person)
