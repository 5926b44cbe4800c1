"""The table of homes in docs/mappings.md is the table of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.people.leaves import LEAVES, Kind, Leaf

DOCS = Path(__file__).parents[3] / "docs" / "mappings.md"
HEADING = "## Google's Person and vCard"


def section() -> str:
    text = DOCS.read_text(encoding="utf-8")
    assert HEADING in text
    return text.partition(HEADING)[2].partition("\n## ")[0]


def home(said: str) -> str:
    """A home as people read it: without the codec, the second property in words."""
    said = said.rpartition(" ")[2]
    first, _, other = said.partition("|")
    name, _, kind = other.partition(":")
    shown = f"{first}, {name} ({kind})" if other else first
    return "carrier" if shown == "JSPROP" else shown


def row(leaf: Leaf) -> str:
    if leaf.kind is Kind.MAPPED:
        return f"| `{leaf.path}` | {home(leaf.three)} | {home(leaf.four)} |"
    return f"| `{leaf.path}` | {leaf.kind.value} | {leaf.reason} |"


def table() -> list[str]:
    return [row(leaf) for leaf in LEAVES]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.path)
def test_each_leaf_is_written_down(leaf: Leaf) -> None:
    assert row(leaf) in section().splitlines(), f"docs/mappings.md lacks this line:\n{row(leaf)}"


def test_nothing_else_is_written_down() -> None:
    found = [line for line in section().splitlines() if line.startswith("| `")]
    assert found == table()


@pytest.mark.parametrize("word", ["`vcardLines`", "`DERIVED`", "`X-ABLabel`", "contactGroups/new:", "JSPTR", "90"])
def test_the_rules_are_written_down(word: str) -> None:
    assert word in section()
