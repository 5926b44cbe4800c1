"""Copy one collection: follow its changes, then its deletions, then try again what failed before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import ChangePage, ItemRef
from connectors.errors import CursorExpired, Transient
from connectors.retry import Patience
from sync_engine.apply import Applier
from sync_engine.intake import CHUNK_ITEMS, pull
from sync_engine.removal import confirm_absent, follow, sweep_doubt

if TYPE_CHECKING:
    from sync_engine.model import ItemRow
    from sync_engine.run import Pair, Run
    from sync_engine.safety import Removal


def copy_collection(run: Run, pair: Pair) -> Removal | None:
    """Bring the copy of *pair* up to date.

    Returns the removals that need a question first, if any. Raises ``Interrupted`` at a
    safe point, ``Transient`` when the source stays unreachable, ``CollectionGone``.
    """
    try:
        applier, last = read_changes(run, pair)
    except CursorExpired:
        applier, last = read_anew(run, pair)
    if last.listing and last.complete:
        confirm_absent(run, pair, applier)
    elif not last.complete:
        run.note(pair.name, "listing-incomplete", "the server cut its listing short; nothing was removed")
    held = follow(run, pair, applier)
    try_again(run, pair, applier)
    doubt = sweep_doubt(run, pair, complete=last.complete)
    settle_collection(run, pair, held, doubt)
    return held


def read_anew(run: Run, pair: Pair) -> tuple[Applier, ChangePage]:
    """List the collection from its beginning. One whose cursors expire at once is in passing trouble."""
    pair.row = run.ledger.save_collection(run.lease, replace(pair.row, cursor=None))
    try:
        return read_changes(run, pair)
    except CursorExpired as error:
        raise Transient("the cursor expired again while the collection was listed") from error


def read_changes(run: Run, pair: Pair) -> tuple[Applier, ChangePage]:
    """Settle all pages after the stored cursor; return the applier and the last page.

    When the stream breaks it is opened again from the last checkpoint: the ledger makes
    the part already settled cheap.
    """
    patience = Patience(run.retry, stop=run.stop, sleep=run.sleep)
    while True:
        applier = Applier(run, pair, pair.row.generation)
        try:
            for page in run.source.changes(pair.left, pair.row.cursor):
                if page.listing and not applier.listing:
                    applier.begin_listing()
                before = pair.row.cursor, pair.row.copied
                applier.settle(page)
                if (pair.row.cursor, pair.row.copied) != before:
                    patience.renew()
                if page.last:
                    return applier, page
        except Transient as error:
            patience.wait(error)
        else:
            run.check()
            patience.wait(Transient("the listing ended before its last page"))


def try_again(run: Run, pair: Pair, applier: Applier) -> None:
    """Offer items that failed in earlier runs once more, the less often the longer they fail."""
    after = ""
    while rows := run.ledger.retryable(pair.row.id, before_run=run.number, after=after, limit=CHUNK_ITEMS):
        after = rows[-1].id
        due = [row for row in rows if is_due(row, run.number)]
        if due and pair.right is not None and pair.right.writable:
            refs = [ItemRef(row.id) for row in due]
            bases = {row.id: row for row in due}
            applier.settle_items(pull(run, run.source, pair.left, refs), bases, gone=False)


def is_due(row: ItemRow, run: int) -> bool:
    """Say whether a failed item is tried in *run*: after 1, 2, 4 … 64 runs."""
    pause = 1 << min(max(row.attempts - 1, 0), 6)
    return row.run + pause <= run


def settle_collection(run: Run, pair: Pair, held: Removal | None, doubt: Mapping[str, str]) -> None:
    """Record that the collection is done for this run, but for what is still in *doubt*.

    When removals wait for an answer the cursor is dropped, so that the next run lists
    everything again and a server that has recovered is believed.
    """
    cursor = None if held is not None else pair.row.cursor
    if pair.row.doubt != doubt:
        run.ledger.doubt(run.lease, pair.row.id, doubt)
    row = replace(pair.row, settled_run=run.number, missing_runs=0, cursor=cursor)
    pair.row = run.ledger.save_collection(run.lease, row)
    run.progressed = True
