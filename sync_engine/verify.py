"""Compare source and copy, item by item, with the ledger between them.

Reads both sides as they are now and writes nothing. The source is compared by revision
(what changed there since the run is *newer*, not wrong); the copy by its bytes where it is
local, and by revision, then bytes, where it is remote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.base import Collection, Item, ItemRef, Place
from sync_engine.comparing import Names, batches, is_same
from sync_engine.errors import JobUnknown
from sync_engine.intake import CHUNK_ITEMS
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.model import CollectionRow, ItemRow, Outcome, Presence
from sync_engine.opening import Opener, opened

if TYPE_CHECKING:
    from sync_engine.database import Database

MOST_PROBLEMS = 1000
"""So many problems are listed one by one; beyond that they are counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One item that is not as it should be: *what* is ``missing``, ``differs`` or ``unreadable``."""

    collection: str
    item: str
    what: str


@dataclass(slots=True)
class Verdict:
    """What the comparison found, in items. ``good`` when no copy is missing or differs."""

    same: int = 0
    differing: int = 0
    missing: int = 0
    unreadable: int = 0
    not_copied: int = 0
    newer: int = 0
    new_at_source: int = 0
    gone_at_source: int = 0
    extra: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every item that was copied still stands there as it was."""
        return not (self.differing or self.missing or self.unreadable)

    def add(self, collection: str, item: str, what: str) -> None:
        """Count one bad item, and keep it for the list while there is room."""
        match what:
            case "missing":
                self.missing += 1
            case "differs":
                self.differing += 1
            case _:
                self.unreadable += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(collection, item, what))


@dataclass(slots=True)
class Verification:
    """Compares all collections of one job."""

    ledger: Ledger
    source: Place
    destination: Place
    stop: Callable[[], bool] = lambda: False
    verdict: Verdict = field(default_factory=Verdict)

    def compare(self, job: str) -> Verdict:
        """Compare every collection of *job*. Raises what the places raise."""
        lefts = {left.id: left for left in self.source.collections() if left.problem is None}
        rights = {collection.id: collection for collection in self.destination.collections()}
        for row in self.ledger.collections(job):
            left, right = lefts.pop(row.source_id, None), rights.get(row.target_id or "")
            if left is not None:
                self._compare_source(row, left)
            self._compare_copy(row, right)
        for left in lefts.values():
            self.verdict.new_at_source += sum(1 for _ in self.source.inventory(left))
        return self.verdict

    def _compare_source(self, row: CollectionRow, left: Collection) -> None:
        listed = Names()
        for refs in batches(self.source.inventory(left)):
            known = self.ledger.items(row.id, [ref.id for ref in refs])
            for ref in refs:
                base = known.get(ref.id)
                listed.add(ref.id)
                if base is None or base.presence is Presence.GONE:
                    self.verdict.new_at_source += 1
                elif base.revision is not None and ref.revision not in (None, base.revision):
                    self.verdict.newer += 1
        for item in self._rows(row):
            if item.presence is Presence.HERE and item.id not in listed:
                self.verdict.gone_at_source += 1

    def _compare_copy(self, row: CollectionRow, right: Collection | None) -> None:
        rows: list[ItemRow] = []
        owned = Names()
        for item in self._rows(row):
            if item.target_id is not None:
                owned.add(item.target_id)
            if item.target_id is None or item.presence is Presence.GONE:
                self.verdict.not_copied += item.presence is Presence.HERE
                continue
            rows.append(item)
            if len(rows) >= CHUNK_ITEMS:
                self._compare_bytes(row, right, rows)
                rows = []
        self._compare_bytes(row, right, rows)
        if right is not None:
            self.verdict.extra += sum(ref.id not in owned for ref in self.destination.inventory(right))

    def _compare_bytes(self, row: CollectionRow, right: Collection | None, rows: Sequence[ItemRow]) -> None:
        if right is None:
            for item in rows:
                self.verdict.add(row.name, item.id, "missing")
            return
        owners = {item.target_id: item for item in rows if item.target_id is not None}
        refs = [ItemRef(target) for target in owners]
        for answer in self.destination.fetch(right, refs):
            owner = owners.pop(answer.ref.id, None)
            if owner is None:
                continue  # answered already, or never asked for
            if not isinstance(answer, Item):
                what = "missing" if answer.error.reason == "vanished" else "unreadable"
                self.verdict.add(row.name, owner.id, what)
            elif is_same(owner, answer):
                self.verdict.same += 1
                self.verdict.not_copied += owner.outcome is not Outcome.COPIED
            else:
                self.verdict.add(row.name, owner.id, "differs")
        for owner in owners.values():
            self.verdict.add(row.name, owner.id, "unreadable")

    def _rows(self, row: CollectionRow) -> Iterator[ItemRow]:
        after = ""
        while rows := self.ledger.all_items(row.id, after=after, limit=500):
            yield from rows
            after = rows[-1].id


def verify_job(
    database: Database, job: str, *, open_place: Opener, stop: Callable[[], bool] = lambda: False
) -> Verdict:
    """Compare source and copy of *job* as they are now. Raises ``JobUnknown`` and ``ConnectorError``."""
    found = Jobs(database).get(job)
    if found is None:
        raise JobUnknown(job)
    with opened(found, open_place, stop) as places:
        return Verification(Ledger(database), places.source, places.destination, stop).compare(found.id)
