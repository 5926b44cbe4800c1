"""Answers of a list method one after the other, and changes cut into pages of the port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.base import Change, ChangePage
from connectors.errors import Transient
from connectors.google.answers import text
from connectors.google.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connectors.base import Cursor
    from connectors.google.answers import Json
    from connectors.google.client import Service, Value

PAGE: Final = 500
"""Most changes of a page of the port."""

PAGE_BYTES: Final = 1024 * 1024
_ROUNDS: Final = 100_000


def answers(service: Service, method: str, stop: Callable[[], bool], /, **parameters: Value) -> Iterator[Json]:
    """Yield the answers of a list *method* until one names no next page.

    Raises ``Stopped`` when *stop* says so, ``Transient`` when the pages lead in a circle.
    """
    token, before = "", ""
    for _ in range(_ROUNDS):
        if stop():
            raise Stopped("asked to stop")
        answer = service.ask(method, **parameters, **({"pageToken": token} if token else {}))
        yield answer
        token, before = text(answer, "nextPageToken"), token
        if not token:
            return
        if token == before:
            break
    raise Transient("the pages of a list lead in a circle")


def cut(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Yield *changes* in lists, each bounded in number and bytes."""
    page: list[Change] = []
    size = 0
    for change in changes:
        page.append(change)
        size += len(change.item.body) if change.item else 0
        if len(page) >= PAGE or size >= PAGE_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page


def paged(
    changes: Iterable[Change], end: Callable[[], Cursor | None], *, listing: bool, total: Callable[[], int | None]
) -> Iterator[ChangePage]:
    """Yield the pages of one call; *end* gives the cursor once everything was seen. Ends early when stopped."""
    held: list[Change] = []
    try:
        for number, page in enumerate(cut(changes)):
            if number:
                yield ChangePage(held, listing=listing, total=total())
            held = page
    except Stopped:
        return
    yield ChangePage(held, end(), listing=listing, last=True, total=total())
