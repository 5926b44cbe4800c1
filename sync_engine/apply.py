"""Settle pages of changes: compare with the base, bring bodies in, look at them, deliver them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.base import Change, ChangePage, Failed, Item, ItemRef, Put
from connectors.errors import ItemRejected, Vanished
from mappings.errors import MappingError
from mappings.inspect import inspect
from sync_engine.delivery import Delivery, Draft
from sync_engine.fidelity import LOSSY
from sync_engine.intake import chunks, pull
from sync_engine.model import CollectionRow, ItemRow, Outcome, PageCommit, Presence
from sync_engine.outgoing import NO_MAPPING, outgoing, word_for
from sync_engine.plan import Action, Side, decide, seen_from
from sync_engine.rows import UNSTORABLE, is_storable, printable
from sync_engine.run import Pair, Run, code_of, tally

if TYPE_CHECKING:
    from mappings.inspection import Inspection


@dataclass(slots=True)
class Sorted:
    """What a page asks for, before anything is fetched."""

    rows: list[tuple[ItemRow | None, ItemRow]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    fetch: list[ItemRef] = field(default_factory=list)
    inline: list[Item] = field(default_factory=list)
    gone: list[ItemRow] = field(default_factory=list)


@dataclass(slots=True)
class Applier:
    """Carries the changes of one collection across, chunk by chunk."""

    run: Run
    pair: Pair
    generation: int = 0
    listing: bool = False
    taken: set[str] = field(default_factory=set)
    """Items whose copy another item took over in this run: nothing of them is left to remove."""

    def begin_listing(self) -> None:
        """Count a new full listing: what it does not name is absent from it."""
        self.listing = True
        self.generation += 1

    def settle(self, page: ChangePage) -> None:
        """Settle every change of *page*, then commit its cursor.

        Raises ``Interrupted`` at a safe point, and what the places raise.
        """
        self.run.count(total=len(page.changes))
        changes = {change.ref.id: change for change in map(told_safely, page.changes)}
        bases = self.run.ledger.items(self.pair.row.id, list(changes)) if changes else {}
        work = self._sort(changes.values(), bases, listing=page.listing)
        answers = self._answers(work)
        gone = {row.id for row in work.gone}
        before: list[tuple[ItemRow | None, ItemRow | None]] = list(work.rows)
        for chunk in chunks(answers):
            if before:
                self._commit(before)
            before = self._carry(chunk, bases, gone)
        self._commit(before, seen=work.seen, cursor=page.cursor)

    def settle_items(self, items: Iterable[Item | Failed], bases: Mapping[str, ItemRow], *, gone: bool) -> None:
        """Settle answers that came without a page; *gone* when the source no longer lists the items."""
        for chunk in chunks(items):
            self._commit(self._carry(chunk, bases, bases if gone else ()))

    def _sort(self, changes: Iterable[Change], bases: Mapping[str, ItemRow], *, listing: bool) -> Sorted:
        work = Sorted()
        for change in changes:
            ref, base = change.ref, bases.get(change.ref.id)
            if change.problem is not None:
                delivery = self._delivery()
                row = delivery.failed(ref, base, code_of(change.problem), str(change.problem))
                if row.reason == UNSTORABLE:
                    row = replace(row, outcome=Outcome.SKIPPED, attempts=0)  # nobody can be asked for it again
                work.rows.append((base, self._tell(row)))
            elif change.gone:
                if base is not None and base.presence is Presence.HERE:
                    work.gone.append(base)
            else:
                self._sort_present(change, base, work, listing=listing)
        return work

    def _sort_present(self, change: Change, base: ItemRow | None, work: Sorted, *, listing: bool) -> None:
        if base is not None and is_settled_skip(base, change.ref):
            work.seen.append(change.ref.id)
            return
        action = decide(seen_from(base, change.ref), Side.SAME if is_copied(base) else Side.NONE)
        known = base is not None and base.outcome is not Outcome.FAILED and not self._in_doubt(change.ref)
        if action is Action.NOTHING and known:
            work.seen.extend([change.ref.id] if listing else [])
        elif self.pair.right is None or not self.pair.right.writable:
            work.rows.append((base, self._tell(self._refused(change.ref, base))))
        elif change.item is not None:
            work.inline.append(change.item)
        else:
            work.fetch.append(change.ref)

    def _answers(self, work: Sorted) -> Iterator[Item | Failed]:
        """Yield bodies: those that came along, those asked for, and a second look at what is said to be gone."""
        yield from work.inline
        if work.fetch:
            yield from pull(self.run, self.run.source, self.pair.left, work.fetch)
        if work.gone:
            refs = [ItemRef(row.id) for row in work.gone]
            yield from pull(self.run, self.run.source, self.pair.left, refs)

    def _carry(
        self, chunk: Sequence[Item | Failed], bases: Mapping[str, ItemRow], gone: Container[str]
    ) -> list[tuple[ItemRow | None, ItemRow | None]]:
        """Deliver a chunk; return what it changes in the ledger as (before, after)."""
        delivery = self._delivery()
        drafts: list[Draft] = []
        rows: list[ItemRow] = []
        for answer in chunk:
            base = bases.get(answer.ref.id)
            if not isinstance(answer, Item):
                rows.append(self._missing(answer, base, gone=answer.ref.id in gone))
            elif isinstance(step := self._draft(answer, base), Draft):
                drafts.append(step)
            else:
                rows.append(step)
        delivered = delivery.deliver(drafts)
        self.taken |= {row.id for row in delivery.moved}
        rows = [row for row in rows if row.presence is Presence.HERE or row.id not in self.taken]
        arrived = [row.size or 0 for row in delivered if row.outcome is Outcome.COPIED]
        self.run.count(changed=len(arrived), size=sum(arrived))
        rows += delivered
        changed = [(bases.get(row.id), None if is_void(row) else self._tell(row)) for row in rows]
        return changed + [(row, None) for row in delivery.moved]

    def _draft(self, item: Item, base: ItemRow | None) -> Draft | ItemRow:
        """Look at a body: fit to be written, the same as before, or not fit at all."""
        found = inspect(item.media_type, item.body)
        delivery = self._delivery()
        if not found.complete:
            return delivery.failed(item.ref, base, found.problem, "the item is not whole; it was not copied")
        digest = sha256(item.body).hexdigest()
        if base is not None and base.digest == digest and is_copied(base) and not self._in_doubt(item.ref):
            told = base.outcome is Outcome.COPIED  # what was said of the copy, that it differs, is still so
            return replace(
                base,
                revision=item.ref.revision,
                outcome=Outcome.COPIED,
                reason=base.reason if told else None,
                detail=base.detail if told else None,
                presence=Presence.HERE,
                attempts=0,
                seen=self.generation,
            )
        refusal = self._component_refusal(found.component)
        if refusal:
            return self._left_out(item, base, refusal, f"{found.component} is not kept there")
        return self._outgoing(item, base, digest, found)

    def _outgoing(self, item: Item, base: ItemRow | None, digest: str, found: Inspection) -> Draft | ItemRow:
        """Make an item ready to be written, in the format the destination takes."""
        try:
            sent = outgoing(self.run, item, found, self.pair.right)
        except MappingError as error:
            return self._delivery().failed(item.ref, base, word_for(error), f"it could not be mapped: {error}")
        if sent is None:
            return self._left_out(item, base, NO_MAPPING, f"nothing maps {item.media_type} to what is kept there")
        target = ItemRef(base.target_id, base.target_revision) if base and base.target_id else None
        put = Put(f"{self.pair.left.id}/{item.ref.id}", sent.item, target)
        return Draft(item, base, digest, sent.found, put, sent.bridge)

    def _left_out(self, item: Item, base: ItemRow | None, reason: str, detail: str) -> ItemRow:
        """Return the row of an item that is left out for good, until it changes."""
        row = self._delivery().failed(item.ref, base, reason, detail)
        return replace(row, revision=item.ref.revision, outcome=Outcome.SKIPPED, attempts=0)

    def _in_doubt(self, ref: ItemRef) -> bool:
        """Say whether an interrupted write may have left something else at the destination than is recorded."""
        return ref.id in self.pair.row.doubt

    def _component_refusal(self, component: str) -> str:
        right = self.pair.right
        if right is None or not right.components or not component or component in right.components:
            return ""
        return "component-refused"

    def _missing(self, answer: Failed, base: ItemRow | None, *, gone: bool) -> ItemRow:
        """Settle an item that was not handed out. It is gone only if it is not listed either."""
        error = answer.error
        if isinstance(error, Vanished) and gone and base is not None:
            return replace(base, presence=Presence.GONE, run=self.run.number, seen=self.generation)
        row = self._delivery().failed(answer.ref, base, code_of(error), str(error))
        return replace(row, outcome=Outcome.SKIPPED) if isinstance(error, Vanished) else row

    def _refused(self, ref: ItemRef, base: ItemRow | None) -> ItemRow:
        row = base or ItemRow(ref.id)
        reason = self.pair.refusal or "read-only"
        return replace(
            row,
            revision=None,
            outcome=Outcome.SKIPPED,
            reason=reason,
            presence=Presence.HERE,
            attempts=row.attempts + 1,
            run=self.run.number,
            seen=self.generation,
        )

    def _tell(self, row: ItemRow) -> ItemRow:
        if row.outcome is not Outcome.COPIED and row.presence is Presence.HERE:
            self.run.tell_problem(self.pair.name, row)
        elif row.fate in LOSSY and row.run == self.run.number:
            self.run.tell_loss(self.pair.name, row)
        return row

    def _delivery(self) -> Delivery:
        right = self.pair.right or self.pair.left
        return Delivery(self.run, self.pair, right, self.generation)

    def _commit(
        self,
        changed: Sequence[tuple[ItemRow | None, ItemRow | None]],
        *,
        seen: Sequence[str] = (),
        cursor: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        """Write what is settled. An empty page that moves nothing costs nothing."""
        row = self.pair.row
        if not changed and not seen and cursor in (None, row.cursor) and self.generation == row.generation:
            return
        after = [new for _, new in changed if new is not None]
        counts = tally(changed)
        page = PageCommit(
            collection=row.id,
            items=after,
            seen=seen,
            forgotten=[old.id for old, new in changed if new is None and old is not None],
            cursor=cursor,
            generation=self.generation,
            tally=counts,
            kind=self.pair.left.kind.value,
            count=len(after) + len(seen),
            size=sum(new.size or 0 for new in after),
        )
        self.run.count(done=page.count)
        self.commit_page(page)

    def commit_page(self, page: PageCommit) -> None:
        """Commit *page* and keep the collection's row in step."""
        settled = {row.id for row in page.items if row.outcome is Outcome.COPIED}
        left = {item: digest for item, digest in self.pair.row.doubt.items() if item not in settled}
        page = replace(page, doubt=left) if left else page
        self.pair.row = moved(self.pair.row, page)
        self.run.commit(page)
        self.run.tell_progress("copy", self.pair.name)


def told_safely(change: Change) -> Change:
    """Return *change*, of an item whose id no database stores as the problem it is; it costs that item alone."""
    if is_storable(change.ref.id):
        return change
    unusable = ItemRejected(UNSTORABLE, "the item's id holds what no database stores")
    ref = ItemRef(printable(change.ref.id))
    return Change(ref, gone=True) if change.gone else Change(ref, problem=unusable)


def is_copied(base: ItemRow | None) -> bool:
    """Say whether a copy of the item stands at the destination, as far as the ledger knows."""
    return base is not None and base.target_id is not None


def is_void(row: ItemRow) -> bool:
    """Say whether nothing is left of the item on either side, so that its row can go."""
    return row.presence is Presence.GONE and row.target_id is None


def is_settled_skip(base: ItemRow, ref: ItemRef) -> bool:
    """Say whether the item was left out for good and has not changed since."""
    final = base.outcome is Outcome.SKIPPED and not base.attempts and base.presence is Presence.HERE
    return final and ref.revision is not None and base.revision == ref.revision


def moved(row: CollectionRow, page: PageCommit) -> CollectionRow:
    """Return *row* as it stands after *page* is committed."""
    return replace(
        row,
        cursor=page.cursor if page.cursor is not None else row.cursor,
        generation=page.generation if page.generation is not None else row.generation,
        doubt=page.doubt,
        **{name: getattr(row, name) + count for name, count in page.tally.items()},
    )
