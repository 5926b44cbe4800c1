"""Look at what a run wrote, before it ends: afterwards the access that could is given back.

In a folder on this machine the bytes were hashed while they were written, and made durable
before the receipt; names, sizes and revisions tell whether anything happened to them since. From
a server everything written is read back. A look interrupted at any moment begins again, at what
was written since the last run that came to its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.base import Item, ItemRef
from connectors.errors import CollectionGone, Transient, Vanished
from mappings.errors import MappingError
from mappings.inspect import inspect
from sync_engine.apply import moved
from sync_engine.comparing import Names, is_same
from sync_engine.fidelity import LOSSY, prove
from sync_engine.intake import CHUNK_ITEMS, pull
from sync_engine.model import Compared, ItemRow, Outcome, PageCommit, Phase, Presence, Verified, Want
from sync_engine.outgoing import Outgoing, mark, outgoing
from sync_engine.run import code_of, tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.base import Collection
    from sync_engine.run import Pair, Run

NOT_THERE = "not-there-after-writing"
CHANGED = "changed-after-writing"
UNREADABLE = "unreadable-after-writing"

ROWS = 1_000
"""Rows compared at a time by what was told of them; bodies are read back by as many as are written together."""

FEW = 4
"""Less than one item in so many written: reading these costs less than looking at all the names of a folder."""


@dataclass(slots=True)
class Checked:
    """What a run verified of its writing, and the faults for which it has to look again."""

    verified: Verified
    faults: list[Transient] = field(default_factory=list)


def check_written(run: Run, pairs: Sequence[Pair]) -> Checked:
    """Compare what was written at the destination of each of *pairs* with what stands there.

    A copy that is missing or differs becomes a failed item: the next run tries it again. When
    nothing was written nothing is asked. Raises ``Interrupted``, ``LeaseLost`` and what the places raise.
    """
    job = run.lease.job
    whole = job.started_at is None and job.verified.upto == run.number - 1  # this slice wrote all there is to look at
    if whole and not run.written:
        return Checked(replace(job.verified, upto=run.number))
    run.enter(Phase.VERIFY)
    run.counters.done, run.counters.total = 0, run.counters.changed
    checked = Checked(Verified(upto=run.number, run=run.number))
    for pair in pairs:
        if pair.right is not None:
            check = Check(run, pair, pair.right, whole=whole)
            try:
                check.look()
            except Transient as error:
                if run.stop():
                    raise
                checked.faults.append(error)
                run.note(pair.name, code_of(error), str(error))
            checked.verified = sum_up(checked.verified, check)
    if checked.verified.how is None:  # an earlier slice, or run, was cut off before it wrote
        checked.verified = replace(job.verified, upto=run.number)
    return checked


def sum_up(verified: Verified, check: Check) -> Verified:
    """Add what one collection's *check* found. Of two ways of comparing the weaker one is told."""
    how = check.how if verified.how in (None, Compared.BYTES) and check.looked else verified.how
    return replace(verified, count=verified.count + check.good, how=how)


@dataclass(slots=True)
class Check:
    """Looks at the copies of one collection. *whole* says that the run knows by name what is to be looked at."""

    run: Run
    pair: Pair
    right: Collection
    whole: bool
    looked: int = 0
    good: int = 0
    how: Compared = Compared.BYTES

    def look(self) -> None:
        """Look at everything that was written."""
        named = self.run.written.names(self.pair.row.id) if self.whole else None
        few = named is not None and len(named) * FEW < self.pair.row.present
        if self.run.destination.manifest.local and not few:
            self._look_through()
            return
        for rows in self._rows(named):
            self._settle(len(rows), self._read_back(rows))

    def _look_through(self) -> None:
        """Compare what the receipts told with what stands there, and read only what differs."""
        ledger, collection = self.run.ledger, self.pair.row.id
        since, after, standing = self.run.lease.job.verified.upto, "", None
        while told := ledger.told(collection, since=since, after=after, limit=ROWS):
            if standing is None:
                standing, self.how = self._standing(), Compared.SIZE_AND_REVISION
            unlike = [
                id_
                for id_, name, revision, size, other in told
                if other is not None or f"{name}\0{revision}\0{size}" not in standing
            ]
            for start in range(0, len(unlike), CHUNK_ITEMS):
                rows = list(ledger.items(collection, unlike[start : start + CHUNK_ITEMS]).values())
                self._settle(len(rows), self._read_back(rows))
            self._settle(len(told) - len(unlike), [])
            after = told[-1][0]

    def _rows(self, named: set[str] | None) -> Iterator[list[ItemRow]]:
        """Yield the rows of what was written, some at a time."""
        ledger, collection = self.run.ledger, self.pair.row.id
        if named is None:
            since, after = self.run.lease.job.verified.upto, ""
            while rows := ledger.written(collection, since=since, after=after, limit=CHUNK_ITEMS):
                yield rows
                after = rows[-1].id
            return
        ids = sorted(named)
        for start in range(0, len(ids), CHUNK_ITEMS):
            known = ledger.items(collection, ids[start : start + CHUNK_ITEMS]).values()
            here = [row for row in known if row.outcome is Outcome.COPIED and row.presence is Presence.HERE]
            if here:
                yield here

    def _standing(self) -> Names:
        """Return name, revision and size of everything that stands there."""
        standing = Names()
        try:
            for ref in self.run.destination.inventory(self.right):
                standing.add(f"{ref.id}\0{ref.revision}\0{ref.size}")
        except CollectionGone:
            return Names()
        return standing

    def _read_back(self, rows: Sequence[ItemRow]) -> list[tuple[ItemRow, ItemRow]]:
        """Read the copies of *rows*; return what that changes in the ledger as (before, after)."""
        owners = {row.target_id: row for row in rows if row.target_id is not None}
        changed: list[tuple[ItemRow, ItemRow]] = []
        other: dict[str, tuple[ItemRow, Item]] = {}
        try:
            for answer in pull(self.run, self.run.destination, self.right, [ItemRef(name) for name in owners]):
                row = owners.pop(answer.ref.id)
                if not isinstance(answer, Item):
                    reason = NOT_THERE if isinstance(answer.error, Vanished) else UNREADABLE
                    changed.append((row, self._failed(row, reason)))
                elif not is_same(row, answer):
                    other[row.id] = row, answer
        except CollectionGone:
            changed += [(row, self._failed(row, NOT_THERE)) for row in owners.values()]
        return changed + self._differing(other)

    def _differing(self, other: dict[str, tuple[ItemRow, Item]]) -> list[tuple[ItemRow, ItemRow]]:
        """Judge copies with other bytes. Servers keep house after a write: what says the same is the copy."""
        if not other or self.run.destination.manifest.local:
            return [(row, self._failed(row, CHANGED)) for row, _ in other.values()]
        changed: list[tuple[ItemRow, ItemRow]] = []
        for answer in pull(self.run, self.run.source, self.pair.left, [ItemRef(name) for name in other]):
            row, found = other[answer.ref.id]
            sent = self._sent(row, answer) if isinstance(answer, Item) else None
            if isinstance(answer, Item) and sent is not None and self._says_the_same(sent, found):
                digest = sha256(found.body).hexdigest()
                fate, losses = prove(sent.bridge, answer.body, found.body)
                kept = replace(row, target_revision=found.ref.revision, target_digest=digest, fate=fate, losses=losses)
                # Whatever was said of a difference is over.
                kept = replace(kept, reason=None, detail=None)
                changed.append((row, kept))
            else:
                changed.append((row, self._failed(row, CHANGED)))
        return changed

    def _sent(self, row: ItemRow, original: Item) -> Outgoing | None:
        """Return what was written of *original*; ``None`` if it is another one now: the next run writes it anyway."""
        if sha256(original.body).hexdigest() != row.digest:
            return None
        try:
            return outgoing(self.run, original, inspect(original.media_type, original.body), self.right)
        except MappingError:
            return None  # it could be mapped when it was written, by another version of this program

    def _says_the_same(self, sent: Outgoing, found: Item) -> bool:
        media_type = sent.item.media_type
        return mark(self.run, media_type, sent.item.body) == mark(self.run, media_type, found.body)

    def _failed(self, row: ItemRow, reason: str) -> ItemRow:
        """Return *row* so that the next run writes the item again: no digest says that it is there."""
        there = reason != NOT_THERE
        return replace(
            row,
            revision=None,
            digest=None,
            target_id=row.target_id if there else None,
            target_revision=row.target_revision if there else None,
            target_digest=None,
            outcome=Outcome.FAILED,
            reason=reason,
            detail=None,
            attempts=row.attempts + 1,
            run=self.run.number,
        )

    def _settle(self, number: int, changed: Sequence[tuple[ItemRow, ItemRow]]) -> None:
        """Count *number* copies looked at, write what was found of them, and obey what is wanted."""
        failed = [after for _, after in changed if after.outcome is Outcome.FAILED]
        self.looked += number
        self.good += number - len(failed)
        want = self._commit(changed) if changed else self.run.leases.renew(self.run.lease, ttl=self.run.ttl)
        self.run.count(done=number, changed=-len(failed), size=-sum(row.size or 0 for row in failed))
        for row in failed:
            self.run.tell_problem(self.pair.name, row)
        for before, after in changed:
            if after.outcome is Outcome.COPIED and after.fate in LOSSY and after.fate != before.fate:
                self.run.tell_loss(self.pair.name, after)
        self.run.tell_progress(Phase.VERIFY.value, self.pair.name)
        self.run.obey(want)

    def _commit(self, changed: Sequence[tuple[ItemRow, ItemRow]]) -> Want:
        """Write what was found, but not as progress: a slice that ended here would begin the look anew, for ever."""
        page = PageCommit(
            collection=self.pair.row.id,
            items=[after for _, after in changed],
            tally=tally(changed),
            doubt=self.pair.row.doubt,
            kind=self.pair.left.kind.value,
            count=len(changed),
        )
        self.pair.row = moved(self.pair.row, page)
        return self.run.ledger.commit(self.run.lease, page, ttl=self.run.ttl)
