"""How much the connectors hold on to, item by item."""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import connectors

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW, MANY = 600, 2600
"""Both end a page of 200, so that only what is kept for each item differs."""

MOST = 16
"""Bytes an item may cost for as long as a collection is worked on."""

_OURS = tracemalloc.Filter(inclusive=True, filename_pattern=f"{Path(connectors.__file__).parent}/*", all_frames=True)


@contextmanager
def traced() -> Iterator[None]:
    """Follow allocations deep enough to see who asked the standard library for them."""
    tracemalloc.start(6)
    try:
        yield
    finally:
        tracemalloc.stop()


def held() -> int:
    """Return the bytes held now that code of the connectors asked for; a server in this process is left out."""
    gc.collect()
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([_OURS]).traces)


def per_item(few: int, many: int) -> float:
    """Return the bytes each further item costs."""
    return (many - few) / (MANY - FEW)
