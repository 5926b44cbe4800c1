"""What sources taught us, kept for an early start: a small file, never needed for correctness.

The database holds the same per job; this copy can be read before the database library
is even imported (see ``wherry.prefetch``). No secrets: home sets, abilities.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from wherry.folders import write_private

KEPT = 64
"""Places remembered; the oldest are forgotten first."""


def read_learned(file: Path, place: str) -> dict[str, str]:
    """Return what is remembered about *place*; anything unreadable counts as nothing."""
    found = _read(file).get(place, {})
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def keep_learned(file: Path, place: str, learned: Mapping[str, str]) -> None:
    """Remember *learned* about *place*; a failure to do so is no failure."""
    table = _read(file)
    if table.get(place) == dict(learned):
        return
    table.pop(place, None)
    table[place] = dict(learned)
    recent = dict(list(table.items())[-KEPT:])
    try:
        write_private(file, json.dumps(recent).encode())
    except OSError:
        return


def _read(file: Path) -> dict[str, object]:
    try:
        table = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
