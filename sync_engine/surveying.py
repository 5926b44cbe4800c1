"""Find out which collections there are and where each one's copy goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.errors import ItemRejected, ReadOnly
from sync_engine.model import CollectionRow
from sync_engine.outgoing import NO_MAPPING, find_way_for
from sync_engine.rows import UNSTORABLE, is_storable, printable, storable
from sync_engine.run import Pair, Run, code_of
from sync_engine.safety import CONFIRMING_RUNS

if TYPE_CHECKING:
    from connectors.base import Collection


def new_row(run: Run, collection: Collection) -> CollectionRow:
    """Return the row of a collection met for the first time."""
    return CollectionRow(
        id=0,
        job=run.job,
        source_id=collection.id,
        kind=collection.kind.value,
        name=collection.name or collection.id,
        target_id=None,
        cursor=None,
        generation=0,
        listing_run=None,
        settled_run=0,
        missing_runs=0,
        properties={},
        doubt={},
        present=0,
        copied=0,
        skipped=0,
        failed=0,
        gone=0,
    )


def survey(run: Run) -> Iterator[Pair]:
    """Yield each collection of the source beside its copy, creating what is missing there.

    Collections the ledger knows and the source does not name are counted as missing;
    nothing is done about them here.
    """
    known = {row.source_id: row for row in run.ledger.collections(run.job)}
    for left in {left.id: left for left in run.source.collections()}.values():  # a place may name one twice
        row = known.pop(left.id, None)
        if not is_readable(run, left):
            continue
        if row is not None and row.kind != left.kind.value:
            row = retire(run, row)
            known[row.source_id], row = row, None
        yield pair_up(run, left, row or new_row(run, left))
    for row in known.values():
        if is_concerned(run, row):
            count_missing(run, row)


def is_readable(run: Run, left: Collection) -> bool:
    """Say whether *left* can be followed; tell why not. Its items are in no sum, so the run must not be all well."""
    problem = left.problem
    if problem is None and not is_storable(left.id):
        problem = ItemRejected(UNSTORABLE, "the collection's id holds what no database stores")
    if problem is not None:
        run.note(storable(left.name) or printable(left.id), code_of(problem), str(problem))
    return problem is None


def retire(run: Run, row: CollectionRow) -> CollectionRow:
    """Put the row of a collection aside that is of another kind now; what was copied of it stays where it is."""
    aside = replace(
        row,
        source_id=f"{row.source_id} ({row.kind}, {row.id})",
        missing_runs=CONFIRMING_RUNS,
        settled_run=run.number,
    )
    run.note(row.name, "collection-of-another-kind", "it begins anew; what was copied of it stays")
    return run.ledger.save_collection(run.lease, aside)


def is_concerned(run: Run, row: CollectionRow) -> bool:
    """Say whether this run would have seen *row*'s collection, had it been there.

    What the user left out of a run by choice was not looked for, so it is not missing.
    Of collections chosen by name, the place itself says which is not there.
    """
    options = run.lease.job.spec.options
    only = options.get("only", "").split()
    return not options.get("collections") and (not only or row.kind in only)


def pair_up(run: Run, left: Collection, row: CollectionRow) -> Pair:
    """Make sure the copy of *left* has a place, and remember which."""
    refusal = ""
    right: Collection | None = None
    try:
        right = find_place(run, left, row)
    except (ItemRejected, ReadOnly) as error:
        refusal = code_of(error)
        run.note(left.name or left.id, refusal, str(error))
    else:
        if not right.writable:
            refusal = "read-only"
            run.note(left.name or left.id, refusal, "the destination may be read but not written")
    wanted = replace(
        row,
        name=left.name or left.id,
        target_id=right.id if right is not None else row.target_id,
        properties=describe(left),
        missing_runs=0,
    )
    if wanted != row or not row.id:
        wanted = run.ledger.save_collection(run.lease, wanted)
    return Pair(left, right, wanted, refusal)


def find_place(run: Run, left: Collection, row: CollectionRow) -> Collection:
    """Return the collection that takes the items of *left*.

    Raises ``ReadOnly``, and ``ItemRejected`` where no item could get there: if that is known beforehand,
    nothing is created.
    """
    accepts = run.destination.manifest.accepts
    if find_way_for(left.media_types, accepts) is None:
        raise no_mapping(left, accepts)
    right = run.destination.ensure(left, row.target_id)
    if find_way_for(left.media_types, right.media_types) is None:
        raise no_mapping(left, right.media_types)
    return right


def no_mapping(left: Collection, accepts: Sequence[str]) -> ItemRejected:
    """Say that nothing leads from what *left* has to what the destination accepts."""
    return ItemRejected(NO_MAPPING, f"nothing maps {', '.join(left.media_types)} to {', '.join(accepts)}")


def describe(collection: Collection) -> dict[str, str]:
    """Return what the report says about a collection, as strings."""
    found = {
        "colour": collection.colour,
        "description": collection.description,
        "order": None if collection.order is None else str(collection.order),
        "components": " ".join(sorted(collection.components)),
    }
    return {name: value for name, value in found.items() if value}


def count_missing(run: Run, row: CollectionRow) -> None:
    """Count a run in which the whole collection was not there."""
    if row.settled_run == run.number:
        return
    row = replace(row, missing_runs=row.missing_runs + 1, settled_run=run.number)
    run.ledger.save_collection(run.lease, row)
    if row.missing_runs < CONFIRMING_RUNS:
        run.note(row.name, "collection-missing", "not there now; its copy stays, and the next run looks again")
    elif row.missing_runs == CONFIRMING_RUNS:
        run.note(row.name, "collection-gone", f"not there for {row.missing_runs} runs; its copy stays")
