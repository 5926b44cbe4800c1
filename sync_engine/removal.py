"""Follow deletions: only when they are certain, and only so many without a question."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.base import Item, ItemRef, Result
from connectors.errors import Conflict, Vanished
from oauth.audit import Event
from sync_engine.delivery import concerns_more
from sync_engine.intake import CHUNK_ITEMS, pull
from sync_engine.model import ItemRow, Outcome, PageCommit
from sync_engine.outgoing import mark as mark_of
from sync_engine.plan import Action, Side, decide
from sync_engine.run import Pair, Run, tally
from sync_engine.safety import Removal, is_massive

if TYPE_CHECKING:
    from connectors.base import Collection, Receipt
    from sync_engine.apply import Applier


def confirm_absent(run: Run, pair: Pair, applier: Applier) -> int:
    """Look again at every item the complete listing did not name; return how many are there after all.

    A listing can be short without saying so. What the source still hands out when asked
    by name is not gone.
    """
    found = 0
    for rows in absent_rows(run, pair, applier.generation):
        refs = [ItemRef(row.id) for row in rows]
        bases = {row.id: row for row in rows}
        answers = list(pull(run, run.source, pair.left, refs))
        applier.settle_items(answers, bases, gone=True)
        found += sum(isinstance(answer, Item) for answer in answers)
    if found:
        run.note(pair.name, "listing-short", f"{found} items were left out of the listing but are there")
    return found


def absent_rows(run: Run, pair: Pair, generation: int) -> Iterator[list[ItemRow]]:
    """Yield the rows the listing of *generation* did not name, chunk by chunk."""
    after = ""
    while rows := run.ledger.absent(pair.row.id, generation, after=after, limit=CHUNK_ITEMS):
        yield rows
        after = rows[-1].id


def follow(run: Run, pair: Pair, applier: Applier) -> Removal | None:
    """Remove the copies of items that are gone, unless they are too many.

    Returns what was *not* removed because the user has to be asked first.
    """
    row = pair.row
    if not row.gone or not run.mirror or pair.right is None:
        return None
    removal = Removal(pair.name, row.gone, row.present + row.gone)
    if is_massive(removal) and not run.lease.job.allow_deletions:
        return removal
    after = ""
    while rows := run.ledger.gone(row.id, after=after, limit=CHUNK_ITEMS):
        settle_removed(run, pair, rows, applier)
        after = rows[-1].id
    return None


def settle_removed(run: Run, pair: Pair, rows: list[ItemRow], applier: Applier) -> None:
    """Remove the copies of *rows* and forget them; an edit made at the destination wins."""
    if pair.right is None:
        return
    owners = {row.target_id: row for row in rows if row.target_id is not None}
    refs = [ItemRef(row.target_id, row.target_revision) for row in owners.values() if row.target_id is not None]
    changed: list[tuple[ItemRow | None, ItemRow | None]] = [(r, None) for r in rows if r.target_id is None]
    for receipt in removed(run, pair.right, owners, refs):
        row = owners.pop(receipt.key, None)
        if row is None:
            continue  # answered already, or never asked for
        if receipt.result is not Result.FAILED:
            changed.append((row, None))
            run.count(removed=1)
        elif isinstance(receipt.error, Conflict) and decide(Side.GONE, Side.CHANGED) is Action.KEEP:
            changed.append((row, None))
            run.note(pair.name, "kept-edited", f"{row.id} is gone at the source; its edited copy stays")
        elif receipt.error is not None and concerns_more(receipt.error):
            raise receipt.error
        else:
            changed.append((row, replace(row, reason="not-removed", detail=str(receipt.error), run=run.number)))
            run.note(pair.name, "not-removed", f"{row.id}: {receipt.error}")
    page = PageCommit(
        collection=pair.row.id,
        items=[new for _, new in changed if new is not None],
        forgotten=[old.id for old, new in changed if new is None and old is not None],
        generation=applier.generation,
        tally=tally(changed),
        event=Event.ITEMS_REMOVED,
        kind=pair.left.kind.value,
        count=len(changed),
    )
    applier.commit_page(page)


def removed(run: Run, right: Collection, owners: Mapping[str, ItemRow], refs: list[ItemRef]) -> Iterator[Receipt]:
    """Yield a receipt for each of *refs*; a copy with another revision but the bytes we know is no edited one."""
    again: list[ItemRef] = []
    for receipt in run.destination.remove(right, refs):
        row, error = owners.get(receipt.key), receipt.error
        if row is not None and isinstance(error, Conflict) and error.stored is not None and error.revision is not None:
            known = row.target_digest or row.digest
            if known == sha256(error.stored).hexdigest() and error.revision != row.target_revision:
                again.append(ItemRef(receipt.key, error.revision))
                continue
        yield receipt
    if again:
        yield from run.destination.remove(right, again)


def sweep_doubt(run: Run, pair: Pair, *, complete: bool) -> dict[str, str]:
    """Remove copies an interrupted run wrote of items that were deleted before they were ever recorded.

    Here too it takes two witnesses: a *complete* listing without the item, and the source not
    handing it out. Returns what stays in doubt because it may still be there.
    """
    known = run.ledger.items(pair.row.id, list(pair.row.doubt))
    settled = {row.id for row in known.values() if row.outcome is Outcome.COPIED}
    doubt = {item: marks for item, marks in pair.row.doubt.items() if item not in settled}
    if not doubt or not complete:
        return doubt
    answers = pull(run, run.source, pair.left, [ItemRef(item) for item in doubt])
    gone = [a.ref.id for a in answers if not isinstance(a, Item) and isinstance(a.error, Vanished)]
    marks = {mark for item in gone for mark in doubt.pop(item).split()}
    marks -= {mark for waiting in doubt.values() for mark in waiting.split()}
    if marks and run.mirror and pair.right is not None:
        remove_strangers(run, pair, pair.right, marks)
    return doubt


def remove_strangers(run: Run, pair: Pair, right: Collection, marks: Container[str]) -> None:
    """Remove what no row owns and what has one of the *marks* announced for writing."""
    owned = {row.target_id for rows in all_rows(run, pair) for row in rows}
    strangers = [ref for ref in run.destination.inventory(right) if ref.id not in owned]
    for answer in pull(run, run.destination, right, strangers):
        if isinstance(answer, Item) and mark_of(run, answer.media_type, answer.body) in marks:
            for receipt in run.destination.remove(right, [answer.ref]):
                run.count(removed=receipt.result is Result.REMOVED)


def all_rows(run: Run, pair: Pair) -> Iterator[list[ItemRow]]:
    """Yield every row of the collection, chunk by chunk."""
    after = ""
    while rows := run.ledger.all_items(pair.row.id, after=after, limit=CHUNK_ITEMS):
        yield rows
        after = rows[-1].id
