from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.nearest import did_you_mean, nearest

KNOWN = ["backup", "migrate", "verify", "jobs", "Home"]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("bakup", "backup"),
        ("BACKUP", "backup"),
        ("migrat", "migrate"),
        ("home", "Home"),
        ("job", "jobs"),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_nearest_word(word: str, near: str | None) -> None:
    assert nearest(word, KNOWN) == near


def test_advice_names_the_near_word_or_all_of_them() -> None:
    assert did_you_mean("verfy", KNOWN) == "Did you mean 'verify'?"
    assert did_you_mean("zzz", ["b", "a"]) == "Known: a, b."
    assert did_you_mean("zzz", []) == ""


@given(st.text(max_size=12), st.lists(st.text(min_size=1, max_size=8), max_size=6))
@settings(max_examples=60, deadline=None)
def test_only_known_words_are_proposed(word: str, known: list[str]) -> None:
    assert nearest(word, known) in {*known, None}
