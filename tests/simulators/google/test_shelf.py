"""A shelf behaves like a dictionary that remembers its changes, whatever is done to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.google.discovery import Json
from simulators.google.shelf import BEGIN, Shelf
from simulators.google.tokens import Forged, Place, issue, read


class Numbers:
    """Items n0, n1, ..."""

    def __init__(self, size: int) -> None:
        self.size = size

    def name(self, index: int) -> str:
        return f"n{index}"

    def index(self, name: str) -> int | None:
        return int(name[1:]) if name[1:].isdecimal() and name[0] == "n" else None

    def make(self, index: int) -> Json:
        return {"value": index}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


NAMES = st.sampled_from([f"n{number}" for number in range(8)] + ["new", "newer"])
STEPS = st.lists(st.tuples(st.sampled_from(["put", "remove"]), NAMES), max_size=30)


def _model(size: int) -> dict[str, Json]:
    return {f"n{number}": {"value": number} for number in range(size)}


def _apply(shelf: Shelf, model: dict[str, Json], steps: list[tuple[str, str]]) -> None:
    for at, (what, name) in enumerate(steps):
        if what == "put":
            shelf.put(name, {"value": f"edit {at}"})
            model[name] = {"value": f"edit {at}"}
        elif name in model:
            shelf.remove(name)
            del model[name]


@given(size=st.integers(0, 8), steps=STEPS)
def test_it_holds_what_a_dictionary_would(size: int, steps: list[tuple[str, str]]) -> None:
    shelf, model = Shelf(Numbers(size), Clock()), _model(size)
    _apply(shelf, model, steps)
    assert {row.name: row.item for row in shelf.walk()} == model
    assert shelf.count == len(model)
    for name in [*model, "n3", "new", "nothing"]:
        assert shelf.get(name) == model.get(name)
        assert shelf.has(name) == (name in model)
    assert {name for _, name in shelf.untouched()} == {name for name in model if model[name] == _model(size).get(name)}


@given(size=st.integers(0, 8), before=STEPS, after=STEPS)
def test_the_changes_lead_from_one_state_to_the_next(
    size: int, before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    shelf, model = Shelf(Numbers(size), Clock()), _model(size)
    _apply(shelf, model, before)
    copy, since = dict(model), shelf.number
    _apply(shelf, model, after)
    rows = list(shelf.changes(since))
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        if row.item is None:
            copy.pop(row.name, None)
        else:
            copy[row.name] = row.item
    assert copy == model


@given(size=st.integers(0, 8), steps=STEPS, pause=st.integers(0, 40))
def test_a_walk_goes_on_where_it_was_left(size: int, steps: list[tuple[str, str]], pause: int) -> None:
    shelf = Shelf(Numbers(size), Clock())
    _apply(shelf, _model(size), steps)
    whole = list(shelf.walk())
    begun = whole[:pause]
    rest = list(shelf.walk(begun[-1].after if begun else BEGIN))
    assert [row.name for row in begun + rest] == [row.name for row in whole]
    assert all(next(shelf.walk(row.here)).name == row.name for row in whole)


@given(steps=STEPS, more=STEPS)
def test_changes_up_to_a_number_leave_out_later_ones(steps: list[tuple[str, str]], more: list[tuple[str, str]]) -> None:
    shelf, model = Shelf(Numbers(8), Clock()), _model(8)
    _apply(shelf, model, steps)
    until = shelf.number
    names = [row.name for row in shelf.changes(0, until)]
    _apply(shelf, model, more)
    assert [row.name for row in shelf.changes(0, until)] == names


def test_a_change_is_settled_after_the_delay() -> None:
    clock = Clock()
    shelf = Shelf(Numbers(3), clock)
    shelf.put("n1", {})
    clock.now = 100.0
    shelf.put("n2", {})
    assert (shelf.settled(0), shelf.settled(50), shelf.settled(200)) == (2, 1, 0)
    clock.now = 300.0
    assert shelf.settled(200) == 2


def test_a_clock_that_goes_back_does_not_disorder_changes() -> None:
    clock = Clock()
    shelf = Shelf(Numbers(3), clock)
    clock.now = 100.0
    shelf.put("n1", {})
    clock.now = 10.0
    shelf.put("n2", {})
    clock.now = 100.0
    assert shelf.settled(0) == 2


def test_what_was_deleted_is_remembered() -> None:
    shelf = Shelf(Numbers(3), Clock())
    shelf.remove("n1")
    assert shelf.deleted("n1") == {"value": 1}
    assert shelf.deleted("n2") is None
    assert [row.earlier for row in shelf.walk(deleted=True) if row.item is None] == [{"value": 1}]


PLACES = st.builds(
    Place,
    st.sampled_from(["page", "sync"]),
    st.text(max_size=20),
    st.text(max_size=12),
    st.text(max_size=12),
    st.integers(0, 2**40),
    st.floats(0, 2e9),
    st.tuples(st.integers(0, 2), st.integers(0, 10**6), st.integers(0, 9999)),
    st.integers(-1, 10**6),
    st.integers(0, 5),
)


@given(place=PLACES)
def test_a_token_says_to_its_owner_what_was_put_in(place: Place) -> None:
    assert read(issue(place, b"key"), b"key") == place


@settings(max_examples=200)
@given(place=PLACES, at=st.integers(0, 400), by=st.sampled_from("AZaz09-_=%!"))
def test_a_token_that_was_touched_is_refused(place: Place, at: int, by: str) -> None:
    token = issue(place, b"key")
    at %= len(token)
    touched = token[:at] + by + token[at + 1 :]
    try:
        found: Place | None = read(touched, b"key")
    except Forged:
        found = None
    assert found in {None, place}  # the last letter has bits that say nothing


@given(st.text(max_size=100))
def test_anything_else_is_no_token(said: str) -> None:
    try:
        read(said, b"key")
    except Forged:
        return
    raise AssertionError(said)


def test_a_token_sealed_with_another_key_is_refused() -> None:
    token = issue(Place("page", "x", "", "", 0, 0.0), b"one")
    with pytest.raises(Forged):
        read(token, b"two")
