"""Write items to the destination and settle what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.base import Collection, Item, ItemRef, Put, Receipt, Result
from connectors.errors import (
    Actor,
    Blast,
    Conflict,
    ConnectorBroken,
    ConnectorError,
    InDoubt,
    ReadOnly,
    Transient,
    Vanished,
)
from connectors.retry import Patience
from mappings.inspect import inspect
from sync_engine.fidelity import prove
from sync_engine.intake import pull
from sync_engine.model import ItemRow, Outcome, Presence
from sync_engine.outgoing import mark
from sync_engine.plan import Action, Side, decide
from sync_engine.run import Pair, Run, code_of

if TYPE_CHECKING:
    from mappings.inspection import Inspection
    from mappings.registry import Bridge

ROUNDS = 4
"""How often one item is offered again after a conflict before it is set aside."""

MOST_DETAIL = 300
"""Longest detail kept in a row, in characters; what a server says is not a place to store data."""


UID_EXISTS = "another item with the same UID is there already"


@dataclass(slots=True)
class Draft:
    """An item on its way: what the source gave, what the ledger knew, what will be written.

    *found* is what is in the bytes that will be written; *bridge* what they were mapped over.
    """

    item: Item
    base: ItemRow | None
    digest: str
    found: Inspection
    put: Put
    bridge: Bridge | None = None


@dataclass(slots=True)
class Delivery:
    """Carries drafts of one collection to its copy."""

    run: Run
    pair: Pair
    right: Collection
    generation: int
    moved: list[ItemRow] = field(default_factory=list)
    """Rows whose copy another item took over; the next commit forgets them."""
    _claims: dict[str, str] = field(default_factory=dict)
    """Whose copy is being taken over, and by which item."""
    _settled: list[ItemRow] = field(default_factory=list)

    def deliver(self, drafts: Sequence[Draft]) -> list[ItemRow]:
        """Write *drafts* and return one row for each, in any order.

        What is about to be written is recorded first, so that after a crash an item in
        the way is known to be our own. Raises what concerns more than an item.
        """
        if not drafts:
            return []
        writing = self._announce(drafts)
        try:
            rows = self._carry_out(drafts)
        except ConnectorError:
            # Whoever tries again in this run has to know what was written and not recorded.
            self.pair.row = replace(self.pair.row, doubt=writing)
            raise
        taken = {row.target_id for row in rows if row.outcome is Outcome.COPIED}
        self.moved = [row for row in self.moved if row.target_id in taken]
        return rows

    def _carry_out(self, drafts: Sequence[Draft]) -> list[ItemRow]:
        open_drafts = {draft.put.key: draft for draft in drafts}
        rows = self._settled
        puts = [draft.put for draft in drafts]
        for _ in range(ROUNDS):
            again: list[Put] = []
            for receipt in self._offer(puts):
                draft = open_drafts[receipt.key]
                step = self._settle(draft, receipt)
                if isinstance(step, Put):
                    again.append(step)
                else:
                    rows.append(step)
                    del open_drafts[receipt.key]
            if not again:
                break
            puts = again
        rows.extend(self.refused(draft, "conflict", "it kept changing") for draft in open_drafts.values())
        return rows

    def _announce(self, drafts: Sequence[Draft]) -> dict[str, str]:
        """Record what is about to be written, beside what is in doubt already; return both."""
        writing = dict(self.pair.row.doubt)
        for draft in drafts:
            marks = dict.fromkeys(writing.get(draft.item.ref.id, "").split())
            marks[self._mark(draft)] = None
            writing[draft.item.ref.id] = " ".join(marks)
        self.run.ledger.doubt(self.run.lease, self.pair.row.id, writing)
        return writing

    def _mark(self, draft: Draft) -> str:
        """Return the mark of what is about to be written; for a plain copy the digest is known already."""
        sent = draft.put.item
        if sent.body is draft.item.body and self.run.destination.manifest.local:
            return draft.digest
        return mark(self.run, sent.media_type, sent.body)

    def _offer(self, puts: Sequence[Put]) -> list[Receipt]:
        """Put until every item has its receipt; repeat only what has none."""
        waiting = {put.key: put for put in puts}
        receipts: list[Receipt] = []
        patience = Patience(self.run.retry, stop=self.run.stop, sleep=self.run.sleep)
        while waiting:
            before = len(waiting)
            try:
                for receipt in self.run.destination.put(self.right, list(waiting.values())):
                    if waiting.pop(receipt.key, None) is not None:
                        receipts.append(receipt)  # noqa: PERF401 - what came before a break counts
            except Transient as error:
                if len(waiting) < before:
                    patience.renew()
                patience.wait(error)
                continue
            if waiting:
                raise ConnectorBroken("the destination gave no receipt for an item it was given")
        return receipts

    def _settle(self, draft: Draft, receipt: Receipt) -> ItemRow | Put:
        if receipt.result is not Result.FAILED:
            return self.copied(draft, receipt.target, receipt.stored)
        error = receipt.error or ConnectorBroken("a failed receipt without a reason")
        if isinstance(error, Conflict):
            return self._resolve(draft, error)
        if isinstance(error, Vanished):
            return replace(draft.put, target=None)
        if concerns_more(error):
            raise error
        return self.refused(draft, code_of(error), str(error))

    def _resolve(self, draft: Draft, conflict: Conflict) -> ItemRow | Put:
        """Ask the table again, now that the right side is known."""
        if conflict.current is None:
            action = decide(Side.CHANGED, Side.GONE)
            return replace(draft.put, target=None) if action is Action.CREATE_RIGHT else self.set_aside(draft)
        current = ItemRef(conflict.current, conflict.revision)
        stored = conflict.stored
        owner = self._owner(draft, current)
        claimant = None if owner is None else self._claims.get(owner.id)
        if owner is not None and claimant != draft.item.ref.id:
            return self._take_over(draft, current, owner, claimed=claimant is not None)
        if stored is not None and self._equal(draft, stored):
            return self.copied(draft, current, None if stored == draft.put.item.body else stored)
        if stored is not None and self._is_ours(draft, stored):
            return replace(draft.put, target=current)
        if owner is not None:
            return self.set_aside(draft)  # taken over, but not what the ledger knows
        if conflict.same_uid:
            return self.refused(draft, "uid-exists", UID_EXISTS)
        if draft.put.target is None and self.run.destination.manifest.keeps_versions:
            # Nothing is lost by replacing: the destination keeps what stood there.
            return replace(draft.put, target=current)
        return self.set_aside(draft)

    def _equal(self, draft: Draft, stored: bytes) -> bool:
        sent = draft.put.item
        return stored == sent.body or mark(self.run, sent.media_type, stored) == mark(
            self.run, sent.media_type, sent.body
        )

    def _is_ours(self, draft: Draft, stored: bytes) -> bool:
        """Say whether what stands there is what the ledger, or an interrupted write, put there."""
        media_type, base = draft.put.item.media_type, draft.base
        doubt = self.pair.row.doubt.get(draft.item.ref.id, "").split()
        if doubt and not inspect(media_type, stored).complete:
            return True  # a server that keeps what it has when a write breaks off
        if doubt and mark(self.run, media_type, stored) in doubt:
            return True
        digest = sha256(stored).hexdigest()
        known: set[str | None] = set()
        if base is not None and base.target_id is not None:
            known |= {base.digest, base.target_digest}
        return digest in known - {None}

    def _owner(self, draft: Draft, current: ItemRef) -> ItemRow | None:
        """Return the row of another item whose copy stands there: even equal items never share one copy."""
        uid = draft.found.uid
        known = self.run.ledger.by_uid(self.pair.row.id, [uid]).get(uid, []) if uid else []
        rows = (row for row in (*self._settled, *known) if row.id != draft.item.ref.id)
        return next((row for row in rows if row.target_id == current.id), None)

    def _take_over(self, draft: Draft, current: ItemRef, owner: ItemRow, *, claimed: bool) -> ItemRow | Put:
        """Take over the copy of an item that moved; leave alone what belongs to another item."""
        if claimed or not self._left(owner):
            return self.refused(draft, "uid-exists", UID_EXISTS)
        self._claims[owner.id] = draft.item.ref.id
        self.moved.append(owner)
        return replace(draft.put, target=ItemRef(current.id, owner.target_revision))

    def _left(self, row: ItemRow) -> bool:
        """Ask the source whether the item of *row* is really gone."""
        if row.presence is Presence.GONE:
            return True
        answers = pull(self.run, self.run.source, self.pair.left, [ItemRef(row.id, row.revision)])
        return all(not isinstance(a, Item) and isinstance(a.error, Vanished) for a in answers)

    def copied(self, draft: Draft, target: ItemRef | None, stored: bytes | None) -> ItemRow:
        """Return the row of an item that stands at the destination."""
        if target is None:
            raise ConnectorBroken("a receipt without the item it is for")
        found, sent = draft.found, draft.put.item.body
        here = sent if stored is None else stored
        target_digest = None if here is draft.item.body else sha256(here).hexdigest()
        detail = None
        if stored is not None:
            from mappings.canonical import differences

            changed = differences(draft.put.item.media_type, sent, stored)
            detail = f"the destination changed: {', '.join(changed)}"[:MOST_DETAIL] if changed else None
        fate, losses = prove(draft.bridge, draft.item.body, here)
        return ItemRow(
            id=draft.item.ref.id,
            revision=draft.item.ref.revision,
            digest=draft.digest,
            size=len(draft.item.body),
            uid=found.uid,
            day=found.day,
            target_id=target.id,
            target_revision=target.revision,
            target_digest=target_digest,
            outcome=Outcome.COPIED,
            reason="changed-by-destination" if detail else None,
            detail=detail,
            run=self.run.number,
            seen=self.generation,
            fate=fate,
            losses=losses,
        )

    def failed(self, ref: ItemRef, base: ItemRow | None, code: str, detail: str = "") -> ItemRow:
        """Return the row of an item that could not be copied now; an older copy stays known."""
        row = base or ItemRow(ref.id)
        return replace(
            row,
            revision=None,
            outcome=Outcome.FAILED,
            reason=code,
            detail=detail[:MOST_DETAIL],
            presence=Presence.HERE,
            attempts=row.attempts + 1,
            run=self.run.number,
            seen=self.generation,
        )

    def refused(self, draft: Draft, code: str, detail: str = "") -> ItemRow:
        """Return the row of an item the destination did not take, with its day, so that the hole is seen."""
        row = self.failed(draft.item.ref, draft.base, code, detail)
        return replace(row, day=draft.found.day, size=len(draft.item.body))

    def set_aside(self, draft: Draft) -> ItemRow:
        """Return the row of an item whose copy somebody else changed: neither side is touched."""
        row = self.refused(draft, "edited-at-destination")
        return replace(row, outcome=Outcome.SKIPPED)


def concerns_more(error: ConnectorError) -> bool:
    """Say whether *error* is about more than the one item it came with."""
    if isinstance(error, (InDoubt, ReadOnly)):
        return isinstance(error, ReadOnly)
    return error.actor in {Actor.USER, Actor.OPERATOR} or error.blast in {Blast.CONNECTION, Blast.JOB}
