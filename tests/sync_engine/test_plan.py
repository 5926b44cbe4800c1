"""The decision table, row by row, and what must hold for all of it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import ItemRef
from sync_engine.model import ItemRow, Outcome, Presence
from sync_engine.plan import ONE_WAY, TABLE, Action, Side, Way, decide, seen_from

TWO_WAY_ROWS = [
    (Side.NONE, Side.NONE, Action.FORGET),
    (Side.NEW, Side.NONE, Action.CREATE_RIGHT),
    (Side.NONE, Side.NEW, Action.CREATE_LEFT),
    (Side.NEW, Side.NEW, Action.MATCH),
    (Side.SAME, Side.SAME, Action.NOTHING),
    (Side.SAME, Side.CHANGED, Action.UPDATE_LEFT),
    (Side.SAME, Side.UNSURE, Action.LOOK),
    (Side.SAME, Side.GONE, Action.REMOVE_LEFT),
    (Side.CHANGED, Side.SAME, Action.UPDATE_RIGHT),
    (Side.CHANGED, Side.CHANGED, Action.MERGE),
    (Side.CHANGED, Side.UNSURE, Action.LOOK),
    (Side.CHANGED, Side.GONE, Action.CREATE_RIGHT),
    (Side.UNSURE, Side.SAME, Action.LOOK),
    (Side.UNSURE, Side.CHANGED, Action.LOOK),
    (Side.UNSURE, Side.UNSURE, Action.LOOK),
    (Side.UNSURE, Side.GONE, Action.LOOK),
    (Side.GONE, Side.SAME, Action.REMOVE_RIGHT),
    (Side.GONE, Side.CHANGED, Action.CREATE_LEFT),
    (Side.GONE, Side.UNSURE, Action.LOOK),
    (Side.GONE, Side.GONE, Action.FORGET),
]

ONE_WAY_ROWS = [
    (Side.NONE, Side.NEW, Action.NOTHING),
    (Side.NEW, Side.NONE, Action.CREATE_RIGHT),
    (Side.SAME, Side.SAME, Action.NOTHING),
    (Side.SAME, Side.CHANGED, Action.NOTHING),
    (Side.SAME, Side.UNSURE, Action.NOTHING),
    (Side.SAME, Side.GONE, Action.CREATE_RIGHT),
    (Side.CHANGED, Side.SAME, Action.UPDATE_RIGHT),
    (Side.CHANGED, Side.CHANGED, Action.SET_ASIDE),
    (Side.CHANGED, Side.GONE, Action.CREATE_RIGHT),
    (Side.UNSURE, Side.SAME, Action.LOOK),
    (Side.GONE, Side.SAME, Action.REMOVE_RIGHT),
    (Side.GONE, Side.CHANGED, Action.KEEP),
    (Side.GONE, Side.GONE, Action.FORGET),
]

WRITES_LEFT = {Action.CREATE_LEFT, Action.UPDATE_LEFT, Action.REMOVE_LEFT, Action.MERGE}
MIRROR = {
    Action.CREATE_RIGHT: Action.CREATE_LEFT,
    Action.UPDATE_RIGHT: Action.UPDATE_LEFT,
    Action.REMOVE_RIGHT: Action.REMOVE_LEFT,
    Action.CREATE_LEFT: Action.CREATE_RIGHT,
    Action.UPDATE_LEFT: Action.UPDATE_RIGHT,
    Action.REMOVE_LEFT: Action.REMOVE_RIGHT,
}


@pytest.mark.parametrize(("left", "right", "action"), TWO_WAY_ROWS)
def test_two_way_row(left: Side, right: Side, action: Action) -> None:
    assert decide(left, right, Way.BOTH) is action


@pytest.mark.parametrize(("left", "right", "action"), ONE_WAY_ROWS)
def test_one_way_row(left: Side, right: Side, action: Action) -> None:
    assert decide(left, right) is action


def test_every_row_of_the_table_is_tested_above() -> None:
    assert {(left, right) for left, right, _ in TWO_WAY_ROWS} == set(TABLE)


def test_one_way_only_replaces_rows_that_exist() -> None:
    assert set(ONE_WAY) <= set(TABLE)


@pytest.mark.parametrize("pair", list(TABLE))
def test_one_way_never_writes_the_source(pair: tuple[Side, Side]) -> None:
    assert decide(*pair) not in WRITES_LEFT


@pytest.mark.parametrize(("left", "right"), list(TABLE))
def test_two_way_treats_both_sides_alike(left: Side, right: Side) -> None:
    if (right, left) not in TABLE:
        pytest.fail(f"{right}, {left} is missing though {left}, {right} is there")
    action = decide(left, right, Way.BOTH)
    assert decide(right, left, Way.BOTH) is MIRROR.get(action, action)


def test_an_edit_beats_a_deletion_on_either_side() -> None:
    assert decide(Side.CHANGED, Side.GONE, Way.BOTH) is Action.CREATE_RIGHT
    assert decide(Side.GONE, Side.CHANGED, Way.BOTH) is Action.CREATE_LEFT
    assert decide(Side.GONE, Side.CHANGED) is Action.KEEP


def test_nothing_is_removed_unless_one_side_is_gone_and_the_other_untouched() -> None:
    removing = {pair for pair, action in TABLE.items() if action in {Action.REMOVE_RIGHT, Action.REMOVE_LEFT}}
    assert removing == {(Side.GONE, Side.SAME), (Side.SAME, Side.GONE)}


def test_a_pair_that_cannot_occur_is_an_error() -> None:
    impossible = set(itertools.product(Side, Side)) - set(TABLE)
    assert (Side.NEW, Side.SAME) in impossible
    for left, right in impossible:
        with pytest.raises(KeyError):
            decide(left, right, Way.BOTH)


COPIED = ItemRow("a", revision="1", digest="d", target_id="a.ics", target_revision="t")


@pytest.mark.parametrize(
    ("base", "ref", "side"),
    [
        pytest.param(None, ItemRef("a", "1"), Side.NEW, id="unknown"),
        pytest.param(None, None, Side.NONE, id="neither"),
        pytest.param(COPIED, ItemRef("a", "1"), Side.SAME, id="same revision"),
        pytest.param(COPIED, ItemRef("a", "2"), Side.CHANGED, id="other revision"),
        pytest.param(COPIED, ItemRef("a", None), Side.UNSURE, id="dav-08 member without etag"),
        pytest.param(COPIED, None, Side.GONE, id="gone"),
        pytest.param(ItemRow("a", None, target_id="x"), ItemRef("a", "1"), Side.UNSURE, id="failed update"),
        pytest.param(
            ItemRow("a", "1", target_id="x", presence=Presence.GONE), ItemRef("a", "1"), Side.UNSURE, id="back again"
        ),
        pytest.param(ItemRow("a", None, outcome=Outcome.FAILED), ItemRef("a", "1"), Side.NEW, id="never copied"),
        pytest.param(ItemRow("a", None, outcome=Outcome.FAILED), None, Side.NONE, id="never copied, gone"),
    ],
)
def test_what_the_source_did(base: ItemRow | None, ref: ItemRef | None, side: Side) -> None:
    assert seen_from(base, ref) is side


@given(
    known=st.booleans(),
    copied=st.booleans(),
    gone=st.booleans(),
    old=st.one_of(st.none(), st.text(max_size=3)),
    new=st.one_of(st.none(), st.text(max_size=3)),
    listed=st.booleans(),
)
def test_every_state_of_one_item_has_an_action(
    *, known: bool, copied: bool, gone: bool, old: str | None, new: str | None, listed: bool
) -> None:
    presence = Presence.GONE if gone else Presence.HERE
    base = ItemRow("a", old, target_id="t" if copied else None, presence=presence) if known else None
    ref = ItemRef("a", new) if listed else None
    left = seen_from(base, ref)
    right = Side.SAME if base is not None and base.target_id is not None else Side.NONE
    action = decide(left, right)
    assert action not in WRITES_LEFT
    if action is Action.NOTHING:
        assert old == new
        assert old is not None
    if action is Action.REMOVE_RIGHT:
        assert ref is None
