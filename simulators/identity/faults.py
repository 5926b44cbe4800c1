"""What can go wrong at an endpoint, by name, for so many times, by chance, or in a given order."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FAULTS: dict[str, str] = {
    "html": "a web page is answered with 200, as captive portals and broken proxies do",
    "reset": "the connection is reset before anything is done",
    "lost": "everything is done, then the connection is reset: the answer is lost",
    "hang": "nothing is done and nothing is answered until the client gives up",
    "cut": "everything is done, and the answer breaks off in the middle",
}
"""Beside these, a number is a status that is answered with nothing done (503, 429, 403 ...)."""

Fault = int | str


@dataclass(slots=True)
class _Switched:
    fault: Fault
    left: int | None
    chance: float
    dice: random.Random


@dataclass(slots=True)
class Faults:
    """The faults switched on now, each for one endpoint; ``*`` is all of them."""

    _on: dict[str, _Switched] = field(default_factory=dict)
    _scripts: dict[str, list[Fault | None]] = field(default_factory=dict)
    _slow: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def switch(
        self, endpoint: str, fault: Fault, *, times: int | None = None, chance: float = 1.0, seed: int = 0
    ) -> None:
        """Switch *fault* on at *endpoint*; each call meets it with *chance*. Raises ``KeyError`` for no such fault."""
        _known(fault)
        with self._lock:
            self._on[endpoint] = _Switched(fault, times, chance, random.Random(seed))

    def script(self, endpoint: str, faults: Iterable[Fault | None]) -> None:
        """Meet the next calls with these in order, ``None`` being no fault; then all is well."""
        wanted = list(faults)
        for fault in wanted:
            if fault is not None:
                _known(fault)
        with self._lock:
            self._scripts[endpoint] = wanted

    def slow(self, endpoint: str, seconds: float) -> None:
        """Let every call wait before anything is done."""
        with self._lock:
            self._slow[endpoint] = seconds

    def mend(self, *endpoints: str) -> None:
        """Switch off what is on at these endpoints; everywhere when none is named."""
        with self._lock:
            for known in (self._on, self._scripts, self._slow):
                for endpoint in endpoints or list(known):
                    known.pop(endpoint, None)

    def meet(self, endpoint: str) -> tuple[Fault | None, float]:
        """Return the fault of this call, ``None`` for none, and the seconds it waits first."""
        with self._lock:
            seconds = self._slow.get(endpoint, self._slow.get("*", 0.0))
            for name in (endpoint, "*"):
                if self._scripts.get(name):
                    return self._scripts[name].pop(0), seconds
            for name in (endpoint, "*"):
                switched = self._on.get(name)
                if switched is None or switched.dice.random() >= switched.chance:
                    continue
                if switched.left is not None:
                    switched.left -= 1
                    if switched.left <= 0:
                        del self._on[name]
                return switched.fault, seconds
            return None, seconds


def _known(fault: Fault) -> None:
    if isinstance(fault, str) and fault not in FAULTS:
        raise KeyError(fault)
