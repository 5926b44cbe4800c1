"""Bring bodies in: ask the source for items until each one is answered or given up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.base import Collection, Failed, Item, ItemRef, Place
from connectors.errors import ItemRejected, Transient
from connectors.retry import Patience

if TYPE_CHECKING:
    from sync_engine.run import Run

CHUNK_ITEMS = 200
CHUNK_BYTES = 1 << 20
"""A chunk is what is written, made durable and recorded together; it bounds memory."""


def pull(run: Run, place: Place, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
    """Yield the answer to each of *refs*, each exactly once.

    A request that breaks half-way is repeated for the rest only. Raises ``Transient``
    when the place stays unreachable.
    """
    waiting = {ref.id: ref for ref in refs}
    patience = Patience(run.retry, stop=run.stop, sleep=run.sleep)
    while waiting:
        before = len(waiting)
        try:
            for answer in place.fetch(collection, list(waiting.values())):
                if waiting.pop(answer.ref.id, None) is not None:
                    yield answer
        except Transient as error:
            if len(waiting) < before:
                patience.renew()
            patience.wait(error)
            continue
        for ref in waiting.values():
            yield Failed(ref, ItemRejected("not-answered", "the server left this item out of its answers"))
        return


def chunks(answers: Iterable[Item | Failed]) -> Iterator[list[Item | Failed]]:
    """Group *answers* into chunks bounded in number and in bytes."""
    chunk: list[Item | Failed] = []
    size = 0
    for answer in answers:
        chunk.append(answer)
        size += len(answer.body) if isinstance(answer, Item) else 0
        if len(chunk) >= CHUNK_ITEMS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
