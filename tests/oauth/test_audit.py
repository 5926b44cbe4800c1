"""Records of the audit log: canonical JSON, the closed schema, the chain, pseudonyms."""

from __future__ import annotations

import hashlib
import json
import math
import re
import string
import subprocess
from collections import UserDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.audit import (
    FIELDS,
    LARGEST,
    SEQ,
    STORE,
    TS,
    Actor,
    Event,
    canonical,
    chain_of,
    chained,
    filled,
    genesis,
    pseudonym,
    template,
)
from oauth.errors import BadRecord

PEPPER = b"p" * 32
PSEUDONYM = "0123456789abcdef" * 2
EXAMPLES: dict[str, object] = {
    "tenant": "local",
    "job": "7f3a",
    "run": 1,
    "token": 3,
    "collection": 12,
    "purpose": "backup",
    "connector": "dav",
    "scope": "https://www.googleapis.com/auth/contacts.readonly files.metadata.read",
    "resource_kind": "event",
    "count": 200,
    "bytes": 6_000_000_000,
    "account_id": PSEUDONYM,
    "subject_id": PSEUDONYM,
    "source_id": PSEUDONYM,
    "destination_id": PSEUDONYM,
    "grant": "3f0c-a1",
    "holder": "job",
    "legal_basis": "contract",
    "disclosure_version": "2026-11.2",
    "retain_until": 1_795_000_000_000_000,
    "outcome": "invalid_token",
    "error_class": "ReauthRequired",
    "software_version": "0.1.0",
    "chain": "job:7f3a",
    "chain_seq": 9,
    "chain_hash": "a" * 64,
    "key_id": "0" * 16,
    "signature": "f" * 128,
}
NUMBERS = sorted(name for name, form in FIELDS.items() if form is None and name not in {"v", "seq", "ts"})
WORDS = sorted(name for name, form in FIELDS.items() if form is not None and name != "event")


def made(**fields: Any) -> str:
    return template(Event.PAGE_SETTLED, actor=Actor.WORKER, **fields)


# Canonical JSON.


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({}, "{}", id="empty-map"),
        pytest.param([], "[]", id="empty-list"),
        pytest.param({"b": 1, "a": 2}, '{"a":2,"b":1}', id="keys-are-sorted"),
        pytest.param({"1": {"f": {"f": "hi", "F": 5}}}, '{"1":{"f":{"F":5,"f":"hi"}}}', id="sorted-within"),
        pytest.param({"": "empty", "a": {}}, '{"":"empty","a":{}}', id="an-empty-key"),
        pytest.param(
            [56, {"d": True, "10": None, "1": []}], '[56,{"1":[],"10":null,"d":true}]', id="arrays-keep-order"
        ),
        pytest.param(
            {"peach": 1, "péché": 2, "pêche": 3, "sin": 4}, '{"peach":1,"péché":2,"pêche":3,"sin":4}', id="french"
        ),
        pytest.param({"1": 1, "10": 2, "A": 3, "a": 4}, '{"1":1,"10":2,"A":3,"a":4}', id="digits-then-letters"),
        pytest.param('\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"', id="rfc-8785-3.2.2.2"),
        pytest.param("\b\t\n\f\r\x00\x1f\x7f", '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f"', id="control-characters"),
        pytest.param("\u2028\u2029</script>", '"\u2028\u2029</script>"', id="nothing-else-is-escaped"),
        pytest.param("😂", '"😂"', id="beyond-the-first-plane"),
        pytest.param(LARGEST, "9007199254740991", id="largest"),
        pytest.param(-LARGEST, "-9007199254740991", id="smallest"),
        pytest.param(0, "0", id="zero"),
        pytest.param(Actor.USER, '"user"', id="an-enumeration"),
    ],
)
def test_canonical_json(value: object, text: str) -> None:
    assert canonical(value) == text


def test_keys_are_sorted_as_the_rfc_s_example_says() -> None:
    """RFC 8785, 3.2.3: by UTF-16 code units. By code points the smiley would stand last."""
    example = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(example)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1.0, id="fraction"),
        pytest.param(math.nan, id="nan"),
        pytest.param(LARGEST + 1, id="too-large"),
        pytest.param(-LARGEST - 1, id="too-small"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param({1: "a"}, id="number-as-key"),
        pytest.param("\ud800", id="half-a-character"),
        pytest.param({"\udfff": 1}, id="half-a-character-as-key"),
        pytest.param({"a": [{"b": 0.5}]}, id="deep-within"),
        pytest.param({"a", "b"}, id="a-set"),
        pytest.param(object(), id="an-object"),
    ],
)
def test_what_has_no_one_spelling_is_refused(value: object) -> None:
    with pytest.raises(BadRecord):
        canonical(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_canonical_json_says_the_same_and_only_once(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(st.dictionaries(st.text(string.printable), st.integers(0, 9)))
def test_the_order_of_insertion_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(list(value.items())))) == canonical(value) == canonical(UserDict(value))


# Records.


def test_a_record_is_canonical_json() -> None:
    record = filled(made(actor_id=PSEUDONYM, **EXAMPLES), seq=7, ts=1_795_000_000_000_000)
    assert canonical(json.loads(record)) == record
    said = json.loads(record)
    assert said["actor"] == {"kind": "worker", "id": PSEUDONYM}
    assert (said["v"], said["seq"], said["ts"]) == (1, 7, 1_795_000_000_000_000)
    assert {name: said[name] for name in EXAMPLES} == EXAMPLES
    assert said.keys() == FIELDS.keys() | {"actor"}, "every field of the schema was tried"


def test_a_field_that_does_not_apply_is_absent() -> None:
    assert made(count=None, job="7f3a") == made(job="7f3a")
    assert "null" not in made(count=None)
    assert "id" not in json.loads(filled(made(), seq=1, ts=2))["actor"]


def test_a_zero_is_not_absent() -> None:
    assert '"count":0' in made(count=0)


def test_the_placeholders_stand_once_each() -> None:
    record = made(**EXAMPLES)
    assert (record.count(SEQ), record.count(TS), record.count("$")) == (1, 1, 4)


@pytest.mark.parametrize("name", WORDS)
def test_no_word_of_the_schema_holds_a_placeholder(name: str) -> None:
    """The database fills them in by replacing text: a word with one would be torn apart."""
    for word in (SEQ, TS, "$", f"a{SEQ}", f"{EXAMPLES[name]}{TS}"):
        with pytest.raises(BadRecord):
            made(**{name: word})


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    "word",
    [
        *(
            "",
            " ",
            "Ana Silva",
            "ana@example.org",
            "Müller",
            'a"b',
            "a\\b",
            "a\nb",
            "a,b",
            "=1+1",
            "@SUM(A1)",
            "-1",
            "+1",
        ),
        *("x" * 5000, "\ud800", "/home/ana/pim", "<script>", "日本"),
    ],
    ids=lambda word: ascii(word)[:12],
)
def test_content_finds_no_way_in(name: str, word: str) -> None:
    """Names, addresses, paths and formulas are no words of the schema, in whatever field."""
    if name == "scope" and word == "Ana Silva":
        return  # two words look like two scopes; what is asked for comes from the registry
    with pytest.raises(BadRecord) as refusal:
        made(**{name: word})
    assert refusal.value.field == name
    assert len(word) < 3 or word not in str(refusal.value), "and the refusal does not repeat it"


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, 1.5, "1", True, LARGEST + 1, b"1"], ids=repr)
def test_a_number_is_a_whole_one(name: str, value: Any) -> None:
    with pytest.raises(BadRecord, match=name):
        made(**{name: value})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [0, 1, LARGEST])
def test_whole_numbers_are_fine(name: str, value: int) -> None:
    assert f'"{name}":{value}' in made(**{name: value})


@pytest.mark.parametrize("name", WORDS)
def test_a_word_s_field_takes_no_number(name: str) -> None:
    with pytest.raises(BadRecord, match=name):
        made(**{name: 1})


@pytest.mark.parametrize("name", ["name", "item", "uid", "prev", "hash", "seq", "ts", "detail", "owner", ""])
def test_other_fields_are_refused(name: str) -> None:
    with pytest.raises(BadRecord):
        made(**{name: 1})


@pytest.mark.parametrize("actor_id", ["ana", "", "0" * 31, "0" * 33, "G" * 32, "host:1234:abcd"])
def test_an_actor_is_named_by_a_pseudonym_only(actor_id: str) -> None:
    with pytest.raises(BadRecord, match="actor"):
        made(actor_id=actor_id)


@given(st.text(max_size=12))
def test_a_word_is_either_refused_or_plain(word: str) -> None:
    """Whatever gets through can be neither markup, nor a formula, nor a second field."""
    for name in WORDS:
        try:
            record = made(**{name: word})
        except BadRecord:
            continue
        assert re.fullmatch(r"[A-Za-z0-9._:/ +-]+", word)
        assert json.loads(filled(record, seq=1, ts=1))[name] == word


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("actor", Actor)
def test_every_event_can_be_written_by_everybody(event: Event, actor: Actor) -> None:
    said = json.loads(filled(template(event, actor=actor), seq=1, ts=1))
    assert (said["event"], said["actor"]["kind"]) == (event.value, actor.value)


def test_events_are_two_words() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z-]+", event) for event in Event)


def test_an_event_that_is_none_is_refused() -> None:
    class Other(str):
        __slots__ = ()
        value = "page.settled; and more"

    with pytest.raises(BadRecord, match="event"):
        template(Other("x"), actor=Actor.USER)  # type: ignore[arg-type]  # what a caller without types might do


# The chain.


def test_a_hash_is_computed_by_hand() -> None:
    first = genesis("s" * 32, STORE)
    record = filled(made(count=5), seq=1, ts=1)
    assert chained(first, record) == hashlib.sha256(first.encode() + record.encode()).hexdigest()


def test_a_hash_is_computed_with_tools_of_every_unix() -> None:
    """What the documentation says a reviewer may type."""
    first, record = genesis("s" * 32, STORE), filled(made(count=5), seq=1, ts=1)
    shell = subprocess.run(
        ["sh", "-c", 'printf %s%s "$1" "$2" | sha256sum', "-", first, record],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout.split()[0] == chained(first, record)


def test_the_first_hash_names_store_and_chain() -> None:
    firsts = {genesis(store, chain) for store in ("a", "b") for chain in (STORE, chain_of("7f3a"), chain_of("8f3a"))}
    assert len(firsts) == 6
    assert all(re.fullmatch("[0-9a-f]{64}", first) for first in firsts)


def test_store_and_chain_do_not_run_into_each_other() -> None:
    assert genesis("a\nb", "c") != genesis("a", "b\nc") or "\n" not in STORE
    assert genesis("ab", "c") != genesis("a", "bc")


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_equal_ends_mean_equal_chains(left: list[int], right: list[int]) -> None:
    def end(counts: list[int]) -> str:
        head = genesis("s", STORE)
        for seq, count in enumerate(counts, 1):
            head = chained(head, filled(made(count=count), seq=seq, ts=1))
        return head

    assert (end(left) == end(right)) == (left == right)


# Pseudonyms.


def test_a_pseudonym_is_stable_and_tells_names_apart() -> None:
    assert pseudonym(PEPPER, "account", "home") == pseudonym(PEPPER, "account", "home")
    marks = {pseudonym(PEPPER, kind, name) for kind in ("account", "place") for name in ("home", "Home", "home ", "")}
    assert len(marks) == 8


def test_a_pseudonym_is_nothing_without_its_pepper() -> None:
    """Other tenants', a destroyed one, and none at all: a guess of the name cannot be checked."""
    marks = {pseudonym(pepper, "account", "home") for pepper in (PEPPER, b"q" * 32, b"")}
    assert len(marks) == 3
    assert hashlib.sha256(b"account\0home").hexdigest()[:32] not in marks


def test_kind_and_name_do_not_run_into_each_other() -> None:
    assert pseudonym(PEPPER, "ab", "c") != pseudonym(PEPPER, "a", "bc")


@given(st.text())
def test_every_name_has_a_pseudonym(name: str) -> None:
    """Places and accounts are what somebody typed, half characters included."""
    mark = pseudonym(PEPPER, "place", name + "\ud800")
    assert re.fullmatch("[0-9a-f]{32}", mark)
    assert made(source_id=mark)
