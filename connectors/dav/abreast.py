"""Several writes on their way at once, to a server that is far away.

Measured with 40 ms of latency: 200 items took 9.6 s one after the other, as a write is
nearly all waiting. A near server gets its writes one by one: it gains nothing. So does one
that stumbles, for some lock their whole store for each write.
"""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final

from connectors.early import Early
from connectors.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connectors.answers import Response
    from connectors.base import Put

    Send = Callable[[Put], Response]
    Answer = Callable[[], Response]

ABREAST: Final = 4
"""Writes under way at once; the transport keeps as many connections."""

FAR: Final = 0.02
"""Seconds a write has to take, answered and all, before others set out beside it."""


class Abreast:
    """Sends puts in their order. How far the server is and how it bears it is kept from batch to batch."""

    def __init__(self, most: int = ABREAST) -> None:
        self._most = most
        self._width = 1

    def sent(self, puts: Iterable[Put], send: Send, going: Callable[[], bool]) -> Iterator[tuple[Put, Answer]]:
        """Yield each put with a call that waits for its answer or raises its error; call each at once.

        As soon as *going* says no, nothing more is sent; what is under way is still yielded:
        it may be stored already.
        """
        waiting = deque(puts)
        under_way: deque[tuple[Put, Early[Response]]] = deque()
        while True:
            while self._width > 1 and len(under_way) < self._width and waiting and going():
                put = waiting.popleft()
                under_way.append((put, Early(partial(send, put), discard=_nothing)))
            if under_way:
                put, early = under_way.popleft()
                yield put, partial(self._judged, early.take)
            elif waiting and going():
                put = waiting.popleft()
                yield put, partial(self._alone, partial(send, put))
            else:
                return

    def _alone(self, send: Answer) -> Response:
        """Send one put with nothing beside it, and see how long that takes."""
        began = time.monotonic()
        answer = self._judged(send)
        if time.monotonic() - began >= FAR:
            self._width = self._most
        return answer

    def _judged(self, take: Answer) -> Response:
        """Return the answer; a server that stumbles gets one write at a time from now on."""
        try:
            answer = take()
        except Transient:
            self._narrow()
            raise
        if answer.status >= 500 or answer.status == 423:
            self._narrow()
        return answer

    def _narrow(self) -> None:
        self._most = self._width = 1


def _nothing(_: Response) -> None:
    """Free an answer nobody takes: it holds nothing open."""
