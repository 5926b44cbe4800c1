"""Ask before the answer is needed, so that a server works while we do.

An answer is received in a thread of its own, which waits for the network and for nothing
else; whatever went wrong is raised where the answer is taken.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Early(Generic[T]):
    """One call, begun at once. Take it or forget it, from one thread, once."""

    __slots__ = ("_discard", "_error", "_forgotten", "_lock", "_result", "_thread")

    def __init__(self, work: Callable[[], T], *, discard: Callable[[T], object]) -> None:
        """Begin *work*; *discard* frees what it returned if nobody takes it."""
        self._discard = discard
        self._result: list[T] = []
        self._error: BaseException | None = None
        self._forgotten = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, args=(work,), name="early", daemon=True)
        self._thread.start()

    def take(self) -> T:
        """Wait for the call, then return what it returned or raise what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result.pop()

    def forget(self) -> None:
        """Let go of it without waiting: what it returns, now or later, is discarded."""
        with self._lock:
            self._forgotten = True
            left, self._result = self._result, []
        for result in left:
            self._discard(result)

    def _run(self, work: Callable[[], T]) -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that takes
            self._error = error
            return
        with self._lock:
            if not self._forgotten:
                self._result.append(result)
                return
        self._discard(result)
