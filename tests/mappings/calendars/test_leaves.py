"""The table of leaves against the discovery document: what Google adds fails here by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient
import pytest

from mappings.calendars.leaves import BRANCHES, HOMELESS, LEAF, LEAVES, MAPS, Access, Home, Leaf, fields_of

DOCUMENT = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "calendar.v3.json"
SHAPES = {"string": "text", "boolean": "flag", "integer": "number", "any": "any"}


@cache
def discovered() -> dict[str, dict[str, Any]]:
    """Return every leaf of the Event schema: its path and its description there."""
    schemas = json.loads(DOCUMENT.read_text("utf-8"))["schemas"]

    def below(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if "$ref" in schema:
            yield from below(schemas[schema["$ref"]], path)
        elif schema.get("type") == "array":
            yield from below(schema["items"], path + "[]")
        elif schema.get("type") == "object":
            for name, inner in schema.get("properties", {}).items():
                yield from below(inner, f"{path}.{name}" if path else name)
            if "additionalProperties" in schema:
                yield path + "{}", schema["additionalProperties"]
        else:
            yield path, schema

    return dict(below(schemas["Event"], ""))


def test_every_leaf_of_the_schema_has_its_row() -> None:
    assert sorted(set(discovered()) - set(LEAF)) == []


def test_no_row_is_about_a_leaf_that_is_not_there() -> None:
    assert sorted(set(LEAF) - set(discovered())) == []


def test_no_leaf_has_two_rows() -> None:
    assert len(LEAF) == len(LEAVES)


def test_there_are_as_many_leaves_as_the_documentation_says() -> None:
    """112 leaves, 93 of them writable; the design counted 59 by another measure, all of them are among these."""
    assert len(LEAVES) == 112
    assert sum(leaf.access is Access.WRITABLE for leaf in LEAVES) == 93


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.path)
def test_a_row_has_the_shape_of_its_leaf(leaf: Leaf) -> None:
    assert leaf.shape == SHAPES[discovered()[leaf.path]["type"]]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.path)
def test_what_google_calls_read_only_is_output_only(leaf: Leaf) -> None:
    described = discovered()[leaf.path].get("description", "")
    if "Read-only" in described or "Read-Only" in described:
        assert leaf.access is Access.OUTPUT


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.path)
def test_what_is_not_writable_or_has_no_home_says_why(leaf: Leaf) -> None:
    assert bool(leaf.why) is (leaf.access is Access.OUTPUT)
    assert bool(leaf.place) is (leaf.home is not Home.NONE)
    assert leaf.home is not Home.NONE or leaf.access is Access.OUTPUT


def test_only_what_says_nothing_of_the_event_has_no_home() -> None:
    assert {"etag", "kind"} == HOMELESS


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.path)
def test_extensions_are_named_as_extensions(leaf: Leaf) -> None:
    names = [part for place in leaf.place.split("+") for part in place.split(";")[-1:]]
    if leaf.home is Home.KNOWN:
        assert all(name.startswith("X-") for name in names)
    elif leaf.home is Home.STANDARD:
        assert not any(name.startswith("X-") for name in names)
    elif leaf.home is Home.CARRIER:
        assert leaf.place == "JSPROP"


def test_no_two_leaves_share_a_parameter() -> None:
    places = [leaf.place for leaf in LEAVES if ";" in leaf.place and not leaf.place.endswith("X-GOOGLE-JSON")]
    assert len(places) == len(set(places))


def test_maps_are_the_leaves_whose_keys_people_choose() -> None:
    assert {path + "{}" for path in MAPS} == {path for path in discovered() if path.endswith("{}")}


def test_branches_are_objects_with_leaves_below() -> None:
    for branch in BRANCHES:
        assert any(path.startswith(branch + ".") for path in LEAF), branch
        assert branch not in LEAF
        assert "[]" not in branch


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        (
            "attendees[].",
            {
                "displayName",
                "responseStatus",
                "optional",
                "resource",
                "comment",
                "additionalGuests",
                "id",
                "self",
                "organizer",
                "asyncOperation",
            },
        ),
        ("organizer.", {"displayName", "id", "self"}),
        ("attachments[].", {"mimeType", "title", "iconLink", "fileId"}),
        ("source.", {"title"}),
        (
            "conferenceData.entryPoints[].",
            {
                "label",
                "entryPointType",
                "accessCode",
                "meetingCode",
                "passcode",
                "password",
                "pin",
                "regionCode",
            },
        ),
    ],
)
def test_leaves_of_an_element_are_parameters_of_its_line(prefix: str, names: set[str]) -> None:
    assert set(fields_of(prefix)) == names


def test_a_leaf_that_google_adds_would_be_named() -> None:
    """The walk sees a new leaf wherever it is added: the test above cannot pass by looking away."""
    found = discovered()
    assert {"eventLabelId", "attendees[].comment", "extendedProperties.private{}", "recurrence[]"} <= set(found)
    assert found["conferenceData.createRequest.conferenceSolutionKey.type"]["type"] == "string"
