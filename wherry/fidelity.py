"""What mapping into another format kept, in words and numbers for people and scripts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from wherry.showing import count

if TYPE_CHECKING:
    from sync_engine.fidelity import Fidelity
    from sync_engine.report import Loss

WORDS = {
    "exact": "exact",
    "extension": "with parts kept as extensions",
    "not-representable": "without a part that has no place there",
    "refused": "without a part the destination did not keep",
}
"""Fates of a copy, by the words JSON lines have for them."""


def fidelity_words(fidelity: Fidelity) -> str:
    """Return the line about copies in another format; empty where nothing was mapped."""
    if not fidelity.mapped:
        return ""
    parts = [f"{number:,} {WORDS[fate]}" for fate, number in fidelity.by_fate().items() if number]
    return f"{count(fidelity.mapped, 'item')} in another format, as read back: {', '.join(parts)}"


def fidelity_line(fidelity: Fidelity) -> dict[str, int] | None:
    """Return the same as JSON lines hold it: items by fate, ``None`` where nothing was mapped."""
    return fidelity.by_fate() if fidelity.mapped else None


def loss_line(loss: Loss) -> dict[str, object]:
    """Return one copy that is not all of its item as a JSON line holds it."""
    leaves = [{**asdict(leaf), "fate": leaf.fate.value} for leaf in loss.losses.leaves]
    named = {"collection": loss.collection, "kind": loss.kind, "item": loss.item, "fate": loss.fate}
    return {"type": "loss", **named, "leaves": leaves, "more": loss.losses.more}
