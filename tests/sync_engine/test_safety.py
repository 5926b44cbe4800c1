"""The bounds beyond which nothing is removed without a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.safety import MOST_REMOVED, MOST_SHARE, Removal, is_massive


@pytest.mark.parametrize(
    ("gone", "known", "massive"),
    [
        (0, 0, False),
        (0, 100, False),
        (1, 1, False),
        (10, 10, False),
        (10, 11, False),
        (11, 11, True),
        (11, 44, False),
        (11, 43, True),
        (12, 44, True),
        (25, 100, False),
        (26, 100, True),
        (80, 200, True),
        (199, 200, True),
        (1000, 5000, False),
    ],
)
def test_more_than_ten_and_more_than_a_quarter(gone: int, known: int, massive: bool) -> None:
    assert is_massive(Removal("work", gone, known)) is massive


@given(gone=st.integers(0, 10_000), rest=st.integers(0, 10_000))
def test_both_bounds_have_to_be_passed(gone: int, rest: int) -> None:
    removal = Removal("work", gone, gone + rest)
    if is_massive(removal):
        assert gone > MOST_REMOVED
        assert removal.share > MOST_SHARE
    else:
        assert gone <= MOST_REMOVED or removal.share <= MOST_SHARE


@given(gone=st.integers(0, 1000), more=st.integers(0, 1000), known=st.integers(1, 5000))
def test_more_removals_are_never_less_massive(gone: int, more: int, known: int) -> None:
    if is_massive(Removal("work", gone, known)):
        assert is_massive(Removal("work", gone + more, known))


def test_share_of_an_empty_collection_is_nothing() -> None:
    assert Removal("work", 0, 0).share == 0.0
