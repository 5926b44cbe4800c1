"""How often the APIs may be asked, as data, and a budget that keeps to it.

Quotas belong to the Cloud project and can be raised there; the figures are what a project
gets that asked for nothing. An option of the place sets another one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.errors import ConfigError

MINUTE: Final = 60.0
OPTION: Final = "requests-per-minute"


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests a minute of one API: for one user of the project, and for the project (``None``: not published)."""

    per_user: int
    per_project: int | None
    source: str


QUOTAS: Final[Mapping[str, Quota]] = MappingProxyType(
    {
        "people": Quota(
            90,
            None,
            "Google publishes no figure; the console of projects showed 180 read requests a minute"
            " (github.com/onmyway133/notes issue 517), of which half is used",
        ),
        "calendar": Quota(600, 10_000, "developers.google.com/workspace/calendar/api/guides/quota"),
    }
)


def words(api: str) -> Mapping[str, str]:
    """Return the quotas of *api* as a manifest has them."""
    found = QUOTAS[api]
    project = "" if found.per_project is None else f", {found.per_project} for the project"
    return {f"requests a minute: {found.per_user} for one user{project}": found.source}


def per_minute(api: str, options: Mapping[str, str]) -> int:
    """Return how many requests a minute *api* gets from us. Raises ``ConfigError`` for an option that is no number."""
    said = options.get(OPTION, "")
    if not said:
        return QUOTAS[api].per_user
    if not said.isdecimal() or not 0 < len(said) <= 6 or not int(said):
        raise ConfigError(f"{OPTION} is no number above zero: {said[:40]}")
    return int(said)


class Budget:
    """Says when the next request is due, so that no 60 seconds see more than *limit*.

    Half of it may come at once, the other half flows back evenly: the window slides, so a burst
    of all would leave the next minute nothing. Shared by threads.
    """

    def __init__(self, limit: int) -> None:
        self._most = max(1.0, limit / 2)
        self._rate = max(limit - self._most, limit / 2) / MINUTE
        self._left, self._at = self._most, float("-inf")
        self._lock = threading.Lock()

    def due(self, now: float) -> float:
        """Book one request at *now*; return the seconds it has to wait."""
        with self._lock:
            if now > self._at:
                self._left = min(self._most, self._left + (now - self._at) * self._rate)
                self._at = now
            self._left -= 1
            return max(0.0, -self._left / self._rate)
