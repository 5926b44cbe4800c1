"""A page commit made ready for the database: each id once, texts storable, maps packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_engine.rows import COUNTERS, is_storable, packed, storable

if TYPE_CHECKING:
    from sync_engine.model import ItemRow, Lease, PageCommit


@dataclass(frozen=True, slots=True)
class Page:
    """What both dialects write. *tally* follows ``rows.COUNTERS``; an id stands in one list at most.

    *record* is the audit record, as ``oauth.audit.template`` writes it.
    """

    job: str
    token: int
    ttl: float
    collection: int
    items: Sequence[ItemRow]
    seen: list[str]
    forgotten: list[str]
    cursor: str | None
    generation: int | None
    tally: tuple[int, ...]
    doubt: str
    record: str


def page_of(lease: Lease, commit: PageCommit, *, ttl: float, record: str = "") -> Page:
    """Make *commit* ready. Of two rows with one id the last stands; a row outdoes ``forgotten`` and ``seen``.

    Raises ``ValueError`` for a counter that no collection has.
    """
    unknown = commit.tally.keys() - set(COUNTERS)
    if unknown:
        raise ValueError(f"no such counter: {', '.join(sorted(unknown))}")
    items = {row.id: _storable(row) for row in commit.items}
    forgotten = dict.fromkeys(item for item in commit.forgotten if item not in items)
    seen = dict.fromkeys(item for item in commit.seen if item not in items and item not in forgotten)
    return Page(
        job=lease.job.id,
        token=lease.token,
        ttl=ttl,
        collection=commit.collection,
        items=tuple(items.values()),
        seen=list(seen),
        forgotten=list(forgotten),
        cursor=packed(commit.cursor),
        generation=commit.generation,
        tally=tuple(commit.tally.get(name, 0) for name in COUNTERS),
        doubt=packed(commit.doubt) or "{}",
        record=record,
    )


def _storable(row: ItemRow) -> ItemRow:
    """Replace what no database stores in texts that others wrote. A revision that cannot be kept is none."""
    uid, detail = storable(row.uid), storable(row.detail)
    if not (is_storable(row.revision) and is_storable(row.target_revision)):
        revisions = (kept if is_storable(kept) else None for kept in (row.revision, row.target_revision))
        row = replace(row, revision=next(revisions), target_revision=next(revisions))
    return row if uid is row.uid and detail is row.detail else replace(row, uid=uid, detail=detail)
