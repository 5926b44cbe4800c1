"""Ask the source for its collections while the database library is still being imported.

A backup that finds nothing new spends most of its time starting: importing SQLAlchemy
takes about a third of a second, and the first request of the source, which needs no
database, waits for a server meanwhile. Doing both at once hides the shorter behind the
longer. It is an overlap and nothing else: the list is handed to the engine once, and
when anything goes wrong it is thrown away and the engine asks again itself, so that
every error is raised, counted and retried in the one place that knows how.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.base import Collection, Place

_log = logging.getLogger(__name__)


class Prefetch:
    """One early call of ``collections()`` in a thread of its own."""

    def __init__(self, open_place: Callable[[], Place]) -> None:
        self._open = open_place
        self._given_up = threading.Event()
        self._turn = threading.Lock()
        self._place: Place | None = None
        self._found: list[Collection] | None = None
        self._thread = threading.Thread(target=self._ask, name="prefetch", daemon=True)
        self._thread.start()

    def take(self) -> tuple[Place, list[Collection] | None] | None:
        """Wait, then hand over the open place and its list (``None``: ask again); only the first call gets them.

        ``None`` when the place could not even be opened.
        """
        self._thread.join()
        return self._taken()

    def close(self, *, patience: float = 1.0) -> None:
        """Close the place if nobody took it: now, or as soon as it is open, without waiting more than *patience*.

        A server that does not answer must not keep the error from the user for which a command ends.
        """
        self._given_up.set()
        self._thread.join(patience)
        self._drop()

    def _taken(self) -> tuple[Place, list[Collection] | None] | None:
        with self._turn:
            place, self._place = self._place, None
            found, self._found = self._found, None
        return None if place is None else (place, found)

    def _drop(self) -> None:
        taken = self._taken()
        if taken is not None:
            taken[0].close()

    def _ask(self) -> None:
        try:
            place = self._place = self._open()
            self._found = list(place.collections())
        except Exception as error:  # noqa: BLE001 - the engine asks again and meets the error itself
            _log.debug("early listing failed: %s", type(error).__name__)
            self._found = None
        if self._given_up.is_set():
            self._drop()
