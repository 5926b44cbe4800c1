"""The table of homes in the documentation says what the table of leaves says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mappings.calendars.leaves import LEAVES, Home, Leaf

PAGE = Path(__file__).parents[3] / "docs" / "mappings.md"
ROW = re.compile(r"^\| (`.*`) \| (.*) \|$", re.MULTILINE)


def homes() -> dict[str, str]:
    """Return what the page says of each leaf."""
    section = PAGE.read_text("utf-8").partition("## Events of Google Calendar")[2].partition("\n## ")[0]
    return {path: places for paths, places in ROW.findall(section) for path in re.findall(r"`([^`]+)`", paths)}


def test_every_leaf_stands_in_the_documentation_and_no_other() -> None:
    assert sorted(homes()) == sorted(leaf.path for leaf in LEAVES)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.path)
def test_a_leaf_has_the_home_that_is_documented(leaf: Leaf) -> None:
    assert (leaf.place or "nowhere") in homes()[leaf.path].split(", ")


def test_the_counts_are_those_of_the_table() -> None:
    text = PAGE.read_text("utf-8")
    home = sum(leaf.home is not Home.NONE for leaf in LEAVES)
    assert f"Of {len(LEAVES)} leaves {home} come back" in text
