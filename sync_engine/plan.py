"""Decide what to do with one item: a pure table over (base, left, right).

*left* is the source, *right* the destination; *base* is what both agreed on last, as
the ledger remembers it. The table is written for two-way sync; a one-way job is the
same table with the rows that would write to the left replaced (``ONE_WAY``). In a
one-way job the right side is not listed: it is taken as ``SAME`` until the destination
answers a write with a conflict, and then the same table is asked again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sync_engine.model import ItemRow, Presence

if TYPE_CHECKING:
    from connectors.base import ItemRef


class Side(StrEnum):
    """What one side did to an item since the base."""

    NONE = "none"
    """Not there, and the base does not know it."""
    NEW = "new"
    """There, and the base does not know it."""
    SAME = "same"
    CHANGED = "changed"
    UNSURE = "unsure"
    """There, but the revision does not tell whether it changed: look at the bytes."""
    GONE = "gone"


class Action(StrEnum):
    """What the engine does next with the item."""

    NOTHING = "nothing"
    LOOK = "look"
    CREATE_RIGHT = "create-right"
    UPDATE_RIGHT = "update-right"
    REMOVE_RIGHT = "remove-right"
    CREATE_LEFT = "create-left"
    UPDATE_LEFT = "update-left"
    REMOVE_LEFT = "remove-left"
    MATCH = "match"
    """Both sides have it and nothing is known of a common past: equal means agreed."""
    MERGE = "merge"
    SET_ASIDE = "set-aside"
    """Both sides changed and this job may not merge: touch neither, say so."""
    KEEP = "keep"
    """Gone on the left, edited on the right: the edit wins."""
    FORGET = "forget"


class Way(StrEnum):
    """Which sides may be written."""

    TO_RIGHT = "to-right"
    BOTH = "both"


TABLE: dict[tuple[Side, Side], Action] = {
    (Side.NONE, Side.NONE): Action.FORGET,
    (Side.NEW, Side.NONE): Action.CREATE_RIGHT,
    (Side.NONE, Side.NEW): Action.CREATE_LEFT,
    (Side.NEW, Side.NEW): Action.MATCH,
    (Side.SAME, Side.SAME): Action.NOTHING,
    (Side.SAME, Side.CHANGED): Action.UPDATE_LEFT,
    (Side.SAME, Side.UNSURE): Action.LOOK,
    (Side.SAME, Side.GONE): Action.REMOVE_LEFT,
    (Side.CHANGED, Side.SAME): Action.UPDATE_RIGHT,
    (Side.CHANGED, Side.CHANGED): Action.MERGE,
    (Side.CHANGED, Side.UNSURE): Action.LOOK,
    (Side.CHANGED, Side.GONE): Action.CREATE_RIGHT,
    (Side.UNSURE, Side.SAME): Action.LOOK,
    (Side.UNSURE, Side.CHANGED): Action.LOOK,
    (Side.UNSURE, Side.UNSURE): Action.LOOK,
    (Side.UNSURE, Side.GONE): Action.LOOK,
    (Side.GONE, Side.SAME): Action.REMOVE_RIGHT,
    (Side.GONE, Side.CHANGED): Action.CREATE_LEFT,
    (Side.GONE, Side.UNSURE): Action.LOOK,
    (Side.GONE, Side.GONE): Action.FORGET,
}
"""Every pair that can occur. Pairs not named (``NEW`` beside a base) cannot."""

ONE_WAY: dict[tuple[Side, Side], Action] = {
    (Side.NONE, Side.NEW): Action.NOTHING,
    (Side.SAME, Side.CHANGED): Action.NOTHING,
    (Side.SAME, Side.UNSURE): Action.NOTHING,
    (Side.SAME, Side.GONE): Action.CREATE_RIGHT,
    (Side.CHANGED, Side.CHANGED): Action.SET_ASIDE,
    (Side.GONE, Side.CHANGED): Action.KEEP,
}
"""Rows of ``TABLE`` that differ when only the right side may be written."""


def decide(left: Side, right: Side, way: Way = Way.TO_RIGHT) -> Action:
    """Return the action for one item. Raises ``KeyError`` for a pair that cannot occur."""
    if way is Way.TO_RIGHT and (left, right) in ONE_WAY:
        return ONE_WAY[left, right]
    return TABLE[left, right]


def seen_from(base: ItemRow | None, ref: ItemRef | None) -> Side:
    """Say what the source did to an item: *ref* as it is listed now, ``None`` if it is gone.

    A base without a copy counts as no base: its item was never brought over.
    """
    if base is None or base.target_id is None:
        return Side.NONE if ref is None else Side.NEW
    if ref is None:
        return Side.GONE
    if base.presence is Presence.GONE or base.revision is None or ref.revision is None:
        return Side.UNSURE
    return Side.SAME if base.revision == ref.revision else Side.CHANGED
