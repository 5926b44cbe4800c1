"""The leaf table against the discovery document: no leaf without a row, and every writable leaf comes back."""

from __future__ import annotations

import fnmatch
from collections import Counter

import pytest

from mappings.loss import Fate
from mappings.people.bridges import to_card
from mappings.people.fields import fields
from mappings.people.leaves import CARRIER, LEAVES, Kind, Leaf
from tests.mappings.people.discovery import SchemaLeaf, leaves, updatable, writable
from tests.mappings.people.people import (
    VERSIONS,
    back,
    card_lines,
    comparable,
    document,
    full_person,
    leaves_of,
    to_vcard,
)

ROWS = {leaf.path: leaf for leaf in LEAVES}


def row_of(path: str) -> Leaf | None:
    """The row of a path: its own, or one that speaks of all lists."""
    if path in ROWS:
        return ROWS[path]
    starred = "*[]." + path.partition("[].")[2]
    return ROWS.get(starred)


def test_90_leaves_can_be_written_and_one_more_on_creation() -> None:
    """The 24 fields of the update mask and skills, which only creation takes; fileAses nobody can read back."""
    counted = [leaf for leaf in writable() if leaf.field in updatable() | {"skills"}]
    assert (len(counted), len({leaf.field for leaf in counted})) == (90, 25)
    assert {leaf.path for leaf in writable()} - {leaf.path for leaf in counted} == {"fileAses[].value"}


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.path)
def test_every_leaf_of_the_schema_has_a_row(leaf: SchemaLeaf) -> None:
    row = row_of(leaf.path)
    assert row is not None, f"{leaf.path} is new at Google: decide where it lives (mappings/people/leaves.py)"
    if row.kind is Kind.MAPPED:
        assert row.three
        assert row.four
    else:
        assert row.reason


def test_every_row_is_a_leaf_of_the_schema() -> None:
    paths = [leaf.path for leaf in leaves()]
    stale = [row for row in ROWS if row not in paths and not fnmatch.filter(paths, row.replace("[]", "?]"))]
    assert stale == []
    assert [path for path, count in Counter(leaf.path for leaf in LEAVES).items() if count > 1] == []


def test_what_can_be_written_is_mapped() -> None:
    assert {leaf.path for leaf in writable() if (row := row_of(leaf.path)) and row.kind is not Kind.MAPPED} == set()


def test_no_row_carries_a_version_or_a_token() -> None:
    named = [leaf.path for leaf in LEAVES if leaf.kind is Kind.MAPPED and ("etag" in leaf.path or "token" in leaf.path)]
    assert named == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_table_drives_the_code(version: str) -> None:
    """A row without a carrier is a slot, and no slot is without a row."""
    for name, field in fields(version).items():
        rows = [leaf for leaf in LEAVES if leaf.field == name and leaf.kind is Kind.MAPPED]
        assert set(field.slots) == {leaf.key for leaf in rows if leaf.home(version) != CARRIER}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_90_of_90_come_back_from_the_card_alone(version: str, count: int) -> None:
    person = full_person(count)
    found = Counter(map(str, leaves_of(comparable(back(to_vcard(person, version))))))
    wanted = Counter(map(str, leaves_of(comparable(person))))
    assert sorted((wanted - found).elements()) == []
    assert sorted((found - wanted).elements()) == []
    paths = {path for path, _ in leaves_of(comparable(person))}
    assert {leaf.path for leaf in writable()} <= paths


@pytest.mark.parametrize("version", VERSIONS)
def test_the_order_of_all_lists_comes_back(version: str) -> None:
    person = comparable(full_person(4))
    assert comparable(back(to_vcard(person, version))) == person


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("leaf", writable(), ids=lambda leaf: leaf.path)
def test_each_leaf_comes_back_on_its_own(leaf: SchemaLeaf, version: str) -> None:
    """No leaf leans on another: an element that has only this one keeps it, and gains nothing."""
    whole = full_person(1)
    head, _, rest = leaf.path.partition("[].")
    value = whole[head][0]
    for key in rest.split("."):
        value = value[key]
    for key in reversed(rest.split(".")):
        value = {key: value}
    person = comparable({head: [value]})
    assert comparable(back(to_vcard(person, version))) == person


@pytest.mark.parametrize("version", VERSIONS)
def test_the_receipt_names_every_writable_leaf(version: str) -> None:
    bridge = to_card(f"text/vcard;version={version}")
    original = document(full_person())
    receipt = bridge.prove(original, bridge.convert(original).body)
    assert receipt.lossless
    assert {leaf.path for leaf in writable()} <= {one.leaf for one in receipt.leaves}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", [leaf.path for leaf in LEAVES if leaf.home("3.0") == CARRIER and "s[]" in leaf.path])
def test_a_receipt_without_a_carrier_line_names_the_lost_leaf(path: str, version: str) -> None:
    """A server that drops one carrier: exactly its leaf is refused."""
    head, _, rest = path.partition("[].")
    value: object = {"year": 1, "month": 1, "day": 1}.get(rest.rpartition(".")[2], "x")
    if "Date." in rest:
        value = {"year": 1999, "month": 1, "day": 1}
        rest = rest.partition(".")[0]
    for key in reversed(rest.split(".")):
        value = {key: value}
    bridge = to_card(f"text/vcard;version={version}")
    original = document({head: [value]})
    card = bridge.convert(original).body
    kept = [line for line in card_lines(card) if not line.partition(":")[0].endswith(f'/0/{rest.partition(".")[0]}"')]
    if len(kept) == len(card_lines(card)):
        return  # lives in a property of this version
    lost = bridge.prove(original, "".join(line + "\r\n" for line in kept).encode())
    assert {one.leaf.partition("[].")[2].partition(".")[0] for one in lost.only(Fate.REFUSED)} == {
        rest.partition(".")[0]
    }
